//! The cookie's payload: text as base64, compressed where that is shorter.

use std::cell::RefCell;
use std::thread::LocalKey;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use miniz_oxide::deflate::core::deflate_flags::TDEFL_FORCE_ALL_STATIC_BLOCKS;
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
/// From here on, in bytes, codes made for the text are always the shorter ones.
const LARGE: usize = 512;

/// Its tables have a third of a megabyte: to make them anew costs more than to compress a session.
type Compressor = RefCell<Box<CompressorOxide>>;

thread_local! {
    /// Codes made for the text.
    static OWN_CODES: Compressor = compressor(0);
    /// The codes that deflate knows without being told.
    static FIXED_CODES: Compressor = compressor(TDEFL_FORCE_ALL_STATIC_BLOCKS);
}

fn compressor(flags: u32) -> Compressor {
    let flags = flags | create_comp_flags_from_zip_params(LEVEL, ZLIB, DEFAULT_STRATEGY);
    RefCell::new(Box::new(CompressorOxide::new(flags)))
}

/// The payload of a JSON text: `.` and zlib where that is shorter by more than the dot.
pub(crate) fn pack(json: &[u8]) -> String {
    match shorter(json) {
        Some(compressed) => format!(".{}", URL_SAFE_NO_PAD.encode(compressed)),
        None => URL_SAFE_NO_PAD.encode(json),
    }
}

/// The text as zlib, where that and the dot are shorter, by the better codes of the two, as zlib chooses.
fn shorter(json: &[u8]) -> Option<Vec<u8>> {
    let own = deflated(&OWN_CODES, json);
    if json.len() >= LARGE {
        return own;
    }
    match (deflated(&FIXED_CODES, json), own) {
        (Some(fixed), Some(own)) => Some(if fixed.len() <= own.len() { fixed } else { own }),
        (fixed, own) => fixed.or(own),
    }
}

/// It must fit into a buffer that is shorter than the text and the dot.
fn deflated(compressor: &'static LocalKey<Compressor>, json: &[u8]) -> Option<Vec<u8>> {
    let mut out = vec![0; json.len().saturating_sub(2)];
    let (status, _, length) = compressor.with_borrow_mut(|compressor| {
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

    /// Python: `next(n for n in range(60) if len(zlib.compress(b"x" * n)) < n - 1)`
    const PYTHON_FROM: usize = 13;

    #[test]
    fn s27_flask_inflating_ends_at_the_bound() {
        let bomb = pack(&vec![b'a'; 10_000_000]);
        assert!(bomb.starts_with('.') && bomb.len() < 14_000);
        assert_eq!(unpack(&bomb, 65_536), None);
        assert_eq!(unpack(&pack(&[b'a'; 65_536]), 65_536).unwrap().len(), 65_536);
        assert_eq!(unpack(&pack(&[b'a'; 65_537]), 65_536), None);
    }

    #[test]
    fn flask_payloads_are_compressed_from_the_length_on_at_which_pythons_are() {
        let compressed = |length: &usize| pack(&vec![b'x'; *length]).starts_with('.');
        assert_eq!((0..600).find(compressed), Some(PYTHON_FROM));
        assert!((PYTHON_FROM..600).all(|length| compressed(&length)));
    }

    #[test]
    fn flask_payloads_are_pythons_to_the_byte_where_the_fixed_codes_are_shorter() {
        let json = br#"{"b":{" b":"AP8="},"d":{" d":"Tue, 04 Mar 2025 05:06:07 GMT"},"t":{" t":[1,"a"]}}"#;
        assert_eq!(
            pack(json),
            ".eJyrVkpSsqpWUgCSSo4BFrZKtTpKKWARIKkUUpqqo2BgouCbWKRgZGBkqmBgamVgZmVgruDuGwJSWgJWCiSjDXWUEpVia2sBLBcUHg"
        );
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
