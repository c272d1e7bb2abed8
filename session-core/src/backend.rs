//! What a server must be able to do: bytes under a key, with a version and a deadline.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use crate::clock::Timestamp;
use crate::error::Result;
use crate::store::Capabilities;
use crate::token::{RecordKey, Version};

/// How long a retired id is remembered: longer than clocks may differ.
pub(crate) const MARKER_LIFE: Duration = Duration::from_secs(120);

/// A place for records, as Redis, Memcached, MongoDB or a SQL database offer it.
///
/// [`ServerSide`](crate::ServerSide) makes a [`SessionStore`](crate::SessionStore) of it: tokens, keys, codecs, bounds, time-outs,
/// repeats, spans and counters are there, once for all. A backend sees keys and bytes, and needs no time-out of its own.
///
/// # Promises (the testkit checks each by name)
/// * **P1** What is unknown, expired (`deadline <= now`) or deleted is `None`; `Err` means that the server could not answer, or
///   holds what the backend cannot read.
/// * **P2** `insert` writes only where no live entry is; of racing callers exactly one wins.
/// * **P3** `swap` replaces exactly the version seen and never brings an entry back. A repeated `swap` that finds the version it
///   was to write answers `Done`. In [`Shape::Flask`](crate::Shape::Flask) a version is told from the bytes: that they were
///   changed and changed back goes unseen.
/// * **P4** `touch` moves the deadline and nothing else, and never back.
/// * **P5** A marker (a retired id) can't be swapped, touched or removed, is no place for an `insert`, and expires by itself.
/// * **P6** `remove` is idempotent, and conditional when a version is given.
/// * **P7** `sweep` removes what has expired, at most `limit` entries a call.
/// * **P8** Payloads come back bit for bit: empty, with NUL bytes, up to [`Capabilities::max_payload`].
/// * **P9** A future dropped at any await leaves the backend usable, and the entry as it was or as it was to be.
/// * **P10** Keys, payloads and passwords never appear in its `Debug`, errors, logs or spans.
///
/// `now` is the library's clock; a server's own clock may end an entry earlier, never later.
#[async_trait]
pub trait Backend: Debug + Send + Sync + 'static {
    /// What it can and cannot keep, and in which shape. `atomic_rotate` is ignored: [`Backend::atomic_rename`] tells.
    fn capabilities(&self) -> Capabilities;

    /// The entry under a key.
    async fn get(&self, key: &RecordKey, now: Timestamp) -> Result<Option<Entry>>;

    /// Writes a new entry where nothing lives; says whether it did.
    async fn insert(&self, key: &RecordKey, new: &Stored, now: Timestamp) -> Result<bool>;

    /// Replaces the version seen, by a record or by a marker.
    async fn swap(&self, key: &RecordKey, seen: &Version, new: &Entry, now: Timestamp) -> Result<Swapped>;

    /// Moves the deadline of the version seen.
    async fn touch(&self, key: &RecordKey, seen: &Version, deadline: Timestamp, now: Timestamp) -> Result<Swapped>;

    /// Removes an entry; if a version is given, only that one.
    async fn remove(&self, key: &RecordKey, seen: Option<&Version>, now: Timestamp) -> Result<Removed>;

    /// Removes expired entries, at most `limit`; says how many.
    async fn sweep(&self, limit: usize, now: Timestamp) -> Result<usize>;

    /// The backend again, if it can rename in one command.
    fn atomic_rename(&self) -> Option<&dyn AtomicRename> {
        None
    }
}

/// A backend that can write the new record and retire the old id in one command.
#[async_trait]
pub trait AtomicRename: Backend {
    /// Writes `rename.record` under `rename.to` and the marker under `rename.from`, if that is still the version seen.
    ///
    /// Repeating it is harmless: where the marker already has `rename.marker.version`, the answer is `Done`.
    async fn rename(&self, rename: &Rename<'_>, now: Timestamp) -> Result<Swapped>;
}

/// What a rename does.
#[derive(Debug)]
pub struct Rename<'a> {
    /// The old key.
    pub from: &'a RecordKey,
    /// The version that must be there.
    pub seen: &'a Version,
    /// The new key; nothing lives there.
    pub to: &'a RecordKey,
    /// What is written under the new key.
    pub record: &'a Stored,
    /// What is written under the old key.
    pub marker: &'a Marker,
}

/// What lies under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A session's record.
    Live(Stored),
    /// A retired id.
    Retired(Marker),
}

impl Entry {
    /// Which write it comes from.
    #[must_use]
    pub fn version(&self) -> &Version {
        match self {
            Entry::Live(stored) => &stored.version,
            Entry::Retired(marker) => &marker.version,
        }
    }

    /// When it expires.
    #[must_use]
    pub fn deadline(&self) -> Timestamp {
        match self {
            Entry::Live(stored) => stored.deadline,
            Entry::Retired(marker) => marker.until,
        }
    }
}

/// A session's record as a backend keeps it.
#[derive(Clone, PartialEq, Eq)]
pub struct Stored {
    /// Which write it comes from.
    pub version: Version,
    /// When it expires.
    pub deadline: Timestamp,
    /// The encoded record.
    pub payload: Bytes,
}

impl Debug for Stored {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Stored({:?}, until {:?}, {} bytes)", self.version, self.deadline, self.payload.len())
    }
}

/// A retired id: it tells where the session went, for ending it, and never by a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marker {
    /// Which rotation it comes from: the version of the successor's first record, or where versions are told from bytes, one of
    /// its own.
    pub version: Version,
    /// The successor's key.
    pub successor: RecordKey,
    /// When the marker expires: 120 s after the rotation.
    pub until: Timestamp,
}

impl Marker {
    pub(crate) fn new(version: Version, successor: RecordKey, now: Timestamp) -> Self {
        Marker { version, successor, until: now.plus(MARKER_LIFE) }
    }

    pub(crate) fn since(&self) -> Timestamp {
        self.until.minus(MARKER_LIFE)
    }
}

/// What became of a swap, a touch or a rename.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Swapped {
    /// It is done, now or by an earlier repeat.
    Done,
    /// Another version is there.
    Conflict,
    /// Nothing is there.
    Gone,
    /// A marker is there.
    Retired(Marker),
}

impl Swapped {
    /// Why a write that compares has written nothing, from what is there now: `new` is the version that it was to write. What is
    /// there may have come since; that it is the version seen is a conflict all the same, and the next try starts from there.
    #[must_use]
    pub fn where_nothing_was_written(found: Option<Entry>, new: Option<&Version>) -> Self {
        match found {
            None => Swapped::Gone,
            Some(entry) if Some(entry.version()) == new => Swapped::Done,
            Some(Entry::Retired(marker)) => Swapped::Retired(marker),
            Some(Entry::Live(_)) => Swapped::Conflict,
        }
    }
}

/// What became of a removal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Removed {
    /// It was there and is gone.
    Done,
    /// Nothing was there.
    Absent,
    /// Another version is there and stays.
    Conflict,
    /// A marker is there and stays.
    Retired(Marker),
}
