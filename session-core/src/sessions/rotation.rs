//! A rotation whose id was rotated or ended by another request: the part of the protocol that must neither lose a login nor
//! bring a session back.

use std::sync::Arc;

use super::commit::{Commit, Obstacle};
use crate::error::{Error, Operation, Result};
use crate::plan::Origin;
use crate::record::Record;
use crate::session::{Change, Rotation, State, replay};
use crate::store::Lookup;
use crate::token::Locator;

/// How many successors are followed.
const MAX_CHAIN: usize = 4;

impl Commit<'_> {
    /// The session ended or moved. A change is refused; `rotate()` goes on with a new record. True where the commit is done.
    pub(super) async fn refuse_or_start_anew(&mut self, obstacle: Obstacle) -> Result<bool> {
        let refusal = match obstacle {
            Obstacle::Conflict => Error::Conflict,
            Obstacle::Gone => Error::Gone,
            Obstacle::Retired { .. } => Error::Retired,
        };
        match self.state.rotation {
            Some(Rotation::Anew) if !self.is_empty(self.state.record()) => {
                self.start_anew(obstacle, refusal).await.map(|()| true)
            }
            // A renewal without changes is no change: it is dropped, as a touch is.
            Some(Rotation::Keep) if self.state.log.is_empty() => Ok(true),
            _ => Err(refusal),
        }
    }

    /// Never a copy of the successor: on an ended session the request's own changes alone, on a rotated one these on the base that
    /// it had loaded, unless the successor has ended too.
    async fn start_anew(&mut self, obstacle: Obstacle, refusal: Error) -> Result<()> {
        if self.state.log.iter().any(|change| matches!(change, Change::Take { .. })) {
            // Whether another request handed the value out can't be known here.
            return Err(refusal);
        }
        let mut own = std::mem::take(&mut self.state.log);
        let base = Arc::clone(&self.state.base);
        let blank = Arc::new(self.engine.blank(base.codec()));
        let done = match obstacle {
            Obstacle::Retired { successor } if !self.is_empty(&base) => {
                self.start_on_base(&mut own, &base, &blank, successor).await
            }
            _ => self.start_on(&mut own, &blank).await,
        };
        if done.is_err() {
            self.state.log = own;
        }
        done
    }

    /// Inserts first and looks then, so that a logout comes before the look, and is seen, or after the insert.
    async fn start_on_base(
        &mut self,
        own: &mut Vec<Change>,
        base: &Arc<Record>,
        blank: &Arc<Record>,
        successor: Locator,
    ) -> Result<()> {
        let cookie = self.cookie.clone();
        self.start_on(own, base).await?;
        if self.is_alive(successor).await? {
            return Ok(());
        }
        if let Some(at) = self.state.at.take() {
            self.call(Operation::Remove, self.engine.store().delete(&at, None)).await?;
        }
        self.cookie = cookie;
        self.start_on(own, blank).await
    }

    async fn start_on(&mut self, own: &mut Vec<Change>, base: &Arc<Record>) -> Result<()> {
        let (current, _) = replay(own, base)?;
        self.state = State {
            current: Some(Arc::new(current)),
            rotation: Some(Rotation::Anew),
            reads: self.state.reads.take(),
            ..State::new(Origin::Absent, None, Arc::clone(base))
        };
        self.create(Rotation::Anew).await
    }

    /// Whether the chain of successors ends in a live session.
    async fn is_alive(&mut self, mut at: Locator) -> Result<bool> {
        for _ in 0..MAX_CHAIN {
            match self.call(Operation::Get, self.engine.store().reload(&at)).await? {
                Lookup::Live(_) => return Ok(true),
                Lookup::Absent => return Ok(false),
                Lookup::Retired { successor, .. } => at = successor,
            }
        }
        Ok(false)
    }
}
