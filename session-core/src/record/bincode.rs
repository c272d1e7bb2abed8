//! bincode 2 records: `C1`, a format byte, then life and pairs, each value encoded by itself.
//!
//! bincode is not self-describing, so a stored value can't be checked before it is read. The reader's depth is bounded instead
//! (see [`depth`](super::depth)), and every length is checked against the input by bincode's own limit.

use bincode::config::{Configuration, Limit, standard};
use bincode::serde::{borrow_decode_from_slice, decode_from_slice, encode_to_vec};
use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::codec::{Codec, Malformed};
use super::depth::Bounded;
use super::{Life, MAX_STORED, Name, Record, messagepack};
use crate::clock::Timestamp;

const LEAD: [u8; 2] = [0xc1, 1];

type Config = Configuration<bincode::config::LittleEndian, bincode::config::Varint, Limit<MAX_STORED>>;

/// Created, absolute deadline, what a later version added, and the pairs.
type Body<'a> = (u64, u64, &'a [u8], Vec<(&'a str, &'a [u8])>);

fn config() -> Config {
    standard().with_limit::<MAX_STORED>()
}

pub(super) fn decode(stored: &Bytes, _: Life) -> Result<Record, Malformed> {
    let body = stored.strip_prefix(&LEAD).ok_or(Malformed("a newer version of this library wrote it"))?;
    let (body, used): (Body<'_>, usize) =
        borrow_decode_from_slice(body, config()).map_err(|_| Malformed("it is no bincode record"))?;
    if used + LEAD.len() != stored.len() {
        return Err(Malformed("bytes follow its end"));
    }
    let (created, absolute, later, pairs) = body;
    let life = Life { created: Timestamp::from_millis(created), absolute: Timestamp::from_millis(absolute) };
    let mut record = Record::new(Codec::Bincode, life);
    record.later = Bytes::copy_from_slice(later);
    for (name, value) in pairs {
        record.absorb(Name::Text(Bytes::copy_from_slice(name.as_bytes())), stored.slice_ref(value))?;
    }
    Ok(record)
}

pub(super) fn encode(record: &Record) -> Bytes {
    let slots = record.slots.iter();
    let pairs = slots.map(|slot| (slot.name.as_str().unwrap_or_default(), slot.value.as_ref())).collect();
    let life = record.life;
    let body: Body<'_> = (life.created.as_millis(), life.absolute.as_millis(), &record.later, pairs);
    // Numbers, texts and bytes: there is nothing in it that bincode refuses.
    let body = encode_to_vec(&body, standard()).unwrap_or_default();
    [&LEAD, body.as_slice()].concat().into()
}

pub(super) fn write<V: Serialize + ?Sized>(value: &V) -> Result<Bytes, Malformed> {
    // Counts the depth, which bincode's own bytes don't show.
    messagepack::write(value)?;
    let bytes = encode_to_vec(value, standard()).map_err(|_| Malformed("the value cannot be encoded as bincode"))?;
    Ok(bytes.into())
}

pub(super) fn read<T: DeserializeOwned>(value: &[u8]) -> Option<T> {
    let (Bounded(read), used) = decode_from_slice::<Bounded<T>, _>(value, config()).ok()?;
    (used == value.len()).then_some(read)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    const LIFE: Life = Life { created: Timestamp::from_millis(1), absolute: Timestamp::from_millis(2) };

    #[derive(Serialize, Deserialize, Debug, PartialEq)]
    struct User {
        name: String,
        roles: Vec<Option<u16>>,
    }

    fn record() -> Record {
        let mut record = Record::new(Codec::Bincode, LIFE);
        let user = User { name: "ada".into(), roles: vec![Some(300), None] };
        record.put("user", Codec::Bincode.write("user", &user).unwrap().bytes().clone());
        record.set_permanent(true);
        record
    }

    #[test]
    fn a_record_comes_back_and_its_bytes_are_pinned() {
        let record = record();
        let stored = record.encode().unwrap();
        assert_eq!(
            &stored[..],
            b"\xc1\x01\x01\x02\x00\x02\x04user\x0a\x03ada\x02\x01\xfb\x2c\x01\x00\x0a_permanent\x01\x01"
        );
        let again = Record::decode(&stored, LIFE).unwrap();
        assert_eq!(again, record);
        assert!(again.is_permanent());
        let user: User = again.get("user").unwrap().read("user").unwrap();
        assert_eq!(user.roles, [Some(300), None]);
    }

    #[test]
    fn s29_what_is_cut_or_longer_is_corrupt() {
        let stored = record().encode().unwrap();
        for end in 0..stored.len() {
            assert!(Record::decode(&stored.slice(..end), LIFE).is_err());
        }
        assert!(Record::decode(&[&stored[..], b"x"].concat().into(), LIFE).is_err());
        let huge = Bytes::from_static(b"\xc1\x01\x01\x02\x00\xfd\xff\xff\xff\xff\xff\xff\xff\xff");
        assert!(Record::decode(&huge, LIFE).is_err());
    }

    #[test]
    fn s29_a_chain_of_any_length_ends_in_an_error_not_in_the_stack() {
        #[derive(Serialize, Deserialize, Debug)]
        struct Node(Option<Box<Node>>);
        let hostile = vec![1_u8; 100_000];
        let small_stack = std::thread::Builder::new().stack_size(512 * 1024);
        let read = small_stack.spawn(move || read::<Node>(&hostile).is_none()).unwrap().join();
        assert!(read.unwrap());
        #[derive(Serialize, Deserialize, Debug)]
        struct List(Vec<List>);
        let chain = (0..60).fold(List(Vec::new()), |inner, _| List(vec![inner]));
        let written = Codec::Bincode.write("chain", &chain).unwrap();
        assert!(written.read::<List>("chain").is_ok(), "what may be written can be read");
    }

    #[test]
    fn another_type_is_an_error_that_names_the_key() {
        let value = Codec::Bincode.write("n", &7_u64).unwrap();
        let wrong = value.read::<String>("n").unwrap_err().to_string();
        assert!(wrong.starts_with(r#"session key "n": "#), "{wrong}");
    }
}
