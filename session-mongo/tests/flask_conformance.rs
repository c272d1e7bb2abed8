//! The promises of a store, in both formats that Flask-Session writes: on a server by itself, swept by us, and on a replica set that
//! removes the expired by itself. Those of a backend by itself make versions up, which here are told from the bytes.
#![allow(missing_docs, dead_code, clippy::unwrap_used, clippy::expect_used)]

#[path = "flask/common.rs"]
mod common;

use std::sync::atomic::{AtomicUsize, Ordering};

use session_core::Codec;
use session_flask::FlaskLayout;
use session_mongo::MongoStore;
use session_testkit::StoreFixture;
use session_testkit::server::MongoServer;

use common::config_with;

/// Two stores with clients of their own on one collection, in turn.
async fn fixture(server: &MongoServer, codec: Codec, ttl_index: bool) -> StoreFixture {
    let config = config_with(server, FlaskLayout::default().codec(codec)).ttl_index(ttl_index).flask_id_index(true);
    let [one, two] = [config.clone(), config].map(MongoStore::connect_with);
    let (stores, turn) = ([one.await.unwrap(), two.await.unwrap()], AtomicUsize::new(0));
    StoreFixture::new(move || stores[turn.fetch_add(1, Ordering::Relaxed) % 2].clone())
}

mod flask_standalone_msgpack {
    use super::*;

    async fn flask() -> StoreFixture {
        fixture(MongoServer::shared(), Codec::MessagePack, false).await
    }

    session_testkit::store_conformance! { fixture: flask, lacks: [] }
}

mod flask_standalone_json {
    use super::*;

    async fn flask() -> StoreFixture {
        fixture(MongoServer::shared(), Codec::Json, false).await
    }

    session_testkit::store_conformance! { fixture: flask, lacks: [] }
}

mod flask_replica_set_msgpack {
    use super::*;

    async fn flask() -> StoreFixture {
        fixture(MongoServer::shared_replica_set(), Codec::MessagePack, true).await
    }

    session_testkit::store_conformance! { fixture: flask, lacks: [] }
}

mod flask_replica_set_json {
    use super::*;

    async fn flask() -> StoreFixture {
        fixture(MongoServer::shared_replica_set(), Codec::Json, true).await
    }

    session_testkit::store_conformance! { fixture: flask, lacks: [] }
}
