//! The suite of a store whose records Flask-Session shares, on a real Memcached server.
#![allow(clippy::expect_used)] // Tests.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use session_core::{Codec, StoreConfig};
use session_flask::FlaskLayout;
use session_memcached::{MemcachedConfig, MemcachedStore};
use session_testkit::StoreFixture;
use session_testkit::server::MemcachedServer;

/// A patient one: on a machine that has other things to do, an answer takes its time.
const PATIENCE: Duration = Duration::from_secs(10);

/// Two stores in turn, as of two processes.
async fn fixture(codec: Codec) -> StoreFixture {
    let store = StoreConfig::default().call_timeout(2 * PATIENCE).layout(FlaskLayout::default().codec(codec));
    let config = MemcachedConfig::new(MemcachedServer::shared().url());
    let config = config.connect_timeout(PATIENCE).answer_timeout(PATIENCE).store(store);
    let connect = async || MemcachedStore::connect_with(config.clone()).await.expect("the configuration holds");
    let (stores, turn) = ([connect().await, connect().await], AtomicUsize::new(0));
    let make = move || stores[turn.fetch_add(1, Ordering::Relaxed) % 2].clone();
    StoreFixture::new(make).real_time(Duration::from_secs(1))
}

mod flask_messagepack {
    use super::*;

    async fn memcached() -> StoreFixture {
        fixture(Codec::MessagePack).await
    }

    session_testkit::store_conformance! { fixture: memcached, lacks: [MovableClock] }
}

mod flask_json {
    use super::*;

    async fn memcached() -> StoreFixture {
        fixture(Codec::Json).await
    }

    session_testkit::store_conformance! { fixture: memcached, lacks: [MovableClock] }
}
