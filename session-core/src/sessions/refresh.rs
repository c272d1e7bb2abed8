//! When a deadline moves though nothing has changed, and which cookie goes out.

use std::time::Duration;

use super::commit::Commit;
use super::cookie::CookieAction;
use crate::config::{Compatibility, Use};
use crate::record::Record;
use crate::token::Token;

/// What browsers keep a cookie for at most.
const MAX_AGE: Duration = Duration::from_secs(400 * 24 * 60 * 60);

impl Commit<'_> {
    pub(super) fn rules(&self) -> Compatibility {
        self.engine.config().compatibility
    }

    pub(super) fn is_empty(&self, record: &Record) -> bool {
        self.rules().is_empty(record)
    }

    pub(super) fn is_touch_due(&self) -> bool {
        match self.rules().is_flask() {
            // Once a request: a `save()` that wrote has done it.
            true => self.state.seen.is_some() && self.report.steps.is_empty() && self.rules().refreshes(self.used()),
            false => self.engine.is_touch_due(&self.state),
        }
    }

    fn used(&self) -> Use {
        self.state.used(self.rules(), self.engine.config().refresh)
    }

    /// The visitor's id, where Flask sends it again though nothing has changed.
    pub(super) fn token_again(&self) -> Option<Token> {
        self.state.token.clone().filter(|_| self.rules().sends_again(self.used()))
    }

    /// The cookie for a token: a new one, or in the Flask modes the visitor's.
    pub(super) fn send(&mut self, token: Option<Token>) {
        let Some(token) = token else { return };
        let flask = self.rules().is_flask();
        self.state.token = flask.then(|| token.clone());
        let (max_age, expires) = match (self.state.record().is_permanent(), flask) {
            (false, _) => (None, None),
            (true, false) => (Some(self.rest_of_life()), None),
            (true, true) => (None, Some(self.engine.deadline(self.state.record().life(), self.engine.now()))),
        };
        self.cookie = CookieAction::Set { token, max_age, expires };
    }

    fn rest_of_life(&self) -> Duration {
        self.state.record().life().absolute.since(self.engine.now()).min(MAX_AGE)
    }
}
