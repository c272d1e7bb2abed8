//! The suite, on one server and on a cluster of three.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use session_redis::{RedisBackend, RedisConfig};
use session_testkit::Fixture;
use session_testkit::server::{RedisServer, free_port};

/// Two connections to the same place, and one to a place where nobody answers.
async fn fixture(config: RedisConfig, broken: RedisConfig) -> Fixture<RedisBackend> {
    // 16 MiB take their time on a machine that has other things to do.
    let config = config.response_timeout(std::time::Duration::from_secs(10));
    let connect = async |config: &RedisConfig| RedisBackend::connect(config).await.expect("a configuration that holds");
    Fixture::new(connect(&config).await).peer(connect(&config).await).broken(connect(&broken).await)
}

fn nowhere() -> String {
    format!("redis://127.0.0.1:{}/", free_port())
}

mod one_server {
    use super::*;

    async fn redis() -> Fixture<RedisBackend> {
        fixture(RedisConfig::new(RedisServer::shared().url()), RedisConfig::new(nowhere())).await
    }

    session_testkit::conformance! { fixture: redis, lacks: [Sweep] }
}

#[cfg(feature = "cluster")]
mod cluster {
    use super::*;

    async fn redis() -> Fixture<RedisBackend> {
        let urls = session_testkit::server::RedisCluster::shared().urls();
        fixture(RedisConfig::cluster(urls), RedisConfig::cluster([nowhere()])).await
    }

    session_testkit::conformance! { fixture: redis, lacks: [Sweep, AtomicRename] }
}
