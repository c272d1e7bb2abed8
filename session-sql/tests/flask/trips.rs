//! How often the server is asked.

use session_core::{SessionConfig, Sessions};
use session_flask::FlaskLayout;
use session_sql::{SqlConfig, SqlStore};
use session_testkit::server::Proxy;

use crate::common::{commit, log_in, log_out};
use crate::place::Place;

/// Fails unless the request costs so many round trips on the wire.
async fn costs(proxy: &Proxy, trips: u64, what: &str, request: impl Future<Output = ()>) {
    let before = proxy.traffic().round_trips;
    request.await;
    assert_eq!(proxy.traffic().round_trips - before, trips, "{what}");
}

pub(crate) async fn behind(place: &Place) -> (Proxy, SqlConfig) {
    let url = place.url();
    let address = url.split('@').nth(1).unwrap().split('/').next().unwrap();
    let proxy = Proxy::start(std::net::ToSocketAddrs::to_socket_addrs(address).unwrap().next().unwrap()).await;
    let through = url.replace(address, &proxy.address().to_string());
    let mut config = place.config(FlaskLayout::default());
    config.url = through;
    (proxy, config)
}

async fn begin(sessions: &Sessions) -> String {
    let session = sessions.fresh();
    session.set("n", 0).unwrap();
    commit(sessions, &session).await.unwrap()
}

async fn change(sessions: &Sessions, token: &str) {
    let session = sessions.open([token]).await.unwrap();
    session.set("n", 1).unwrap();
    commit(sessions, &session).await;
}

/// As without Flask, but for a login where the new row, the marker and the end of the old row take a transaction.
async fn flask_table_keeps_to_its_round_trips(place: &Place, login: u64) {
    let (proxy, config) = behind(place).await;
    let sessions = Sessions::new(SqlStore::connect_with(config).await.unwrap(), SessionConfig::default()).unwrap();
    // Each connection prepares each statement once; here there is one.
    let token = begin(&sessions).await;
    change(&sessions, &token).await;
    let token = log_in(&sessions, &token).await;
    log_out(&sessions, &token).await;
    assert_eq!(proxy.traffic().connections, 1);

    costs(&proxy, 1, "new", async { drop(begin(&sessions).await) }).await;
    let token = begin(&sessions).await;
    costs(&proxy, 1, "read", async { drop(sessions.open([token.as_str()]).await.unwrap()) }).await;
    costs(&proxy, 2, "modified", change(&sessions, &token)).await;
    costs(&proxy, login, "rotated", async { drop(log_in(&sessions, &token).await) }).await;
    let token = begin(&sessions).await;
    costs(&proxy, 2, "logged out", log_out(&sessions, &token)).await;
}

#[cfg(feature = "postgres")]
#[tokio::test]
async fn flask_table_keeps_to_its_round_trips_on_postgres() {
    flask_table_keeps_to_its_round_trips(&Place::postgres(), 2).await;
}

#[cfg(feature = "postgres")]
#[tokio::test]
async fn flask_table_keeps_to_its_round_trips_behind_a_pooler() {
    flask_table_keeps_to_its_round_trips(&Place::pooled(), 2).await;
}

/// Read; begin, delete, insert, commit.
#[cfg(feature = "mysql")]
#[tokio::test]
async fn flask_table_keeps_to_its_round_trips_on_mariadb() {
    flask_table_keeps_to_its_round_trips(&Place::mariadb(), 5).await;
}
