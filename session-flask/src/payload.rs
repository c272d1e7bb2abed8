//! The cookie's payload: text as base64, compressed where that is shorter.

use std::cell::RefCell;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use miniz_oxide::deflate::core::{
    CompressorOxide, TDEFLFlush, TDEFLStatus, compress, create_comp_flags_from_zip_params,
};
use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;

/// zlib's default, which Python uses.
const LEVEL: i32 = 6;
/// A positive number asks for zlib's header.
const ZLIB: i32 = 1;
/// Huffman codes and matches, as the text needs them.
const DEFAULT_STRATEGY: i32 = 0;

thread_local! {
    /// Its tables have a third of a megabyte: to make them anew costs more than to compress a session.
    static COMPRESSOR: RefCell<Box<CompressorOxide>> = RefCell::new(Box::new(CompressorOxide::new(
        create_comp_flags_from_zip_params(LEVEL, ZLIB, DEFAULT_STRATEGY),
    )));
}

/// The payload of a JSON text: `.` and zlib where that is shorter by more than the dot.
pub(crate) fn pack(json: &[u8]) -> String {
    match shorter(json) {
        Some(compressed) => format!(".{}", URL_SAFE_NO_PAD.encode(compressed)),
        None => URL_SAFE_NO_PAD.encode(json),
    }
}

/// The text as zlib, where that and the dot are shorter: it must fit into a buffer that is.
fn shorter(json: &[u8]) -> Option<Vec<u8>> {
    let mut out = vec![0; json.len().saturating_sub(2)];
    let (status, _, length) = COMPRESSOR.with_borrow_mut(|compressor| {
        compressor.reset();
        compress(compressor, json, &mut out, TDEFLFlush::Finish)
    });
    out.truncate(length);
    (status == TDEFLStatus::Done).then_some(out)
}

/// The JSON text of a payload, of `limit` bytes at most: inflating ends there.
pub(crate) fn unpack(payload: &str, limit: usize) -> Option<Vec<u8>> {
    let (text, compressed) = match payload.strip_prefix('.') {
        Some(text) => (text, true),
        None => (payload, false),
    };
    let bytes = URL_SAFE_NO_PAD.decode(text).ok().filter(|bytes| bytes.len() <= limit)?;
    if compressed { decompress_to_vec_zlib_with_limit(&bytes, limit).ok() } else { Some(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s27_flask_inflating_ends_at_the_bound() {
        let bomb = pack(&vec![b'a'; 10_000_000]);
        assert!(bomb.starts_with('.') && bomb.len() < 14_000);
        assert_eq!(unpack(&bomb, 65_536), None);
        assert_eq!(unpack(&pack(&[b'a'; 65_536]), 65_536).unwrap().len(), 65_536);
        assert_eq!(unpack(&pack(&[b'a'; 65_537]), 65_536), None);
    }

    #[test]
    fn flask_payloads_are_compressed_by_flasks_rule_to_the_byte() {
        let texts = (0..60).map(|length| "x".repeat(length));
        let compressed = |text: &str| miniz_oxide::deflate::compress_to_vec_zlib(text.as_bytes(), 6).len();
        let mut met = [false; 2];
        for text in texts {
            let shorter = compressed(&text) + 1 < text.len();
            assert_eq!(pack(text.as_bytes()).starts_with('.'), shorter, "{} bytes", text.len());
            met[0] |= compressed(&text) + 1 == text.len();
            met[1] |= compressed(&text) + 2 == text.len();
        }
        assert_eq!(met, [true; 2], "both sides of the bound");
    }

    #[test]
    fn flask_payloads_hold_nothing_of_the_last_one() {
        let (first, second) =
            (format!("{{\"a\":\"{}\"}}", "secret".repeat(50)), format!("{{\"b\":\"{}\"}}", "other".repeat(50)));
        let alone = pack(second.as_bytes());
        for text in [&first, &second, &first] {
            assert_eq!(unpack(&pack(text.as_bytes()), 1_000).unwrap(), text.as_bytes());
        }
        assert_eq!(pack(second.as_bytes()), alone);
    }

    #[test]
    fn flask_payloads_are_compressed_where_that_is_shorter() {
        assert_eq!(pack(br#"{"a":1}"#), "eyJhIjoxfQ");
        for text in [b"".as_slice(), b"{}", br#"{"a":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}"#] {
            assert_eq!(unpack(&pack(text), 100).unwrap(), text);
        }
        for broken in [".", "..", ".eJw", "A", "eyJhIjoxfQ=", ".eyJhIjoxfQ"] {
            assert_eq!(unpack(broken, 100), None, "{broken}");
        }
    }
}
