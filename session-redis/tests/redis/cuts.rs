//! Connections that break in the middle of a request or of its answer.

use std::time::Duration;

use session_core::Sessions;
use session_testkit::server::{Proxy, RedisServer};

use crate::common::{add_one, begin, commit, is_absent, recovers, sessions, total, url};

async fn behind_a_proxy() -> (Proxy, Sessions, String) {
    let proxy = Proxy::start(address()).await;
    let sessions = sessions(&url(&proxy)).await;
    let token = begin(&sessions).await;
    (proxy, sessions, token)
}

fn address() -> std::net::SocketAddr {
    let url = RedisServer::shared().url();
    let host = url.trim_start_matches("redis://").split('/').next().unwrap();
    std::net::ToSocketAddrs::to_socket_addrs(host).unwrap().next().unwrap()
}

/// Cut within the read, within the write, between them: the update is made, once, and nobody notices.
#[tokio::test]
async fn s50_a_request_that_is_cut_is_repeated_and_counts_once() {
    let (proxy, sessions, token) = behind_a_proxy().await;
    let mut expected = 0;
    for bytes in (0..400).step_by(23) {
        proxy.cut_requests_after(bytes);
        add_one(&sessions, &token).await.unwrap();
        expected += 1;
        assert_eq!(total(&sessions, &token).await.unwrap(), expected, "cut after {bytes} bytes");
    }
}

/// The server has done it and nobody hears of it: the repeat finds its own version and is done.
#[tokio::test]
async fn s50_an_answer_that_is_cut_is_asked_for_again_and_counts_once() {
    let (proxy, sessions, token) = behind_a_proxy().await;
    let mut expected = 0;
    for bytes in 0..150 {
        // The cut before may have come right behind an answer: one repeat mends one cut, not two.
        assert_eq!(total(&sessions, &token).await.unwrap(), expected);
        proxy.cut_replies_after(bytes);
        add_one(&sessions, &token).await.unwrap();
        expected += 1;
        assert_eq!(total(&sessions, &token).await.unwrap(), expected, "cut after {bytes} bytes");
    }
}

/// A login whose answer is cut is done once: the old id is retired and the new one lives.
#[tokio::test]
async fn p5_a_login_whose_answer_is_cut_is_done_once() {
    let (proxy, sessions, mut token) = behind_a_proxy().await;
    for _ in 0..20 {
        let session = sessions.open([token.as_str()]).await.unwrap();
        session.rotate();
        proxy.cut_replies_after(0);
        let new = commit(&sessions, &session).await.unwrap().expect("a login has a cookie");
        assert!(is_absent(&sessions, &token).await);
        assert_eq!(total(&sessions, &new).await.unwrap(), 0);
        token = new;
    }
}

/// A logout whose answer is cut has happened.
#[tokio::test]
async fn p6_a_logout_whose_answer_is_cut_is_done() {
    let (proxy, sessions, token) = behind_a_proxy().await;
    let session = sessions.open([token.as_str()]).await.unwrap();
    session.destroy();
    proxy.cut_replies_after(0);
    commit(&sessions, &session).await.unwrap();
    assert!(is_absent(&sessions, &token).await);
}

#[tokio::test]
async fn s49_refused_connections_are_an_outage_until_they_are_taken_again() {
    let (proxy, sessions, token) = behind_a_proxy().await;
    for _ in 0..3 {
        proxy.refuse();
        tokio::time::sleep(Duration::from_millis(50)).await;
        let error = add_one(&sessions, &token).await.unwrap_err();
        assert!(error.is_outage(), "{error:?}");
        proxy.accept().await;
        recovers(&sessions, &token).await;
    }
    assert_eq!(total(&sessions, &token).await.unwrap(), 3);
}

/// A slow network is slow, and nothing else.
#[tokio::test]
async fn a_slow_network_loses_nothing() {
    let (proxy, sessions, token) = behind_a_proxy().await;
    proxy.delay(Duration::from_millis(100));
    for _ in 0..3 {
        add_one(&sessions, &token).await.unwrap();
    }
    assert_eq!(total(&sessions, &token).await.unwrap(), 3);
}
