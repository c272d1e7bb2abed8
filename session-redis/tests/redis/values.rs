//! What lies on the server: its time to live, and values that are not ours.

use std::time::Duration;

use redis::aio::MultiplexedConnection;
use session_core::{
    AtomicRename, Backend, Entry, Error, Marker, RecordKey, Removed, Rename, Stored, Swapped, Timestamp,
};
use session_redis::{RedisBackend, redis};
use session_testkit::server::RedisServer;

use crate::common::{HOUR, backend, begin, key, now, sessions, stored};

async fn foreign() -> MultiplexedConnection {
    let client = redis::Client::open(RedisServer::shared().url()).unwrap();
    client.get_multiplexed_async_connection().await.unwrap()
}

/// What is left by the server's clock.
async fn left(key: &RecordKey) -> Duration {
    let milliseconds: i64 = redis::cmd("PTTL").arg(key.as_str()).query_async(&mut foreign().await).await.unwrap();
    Duration::from_millis(milliseconds.try_into().expect("an entry with an end"))
}

fn is_about(left: Duration, expected: Duration) -> bool {
    left <= expected && left > expected - Duration::from_secs(30)
}

#[tokio::test]
async fn the_server_ends_every_entry_when_the_library_would() {
    let backend = backend(RedisServer::shared().url()).await;
    let (key, old, new) = (key(), stored(b"old"), stored(b"new"));
    assert!(backend.insert(&key, &old, now()).await.unwrap());
    assert!(is_about(left(&key).await, HOUR));
    let longer = Stored { deadline: now().plus(2 * HOUR), ..new };
    assert_eq!(backend.swap(&key, &old.version, &Entry::Live(longer.clone()), now()).await.unwrap(), Swapped::Done);
    assert!(is_about(left(&key).await, 2 * HOUR));
    let seen = &longer.version;
    assert_eq!(backend.touch(&key, seen, now().plus(3 * HOUR), now()).await.unwrap(), Swapped::Done);
    assert!(is_about(left(&key).await, 3 * HOUR));
    assert_eq!(backend.touch(&key, seen, now().plus(HOUR), now()).await.unwrap(), Swapped::Done);
    assert!(is_about(left(&key).await, 3 * HOUR), "a touch never shortens");
    let two_minutes = Duration::from_secs(120);
    let marker = Marker { version: old.version, successor: key.clone(), until: now().plus(two_minutes) };
    assert_eq!(backend.swap(&key, seen, &Entry::Retired(marker), now()).await.unwrap(), Swapped::Done);
    assert!(is_about(left(&key).await, two_minutes));
}

/// A rename to `to` of what lies under `from`.
async fn rename(backend: &RedisBackend, from: &RecordKey, seen: &Stored, to: &RecordKey) -> Swapped {
    let record = Stored { deadline: now().plus(2 * HOUR), ..stored(b"new") };
    let marker = Marker { version: record.version, successor: to.clone(), until: now().plus(Duration::from_secs(120)) };
    let rename = Rename { from, seen: &seen.version, to, record: &record, marker: &marker };
    backend.rename(&rename, now()).await.unwrap()
}

#[tokio::test]
async fn the_server_ends_both_halves_of_a_rename() {
    let backend = backend(RedisServer::shared().url()).await;
    let (from, to, old) = (key(), key(), stored(b"old"));
    assert!(backend.insert(&from, &old, now()).await.unwrap());
    assert_eq!(rename(&backend, &from, &old, &to).await, Swapped::Done);
    assert!(is_about(left(&from).await, Duration::from_secs(120)));
    assert!(is_about(left(&to).await, 2 * HOUR));
}

#[tokio::test]
async fn p5_a_rename_to_a_key_that_lives_changes_nothing() {
    let backend = backend(RedisServer::shared().url()).await;
    let (from, to, old, other) = (key(), key(), stored(b"old"), stored(b"another's"));
    assert!(backend.insert(&from, &old, now()).await.unwrap());
    assert!(backend.insert(&to, &other, now()).await.unwrap());
    assert_eq!(rename(&backend, &from, &old, &to).await, Swapped::Conflict);
    assert_eq!(backend.get(&from, now()).await.unwrap(), Some(Entry::Live(old)));
    assert_eq!(backend.get(&to, now()).await.unwrap(), Some(Entry::Live(other)));
}

/// A machine whose clock is a day off, either way: a session that is to live an hour lives an hour.
#[tokio::test]
async fn the_clocks_of_server_and_program_need_not_agree() {
    let backend = backend(RedisServer::shared().url()).await;
    for now in [now().plus(24 * HOUR), now().minus(24 * HOUR)] {
        let (key, record) = (key(), Stored { deadline: now.plus(HOUR), ..stored(b"x") });
        assert!(backend.insert(&key, &record, now).await.unwrap());
        assert!(is_about(left(&key).await, HOUR));
        assert_eq!(backend.get(&key, now).await.unwrap(), Some(Entry::Live(record)));
    }
    let (key, forever) = (key(), Stored { deadline: Timestamp::MAX, ..stored(b"x") });
    assert!(backend.insert(&key, &forever, now()).await.unwrap());
    assert_eq!(backend.get(&key, now()).await.unwrap(), Some(Entry::Live(forever)));
}

/// Lua's numbers and its comparison of strings would both get some of these wrong.
#[tokio::test]
async fn moments_compare_exactly() {
    let backend = backend(RedisServer::shared().url()).await;
    let moments =
        [1, 0x7f, 0x80, 0xff, 0x100, 0xffff_ffff, 1 << 32, (1 << 53) + 1, (1 << 53) + 2, (1 << 62) + 1, (1 << 62) + 2];
    for (index, earlier) in moments.iter().enumerate() {
        for later in &moments[index + 1..] {
            let (earlier, later) = (Timestamp::from_millis(*earlier), Timestamp::from_millis(*later));
            let (key, record, start) = (key(), stored(b"x"), Timestamp::from_millis(0));
            assert!(backend.insert(&key, &Stored { deadline: Timestamp::MAX, ..record.clone() }, start).await.unwrap());
            let now_later = Entry::Live(Stored { deadline: later, ..stored(b"y") });
            assert_eq!(backend.swap(&key, &record.version, &now_later, start).await.unwrap(), Swapped::Done);
            let seen = now_later.version();
            // Else the server itself ends it before the test does.
            if later.as_millis() > 60_000 {
                assert_eq!(
                    backend.touch(&key, seen, earlier, earlier).await.unwrap(),
                    Swapped::Done,
                    "it lives: {earlier:?}"
                );
                assert_eq!(backend.get(&key, earlier).await.unwrap().unwrap().deadline(), later, "never back");
                assert_eq!(backend.touch(&key, seen, later, later).await.unwrap(), Swapped::Gone, "its end is exact");
            }
        }
    }
}

#[tokio::test]
async fn what_is_not_ours_is_corrupt_and_left_alone() {
    let backend = backend(RedisServer::shared().url()).await;
    let mut foreign = foreign().await;
    let (text, list, seen) = (key(), key(), stored(b"").version);
    let _: () =
        redis::cmd("SET").arg(text.as_str()).arg("\u{81}somebody else's text").query_async(&mut foreign).await.unwrap();
    let _: () = redis::cmd("RPUSH").arg(list.as_str()).arg("item").query_async(&mut foreign).await.unwrap();
    for key in [&text, &list] {
        let new = Entry::Live(stored(b"new"));
        let answers = [
            backend.get(key, now()).await.err(),
            backend.insert(key, &stored(b"new"), now()).await.err(),
            backend.swap(key, &seen, &new, now()).await.err(),
            backend.touch(key, &seen, now(), now()).await.err(),
            backend.remove(key, None, now()).await.err(),
        ];
        for answer in answers {
            assert!(matches!(answer, Some(Error::Corrupt { .. })), "{answer:?}");
        }
    }
    let kept: String = redis::cmd("GET").arg(text.as_str()).query_async(&mut foreign).await.unwrap();
    assert!(kept.ends_with("somebody else's text"));
}

/// One who answered `Done` and is repeated later, when the entry has moved on, must not bring it back.
#[tokio::test]
async fn a_repeat_that_arrives_late_changes_nothing() {
    let backend = backend(RedisServer::shared().url()).await;
    let (key, old, new) = (key(), stored(b"old"), Entry::Live(stored(b"new")));
    assert!(backend.insert(&key, &old, now()).await.unwrap());
    assert_eq!(backend.swap(&key, &old.version, &new, now()).await.unwrap(), Swapped::Done);
    assert_eq!(backend.swap(&key, &old.version, &new, now()).await.unwrap(), Swapped::Done);
    assert_eq!(backend.remove(&key, None, now()).await.unwrap(), Removed::Done);
    assert_eq!(backend.swap(&key, &old.version, &new, now()).await.unwrap(), Swapped::Gone);
    assert_eq!(backend.get(&key, now()).await.unwrap(), None);
}

/// A dump of the server logs nobody in.
#[tokio::test]
async fn s34_no_token_lies_on_the_server() {
    let server = RedisServer::private(&[]);
    let token = begin(&sessions(server.url()).await).await;
    let keys = server.ask("KEYS *");
    assert!(keys.contains("session:") && !keys.contains(&token), "{keys}");
}
