//! Servers that die, and come back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use session_core::Sessions;
use session_testkit::server::RedisServer;
use tokio::task::JoinSet;

use crate::common::{add_one, begin, commit, is_absent, recovers, sessions, total};

/// What visitors have seen.
#[derive(Default)]
struct Seen {
    done: AtomicU64,
    failed: AtomicU64,
    stop: AtomicBool,
}

async fn visit(sessions: Sessions, token: String, seen: Arc<Seen>) {
    while !seen.stop.load(Ordering::SeqCst) {
        match add_one(&sessions, &token).await {
            Ok(()) => seen.done.fetch_add(1, Ordering::SeqCst),
            Err(error) => {
                assert!(error.is_outage(), "{error:?}");
                seen.failed.fetch_add(1, Ordering::SeqCst)
            }
        };
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Killed and restarted three times under load, on a server that writes everything down at once: whatever was answered "done" is
/// there, whatever else is there was at least tried, and who has logged out stays so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s50_what_was_acknowledged_outlives_a_kill() {
    let mut server = RedisServer::private(&["--appendonly", "yes", "--appendfsync", "always"]);
    let sessions = sessions(server.url()).await;
    let (token, ended) = (begin(&sessions).await, begin(&sessions).await);
    let session = sessions.open([ended.as_str()]).await.unwrap();
    session.destroy();
    commit(&sessions, &session).await.unwrap();

    let (seen, mut visitors) = (Arc::new(Seen::default()), JoinSet::new());
    for _ in 0..8 {
        visitors.spawn(visit(sessions.clone(), token.clone(), Arc::clone(&seen)));
    }
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(300)).await;
        server.process().kill();
        tokio::time::sleep(Duration::from_millis(300)).await;
        tokio::task::block_in_place(|| server.process().restart());
        let before = seen.done.load(Ordering::SeqCst);
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(seen.done.load(Ordering::SeqCst) > before, "nobody got through within a second");
    }
    seen.stop.store(true, Ordering::SeqCst);
    visitors.join_all().await;

    let (done, failed) = (seen.done.load(Ordering::SeqCst), seen.failed.load(Ordering::SeqCst));
    let total = total(&sessions, &token).await.unwrap();
    assert!((done..=done + failed).contains(&total), "{done} done, {failed} failed, {total} counted");
    assert!(is_absent(&sessions, &ended).await);
}

/// Without a disk a restart logs everybody out, cleanly: no session is invented, and the old cookie opens nothing.
#[tokio::test]
async fn s53_what_a_restart_forgot_is_absent() {
    let mut server = RedisServer::private(&[]);
    let sessions = sessions(server.url()).await;
    let token = begin(&sessions).await;
    let late = sessions.open([token.as_str()]).await.unwrap();
    server.process().restart();
    assert!(is_absent(&sessions, &token).await, "the first call after a restart is repeated");
    late.set("n", 7).unwrap();
    let refused = commit(&sessions, &late).await.unwrap_err();
    assert!(refused.is_refused(), "{refused:?}");
    assert!(is_absent(&sessions, &token).await, "nothing is brought back");
}

/// A program starts before its server.
#[tokio::test]
async fn s49_a_server_that_is_away_at_the_start_is_an_outage_until_it_comes() {
    let mut server = RedisServer::private(&["--appendonly", "yes", "--appendfsync", "always"]);
    let token = begin(&sessions(server.url()).await).await;
    server.process().kill();
    let sessions = sessions(server.url()).await;
    for _ in 0..3 {
        let error = add_one(&sessions, &token).await.unwrap_err();
        assert!(matches!(error, session_core::Error::Unavailable { .. }), "{error:?}");
    }
    server.process().restart();
    recovers(&sessions, &token).await;
}
