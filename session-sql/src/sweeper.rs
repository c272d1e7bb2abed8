//! Removes what has expired, now and then, as long as the store lives.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use session_core::{Result, ServerSide};
use tokio::sync::{Semaphore, watch};
use tokio::task::AbortHandle;

use crate::backend::SqlBackend;

type Inner = ServerSide<SqlBackend>;

/// Lets one sweep run at a time, of all clones of a store.
#[derive(Debug, Clone)]
pub(crate) struct Turn {
    free: Arc<Semaphore>,
    batch: usize,
}

impl Turn {
    pub(crate) fn new(batch: usize) -> Self {
        Turn { free: Arc::new(Semaphore::new(1)), batch }
    }

    pub(crate) async fn sweep(&self, store: &Inner) -> Result<usize> {
        // It is never closed; without a permit there would only be two sweeps at a time.
        let _turn = self.free.acquire().await.ok();
        store.sweep(self.batch).await
    }
}

/// The task that sweeps. Dropping this ends it, in the middle of a sweep, too, which does no harm.
pub(crate) struct Sweeper {
    store: watch::Sender<Inner>,
    task: AbortHandle,
}

impl Sweeper {
    pub(crate) fn start(store: Inner, turn: Turn, interval: Duration) -> Self {
        let (sender, receiver) = watch::channel(store);
        let task = tokio::spawn(run(receiver, turn, interval)).abort_handle();
        Sweeper { store: sender, task }
    }

    /// Goes by the clock of this store from now on.
    pub(crate) fn follow(&self, store: Inner) {
        self.store.send_replace(store);
    }
}

impl Drop for Sweeper {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl fmt::Debug for Sweeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sweeper")
    }
}

async fn run(store: watch::Receiver<Inner>, turn: Turn, interval: Duration) {
    loop {
        tokio::time::sleep(jittered(interval)).await;
        let store = store.borrow().clone();
        // An outage shows in the requests, and in the door's spans and counters; the next round tries again.
        let _ = turn.sweep(&store).await;
    }
}

/// Between half of `interval` and one and a half, so that several processes on one database don't sweep at the same time.
fn jittered(interval: Duration) -> Duration {
    // The hash of nothing under random keys: random enough for this.
    let share = u32::try_from(RandomState::new().hash_one(()) % 1000).unwrap_or_default();
    interval.mul_f64(0.5 + f64::from(share) / 1000.0)
}
