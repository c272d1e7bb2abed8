//! One session moves: written provisionally, decided in the old store, settled.

use super::{AdoptingStore, mark, place};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::record::Record;
use crate::store::{Attempt, Loaded, Lookup, Written};
use crate::token::{Locator, Version};

impl AdoptingStore {
    /// The session's new contents go to the new store, under the token that it has.
    pub(super) async fn move_to_new(
        &self,
        at: &Locator,
        old_at: &Locator,
        seen: &Version,
        record: &Record,
        deadline: Timestamp,
    ) -> Result<Attempt> {
        let ((new, old), bare) = (self.both()?, place::bare(at));
        let provisional = provisional(record, seen)?;
        let Some(written) = new.put(&bare, &provisional, deadline).await? else {
            self.finish(&bare, old_at).await?;
            return Ok(Attempt::Conflict);
        };
        match old.hand_over(old_at, seen, &written, Some(deadline)).await? {
            Attempt::Done(_) => Ok(Attempt::Done(self.settled(at, record, written).await)),
            refused => {
                // Should this fail, it stays behind and counts for nothing.
                let _ = new.delete(&bare, Some(&written.version)).await;
                Ok(place::seen_from(at, refused))
            }
        }
    }

    /// Its new contents go to the new store under a new token, and the old id is retired.
    pub(super) async fn rotate_to_new(
        &self,
        at: &Locator,
        old_at: &Locator,
        seen: &Version,
        record: &Record,
        deadline: Timestamp,
    ) -> Result<Attempt> {
        let (new, old) = self.both()?;
        let written = new.create(record, deadline).await?;
        match old.hand_over(old_at, seen, &written, None).await? {
            Attempt::Done(_) => Ok(Attempt::Done(written)),
            refused => {
                // Nobody knows its token: should this fail, it is an orphan until its deadline.
                let _ = new.delete(&written.at, None).await;
                Ok(place::seen_from(at, refused))
            }
        }
    }

    /// Something lies where a session was to move to: another request's move, which may have been cut off. It is carried on, or
    /// cleared away where it can't be any more.
    async fn finish(&self, at: &Locator, old_at: &Locator) -> Result<()> {
        let (new, old) = self.both()?;
        let Lookup::Live(Loaded { record, version, deadline, .. }) = new.reload(at).await? else { return Ok(()) };
        let Some(seen) = mark::origin(&record) else { return Ok(()) };
        let written = Written { token: None, at: at.clone(), version, deadline };
        match old.hand_over(old_at, &seen, &written, Some(deadline)).await? {
            Attempt::Done(_) => {}
            Attempt::Retired { successor } if successor.carried() == Some(&version) => {}
            _ => drop(new.delete(at, Some(&version)).await?),
        }
        Ok(())
    }

    /// A session that has moved, without the note from where. Where this fails, the next look does it.
    async fn settled(&self, at: &Locator, record: &Record, written: Written) -> Written {
        let Written { version, deadline, .. } = written;
        match self.new.replace(&written.at, &version, record, deadline).await {
            Ok(Attempt::Done(settled)) => settled,
            _ => Written { at: at.clone(), ..written },
        }
    }
}

fn provisional(record: &Record, seen: &Version) -> Result<Record> {
    let marked = mark::with_origin(record, seen);
    match mark::origin(&marked) {
        Some(_) => Ok(marked),
        None => Err(Error::config("old store", "this record is bincode", "let such sessions end by themselves")),
    }
}
