//! The one door to a backend: time-outs, the one repeat, spans and counters.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use crate::counters::Counters;
use crate::error::{Error, Operation, Result};
use crate::patience::within;

/// Every call to a backend passes here.
#[derive(Debug, Clone)]
pub(crate) struct Door {
    timeout: Duration,
    pause: Duration,
    counters: Arc<Counters>,
}

/// What a repeated call answered, and whether an earlier try may have been carried out unheard.
pub(crate) struct Answer<T> {
    pub(crate) answer: T,
    pub(crate) unsure: bool,
}

impl Door {
    pub(crate) fn new(timeout: Duration, pause: Duration, counters: Arc<Counters>) -> Self {
        Door { timeout, pause, counters }
    }

    pub(crate) fn count_in(&mut self, counters: Arc<Counters>) {
        self.counters = counters;
    }

    /// One call, bounded in time.
    pub(crate) async fn call<T>(&self, operation: Operation, call: impl Future<Output = Result<T>>) -> Result<T> {
        self.counters.store_calls.add_one();
        let result = observed(operation, async {
            within(self.timeout, call).await.answer.unwrap_or(Err(Error::Timeout { operation }))
        })
        .await;
        if let Err(error) = &result {
            self.counters.store_failures.add_one();
            if matches!(error, Error::Timeout { .. }) {
                self.counters.store_timeouts.add_one();
            }
        }
        result
    }

    /// A call that is harmless to repeat, repeated once, unchanged, after a time-out or a broken connection.
    pub(crate) async fn repeat<T, F>(&self, operation: Operation, call: impl Fn() -> F) -> Result<Answer<T>>
    where
        F: Future<Output = Result<T>>,
    {
        // Nothing of the first try is kept while the second is under way: this future is a part of every other's size.
        match self.call(operation, call()).await {
            Err(error) if error.is_transient() => {}
            answered => return answered.map(|answer| Answer { answer, unsure: false }),
        }
        self.counters.store_repeats.add_one();
        self.pause().await;
        let answer = self.call(operation, call()).await?;
        Ok(Answer { answer, unsure: true })
    }

    /// A short pause of random length, so that many who failed together do not come back together.
    pub(crate) async fn pause(&self) {
        pause_up_to(self.pause).await;
    }
}

/// Waits between half of `most` and all of it; not at all for zero.
pub(crate) async fn pause_up_to(most: Duration) {
    if most.is_zero() {
        return;
    }
    let mut byte = [0xff_u8];
    // Without random bytes the pause is the longest: nothing secret hangs on it.
    let _ = getrandom::fill(&mut byte);
    tokio::time::sleep(most.mul_f64(0.5 + f64::from(byte[0]) / 510.0)).await;
}

#[cfg(feature = "tracing")]
async fn observed<T>(operation: Operation, call: impl Future<Output = Result<T>>) -> Result<T> {
    use tracing::Instrument;
    let span = tracing::debug_span!("session_store", operation = operation.name());
    let result = call.instrument(span.clone()).await;
    if let Err(error) = &result {
        tracing::warn!(parent: &span, %error, "store call failed");
    }
    result
}

#[cfg(not(feature = "tracing"))]
fn observed<F: Future>(_: Operation, call: F) -> F {
    call
}
