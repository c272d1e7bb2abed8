//! The shared part of a session's handles, and its commits one after the other.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::change::Change;
use super::state::{Rotation, State};
use crate::clock::Timestamp;
use crate::config::{Compatibility, ConflictPolicy};
use crate::error::{Error, Operation, Result};
use crate::plan::{Origin, Plan, plan};
use crate::record::{Codec, Record, Value};
use crate::sessions::{Budget, Commit, Committed, CookieAction, Engine, Report};
use crate::token::Locator;

/// Why a session takes no further commit in this request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    Conflict,
    Gone,
    Retired,
    /// A write was cut off or not answered: it may be stored, so it must not be repeated.
    Unknown,
}

impl Refusal {
    /// The refusal that an error leaves behind; none where nothing was sent and the session can be mended.
    fn after(error: &Error) -> Option<Self> {
        match error {
            Error::Conflict => Some(Refusal::Conflict),
            Error::Gone => Some(Refusal::Gone),
            Error::Retired => Some(Refusal::Retired),
            error => error.is_outage().then_some(Refusal::Unknown),
        }
    }

    fn error(self) -> Error {
        match self {
            Refusal::Conflict => Error::Conflict,
            Refusal::Gone => Error::Gone,
            Refusal::Retired => Error::Retired,
            Refusal::Unknown => Error::Timeout { operation: Operation::Swap },
        }
    }
}

/// What one commit works with.
pub(crate) struct Parts {
    pub(crate) state: State,
    pub(crate) budget: Budget,
    pub(crate) cookie: CookieAction,
    pub(crate) head_sent: bool,
    pub(crate) report: Report,
}

struct Cell {
    state: State,
    arrived: Origin,
    budget: Budget,
    cookie: CookieAction,
    head_sent: bool,
    saving: bool,
    refusal: Option<Refusal>,
    report: Report,
}

/// What all clones of a session share.
pub(crate) struct Handle {
    engine: Arc<Engine>,
    strict: bool,
    codec: Codec,
    cell: Mutex<Cell>,
    saved: Notify,
}

impl Handle {
    pub(crate) fn new(engine: Arc<Engine>, state: State, budget: Budget, report: Report) -> Self {
        let strict = engine.config().conflict == ConflictPolicy::Strict;
        let codec = state.base.codec();
        let cell = Cell {
            arrived: state.origin,
            state,
            budget,
            cookie: CookieAction::None,
            head_sent: false,
            saving: false,
            refusal: None,
            report,
        };
        Handle { engine, strict, codec, cell: Mutex::new(cell), saved: Notify::new() }
    }

    fn cell(&self) -> MutexGuard<'_, Cell> {
        // Only this module's own code runs under the lock, and none of it panics half-way.
        self.cell.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn codec(&self) -> Codec {
        self.codec
    }

    pub(crate) fn rules(&self) -> Compatibility {
        self.engine.config().compatibility
    }

    /// A key's value, noted as read.
    pub(crate) fn read(&self, name: &str) -> Option<Value> {
        let mut cell = self.cell();
        if self.strict {
            cell.state.read(name);
        }
        cell.state.record().get(name)
    }

    /// A key's value for a change that runs again on a fresher one, and so has not been read.
    pub(crate) fn peek(&self, name: &str) -> Option<Value> {
        self.cell().state.record().get(name)
    }

    pub(crate) fn read_all<T>(&self, look: impl FnOnce(&Record) -> T) -> T {
        let mut cell = self.cell();
        if self.strict {
            cell.state.read_all();
        }
        look(cell.state.record())
    }

    pub(crate) fn with_record<T>(&self, look: impl FnOnce(&Record) -> T) -> T {
        look(self.cell().state.record())
    }

    pub(crate) fn change(&self, change: Change) -> Result<()> {
        self.cell().state.change(change)
    }

    /// A change that was computed from `present`; it comes back where another handle changed the value meanwhile.
    pub(crate) fn change_if_still(
        &self,
        name: &str,
        present: Option<&Value>,
        change: Change,
    ) -> Result<Option<Change>> {
        let mut cell = self.cell();
        if cell.state.record().get(name).as_ref() != present {
            return Ok(Some(change));
        }
        cell.state.change(change).map(|()| None)
    }

    pub(crate) fn rotate(&self, rotation: Rotation) {
        self.cell().state.rotation = Some(rotation);
    }

    pub(crate) fn destroy(&self) {
        let blank = self.engine.blank(self.codec);
        self.cell().state.destroy(blank);
    }

    pub(crate) fn deadline(&self) -> Timestamp {
        let cell = self.cell();
        match cell.state.seen.filter(|_| !cell.state.destroy) {
            Some(seen) => seen.deadline,
            None => self.engine.deadline(cell.state.record().life(), self.engine.now()),
        }
    }

    pub(crate) fn locator(&self) -> Option<Locator> {
        let cell = self.cell();
        cell.state.seen.and(cell.state.at.clone())
    }

    /// The id that was presented, if the pending commit leaves the session there. A retired one counts: a logout that was sent
    /// before the rotation's answer came is bound to it.
    pub(crate) fn lasting_locator(&self) -> Option<Locator> {
        let cell = self.cell();
        let steady = || self.engine.store().capabilities().steady_id;
        let stays = match plan(&cell.state.facts(self.rules(), false)) {
            // In the Flask modes an unchanged session may be refreshed, and get another token where it is one.
            Plan::Nothing | Plan::Touch => steady() || !self.rules().is_flask(),
            Plan::Replace => steady(),
            _ => false,
        };
        let presented = matches!(cell.state.origin, Origin::Live | Origin::Retired);
        cell.state.at.clone().filter(|_| stays && presented)
    }

    pub(crate) fn arrived(&self) -> Origin {
        self.cell().arrived
    }

    pub(crate) fn is_modified(&self) -> bool {
        let facts = self.cell().state.facts(self.rules(), false);
        facts.changed || facts.rotate || facts.destroy
    }

    /// Commits; false where a `take_once` came too late.
    pub(crate) async fn save(&self) -> Result<bool> {
        self.commit(false).await
    }

    /// Commits for the response's head: the cookie that it needs, and whether the response stands.
    pub(crate) async fn close(&self) -> Committed {
        let refused_before = self.cell().refusal.is_some();
        let result = self.commit(true).await;
        self.head(result.map(drop), refused_before)
    }

    /// As [`Handle::close`] where it would find nothing to do.
    pub(crate) fn close_settled(&self) -> Option<Committed> {
        self.is_settled().then(|| self.close_unstored())
    }

    async fn commit(&self, head: bool) -> Result<bool> {
        if self.is_settled() {
            return Ok(true);
        }
        let (saving, parts) = self.begin(head).await?;
        let mut commit = Commit::new(&self.engine, parts);
        let result = commit.run().await;
        saving.finish(commit.into_parts(), result)
    }

    /// True where a commit would find nothing to do, as after a request that only read. The Flask modes may have a cookie to send.
    fn is_settled(&self) -> bool {
        let (cell, rules) = (self.cell(), self.rules());
        let free = !rules.is_flask() && !cell.saving && cell.refusal.is_none() && cell.state.current.is_none();
        free && plan(&cell.state.facts(rules, self.engine.is_touch_due(&cell.state))) == Plan::Nothing
    }

    /// Leaves the response's head without storing (a policy says so): only the cookie of an earlier `save()` goes out.
    pub(crate) fn close_unstored(&self) -> Committed {
        self.head(Ok(()), false)
    }

    fn head(&self, result: Result<()>, already_reported: bool) -> Committed {
        let at = self.locator();
        let mut cell = self.cell();
        cell.head_sent = true;
        Committed {
            cookie: std::mem::take(&mut cell.cookie),
            result,
            was_live: cell.arrived == Origin::Live,
            already_reported,
            report: Report { at, ..cell.report.clone() },
        }
    }

    /// Moves the state out, once no other commit of this session is under way.
    async fn begin(&self, head: bool) -> Result<(Saving<'_>, Parts)> {
        loop {
            let saved = self.saved.notified();
            {
                let mut cell = self.cell();
                if let Some(refusal) = cell.refusal {
                    return Err(refusal.error());
                }
                if !cell.saving {
                    return Ok((Saving { handle: self, armed: true }, self.move_out(&mut cell, head)));
                }
            }
            saved.await;
        }
    }

    fn move_out(&self, cell: &mut Cell, head: bool) -> Parts {
        cell.saving = true;
        let mirror = cell.state.mirror();
        let renew = cell.head_sent && !head;
        Parts {
            state: std::mem::replace(&mut cell.state, mirror),
            budget: if renew { self.engine.budget() } else { cell.budget.clone() },
            cookie: cell.cookie.clone(),
            head_sent: cell.head_sent,
            report: cell.report.clone(),
        }
    }
}

/// A commit that is under way. Dropped before its end, it leaves the session refusing further commits.
struct Saving<'a> {
    handle: &'a Handle,
    armed: bool,
}

impl Saving<'_> {
    fn finish(mut self, parts: (Parts, bool), result: Result<()>) -> Result<bool> {
        self.armed = false;
        let (parts, held) = parts;
        let mut cell = self.handle.cell();
        let mirror = std::mem::replace(&mut cell.state, parts.state);
        cell.saving = false;
        cell.budget = parts.budget;
        cell.cookie = parts.cookie;
        cell.report = parts.report;
        cell.refusal = result.as_ref().err().and_then(Refusal::after);
        let absorbed = cell.state.absorb(mirror);
        drop(cell);
        self.handle.saved.notify_waiters();
        result.and(absorbed).map(|()| held)
    }
}

impl Drop for Saving<'_> {
    fn drop(&mut self) {
        if self.armed {
            let mut cell = self.handle.cell();
            cell.saving = false;
            cell.refusal = Some(Refusal::Unknown);
            drop(cell);
            self.handle.saved.notify_waiters();
        }
    }
}
