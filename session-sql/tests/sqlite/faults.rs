//! Busy, full, given up half-way.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::{Duration, Instant};

use session_core::{AtomicRename, Backend, Entry, Error, Marker, RecordKey, Rename, Stored, Swapped};
use session_sql::{SqlBackend, SqlConfig, SqlPools};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};

use crate::common::{File, HOUR, key, now, payload, stored};

#[tokio::test]
async fn s49_s50_a_locked_file_is_an_outage_for_writes_and_none_for_reads() {
    let file = File::new();
    let config = file.config().busy_timeout(Duration::from_millis(50));
    let backend = SqlBackend::connect(&config).await.unwrap();
    let (key, old) = (key(), stored(b"old"));
    assert!(backend.insert(&key, &old, now()).await.unwrap());

    let foreign = file.foreign().await;
    let lock = foreign.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let (begun, new) = (Instant::now(), Entry::Live(stored(b"new")));
    let error = backend.swap(&key, &old.version, &new, now()).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    assert_eq!(payload(&backend, &key).await.unwrap(), b"old");

    lock.rollback().await.unwrap();
    assert_eq!(backend.swap(&key, &old.version, &new, now()).await.unwrap(), Swapped::Done);
    assert_eq!(payload(&backend, &key).await.unwrap(), b"new");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s51_in_an_outage_every_caller_gets_an_answer_in_time() {
    let file = File::new();
    let config = file.config().busy_timeout(Duration::from_millis(50)).acquire_timeout(Duration::from_millis(200));
    let backend = Arc::new(SqlBackend::connect(&config).await.unwrap());
    let foreign = file.foreign().await;
    let lock = foreign.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let begun = Instant::now();
    let callers = (0..64).map(|_| {
        let backend = Arc::clone(&backend);
        tokio::spawn(async move { backend.insert(&key(), &stored(b"new"), now()).await })
    });
    for caller in callers.collect::<Vec<_>>() {
        let error = caller.await.unwrap().unwrap_err();
        assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    }
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    lock.rollback().await.unwrap();
    assert!(backend.insert(&key(), &stored(b"new"), now()).await.unwrap());
}

#[tokio::test]
async fn s49_a_file_that_stays_locked_cannot_be_opened() {
    let file = File::new();
    let foreign = file.foreign().await;
    let _lock = foreign.begin_with("BEGIN EXCLUSIVE").await.unwrap();
    let short = Duration::from_millis(50);
    let begun = Instant::now();
    let error = SqlBackend::connect(&file.config().busy_timeout(short).acquire_timeout(short)).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn s50_a_file_that_is_locked_for_a_while_is_opened_once_it_is_free() {
    let file = File::new();
    let foreign = file.foreign().await;
    let lock = foreign.begin_with("BEGIN EXCLUSIVE").await.unwrap();
    let config = file.config().busy_timeout(Duration::ZERO);
    let opening = tokio::spawn(async move { SqlBackend::connect(&config).await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    lock.rollback().await.unwrap();
    assert!(opening.await.unwrap().is_ok());
}

#[tokio::test]
async fn s49_a_full_disk_refuses_the_write_and_keeps_what_was() {
    let file = File::new();
    drop(file.backend().await);
    let full = || SqliteConnectOptions::new().filename(file.path()).journal_mode(SqliteJournalMode::Wal);
    let full = full().pragma("max_page_count", "8");
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(full).await.unwrap();
    let backend = SqlBackend::new(SqlPools::sqlite(pool.clone(), pool), &SqlConfig::default()).await.unwrap();
    let (key, old) = (key(), stored(b"old"));
    assert!(backend.insert(&key, &old, now()).await.unwrap());
    let big = Entry::Live(stored(&[7; 100_000]));
    let error = backend.swap(&key, &old.version, &big, now()).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    assert_eq!(payload(&backend, &key).await.unwrap(), b"old");
    let small = Entry::Live(stored(b"new"));
    assert_eq!(backend.swap(&key, &old.version, &small, now()).await.unwrap(), Swapped::Done);
}

/// 200 calls given up at random moments, or as many more as it takes on a busy machine: each leaves the row as it was or as it was to be, and nothing is left open.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p9_two_hundred_calls_given_up_leave_the_store_usable() {
    let file = File::new();
    let backend = Arc::new(file.backend().await);
    // On an idle machine and on a busy one: up to twice what a call takes.
    let begun = Instant::now();
    assert!(backend.insert(&key(), &stored(b"how long?"), now()).await.unwrap());
    let longest = begun.elapsed() * 2;
    let mut given_up = 0;
    for round in 0..5000 {
        if round >= 200 && given_up >= 20 {
            break;
        }
        let (key, old, new) = (key(), stored(b"old"), stored(b"new"));
        assert!(backend.insert(&key, &old, now()).await.unwrap());
        let call = tokio::spawn(write(Arc::clone(&backend), round, key.clone(), old.clone(), new.clone()));
        spin(longest.mul_f64((RandomState::new().hash_one(round) % 1000) as f64 / 1000.0));
        call.abort();
        given_up += u32::from(call.await.is_err_and(|error| error.is_cancelled()));
        match backend.get(&key, now()).await.unwrap() {
            None | Some(Entry::Retired(_)) => {}
            Some(Entry::Live(found)) => assert!(found.payload == old.payload || found == new),
        }
    }
    assert!(given_up >= 20, "{given_up} were given up: too few to tell");
    // A transaction that was left open would be in the way of another program's.
    let foreign = file.foreign().await;
    foreign.begin_with("BEGIN IMMEDIATE").await.unwrap().rollback().await.unwrap();
    let key = key();
    assert!(backend.insert(&key, &stored(b"usable"), now()).await.unwrap());
    assert_eq!(payload(&backend, &key).await.unwrap(), b"usable");
}

/// Waits less than a timer can.
fn spin(time: Duration) {
    let begun = Instant::now();
    while begun.elapsed() < time {
        std::hint::spin_loop();
    }
}

/// Each kind of write in turn.
async fn write(backend: Arc<SqlBackend>, round: u32, from: RecordKey, old: Stored, new: Stored) {
    let (from, seen) = (&from, &old.version);
    match round % 4 {
        0 => drop(backend.swap(from, seen, &Entry::Live(new), now()).await.unwrap()),
        1 => drop(backend.touch(from, seen, old.deadline.plus(HOUR), now()).await.unwrap()),
        2 => drop(backend.remove(from, Some(seen), now()).await.unwrap()),
        _ => {
            let to = key();
            let marker = Marker { version: new.version, successor: to.clone(), until: now().plus(HOUR) };
            let rename = Rename { from, seen, to: &to, record: &new, marker: &marker };
            drop(backend.rename(&rename, now()).await.unwrap());
        }
    }
}

/// A rename is one statement: whoever looks sees the old record alone, or the marker and the new record.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn p5_nobody_sees_half_a_rename() {
    let file = File::new();
    let (backend, peer) = (file.backend().await, file.backend().await);
    for _ in 0..100 {
        let (from, to, old, new) = (key(), key(), stored(b"old"), stored(b"new"));
        assert!(backend.insert(&from, &old, now()).await.unwrap());
        let marker = Marker { version: new.version, successor: to.clone(), until: now().plus(HOUR) };
        let rename = Rename { from: &from, seen: &old.version, to: &to, record: &new, marker: &marker };
        let look = async {
            for _ in 0..5 {
                let retired = matches!(peer.get(&from, now()).await.unwrap(), Some(Entry::Retired(_)));
                let moved = payload(&peer, &to).await.is_some();
                assert!(moved || !retired, "a marker without its successor");
            }
        };
        let (renamed, ()) = tokio::join!(backend.rename(&rename, now()), look);
        assert_eq!(renamed.unwrap(), Swapped::Done);
        assert_eq!(payload(&peer, &to).await.unwrap(), b"new");
    }
}

#[tokio::test]
async fn p5_a_rename_to_a_key_that_lives_changes_nothing() {
    let file = File::new();
    let backend = file.backend().await;
    let (from, to, old, new) = (key(), key(), stored(b"old"), stored(b"new"));
    assert!(backend.insert(&from, &old, now()).await.unwrap());
    assert!(backend.insert(&to, &stored(b"another's"), now()).await.unwrap());
    let marker = Marker { version: new.version, successor: to.clone(), until: now().plus(HOUR) };
    let rename = Rename { from: &from, seen: &old.version, to: &to, record: &new, marker: &marker };
    assert_eq!(backend.rename(&rename, now()).await.unwrap(), Swapped::Conflict);
    assert_eq!(payload(&backend, &from).await.unwrap(), b"old");
    assert_eq!(payload(&backend, &to).await.unwrap(), b"another's");
}
