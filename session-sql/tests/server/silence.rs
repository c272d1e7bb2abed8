//! Servers that take everything and answer nothing.

use std::time::{Duration, Instant};

use session_core::Error;
use tokio::task::JoinSet;

use crate::common::{BUDGET, add_one, begin, behind, commit, recovers, sessions, total};
use crate::under_test::{clients, plain};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s49_s51_a_frozen_server_is_an_outage_of_bounded_length_and_cost() {
    let mut server = plain();
    let sessions = sessions(&server.database()).await;
    let token = begin(&sessions).await;
    server.freeze();
    let mut requests = JoinSet::new();
    for _ in 0..64 {
        let (sessions, token) = (sessions.clone(), token.clone());
        requests.spawn(async move { [add_one(&sessions, &token).await, add_one(&sessions, &token).await] });
    }
    for result in requests.join_all().await.into_iter().flatten() {
        let error = result.unwrap_err();
        assert!(matches!(error, Error::Timeout { .. } | Error::Unavailable { .. }), "{error:?}");
    }
    server.process().thaw();
    recovers(&sessions, &token).await;
    assert_eq!(total(&sessions, &token).await.unwrap(), 1, "all were frozen while they read: none has written");
    // Those that were given up end when the server comes to read them.
    let begun = Instant::now();
    while clients(&server) > 17 {
        assert!(begun.elapsed() < BUDGET, "{} connections are left", clients(&server));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Frozen between the read and the write: nobody knows what became of the write, and it never happens twice.
#[tokio::test]
async fn p11_a_write_that_timed_out_happens_once_or_never() {
    let mut server = plain();
    let sessions = sessions(&server.database()).await;
    let token = begin(&sessions).await;
    for _ in 0..2 {
        let before = total(&sessions, &token).await.unwrap();
        let session = sessions.open([token.as_str()]).await.unwrap();
        session.update("n", |n: Option<u64>| n.unwrap_or(0) + 1).unwrap();
        server.freeze();
        let begun = Instant::now();
        let error = commit(&sessions, &session).await.unwrap_err();
        assert!(error.is_outage() && begun.elapsed() < BUDGET, "{:?}: {error:?}", begun.elapsed());
        server.process().thaw();
        recovers(&sessions, &token).await;
        let after = total(&sessions, &token).await.unwrap();
        assert!((before + 1..=before + 2).contains(&after), "{before} and then {after}");
    }
}

/// The connections stand, and what was at their other end has gone without a word.
#[tokio::test]
async fn s50_a_connection_that_died_without_a_word_is_replaced() {
    let server = plain();
    let (proxy, url) = behind(&server.database()).await;
    let sessions = sessions(&url).await;
    let token = begin(&sessions).await;
    proxy.drop_replies(true);
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(4) {
        assert!(add_one(&sessions, &token).await.unwrap_err().is_outage());
    }
    proxy.drop_replies(false);
    recovers(&sessions, &token).await;
}

/// A program starts beside a frozen server.
#[tokio::test]
async fn s49_a_frozen_server_at_the_start_is_waited_for_within_the_budget() {
    let mut server = plain();
    let url = server.database();
    let token = begin(&sessions(&url).await).await;
    server.freeze();
    let begun = Instant::now();
    let sessions = sessions(&url).await;
    assert!(begun.elapsed() < BUDGET, "{:?}", begun.elapsed());
    assert!(add_one(&sessions, &token).await.unwrap_err().is_outage());
    server.process().thaw();
    recovers(&sessions, &token).await;
}
