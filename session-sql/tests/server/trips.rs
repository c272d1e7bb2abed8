//! How often the server is asked.

use session_testkit::server::Proxy;

use crate::common::{
    HOUR, add_one, begin, begun_behind_a_proxy, behind, commit, key, log_in, log_out, now, sessions, stored,
};
use crate::under_test::Server;

/// Fails unless the request costs so many round trips on the wire.
async fn costs(proxy: &Proxy, trips: u64, what: &str, request: impl Future<Output = ()>) {
    let before = proxy.traffic().round_trips;
    request.await;
    assert_eq!(proxy.traffic().round_trips - before, trips, "{what}");
}

#[tokio::test]
async fn every_operation_keeps_to_its_round_trips() {
    let (proxy, sessions, token) = begun_behind_a_proxy().await;
    // Each connection prepares each statement once; here there is one.
    add_one(&sessions, &token).await.unwrap();
    let token = log_in(&sessions, &token).await.unwrap().unwrap();
    log_out(&sessions, &token).await.unwrap();
    assert_eq!(proxy.traffic().connections, 1);

    costs(&proxy, 0, "untouched", async { assert!(commit(&sessions, &sessions.fresh()).await.unwrap().is_none()) })
        .await;
    costs(&proxy, 0, "malformed", async { drop(sessions.open(["no token"]).await.unwrap()) }).await;
    costs(&proxy, 1, "new", async { drop(begin(&sessions).await) }).await;
    let token = begin(&sessions).await;
    costs(&proxy, 1, "read", async { drop(sessions.open([token.as_str()]).await.unwrap()) }).await;
    costs(&proxy, 2, "modified", async { add_one(&sessions, &token).await.unwrap() }).await;
    costs(&proxy, 2, "rotated", async { drop(log_in(&sessions, &token).await.unwrap()) }).await;
    let token = begin(&sessions).await;
    costs(&proxy, 2, "logged out", async { log_out(&sessions, &token).await.unwrap() }).await;
}

/// The record is neither read nor sent again for a touch.
#[tokio::test]
async fn a_touch_carries_no_record() {
    use session_core::Backend;
    let (proxy, url) = behind(&Server::shared().database()).await;
    let backend = crate::common::backend(&url).await;
    let (key, record) = (key(), stored(&[7; 50_000]));
    assert!(backend.insert(&key, &record, now()).await.unwrap());
    let before = proxy.traffic();
    backend.touch(&key, &record.version, record.deadline.plus(HOUR), now()).await.unwrap();
    let after = proxy.traffic();
    assert!(after.sent - before.sent < 2_000 && after.received - before.received < 2_000, "{before:?} {after:?}");
}

/// Connections are kept, and there are no more than allowed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s51_connections_are_bounded_and_used_again() {
    let (proxy, url) = behind(&Server::shared().database()).await;
    let sessions = sessions(&url).await;
    let token = begin(&sessions).await;
    for _ in 0..3 {
        let mut requests = tokio::task::JoinSet::new();
        for _ in 0..64 {
            let (sessions, token) = (sessions.clone(), token.clone());
            requests.spawn(async move { sessions.open([token.as_str()]).await.map(drop) });
        }
        assert!(requests.join_all().await.iter().all(Result::is_ok));
    }
    assert!(proxy.traffic().connections <= 16, "{:?}", proxy.traffic());
}
