//! The suite on an adopting store: Flask-Session's records in Redis, where every session begins, and a native store into which each
//! one moves. The server ends records by its own clock: checks about time wait.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use session_core::{AdoptingStore, StoreConfig};
use session_flask::FlaskLayout;
use session_redis::{RedisConfig, RedisStore};
use session_testkit::server::RedisServer;
use session_testkit::{BornOld, StoreFixture};

async fn connect(store: StoreConfig) -> [RedisStore; 2] {
    let patience = Duration::from_secs(10);
    let config = RedisConfig::new(RedisServer::shared().url()).connect_timeout(patience).response_timeout(patience);
    let config = config.store(store.call_timeout(2 * patience));
    let connect = async || RedisStore::connect_with(config.clone()).await.unwrap();
    [connect().await, connect().await]
}

/// Two processes in turn.
async fn flask_into_native() -> StoreFixture {
    let flask = connect(StoreConfig::default().layout(FlaskLayout::default())).await;
    let (native, turn) = (connect(StoreConfig::default().prefix("native:")).await, AtomicUsize::new(0));
    let make = move || {
        let next = turn.fetch_add(1, Ordering::Relaxed) % 2;
        BornOld::new(AdoptingStore::new(native[next].clone(), flask[next].clone()).unwrap(), flask[next].clone())
    };
    StoreFixture::new(make).real_time(Duration::from_secs(1))
}

session_testkit::store_conformance! { fixture: flask_into_native, lacks: [MovableClock] }
