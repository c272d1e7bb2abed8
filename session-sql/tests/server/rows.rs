//! What a table must do on any server.

use std::sync::Arc;
use std::time::{Duration, Instant};

use session_core::{AtomicRename, Backend, Entry, Marker, RecordKey, Removed, Rename, Stored, Swapped};
use session_sql::{SqlBackend, SqlConfig, SqlStore};
use tokio::task::JoinSet;

use crate::common::{HOUR, add_one, backend, begin, key, now, payload, sessions, stored, total};
use crate::under_test::{Server, ask};

/// Two keys that differ by case, by an accent or by a space at the end are two keys.
#[tokio::test]
async fn p8_keys_compare_as_bytes() {
    let backend = backend(&Server::shared().database()).await;
    let keys =
        ["Session:abc", "session:abc", "session:ABC", "session:abc ", "session:äbc", "session:abc_", "session:ab%"];
    for name in keys {
        assert!(backend.insert(&RecordKey::new(name), &stored(name.as_bytes()), now()).await.unwrap(), "{name:?}");
    }
    for name in keys {
        assert_eq!(payload(&backend, &RecordKey::new(name)).await.unwrap(), name.as_bytes());
    }
    assert_eq!(backend.remove(&RecordKey::new(keys[0]), None, now()).await.unwrap(), Removed::Done);
    assert!(payload(&backend, &RecordKey::new(keys[1])).await.is_some());
}

/// As many as want it: one makes the table, the others find it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_processes_make_the_table_at_once() {
    for table in ["sessions", "Shop_2", &"x".repeat(63)] {
        let url = Server::shared().database();
        let mut programs = JoinSet::new();
        for _ in 0..12 {
            let config = SqlConfig::new(&url).table(table).acquire_timeout(Duration::from_secs(10));
            programs.spawn(async move {
                let backend = SqlBackend::connect(&config).await.unwrap();
                let key = key();
                assert!(backend.insert(&key, &stored(b"x"), now()).await.unwrap());
                assert!(payload(&backend, &key).await.is_some());
            });
        }
        programs.join_all().await;
        assert_eq!(ask(&url, "SELECT count(*), max(form) FROM session_schema").replace(['|', '\t'], " "), "1 1");
    }
}

#[tokio::test]
async fn a_name_that_is_taken_and_a_table_of_the_future_are_refused() {
    let url = Server::shared().database();
    ask(&url, "CREATE TABLE sessions (n INT)");
    let line = SqlStore::connect(&url).await.unwrap_err().to_string();
    assert_eq!(line, "table: \"sessions\" is something else's name in this database; choose another name");
    assert!(SqlStore::connect_with(SqlConfig::new(&url).table("others")).await.is_ok());
    ask(&url, "UPDATE session_schema SET form = 99");
    let line = SqlStore::connect_with(SqlConfig::new(&url).table("others")).await.unwrap_err().to_string();
    assert_eq!(line, "table: \"others\" was made by a newer version of session-sql; update this program");
}

/// Two processes, 32 visitors of one session, 20 requests each.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_count_every_update() {
    let url = Server::shared().database();
    let processes = [sessions(&url).await, sessions(&url).await];
    let token = begin(&processes[0]).await;
    let mut visitors = JoinSet::new();
    for visitor in 0..32 {
        let (sessions, token) = (processes[visitor % 2].clone(), token.clone());
        visitors.spawn(async move {
            for _ in 0..20 {
                add_one(&sessions, &token).await.unwrap();
            }
        });
    }
    visitors.join_all().await;
    assert_eq!(total(&processes[0], &token).await.unwrap(), 640);
}

/// Of many that rename one row at the same time one does; and those of other rows do not stand in its way.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn p5_one_of_many_renames_wins_and_none_fails() {
    let url = Server::shared().database();
    let backends = [Arc::new(backend(&url).await), Arc::new(backend(&url).await)];
    let (shared, old) = (key(), stored(b"old"));
    assert!(backends[0].insert(&shared, &old, now()).await.unwrap());
    let mut renames = JoinSet::new();
    for n in 0..32 {
        let (backend, shared, old) = (Arc::clone(&backends[n % 2]), shared.clone(), old.clone());
        renames.spawn(async move {
            let own = key();
            let first = stored(b"own");
            assert!(backend.insert(&own, &first, now()).await.unwrap());
            assert_eq!(rename(&backend, &own, &first).await, Swapped::Done);
            rename(&backend, &shared, &old).await
        });
    }
    let won = renames.join_all().await.into_iter().filter(|swapped| *swapped == Swapped::Done).count();
    assert_eq!(won, 1);
    // The 32 that were renamed alone, their markers, the shared one and its marker.
    assert_eq!(ask(&url, "SELECT count(*) FROM sessions"), "66");
}

async fn rename(backend: &SqlBackend, from: &RecordKey, old: &Stored) -> Swapped {
    let (to, record) = (key(), stored(b"new"));
    let marker = Marker { version: record.version, successor: to.clone(), until: now().plus(HOUR) };
    let rename = Rename { from, seen: &old.version, to: &to, record: &record, marker: &marker };
    backend.rename(&rename, now()).await.unwrap()
}

/// In batches, while requests go on, and two at a time.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s64_requests_go_on_while_many_rows_are_swept() {
    let url = Server::shared().database();
    let (one, two) = (Arc::new(backend(&url).await), Arc::new(backend(&url).await));
    fill(&url, 5_000);
    let (key, mut seen) = (key(), stored(b"lives"));
    assert!(one.insert(&key, &seen, now()).await.unwrap());
    let sweeps = (Arc::clone(&one), Arc::clone(&two));
    let sweeping =
        tokio::spawn(async move { tokio::join!(sweeps.0.sweep(usize::MAX, now()), sweeps.1.sweep(usize::MAX, now())) });
    let mut slowest = Duration::ZERO;
    while !sweeping.is_finished() {
        let (begun, next) = (Instant::now(), stored(b"lives"));
        assert_eq!(one.swap(&key, &seen.version, &Entry::Live(next.clone()), now()).await.unwrap(), Swapped::Done);
        (slowest, seen) = (slowest.max(begun.elapsed()), next);
    }
    let (first, second) = sweeping.await.unwrap();
    let swept = first.unwrap() + second.unwrap();
    // One that found the other at the last batch may have left it a few.
    let rest = one.sweep(usize::MAX, now()).await.unwrap();
    assert_eq!(swept + rest, 5_000, "each is counted once");
    assert!(slowest < Duration::from_secs(1), "{slowest:?}");
    assert!(payload(&two, &key).await.is_some(), "what lives stays");
}

#[tokio::test]
async fn p7_a_sweep_works_in_batches_however_large_its_limit() {
    let url = Server::shared().database();
    let backend = SqlBackend::connect(&SqlConfig::new(&url).sweep_batch(10)).await.unwrap();
    fill(&url, 95);
    assert_eq!(backend.sweep(0, now()).await.unwrap(), 0);
    assert_eq!(backend.sweep(25, now()).await.unwrap(), 25);
    assert_eq!(backend.sweep(usize::MAX, now()).await.unwrap(), 70);
    assert_eq!(ask(&url, "SELECT count(*) FROM sessions"), "0");
}

/// Rows that have expired.
fn fill(url: &str, count: u32) {
    let rows = crate::under_test::numbers(count);
    ask(
        url,
        &format!("INSERT INTO sessions SELECT concat('session:', i), '0123456789abcdef', 1, NULL, 'over' FROM {rows}"),
    );
}
