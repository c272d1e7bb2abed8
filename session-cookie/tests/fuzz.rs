//! The fuzz target's function for sealed cookies, bounded.
#![cfg(feature = "flask")]

#[allow(clippy::expect_used, unreachable_pub)]
#[path = "../../fuzz/src/unseal.rs"]
mod unseal;

use proptest::prelude::*;

/// The seeds of the corpus: a session in Flask's JSON, a record, and a cookie that Flask wrote under another key.
const SEEDS: [&[u8]; 3] = [
    include_bytes!("../../fuzz/corpus/unseal/json"),
    include_bytes!("../../fuzz/corpus/unseal/record"),
    include_bytes!("../../fuzz/corpus/unseal/cookie"),
];

/// Pieces of TaggedJSON, of records, of cookies.
const PIECES: [&[u8]; 20] = [
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b",",
    b"\"a\"",
    b"\" t\"",
    b"\" b\"",
    b"\" di\"",
    b"\" d\"",
    b"1",
    b"-0.5e9",
    b"NaN",
    b"\x82\xa1a\x01",
    b"\xc7\x05\x46\xf1ask",
    b"\"_session\":[1,2,3]",
    b".",
    b"eyJhIjoxfQ",
    b"eJyrVkpUsjKsBQALegJG",
];

fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => prop::sample::select(PIECES.to_vec()).prop_map(<[u8]>::to_vec),
        1 => prop::collection::vec(any::<u8>(), 0..20),
    ];
    prop::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(3_000) })]

    #[test]
    fn s70_any_bytes_are_a_sealed_session_or_none(bytes in pieces()) {
        unseal::any_bytes(&bytes);
    }

    #[test]
    fn s70_mutated_cookies_and_sessions_are_sessions_or_none(
        seed in 0..SEEDS.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = SEEDS[seed].to_vec();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        unseal::any_bytes(&bytes);
        unseal::any_bytes(&bytes[..cut.index(bytes.len())]);
    }
}
