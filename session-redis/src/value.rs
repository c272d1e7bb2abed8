//! What lies under a key: a header of fixed length, so that a read is one GET and a touch rewrites eight bytes.

use std::time::Duration;

use bytes::Bytes;
use session_core::{Entry, Error, Marker, RecordKey, Result, Stored, Timestamp, Version};

const LIVE: u8 = b'L';
const RETIRED: u8 = b'R';

/// Kind, version, deadline. The scripts count on these lengths.
const HEADER: usize = 1 + 16 + 8;

/// The longest life that the server is told: Redis refuses one that its own clock can't hold.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

pub(crate) fn live(stored: &Stored) -> Vec<u8> {
    value(LIVE, &stored.version, stored.deadline, &stored.payload)
}

pub(crate) fn retired(marker: &Marker) -> Vec<u8> {
    value(RETIRED, &marker.version, marker.until, marker.successor.as_str().as_bytes())
}

pub(crate) fn of(entry: &Entry) -> Vec<u8> {
    match entry {
        Entry::Live(stored) => live(stored),
        Entry::Retired(marker) => retired(marker),
    }
}

fn value(kind: u8, version: &Version, deadline: Timestamp, payload: &[u8]) -> Vec<u8> {
    let mut value = Vec::with_capacity(HEADER + payload.len());
    value.push(kind);
    value.extend(version.as_bytes());
    value.extend(moment(deadline));
    value.extend(payload);
    value
}

/// A moment as the header holds it.
pub(crate) fn moment(moment: Timestamp) -> [u8; 8] {
    moment.as_millis().to_be_bytes()
}

/// The milliseconds that the server keeps an entry: counted from now, so that its clock need not agree with ours.
pub(crate) fn milliseconds(deadline: Timestamp, now: Timestamp) -> u64 {
    u64::try_from(deadline.since(now).min(LONGEST).as_millis()).unwrap_or(u64::MAX).max(1)
}

/// The entry in a value.
pub(crate) fn entry(value: Vec<u8>) -> Result<Entry> {
    let value = Bytes::from(value);
    let Some((header, _)) = value.split_first_chunk::<HEADER>() else { return Err(unreadable()) };
    let [kind, rest @ ..] = header;
    let (Some((version, _)), Some((_, deadline))) = (rest.split_first_chunk(), rest.split_last_chunk()) else {
        return Err(unreadable());
    };
    let version = Version::from_bytes(*version);
    let deadline = Timestamp::from_millis(u64::from_be_bytes(*deadline));
    let payload = value.slice(HEADER..);
    match *kind {
        LIVE => Ok(Entry::Live(Stored { version, deadline, payload })),
        RETIRED => {
            let successor = std::str::from_utf8(&payload).map_err(|_| unreadable())?;
            Ok(Entry::Retired(Marker { version, successor: RecordKey::new(successor), until: deadline }))
        }
        _ => Err(unreadable()),
    }
}

pub(crate) fn unreadable() -> Error {
    Error::Corrupt { reason: "it is no value of this library's" }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a released version wrote is read for ever.
    #[test]
    fn the_layout_is_pinned() {
        let stored = Stored {
            version: Version::from_bytes(*b"0123456789abcdef"),
            deadline: Timestamp::from_millis(0x0102_0304_0506_0708),
            payload: Bytes::from_static(b"\0payload"),
        };
        assert_eq!(live(&stored), b"L0123456789abcdef\x01\x02\x03\x04\x05\x06\x07\x08\0payload");
        assert_eq!(entry(live(&stored)).unwrap(), Entry::Live(stored.clone()));
        let marker = Marker { version: stored.version, successor: RecordKey::new("s:next"), until: stored.deadline };
        assert_eq!(retired(&marker), b"R0123456789abcdef\x01\x02\x03\x04\x05\x06\x07\x08s:next");
        assert_eq!(entry(retired(&marker)).unwrap(), Entry::Retired(marker));
    }

    #[test]
    fn what_is_not_ours_is_corrupt() {
        let mut other =
            live(&Stored { version: Version::from_bytes([7; 16]), deadline: Timestamp::MAX, payload: Bytes::new() });
        assert!(entry(other.clone()).is_ok(), "an empty payload is one");
        other[0] = b'X';
        let mut no_text = other.clone();
        no_text[0] = RETIRED;
        no_text.push(0xff);
        for wrong in [other, no_text, b"".to_vec(), b"L".to_vec(), vec![b'L'; HEADER - 1], b"\x81\xa1a\x01".to_vec()] {
            assert!(matches!(entry(wrong), Err(Error::Corrupt { .. })));
        }
    }

    #[test]
    fn a_life_is_never_zero_and_never_too_long() {
        let now = Timestamp::from_millis(10_000);
        assert_eq!(milliseconds(Timestamp::from_millis(10_500), now), 500);
        assert_eq!(milliseconds(now, now), 1);
        assert_eq!(milliseconds(Timestamp::from_millis(0), now), 1);
        assert_eq!(u128::from(milliseconds(Timestamp::MAX, now)), LONGEST.as_millis());
    }
}
