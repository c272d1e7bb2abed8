//! What all requests share: store, rules, clock, counters, and the lines of those who met.

use std::fmt::{self, Debug};
use std::sync::Arc;

use super::budget::Budget;
use super::cookie::SessionCookie;
use super::queue::Queues;
use crate::clock::{Clock, Timestamp};
use crate::config::SessionConfig;
use crate::counters::Counters;
use crate::error::Result;
use crate::record::{Codec, Life, Record};
use crate::session::State;
use crate::store::{Binding, SessionStore};

pub(crate) struct Engine {
    store: Box<dyn SessionStore>,
    config: SessionConfig,
    cookie: SessionCookie,
    clock: Arc<dyn Clock>,
    counters: Arc<Counters>,
    queues: Queues,
}

impl Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions").field("store", &self.store).field("config", &self.config).finish_non_exhaustive()
    }
}

impl Engine {
    pub(super) fn new(mut store: Box<dyn SessionStore>, config: SessionConfig, clock: Arc<dyn Clock>) -> Result<Self> {
        config.check()?;
        let cookie = SessionCookie::new(config.cookie.resolve(config.development, config.compatibility)?);
        let counters = Arc::<Counters>::default();
        store.bind(Binding {
            clock: Arc::clone(&clock),
            cookie_name: cookie.name().into(),
            clock_skew: config.clock_skew,
            idle: config.idle,
            counters: Arc::clone(&counters),
        });
        warn_of_clear_text(&cookie, &config);
        Ok(Engine { store, config, cookie, clock, counters, queues: Queues::default() })
    }

    pub(crate) fn store(&self) -> &dyn SessionStore {
        &*self.store
    }

    pub(crate) fn config(&self) -> &SessionConfig {
        &self.config
    }

    pub(crate) fn cookie(&self) -> &SessionCookie {
        &self.cookie
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.counters
    }

    pub(crate) fn queues(&self) -> &Queues {
        &self.queues
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn budget(&self) -> Budget {
        Budget::new(self.config.budget)
    }

    /// A life that begins now.
    pub(crate) fn new_life(&self, now: Timestamp) -> Life {
        Life { created: now, absolute: now.plus(self.config.absolute) }
    }

    /// A new, empty session.
    pub(crate) fn blank(&self, codec: Codec) -> Record {
        let mut record = Record::new(codec, self.new_life(self.now()));
        if self.config.permanent {
            record.set_permanent(true);
        }
        record
    }

    /// When a session used now expires: after the idle time, but not beyond its absolute end.
    pub(crate) fn deadline(&self, life: Life, now: Timestamp) -> Timestamp {
        now.plus(self.config.idle).min(life.absolute)
    }

    /// Whether so little of the idle time is left that a read moves the deadline.
    pub(crate) fn is_touch_due(&self, state: &State) -> bool {
        let Some(seen) = state.seen else { return false };
        let now = self.now();
        let later = self.deadline(state.base.life(), now) > seen.deadline;
        later && self.config.is_refresh_due(seen.deadline.since(now))
    }
}

/// The one line in the log that S10 asks for.
#[cfg(feature = "tracing")]
fn warn_of_clear_text(cookie: &SessionCookie, config: &SessionConfig) {
    if config.development {
        tracing::warn!("development mode: the session cookie has no Secure attribute and no __Host- prefix");
    } else if !cookie.secure() {
        tracing::warn!(
            "the session cookie has no Secure attribute, as in Flask: set SESSION_COOKIE_SECURE where there is HTTPS"
        );
    }
}

#[cfg(not(feature = "tracing"))]
fn warn_of_clear_text(_: &SessionCookie, _: &SessionConfig) {}
