//! Rows as they lie in the table.

use std::time::Duration;

use session_core::{Backend, Entry, Error, Marker, RecordKey, Stored, Swapped, Timestamp};
use session_sql::{SqlBackend, SqlConfig, SqlPools};

use crate::common::{File, HOUR, key, now, payload, stored};

#[tokio::test]
async fn s29_a_planted_row_beyond_any_record_is_corrupt_and_not_even_read() {
    let file = File::new();
    let (backend, foreign) = (file.backend().await, file.foreign().await);
    let (planted, neighbour) = (key(), key());
    for key in [&planted, &neighbour] {
        assert!(backend.insert(key, &stored(b"mine"), now()).await.unwrap());
    }
    assert_eq!(backend.capabilities().max_payload, 16_777_216, "and one of this size is a record");
    let grow = sqlx::query("UPDATE sessions SET payload = zeroblob(16777217) WHERE key = ?").bind(planted.as_str());
    grow.execute(&foreign).await.unwrap();
    let error = backend.get(&planted, now()).await.unwrap_err();
    assert!(matches!(error, Error::Corrupt { .. }), "{error:?}");
    assert_eq!(payload(&backend, &neighbour).await.unwrap(), b"mine");
}

#[tokio::test]
async fn a_planted_version_is_corrupt() {
    let file = File::new();
    let (backend, foreign, key) = (file.backend().await, file.foreign().await, key());
    assert!(backend.insert(&key, &stored(b"mine"), now()).await.unwrap());
    sqlx::query("UPDATE sessions SET version = x'00'").execute(&foreign).await.unwrap();
    let error = backend.get(&key, now()).await.unwrap_err();
    assert_eq!(error.to_string(), "the stored session cannot be read: its version is not of 16 bytes");
}

#[tokio::test]
async fn s54_values_full_of_quotes_stay_values() {
    let file = File::new();
    let backend = file.backend().await;
    for text in ["'; DROP TABLE sessions; --", "\"sessions\"", "a'b\"c`d", "?1 :key $1 @x", "%_*", "\0after"] {
        let key = RecordKey::new(text);
        assert!(backend.insert(&key, &stored(text.as_bytes()), now()).await.unwrap());
        assert_eq!(payload(&backend, &key).await.unwrap(), text.as_bytes());
    }
}

#[tokio::test]
async fn keys_compare_as_bytes() {
    let file = File::new();
    let backend = file.backend().await;
    // Upper and lower case, composed and decomposed, with and without a blank at the end.
    let keys =
        ["session:a", "session:A", "session:é", "session:e\u{301}", "session:a ", "session:"].map(RecordKey::new);
    for key in &keys {
        assert!(backend.insert(key, &stored(key.as_str().as_bytes()), now()).await.unwrap());
    }
    for key in &keys {
        assert_eq!(payload(&backend, key).await.unwrap(), key.as_str().as_bytes());
    }
}

/// An insert takes the place of what has expired by that very millisecond, and is a record even where a marker was.
#[tokio::test]
async fn p2_p5_an_insert_takes_the_place_of_an_expired_record_or_marker() {
    let file = File::new();
    let backend = file.backend().await;
    let (record, retired) = (key(), key());
    let (old, new) = (stored(b"old"), stored(b"new"));
    for key in [&record, &retired] {
        assert!(backend.insert(key, &old, now()).await.unwrap());
    }
    let marker = Marker { version: new.version, successor: key(), until: old.deadline };
    assert_eq!(backend.swap(&retired, &old.version, &Entry::Retired(marker), now()).await.unwrap(), Swapped::Done);
    let later = Stored { deadline: old.deadline.plus(HOUR), ..new };
    for key in [&record, &retired] {
        let before = Timestamp::from_millis(old.deadline.as_millis() - 1);
        assert!(!backend.insert(key, &later, before).await.unwrap());
        assert!(backend.insert(key, &later, old.deadline).await.unwrap());
        assert_eq!(backend.get(key, old.deadline).await.unwrap(), Some(Entry::Live(later.clone())));
    }
}

/// A read through another connection than the one that wrote sees what was written before it began.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_read_sees_every_earlier_write() {
    let file = File::new();
    let backend = file.backend().await;
    let (key, mut seen) = (key(), stored(b"0"));
    assert!(backend.insert(&key, &seen, now()).await.unwrap());
    for round in 1..300_u32 {
        let next = Stored { ..stored(&round.to_le_bytes()) };
        assert_eq!(backend.swap(&key, &seen.version, &Entry::Live(next.clone()), now()).await.unwrap(), Swapped::Done);
        // All four readers, at once: none of them may sit on an older snapshot.
        let reads = tokio::join!(payload(&backend, &key), payload(&backend, &key), payload(&backend, &key));
        assert!([reads.0, reads.1, reads.2].iter().all(|read| read.as_deref() == Some(&next.payload[..])));
        seen = next;
    }
}

/// Whoever reads waits for nobody who writes.
#[tokio::test]
async fn reads_go_on_while_the_writer_is_taken() {
    let file = File::new();
    let (writer, readers) = (file.foreign().await, file.foreign().await);
    let backend = SqlBackend::new(SqlPools::sqlite(writer.clone(), readers), &file.config()).await.unwrap();
    let key = key();
    assert!(backend.insert(&key, &stored(b"mine"), now()).await.unwrap());
    let _taken = writer.acquire().await.unwrap();
    let read = tokio::time::timeout(Duration::from_secs(2), payload(&backend, &key)).await;
    assert_eq!(read.unwrap().unwrap(), b"mine");
}

#[tokio::test]
async fn a_database_in_memory_is_the_stores_own() {
    let config = SqlConfig::new("sqlite::memory:");
    let one = SqlBackend::connect(&config).await.unwrap();
    let other = SqlBackend::connect(&config).await.unwrap();
    let key = key();
    assert!(one.insert(&key, &stored(b"mine"), now()).await.unwrap());
    assert!(payload(&one, &key).await.is_some());
    assert!(payload(&other, &key).await.is_none());
}
