//! What goes wrong in `insert`, `swap` and `rename`.

use bytes::Bytes;
use session_core::{
    AtomicRename, Backend, Entry, Marker, RecordKey, Rename, Result, Stored, Swapped, Timestamp, Version,
};

use super::backend::{MAX_PAYLOAD, Wrong};
use super::fault::Fault;
use super::tricks::{ever, force, obstacle};
use crate::cut::yield_once;

impl Wrong {
    pub(super) async fn wrong_insert(&self, key: &RecordKey, new: &Stored, now: Timestamp) -> Result<bool> {
        let new = self.bent(new.clone());
        if self.fault == Fault::DebugPrintsEverything {
            let told = format!("{} {}", key.as_str(), String::from_utf8_lossy(&new.payload));
            self.told.lock().expect("nothing panics under this lock").push_str(&told);
        }
        let found = self.memory.get(key, now).await?;
        match (self.fault, &found) {
            (Fault::InsertForgets, None)
            | (Fault::InsertOverwrites, Some(Entry::Live(_)))
            | (Fault::InsertOverwritesMarkers, Some(Entry::Retired(_))) => {
                if self.fault != Fault::InsertForgets {
                    force(&self.memory, key, &Entry::Live(new)).await?;
                }
                Ok(true)
            }
            (Fault::InsertSeesTheExpired, None) if ever(&self.memory, key).await?.is_some() => Ok(false),
            (Fault::InsertLooksFirst, None) => self.write_late(key, Entry::Live(new)).await.map(|()| true),
            (Fault::TearsInserts, None) => {
                let half = Stored { payload: new.payload.slice(..new.payload.len() / 2), ..new.clone() };
                force(&self.memory, key, &Entry::Live(half)).await?;
                self.write_late(key, Entry::Live(new)).await.map(|()| true)
            }
            _ => self.memory.insert(key, &new, now).await,
        }
    }

    pub(super) async fn wrong_swap(
        &self,
        key: &RecordKey,
        seen: &Version,
        new: &Entry,
        now: Timestamp,
    ) -> Result<Swapped> {
        let found = self.memory.get(key, now).await?;
        let (new, repeated) = (self.bent_entry(key, new, found.as_ref()), !self.remember(new.version()));
        match (self.fault, &found) {
            (Fault::SwapIgnoresTheVersion, Some(Entry::Live(stored))) => {
                self.memory.swap(key, &stored.version, &new, now).await
            }
            (Fault::SwapRevives, None) if ever(&self.memory, key).await?.is_none() => {
                force(&self.memory, key, &new).await.map(|()| Swapped::Done)
            }
            (Fault::SwapRevivesTheExpired, None) => self.memory.swap(key, seen, &new, Timestamp::default()).await,
            (Fault::SwapTakesMarkersForGone, Some(Entry::Retired(marker))) if marker.version != *new.version() => {
                Ok(Swapped::Gone)
            }
            (Fault::SwapForgetsItself, Some(Entry::Live(stored))) if stored.version == *new.version() => {
                Ok(Swapped::Conflict)
            }
            (Fault::SwapIsAlwaysDone, _) if repeated => Ok(Swapped::Done),
            (Fault::MarkerIsOverwritten, Some(Entry::Retired(_))) => {
                force(&self.memory, key, &new).await.map(|()| Swapped::Done)
            }
            (Fault::MarkerForgetsItself, Some(Entry::Retired(marker))) => Ok(Swapped::Retired(marker.clone())),
            (Fault::SwapLooksFirst | Fault::MarkerLooksFirst | Fault::TearsSwaps, _) => {
                self.swap_slowly(key, seen, found, new, now).await
            }
            _ => self.memory.swap(key, seen, &new, now).await,
        }
    }

    /// Looks, waits, and writes what was decided before; or writes the half of it first.
    async fn swap_slowly(
        &self,
        key: &RecordKey,
        seen: &Version,
        found: Option<Entry>,
        new: Entry,
        now: Timestamp,
    ) -> Result<Swapped> {
        if self.fault == Fault::MarkerLooksFirst && matches!(new, Entry::Live(_)) {
            return self.memory.swap(key, seen, &new, now).await;
        }
        if let Some(answer) = obstacle(found.as_ref(), seen, new.version()) {
            return Ok(answer);
        }
        if let (Fault::TearsSwaps, Entry::Live(stored)) = (self.fault, &new) {
            force(&self.memory, key, &Entry::Live(Stored { version: *seen, ..stored.clone() })).await?;
        }
        self.write_late(key, new).await.map(|()| Swapped::Done)
    }

    pub(super) async fn wrong_rename(&self, rename: &Rename<'_>, now: Timestamp) -> Result<Swapped> {
        let record = self.bent(rename.record.clone());
        let found = self.memory.get(rename.from, now).await?;
        let marker = self.bent_marker(rename.from, rename.marker.clone());
        let rename = &Rename { record: &record, marker: &marker, ..*rename };
        let obstacle = obstacle(found.as_ref(), rename.seen, &marker.version);
        let (to, live) = (rename.to, Entry::Live(record.clone()));
        match (self.fault, obstacle) {
            (Fault::RenameLeavesTheOldId, None) | (Fault::RenameRepeatsItself, Some(Swapped::Done)) => {
                force(&self.memory, to, &live).await.map(|()| Swapped::Done)
            }
            (Fault::RenameWritesOnConflict, Some(answer @ Swapped::Conflict))
            | (Fault::RenameRevives, Some(answer @ Swapped::Gone))
            | (Fault::RenameIgnoresMarkers, Some(answer @ Swapped::Retired(_))) => {
                force(&self.memory, to, &live).await.map(|()| answer)
            }
            (Fault::RenameLooksFirst, None) => {
                self.write_late(rename.from, Entry::Retired(marker.clone())).await?;
                force(&self.memory, to, &live).await.map(|()| Swapped::Done)
            }
            _ => self.memory.rename(rename, now).await,
        }
    }

    /// Writes after others had their turn, whatever they wrote.
    pub(super) async fn write_late(&self, key: &RecordKey, entry: Entry) -> Result<()> {
        yield_once().await;
        force(&self.memory, key, &entry).await
    }

    /// Whether this version is to be written for the first time.
    fn remember(&self, version: &Version) -> bool {
        self.written.lock().expect("nothing panics under this lock").insert(*version)
    }

    fn bent_entry(&self, key: &RecordKey, new: &Entry, found: Option<&Entry>) -> Entry {
        match (new, found) {
            (Entry::Live(new), Some(Entry::Live(old))) if self.fault == Fault::SwapKeepsTheDeadline => {
                Entry::Live(Stored { deadline: old.deadline, ..new.clone() })
            }
            (Entry::Live(new), _) => Entry::Live(self.bent(new.clone())),
            (Entry::Retired(marker), _) => Entry::Retired(self.bent_marker(key, marker.clone())),
        }
    }

    fn bent_marker(&self, key: &RecordKey, marker: Marker) -> Marker {
        match self.fault {
            Fault::MarkerLeadsNowhere => Marker { successor: key.clone(), ..marker },
            Fault::MarkerStays => Marker { until: Timestamp::MAX, ..marker },
            _ => marker,
        }
    }

    fn bent(&self, new: Stored) -> Stored {
        let payload = &new.payload;
        let kept = match self.fault {
            Fault::EndsAtNul => payload.iter().position(|byte| *byte == 0),
            Fault::EndsAt64Kib => Some(64 * 1024),
            Fault::EndsBeforeItsLimit => Some(MAX_PAYLOAD - 1),
            _ => None,
        };
        let payload: Bytes = payload.slice(..kept.unwrap_or(payload.len()).min(payload.len()));
        Stored { payload, ..new }
    }
}
