//! What goes wrong in `get`, `touch`, `remove` and `sweep`.

use std::time::Duration;

use bytes::Bytes;
use session_core::{
    Backend, Entry, Error, Marker, Operation, RecordKey, Removed, Result, Stored, Swapped, Timestamp, Version,
};

use super::backend::Wrong;
use super::fault::Fault;
use super::tricks::{erase, ever, force};
use crate::cut::yield_once;

impl Wrong {
    pub(super) async fn wrong_get(&self, key: &RecordKey, now: Timestamp) -> Result<Option<Entry>> {
        let found = match self.fault {
            Fault::ReturnsExpired => ever(&self.memory, key).await?,
            Fault::LivesTooLong => self.memory.get(key, now.minus(Duration::from_millis(1))).await?,
            Fault::IgnoresCase => match self.memory.get(key, now).await? {
                None => self.memory.get(&other_case(key), now).await?,
                found => found,
            },
            _ => self.memory.get(key, now).await?,
        };
        match (self.fault, found) {
            (Fault::UnknownIsAnError, None) => Err(Error::backend(Operation::Get, "no such session")),
            (Fault::ReadsTheDeleted, None) => Ok(self.buried(key)),
            (Fault::EmptyIsAbsent, Some(Entry::Live(stored))) if stored.payload.is_empty() => Ok(None),
            (_, found) => Ok(found),
        }
    }

    pub(super) async fn wrong_touch(
        &self,
        key: &RecordKey,
        seen: &Version,
        deadline: Timestamp,
        now: Timestamp,
    ) -> Result<Swapped> {
        let found = self.memory.get(key, now).await?;
        let now = if self.fault == Fault::TouchRevives { Timestamp::default() } else { now };
        match (self.fault, found) {
            (Fault::TouchIgnoresTheVersion, Some(Entry::Live(stored))) => {
                self.memory.touch(key, &stored.version, deadline, now).await
            }
            (Fault::TouchMovesMarkers, Some(Entry::Retired(marker))) => {
                let moved = Entry::Retired(Marker { until: deadline, ..marker.clone() });
                force(&self.memory, key, &moved).await.map(|()| Swapped::Retired(marker))
            }
            (_, Some(Entry::Live(stored))) if stored.version == *seen => {
                self.touch_badly(key, stored, deadline, now).await
            }
            _ => self.memory.touch(key, seen, deadline, now).await,
        }
    }

    /// A touch that nothing stands in the way of.
    async fn touch_badly(&self, key: &RecordKey, old: Stored, deadline: Timestamp, now: Timestamp) -> Result<Swapped> {
        let touched = Stored { deadline: old.deadline.max(deadline), ..old.clone() };
        let written = match self.fault {
            Fault::TouchForgets => old,
            Fault::TouchChangesTheVersion => Stored { version: Version::random()?, ..touched },
            Fault::TouchClearsTheValue => Stored { payload: Bytes::new(), ..touched },
            Fault::TouchShortens => Stored { deadline, ..touched },
            Fault::TouchRewritesTheValue => {
                return self.write_late(key, Entry::Live(touched)).await.map(|()| Swapped::Done);
            }
            Fault::TearsTouches => {
                force(&self.memory, key, &Entry::Live(Stored { payload: Bytes::new(), ..touched.clone() })).await?;
                return self.write_late(key, Entry::Live(touched)).await.map(|()| Swapped::Done);
            }
            _ => return self.memory.touch(key, &old.version, deadline, now).await,
        };
        force(&self.memory, key, &Entry::Live(written)).await.map(|()| Swapped::Done)
    }

    pub(super) async fn wrong_remove(
        &self,
        key: &RecordKey,
        seen: Option<&Version>,
        now: Timestamp,
    ) -> Result<Removed> {
        let found = self.memory.get(key, now).await?;
        match (self.fault, &found) {
            (Fault::RemoveTakesMarkers, Some(Entry::Retired(marker))) => {
                erase(&self.memory, key).await.map(|()| Removed::Retired(marker.clone()))
            }
            (Fault::RemoveIgnoresTheVersion, _) => self.memory.remove(key, None, now).await,
            (Fault::RemoveForgets, Some(Entry::Live(_))) if seen.is_none() => Ok(Removed::Done),
            (Fault::RemoveFlushes, Some(Entry::Live(_))) => {
                self.memory.sweep(usize::MAX, Timestamp::MAX).await.map(|_| Removed::Done)
            }
            (Fault::RemoveLooksFirst, Some(Entry::Live(stored))) => {
                yield_once().await;
                self.memory.remove(key, Some(seen.unwrap_or(&stored.version)), now).await
            }
            (Fault::RemoveIsAlwaysDone, None) => Ok(Removed::Done),
            (Fault::ReadsTheDeleted, Some(entry)) => {
                self.bury(key, entry);
                self.memory.remove(key, seen, now).await
            }
            _ => self.memory.remove(key, seen, now).await,
        }
    }

    pub(super) async fn wrong_sweep(&self, limit: usize, now: Timestamp) -> Result<usize> {
        match self.fault {
            Fault::SweepTakesTheLiving => self.memory.sweep(limit, Timestamp::MAX).await,
            Fault::SweepIsUnbounded => self.memory.sweep(usize::MAX, now).await,
            Fault::SweepForgets => Ok(0),
            _ => self.memory.sweep(limit, now).await,
        }
    }

    fn bury(&self, key: &RecordKey, entry: &Entry) {
        self.buried.lock().expect("nothing panics under this lock").insert(key.clone(), entry.clone());
    }

    fn buried(&self, key: &RecordKey) -> Option<Entry> {
        self.buried.lock().expect("nothing panics under this lock").get(key).cloned()
    }
}

/// The key with the case of its last letter changed.
fn other_case(key: &RecordKey) -> RecordKey {
    let (body, last) = key.as_str().split_at(key.as_str().len() - 1);
    let changed = if last.chars().all(char::is_uppercase) { last.to_lowercase() } else { last.to_uppercase() };
    RecordKey::new(format!("{body}{changed}"))
}
