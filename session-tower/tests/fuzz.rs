//! The fuzz target's function for Cookie headers, bounded.

#[allow(clippy::unwrap_used, clippy::expect_used, dropping_copy_types, unreachable_pub)]
#[path = "../../fuzz/src/cookie_header.rs"]
mod cookie_header;

use proptest::prelude::*;

/// Pieces that hostile headers are made of, and what a session's cookie looks like.
const PIECES: [&[u8]; 16] = [
    b"id=",
    b"=",
    b";",
    b"; ",
    b"\n",
    b"\"",
    b"\\",
    b"\xff",
    b"\xa0",
    b"\xe2\x80\x80",
    b"$Version=1",
    b"__Host-id=",
    b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    b"%3B",
    b"\t",
    b"csrf=",
];

fn header() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => prop::sample::select(PIECES.to_vec()).prop_map(<[u8]>::to_vec),
        1 => prop::collection::vec(any::<u8>(), 0..40),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(10_000) })]

    #[test]
    fn s70_s15_any_cookie_header_is_no_session(header in header()) {
        cookie_header::any_bytes(&header);
    }
}
