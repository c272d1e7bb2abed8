//! Pickles: data comes out exactly, code never runs, nothing panics.
#![allow(clippy::unwrap_used)]

mod records_common;

use std::time::{Duration, Instant};

use proptest::prelude::*;
use records_common::{Counts, same, text, unhex, value, vectors};
use session_flask::pickle;

const FILE: &str = "records_pickle.json";

#[test]
fn flask_pickle_vectors() {
    let mut counts = Counts::default();
    for vector in vectors(FILE) {
        let (id, expect, bytes) = (text(&vector, "id"), text(&vector, "expect"), unhex(text(&vector, "hex")));
        let read = pickle::read(&bytes);
        match expect {
            "reject" => assert!(read.is_err(), "{id}: {} was read", vector["name"]),
            "accept" => {
                let expected = value(&vector["value"]).unwrap();
                let read = read.unwrap_or_else(|error| panic!("{id}: {}: {error}", vector["name"]));
                assert!(same(&read, &expected), "{id}: {} came out otherwise", vector["name"]);
            }
            "optional" => {
                let taken = read.is_ok_and(|read| {
                    assert!(same(&read, &value(&vector["value"]).unwrap()), "{id}: {}", vector["name"]);
                    true
                });
                counts.add(if taken { "optional, taken" } else { "optional, refused" });
                continue;
            }
            unknown => panic!("{unknown}"),
        }
        counts.add(vector["reason"].as_str().map_or(expect.to_owned(), |reason| format!("{expect} {reason}")));
    }
    assert!(counts.print(FILE) > 200);
}

/// Nothing that names code leaves a trace: the words of these pickles would make a file.
#[test]
fn s31_flask_pickles_run_nothing() {
    let trace = std::env::temp_dir().join(format!("session-flask-trace-{}", std::process::id()));
    let touch = format!("touch {}", trace.display());
    for pickle in [
        format!("cos\nsystem\n(S'{touch}'\ntR."),
        format!("(S'{touch}'\nios\nsystem\n."),
        format!("(cos\nsystem\nS'{touch}'\no."),
        format!("(dS'a'\ncos\nsystem\n(S'{touch}'\ntRs."),
    ] {
        assert!(pickle::read(pickle.as_bytes()).is_err());
    }
    assert!(!trace.exists());
}

#[test]
fn s29_flask_pickles_stay_in_proportion() {
    let mut shared_list = vec![0x80, 2, b']', b'q', 0, b'('];
    shared_list.extend([b'K', 1].repeat(100_000));
    shared_list.push(b'e');
    let mut sets = shared_list.clone();
    sets.extend(b"c__builtin__\nset\nq\x010");
    sets.extend(b"h\x01h\x00\x85R0".repeat(100_000));
    sets.extend(b"}.");
    let mut text = b"\x80\x02X\x00\x00\x10\x00".to_vec();
    text.extend(vec![b'a'; 1 << 20]);
    text.extend(b"q\x00c_codecs\nencode\nq\x01U\x06latin1q\x02");
    text.extend(b"h\x01h\x00h\x02\x86R0".repeat(100_000));
    text.extend(b"}.");
    let mut states = b"\x80\x02}q\x00(".to_vec();
    (0..100_000_u32).for_each(|n| states.extend([&b"J"[..], &n.to_le_bytes(), b"N"].concat()));
    states.extend(b"ucuuid\nUUID\nq\x01");
    states.extend(b"h\x01)\x81h\x00b0".repeat(100_000));
    states.extend(b"}.");
    let mut copies = shared_list.clone();
    copies.extend(b"]q\x01(");
    copies.extend(b"h\x00".repeat(100_000));
    copies.extend(b"e}U\x01ah\x01s.");
    let begun = Instant::now();
    for hostile in [sets, text, states, copies] {
        let _ = pickle::read(&hostile);
    }
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    let many = [&[0x80, 2][..], &vec![b'N'; 1_000_001], b"}."].concat();
    assert!(pickle::read(&many).is_err());
}

#[test]
fn s31_flask_pickles_take_every_name_as_a_whole() {
    let refused = |pickle: &[u8]| pickle::read(pickle).unwrap_err().to_string();
    for (module, name) in [
        ("uuid", "UUID.__init__"),
        ("uuid.UUID", ""),
        ("uuid ", "UUID"),
        ("UUID", "uuid"),
        ("builtins", "Set"),
        ("_codecs", "encode\0"),
        ("", ""),
    ] {
        let old = format!("c{module}\n{name}\n0}}.");
        let named = refused(old.as_bytes());
        assert!(named.ends_with("the pickle names something that is no data"), "{module}.{name}: {named}");
    }
    assert!(refused(b"\x80\x02}U\x01acuuid\nUUID\ns.").ends_with("no data"), "a class is no value");
    assert!(refused(b"cuuid\nUUID\n}.").ends_with("no data"), "nor is it left behind");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn s29_flask_pickles_any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = pickle::read(&bytes);
        let _ = pickle::read(&[&b"\x80\x04}("[..], &bytes, b"u."].concat());
    }

    /// Opcodes in any order reach deeper than bytes do.
    #[test]
    fn s29_flask_pickles_any_opcodes(picks in proptest::collection::vec(0..OPCODES.len(), 0..60)) {
        let program: Vec<u8> = picks.into_iter().flat_map(|pick| OPCODES[pick]).copied().chain(*b".").collect();
        let _ = pickle::read(&program);
    }

    #[test]
    fn s29_flask_pickles_mutated(pick in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), to: u8, cut in any::<bool>()) {
        let genuine = GENUINE.get(pick);
        let mut bytes = genuine.to_vec();
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at); } else { bytes[at] = to; }
        let _ = pickle::read(&bytes);
    }
}

const OPCODES: [&[u8]; 34] = [
    b"N",
    b"\x88",
    b"K\x01",
    b"U\x01a",
    b"U\x03int",
    b"(",
    b"0",
    b"1",
    b"2",
    b"]",
    b")",
    b"}",
    b"\x8f",
    b"l",
    b"t",
    b"d",
    b"\x85",
    b"\x86",
    b"\x87",
    b"a",
    b"e",
    b"s",
    b"u",
    b"\x90",
    b"\x91",
    b"q\x00",
    b"q\x01",
    b"h\x00",
    b"h\x01",
    b"R",
    b"b",
    b"\x81",
    b"cuuid\nUUID\n",
    b"c__builtin__\nset\n",
];

struct Genuine;

const GENUINE: Genuine = Genuine;

impl Genuine {
    fn get(&self, pick: prop::sample::Index) -> &'static [u8] {
        static ALL: std::sync::LazyLock<Vec<Vec<u8>>> = std::sync::LazyLock::new(|| {
            let accepted = vectors(FILE).into_iter().filter(|vector| vector["expect"] == "accept");
            accepted.map(|vector| unhex(text(&vector, "hex"))).filter(|bytes| bytes.len() < 2000).collect()
        });
        &ALL[pick.index(ALL.len())]
    }
}
