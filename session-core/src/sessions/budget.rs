//! The time that one request may spend on store calls.

use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::error::{Error, Operation, Result};

/// What is left of it; only time under way in calls counts.
#[derive(Debug, Clone)]
pub(crate) struct Budget {
    left: Duration,
}

impl Budget {
    pub(crate) fn new(left: Duration) -> Self {
        Budget { left }
    }

    /// One call within what is left.
    pub(crate) async fn spend<T>(&mut self, operation: Operation, call: impl Future<Output = Result<T>>) -> Result<T> {
        if self.left.is_zero() {
            return Err(Error::Timeout { operation });
        }
        let start = Instant::now();
        let result = timeout_at(start + self.left, call).await;
        self.left = self.left.saturating_sub(start.elapsed());
        result.unwrap_or(Err(Error::Timeout { operation }))
    }
}
