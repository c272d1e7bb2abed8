//! A memory with one mistake.

use std::collections::{HashMap, HashSet};
use std::fmt::{self, Debug};
use std::future::{Future, pending};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use session_core::{
    AtomicRename, Backend, Capabilities, Entry, Error, MemoryBackend, Operation, RecordKey, Removed, Rename, Result,
    Stored, Swapped, Timestamp, Version,
};

use super::fault::Fault;
use crate::Fixture;
use crate::cut::yield_once;

/// Small, so that a thousand runs with the largest payload are quick.
pub(super) const MAX_PAYLOAD: usize = 128 * 1024;

/// A correct memory but for one [`Fault`].
pub struct Wrong {
    pub(super) memory: MemoryBackend,
    pub(super) fault: Fault,
    /// Every version that a swap was to write.
    pub(super) written: Mutex<HashSet<Version>>,
    /// What was removed.
    pub(super) buried: Mutex<HashMap<RecordKey, Entry>>,
    /// What a `Debug` that prints everything prints.
    pub(super) told: Mutex<String>,
    /// Whether the server does not answer.
    down: bool,
    locked: AtomicBool,
}

impl Debug for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Wrong({:?}) {}", self.fault, self.told.lock().expect("nothing panics under this lock"))
    }
}

impl Wrong {
    /// A memory with this mistake.
    #[must_use]
    pub fn new(fault: Fault) -> Self {
        Wrong {
            memory: MemoryBackend::default(),
            fault,
            written: Mutex::default(),
            buried: Mutex::default(),
            told: Mutex::default(),
            down: false,
            locked: AtomicBool::new(false),
        }
    }

    /// The same, as a fixture with a broken server.
    #[must_use]
    pub fn fixture(fault: Fault) -> Fixture<Self> {
        Fixture::new(Wrong::new(fault)).broken(Wrong { down: true, ..Wrong::new(fault) })
    }

    /// What a server that does not answer answers: nothing, unless the mistake is about that.
    fn outage<T>(&self, operation: Operation, key: &RecordKey, absent: T, done: T) -> Option<Result<T>> {
        self.down.then(|| match self.fault {
            Fault::OutageIsAbsent => Ok(absent),
            Fault::OutageIsSuccess => Ok(done),
            Fault::ErrorsNameTheKey => Err(Error::unavailable(operation, format!("no answer for {}", key.as_str()))),
            _ => Err(Error::unavailable(operation, "connection refused")),
        })
    }

    async fn around<T: Send>(&self, call: impl Future<Output = Result<T>> + Send) -> Result<T> {
        match self.fault {
            Fault::NeverAnswers => pending().await,
            Fault::LeavesItsLock => {
                while self.locked.swap(true, Ordering::SeqCst) {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                // A call that is dropped here never gives the lock back.
                yield_once().await;
                let answer = call.await;
                self.locked.store(false, Ordering::SeqCst);
                answer
            }
            Fault::DeadlocksWhenBusy => {
                if self.locked.swap(true, Ordering::SeqCst) {
                    return pending().await;
                }
                let lock = Unlock(&self.locked);
                yield_once().await;
                let answer = call.await;
                drop(lock);
                answer
            }
            _ => call.await,
        }
    }
}

/// Gives the lock back also when the call is dropped.
struct Unlock<'a>(&'a AtomicBool);

impl Drop for Unlock<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl Backend for Wrong {
    fn capabilities(&self) -> Capabilities {
        self.memory.capabilities().max_payload(MAX_PAYLOAD)
    }
    async fn get(&self, key: &RecordKey, now: Timestamp) -> Result<Option<Entry>> {
        if let Some(answer) = self.outage(Operation::Get, key, None, None) {
            return answer;
        }
        self.around(self.wrong_get(key, now)).await
    }
    async fn insert(&self, key: &RecordKey, new: &Stored, now: Timestamp) -> Result<bool> {
        if let Some(answer) = self.outage(Operation::Insert, key, false, true) {
            return answer;
        }
        self.around(self.wrong_insert(key, new, now)).await
    }
    async fn swap(&self, key: &RecordKey, seen: &Version, new: &Entry, now: Timestamp) -> Result<Swapped> {
        if let Some(answer) = self.outage(Operation::Swap, key, Swapped::Gone, Swapped::Done) {
            return answer;
        }
        self.around(self.wrong_swap(key, seen, new, now)).await
    }
    async fn touch(&self, key: &RecordKey, seen: &Version, deadline: Timestamp, now: Timestamp) -> Result<Swapped> {
        if let Some(answer) = self.outage(Operation::Touch, key, Swapped::Gone, Swapped::Done) {
            return answer;
        }
        self.around(self.wrong_touch(key, seen, deadline, now)).await
    }
    async fn remove(&self, key: &RecordKey, seen: Option<&Version>, now: Timestamp) -> Result<Removed> {
        if let Some(answer) = self.outage(Operation::Remove, key, Removed::Absent, Removed::Done) {
            return answer;
        }
        self.around(self.wrong_remove(key, seen, now)).await
    }
    async fn sweep(&self, limit: usize, now: Timestamp) -> Result<usize> {
        self.around(self.wrong_sweep(limit, now)).await
    }
    fn atomic_rename(&self) -> Option<&dyn AtomicRename> {
        Some(self)
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl AtomicRename for Wrong {
    async fn rename(&self, rename: &Rename<'_>, now: Timestamp) -> Result<Swapped> {
        self.around(self.wrong_rename(rename, now)).await
    }
}
