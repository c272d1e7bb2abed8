//! A part of the map under one lock.

use std::collections::HashMap;

use crate::backend::Entry;
use crate::token::RecordKey;

pub(super) type Shard = HashMap<RecordKey, Entry>;

/// What an entry occupies, roughly: its text and bytes, and the map's own share.
pub(super) fn footprint(key: &RecordKey, entry: &Entry) -> usize {
    const OWN: usize = size_of::<RecordKey>() + size_of::<Entry>() + 64;
    let payload = match entry {
        Entry::Live(stored) => stored.payload.len(),
        Entry::Retired(marker) => marker.successor.as_str().len(),
    };
    OWN + key.as_str().len() + payload
}
