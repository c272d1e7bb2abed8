//! The promises of a backend, kept by the table that Flask-Session has: the record and its end, and nothing else.
//!
//! A version is the hash of the record's bytes, and a retired id is remembered in a row of its own.

mod marker;
#[cfg(feature = "mysql")]
pub(crate) mod mysql;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite;
mod table;
mod words;

use async_trait::async_trait;
use session_core::{
    AtomicRename, Backend, Capabilities, Entry, Marker, Operation, RecordKey, Removed, Rename, Result, Shape, Stored,
    Swapped, Timestamp, Version,
};

use crate::statement::{Statement, Values};
use crate::sweep;
pub(crate) use table::FlaskTable;
pub(crate) use words::{Statements, Words};

/// The last second that Flask can read: Python's dates end there.
const LAST: u64 = 253_402_300_799_000;

/// A moment as the statements take it.
fn milliseconds(moment: Timestamp) -> i64 {
    i64::try_from(moment.as_millis().min(LAST)).unwrap_or(i64::MAX)
}

/// What a write needs of the row.
enum Seen {
    /// Something to compare it with.
    Comparable(Vec<u8>),
    /// It was read, and is another one.
    Other(Option<Entry>),
}

impl FlaskTable {
    /// What a statement compares with: the hash, or where the database knows none, the bytes that have this hash.
    async fn seen(&self, operation: Operation, key: &RecordKey, seen: &Version, now: Timestamp) -> Result<Seen> {
        if self.statements.hashes {
            return Ok(Seen::Comparable(seen.as_bytes().to_vec()));
        }
        Ok(match self.read(operation, key, now).await? {
            Some(Entry::Live(stored)) if stored.version == *seen => Seen::Comparable(stored.payload.into()),
            other => Seen::Other(other),
        })
    }

    /// Runs statements on the row that was seen, and says what they met.
    async fn change(
        &self,
        (operation, statements): (Operation, &[Statement]),
        (key, seen, now): (&RecordKey, &Version, Timestamp),
        new: Option<&Version>,
        values: Values<'_>,
    ) -> Result<Swapped> {
        let found = match self.seen(operation, key, seen, now).await? {
            Seen::Other(found) => found,
            Seen::Comparable(bytes) => {
                let marker = marker::key(key);
                let (key_then, now_then) = (key.as_str(), milliseconds(now));
                let values = Values { key: key_then, marker: &marker, now: now_then, seen: &bytes, ..values };
                if self.write(operation, statements, values).await? > 0 {
                    return Ok(Swapped::Done);
                }
                self.read(operation, key, now).await?
            }
        };
        Ok(Swapped::where_nothing_was_written(found, new))
    }

    async fn end(&self, key: &RecordKey, now: Timestamp) -> Result<Removed> {
        let marker = marker::key(key);
        let values = Values { key: key.as_str(), marker: &marker, now: milliseconds(now), ..Values::default() };
        if self.write(Operation::Remove, std::slice::from_ref(&self.statements.end), values).await? > 0 {
            return Ok(Removed::Done);
        }
        Ok(match self.read(Operation::Remove, key, now).await? {
            Some(Entry::Retired(marker)) => Removed::Retired(marker),
            // There was nothing when it was to be removed; what is there came later.
            _ => Removed::Absent,
        })
    }
}

#[async_trait]
impl Backend for FlaskTable {
    fn capabilities(&self) -> Capabilities {
        let shared = Capabilities::default().shape(Some(Shape::Flask)).version_of(Some(Version::of));
        match self.statements.max_payload {
            Some(most) => shared.max_payload(most),
            None => shared,
        }
    }

    async fn get(&self, key: &RecordKey, now: Timestamp) -> Result<Option<Entry>> {
        self.read(Operation::Get, key, now).await
    }

    async fn insert(&self, key: &RecordKey, new: &Stored, now: Timestamp) -> Result<bool> {
        let marker = marker::key(key);
        let values = Values { key: key.as_str(), marker: &marker, now: milliseconds(now), ..record(new) };
        let statements = [Some(&self.statements.insert), self.statements.renew.as_ref()];
        for statement in statements.into_iter().flatten() {
            if self.write(Operation::Insert, std::slice::from_ref(statement), values).await? > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn swap(&self, key: &RecordKey, seen: &Version, new: &Entry, now: Timestamp) -> Result<Swapped> {
        let (mark, values);
        let statements = match new {
            Entry::Live(stored) => {
                values = record(stored);
                std::slice::from_ref(&self.statements.swap)
            }
            Entry::Retired(marker) => {
                mark = marker::encode(marker);
                values = retired(marker, &mark);
                &self.statements.retire
            }
        };
        self.change((Operation::Swap, statements), (key, seen, now), Some(new.version()), values).await
    }

    async fn touch(&self, key: &RecordKey, seen: &Version, deadline: Timestamp, now: Timestamp) -> Result<Swapped> {
        let values = Values { deadline: milliseconds(deadline), ..Values::default() };
        let touch = std::slice::from_ref(&self.statements.touch);
        self.change((Operation::Touch, touch), (key, seen, now), None, values).await
    }

    async fn remove(&self, key: &RecordKey, seen: Option<&Version>, now: Timestamp) -> Result<Removed> {
        let Some(seen) = seen else { return self.end(key, now).await };
        let remove = (Operation::Remove, std::slice::from_ref(&self.statements.remove));
        Ok(match self.change(remove, (key, seen, now), None, Values::default()).await? {
            Swapped::Done => Removed::Done,
            Swapped::Gone => Removed::Absent,
            Swapped::Conflict => Removed::Conflict,
            Swapped::Retired(marker) => Removed::Retired(marker),
        })
    }

    async fn sweep(&self, limit: usize, now: Timestamp) -> Result<usize> {
        self.ready(Operation::Sweep).await?;
        sweep::run(&*self.driver, &self.statements.sweep, self.batch, limit, milliseconds(now)).await
    }

    fn atomic_rename(&self) -> Option<&dyn AtomicRename> {
        Some(self)
    }
}

#[async_trait]
impl AtomicRename for FlaskTable {
    async fn rename(&self, rename: &Rename<'_>, now: Timestamp) -> Result<Swapped> {
        let mark = marker::encode(rename.marker);
        let values = Values {
            to: rename.to.as_str(),
            payload: &rename.record.payload,
            deadline: milliseconds(rename.record.deadline),
            ..retired(rename.marker, &mark)
        };
        let (seen, new) = ((rename.from, rename.seen, now), Some(&rename.marker.version));
        self.change((Operation::Rename, &self.statements.rename), seen, new, values).await
    }
}

/// The values of a record.
fn record(stored: &Stored) -> Values<'_> {
    Values { deadline: milliseconds(stored.deadline), payload: &stored.payload, ..Values::default() }
}

/// The values of a marker.
fn retired<'a>(marker: &Marker, mark: &'a [u8]) -> Values<'a> {
    Values { until: milliseconds(marker.until), mark, ..Values::default() }
}
