//! The promises of a store, in both formats that Flask-Session writes. Those of a backend by itself make versions up, which here
//! are told from the bytes: this store's own are in `tests/flask`.
#![allow(missing_docs, dead_code, clippy::unwrap_used, clippy::expect_used)]

#[path = "flask/place.rs"]
mod place;

use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use session_core::Codec;
use session_flask::FlaskLayout;
use session_sql::{SqlConfig, SqlStore};
use session_testkit::StoreFixture;

use place::Place;

/// Two stores with connections of their own to one table, in turn.
async fn fixture(config: SqlConfig) -> StoreFixture {
    let connect = async || SqlStore::connect_with(config.clone()).await.unwrap();
    let stores = [connect().await, connect().await];
    let turn = AtomicUsize::new(0);
    StoreFixture::new(move || stores[turn.fetch_add(1, Ordering::Relaxed) % 2].clone())
}

/// A table of its own in a server's database.
fn in_a_table(place: &Place, codec: Codec) -> SqlConfig {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let table = format!("sessions_{}", NEXT.fetch_add(1, Ordering::Relaxed));
    place.config(FlaskLayout::default().codec(codec)).table(table)
}

macro_rules! in_a_file {
    ($($name:ident $codec:ident;)*) => { $(
        mod $name {
            use super::*;

            async fn flask() -> StoreFixture {
                let place = Place::sqlite();
                fixture(place.config(FlaskLayout::default().codec(Codec::$codec))).await.keep(place)
            }

            session_testkit::store_conformance! { fixture: flask, lacks: [] }
        }
    )* };
}

/// The grain is that of the column with the end.
macro_rules! on_a_server {
    ($($name:ident $place:ident $codec:ident $grain:expr;)*) => { $(
        mod $name {
            use super::*;

            static PLACE: LazyLock<Place> = LazyLock::new(Place::$place);

            async fn flask() -> StoreFixture {
                let fixture = fixture(in_a_table(&PLACE, Codec::$codec)).await;
                let grain: Option<Duration> = $grain;
                match grain {
                    Some(grain) => fixture.rounded(grain),
                    None => fixture,
                }
            }

            session_testkit::store_conformance! { fixture: flask, lacks: [] }
        }
    )* };
}

in_a_file! {
    flask_sqlite_msgpack MessagePack;
    flask_sqlite_json Json;
}

#[cfg(feature = "postgres")]
on_a_server! {
    flask_postgres_msgpack postgres MessagePack None;
    flask_postgres_json postgres Json None;
    flask_postgres_behind_a_pooler pooled MessagePack None;
}

#[cfg(feature = "mysql")]
on_a_server! {
    flask_mariadb_msgpack mariadb MessagePack Some(Duration::from_secs(1));
    flask_mariadb_json mariadb Json Some(Duration::from_secs(1));
}
