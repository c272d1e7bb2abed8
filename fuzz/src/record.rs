//! Any bytes as a stored record.

use session_core::{Life, Record, Timestamp};

const LIFE: Life = Life { created: Timestamp::from_millis(1), absolute: Timestamp::from_millis(2) };

/// The bytes, after a first one that chooses the codec, are a record or `Corrupt`: never a panic. What is read can be written, and
/// reads the same again.
pub fn any_bytes(first: u8, rest: &[u8]) {
    // MessagePack's lead byte also says how many keys there are.
    let lead = if first == 0x80 { 0x80 | (rest.len() % 16) as u8 } else { first };
    let stored = [&[lead], rest].concat().into();
    let Ok(record) = Record::decode(&stored, LIFE) else { return };
    let _ = (record.is_empty(), record.is_permanent(), record.names().count());
    let written = record.encode().expect("what was read has no more keys than may be written");
    let again = Record::decode(&written, LIFE).expect("what was written can be read");
    assert!(again == record, "it reads the same again");
}
