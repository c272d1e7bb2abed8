//! The Flask shape: the record as Flask-Session writes it and nothing beside it. A retired id is an empty value, which Flask-Session
//! reads as no session, and a marker under another key, out of Flask's reach.

use std::time::Duration;

use bytes::Bytes;
use session_core::{
    Capabilities, Entry, Error, Marker, Operation, RecordKey, Result, Shape, Stored, Swapped, Timestamp, Version,
};

use crate::backend::{ATTEMPTS, MemcachedBackend, contended};
use crate::client::{Item, Written};
use crate::item;

/// What a backend does otherwise where Flask-Session shares its records.
pub(crate) struct Flask<'a>(pub(crate) &'a MemcachedBackend);

pub(crate) fn capabilities(can: Capabilities) -> Capabilities {
    can.shape(Some(Shape::Flask)).version_of(Some(Version::of))
}

/// What lies under a key; the marker of a retired id lies elsewhere.
pub(crate) fn value(entry: &Entry) -> Vec<u8> {
    match entry {
        Entry::Live(stored) => stored.payload.to_vec(),
        Entry::Retired(_) => Vec::new(),
    }
}

/// Where the marker of a retired id lies: it begins unlike every key of Flask's, so that no cookie reaches it.
fn marker_key(key: &RecordKey) -> RecordKey {
    RecordKey::new(format!("retired:{{{}}}", key.as_str()))
}

impl Flask<'_> {
    /// What an item is. An empty one without a marker is nothing: the marker was evicted, or is just over.
    pub(crate) async fn entry(
        &self,
        operation: Operation,
        key: &RecordKey,
        found: Item,
        now: Timestamp,
    ) -> Result<Option<Entry>> {
        if found.value.is_empty() {
            let Some(marker) = self.read(operation, &marker_key(key)).await? else { return Ok(None) };
            return match item::decode(marker.value, None, now)? {
                Entry::Live(_) => Err(Error::Corrupt { reason: "it is no marker" }),
                retired => Ok(Some(retired)),
            };
        }
        let deadline = found.left.map_or(Timestamp::MAX, |left| now.plus(Duration::from_secs(left.into())));
        Ok(Some(Entry::Live(Stored {
            version: Version::of(&found.value),
            deadline,
            payload: Bytes::from(found.value),
        })))
    }

    /// Retires an id, if it is still as seen: the marker first, which nobody asks for as long as a record lies under the key, then
    /// the one command that decides.
    pub(crate) async fn retire(
        &self,
        key: &RecordKey,
        seen: &Version,
        marker: &Marker,
        now: Timestamp,
    ) -> Result<Swapped> {
        let Flask(backend) = self;
        let (ttl, mut known) = (item::seconds(marker.until, now), backend.recall(key, Some(seen), now));
        for _ in 0..ATTEMPTS {
            let known = match known.take() {
                Some(known) => known,
                None => match backend.look(Operation::Swap, key, seen, Some(&marker.version), now).await? {
                    Ok(known) => known,
                    Err(answer) => return Ok(answer),
                },
            };
            let Some(cas) = self.claim(key, seen, known.cas, marker, ttl).await? else { continue };
            match self.replace(key, cas, &[], ttl).await? {
                Written::Done(_) => return Ok(self.ended(key, Swapped::Done)),
                Written::Absent => return Ok(self.ended(key, Swapped::Gone)),
                // Look what is there: another version, an id that is retired, or this very write by an earlier try.
                Written::Other => {}
            }
        }
        Err(contended(Operation::Swap))
    }

    fn ended(&self, key: &RecordKey, answer: Swapped) -> Swapped {
        self.0.forget(key);
        answer
    }

    /// Writes the marker. The number by which the record may then be emptied; none where another rotation is faster.
    async fn claim(&self, key: &RecordKey, seen: &Version, cas: u64, marker: &Marker, ttl: u32) -> Result<Option<u64>> {
        let (place, value) = (marker_key(key), item::encode(&Entry::Retired(marker.clone())));
        let added = self.0.client().add(place.as_str(), &value, ttl).await;
        match added.map_err(|fault| self.0.error(fault, Operation::Swap, &place))? {
            Some(_) => Ok(Some(cas)),
            None => self.take_over(key, seen, &place, &value, ttl).await,
        }
    }

    /// Writes over the marker of a rotation that is under way, or was refused or broken off. First the record is written again as
    /// it is, so that the other one's number for it is no longer right: what empties the record is always whose marker lies there.
    async fn take_over(
        &self,
        key: &RecordKey,
        seen: &Version,
        place: &RecordKey,
        marker: &[u8],
        ttl: u32,
    ) -> Result<Option<u64>> {
        let Some(other) = self.read(Operation::Swap, place).await? else { return Ok(None) };
        let Some(record) = self.read(Operation::Swap, key).await? else { return Ok(None) };
        if record.value.is_empty() || Version::of(&record.value) != *seen {
            return Ok(None);
        }
        // Zero is for ever.
        let left = record.left.map_or(0, |left| left.max(1));
        let Written::Done(cas) = self.replace(key, record.cas, &record.value, left).await? else { return Ok(None) };
        let written = self.replace(place, other.cas, marker, ttl).await?;
        Ok(matches!(written, Written::Done(_)).then_some(cas))
    }

    async fn read(&self, operation: Operation, key: &RecordKey) -> Result<Option<Item>> {
        self.0.client().read(key.as_str()).await.map_err(|fault| self.0.error(fault, operation, key))
    }

    async fn replace(&self, key: &RecordKey, cas: u64, value: &[u8], ttl: u32) -> Result<Written> {
        let written = self.0.client().replace(key.as_str(), cas, value, ttl).await;
        written.map_err(|fault| self.0.error(fault, Operation::Swap, key))
    }
}
