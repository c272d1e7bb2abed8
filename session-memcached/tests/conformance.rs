//! Every promise, on a real Memcached server. It judges deadlines by its own clock, in seconds: checks about time wait.
#![allow(clippy::expect_used)] // Tests.

use std::time::Duration;

use session_memcached::{MemcachedBackend, MemcachedConfig};
use session_testkit::Fixture;
use session_testkit::server::{MemcachedServer, free_port};

const PATIENCE: Duration = Duration::from_secs(10);

/// A patient one: on a machine that has other things to do, an answer takes its time.
async fn backend(url: impl Into<String>) -> MemcachedBackend {
    let config = MemcachedConfig::new(url).connect_timeout(PATIENCE).answer_timeout(PATIENCE);
    MemcachedBackend::connect(config).await.expect("the configuration holds")
}

/// All checks share one server: every key is drawn at random.
async fn memcached() -> Fixture<MemcachedBackend> {
    let url = MemcachedServer::shared().url();
    Fixture::new(backend(url).await)
        .peer(backend(url).await)
        .broken(backend(format!("memcache://127.0.0.1:{}", free_port())).await)
        .real_time(Duration::from_secs(1))
}

session_testkit::conformance! { fixture: memcached, lacks: [AtomicRename, MovableClock, Sweep] }
