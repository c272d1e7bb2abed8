//! Rows as they lie in the table.

use session_core::{Backend, Entry, Error, RecordKey, Stored, Swapped};

use crate::common::{File, key, now, payload, stored};

#[tokio::test]
async fn s29_a_planted_row_beyond_any_record_is_corrupt_and_not_even_read() {
    let file = File::new();
    let (backend, foreign) = (file.backend().await, file.foreign().await);
    let (planted, neighbour) = (key(), key());
    for key in [&planted, &neighbour] {
        assert!(backend.insert(key, &stored(b"mine"), now()).await.unwrap());
    }
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

#[tokio::test]
async fn a_database_in_memory_is_the_stores_own() {
    let config = session_sql::SqlConfig::new("sqlite::memory:");
    let one = session_sql::SqlBackend::connect(&config).await.unwrap();
    let other = session_sql::SqlBackend::connect(&config).await.unwrap();
    let key = key();
    assert!(one.insert(&key, &stored(b"mine"), now()).await.unwrap());
    assert!(payload(&one, &key).await.is_some());
    assert!(payload(&other, &key).await.is_none());
}
