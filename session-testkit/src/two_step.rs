//! A backend without the one command that renames.

use std::sync::Arc;

use async_trait::async_trait;
use session_core::{
    AtomicRename, Backend, Capabilities, Entry, RecordKey, Removed, Result, Stored, Swapped, Timestamp, Version,
};

/// Hides a backend's atomic rename: memory then plays a store that writes the new record first and marks the old one then.
#[derive(Debug)]
pub struct TwoStep<B> {
    inner: Arc<B>,
}

impl<B: Backend> TwoStep<B> {
    /// Around this backend.
    pub fn new(backend: B) -> Self {
        Self::on(Arc::new(backend))
    }

    /// Around a backend that is shared with others.
    pub fn on(inner: Arc<B>) -> Self {
        TwoStep { inner }
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<B: Backend> Backend for TwoStep<B> {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }
    async fn get(&self, key: &RecordKey, now: Timestamp) -> Result<Option<Entry>> {
        self.inner.get(key, now).await
    }
    async fn insert(&self, key: &RecordKey, new: &Stored, now: Timestamp) -> Result<bool> {
        self.inner.insert(key, new, now).await
    }
    async fn swap(&self, key: &RecordKey, seen: &Version, new: &Entry, now: Timestamp) -> Result<Swapped> {
        self.inner.swap(key, seen, new, now).await
    }
    async fn touch(&self, key: &RecordKey, seen: &Version, to: Timestamp, now: Timestamp) -> Result<Swapped> {
        self.inner.touch(key, seen, to, now).await
    }
    async fn remove(&self, key: &RecordKey, seen: Option<&Version>, now: Timestamp) -> Result<Removed> {
        self.inner.remove(key, seen, now).await
    }
    async fn sweep(&self, limit: usize, now: Timestamp) -> Result<usize> {
        self.inner.sweep(limit, now).await
    }
    fn atomic_rename(&self) -> Option<&dyn AtomicRename> {
        None
    }
}
