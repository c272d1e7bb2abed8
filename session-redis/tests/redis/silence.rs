//! Servers that take everything and answer nothing.

use std::time::{Duration, Instant};

use session_core::Error;
use session_testkit::server::{Proxy, RedisServer};
use tokio::task::JoinSet;

use crate::common::{BUDGET, add_one, begin, recovers, sessions, total, url};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s49_s51_a_frozen_server_is_an_outage_of_bounded_length_and_cost() {
    let mut server = RedisServer::private(&[]);
    let sessions = sessions(server.url()).await;
    let token = begin(&sessions).await;
    server.process().freeze();
    let mut visitors = JoinSet::new();
    for _ in 0..64 {
        let (sessions, token) = (sessions.clone(), token.clone());
        visitors.spawn(async move { (add_one(&sessions, &token).await, add_one(&sessions, &token).await) });
    }
    for (first, second) in visitors.join_all().await {
        for error in [first.unwrap_err(), second.unwrap_err()] {
            assert!(matches!(error, Error::Timeout { .. } | Error::Unavailable { .. }), "{error:?}");
        }
    }
    server.process().thaw();
    recovers(&sessions, &token).await;
    // All 128 were frozen while they read: none has written.
    assert_eq!(total(&sessions, &token).await.unwrap(), 1);
    let clients = server.ask("CLIENT LIST").matches("id=").count();
    assert!(clients <= 3, "{clients} connections are left");
}

/// Frozen between the read and the write: the write's fate is unknown, and it never happens twice.
#[tokio::test]
async fn p11_a_write_that_timed_out_happens_once_or_never() {
    let mut server = RedisServer::private(&[]);
    let sessions = sessions(server.url()).await;
    let token = begin(&sessions).await;
    for _ in 0..2 {
        let before = total(&sessions, &token).await.unwrap();
        let session = sessions.open([token.as_str()]).await.unwrap();
        session.update("n", |n: Option<u64>| n.unwrap_or(0) + 1).unwrap();
        server.process().freeze();
        let begun = Instant::now();
        let error = crate::common::commit(&sessions, &session).await.unwrap_err();
        assert!(matches!(error, Error::Timeout { .. }) && begun.elapsed() < BUDGET, "{error:?}");
        server.process().thaw();
        recovers(&sessions, &token).await;
        let after = total(&sessions, &token).await.unwrap();
        assert!((before + 1..=before + 2).contains(&after), "{before} and then {after}");
    }
}

/// The connection stands, and what is on its other end has gone without a word.
#[tokio::test]
async fn s50_a_connection_that_died_without_a_word_is_replaced() {
    let server = RedisServer::private(&[]);
    let proxy = Proxy::start(server.address()).await;
    let sessions = sessions(&url(&proxy)).await;
    let token = begin(&sessions).await;
    proxy.drop_replies(true);
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(4) {
        assert!(add_one(&sessions, &token).await.unwrap_err().is_outage());
    }
    proxy.drop_replies(false);
    recovers(&sessions, &token).await;
    assert!(proxy.traffic().connections < 20, "{:?}", proxy.traffic());
}

/// A program starts beside a frozen server.
#[tokio::test]
async fn s49_a_frozen_server_at_the_start_is_waited_for_within_the_budget() {
    let mut server = RedisServer::private(&[]);
    let token = begin(&sessions(server.url()).await).await;
    server.process().freeze();
    let begun = Instant::now();
    let sessions = sessions(server.url()).await;
    assert!(begun.elapsed() < BUDGET, "{:?}", begun.elapsed());
    assert!(add_one(&sessions, &token).await.unwrap_err().is_outage());
    server.process().thaw();
    recovers(&sessions, &token).await;
}
