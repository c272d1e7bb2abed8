//! The cookie's payload: text as base64, compressed where that is shorter.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use miniz_oxide::{deflate::compress_to_vec_zlib, inflate::decompress_to_vec_zlib_with_limit};

/// zlib's default, which Python uses.
const LEVEL: u8 = 6;

/// The payload of a JSON text: `.` and zlib where that is shorter by more than the dot.
pub(crate) fn pack(json: &[u8]) -> String {
    let compressed = compress_to_vec_zlib(json, LEVEL);
    match compressed.len() + 1 < json.len() {
        true => format!(".{}", URL_SAFE_NO_PAD.encode(compressed)),
        false => URL_SAFE_NO_PAD.encode(json),
    }
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
