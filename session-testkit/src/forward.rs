//! How a wrapper forwards: every call through its `around`, and none forgotten.

/// Implements `Backend` and `AtomicRename` for a wrapper with a field `inner: Arc<B>` and a method
/// `async fn around<T: Send>(&self, operation: Operation, call: impl Future<Output = Result<T>> + Send) -> Result<T>`.
macro_rules! forward {
    ($wrapper:ident) => {
        #[deny(clippy::missing_trait_methods)]
        #[async_trait::async_trait]
        impl<B: Backend> Backend for $wrapper<B> {
            fn capabilities(&self) -> Capabilities {
                self.inner.capabilities()
            }
            async fn get(&self, key: &RecordKey, now: Timestamp) -> Result<Option<Entry>> {
                self.around(Operation::Get, self.inner.get(key, now)).await
            }
            async fn insert(&self, key: &RecordKey, new: &Stored, now: Timestamp) -> Result<bool> {
                self.around(Operation::Insert, self.inner.insert(key, new, now)).await
            }
            async fn swap(&self, key: &RecordKey, seen: &Version, new: &Entry, now: Timestamp) -> Result<Swapped> {
                self.around(Operation::Swap, self.inner.swap(key, seen, new, now)).await
            }
            async fn touch(&self, key: &RecordKey, seen: &Version, to: Timestamp, now: Timestamp) -> Result<Swapped> {
                self.around(Operation::Touch, self.inner.touch(key, seen, to, now)).await
            }
            async fn remove(&self, key: &RecordKey, seen: Option<&Version>, now: Timestamp) -> Result<Removed> {
                self.around(Operation::Remove, self.inner.remove(key, seen, now)).await
            }
            async fn sweep(&self, limit: usize, now: Timestamp) -> Result<usize> {
                self.around(Operation::Sweep, self.inner.sweep(limit, now)).await
            }
            fn atomic_rename(&self) -> Option<&dyn AtomicRename> {
                self.inner.atomic_rename().map(|_| self as &dyn AtomicRename)
            }
        }

        #[deny(clippy::missing_trait_methods)]
        #[async_trait::async_trait]
        impl<B: Backend> AtomicRename for $wrapper<B> {
            async fn rename(&self, rename: &Rename<'_>, now: Timestamp) -> Result<Swapped> {
                let inner = self.inner.atomic_rename().expect("asked for only where `atomic_rename` gave it");
                self.around(Operation::Rename, inner.rename(rename, now)).await
            }
        }
    };
}

pub(crate) use forward;
