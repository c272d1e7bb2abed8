//! Sessions that come under a token from elsewhere, or leave with theirs.

use async_trait::async_trait;

use super::{ServerSide, attempt};
use crate::backend::{Backend, Entry, Marker};
use crate::clock::Timestamp;
use crate::error::{Operation, Result};
use crate::movable::Movable;
use crate::record::Record;
use crate::store::{Attempt, Written};
use crate::token::{Locator, Token, Version};

impl<B: Backend> ServerSide<B> {
    async fn holds(&self, at: &Locator, version: &Version) -> Result<bool> {
        let now = self.now();
        let found = self.door.call(Operation::Get, self.backend.get(at.key(), now)).await?;
        Ok(found.is_some_and(|entry| entry.version() == version && entry.deadline() > now))
    }
}

#[async_trait]
impl<B: Backend> Movable for ServerSide<B> {
    fn place(&self, token: &Token) -> Locator {
        Locator::new(self.layout.key(token))
    }

    async fn put(&self, at: &Locator, record: &Record, deadline: Timestamp) -> Result<Option<Written>> {
        let (stored, now) = (self.stored(record, deadline)?, self.now());
        let inserted = self.door.repeat(Operation::Insert, || self.backend.insert(at.key(), &stored, now)).await?;
        // What stands in the way may be the first try, whose answer was lost.
        let there = inserted.answer || inserted.unsure && self.holds(at, &stored.version).await?;
        let written = Written { token: None, at: Locator::new(at.key().clone()), version: stored.version, deadline };
        Ok(there.then_some(written))
    }

    async fn hand_over(
        &self,
        at: &Locator,
        seen: &Version,
        heir: &Written,
        until: Option<Timestamp>,
    ) -> Result<Attempt> {
        let now = self.now();
        let mut marker = Marker::new(heir.version, heir.at.key().clone(), now);
        marker.until = until.unwrap_or(marker.until);
        let marker = Entry::Retired(marker);
        let done = self.door.repeat(Operation::Rename, || self.backend.swap(at.key(), seen, &marker, now)).await?;
        Ok(attempt(done.answer, || heir.clone()))
    }
}
