//! Flask-Session's documents, and the questions that are asked about them.
//!
//! ```text
//! { _id: ObjectId, id: key, val: record, expiration: end }                                  a session
//! { _id: ObjectId, id: "retired:{key}", v: version, s: successor, expiration: end }         a retired id
//! ```
//! Flask looks only for ids that begin with its prefix, so that no cookie reaches a marker.

use bytes::Bytes;
use mongodb::bson::raw::RawDocument;
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, Bson, DateTime, Document, RawDocumentBuf, doc};
use session_core::{Entry, Error, Marker, RecordKey, Result, Stored, Timestamp, Version};

/// The last second that Flask can read: Python's dates end there.
const LAST: u64 = 253_402_300_799_000;

/// What lives under an id.
pub(super) struct Found {
    pub(super) marker: Option<Marker>,
    /// In the order in which they were written: Flask reads the first.
    pub(super) records: Vec<Record>,
}

/// A document of a session.
pub(super) struct Record {
    pub(super) version: Version,
    object: Bson,
    /// As it lies there: bytes, or text.
    val: Bson,
    deadline: Timestamp,
}

impl Found {
    pub(super) fn of(documents: &[RawDocumentBuf], key: &RecordKey) -> Result<Self> {
        let mut found = Found { marker: None, records: Vec::new() };
        for document in documents {
            match document.get_str("id") {
                Ok(id) if id == key.as_str() => found.records.extend(Record::of(document)?),
                _ => found.marker = Some(marker(document)?),
            }
        }
        found.records.sort_by_key(|record| record.object.as_object_id().map(|id| id.bytes()));
        Ok(found)
    }

    pub(super) fn first(&self) -> Option<&Record> {
        self.records.first()
    }

    pub(super) fn entry(self) -> Option<Entry> {
        match self.marker {
            Some(marker) => Some(Entry::Retired(marker)),
            None => self.records.into_iter().next().map(|record| Entry::Live(record.stored())),
        }
    }
}

impl Record {
    /// An empty record is none: Flask cannot read it.
    fn of(document: &RawDocument) -> Result<Option<Self>> {
        let field = |name| document.get(name).ok().flatten().and_then(|value| Bson::try_from(value).ok());
        let (object, val) = (field("_id").unwrap_or(Bson::Null), field("val").unwrap_or(Bson::Null));
        if bytes(&val).ok_or(corrupt("its val is neither bytes nor text"))?.is_empty() {
            return Ok(None);
        }
        let version = Version::of(bytes(&val).unwrap_or_default());
        // Flask-Session before 0.6 writes null for a session that ends with the browser.
        let deadline = document.get_datetime("expiration").map_or(Timestamp::MAX, moment);
        Ok(Some(Record { version, object, val, deadline }))
    }

    fn stored(self) -> Stored {
        let Record { version, deadline, val, .. } = self;
        let payload = match val {
            Bson::Binary(binary) => Bytes::from(binary.bytes),
            Bson::String(text) => Bytes::from(text),
            _ => Bytes::new(),
        };
        Stored { version, deadline, payload }
    }

    /// Whether it has no end, so that no touch is later.
    pub(super) fn is_endless(&self) -> bool {
        self.deadline == Timestamp::MAX
    }

    /// This document, as it was read.
    pub(super) fn unchanged(&self, key: &RecordKey, now: Timestamp) -> Document {
        doc! { "_id": self.object.clone(), "id": key.as_str(), "val": self.val.clone(), "expiration": ahead(now) }
    }
}

/// A `val` that is no value at all is an empty one.
fn bytes(val: &Bson) -> Option<&[u8]> {
    match val {
        Bson::Binary(binary) => Some(&binary.bytes),
        Bson::String(text) => Some(text.as_bytes()),
        Bson::Null => Some(b""),
        _ => None,
    }
}

fn marker(document: &RawDocument) -> Result<Marker> {
    let version = document.get_binary("v").ok().and_then(|binary| binary.bytes.try_into().ok());
    let successor = document.get_str("s").ok().map(RecordKey::new);
    match (version, successor, document.get_datetime("expiration")) {
        (Some(version), Some(successor), Ok(until)) => {
            Ok(Marker { version: Version::from_bytes(version), successor, until: moment(until) })
        }
        _ => Err(corrupt("it is no marker of a retired id")),
    }
}

fn corrupt(reason: &'static str) -> Error {
    Error::Corrupt { reason }
}

/// The `id` of a marker.
fn marker_id(key: &RecordKey) -> String {
    format!("retired:{{{}}}", key.as_str())
}

/// Whatever lives under the id, or says that it was retired. No field is equal to one value: an upsert takes none from here.
pub(super) fn living(key: &RecordKey, now: Timestamp) -> Document {
    doc! { "id": { "$in": [key.as_str(), marker_id(key)] }, "expiration": ahead(now) }
}

/// What has no end, too.
fn ahead(now: Timestamp) -> Document {
    doc! { "$not": { "$lte": date(now) } }
}

pub(super) fn record(key: &RecordKey, stored: &Stored) -> Document {
    doc! { "id": key.as_str(), "val": binary(&stored.payload), "expiration": date(stored.deadline) }
}

/// Turns a session's document into the marker.
pub(super) fn retire(key: &RecordKey, marker: &Marker) -> Document {
    let (v, s) = (binary(marker.version.as_bytes()), marker.successor.as_str());
    let set = doc! { "id": marker_id(key), "v": v, "s": s, "expiration": date(marker.until) };
    doc! { "$set": set, "$unset": { "val": "" } }
}

pub(super) fn later(deadline: Timestamp) -> Document {
    doc! { "$max": { "expiration": date(deadline) } }
}

pub(super) fn all_over(now: Timestamp) -> Document {
    doc! { "expiration": { "$lte": date(now) } }
}

fn binary(bytes: &[u8]) -> Binary {
    Binary { subtype: BinarySubtype::Generic, bytes: bytes.to_vec() }
}

fn moment(date: DateTime) -> Timestamp {
    Timestamp::from_millis(u64::try_from(date.timestamp_millis()).unwrap_or_default())
}

fn date(moment: Timestamp) -> DateTime {
    DateTime::from_millis(i64::try_from(moment.as_millis().min(LAST)).unwrap_or(i64::MAX))
}
