//! An entry as a document, and the questions that are asked about it.
//!
//! ```text
//! { _id: key, v: version, d: deadline, p: payload }       a session
//! { _id: key, v: version, d: deadline, s: successor }     a retired id
//! ```
//! Field names are constant, keys and payloads are values by type: nothing of a visitor's is ever read as a query.

use bytes::Bytes;
use mongodb::bson::raw::{CStr, RawBinaryRef, RawDocument, RawDocumentBuf, cstr};
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, DateTime, Document, doc};
use session_core::{Entry, Error, Marker, RecordKey, Result, Stored, Timestamp, Version};

const KEY: &CStr = cstr!("_id");
const VERSION: &CStr = cstr!("v");
const DEADLINE: &CStr = cstr!("d");
const PAYLOAD: &CStr = cstr!("p");
const SUCCESSOR: &CStr = cstr!("s");

/// The largest payload: a document may have 16 MiB with its key and the other fields.
pub(crate) const MAX_PAYLOAD: usize = 15 * 1024 * 1024;

pub(crate) fn record(key: &RecordKey, stored: &Stored) -> RawDocumentBuf {
    let mut document = head(key, &stored.version, stored.deadline);
    document.append(PAYLOAD, RawBinaryRef { subtype: BinarySubtype::Generic, bytes: &stored.payload });
    document
}

pub(crate) fn of_entry(key: &RecordKey, entry: &Entry) -> RawDocumentBuf {
    match entry {
        Entry::Live(stored) => record(key, stored),
        Entry::Retired(marker) => {
            let mut document = head(key, &marker.version, marker.until);
            document.append(SUCCESSOR, marker.successor.as_str());
            document
        }
    }
}

fn head(key: &RecordKey, version: &Version, deadline: Timestamp) -> RawDocumentBuf {
    let mut document = RawDocumentBuf::new();
    document.append(KEY, key.as_str());
    document.append(VERSION, RawBinaryRef { subtype: BinarySubtype::Generic, bytes: version.as_bytes() });
    document.append(DEADLINE, date(deadline));
    document
}

/// What a document holds.
pub(crate) fn entry(document: &RawDocument) -> Result<Entry> {
    let head = Head::of(document)?;
    if let Some(marker) = head.marker() {
        return Ok(Entry::Retired(marker));
    }
    let payload = document.get_binary(PAYLOAD).map_err(|_| corrupt("its payload is not binary"))?;
    let payload = Bytes::copy_from_slice(payload.bytes);
    Ok(Entry::Live(Stored { version: head.version, deadline: head.deadline, payload }))
}

/// A document without its payload.
pub(crate) struct Head {
    pub(crate) version: Version,
    deadline: Timestamp,
    successor: Option<RecordKey>,
}

impl Head {
    pub(crate) fn of(document: &RawDocument) -> Result<Self> {
        let version = document.get_binary(VERSION).ok().and_then(|binary| binary.bytes.try_into().ok());
        let deadline = document.get_datetime(DEADLINE).map_err(|_| corrupt("its deadline is no date"))?;
        Ok(Head {
            version: Version::from_bytes(version.ok_or(corrupt("its version is not of 16 bytes"))?),
            deadline: Timestamp::from_millis(u64::try_from(deadline.timestamp_millis()).unwrap_or_default()),
            successor: document.get_str(SUCCESSOR).ok().map(RecordKey::new),
        })
    }

    /// The marker that it is, if it is one.
    pub(crate) fn marker(&self) -> Option<Marker> {
        let successor = self.successor.clone()?;
        Some(Marker { version: self.version, successor, until: self.deadline })
    }
}

fn corrupt(reason: &'static str) -> Error {
    Error::Corrupt { reason }
}

/// Whatever lives under the key.
pub(crate) fn living(key: &RecordKey, now: Timestamp) -> Document {
    doc! { "_id": key.as_str(), "d": { "$gt": date(now) } }
}

/// What has expired under the key.
pub(crate) fn over(key: &RecordKey, now: Timestamp) -> Document {
    doc! { "_id": key.as_str(), "d": { "$lte": date(now) } }
}

/// A session under the key, if a version is given only that one; a retired id is none.
pub(crate) fn session(key: &RecordKey, seen: Option<&Version>, now: Timestamp) -> Document {
    let mut filter = living(key, now);
    filter.insert("s", doc! { "$exists": false });
    if let Some(seen) = seen {
        filter.insert("v", Binary { subtype: BinarySubtype::Generic, bytes: seen.as_bytes().to_vec() });
    }
    filter
}

/// What a [`Head`] is made of.
pub(crate) fn head_only() -> Document {
    doc! { "v": 1, "d": 1, "s": 1 }
}

pub(crate) fn later(deadline: Timestamp) -> Document {
    doc! { "$max": { "d": date(deadline) } }
}

pub(crate) fn all_over(now: Timestamp) -> Document {
    doc! { "d": { "$lte": date(now) } }
}

/// A moment as BSON holds it; there is none beyond `i64`.
fn date(moment: Timestamp) -> DateTime {
    DateTime::from_millis(i64::try_from(moment.as_millis()).unwrap_or(i64::MAX))
}
