//! Servers that die, and come back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use session_core::Sessions;
use tokio::task::JoinSet;

use crate::common::{add_one, begin, is_absent, log_out, recovers, sessions, total};
use crate::under_test::durable;

/// What came of the requests so far.
#[derive(Default)]
struct Count {
    done: AtomicU64,
    failed: AtomicU64,
    over: AtomicBool,
}

async fn keep_asking(sessions: Sessions, token: String, count: Arc<Count>) {
    while !count.over.load(Ordering::SeqCst) {
        let counter = match add_one(&sessions, &token).await {
            Ok(()) => &count.done,
            Err(error) if error.is_outage() => &count.failed,
            Err(error) => panic!("{error:?}"),
        };
        counter.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// On a server that writes a commit down before it says so: what was answered "done" is there, what else is there was tried, and
/// who had logged out is not back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s50_what_was_acknowledged_outlives_a_kill() {
    let mut server = durable();
    let sessions = sessions(&server.database()).await;
    let (token, ended) = (begin(&sessions).await, begin(&sessions).await);
    log_out(&sessions, &ended).await.unwrap();

    let (count, mut requests) = (Arc::new(Count::default()), JoinSet::new());
    for _ in 0..8 {
        requests.spawn(keep_asking(sessions.clone(), token.clone(), Arc::clone(&count)));
    }
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(300)).await;
        server.process().kill();
        tokio::time::sleep(Duration::from_millis(300)).await;
        tokio::task::block_in_place(|| server.process().restart());
        let before = count.done.load(Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(1900)).await;
        assert!(count.done.load(Ordering::SeqCst) > before, "it is back, and no request gets through");
    }
    count.over.store(true, Ordering::SeqCst);
    requests.join_all().await;

    let (done, failed) = (count.done.load(Ordering::SeqCst), count.failed.load(Ordering::SeqCst));
    let total = total(&sessions, &token).await.unwrap();
    assert!((done..=done + failed).contains(&total), "{done} done, {failed} failed, {total} counted");
    assert!(is_absent(&sessions, &ended).await);
}

/// Every connection that lay idle is dead, and not one request fails for it.
#[tokio::test]
async fn s50_the_first_call_after_a_restart_is_repeated_and_no_visitor_notices() {
    let mut server = durable();
    let sessions = sessions(&server.database()).await;
    let token = begin(&sessions).await;
    let visits = (0..8).map(|_| sessions.open([token.as_str()]));
    futures(visits.collect()).await;
    server.process().restart();
    for _ in 0..10 {
        add_one(&sessions, &token).await.unwrap();
    }
    assert_eq!(total(&sessions, &token).await.unwrap(), 10);
}

/// All at once, so that each takes a connection of its own.
async fn futures<T>(all: Vec<impl Future<Output = T>>) {
    let mut all: Vec<_> = all.into_iter().map(Box::pin).collect();
    let each = std::future::poll_fn(|context| {
        all.retain_mut(|one| one.as_mut().poll(context).is_pending());
        if all.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    });
    each.await;
}

/// A program starts before its server, and the table is made by the first request that gets through.
#[tokio::test]
async fn s49_a_server_that_is_away_at_the_start_is_an_outage_until_it_comes() {
    let mut server = durable();
    let url = server.database();
    server.process().kill();
    let sessions = sessions(&url).await;
    let session = sessions.fresh();
    session.set("n", 0).unwrap();
    for _ in 0..3 {
        let error = sessions.commit(&session).await.result.unwrap_err();
        assert!(error.is_outage(), "{error:?}");
    }
    server.process().restart();
    let token = begin(&sessions).await;
    recovers(&sessions, &token).await;
}
