//! The promises of a backend, kept by the collection that Flask-Session has: the record and its end, and nothing else.
//!
//! A version is the hash of the record's bytes, which the server cannot tell: they are read again before a write, and compared here
//! and in the write itself. A retired id is a document under an id of its own.

mod document;

use async_trait::async_trait;
use futures_util::TryStreamExt;
use mongodb::bson::{Document, RawDocumentBuf, doc};
use session_core::{
    Backend, Capabilities, Entry, Operation, RecordKey, Removed, Result, Shape, Stored, Swapped, Timestamp, Version,
};

use crate::error::Report;
use crate::place::Place;
use crate::sweep;
use document::{Found, Record};

/// A collection that a Flask application shares.
pub(crate) struct FlaskCollection {
    place: Place,
    self_expiring: bool,
}

impl std::fmt::Debug for FlaskCollection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FlaskCollection({} at {})", self.place.sessions.namespace(), self.place.hosts)
    }
}

/// What a write needs of what lies there.
struct Call<'a> {
    operation: Operation,
    key: &'a RecordKey,
    seen: &'a Version,
    now: Timestamp,
}

/// What a write finds.
enum Seen {
    /// What was seen, and whether there are others of the same id.
    Same { record: Record, doubled: bool },
    /// Something else.
    Other(Option<Entry>),
}

impl FlaskCollection {
    pub(crate) fn new(place: Place, self_expiring: bool) -> Self {
        FlaskCollection { place, self_expiring }
    }

    fn failed(&self, operation: Operation, error: &mongodb::error::Error) -> session_core::Error {
        Report::of(error, &self.place.hosts).during(operation)
    }

    async fn read(&self, operation: Operation, key: &RecordKey, now: Timestamp) -> Result<Found> {
        let documents = async || {
            let found = self.place.sessions.find(document::living(key, now)).await?;
            found.try_collect::<Vec<RawDocumentBuf>>().await
        };
        let documents = documents().await.map_err(|error| self.failed(operation, &error))?;
        Found::of(&documents, key)
    }

    /// Whether what was seen is what lies there now.
    async fn seen(&self, call: &Call<'_>) -> Result<Seen> {
        let mut found = self.read(call.operation, call.key, call.now).await?;
        let same = found.marker.is_none() && found.first().is_some_and(|record| record.version == *call.seen);
        if !same {
            return Ok(Seen::Other(found.entry()));
        }
        let doubled = found.records.len() > 1;
        Ok(Seen::Same { record: found.records.swap_remove(0), doubled })
    }

    /// Updates what was seen; says what stood in the way.
    async fn update(&self, call: Call<'_>, new: Option<&Version>, update: Document) -> Result<Swapped> {
        let (record, doubled) = match self.seen(&call).await? {
            Seen::Same { record, doubled } => (record, doubled),
            Seen::Other(found) => return Ok(Swapped::where_nothing_was_written(found, new)),
        };
        if call.operation == Operation::Touch && record.is_endless() {
            return Ok(Swapped::Done);
        }
        let updated = self.place.sessions.update_one(record.unchanged(call.key, call.now), update).await;
        if updated.map_err(|error| self.failed(call.operation, &error))?.matched_count == 0 {
            return Ok(Swapped::where_nothing_was_written(
                self.read(call.operation, call.key, call.now).await?.entry(),
                new,
            ));
        }
        if call.operation == Operation::Rename && doubled {
            self.remove_all(call.operation, call.key).await?;
        }
        Ok(Swapped::Done)
    }

    /// All documents of an id, of which Flask may have made several; says whether there was one.
    async fn remove_all(&self, operation: Operation, key: &RecordKey) -> Result<bool> {
        let deleted = self.place.sessions.delete_many(doc! { "id": key.as_str() }).await;
        deleted.map(|deleted| deleted.deleted_count > 0).map_err(|error| self.failed(operation, &error))
    }

    async fn remove_seen(&self, call: Call<'_>) -> Result<Removed> {
        let (record, doubled) = match self.seen(&call).await? {
            Seen::Same { record, doubled } => (record, doubled),
            Seen::Other(found) => return Ok(removed(Swapped::where_nothing_was_written(found, None))),
        };
        let deleted = self.place.sessions.delete_one(record.unchanged(call.key, call.now)).await;
        if deleted.map_err(|error| self.failed(call.operation, &error))?.deleted_count == 0 {
            let found = self.read(call.operation, call.key, call.now).await?.entry();
            return Ok(removed(Swapped::where_nothing_was_written(found, None)));
        }
        if doubled {
            self.remove_all(call.operation, call.key).await?;
        }
        Ok(Removed::Done)
    }

    async fn remove_any(&self, key: &RecordKey, now: Timestamp) -> Result<Removed> {
        Ok(match self.read(Operation::Remove, key, now).await?.entry() {
            None => Removed::Absent,
            Some(Entry::Retired(marker)) => Removed::Retired(marker),
            Some(Entry::Live(_)) if self.remove_all(Operation::Remove, key).await? => Removed::Done,
            // Gone or retired since: what is there came later.
            Some(Entry::Live(_)) => match self.read(Operation::Remove, key, now).await?.entry() {
                Some(Entry::Retired(marker)) => Removed::Retired(marker),
                _ => Removed::Absent,
            },
        })
    }
}

fn removed(swapped: Swapped) -> Removed {
    match swapped {
        Swapped::Done => Removed::Done,
        Swapped::Gone => Removed::Absent,
        Swapped::Conflict => Removed::Conflict,
        Swapped::Retired(marker) => Removed::Retired(marker),
    }
}

#[async_trait]
impl Backend for FlaskCollection {
    fn capabilities(&self) -> Capabilities {
        let shared = Capabilities::default().shape(Some(Shape::Flask)).version_of(Some(Version::of));
        shared.self_expiring(self.self_expiring).max_payload(crate::document::MAX_PAYLOAD)
    }

    async fn get(&self, key: &RecordKey, now: Timestamp) -> Result<Option<Entry>> {
        Ok(self.read(Operation::Get, key, now).await?.entry())
    }

    /// One command: it writes where nothing lives, and otherwise changes nothing. Two at the same time can both write.
    async fn insert(&self, key: &RecordKey, new: &Stored, now: Timestamp) -> Result<bool> {
        let insert = doc! { "$setOnInsert": document::record(key, new) };
        let written = self.place.sessions.update_one(document::living(key, now), insert).upsert(true).await;
        let written = written.map_err(|error| self.failed(Operation::Insert, &error))?;
        Ok(written.upserted_id.is_some())
    }

    async fn swap(&self, key: &RecordKey, seen: &Version, new: &Entry, now: Timestamp) -> Result<Swapped> {
        let (operation, update) = match new {
            Entry::Live(stored) => (Operation::Swap, doc! { "$set": document::record(key, stored) }),
            Entry::Retired(marker) => (Operation::Rename, document::retire(key, marker)),
        };
        self.update(Call { operation, key, seen, now }, Some(new.version()), update).await
    }

    async fn touch(&self, key: &RecordKey, seen: &Version, deadline: Timestamp, now: Timestamp) -> Result<Swapped> {
        self.update(Call { operation: Operation::Touch, key, seen, now }, None, document::later(deadline)).await
    }

    async fn remove(&self, key: &RecordKey, seen: Option<&Version>, now: Timestamp) -> Result<Removed> {
        match seen {
            Some(seen) => self.remove_seen(Call { operation: Operation::Remove, key, seen, now }).await,
            None => self.remove_any(key, now).await,
        }
    }

    async fn sweep(&self, limit: usize, now: Timestamp) -> Result<usize> {
        sweep::run(&self.place, &document::all_over(now), limit).await
    }
}
