//! A server that dies, freezes, is cut off, comes late: bounded in time, an outage and no logout, and well again by itself.
#![allow(clippy::unwrap_used, clippy::expect_used)] // Tests.

mod common;

use std::error::Error as _;
use std::time::{Duration, Instant};

use session_core::{Error, StoreConfig};
use session_memcached::MemcachedConfig;
use session_testkit::server::{MemcachedServer, Proxy};

use common::{Browser, sessions};

/// The most that a request may take, whatever happens.
const REQUEST: Duration = Duration::from_secs(5);
/// The most that a recovery may take.
const RECOVERY: Duration = Duration::from_secs(2);

/// Fails unless the request is answered in time, and with an outage that tells no secret.
async fn assert_outage(browser: &mut Browser) {
    let (begun, cookie) = (Instant::now(), browser.cookie.clone());
    let error = browser.count().await.expect_err("nobody answers");
    assert!(begun.elapsed() < REQUEST, "it took {:?}", begun.elapsed());
    assert!(error.is_outage(), "{error:?}");
    assert_eq!(browser.cookie, cookie, "an outage leaves the cookie alone");
    let cause = error.source().map(|cause| format!("{cause} {cause:?}")).unwrap_or_default();
    let printed = format!("{error} {error:?} {cause}");
    assert!(!printed.contains("session:"), "a key was printed: {printed}");
}

/// Fails unless a request succeeds soon.
async fn assert_recovers(browser: &mut Browser) {
    let begun = Instant::now();
    while let Err(error) = browser.count().await {
        assert!(error.is_outage() && begun.elapsed() < RECOVERY, "after {:?}: {error:?}", begun.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn frozen_is_an_outage_and_the_sessions_are_there_again() {
    let mut server = MemcachedServer::private(&[]);
    let sessions = sessions(MemcachedConfig::new(server.url())).await;
    let mut browser = Browser::known(&sessions).await;
    server.freeze();
    assert_outage(&mut browser).await;
    server.process().thaw();
    assert_recovers(&mut browser).await;
    assert!(browser.n().await >= Some(1), "the session outlives the outage");
}

#[tokio::test(flavor = "multi_thread")]
async fn frozen_under_load_costs_each_request_its_budget_and_no_connection_more() {
    let mut server = MemcachedServer::private(&[]);
    let sessions = sessions(MemcachedConfig::new(server.url()).max_connections(4)).await;
    let browser = Browser::known(&sessions).await;
    server.freeze();
    let tasks: Vec<_> = (0..64)
        .map(|_| {
            let mut browser = Browser { sessions: sessions.clone(), cookie: browser.cookie.clone() };
            tokio::spawn(async move { assert_outage(&mut browser).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    server.process().thaw();
    let mut browser = browser;
    assert_recovers(&mut browser).await;
    // Ours, the one that asks, the one that listens: none was left behind.
    assert!(server.stat("curr_connections") <= 4 + 2, "{} connections", server.stat("curr_connections"));
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_under_load_and_restarted_is_absent_and_well() {
    let mut server = MemcachedServer::private(&[]);
    let sessions = sessions(MemcachedConfig::new(server.url())).await;
    let mut browser = Browser::known(&sessions).await;
    let load: Vec<_> = (0..16)
        .map(|_| {
            let mut browser = Browser { sessions: sessions.clone(), cookie: browser.cookie.clone() };
            tokio::spawn(async move {
                let mut failed = 0;
                while failed < 3 {
                    let begun = Instant::now();
                    if let Err(error) = browser.count().await {
                        assert!(error.is_outage() || error.is_refused(), "{error:?}");
                        failed += 1;
                    }
                    assert!(begun.elapsed() < REQUEST);
                }
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(200)).await;
    server.process().kill();
    for task in load {
        task.await.unwrap();
    }
    assert_outage(&mut browser).await;

    server.process().restart();
    let begun = Instant::now();
    let session = browser.open().await.expect("the first request after the restart is answered");
    assert!(session.is_new() && begun.elapsed() < RECOVERY, "what a cache held is gone, which is a clean logout");
    assert_recovers(&mut browser).await;
    assert_eq!(browser.n().await, Some(1), "a new session, under a new id");
}

#[tokio::test]
async fn an_application_starts_before_its_server() {
    let mut server = MemcachedServer::private(&[]);
    server.process().kill();
    let sessions = sessions(MemcachedConfig::new(server.url())).await;
    let mut browser = Browser { sessions, cookie: None };
    assert_outage(&mut browser).await;
    let Err(Error::Unavailable { source, .. }) = browser.count().await else { panic!("nobody is there") };
    let line = format!("no connection to {}: is memcached running there, and reachable?", server.address());
    assert_eq!(source.to_string(), line);
    server.process().restart();
    assert_recovers(&mut browser).await;
}

#[tokio::test]
async fn a_connection_that_is_cut_anywhere_loses_no_change_and_makes_none_twice() {
    let server = MemcachedServer::private(&[]);
    let proxy = Proxy::start(server.address()).await;
    let store = StoreConfig::default().retry_pause(Duration::from_millis(2));
    let sessions = sessions(MemcachedConfig::new(format!("memcache://{}", proxy.address())).store(store)).await;
    let mut browser = Browser::known(&sessions).await;
    let mut expected = 0;
    // A read's request and a write's, and their answers, are some hundreds of bytes.
    for bytes in (0..400).step_by(7) {
        for cut in [Proxy::cut_requests_after, Proxy::cut_replies_after] {
            cut(&proxy, bytes);
            browser.count().await.expect("one lost answer is mended");
            expected += 1;
            // Until the cut has come, so that there is one at a time.
            for _ in 0..8 {
                assert_eq!(browser.n().await, Some(expected), "cut after {bytes} bytes");
            }
        }
    }
}

#[tokio::test]
async fn a_cut_login_or_logout_leaves_no_second_session() {
    let server = MemcachedServer::private(&[]);
    let proxy = Proxy::start(server.address()).await;
    let sessions = sessions(MemcachedConfig::new(format!("memcache://{}", proxy.address()))).await;
    let other = Browser::known(&sessions).await;
    for bytes in (0..700).step_by(29) {
        for cut in [Proxy::cut_requests_after, Proxy::cut_replies_after] {
            let mut browser = Browser::known(&sessions).await;
            let old = browser.cookie.clone();
            cut(&proxy, bytes);
            browser
                .request(|session| {
                    session.rotate();
                    Ok(())
                })
                .await
                .expect("one lost answer is mended");
            assert_eq!(browser.n().await, Some(0), "the login's cookie opens the session");
            assert_eq!(Browser { sessions: sessions.clone(), cookie: old }.n().await, None, "the old one nothing");
            let new = browser.cookie.clone();
            cut(&proxy, bytes);
            browser
                .request(|session| {
                    session.destroy();
                    Ok(())
                })
                .await
                .expect("one lost answer is mended");
            assert_eq!(browser.cookie, None);
            assert_eq!(Browser { sessions: sessions.clone(), cookie: new }.n().await, None, "the session has ended");
            // Until the cut has come, so that there is one at a time.
            for _ in 0..14 {
                assert_eq!(other.n().await, Some(0));
            }
        }
    }
}

#[tokio::test]
async fn answers_that_never_come_are_no_success_and_no_logout() {
    let server = MemcachedServer::private(&[]);
    let proxy = Proxy::start(server.address()).await;
    let config = MemcachedConfig::new(format!("memcache://{}", proxy.address()));
    let sessions = sessions(config.answer_timeout(Duration::from_millis(200))).await;
    let mut browser = Browser::known(&sessions).await;
    let session = browser.open().await.unwrap();
    session.update("n", |n: Option<u64>| n.unwrap_or(0) + 1).unwrap();
    proxy.drop_replies(true);
    let committed = sessions.commit(&session).await;
    assert!(matches!(committed.result, Err(Error::Timeout { .. })), "its outcome is unknown: {:?}", committed.result);
    assert_outage(&mut browser).await;
    proxy.drop_replies(false);
    assert!(browser.n().await.is_some(), "the session is there, with the change or without");
    assert_recovers(&mut browser).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_are_bounded() {
    let server = MemcachedServer::private(&[]);
    let proxy = Proxy::start(server.address()).await;
    proxy.delay(Duration::from_millis(5));
    let sessions = sessions(MemcachedConfig::new(format!("memcache://{}", proxy.address())).max_connections(3)).await;
    let tasks: Vec<_> = (0..64)
        .map(|_| {
            let sessions = sessions.clone();
            tokio::spawn(async move { Browser::known(&sessions).await.n().await })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), Some(0));
    }
    assert!(proxy.traffic().connections <= 3, "{:?}", proxy.traffic());
}
