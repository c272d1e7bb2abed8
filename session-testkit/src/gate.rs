//! A backend that stumbles where a test says so.

use std::collections::{HashMap, VecDeque};
use std::future::{Future, pending};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use session_core::{
    AtomicRename, Backend, Capabilities, Entry, Error, Operation, RecordKey, Removed, Rename, Result, Stored, Swapped,
    Timestamp, Version,
};
use tokio::sync::Semaphore;

use crate::cut::yield_once;
use crate::forward::forward;

/// What a [`Gate`] does with one call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Behaviour {
    /// Forwards it.
    #[default]
    Pass,
    /// Answers `Unavailable`; the call is not carried out.
    Fail,
    /// Carries it out and answers `Unavailable`: the answer was lost.
    FailAfter,
    /// Never answers; the call is not carried out.
    Hang,
    /// Carries it out and never answers.
    HangAfter,
    /// Forwards it after this time.
    Slow(Duration),
    /// Forwards it once [`Gate::release`] lets it go.
    Hold,
}

/// A backend whose behaviour is scripted call by call.
///
/// ```
/// use session_core::{Backend, MemoryBackend, Operation, RecordKey, Timestamp};
/// use session_testkit::{Behaviour, Gate};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let gate = Gate::new(MemoryBackend::default());
/// gate.script(Operation::Get, [Behaviour::Fail]);
/// let (key, now) = (RecordKey::new("k"), Timestamp::default());
/// assert!(gate.get(&key, now).await.unwrap_err().is_outage());
/// assert!(gate.get(&key, now).await.is_ok(), "the script has ended");
/// # }
/// ```
#[derive(Debug)]
pub struct Gate<B> {
    inner: Arc<B>,
    scripts: Mutex<HashMap<Operation, VecDeque<Behaviour>>>,
    otherwise: Mutex<Behaviour>,
    stepwise: AtomicBool,
    released: Semaphore,
}

impl<B: Backend> Gate<B> {
    /// Around this backend; everything passes until a script says otherwise.
    pub fn new(backend: B) -> Self {
        Self::on(Arc::new(backend))
    }

    /// Around a backend that is shared with others.
    pub fn on(inner: Arc<B>) -> Self {
        Gate {
            inner,
            scripts: Mutex::default(),
            otherwise: Mutex::default(),
            stepwise: AtomicBool::new(false),
            released: Semaphore::new(0),
        }
    }

    /// The backend inside.
    pub fn inner(&self) -> &Arc<B> {
        &self.inner
    }

    /// What the next calls of this operation meet, one after the other; those after them meet what [`Gate::otherwise`] says.
    pub fn script(&self, operation: Operation, behaviours: impl IntoIterator<Item = Behaviour>) {
        self.scripts.lock().expect("nothing panics under this lock").entry(operation).or_default().extend(behaviours);
    }

    /// What every call meets for which there is no script.
    pub fn otherwise(&self, behaviour: Behaviour) {
        *self.otherwise.lock().expect("nothing panics under this lock") = behaviour;
    }

    /// Forgets every script: all calls pass again. Calls that hang stay hanging.
    pub fn open(&self) {
        self.scripts.lock().expect("nothing panics under this lock").clear();
        self.otherwise(Behaviour::Pass);
    }

    /// Whether each call is `Pending` once before it is carried out and once after: the two places where a dropped future cuts
    /// it. See [`cut_after`](crate::cut_after).
    pub fn stepwise(&self, stepwise: bool) {
        self.stepwise.store(stepwise, Ordering::SeqCst);
    }

    /// Lets `calls` held calls go, now or when they come.
    pub fn release(&self, calls: usize) {
        self.released.add_permits(calls);
    }

    fn next(&self, operation: Operation) -> Behaviour {
        let mut scripts = self.scripts.lock().expect("nothing panics under this lock");
        let scripted = scripts.get_mut(&operation).and_then(VecDeque::pop_front);
        scripted.unwrap_or_else(|| *self.otherwise.lock().expect("nothing panics under this lock"))
    }

    async fn around<T: Send>(&self, operation: Operation, call: impl Future<Output = Result<T>> + Send) -> Result<T> {
        match self.next(operation) {
            Behaviour::Pass => self.step(call).await,
            Behaviour::Fail => Err(lost(operation)),
            Behaviour::FailAfter => self.step(call).await.and(Err(lost(operation))),
            Behaviour::Hang => pending().await,
            Behaviour::HangAfter => {
                let _ = self.step(call).await;
                pending().await
            }
            Behaviour::Slow(time) => {
                tokio::time::sleep(time).await;
                self.step(call).await
            }
            Behaviour::Hold => {
                self.released.acquire().await.expect("it is never closed").forget();
                self.step(call).await
            }
        }
    }

    async fn step<T>(&self, call: impl Future<Output = T>) -> T {
        let stepwise = self.stepwise.load(Ordering::SeqCst);
        if stepwise {
            yield_once().await;
        }
        let answer = call.await;
        if stepwise {
            yield_once().await;
        }
        answer
    }
}

fn lost(operation: Operation) -> Error {
    Error::unavailable(operation, "the gate is shut")
}

forward!(Gate);
