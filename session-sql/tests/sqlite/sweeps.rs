//! Sweeping while requests go on, and only as long as the store lives.

use std::sync::Arc;
use std::time::{Duration, Instant};

use session_core::{Backend, Entry, SessionConfig, Sessions, Swapped, Timestamp};
use session_sql::{SqlBackend, SqlStore};
use session_testkit::MovableClock;
use sqlx::{Row, SqlitePool};

use crate::common::{File, expired, key, now, payload, stored};

async fn rows(pool: &SqlitePool) -> i64 {
    sqlx::query("SELECT count(*) FROM sessions").fetch_one(pool).await.unwrap().get(0)
}

/// Rows that have expired, straight into the table.
async fn fill(pool: &SqlitePool, count: u32, deadline: Timestamp) {
    let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1) \
                INSERT INTO sessions SELECT 'session:' || hex(randomblob(16)), randomblob(16), ?2, NULL, zeroblob(200) FROM n";
    let deadline = i64::try_from(deadline.as_millis()).unwrap();
    sqlx::query(many).bind(count).bind(deadline).execute(pool).await.unwrap();
}

/// Waits until there are as many rows, for 10 s at most.
async fn until(pool: &SqlitePool, count: i64) {
    let begun = Instant::now();
    while rows(pool).await != count {
        assert!(begun.elapsed() < Duration::from_secs(10), "{} rows are left", rows(pool).await);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s64_requests_go_on_while_many_rows_are_swept() {
    let file = File::new();
    let store = SqlStore::connect(file.url()).await.unwrap();
    let (backend, foreign) = (Arc::new(file.backend().await), file.foreign().await);
    fill(&foreign, 20_000, expired().deadline).await;
    let (key, mut seen) = (key(), stored(b"lives"));
    assert!(backend.insert(&key, &seen, now()).await.unwrap());

    // Two at once, of which one waits for the other, and another process's beside them.
    let twin = store.clone();
    let peer = Arc::clone(&backend);
    let sweeping =
        tokio::spawn(async move { tokio::join!(store.sweep(), twin.sweep(), peer.sweep(usize::MAX, now())) });
    let (mut slowest, mut count) = (Duration::ZERO, 0);
    while !sweeping.is_finished() {
        let (begun, next) = (Instant::now(), stored(b"lives"));
        let swapped = backend.swap(&key, &seen.version, &Entry::Live(next.clone()), now()).await.unwrap();
        assert_eq!(swapped, Swapped::Done);
        (slowest, count, seen) = (slowest.max(begun.elapsed()), count + 1, next);
    }
    let (one, two, three) = sweeping.await.unwrap();
    assert_eq!(one.unwrap() + three.unwrap(), 20_000, "each is counted once");
    assert_eq!(two.unwrap(), 0, "the second sweep of a store begins when the first has ended");
    assert!(payload(&backend, &key).await.is_some(), "what lives stays");
    assert!(count > 20 && slowest < Duration::from_millis(700), "{count} requests, the slowest took {slowest:?}");
}

#[tokio::test]
async fn p7_a_sweep_works_in_batches_however_large_its_limit() {
    let file = File::new();
    let backend = SqlBackend::connect(&file.config().sweep_batch(10)).await.unwrap();
    let foreign = file.foreign().await;
    fill(&foreign, 95, expired().deadline).await;
    assert_eq!(backend.sweep(0, now()).await.unwrap(), 0);
    assert_eq!(backend.sweep(25, now()).await.unwrap(), 25);
    assert_eq!(backend.sweep(usize::MAX, now()).await.unwrap(), 70);
    assert_eq!(rows(&foreign).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s64_the_sweeper_works_by_itself_and_ends_with_the_store() {
    let file = File::new();
    let config = file.config().sweep_interval(Duration::from_millis(10));
    let store = SqlStore::connect_with(config).await.unwrap();
    let clone = store.clone();
    let foreign = file.foreign().await;
    fill(&foreign, 500, expired().deadline).await;
    until(&foreign, 0).await;
    drop(store);
    fill(&foreign, 500, expired().deadline).await;
    until(&foreign, 0).await;
    drop(clone);
    fill(&foreign, 500, expired().deadline).await;
    // Twenty rounds of a sweeper that was still there; the batch that was under way may have ended late.
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(rows(&foreign).await >= 300);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sweeper_goes_by_the_clock_of_the_sessions() {
    let file = File::new();
    let clock = MovableClock::at(Timestamp::from_millis(1_000_000));
    let store = SqlStore::connect_with(file.config().sweep_interval(Duration::from_millis(10))).await.unwrap();
    let sessions = Sessions::with_clock(store, SessionConfig::default(), clock.shared()).unwrap();
    let foreign = file.foreign().await;
    fill(&foreign, 10, Timestamp::from_millis(2_000_000)).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(rows(&foreign).await, 10, "by this clock they live");
    clock.set(Timestamp::from_millis(2_000_000));
    until(&foreign, 0).await;
    drop(sessions);
}
