use super::*;
use crate::Error;

const LIFE: Life = Life { created: Timestamp::from_millis(1_000), absolute: Timestamp::from_millis(9_000) };

fn stored(bytes: &[u8]) -> Bytes {
    Bytes::copy_from_slice(bytes)
}

fn corrupt(bytes: &[u8]) -> &'static str {
    match Record::decode(&stored(bytes), LIFE) {
        Err(Error::Corrupt { reason }) => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn flask_session_record_is_read_and_comes_back_bit_for_bit() {
    // {"_permanent": true, "username": "alice"} as Flask-Session 0.8 writes it.
    let flask = stored(b"\x82\xaa_permanent\xc3\xa8username\xa5alice");
    let record = Record::decode(&flask, LIFE).unwrap();
    assert!(record.is_permanent());
    assert_eq!(record.names().collect::<Vec<_>>(), ["username"]);
    assert_eq!(record.get("username").unwrap().read::<String>("username").unwrap(), "alice");
    let again = record.encode().unwrap();
    assert_eq!(again[0], 0x83);
    assert_eq!(again[1..flask.len()], flask[1..]);
    assert_eq!(Record::decode(&again, Life { created: Timestamp::MAX, absolute: Timestamp::MAX }).unwrap(), record);
}

#[test]
fn s33_keys_that_are_no_text_are_kept_and_the_last_of_two_wins() {
    // {1: "one", nan: nil, "a": 1, "a": 2}
    let record = stored(b"\x84\x01\xa3one\xcb\x7f\xf8\0\0\0\0\0\0\xc0\xa1a\x01\xa1a\x02");
    let record = Record::decode(&record, LIFE).unwrap();
    assert_eq!(record.names().collect::<Vec<_>>(), ["a"]);
    assert_eq!(record.get("a").unwrap().read::<u8>("a").unwrap(), 2);
    let again = record.encode().unwrap();
    assert!(again.starts_with(b"\x84\x01\xa3one\xcb\x7f\xf8\0\0\0\0\0\0\xc0\xa1a\x02"));
}

#[test]
fn a_mark_stands_behind_owner_and_generation_and_takes_the_place_of_the_one_before() {
    let plain = Record::decode(&stored(b"\x80"), LIFE).unwrap();
    let marked = plain.marked("one").marked("two").encode().unwrap();
    assert!(marked.ends_with(b"\xc0\x00\xa3two"), "{marked:?}");
    assert_eq!(Record::decode(&marked, LIFE).unwrap().encode().unwrap(), marked);
    let owned = stored(b"\x81\xa8_session\x97\x01\x05\x06\xa5owner\x07\xa1m\x93\x01\x02\x03");
    let again = Record::decode(&owned, LIFE).unwrap().marked("n").encode().unwrap();
    assert_eq!(again, b"\x81\xa8_session\x97\x01\x05\x06\xa5owner\x07\xa1n\x93\x01\x02\x03"[..].to_vec());
}

#[test]
fn fields_of_a_later_version_survive() {
    let later = stored(b"\x81\xa8_session\x95\x01\x05\x06\xa5owner\x93\x01\x02\x03");
    let record = Record::decode(&later, LIFE).unwrap();
    assert_eq!(record.life().created.as_millis(), 5);
    assert_eq!(record.encode().unwrap(), later);
    assert_eq!(corrupt(b"\x81\xa8_session\x93\x02\x05\x06"), "a newer version of this library wrote it");
}

#[test]
fn s29_bounds_are_checked_before_anything_is_allocated() {
    assert_eq!(corrupt(b""), "it is empty");
    assert_eq!(corrupt(b"\x93\x01\x02\x03"), "it begins like no known codec");
    assert_eq!(corrupt(b"\x81\xa1a"), "it ends in the middle of a value");
    assert_eq!(corrupt(b"\x81\xa1a\xdb\xff\xff\xff\xff"), "it ends in the middle of a value");
    assert_eq!(corrupt(b"\xdf\xff\xff\xff\xff"), "it ends in the middle of a value");
    assert_eq!(corrupt(b"\x80\x00"), "bytes follow its end");
    assert_eq!(corrupt(b"\x81\xa1\xff\x01"), "a key is not UTF-8");
    let deep = [b"\x81\xa1a".as_slice(), &[0x91; 100_000], b"\xc0"].concat();
    assert_eq!(corrupt(&deep), "a value is nested more than 64 deep");
    let mut many = vec![0xde, 0x04, 0x01];
    (0..1025_u32).for_each(|n| many.extend_from_slice(format!("\u{a4}{n:04}\0").replace('\u{c2}', "").as_bytes()));
    assert!(Record::decode(&stored(&many), LIFE).is_err());
    let long = [b"\x81\xda\x01\x01".as_slice(), &[b'k'; 257], b"\x01"].concat();
    assert_eq!(corrupt(&long), "a key is longer than 256 bytes");
}

#[test]
fn s29_sixty_four_levels_are_written_and_read_and_one_more_is_refused_at_once() {
    let nested = |levels: usize| {
        let mut bytes = vec![0x91; levels - 1];
        bytes.push(0x90);
        bytes
    };
    let read = |levels| Record::decode(&stored(&[b"\x81\xa1a".as_slice(), &nested(levels)].concat()), LIFE);
    assert!(read(65).is_ok(), "64 open lists and an empty one inside");
    assert!(read(66).is_err());
    #[derive(serde::Serialize)]
    struct Node(Vec<Node>);
    let chain = (0..70).fold(Node(Vec::new()), |inner, _| Node(vec![inner]));
    let refused = Codec::MessagePack.write("chain", &chain).unwrap_err().to_string();
    assert_eq!(refused, r#"session key "chain": a value is nested more than 64 deep"#);
}

/// Option, newtype and enum: the paths on which a decoder's own guard does not count.
#[derive(serde::Serialize, serde::Deserialize, Debug)]
enum Chain {
    Link(Box<Chain>),
    Wrapped(Wrapper),
    End,
}

#[derive(serde::Serialize, serde::Deserialize, Debug)]
struct Wrapper(Option<Box<Chain>>);

#[test]
fn s30_chains_of_wrapping_types_end_in_an_error_not_in_the_stack() {
    let small_stack = std::thread::Builder::new().stack_size(512 * 1024);
    let read = small_stack.spawn(|| {
        for link in [&b"\x81\xa4Link"[..], b"\x81\xa7Wrapped"] {
            let chain = [b"\x81\xa1a".as_slice(), &link.repeat(100_000), b"\xa3End"].concat();
            assert_eq!(corrupt(&chain), "a value is nested more than 64 deep");
            let deepest = [b"\x81\xa1a".as_slice(), &link.repeat(64), b"\xa3End"].concat();
            let record = Record::decode(&stored(&deepest), LIFE).unwrap();
            assert!(record.get("a").unwrap().read::<Chain>("a").is_ok(), "what may be stored can be read");
        }
    });
    read.unwrap().join().unwrap();
    let long =
        (0..65).fold(Chain::End, |inner, _| Chain::Wrapped(Wrapper(Some(Box::new(Chain::Link(Box::new(inner)))))));
    assert!(Codec::MessagePack.write("a", &long).is_err(), "and what can't be read is not stored");
}

#[test]
fn p10_values_do_not_print() {
    let record = Record::decode(&stored(b"\x81\xa1a\xa6secret"), LIFE).unwrap();
    let value = record.get("a").unwrap();
    let wrong = value.read::<u32>("a").unwrap_err();
    assert!(!format!("{record:?} {value:?} {wrong:?} {wrong}").contains("secret"));
    assert_eq!(wrong.to_string(), r#"session key "a": holds a text, which is no u32"#);
}

#[test]
fn permanent_follows_pythons_truth() {
    for (value, truth) in [
        (&b"\xc3"[..], true),
        (b"\xc2", false),
        (b"\xc0", false),
        (b"\x00", false),
        (b"\x01", true),
        (b"\xcc\x00", false),
        (b"\xcd\x01\x00", true),
        (b"\xa0", false),
        (b"\xa1x", true),
        (b"\x90", false),
        (b"\x91\x00", true),
        (b"\xcb\0\0\0\0\0\0\0\0", false),
    ] {
        let record = [b"\x81\xaa_permanent".as_slice(), value].concat();
        assert_eq!(Record::decode(&stored(&record), LIFE).unwrap().is_permanent(), truth, "{value:x?}");
    }
}

proptest::proptest! {
    #[test]
    fn s29_any_bytes_are_a_record_or_corrupt(bytes: Vec<u8>) {
        let mut bytes = bytes;
        if let Some(first) = bytes.first_mut() { *first = 0x80 | (*first & 0x0f); }
        if let Ok(record) = Record::decode(&Bytes::from(bytes), LIFE) {
            let again = record.encode().unwrap();
            proptest::prop_assert_eq!(Record::decode(&again, LIFE).unwrap(), record);
        }
    }
}
