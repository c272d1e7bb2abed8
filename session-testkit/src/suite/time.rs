//! How time passes in a check.

use std::sync::Arc;
use std::time::Duration;

use session_core::{Clock, SystemClock, Timestamp};

use crate::MovableClock;

/// Who judges deadlines.
#[derive(Debug, Clone)]
pub(crate) enum Time {
    /// The clock that every call brings along: a check moves it, and nothing waits.
    Movable(MovableClock),
    /// The same, where the store rounds deadlines up to whole `grain`s.
    Rounded {
        /// The clock.
        clock: MovableClock,
        /// The store's unit of deadlines.
        grain: Duration,
    },
    /// A server by its own clock, in steps of `grain`: a check has to wait.
    Real {
        /// The server's unit of time.
        grain: Duration,
    },
}

impl Time {
    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        match self {
            Time::Movable(clock) | Time::Rounded { clock, .. } => clock.shared(),
            Time::Real { .. } => Arc::new(SystemClock),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        match self {
            Time::Movable(clock) | Time::Rounded { clock, .. } => clock.now(),
            Time::Real { .. } => SystemClock.now(),
        }
    }

    /// Whether nothing has to wait.
    pub(crate) fn can_be_moved(&self) -> bool {
        !matches!(self, Time::Real { .. })
    }

    /// Lets time pass: at once where the clock can be moved, by waiting where it can't.
    pub(crate) async fn pass(&self, time: Duration) {
        match self {
            Time::Movable(clock) | Time::Rounded { clock, .. } => clock.advance(time),
            Time::Real { .. } => tokio::time::sleep(time).await,
        }
    }

    /// A lifetime that a check can outlive.
    pub(crate) fn short(&self) -> Duration {
        3 * self.unit()
    }

    /// Lets so much time pass that what was to live for [`short`](Time::short) has ended by anyone's clock.
    pub(crate) async fn outlive_short(&self) {
        self.pass(5 * self.unit()).await;
    }

    /// A time that the server can tell apart from none.
    pub(crate) fn unit(&self) -> Duration {
        match self {
            Time::Movable(_) | Time::Rounded { .. } => Duration::from_secs(10),
            Time::Real { grain } => *grain,
        }
    }

    /// How far a deadline that was read back may lie from the one that was written.
    pub(crate) fn tolerance(&self) -> Duration {
        match self {
            Time::Movable(_) => Duration::ZERO,
            Time::Rounded { grain, .. } => *grain,
            Time::Real { grain } => 2 * *grain,
        }
    }

    /// Fails unless a deadline that was read back is the one that was written, as exactly as the store keeps it.
    pub(crate) fn assert_near(&self, found: Timestamp, expected: Timestamp) {
        let off = found.since(expected).max(expected.since(found));
        assert!(off <= self.tolerance(), "the deadline is {off:?} off");
    }
}
