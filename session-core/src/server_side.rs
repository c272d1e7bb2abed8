//! Any backend as a session store: tokens, keys, bounds, time-outs and repeats, once for all.

mod moving;

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

use crate::backend::{Backend, Entry, Marker, Removed, Rename, Stored, Swapped};
use crate::clock::Timestamp;
use crate::config::StoreConfig;
use crate::door::{Answer, Door};
use crate::error::{Error, Operation, Result};
use crate::layout::Layout;
use crate::movable::Movable;
use crate::record::{Codec, Life, Record};
use crate::store::{Attempt, Binding, Capabilities, Deleted, Loaded, Lookup, SessionStore, Written};
use crate::token::{Locator, RecordKey, Token, Version};
use crate::versions::Versions;

/// Makes a [`SessionStore`] of any [`Backend`].
///
/// It draws tokens, derives keys, encodes and bounds records, and is the one door through which every call to the backend goes:
/// time-outs, the one repeat after a broken call, spans and counters hang there.
///
/// A clone shares the backend.
#[derive(Debug)]
pub struct ServerSide<B> {
    backend: Arc<B>,
    layout: Arc<dyn Layout>,
    version_of: Option<fn(&[u8]) -> Version>,
    versions: Versions,
    max_payload: usize,
    door: Door,
    binding: Binding,
}

impl<B> Clone for ServerSide<B> {
    fn clone(&self) -> Self {
        ServerSide {
            backend: Arc::clone(&self.backend),
            layout: Arc::clone(&self.layout),
            version_of: self.version_of,
            versions: self.versions.clone(),
            max_payload: self.max_payload,
            door: self.door.clone(),
            binding: self.binding.clone(),
        }
    }
}

impl<B: Backend> ServerSide<B> {
    /// A store on this backend.
    ///
    /// # Errors
    /// [`Error::Config`] for a setting that cannot be right, naming it and the fix.
    pub fn new(backend: B, config: StoreConfig) -> Result<Self> {
        Self::on(Arc::new(backend), config)
    }

    /// A store on a backend that is shared with others.
    ///
    /// # Errors
    /// [`Error::Config`] for a setting that cannot be right, naming it and the fix.
    pub fn on(backend: Arc<B>, config: StoreConfig) -> Result<Self> {
        let Capabilities { max_payload, shape, version_of, .. } = backend.capabilities();
        let layout = config.resolve(max_payload)?;
        if let Some(shape) = shape
            && shape != layout.shape()
        {
            let problem = format!("this store keeps {shape:?} records, the layout wants {:?}", layout.shape());
            return Err(Error::config(
                "layout",
                problem,
                "open the store with the configuration that holds the layout",
            ));
        }
        let binding = Binding::default();
        let door = Door::new(config.call_timeout, config.retry_pause, Arc::clone(&binding.counters));
        let (versions, max_payload) = (Versions::default(), config.max_payload);
        Ok(ServerSide { backend, layout, version_of, versions, max_payload, door, binding })
    }

    /// The backend.
    #[must_use]
    pub fn backend(&self) -> &Arc<B> {
        &self.backend
    }

    /// Removes expired records in batches of `batch` until none is left; says how many.
    ///
    /// # Errors
    /// An outage of the store ends it; what was removed stays removed.
    ///
    /// # Cancel safety
    /// Dropping the future stops between two batches or within one; records that have expired stay dead either way.
    pub async fn sweep(&self, batch: usize) -> Result<usize> {
        let mut total = 0;
        loop {
            let swept = self.door.call(Operation::Sweep, self.backend.sweep(batch, self.now())).await?;
            total += swept;
            if swept < batch.max(1) {
                return Ok(total);
            }
        }
    }

    fn now(&self) -> Timestamp {
        self.binding.clock.now()
    }

    fn stored(&self, record: &Record, deadline: Timestamp) -> Result<Stored> {
        let payload = self.layout.encode(record)?;
        if payload.len() > self.max_payload {
            return Err(Error::TooLarge { what: "record", size: payload.len(), limit: self.max_payload });
        }
        let version = self.version_of.map_or_else(|| self.versions.draw(), |of| Ok(of(&payload)))?;
        Ok(Stored { version, deadline, payload })
    }

    async fn lookup(&self, key: RecordKey) -> Result<Lookup> {
        let now = self.now();
        let found = self.door.repeat(Operation::Get, || self.backend.get(&key, now)).await?;
        match found.answer.filter(|entry| entry.deadline() > now) {
            None => Ok(Lookup::Absent),
            Some(Entry::Live(stored)) => self.open(key, &stored, now),
            Some(Entry::Retired(marker)) => {
                Ok(Lookup::Retired { at: Locator::new(key), since: marker.since(), successor: successor(marker) })
            }
        }
    }

    fn open(&self, key: RecordKey, stored: &Stored, now: Timestamp) -> Result<Lookup> {
        let record = self.decode(&stored.payload, now)?;
        if record.life().absolute <= now {
            return Ok(Lookup::Absent);
        }
        let (version, deadline) = (stored.version, stored.deadline);
        Ok(Lookup::Live(Loaded { record, version, deadline, at: Locator::new(key) }))
    }

    /// A record without a life of its own counts as begun now; its absolute end is then set by the next write.
    fn decode(&self, payload: &Bytes, now: Timestamp) -> Result<Record> {
        let unknown = Life { created: now, absolute: Timestamp::MAX };
        let decoded = self.layout.decode(payload, unknown);
        if decoded.is_err() {
            self.binding.counters.corrupt.add_one();
        }
        decoded
    }

    /// Inserts under a new token. One that timed out may still arrive, even after a logout, so the repeat takes another
    /// token: what arrives late is an orphan that nobody knows.
    async fn insert(&self, stored: &Stored) -> Result<(Token, RecordKey)> {
        let mut failure = None;
        for _ in 0..2 {
            let token = self.layout.mint()?;
            let key = self.layout.key(&token);
            match self.door.call(Operation::Insert, self.backend.insert(&key, stored, self.now())).await {
                Ok(true) => return Ok((token, key)),
                Ok(false) => failure = Some(Error::backend(Operation::Insert, "two ids drawn at random were taken")),
                Err(error) if error.is_transient() => {
                    failure = Some(error);
                    self.door.pause().await;
                }
                Err(error) => return Err(error),
            }
        }
        Err(failure.unwrap_or(Error::Timeout { operation: Operation::Insert }))
    }

    async fn rename(&self, at: &Locator, seen: &Version, stored: &Stored) -> Result<(Token, RecordKey, Swapped)> {
        let Some(renamer) = self.backend.atomic_rename() else { return self.insert_then_mark(at, seen, stored).await };
        let now = self.now();
        let token = self.layout.mint()?;
        let to = self.layout.key(&token);
        let marker = self.marker(stored, &to, now)?;
        let rename = Rename { from: at.key(), seen, to: &to, record: stored, marker: &marker };
        let done = self.door.repeat(Operation::Rename, || renamer.rename(&rename, now)).await?;
        Ok((token, to, done.answer))
    }

    /// Two rotations can write the same bytes, and none may take the other's marker for its own: where versions are told from
    /// bytes, a marker gets one of its own.
    fn marker(&self, stored: &Stored, to: &RecordKey, now: Timestamp) -> Result<Marker> {
        let version = self.version_of.map_or(Ok(stored.version), |_| self.versions.draw())?;
        Ok(Marker::new(version, to.clone(), now))
    }

    /// The new record first, then old → marker, if it is as seen; if not, the new record is removed again.
    async fn insert_then_mark(
        &self,
        at: &Locator,
        seen: &Version,
        stored: &Stored,
    ) -> Result<(Token, RecordKey, Swapped)> {
        let (token, to) = self.insert(stored).await?;
        let now = self.now();
        let marker = Entry::Retired(self.marker(stored, &to, now)?);
        let marked = self.door.repeat(Operation::Rename, || self.backend.swap(at.key(), seen, &marker, now)).await?;
        if marked.answer != Swapped::Done {
            // Nobody knows its token: where this fails, it is an orphan until its deadline.
            let _ = self.door.call(Operation::Remove, self.backend.remove(&to, None, now)).await;
        }
        Ok((token, to, marked.answer))
    }
}

/// What a backend's answer means to the session.
fn attempt(swapped: Swapped, written: impl FnOnce() -> Written) -> Attempt {
    match swapped {
        Swapped::Done => Attempt::Done(written()),
        Swapped::Conflict => Attempt::Conflict,
        Swapped::Gone => Attempt::Gone,
        Swapped::Retired(marker) => Attempt::Retired { successor: successor(marker) },
    }
}

/// Where the session went, and which rotation it was.
fn successor(marker: Marker) -> Locator {
    Locator::carrying(marker.successor, Arc::new(marker.version))
}

#[async_trait]
impl<B: Backend> SessionStore for ServerSide<B> {
    fn capabilities(&self) -> Capabilities {
        let can = self.backend.capabilities().atomic_rotate(self.backend.atomic_rename().is_some());
        can.max_payload(self.max_payload)
    }

    fn codec(&self) -> Codec {
        self.layout.codec()
    }

    fn movable(&self) -> Option<&dyn Movable> {
        Some(self)
    }

    fn bind(&mut self, binding: Binding) {
        self.door.count_in(Arc::clone(&binding.counters));
        self.binding = binding;
    }

    fn parse(&self, text: &str) -> Option<Token> {
        self.layout.parse(text)
    }

    async fn load(&self, token: &Token) -> Result<Lookup> {
        self.lookup(self.layout.key(token)).await
    }

    async fn reload(&self, at: &Locator) -> Result<Lookup> {
        self.lookup(at.key().clone()).await
    }

    async fn create(&self, record: &Record, deadline: Timestamp) -> Result<Written> {
        let stored = self.stored(record, deadline)?;
        let (token, key) = self.insert(&stored).await?;
        Ok(Written { token: Some(token), at: Locator::new(key), version: stored.version, deadline })
    }

    async fn replace(&self, at: &Locator, seen: &Version, record: &Record, deadline: Timestamp) -> Result<Attempt> {
        let stored = self.stored(record, deadline)?;
        let (version, now) = (stored.version, self.now());
        let new = Entry::Live(stored);
        let Answer { answer, unsure } =
            self.door.repeat(Operation::Swap, || self.backend.swap(at.key(), seen, &new, now)).await?;
        if unsure && answer != Swapped::Done {
            return Ok(Attempt::Unknown);
        }
        Ok(attempt(answer, || Written { token: None, at: at.clone(), version, deadline }))
    }

    async fn touch(&self, at: &Locator, seen: &Version, deadline: Timestamp) -> Result<Attempt> {
        let now = self.now();
        let touched = self.door.repeat(Operation::Touch, || self.backend.touch(at.key(), seen, deadline, now)).await?;
        Ok(attempt(touched.answer, || Written { token: None, at: at.clone(), version: *seen, deadline }))
    }

    async fn rotate(&self, at: &Locator, seen: &Version, record: &Record, deadline: Timestamp) -> Result<Attempt> {
        let stored = self.stored(record, deadline)?;
        let (token, key, done) = self.rename(at, seen, &stored).await?;
        let version = stored.version;
        Ok(attempt(done, || Written { token: Some(token), at: Locator::new(key), version, deadline }))
    }

    async fn delete(&self, at: &Locator, seen: Option<&Version>) -> Result<Deleted> {
        let now = self.now();
        let Answer { answer, unsure } =
            self.door.repeat(Operation::Remove, || self.backend.remove(at.key(), seen, now)).await?;
        Ok(match answer {
            Removed::Done => Deleted::Done,
            // The first try, whose answer was lost, may have been the one that removed it.
            Removed::Absent if unsure => Deleted::Done,
            Removed::Absent => Deleted::Absent,
            Removed::Conflict => Deleted::Conflict,
            Removed::Retired(marker) => Deleted::Retired { successor: successor(marker) },
        })
    }
}
