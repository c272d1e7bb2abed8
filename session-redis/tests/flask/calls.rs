//! What one call to the backend does on the server.

use std::time::Duration;

use session_core::{
    AtomicRename, Backend, Clock, Entry, Marker, RecordKey, Removed, Rename, Stored, Swapped, SystemClock, Timestamp,
    Token, Version,
};
use session_redis::RedisBackend;
use session_testkit::server::RedisServer;

use crate::common::{Raw, backend};

const HOUR: Duration = Duration::from_secs(3600);

fn now() -> Timestamp {
    SystemClock.now()
}

fn key() -> RecordKey {
    RecordKey::plain("session:", &Token::random().unwrap())
}

/// A record for an hour, whose version is told from its bytes.
fn stored(backend: &RedisBackend, payload: &'static [u8]) -> Stored {
    let version_of = backend.capabilities().version_of.expect("versions are told from bytes");
    Stored { version: version_of(payload), deadline: now().plus(HOUR), payload: payload.into() }
}

fn marker(until: Duration) -> Marker {
    Marker { version: Version::random().unwrap(), successor: key(), until: now().plus(until) }
}

async fn begin() -> (RedisBackend, Raw, RecordKey, Stored) {
    let url = RedisServer::shared().url();
    let (backend, key) = (backend(url).await, key());
    let first = stored(&backend, b"first");
    assert!(backend.insert(&key, &first, now()).await.unwrap());
    (backend, Raw::of(url).await, key, first)
}

async fn milliseconds_left(raw: &mut Raw, key: &RecordKey) -> i64 {
    raw.number(&format!("PTTL {}", key.as_str())).await
}

#[tokio::test]
async fn flask_shape_says_so_and_tells_versions_as_the_server_does() {
    let (backend, _, key, first) = begin().await;
    let can = backend.capabilities();
    assert!(can.shape == Some(session_core::Shape::Flask) && can.self_expiring && can.atomic_rotate);
    let Some(Entry::Live(found)) = backend.get(&key, now()).await.unwrap() else { panic!("a record") };
    assert_eq!((found.version, found.payload), (first.version, first.payload));
}

#[tokio::test]
async fn p2_flask_insert_writes_over_nothing_that_lives() {
    let (backend, mut raw, key, first) = begin().await;
    assert!(!backend.insert(&key, &stored(&backend, b"second"), now()).await.unwrap());
    assert_eq!(raw.get(key.as_str()).await.unwrap(), b"first");
    let retired = Entry::Retired(marker(Duration::from_secs(120)));
    assert_eq!(backend.swap(&key, &first.version, &retired, now()).await.unwrap(), Swapped::Done);
    assert!(!backend.insert(&key, &first, now()).await.unwrap(), "nor where an id is retired");
    assert_eq!(raw.get(key.as_str()).await, None);
}

#[tokio::test]
async fn p3_flask_swap_goes_by_the_bytes() {
    let (backend, mut raw, key, first) = begin().await;
    let second = Entry::Live(stored(&backend, b"second"));
    for _ in 0..2 {
        assert_eq!(backend.swap(&key, &first.version, &second, now()).await.unwrap(), Swapped::Done, "or a repeat");
    }
    let late = Entry::Live(stored(&backend, b"late"));
    assert_eq!(backend.swap(&key, &first.version, &late, now()).await.unwrap(), Swapped::Conflict);
    assert_eq!(raw.get(key.as_str()).await.unwrap(), b"second");
    assert_eq!(backend.remove(&key, Some(&first.version), now()).await.unwrap(), Removed::Conflict);
    assert_eq!(backend.remove(&key, Some(second.version()), now()).await.unwrap(), Removed::Done);
    assert_eq!(backend.swap(&key, second.version(), &late, now()).await.unwrap(), Swapped::Gone);
    assert_eq!(raw.get(key.as_str()).await, None);
}

/// Whole seconds, rounded up; never back; and what Flask's application gave no end keeps none.
#[tokio::test]
async fn p4_flask_touch_moves_the_end_alone() {
    let (backend, mut raw, key, first) = begin().await;
    let deadline = now().plus(2 * HOUR);
    assert_eq!(backend.touch(&key, &first.version, deadline, now()).await.unwrap(), Swapped::Done);
    assert!((7_195_000..=7_200_000).contains(&milliseconds_left(&mut raw, &key).await));
    assert_eq!(backend.touch(&key, &first.version, now().plus(HOUR), now()).await.unwrap(), Swapped::Done);
    assert!(milliseconds_left(&mut raw, &key).await > 7_195_000, "a touch never shortens");
    let other = stored(&backend, b"other").version;
    assert_eq!(backend.touch(&key, &other, now().plus(9 * HOUR), now()).await.unwrap(), Swapped::Conflict);
    assert!(milliseconds_left(&mut raw, &key).await <= 7_200_000);

    assert_eq!(raw.number(&format!("PERSIST {}", key.as_str())).await, 1);
    assert_eq!(backend.touch(&key, &first.version, deadline, now()).await.unwrap(), Swapped::Done);
    assert_eq!(milliseconds_left(&mut raw, &key).await, -1);
    assert_eq!(backend.get(&key, now()).await.unwrap().unwrap().deadline(), Timestamp::MAX);
}

#[tokio::test]
async fn p5_flask_rename_is_one_step_or_none() {
    let (backend, mut raw, from, first) = begin().await;
    let (to, taken, marker) = (key(), key(), marker(Duration::from_secs(120)));
    assert!(backend.insert(&taken, &first, now()).await.unwrap());
    let next = stored(&backend, b"next");
    let rename = |to, seen| Rename { from: &from, seen, to, record: &next, marker: &marker };
    let go = async |rename| backend.rename(&rename, now()).await.unwrap();
    assert_eq!(go(rename(&to, &next.version)).await, Swapped::Conflict, "another version was seen");
    assert_eq!(go(rename(&taken, &first.version)).await, Swapped::Conflict, "the new id is somebody's");
    assert_eq!((raw.get(from.as_str()).await.unwrap(), raw.get(to.as_str()).await), (b"first".to_vec(), None));
    for _ in 0..2 {
        assert_eq!(go(rename(&to, &first.version)).await, Swapped::Done, "or a repeat");
    }
    assert_eq!((raw.get(from.as_str()).await, raw.get(to.as_str()).await.unwrap()), (None, b"next".to_vec()));
    let other = Marker { version: Version::random().unwrap(), ..marker.clone() };
    let second = Rename { marker: &other, ..rename(&to, &first.version) };
    assert_eq!(backend.rename(&second, now()).await.unwrap(), Swapped::Retired(marker.clone()));
    assert_eq!(backend.get(&from, now()).await.unwrap(), Some(Entry::Retired(marker)));
}

/// The server ends markers; until then nothing removes one.
#[tokio::test]
async fn p5_flask_marker_ends_by_itself() {
    let (backend, _, key, first) = begin().await;
    let marker = marker(Duration::from_millis(600));
    let retired = Entry::Retired(marker.clone());
    assert_eq!(backend.swap(&key, &first.version, &retired, now()).await.unwrap(), Swapped::Done);
    assert_eq!(backend.swap(&key, &first.version, &retired, now()).await.unwrap(), Swapped::Done, "a repeat");
    assert_eq!(backend.remove(&key, None, now()).await.unwrap(), Removed::Retired(marker));
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(backend.get(&key, now()).await.unwrap(), None);
    assert_eq!(backend.remove(&key, None, now()).await.unwrap(), Removed::Absent);
}
