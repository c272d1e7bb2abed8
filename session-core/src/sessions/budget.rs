//! The time that one request may spend on store calls.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

use crate::error::{Error, Operation, Result};
use crate::patience::within;

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
        let waited = within(self.left, call).await;
        if let Some(end) = waited.end {
            self.left = end.saturating_duration_since(Instant::now());
        }
        waited.answer.unwrap_or(Err(Error::Timeout { operation }))
    }
}
