//! Connections that break in the middle of a request or of its answer.

use std::time::Duration;

use crate::common::{add_one, begun_behind_a_proxy, is_absent, log_in, log_out, recovers, total};

/// Cut within the read, within the write, between them, within the start of a new connection: what succeeds counts once, what fails is
/// an outage and did not count twice.
#[tokio::test]
async fn s50_a_request_that_is_cut_is_repeated_and_counts_once() {
    let (proxy, sessions, token) = begun_behind_a_proxy().await;
    let mut expected = 0;
    for bytes in (0..600).step_by(29) {
        proxy.cut_requests_after(bytes);
        add_one(&sessions, &token).await.unwrap();
        expected += 1;
        assert_eq!(total(&sessions, &token).await.unwrap(), expected, "cut after {bytes} bytes");
    }
}

/// The server has done it and nobody hears of it: the repeat finds its own version and is done.
#[tokio::test]
async fn s50_an_answer_that_is_cut_is_asked_for_again_and_counts_once() {
    let (proxy, sessions, token) = begun_behind_a_proxy().await;
    let mut expected = 0;
    for bytes in (0..400).step_by(7) {
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
    let (proxy, sessions, mut token) = begun_behind_a_proxy().await;
    for _ in 0..10 {
        let session = sessions.open([token.as_str()]).await.unwrap();
        session.rotate();
        proxy.cut_replies_after(0);
        let new = crate::common::commit(&sessions, &session).await.unwrap().expect("a login has a cookie");
        assert!(is_absent(&sessions, &token).await, "the old id opens nothing");
        assert_eq!(total(&sessions, &new).await.unwrap(), 0);
        token = new;
    }
}

/// A logout whose answer is cut has happened.
#[tokio::test]
async fn p6_a_logout_whose_answer_is_cut_is_done() {
    let (proxy, sessions, token) = begun_behind_a_proxy().await;
    let session = sessions.open([token.as_str()]).await.unwrap();
    session.destroy();
    proxy.cut_replies_after(0);
    crate::common::commit(&sessions, &session).await.unwrap();
    assert!(is_absent(&sessions, &token).await);
}

#[tokio::test]
async fn s49_refused_connections_are_an_outage_until_they_are_taken_again() {
    let (proxy, sessions, token) = begun_behind_a_proxy().await;
    for _ in 0..3 {
        proxy.refuse();
        tokio::time::sleep(Duration::from_millis(50)).await;
        let error = add_one(&sessions, &token).await.unwrap_err();
        assert!(matches!(error, session_core::Error::Unavailable { .. }), "{error:?}");
        proxy.accept().await;
        recovers(&sessions, &token).await;
    }
    assert_eq!(total(&sessions, &token).await.unwrap(), 3);
}

/// A slow network is slow, and nothing else.
#[tokio::test]
async fn a_slow_network_loses_nothing() {
    let (proxy, sessions, token) = begun_behind_a_proxy().await;
    proxy.delay(Duration::from_millis(50));
    for _ in 0..3 {
        add_one(&sessions, &token).await.unwrap();
    }
    assert_eq!(total(&sessions, &token).await.unwrap(), 3);
}

/// Given up at any moment, as by a visitor who closes the page: no connection comes back half-way through an answer, and nothing
/// that was begun stays open.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s51_requests_that_are_given_up_leave_nothing_behind() {
    let (_proxy, sessions, token) = begun_behind_a_proxy().await;
    for micros in (0..6_000).step_by(61) {
        let patience = Duration::from_micros(micros);
        let _ = tokio::time::timeout(patience, add_one(&sessions, &token)).await;
        let _ = tokio::time::timeout(patience, log_in(&sessions, "no-such-token")).await;
    }
    let before = total(&sessions, &token).await.unwrap();
    for _ in 0..20 {
        add_one(&sessions, &token).await.unwrap();
    }
    assert!(total(&sessions, &token).await.unwrap() >= before + 20);
    log_out(&sessions, &token).await.unwrap();
    assert!(is_absent(&sessions, &token).await);
}
