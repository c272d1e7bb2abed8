//! The promises of a backend, kept by a cache.

use std::fmt;

use async_trait::async_trait;
use session_core::{
    Backend, Capabilities, Entry, Error, Operation, RecordKey, Removed, Result, Shape, Stored, Swapped, Timestamp,
    Version,
};

use crate::client::{MemcachedClient, Written};
use crate::config::MemcachedConfig;
use crate::error::Fault;
use crate::flask::{self, Flask};
use crate::item::{self, HEADER, MAX_KEY};
use crate::memo::{Known, Memo};

/// How often a write looks again after it met another one. Each time somebody else was done.
pub(crate) const ATTEMPTS: usize = 32;

/// Items of sessions in Memcached. [`MemcachedStore`](crate::MemcachedStore) is the store on it.
///
/// A write is one command, which names the number that the server gave to the version seen. That number is known from the read
/// before; where it is not, a write takes a read more.
pub struct MemcachedBackend {
    client: MemcachedClient,
    config: MemcachedConfig,
    memo: Memo,
    shape: Shape,
}

/// What a read found.
struct Present {
    entry: Entry,
    cas: u64,
}

impl MemcachedBackend {
    /// Looks up the servers that the configuration names.
    ///
    /// # Errors
    /// [`Error::Config`] in one line that names what to mend.
    pub async fn connect(config: MemcachedConfig) -> Result<Self> {
        config.check()?;
        let client = MemcachedClient::connect(&config).await?;
        Ok(Self::on(client, config))
    }

    /// A backend on connections of your own. Of the configuration, `max_item_size` and the records' shape count.
    ///
    /// # Errors
    /// [`Error::Config`] for a setting that cannot be right.
    pub fn new(client: impl Into<MemcachedClient>, config: MemcachedConfig) -> Result<Self> {
        config.check()?;
        Ok(Self::on(client.into(), config))
    }

    fn on(client: MemcachedClient, config: MemcachedConfig) -> Self {
        let shape = config.store.shape();
        MemcachedBackend { client, config, memo: Memo::default(), shape }
    }

    /// The other way to keep records, where it is wanted.
    fn flask(&self) -> Option<Flask<'_>> {
        (self.shape == Shape::Flask).then_some(Flask(self))
    }

    pub(crate) fn client(&self) -> &MemcachedClient {
        &self.client
    }

    /// What lives under a key. Under one that Memcached doesn't take nothing can.
    async fn read(&self, operation: Operation, key: &RecordKey, now: Timestamp) -> Result<Option<Present>> {
        if !item::is_legal_key(key) {
            return Ok(None);
        }
        let found = self.client.read(key.as_str()).await.map_err(|fault| self.error(fault, operation, key))?;
        let Some(found) = found else {
            self.memo.forget(key);
            return Ok(None);
        };
        let cas = found.cas;
        let entry = match self.flask() {
            None => Some(item::decode(found.value, found.left, now)?),
            Some(flask) => flask.entry(operation, key, found, now).await?,
        };
        let Some(entry) = entry else {
            self.memo.forget(key);
            return Ok(None);
        };
        self.learn(key, &entry, cas);
        Ok(Some(Present { entry, cas }).filter(|present| present.entry.deadline() > now))
    }

    /// The number of the version seen, or what stands in the way of a write.
    pub(crate) async fn look(
        &self,
        operation: Operation,
        key: &RecordKey,
        seen: &Version,
        new: Option<&Version>,
        now: Timestamp,
    ) -> Result<Result<Known, Swapped>> {
        let Some(Present { entry, cas }) = self.read(operation, key, now).await? else { return Ok(Err(Swapped::Gone)) };
        Ok(match entry {
            entry if Some(entry.version()) == new => Err(Swapped::Done),
            Entry::Retired(marker) => Err(Swapped::Retired(marker)),
            Entry::Live(stored) if stored.version != *seen => Err(Swapped::Conflict),
            Entry::Live(Stored { version, deadline, .. }) => Ok(Known { version, cas, deadline }),
        })
    }

    /// What is known of the version seen without asking.
    pub(crate) fn recall(&self, key: &RecordKey, seen: Option<&Version>, now: Timestamp) -> Option<Known> {
        let is_it = |known: &Known| known.deadline > now && seen.is_none_or(|seen| *seen == known.version);
        self.memo.recall(key).filter(is_it)
    }

    pub(crate) fn forget(&self, key: &RecordKey) {
        self.memo.forget(key);
    }

    /// Markers are not kept: nothing is ever written over one.
    fn learn(&self, key: &RecordKey, entry: &Entry, cas: u64) {
        match entry {
            Entry::Live(Stored { version, deadline, .. }) => {
                self.memo.learn(key, Known { version: *version, cas, deadline: *deadline });
            }
            Entry::Retired(_) => self.memo.forget(key),
        }
    }

    /// The bytes to write, which the server must take: it deletes the old item for one that is too large.
    fn value(&self, key: &RecordKey, entry: &Entry) -> Result<Vec<u8>> {
        let value = if self.shape == Shape::Flask { flask::value(entry) } else { item::encode(entry) };
        let limit = self.config.max_value(key.as_str().len());
        match value.len() > limit {
            true => Err(Error::TooLarge { what: "record", size: value.len(), limit }),
            false => Ok(value),
        }
    }

    pub(crate) fn error(&self, fault: Fault, operation: Operation, key: &RecordKey) -> Error {
        fault.during(operation, self.client.server_of(key.as_str()))
    }

    /// Gives a life back that a touch has taken.
    async fn restore(&self, key: &RecordKey, left: Option<u32>) -> Result<()> {
        let Some(left) = left else { return Ok(()) };
        let touched = self.client.touch(key.as_str(), left.max(1)).await;
        touched.map(drop).map_err(|fault| self.error(fault, Operation::Touch, key))
    }
}

pub(crate) fn contended(operation: Operation) -> Error {
    Error::unavailable(operation, "others changed the session again and again")
}

impl fmt::Debug for MemcachedBackend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MemcachedBackend({:?})", self.client)
    }
}

#[async_trait]
impl Backend for MemcachedBackend {
    fn capabilities(&self) -> Capabilities {
        let most = self.config.max_value(MAX_KEY).saturating_sub(HEADER);
        let native = Capabilities::default().self_expiring(true).evicts(true).max_payload(most);
        if self.shape == Shape::Flask { flask::capabilities(native) } else { native }
    }

    async fn get(&self, key: &RecordKey, now: Timestamp) -> Result<Option<Entry>> {
        Ok(self.read(Operation::Get, key, now).await?.map(|present| present.entry))
    }

    async fn insert(&self, key: &RecordKey, new: &Stored, now: Timestamp) -> Result<bool> {
        if !item::is_legal_key(key) {
            let problem = "the layout made a key of more than 250 bytes, or with bytes that Memcached does not take";
            return Err(Error::backend(Operation::Insert, problem));
        }
        let entry = Entry::Live(new.clone());
        let (value, ttl) = (self.value(key, &entry)?, item::seconds(new.deadline, now));
        let added = self.client.add(key.as_str(), &value, ttl).await;
        let added = added.map_err(|fault| self.error(fault, Operation::Insert, key))?;
        added.inspect(|cas| self.learn(key, &entry, *cas));
        Ok(added.is_some())
    }

    async fn swap(&self, key: &RecordKey, seen: &Version, new: &Entry, now: Timestamp) -> Result<Swapped> {
        if let (Some(flask), Entry::Retired(marker)) = (self.flask(), new) {
            return flask.retire(key, seen, marker, now).await;
        }
        let (value, ttl) = (self.value(key, new)?, item::seconds(new.deadline(), now));
        let mut known = self.recall(key, Some(seen), now);
        for _ in 0..ATTEMPTS {
            let Known { cas, .. } = match known.take() {
                Some(known) => known,
                None => match self.look(Operation::Swap, key, seen, Some(new.version()), now).await? {
                    Ok(known) => known,
                    Err(answer) => return Ok(answer),
                },
            };
            let written = self.client.replace(key.as_str(), cas, &value, ttl).await;
            match written.map_err(|fault| self.error(fault, Operation::Swap, key))? {
                Written::Done(cas) => {
                    self.learn(key, new, cas);
                    return Ok(Swapped::Done);
                }
                Written::Absent => {
                    self.memo.forget(key);
                    return Ok(Swapped::Gone);
                }
                // Look what is there: another version, a marker, or this very write by an earlier try.
                Written::Other => {}
            }
        }
        Err(contended(Operation::Swap))
    }

    /// One command, which can't be made to depend on what is there: it tells what it has touched, and how long that was to live.
    /// Where that was the wrong thing, or longer, it is put right.
    async fn touch(&self, key: &RecordKey, seen: &Version, deadline: Timestamp, now: Timestamp) -> Result<Swapped> {
        let ttl = item::seconds(deadline, now);
        let mut known = self.recall(key, Some(seen), now).filter(|known| known.deadline < deadline);
        for _ in 0..ATTEMPTS {
            let known = match known.take() {
                Some(known) => known,
                None => match self.look(Operation::Touch, key, seen, None, now).await? {
                    Ok(known) if known.deadline >= deadline => return Ok(Swapped::Done),
                    Ok(known) => known,
                    Err(answer) => return Ok(answer),
                },
            };
            let touched = self.client.touch(key.as_str(), ttl).await;
            let Some((cas, left)) = touched.map_err(|fault| self.error(fault, Operation::Touch, key))? else {
                self.memo.forget(key);
                return Ok(Swapped::Gone);
            };
            let is_it = cas == known.cas;
            if !is_it || left > Some(ttl) {
                self.restore(key, left).await?;
            }
            if is_it {
                self.memo.learn(key, Known { deadline, ..known });
                return Ok(Swapped::Done);
            }
        }
        Err(contended(Operation::Touch))
    }

    async fn remove(&self, key: &RecordKey, seen: Option<&Version>, now: Timestamp) -> Result<Removed> {
        let mut known = self.recall(key, seen, now).map(|known| known.cas);
        for _ in 0..ATTEMPTS {
            let cas = match known.take() {
                Some(cas) => cas,
                None => match self.read(Operation::Remove, key, now).await? {
                    None => return Ok(Removed::Absent),
                    Some(Present { entry: Entry::Retired(marker), .. }) => return Ok(Removed::Retired(marker)),
                    Some(other) if seen.is_some_and(|seen| seen != other.entry.version()) => {
                        return Ok(Removed::Conflict);
                    }
                    Some(present) => present.cas,
                },
            };
            let removed = self.client.delete(key.as_str(), cas).await;
            let removed = removed.map_err(|fault| self.error(fault, Operation::Remove, key))?;
            self.memo.forget(key);
            match removed {
                Written::Done(_) => return Ok(Removed::Done),
                Written::Absent => return Ok(Removed::Absent),
                Written::Other => {}
            }
        }
        Err(contended(Operation::Remove))
    }

    /// The server does it by itself.
    async fn sweep(&self, _: usize, _: Timestamp) -> Result<usize> {
        Ok(0)
    }
}
