//! What is remembered of a retired id: a row of its own, under an id that no cookie can ask Flask for.

use session_core::{Error, Marker, RecordKey, Result, Timestamp, Version};

/// The `session_id` of a marker. It begins unlike any key of Flask's, so that no cookie reaches it.
pub(super) fn key(key: &RecordKey) -> String {
    format!("retired:{{{}}}", key.as_str())
}

/// A marker as `data`: its version, its end in milliseconds (the column may hold whole seconds), the key of its successor.
pub(super) fn encode(marker: &Marker) -> Vec<u8> {
    let end = marker.until.as_millis().to_be_bytes();
    [marker.version.as_bytes().as_slice(), &end, marker.successor.as_str().as_bytes()].concat()
}

/// The marker in `data`.
pub(super) fn decode(data: &[u8]) -> Result<Marker> {
    let read = || {
        let (version, rest) = data.split_first_chunk::<16>()?;
        let (until, successor) = rest.split_first_chunk::<8>()?;
        let until = Timestamp::from_millis(u64::from_be_bytes(*until));
        let successor = RecordKey::new(str::from_utf8(successor).ok()?);
        Some(Marker { version: Version::from_bytes(*version), successor, until })
    };
    read().ok_or(Error::Corrupt { reason: "it is no marker of a retired id" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flask_marker_comes_back_and_lies_out_of_every_cookies_reach() {
        let (successor, until) = (RecordKey::new("session:new"), Timestamp::from_millis(1_790_000_000_123));
        let marker = Marker { version: Version::from_bytes([7; 16]), successor, until };
        assert_eq!(decode(&encode(&marker)).unwrap(), marker);
        assert!(key(&RecordKey::new("session:old")) == "retired:{session:old}");
        for cut in [0, 15, 23] {
            assert!(matches!(decode(&encode(&marker)[..cut]), Err(Error::Corrupt { .. })));
        }
    }
}
