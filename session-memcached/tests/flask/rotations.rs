//! Rotations of one id at the same time: the marker is written before the record is emptied, and yet is the winner's.

use std::sync::Arc;
use std::time::Duration;

use session_core::{Backend, Clock, Entry, Marker, RecordKey, Stored, Swapped, SystemClock, Timestamp, Token, Version};
use session_memcached::MemcachedBackend;
use session_testkit::server::MemcachedServer;
use tokio::task::JoinSet;

use crate::common::{Raw, backend, marker_of};

fn now() -> Timestamp {
    SystemClock.now()
}

fn marker() -> Marker {
    let until = now().plus(Duration::from_secs(120));
    Marker { version: Version::random().unwrap(), successor: RecordKey::new("session:next"), until }
}

/// As it lies there.
fn bytes(marker: &Marker) -> Vec<u8> {
    let until = marker.until.as_millis().to_be_bytes();
    [&[2][..], marker.version.as_bytes(), &until, marker.successor.as_str().as_bytes()].concat()
}

/// A record that this backend has just written.
async fn begin(backend: &MemcachedBackend) -> (RecordKey, Stored) {
    let (key, deadline) =
        (RecordKey::plain("session:", &Token::random().unwrap()), now().plus(Duration::from_secs(3600)));
    let record = Stored { version: Version::of(b"record"), deadline, payload: b"record"[..].into() };
    assert!(backend.insert(&key, &record, now()).await.unwrap());
    (key, record)
}

async fn retire(backend: &MemcachedBackend, key: &RecordKey, seen: &Stored, marker: &Marker) -> Swapped {
    backend.swap(key, &seen.version, &Entry::Retired(marker.clone()), now()).await.unwrap()
}

/// Another rotation has written its marker and not yet emptied the record. Ours goes first, and then it can't any more.
#[tokio::test]
async fn p5_flask_rotation_that_is_overtaken_is_refused() {
    let server = MemcachedServer::private(&[]);
    let (backend, mut raw) = (backend(server.url()).await, Raw::of(server.address()));
    let (key, seen) = begin(&backend).await;
    let (ours, theirs, place) = (marker(), bytes(&marker()), marker_of(key.as_str()));
    let (.., cas) = raw.gets(key.as_str()).unwrap();
    assert_eq!(raw.ask(&format!("add {place} 0 120 {}", theirs.len()), Some(&theirs)), "STORED");
    assert_eq!(retire(&backend, &key, &seen, &ours).await, Swapped::Done);
    assert_eq!(raw.ask(&format!("cas {} 0 120 0 {cas}", key.as_str()), Some(b"")), "EXISTS", "their number is void");
    assert_eq!(raw.get(&place).unwrap(), bytes(&ours));
    assert!((115..=120).contains(&raw.left(key.as_str())), "the empty value ends with the marker");
    assert_eq!(backend.get(&key, now()).await.unwrap(), Some(Entry::Retired(ours)));
}

/// The other one was faster: its marker stays, and is what ours is told.
#[tokio::test]
async fn p5_flask_rotation_that_comes_too_late_leaves_the_marker_alone() {
    let server = MemcachedServer::private(&[]);
    let (backend, mut raw) = (backend(server.url()).await, Raw::of(server.address()));
    let (key, seen) = begin(&backend).await;
    let (theirs, place) = (marker(), marker_of(key.as_str()));
    let (.., cas) = raw.gets(key.as_str()).unwrap();
    let value = bytes(&theirs);
    assert_eq!(raw.ask(&format!("add {place} 0 120 {}", value.len()), Some(&value)), "STORED");
    assert_eq!(raw.ask(&format!("cas {} 0 120 0 {cas}", key.as_str()), Some(b"")), "STORED");
    assert_eq!(retire(&backend, &key, &seen, &marker()).await, Swapped::Retired(theirs));
    assert_eq!(raw.get(&place).unwrap(), value);
}

/// A rotation that was refused, or broken off, leaves its marker behind: nobody asks for it, and the next one writes over it.
#[tokio::test]
async fn p5_flask_marker_of_a_refused_rotation_is_nothing() {
    let server = MemcachedServer::private(&[]);
    let (backend, mut raw) = (backend(server.url()).await, Raw::of(server.address()));
    let (key, seen) = begin(&backend).await;
    raw.set(key.as_str(), b"Flask's", 3600);
    assert_eq!(retire(&backend, &key, &seen, &marker()).await, Swapped::Conflict);
    assert!(raw.get(&marker_of(key.as_str())).is_some());
    let Some(Entry::Live(found)) = backend.get(&key, now()).await.unwrap() else { panic!("a record") };
    assert_eq!((&found.payload[..], found.version), (&b"Flask's"[..], Version::of(b"Flask's")));

    let next = marker();
    assert_eq!(retire(&backend, &key, &found, &next).await, Swapped::Done);
    assert_eq!(retire(&backend, &key, &found, &next).await, Swapped::Done, "a repeat");
    assert_eq!(backend.get(&key, now()).await.unwrap(), Some(Entry::Retired(next)));
}

/// Of 16 rotations at once by two processes one wins, and the marker is its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn p5_flask_rotations_that_race_have_one_winner_whose_marker_it_is() {
    let server = MemcachedServer::private(&[]);
    let backends = [Arc::new(backend(server.url()).await), Arc::new(backend(server.url()).await)];
    for _ in 0..40 {
        let (key, seen) = begin(&backends[0]).await;
        let mut racers = JoinSet::new();
        for racer in 0..16 {
            let (backend, key, seen, marker) = (Arc::clone(&backends[racer % 2]), key.clone(), seen.clone(), marker());
            racers.spawn(async move { (retire(&backend, &key, &seen, &marker).await, marker) });
        }
        let answers = racers.join_all().await;
        let winners: Vec<_> = answers.iter().filter(|(answer, _)| *answer == Swapped::Done).collect();
        let [(_, winner)] = winners[..] else { panic!("{} winners", winners.len()) };
        let expected = Some(Entry::Retired(winner.clone()));
        assert_eq!(backends[1].get(&key, now()).await.unwrap(), expected);
        let others = answers.iter().filter(|(answer, _)| *answer == Swapped::Retired(winner.clone()));
        assert_eq!(others.count(), 15, "all others are told the winner's");
    }
}
