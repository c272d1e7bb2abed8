//! The promises: on one server by itself, swept by us, and on a replica set that removes the expired by itself.
#![allow(missing_docs, clippy::unwrap_used)]

use std::time::Duration;

use session_core::Token;
use session_mongo::{MongoBackend, MongoConfig};
use session_testkit::Fixture;
use session_testkit::server::{MongoServer, free_port};

const PATIENCE: Duration = Duration::from_secs(10);

/// A collection of its own, a second client, and one whose server is away.
async fn fixture(server: &MongoServer, ttl_index: bool) -> Fixture<MongoBackend> {
    let collection = format!("check-{}", Token::random().unwrap().expose());
    // On a machine that has other things to do, an answer takes its time.
    let config = MongoConfig::new(server.url()).collection(collection).ttl_index(ttl_index);
    let config = config.server_selection_timeout(PATIENCE).connect_timeout(PATIENCE);
    let away = MongoConfig::new(format!("mongodb://ada:secret@127.0.0.1:{}/", free_port()));
    let [backend, peer, broken] = [&config, &config, &away].map(MongoBackend::connect);
    Fixture::new(backend.await.unwrap()).peer(peer.await.unwrap()).broken(broken.await.unwrap())
}

mod standalone {
    use super::*;

    async fn mongo() -> Fixture<MongoBackend> {
        fixture(MongoServer::shared(), false).await
    }

    session_testkit::conformance! { fixture: mongo, lacks: [AtomicRename] }
}

mod replica_set {
    use super::*;

    async fn mongo() -> Fixture<MongoBackend> {
        fixture(MongoServer::shared_replica_set(), true).await
    }

    session_testkit::conformance! { fixture: mongo, lacks: [AtomicRename, Sweep] }
}
