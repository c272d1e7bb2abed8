//! The suite of a store whose records Flask-Session shares, on one server and on a cluster of three. The server ends records by its
//! own clock: checks about time wait.
#![allow(clippy::unwrap_used, clippy::expect_used)] // Tests.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use session_core::{Codec, StoreConfig};
use session_flask::FlaskLayout;
use session_redis::{RedisConfig, RedisStore};
use session_testkit::StoreFixture;
use session_testkit::server::RedisServer;

/// Two connections in turn, as of two processes.
async fn fixture(config: RedisConfig, codec: Codec) -> StoreFixture {
    // On a machine that has other things to do, an answer takes its time.
    let patience = Duration::from_secs(10);
    let store = StoreConfig::default().call_timeout(2 * patience).layout(FlaskLayout::default().codec(codec));
    let config = config.connect_timeout(patience).response_timeout(patience).store(store);
    let connect = async || RedisStore::connect_with(config.clone()).await.expect("a configuration that holds");
    let (stores, turn) = ([connect().await, connect().await], AtomicUsize::new(0));
    let make = move || stores[turn.fetch_add(1, Ordering::Relaxed) % 2].clone();
    StoreFixture::new(make).real_time(Duration::from_secs(1))
}

mod flask_messagepack {
    use super::*;

    async fn redis() -> StoreFixture {
        fixture(RedisConfig::new(RedisServer::shared().url()), Codec::MessagePack).await
    }

    session_testkit::store_conformance! { fixture: redis, lacks: [MovableClock] }
}

mod flask_json {
    use super::*;

    async fn redis() -> StoreFixture {
        fixture(RedisConfig::new(RedisServer::shared().url()), Codec::Json).await
    }

    session_testkit::store_conformance! { fixture: redis, lacks: [MovableClock] }
}

#[cfg(feature = "cluster")]
mod flask_cluster {
    use super::*;

    async fn redis() -> StoreFixture {
        let urls = session_testkit::server::RedisCluster::shared().urls();
        fixture(RedisConfig::cluster(urls), Codec::MessagePack).await
    }

    session_testkit::store_conformance! { fixture: redis, lacks: [MovableClock] }
}
