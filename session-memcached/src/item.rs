//! What an item's value looks like: one byte for what it is, the version, the deadline, then the record or the successor's key.

use std::time::Duration;

use bytes::Bytes;
use session_core::{Entry, Error, Marker, RecordKey, Result, Stored, Timestamp, Version};

/// What stands in front of every payload.
pub(crate) const HEADER: usize = 1 + 16 + 8;
/// What Memcached takes for a key at most.
pub(crate) const MAX_KEY: usize = 250;

/// Never reused for another form: what an older version of this crate wrote must stay readable.
const LIVE: u8 = 1;
const RETIRED: u8 = 2;

/// How far the end of an untouched item by the server's clock may lie from the deadline that is written in it: whole seconds that
/// were rounded up once, read from a clock that ticks once a second, and the way there and back.
const GRAIN: Duration = Duration::from_secs(3);

/// The most that is asked of the server, which has 31 bits for a moment: they end in 2038. A touch asks for as much again.
const TWO_YEARS: u32 = 2 * 366 * 24 * 60 * 60;

/// Whether Memcached takes this for a key, so that no byte of it can be read as another word or another line.
pub(crate) fn is_legal_key(key: &RecordKey) -> bool {
    let text = key.as_str();
    (1..=MAX_KEY).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

pub(crate) fn encode(entry: &Entry) -> Vec<u8> {
    let (kind, rest) = match entry {
        Entry::Live(stored) => (LIVE, &stored.payload[..]),
        Entry::Retired(marker) => (RETIRED, marker.successor.as_str().as_bytes()),
    };
    let mut value = Vec::with_capacity(HEADER + rest.len());
    value.push(kind);
    value.extend(entry.version().as_bytes());
    value.extend(entry.deadline().as_millis().to_be_bytes());
    value.extend(rest);
    value
}

/// Reads a value; `left` is the rest of its life by the server, in seconds, if it has an end there.
pub(crate) fn decode(value: Vec<u8>, left: Option<u32>, now: Timestamp) -> Result<Entry> {
    let corrupt = |reason| Error::Corrupt { reason };
    let (kind, version, written) = header(&value).ok_or_else(|| corrupt("it is shorter than any record"))?;
    let value = Bytes::from(value);
    let payload = value.slice(HEADER..);
    match kind {
        LIVE => Ok(Entry::Live(Stored { version, deadline: effective(written, left, now), payload })),
        RETIRED => {
            let successor = std::str::from_utf8(&payload).map_err(|_| corrupt("its successor is no key"))?;
            // By its own deadline alone: a touch that raced with the rotation can't keep it alive.
            Ok(Entry::Retired(Marker { version, successor: RecordKey::new(successor), until: written }))
        }
        _ => Err(corrupt("it is of an unknown kind")),
    }
}

fn header(value: &[u8]) -> Option<(u8, Version, Timestamp)> {
    let (kind, rest) = value.split_first()?;
    let (version, rest) = rest.split_first_chunk()?;
    let (deadline, _) = rest.split_first_chunk()?;
    Some((*kind, Version::from_bytes(*version), Timestamp::from_millis(u64::from_be_bytes(*deadline))))
}

/// When an item ends. As it is written in it; once it was touched the server alone knows, and only to the second.
fn effective(written: Timestamp, left: Option<u32>, now: Timestamp) -> Timestamp {
    let Some(left) = left else { return written };
    let by_server = now.plus(Duration::from_secs(left.into()));
    let off = by_server.since(written).max(written.since(by_server));
    if off <= GRAIN { written } else { by_server }
}

/// The life that the server is asked for: whole seconds, rounded up, so that nothing ends a second early; at least one, since zero
/// would be for ever.
pub(crate) fn seconds(deadline: Timestamp, now: Timestamp) -> u32 {
    let seconds = deadline.since(now).as_millis().div_ceil(1000);
    u32::try_from(seconds).unwrap_or(TWO_YEARS).clamp(1, TWO_YEARS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    fn live(payload: &'static [u8]) -> Stored {
        let version = Version::from_bytes(*b"0123456789abcdef");
        Stored { version, deadline: at(1_000), payload: Bytes::from_static(payload) }
    }

    #[test]
    fn a_value_is_what_it_always_was() {
        let record = encode(&Entry::Live(live(b"\x80")));
        assert_eq!(record, b"\x010123456789abcdef\0\0\0\0\0\x0f\x42\x40\x80");
        let version = Version::from_bytes(*b"0123456789abcdef");
        let marker = Marker { version, successor: RecordKey::new("session:b"), until: at(1_000) };
        let encoded = encode(&Entry::Retired(marker.clone()));
        assert_eq!(encoded, b"\x020123456789abcdef\0\0\0\0\0\x0f\x42\x40session:b");
        assert_eq!(decode(record, Some(10), at(990)).unwrap(), Entry::Live(live(b"\x80")));
        assert_eq!(decode(encoded, Some(500), at(990)).unwrap(), Entry::Retired(marker));
    }

    #[test]
    fn p1_what_is_no_record_is_corrupt() {
        let whole = encode(&Entry::Live(live(b"")));
        for length in 0..whole.len() {
            assert!(matches!(decode(whole[..length].to_vec(), None, at(0)), Err(Error::Corrupt { .. })));
        }
        let (mut unknown, mut successor) = (whole.clone(), whole);
        unknown[0] = 0x80;
        successor[0] = RETIRED;
        successor.push(0xff);
        assert!(matches!(decode(unknown, None, at(0)), Err(Error::Corrupt { .. })));
        assert!(matches!(decode(successor, None, at(0)), Err(Error::Corrupt { .. })));
    }

    #[test]
    fn a_touched_deadline_is_the_servers() {
        let ends = |left| match decode(encode(&Entry::Live(live(b""))), left, at(990)).unwrap() {
            Entry::Live(stored) => stored.deadline,
            Entry::Retired(_) => panic!("a record"),
        };
        for untouched in [None, Some(9), Some(10), Some(12)] {
            assert_eq!(ends(untouched), at(1_000), "to the millisecond");
        }
        assert_eq!(ends(Some(60)), at(1_050));
        assert_eq!(ends(Some(2)), at(992), "another program shortened it");
    }

    #[test]
    fn seconds_are_rounded_up_and_bounded() {
        let now = Timestamp::from_millis(10);
        let life = |millis: u64| seconds(Timestamp::from_millis(10 + millis), now);
        assert_eq!([life(0), life(1), life(1000), life(1001)], [1, 1, 1, 2]);
        assert_eq!(life(40 * 24 * 60 * 60 * 1000), 40 * 24 * 60 * 60);
        assert_eq!(seconds(Timestamp::MAX, now), TWO_YEARS);
    }

    #[test]
    fn s55_a_key_is_one_word_of_250_bytes() {
        let long = "x".repeat(MAX_KEY);
        for legal in ["a", "session:A-Z_a-z.0-9~!", &long] {
            assert!(is_legal_key(&RecordKey::new(legal)));
        }
        let longer = "x".repeat(MAX_KEY + 1);
        for wrong in ["", "a b", "a\r\nset x 0 0 1", "a\0", "a\x7f", "a\tb", "naïve", &longer] {
            assert!(!is_legal_key(&RecordKey::new(wrong)), "{wrong:?}");
        }
    }
}
