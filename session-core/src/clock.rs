//! Time as the library sees it: milliseconds since 1970, from a clock that a test can move.

use std::fmt::{self, Debug};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A moment: whole milliseconds since 1970-01-01 UTC.
///
/// Arithmetic saturates, so that no configured lifetime can wrap around.
///
/// ```
/// use std::time::Duration;
/// use session_core::Timestamp;
///
/// let start = Timestamp::from_millis(1_000);
/// let later = start.plus(Duration::from_secs(2));
/// assert_eq!(later.as_millis(), 3_000);
/// assert_eq!(later.since(start), Duration::from_secs(2));
/// assert_eq!(start.since(later), Duration::ZERO);
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The latest moment that every backend can hold (a signed 64-bit count of milliseconds).
    pub const MAX: Timestamp = Timestamp(i64::MAX as u64);

    /// A moment from milliseconds since 1970; later than [`Timestamp::MAX`] becomes that.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        if millis > Self::MAX.0 { Self::MAX } else { Timestamp(millis) }
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// Whole seconds since 1970, rounded down.
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        self.0 / 1000
    }

    /// This moment moved forward.
    #[must_use]
    pub fn plus(self, time: Duration) -> Self {
        let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        Self::from_millis(self.0.saturating_add(millis))
    }

    /// This moment moved back, not before 1970.
    #[must_use]
    pub fn minus(self, time: Duration) -> Self {
        let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        Timestamp(self.0.saturating_sub(millis))
    }

    /// The time from `earlier` to this moment; zero where `earlier` is the later one.
    #[must_use]
    pub const fn since(self, earlier: Timestamp) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

impl Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03}s", self.0 / 1000, self.0 % 1000)
    }
}

/// Where the library takes the time from.
///
/// [`SystemClock`] is the default; tests pass a clock that they can move.
pub trait Clock: Debug + Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// The operating system's wall clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::default().plus(since)
    }
}
