//! On the conflict path only: commits of one session within one process wait in line, so that many contenders finish.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OwnedMutexGuard;

use crate::error::{Error, Operation, Result};
use crate::token::Locator;

/// The lines that are being waited in, by session.
#[derive(Debug, Clone, Default)]
pub(crate) struct Queues(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    lines: Mutex<HashMap<Locator, Arc<Line>>>,
    /// How many lines there are: read on every write, so that the common case takes no lock.
    count: AtomicUsize,
}

#[derive(Debug, Default)]
struct Line {
    turn: Arc<tokio::sync::Mutex<()>>,
    /// Set when the store failed whoever was in front: those behind need not each wait for the same.
    broken: AtomicBool,
}

impl Shared {
    fn lines(&self) -> MutexGuard<'_, HashMap<Locator, Arc<Line>>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queues {
    /// True while others wait for this session: joining them at once saves a write that would be refused.
    pub(crate) fn is_busy(&self, at: &Locator) -> bool {
        self.0.count.load(Ordering::Acquire) > 0 && self.0.lines().contains_key(at)
    }

    /// Waits for one's turn; it lasts until the returned value is dropped.
    pub(crate) async fn join(&self, at: &Locator) -> Result<Turn> {
        let place = self.place(at);
        let guard = Arc::clone(&place.line.turn).lock_owned().await;
        if place.line.broken.load(Ordering::Relaxed) {
            let cause = "another request of this session found the store failing";
            return Err(Error::unavailable(Operation::Swap, cause));
        }
        Ok(Turn { place, _guard: guard })
    }

    fn place(&self, at: &Locator) -> Place {
        let mut lines = self.0.lines();
        let line = Arc::clone(lines.entry(at.clone()).or_insert_with(|| {
            self.0.count.fetch_add(1, Ordering::Release);
            Arc::default()
        }));
        Place { shared: Arc::clone(&self.0), at: at.clone(), line }
    }
}

/// A place in a line. The last one to leave takes the line away.
#[derive(Debug)]
struct Place {
    shared: Arc<Shared>,
    at: Locator,
    line: Arc<Line>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut lines = self.shared.lines();
        // Ours and the map's: places are made under the same lock, so nobody can join in between.
        if Arc::strong_count(&self.line) == 2 {
            lines.remove(&self.at);
            self.shared.count.fetch_sub(1, Ordering::Release);
        }
    }
}

/// A turn at one session.
#[derive(Debug)]
pub(crate) struct Turn {
    // Dropped first, so that the next one starts before the line is looked at.
    _guard: OwnedMutexGuard<()>,
    place: Place,
}

impl Turn {
    /// Tells those behind that the store fails.
    pub(crate) fn give_up(&self) {
        self.place.line.broken.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::RecordKey;

    fn at(name: &str) -> Locator {
        Locator::new(RecordKey::new(name))
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_line_lasts_as_long_as_someone_stands_in_it() {
        let queues = Queues::default();
        let first = queues.join(&at("a")).await.unwrap();
        assert!(queues.is_busy(&at("a")) && !queues.is_busy(&at("b")));
        let waiting = queues.clone();
        let second = tokio::spawn(async move { waiting.join(&at("a")).await.map(drop) });
        let cancelled = queues.clone();
        let third = tokio::spawn(async move { cancelled.join(&at("a")).await.map(drop) });
        tokio::task::yield_now().await;
        third.abort();
        assert!(third.await.unwrap_err().is_cancelled());
        assert!(!second.is_finished());
        drop(first);
        second.await.unwrap().unwrap();
        assert!(!queues.is_busy(&at("a")));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn those_behind_a_failure_do_not_each_wait_for_the_same() {
        let queues = Queues::default();
        let first = queues.join(&at("a")).await.unwrap();
        let waiting = queues.clone();
        let second = tokio::spawn(async move { waiting.join(&at("a")).await.map(drop) });
        tokio::task::yield_now().await;
        first.give_up();
        drop(first);
        assert!(second.await.unwrap().unwrap_err().is_outage());
        assert!(queues.join(&at("a")).await.is_ok(), "a new line is whole");
    }
}
