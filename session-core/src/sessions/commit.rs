//! One commit: decide, carry out, and on a conflict load again, replay, decide again.

use std::sync::Arc;
use std::time::Duration;

use super::Report;
use super::budget::Budget;
use super::cookie::CookieAction;
use super::engine::Engine;
use super::queue::Turn;
use crate::clock::Timestamp;
use crate::config::ConflictPolicy;
use crate::door::pause_up_to;
use crate::error::{Error, Operation, Result};
use crate::plan::{Origin, Plan, plan};
use crate::record::Record;
use crate::session::{Parts, Rotation, Seen, State, replay};
use crate::store::{Attempt, Deleted, Loaded, Lookup, Written};
use crate::token::Locator;

/// The longest chain of rotations that a logout follows.
const MAX_CHAIN: usize = 4;
/// The longest pause before a second and later replay, so that processes that met do not meet again.
const REPLAY_PAUSE: Duration = Duration::from_millis(8);

/// What stands in the way of a write.
pub(super) enum Obstacle {
    Conflict,
    Gone,
    Retired { successor: Locator },
}

/// How a step ended.
enum Step {
    Done,
    Blocked(Obstacle),
}

/// A commit under way. It owns the session's state, so that nothing is locked across an await.
pub(crate) struct Commit<'a> {
    pub(super) engine: &'a Engine,
    pub(super) state: State,
    pub(super) cookie: CookieAction,
    budget: Budget,
    head_sent: bool,
    /// Whether every `take_once` of the log still holds.
    held: bool,
    turn: Option<Box<Turn>>,
    pub(super) report: Report,
}

impl<'a> Commit<'a> {
    pub(crate) fn new(engine: &'a Engine, parts: Parts) -> Self {
        let Parts { state, budget, cookie, head_sent, report } = parts;
        Commit { engine, state, cookie, budget, head_sent, held: true, turn: None, report }
    }

    /// What goes back into the session, and whether a `take_once` held.
    pub(crate) fn into_parts(self) -> (Parts, bool) {
        let Commit { state, budget, cookie, head_sent, report, held, .. } = self;
        (Parts { state, budget, cookie, head_sent, report }, held)
    }

    /// Commits. After an error the cookie is what it was before.
    pub(crate) async fn run(&mut self) -> Result<()> {
        let before = self.cookie.clone();
        let result = self.carry_out().await;
        if let Err(error) = &result {
            self.cookie = before;
            if error.is_refused() {
                self.engine.counters().refused.add_one();
            }
            if let Some(turn) = self.turn.as_ref().filter(|_| error.is_outage()) {
                turn.give_up();
            }
        }
        self.turn = None;
        result
    }

    // In boxes is what is rare: every commit is as large as the largest of its steps, and so is the handler that saves.
    async fn carry_out(&mut self) -> Result<()> {
        loop {
            let plan = plan(&self.state.facts(self.rules(), self.is_touch_due()));
            self.check_head(plan)?;
            if self.others_wait(plan) {
                // A write of what was seen before would be refused: wait with them, look again.
                if Box::pin(self.overcome(Obstacle::Conflict)).await? {
                    return Ok(());
                }
                continue;
            }
            if plan != Plan::Nothing {
                self.report.steps.push(plan);
            }
            let step = match plan {
                Plan::Nothing => return Ok(()),
                Plan::Refuse => return Err(Error::Retired),
                Plan::Create => return self.create(Rotation::Anew).await,
                Plan::Touch => return self.touch().await,
                Plan::Destroy => {
                    Box::pin(self.end()).await?;
                    continue;
                }
                Plan::Delete => self.delete().await?,
                Plan::Replace => self.replace().await?,
                Plan::Rotate => self.rotate().await?,
            };
            match step {
                Step::Done => return Ok(()),
                Step::Blocked(obstacle) => {
                    if Box::pin(self.overcome(obstacle)).await? {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// A cookie can't follow the head. An end is carried out all the same: it needs none.
    fn check_head(&self, plan: Plan) -> Result<()> {
        let per_write = || self.engine.store().capabilities().token_per_write;
        match plan {
            Plan::Create | Plan::Rotate if self.head_sent => Err(Error::HeadSent),
            Plan::Replace | Plan::Delete if self.head_sent && per_write() => Err(Error::HeadSent),
            _ => Ok(()),
        }
    }

    fn others_wait(&self, plan: Plan) -> bool {
        let writes = matches!(plan, Plan::Replace | Plan::Rotate | Plan::Delete);
        writes && self.turn.is_none() && self.state.at.as_ref().is_some_and(|at| self.engine.queues().is_busy(at))
    }

    // --- steps ------------------------------------------------------------------------------------------------------

    /// Stores the present contents as a new session.
    pub(super) async fn create(&mut self, rotation: Rotation) -> Result<()> {
        if self.is_empty(self.state.record()) {
            // Only a rotation comes here empty: what it would rotate has ended or moved.
            return Err(if self.state.origin == Origin::Retired { Error::Retired } else { Error::Gone });
        }
        let now = self.engine.now();
        let record = self.living(rotation, now);
        let deadline = self.engine.deadline(record.life(), now);
        let written = self.call(Operation::Insert, self.engine.store().create(&record, deadline)).await?;
        self.settle(record, written);
        Ok(())
    }

    /// A touch that fails is dropped: it is no change.
    async fn touch(&mut self) -> Result<()> {
        let (Some(at), Some(seen)) = (self.state.at.clone(), self.state.seen) else { return Ok(()) };
        let deadline = self.engine.deadline(self.state.base.life(), self.engine.now());
        let touch = self.engine.store().touch(&at, &seen.version, deadline);
        if let Ok(Attempt::Done(written)) = self.call(Operation::Touch, touch).await {
            self.state.seen = Some(Seen { version: written.version, deadline: written.deadline });
            self.send(written.token.or_else(|| self.token_again()));
        }
        Ok(())
    }

    async fn delete(&mut self) -> Result<Step> {
        let (at, seen) = self.place()?;
        let deleted = self.call(Operation::Remove, self.engine.store().delete(&at, Some(&seen.version))).await?;
        Ok(match deleted {
            Deleted::Conflict => Step::Blocked(Obstacle::Conflict),
            Deleted::Retired { successor } => Step::Blocked(Obstacle::Retired { successor }),
            ended @ (Deleted::Done | Deleted::Absent) => {
                // Where it had ended before, the browser may hold the cookie of another session by now.
                let as_flask = self.rules().is_flask() && matches!(ended, Deleted::Done);
                if as_flask || self.engine.store().capabilities().token_per_write {
                    self.cookie = CookieAction::Remove;
                }
                let blank = Arc::new(self.engine.blank(self.state.base.codec()));
                self.state = State::new(Origin::Absent, None, blank);
                Step::Done
            }
        })
    }

    async fn replace(&mut self) -> Result<Step> {
        let (at, seen) = self.place()?;
        let record = Arc::clone(self.state.record());
        let deadline = self.engine.deadline(record.life(), self.engine.now());
        let replace = self.engine.store().replace(&at, &seen.version, &record, deadline);
        let attempt = self.call(Operation::Swap, replace).await?;
        self.after(attempt, record)
    }

    async fn rotate(&mut self) -> Result<Step> {
        let (at, seen) = self.place()?;
        let now = self.engine.now();
        let record = self.living(self.state.rotation(self.rules()).unwrap_or(Rotation::Keep), now);
        let deadline = self.engine.deadline(record.life(), now);
        let rotate = self.engine.store().rotate(&at, &seen.version, &record, deadline);
        let attempt = self.call(Operation::Rename, rotate).await?;
        self.after(attempt, record)
    }

    /// Ends the session, and its successor where the id was rotated. The cookie goes only if there was something to end.
    async fn end(&mut self) -> Result<()> {
        let ended = match self.state.at.take() {
            Some(at) => self.end_chain(at).await?,
            None => false,
        };
        if ended && !self.head_sent {
            self.cookie = CookieAction::Remove;
        }
        self.state.origin = Origin::NoToken;
        self.state.seen = None;
        self.state.token = None;
        self.state.rotation = None;
        self.state.destroy = false;
        Ok(())
    }

    async fn end_chain(&mut self, mut at: Locator) -> Result<bool> {
        for _ in 0..=MAX_CHAIN {
            match self.call(Operation::Remove, self.engine.store().delete(&at, None)).await? {
                Deleted::Done => return Ok(true),
                Deleted::Absent | Deleted::Conflict => return Ok(false),
                Deleted::Retired { successor } => at = successor,
            }
        }
        Ok(true)
    }

    // --- obstacles --------------------------------------------------------------------------------------------------

    /// True where the commit is done, false where it is to be planned again.
    async fn overcome(&mut self, obstacle: Obstacle) -> Result<bool> {
        match obstacle {
            Obstacle::Conflict => match self.look_again().await? {
                Some(obstacle) => self.refuse_or_start_anew(obstacle).await,
                None => Ok(false),
            },
            ended => self.refuse_or_start_anew(ended).await,
        }
    }

    /// Loads the session again and replays the log on it; where it is no longer there, says what became of it.
    async fn look_again(&mut self) -> Result<Option<Obstacle>> {
        let (at, _) = self.place()?;
        match self.turn {
            None => self.turn = Some(Box::new(self.engine.queues().join(&at).await?)),
            Some(_) => pause_up_to(REPLAY_PAUSE).await,
        }
        match self.call(Operation::Get, self.engine.store().reload(&at)).await? {
            Lookup::Live(loaded) => self.replay_on(loaded).map(|()| None),
            Lookup::Absent => Ok(Some(Obstacle::Gone)),
            Lookup::Retired { successor, .. } => Ok(Some(Obstacle::Retired { successor })),
        }
    }

    fn replay_on(&mut self, loaded: Loaded) -> Result<()> {
        self.report.replays += 1;
        self.engine.counters().replays.add_one();
        let fresh = self.engine.live_state(loaded);
        let strict = self.engine.config().conflict == ConflictPolicy::Strict;
        if strict && self.state.has_stale_read(&fresh.base) {
            return Err(Error::Conflict);
        }
        let (current, held) = replay(&mut self.state.log, &fresh.base)?;
        self.held &= held;
        self.state = State {
            current: Some(Arc::new(current)),
            log: std::mem::take(&mut self.state.log),
            reads: self.state.reads.take(),
            rotation: self.state.rotation,
            token: self.state.token.take(),
            ..fresh
        };
        Ok(())
    }

    // --- small parts ------------------------------------------------------------------------------------------------

    /// One store call, within the request's budget.
    pub(super) async fn call<T>(&mut self, operation: Operation, call: impl Future<Output = Result<T>>) -> Result<T> {
        self.report.store_calls += 1;
        self.budget.spend(operation, call).await
    }

    fn place(&self) -> Result<(Locator, Seen)> {
        self.state.at.clone().zip(self.state.seen).ok_or(Error::Gone)
    }

    /// The present contents under a new id: the same record, where its life stays what it is.
    fn living(&self, rotation: Rotation, now: Timestamp) -> Arc<Record> {
        let mut record = Arc::clone(self.state.record());
        let life = self.engine.new_life(now);
        if rotation == Rotation::Anew && record.life() != life {
            Arc::make_mut(&mut record).set_life(life);
        }
        record
    }

    fn after(&mut self, attempt: Attempt, record: Arc<Record>) -> Result<Step> {
        Ok(match attempt {
            Attempt::Done(written) => {
                self.settle(record, written);
                Step::Done
            }
            Attempt::Conflict => Step::Blocked(Obstacle::Conflict),
            Attempt::Gone => Step::Blocked(Obstacle::Gone),
            Attempt::Retired { successor } => Step::Blocked(Obstacle::Retired { successor }),
            Attempt::Unknown => {
                // A replay could apply it twice. The store answers again: those behind need not give up with us.
                self.turn = None;
                return Err(Error::Timeout { operation: Operation::Swap });
            }
        })
    }

    /// After a write, a later commit starts from what was stored.
    fn settle(&mut self, record: Arc<Record>, written: Written) {
        let reads = self.state.reads.take();
        let token = written.token.or(self.state.token.take());
        self.state = State { reads, ..State::new(Origin::Live, Some(written.at), record) };
        self.state.seen = Some(Seen { version: written.version, deadline: written.deadline });
        self.send(token);
    }
}
