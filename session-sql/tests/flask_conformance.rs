//! The promises of a store, in both formats that Flask-Session writes. Those of a backend by itself make versions up, which here
//! are told from the bytes: this store's own are in `tests/flask`.
#![allow(missing_docs, dead_code, clippy::unwrap_used, clippy::expect_used)]

#[path = "flask/place.rs"]
mod place;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use session_core::Codec;
use session_testkit::StoreFixture;

use place::Place;

/// Two stores with connections of their own to one database, in turn.
async fn fixture(place: Place, codec: Codec) -> StoreFixture {
    let stores = [place.store_with(codec).await, place.store_with(codec).await];
    let turn = AtomicUsize::new(0);
    let rounds = place.dialect() == "mysql";
    let fixture = StoreFixture::new(move || stores[turn.fetch_add(1, Ordering::Relaxed) % 2].clone()).keep(place);
    // MariaDB's DATETIME holds whole seconds.
    if rounds { fixture.rounded(Duration::from_secs(1)) } else { fixture }
}

macro_rules! conformance {
    ($($name:ident $place:ident $codec:ident;)*) => { $(
        mod $name {
            use super::*;

            async fn flask() -> StoreFixture {
                fixture(Place::$place(), Codec::$codec).await
            }

            session_testkit::store_conformance! { fixture: flask, lacks: [] }
        }
    )* };
}

conformance! {
    flask_sqlite_msgpack sqlite MessagePack;
    flask_sqlite_json sqlite Json;
}

#[cfg(feature = "postgres")]
conformance! {
    flask_postgres_msgpack postgres MessagePack;
    flask_postgres_json postgres Json;
    flask_postgres_behind_a_pooler pooled MessagePack;
}

#[cfg(feature = "mysql")]
conformance! {
    flask_mariadb_msgpack mariadb MessagePack;
    flask_mariadb_json mariadb Json;
}
