//! A backend that counts what it is asked.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard};

use session_core::{
    AtomicRename, Backend, Capabilities, Entry, Operation, RecordKey, Removed, Rename, Result, Stored, Swapped,
    Timestamp, Version,
};

use crate::TwoStep;
use crate::forward::forward;

/// Forwards every call and keeps the names of what was asked, in order. Never keys, never payloads.
///
/// ```
/// use std::sync::Arc;
/// use session_core::{MemoryBackend, Operation, ServerSide, SessionConfig, Sessions, StoreConfig};
/// use session_testkit::Spy;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> session_core::Result<()> {
/// let spy = Arc::new(Spy::new(MemoryBackend::default()));
/// let store = ServerSide::on(Arc::clone(&spy), StoreConfig::default())?;
/// let sessions = Sessions::new(store, SessionConfig::default())?;
///
/// let session = sessions.fresh();
/// session.set("n", 1)?;
/// sessions.commit(&session).await.result?;
/// assert_eq!(spy.calls(), [Operation::Insert]);
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Spy<B> {
    inner: Arc<B>,
    calls: Mutex<Vec<Operation>>,
}

impl<B: Backend> Spy<B> {
    /// Around this backend.
    pub fn new(backend: B) -> Self {
        Self::on(Arc::new(backend))
    }

    /// Around a backend that is shared with others.
    pub fn on(inner: Arc<B>) -> Self {
        Spy { inner, calls: Mutex::default() }
    }

    /// The backend inside.
    pub fn inner(&self) -> &Arc<B> {
        &self.inner
    }

    /// What was asked so far, in order.
    pub fn calls(&self) -> Vec<Operation> {
        self.log().clone()
    }

    /// What was asked since the last `take`, in order.
    pub fn take(&self) -> Vec<Operation> {
        std::mem::take(&mut *self.log())
    }

    /// How often an operation was asked for.
    pub fn count(&self, operation: Operation) -> usize {
        self.log().iter().filter(|asked| **asked == operation).count()
    }

    fn log(&self) -> MutexGuard<'_, Vec<Operation>> {
        self.calls.lock().expect("nothing panics under this lock")
    }

    async fn around<T: Send>(&self, operation: Operation, call: impl Future<Output = Result<T>> + Send) -> Result<T> {
        self.log().push(operation);
        call.await
    }
}

impl<B: Backend> Spy<TwoStep<B>> {
    /// Around a backend whose atomic rename is hidden.
    pub fn two_step(backend: B) -> Self {
        Self::new(TwoStep::new(backend))
    }
}

forward!(Spy);
