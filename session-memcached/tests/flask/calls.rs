//! What one call to the backend does on the server.

use std::time::Duration;

use session_core::{
    Backend, Clock, Entry, Marker, RecordKey, Removed, Stored, Swapped, SystemClock, Timestamp, Token, Version,
};
use session_memcached::MemcachedBackend;
use session_testkit::server::MemcachedServer;

use crate::common::{DAY, Raw, backend};

const HOUR: Duration = Duration::from_secs(3600);

fn now() -> Timestamp {
    SystemClock.now()
}

/// A record for an hour, whose version is told from its bytes.
fn stored(payload: &'static [u8]) -> Stored {
    Stored { version: Version::of(payload), deadline: now().plus(HOUR), payload: payload.into() }
}

fn marker() -> Entry {
    let (version, successor) = (Version::random().unwrap(), RecordKey::new("session:next"));
    Entry::Retired(Marker { version, successor, until: now().plus(Duration::from_secs(120)) })
}

async fn begin() -> (MemcachedBackend, Raw, RecordKey, Stored) {
    let server = MemcachedServer::shared();
    let (backend, key) = (backend(server.url()).await, RecordKey::plain("session:", &Token::random().unwrap()));
    let first = stored(b"first");
    assert!(backend.insert(&key, &first, now()).await.unwrap());
    (backend, Raw::of(server.address()), key, first)
}

fn is_about(found: i64, expected: Duration) -> bool {
    found.abs_diff(expected.as_secs().try_into().unwrap()) <= 3
}

#[tokio::test]
async fn flask_shape_says_so_and_tells_versions_from_bytes() {
    let (backend, _, key, first) = begin().await;
    let can = backend.capabilities();
    assert!(can.shape == Some(session_core::Shape::Flask) && can.version_of.unwrap()(b"first") == first.version);
    let Some(Entry::Live(found)) = backend.get(&key, now()).await.unwrap() else { panic!("a record") };
    assert_eq!((found.version, found.payload), (first.version, first.payload));
}

#[tokio::test]
async fn p2_flask_insert_writes_over_nothing() {
    let (backend, mut raw, key, first) = begin().await;
    assert!(!backend.insert(&key, &stored(b"second"), now()).await.unwrap());
    assert_eq!(raw.get(key.as_str()).unwrap(), b"first");
    assert_eq!(backend.swap(&key, &first.version, &marker(), now()).await.unwrap(), Swapped::Done);
    assert!(!backend.insert(&key, &first, now()).await.unwrap(), "nor where an id is retired");
    assert_eq!(raw.get(key.as_str()).unwrap(), b"");
}

#[tokio::test]
async fn p3_flask_swap_goes_by_the_bytes() {
    let (backend, mut raw, key, first) = begin().await;
    let second = Entry::Live(stored(b"second"));
    for _ in 0..2 {
        assert_eq!(backend.swap(&key, &first.version, &second, now()).await.unwrap(), Swapped::Done, "or a repeat");
    }
    let late = Entry::Live(stored(b"late"));
    assert_eq!(backend.swap(&key, &first.version, &late, now()).await.unwrap(), Swapped::Conflict);
    // Flask writes the same bytes again: another number, the same version.
    raw.set(key.as_str(), b"second", 3600);
    assert_eq!(backend.remove(&key, Some(&first.version), now()).await.unwrap(), Removed::Conflict);
    assert_eq!(backend.remove(&key, Some(second.version()), now()).await.unwrap(), Removed::Done);
    assert_eq!(backend.swap(&key, second.version(), &late, now()).await.unwrap(), Swapped::Gone);
    assert_eq!(raw.get(key.as_str()), None);
}

/// Whole seconds; never back; and what Flask's application gave no end keeps none.
#[tokio::test]
async fn p4_flask_touch_moves_the_end_alone() {
    let (backend, mut raw, key, first) = begin().await;
    let deadline = now().plus(40 * DAY);
    assert_eq!(backend.touch(&key, &first.version, deadline, now()).await.unwrap(), Swapped::Done);
    assert!(is_about(raw.left(key.as_str()), 40 * DAY));
    assert_eq!(backend.touch(&key, &first.version, now().plus(HOUR), now()).await.unwrap(), Swapped::Done);
    assert!(is_about(raw.left(key.as_str()), 40 * DAY), "a touch never shortens");
    raw.set(key.as_str(), b"Flask's", 1800);
    assert_eq!(backend.touch(&key, &first.version, now().plus(50 * DAY), now()).await.unwrap(), Swapped::Conflict);
    assert!(is_about(raw.left(key.as_str()), HOUR / 2), "what was touched by mistake has its life back");
    raw.set(key.as_str(), b"first", 0);
    assert_eq!(backend.touch(&key, &first.version, now().plus(60 * DAY), now()).await.unwrap(), Swapped::Done);
    assert_eq!(backend.get(&key, now()).await.unwrap().unwrap().deadline(), Timestamp::MAX);
}

#[tokio::test]
async fn p5_flask_marker_is_neither_removed_nor_touched() {
    let (backend, mut raw, key, first) = begin().await;
    let other = crate::common::backend(MemcachedServer::shared().url()).await;
    assert!(other.get(&key, now()).await.unwrap().is_some(), "so that it knows a number");
    let Entry::Retired(marker) = marker() else { panic!() };
    let retired = Entry::Retired(marker.clone());
    assert_eq!(backend.swap(&key, &first.version, &retired, now()).await.unwrap(), Swapped::Done);
    for backend in [&backend, &other] {
        assert_eq!(backend.remove(&key, None, now()).await.unwrap(), Removed::Retired(marker.clone()));
        assert_eq!(backend.remove(&key, Some(&first.version), now()).await.unwrap(), Removed::Retired(marker.clone()));
        let touched = backend.touch(&key, &first.version, now().plus(2 * HOUR), now()).await.unwrap();
        assert_eq!(touched, Swapped::Retired(marker.clone()));
        let swapped = backend.swap(&key, &first.version, &Entry::Live(stored(b"late")), now()).await.unwrap();
        assert_eq!(swapped, Swapped::Retired(marker.clone()));
    }
    assert!(is_about(raw.left(key.as_str()), Duration::from_secs(120)));
    assert_eq!(other.get(&key, now()).await.unwrap(), Some(retired));
}
