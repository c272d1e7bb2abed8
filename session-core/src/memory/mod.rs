//! Sessions in the process's memory: for one machine, for development, for tests.

mod shard;

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use crate::backend::{AtomicRename, Backend, Entry, Marker, Removed, Rename, Stored, Swapped};
use crate::clock::Timestamp;
use crate::config::StoreConfig;
use crate::error::{Error, Operation, Result};
use crate::server_side::ServerSide;
use crate::store::{Capabilities, SessionStore};
use crate::token::{RecordKey, Version};
use crate::wraps::Wraps;
use shard::{Shard, footprint};

const SHARDS: usize = 32;

/// Sessions in the process's memory. They end with the process; a clone shares them.
///
/// At its bounds it refuses *new* sessions (503) and never drops live ones; those it has can still be changed and rotated.
///
/// ```
/// use session_core::{MemoryStore, SessionConfig, Sessions};
///
/// let sessions = Sessions::new(MemoryStore::default(), SessionConfig::default())?;
/// # Ok::<(), session_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct MemoryStore(ServerSide<MemoryBackend>);

impl MemoryStore {
    /// An empty store with the default bounds.
    ///
    /// # Errors
    /// [`Error::Config`] for a setting that cannot be right.
    pub fn new(config: StoreConfig) -> Result<Self> {
        Self::with_backend(MemoryBackend::default(), config)
    }

    /// A store with bounds of its own.
    ///
    /// # Errors
    /// [`Error::Config`] for a setting that cannot be right.
    pub fn with_backend(backend: MemoryBackend, config: StoreConfig) -> Result<Self> {
        ServerSide::new(backend, config).map(MemoryStore)
    }

    /// How many live and not yet swept sessions it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.backend().sessions.load(Ordering::Relaxed)
    }

    /// True where it holds no session.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Removes expired sessions; says how many. Writes do so by themselves when the store has grown.
    ///
    /// # Errors
    /// None today.
    pub async fn sweep(&self) -> Result<usize> {
        self.0.sweep(usize::MAX).await
    }
}

#[allow(clippy::expect_used)]
impl Default for MemoryStore {
    fn default() -> Self {
        Self::new(StoreConfig::default()).expect("the default configuration holds")
    }
}

impl Wraps for MemoryStore {
    fn inner(&self) -> &dyn SessionStore {
        &self.0
    }
    fn inner_mut(&mut self) -> &mut dyn SessionStore {
        &mut self.0
    }
}

/// A bounded, sharded hash map with deadlines: the reference for every backend.
pub struct MemoryBackend {
    shards: [Mutex<Shard>; SHARDS],
    hasher: RandomState,
    sessions: AtomicUsize,
    bytes: AtomicUsize,
    swept: AtomicU64,
    max_sessions: usize,
    max_bytes: usize,
}

impl Default for MemoryBackend {
    /// At most 1,000,000 sessions and 1 GiB.
    fn default() -> Self {
        Self::bounded(1_000_000, 1 << 30)
    }
}

impl std::fmt::Debug for MemoryBackend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MemoryBackend({} sessions)", self.sessions.load(Ordering::Relaxed))
    }
}

impl MemoryBackend {
    /// A map of at most so many sessions and so many bytes (keys, records and what the map itself needs).
    #[must_use]
    pub fn bounded(max_sessions: usize, max_bytes: usize) -> Self {
        MemoryBackend {
            shards: std::array::from_fn(|_| Mutex::new(HashMap::new())),
            hasher: RandomState::new(),
            sessions: AtomicUsize::new(0),
            bytes: AtomicUsize::new(0),
            swept: AtomicU64::new(0),
            max_sessions,
            max_bytes,
        }
    }

    fn shard_of(&self, key: &RecordKey) -> usize {
        // The remainder is below 32.
        usize::try_from(self.hasher.hash_one(key) % SHARDS as u64).unwrap_or_default()
    }

    fn lock(&self, shard: usize) -> MutexGuard<'_, Shard> {
        // Nothing under the lock can panic half-way: a poisoned lock guards a whole map.
        self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts an entry in, counting.
    fn put(&self, shard: &mut Shard, key: &RecordKey, entry: Entry) {
        self.count(key, &entry, true);
        if let Some(old) = shard.insert(key.clone(), entry) {
            self.count(key, &old, false);
        }
    }

    fn take(&self, shard: &mut Shard, key: &RecordKey) {
        if let Some(old) = shard.remove(key) {
            self.count(key, &old, false);
        }
    }

    fn count(&self, key: &RecordKey, entry: &Entry, added: bool) {
        let (sessions, bytes) = (usize::from(matches!(entry, Entry::Live(_))), footprint(key, entry));
        let change = |counter: &AtomicUsize, by| match added {
            true => counter.fetch_add(by, Ordering::Relaxed),
            false => counter.fetch_sub(by, Ordering::Relaxed),
        };
        change(&self.sessions, sessions);
        change(&self.bytes, bytes);
    }

    fn is_full(&self, more: usize) -> bool {
        self.sessions.load(Ordering::Relaxed) >= self.max_sessions
            || self.bytes.load(Ordering::Relaxed).saturating_add(more) > self.max_bytes
    }

    /// Makes room for a new session: the expired go first, but the map is not searched more than once a second.
    fn make_room(&self, more: usize, now: Timestamp) -> Result<()> {
        if self.is_full(more) && self.swept.swap(now.as_secs(), Ordering::Relaxed) != now.as_secs() {
            self.sweep_up_to(usize::MAX, now);
        }
        match self.is_full(more) {
            true => Err(Error::unavailable(Operation::Insert, "the memory store is full")),
            false => Ok(()),
        }
    }

    fn sweep_up_to(&self, limit: usize, now: Timestamp) -> usize {
        let mut swept = 0;
        for index in 0..SHARDS {
            let mut shard = self.lock(index);
            let expired = shard.iter().filter(|(_, entry)| entry.deadline() <= now).map(|(key, _)| key.clone());
            let expired: Vec<_> = expired.take(limit - swept).collect();
            swept += expired.len();
            expired.iter().for_each(|key| self.take(&mut shard, key));
        }
        swept
    }

    /// Sweeps one shard when it has grown to twice what was left of it: memory stays within a small multiple of what lives,
    /// at a constant cost for each write.
    fn tidy(&self, shard: &mut Shard, now: Timestamp) {
        if shard.len() == shard.capacity() && shard.len() >= 64 {
            let expired: Vec<_> =
                shard.iter().filter(|(_, entry)| entry.deadline() <= now).map(|(key, _)| key.clone()).collect();
            expired.iter().for_each(|key| self.take(shard, key));
        }
    }
}

/// What stands in the way of a write that has seen a version, if anything does.
fn obstacle(entry: Option<&Entry>, seen: &Version, new: &Version, now: Timestamp) -> Option<Swapped> {
    match entry.filter(|entry| entry.deadline() > now) {
        None => Some(Swapped::Gone),
        Some(entry) if entry.version() == new => Some(Swapped::Done),
        Some(Entry::Retired(marker)) => Some(Swapped::Retired(marker.clone())),
        Some(Entry::Live(stored)) if stored.version != *seen => Some(Swapped::Conflict),
        Some(Entry::Live(_)) => None,
    }
}

#[async_trait]
impl Backend for MemoryBackend {
    /// Nobody else reads this memory: any shape will do.
    fn capabilities(&self) -> Capabilities {
        Capabilities::default().shape(None)
    }

    async fn get(&self, key: &RecordKey, now: Timestamp) -> Result<Option<Entry>> {
        Ok(self.lock(self.shard_of(key)).get(key).filter(|entry| entry.deadline() > now).cloned())
    }

    async fn insert(&self, key: &RecordKey, new: &Stored, now: Timestamp) -> Result<bool> {
        let entry = Entry::Live(new.clone());
        self.make_room(footprint(key, &entry), now)?;
        let mut shard = self.lock(self.shard_of(key));
        if shard.get(key).is_some_and(|entry| entry.deadline() > now) {
            return Ok(false);
        }
        self.tidy(&mut shard, now);
        self.put(&mut shard, key, entry);
        Ok(true)
    }

    async fn swap(&self, key: &RecordKey, seen: &Version, new: &Entry, now: Timestamp) -> Result<Swapped> {
        let mut shard = self.lock(self.shard_of(key));
        if let Some(answer) = obstacle(shard.get(key), seen, new.version(), now) {
            return Ok(answer);
        }
        self.put(&mut shard, key, new.clone());
        Ok(Swapped::Done)
    }

    async fn touch(&self, key: &RecordKey, seen: &Version, deadline: Timestamp, now: Timestamp) -> Result<Swapped> {
        let mut shard = self.lock(self.shard_of(key));
        match shard.get_mut(key).filter(|entry| entry.deadline() > now) {
            None => Ok(Swapped::Gone),
            Some(Entry::Retired(marker)) => Ok(Swapped::Retired(marker.clone())),
            Some(Entry::Live(stored)) if stored.version != *seen => Ok(Swapped::Conflict),
            Some(Entry::Live(stored)) => {
                stored.deadline = stored.deadline.max(deadline);
                Ok(Swapped::Done)
            }
        }
    }

    async fn remove(&self, key: &RecordKey, seen: Option<&Version>, now: Timestamp) -> Result<Removed> {
        let mut shard = self.lock(self.shard_of(key));
        match shard.get(key).filter(|entry| entry.deadline() > now) {
            None => Ok(Removed::Absent),
            Some(Entry::Retired(marker)) => Ok(Removed::Retired(marker.clone())),
            Some(Entry::Live(stored)) if seen.is_some_and(|seen| *seen != stored.version) => Ok(Removed::Conflict),
            Some(Entry::Live(_)) => {
                self.take(&mut shard, key);
                Ok(Removed::Done)
            }
        }
    }

    async fn sweep(&self, limit: usize, now: Timestamp) -> Result<usize> {
        Ok(self.sweep_up_to(limit, now))
    }

    fn atomic_rename(&self) -> Option<&dyn AtomicRename> {
        Some(self)
    }
}

#[async_trait]
impl AtomicRename for MemoryBackend {
    async fn rename(&self, rename: &Rename<'_>, now: Timestamp) -> Result<Swapped> {
        let (from, to) = (self.shard_of(rename.from), self.shard_of(rename.to));
        // In the order of their numbers, so that two renames can't wait for each other.
        let mut low = self.lock(from.min(to));
        let mut high = (from != to).then(|| self.lock(from.max(to)));
        let old = if from <= to { &mut *low } else { high.as_deref_mut().unwrap_or(&mut *low) };
        if let Some(answer) = obstacle(old.get(rename.from), rename.seen, &rename.marker.version, now) {
            return Ok(answer);
        }
        self.put(old, rename.from, Entry::Retired(Marker::clone(rename.marker)));
        let new = if to < from || high.is_none() { &mut *low } else { high.as_deref_mut().unwrap_or(&mut *low) };
        self.put(new, rename.to, Entry::Live(rename.record.clone()));
        Ok(Swapped::Done)
    }
}
