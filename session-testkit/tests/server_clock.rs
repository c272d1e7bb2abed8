//! The suite on a server that ends entries by its own clock and in steps, as Memcached does: nothing here can be moved, so the
//! checks about time wait.

#![allow(clippy::unwrap_used)]

use std::time::Duration;

use async_trait::async_trait;
use session_core::{
    AtomicRename, Backend, Capabilities, Clock, Entry, MemoryBackend, RecordKey, Removed, Result, Stored, Swapped,
    SystemClock, Timestamp, Version,
};
use session_testkit::Fixture;

/// The server's unit of time.
const GRAIN: Duration = Duration::from_millis(250);

/// Looks at its own clock, whatever time the caller brings along; what has expired it removes by itself.
#[derive(Debug, Default)]
struct ServerClock(MemoryBackend);

/// The server's time, which moves in steps.
fn server_now() -> Timestamp {
    let now = SystemClock.now();
    now.minus(Duration::from_millis(now.as_millis() % u64::try_from(GRAIN.as_millis()).unwrap()))
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl Backend for ServerClock {
    fn capabilities(&self) -> Capabilities {
        Capabilities::default().self_expiring(true)
    }
    async fn get(&self, key: &RecordKey, _: Timestamp) -> Result<Option<Entry>> {
        self.0.get(key, server_now()).await
    }
    async fn insert(&self, key: &RecordKey, new: &Stored, _: Timestamp) -> Result<bool> {
        self.0.insert(key, new, server_now()).await
    }
    async fn swap(&self, key: &RecordKey, seen: &Version, new: &Entry, _: Timestamp) -> Result<Swapped> {
        self.0.swap(key, seen, new, server_now()).await
    }
    async fn touch(&self, key: &RecordKey, seen: &Version, deadline: Timestamp, _: Timestamp) -> Result<Swapped> {
        self.0.touch(key, seen, deadline, server_now()).await
    }
    async fn remove(&self, key: &RecordKey, seen: Option<&Version>, _: Timestamp) -> Result<Removed> {
        self.0.remove(key, seen, server_now()).await
    }
    async fn sweep(&self, _: usize, _: Timestamp) -> Result<usize> {
        Ok(0)
    }
    fn atomic_rename(&self) -> Option<&dyn AtomicRename> {
        None
    }
}

async fn server() -> Fixture<ServerClock> {
    Fixture::new(ServerClock::default()).real_time(GRAIN)
}

session_testkit::conformance! { fixture: server, lacks: [AtomicRename, MovableClock, Outage, Sweep] }
