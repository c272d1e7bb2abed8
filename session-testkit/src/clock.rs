//! A clock that a test moves.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use session_core::{Clock, SystemClock, Timestamp};

/// A clock that stands still until a test moves it. Clones are the same clock.
///
/// ```
/// use std::time::Duration;
/// use session_core::Clock;
/// use session_testkit::MovableClock;
///
/// let clock = MovableClock::default();
/// let start = clock.now();
/// clock.advance(Duration::from_secs(60));
/// assert_eq!(clock.now().since(start), Duration::from_secs(60));
/// ```
#[derive(Debug, Clone)]
pub struct MovableClock(Arc<AtomicU64>);

impl Default for MovableClock {
    /// The present moment: servers that also judge by their own clock then agree.
    fn default() -> Self {
        Self::at(SystemClock.now())
    }
}

impl MovableClock {
    /// A clock that shows this moment.
    #[must_use]
    pub fn at(moment: Timestamp) -> Self {
        MovableClock(Arc::new(AtomicU64::new(moment.as_millis())))
    }

    /// Moves it forward.
    pub fn advance(&self, time: Duration) {
        self.set(self.now().plus(time));
    }

    /// Sets it, forward or back.
    pub fn set(&self, moment: Timestamp) {
        self.0.store(moment.as_millis(), Ordering::SeqCst);
    }

    /// The clock as [`Sessions::with_clock`](session_core::Sessions::with_clock) takes it.
    #[must_use]
    pub fn shared(&self) -> Arc<dyn Clock> {
        Arc::new(self.clone())
    }
}

impl Clock for MovableClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}
