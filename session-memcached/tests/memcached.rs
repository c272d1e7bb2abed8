//! What Memcached alone can get wrong: compare-and-swap by its own numbers, its own clock, several servers.
#![allow(clippy::unwrap_used, clippy::expect_used)] // Tests.

mod common;

use std::time::Duration;

use session_core::{
    Backend, Entry, Marker, RecordKey, Removed, Session, SessionConfig, Sessions, Stored, Swapped, Timestamp, Version,
};
use session_memcached::{MemcachedConfig, MemcachedStore};
use session_testkit::server::{MemcachedServer, Proxy};

use common::{Browser, DAY, backend, key, now, sessions, stored};

/// How long the server lets an item live.
fn left(server: &MemcachedServer, key: &RecordKey) -> Duration {
    let line = server.ask(&format!("mg {} t", key.as_str())).remove(0);
    Duration::from_secs(line.strip_prefix("HD t").expect("an item with an end").parse().unwrap())
}

fn assert_about(found: Duration, expected: Duration) {
    assert!(found.abs_diff(expected) <= Duration::from_secs(3), "{found:?}, expected {expected:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_64_visitors_with_50_updates_each_none_is_lost() {
    let server = MemcachedServer::private(&[]);
    let config = || MemcachedConfig::new(server.url());
    let processes = [sessions(config()).await, sessions(config()).await];
    let first = Browser::known(&processes[0]).await;
    let tasks: Vec<_> = (0..64)
        .map(|index| {
            let mut browser = Browser { sessions: processes[index % 2].clone(), cookie: first.cookie.clone() };
            tokio::spawn(async move {
                for _ in 0..50 {
                    browser.count().await.expect("every update is answered");
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(first.n().await, Some(3200));
}

/// A visitor behind a proxy that counts what was waited for.
struct Counted {
    browser: Browser,
    store: MemcachedStore,
    proxy: Proxy,
    before: u64,
}

impl Counted {
    async fn at(server: &MemcachedServer) -> Self {
        let proxy = Proxy::start(server.address()).await;
        let store = MemcachedStore::connect(format!("memcache://{}", proxy.address())).await.unwrap();
        let sessions = Sessions::new(store.clone(), SessionConfig::default()).unwrap();
        Counted { browser: Browser { sessions, cookie: None }, store, proxy, before: 0 }
    }

    /// Round trips since the last call.
    fn trips(&mut self) -> u64 {
        let now = self.proxy.traffic().round_trips;
        now - std::mem::replace(&mut self.before, now)
    }

    async fn of(&mut self, handler: impl FnOnce(&Session) -> session_core::Result<()>) -> u64 {
        self.browser.request(handler).await.unwrap();
        self.trips()
    }
}

#[tokio::test]
async fn round_trips_on_the_wire_are_those_of_the_design() {
    let server = MemcachedServer::private(&[]);
    let mut counted = Counted::at(&server).await;
    assert_eq!(counted.of(|_| Ok(())).await, 0, "untouched");
    assert_eq!(counted.of(|session| session.set("n", 1)).await, 1, "new");
    assert_eq!(counted.of(|session| session.require::<u64>("n").map(drop)).await, 1, "read");
    assert_eq!(counted.of(|session| session.set("n", 2)).await, 2, "modified");
    assert_eq!(counted.of(rotate).await, 3, "a login");
    let eager = Sessions::new(counted.store.clone(), SessionConfig::default().refresh_below(1.0)).unwrap();
    let usual = std::mem::replace(&mut counted.browser.sessions, eager);
    assert_eq!(counted.of(|session| session.require::<u64>("n").map(drop)).await, 2, "read with a due touch");
    counted.browser.sessions = usual;
    assert_eq!(counted.of(destroy).await, 2, "a logout");
    assert_eq!(counted.browser.cookie, None);
    assert_eq!(server.stat("curr_items"), 1, "the marker alone is left");
    assert_eq!((server.stat("cmd_get"), server.stat("cmd_set"), server.stat("cmd_touch")), (5, 4, 1));
}

#[tokio::test]
async fn a_write_tells_the_number_for_the_next_one() {
    let server = MemcachedServer::private(&[]);
    let mut counted = Counted::at(&server).await;
    assert_eq!(counted.of(|session| session.set("n", 1)).await, 1);
    let session = counted.browser.open().await.unwrap();
    for n in 2..5 {
        session.set("n", n).unwrap();
        session.save().await.unwrap();
    }
    assert_eq!(counted.trips(), 1 + 3, "one read, three saves");
}

fn rotate(session: &Session) -> session_core::Result<()> {
    session.rotate();
    Ok(())
}

fn destroy(session: &Session) -> session_core::Result<()> {
    session.destroy();
    Ok(())
}

#[tokio::test]
async fn a_process_that_has_not_read_writes_after_one_read_more() {
    let server = MemcachedServer::private(&[]);
    let (key, old, new) = (key(), stored(DAY, "old"), stored(DAY, "new"));
    assert!(backend(MemcachedConfig::new(server.url())).await.insert(&key, &old, now()).await.unwrap());
    let proxy = Proxy::start(server.address()).await;
    let stranger = backend(MemcachedConfig::new(format!("memcache://{}", proxy.address()))).await;
    assert_eq!(stranger.swap(&key, &old.version, &Entry::Live(new.clone()), now()).await.unwrap(), Swapped::Done);
    assert_eq!(proxy.traffic().round_trips, 2);
    assert_eq!(stranger.remove(&key, Some(&new.version), now()).await.unwrap(), Removed::Done);
    assert_eq!(proxy.traffic().round_trips, 3);
}

#[tokio::test]
async fn sessions_are_shared_out_over_the_servers_in_any_order() {
    let mut servers = [MemcachedServer::private(&[]), MemcachedServer::private(&[])];
    let [one, two] = [0, 1].map(|index| servers[index].address());
    let there = sessions(MemcachedConfig::new(format!("memcache://{one},{two}"))).await;
    let back = sessions(MemcachedConfig::new(format!("memcache://{two},{one}"))).await;
    let mut cookies = Vec::new();
    for _ in 0..64 {
        let mut browser = Browser::known(&there).await;
        browser.count().await.unwrap();
        cookies.push(browser.cookie);
    }
    for cookie in &cookies {
        assert_eq!(Browser { sessions: back.clone(), cookie: cookie.clone() }.n().await, Some(1));
    }
    let counts = [0, 1].map(|index| servers[index].stat("curr_items"));
    assert!(counts[0] + counts[1] == 64 && counts.iter().all(|count| *count > 16), "{counts:?}");

    servers[0].process().kill();
    let mut answered = 0;
    for cookie in cookies {
        match (Browser { sessions: there.clone(), cookie }).open().await {
            Ok(session) => answered += u64::from(session.get::<u64>("n").unwrap() == Some(1)),
            Err(error) => assert!(error.is_outage(), "one server away is no logout: {error:?}"),
        }
    }
    assert_eq!(answered, counts[1], "the other server's sessions are as they were");
}

#[tokio::test]
async fn a_life_of_more_than_30_days_is_no_moment_of_1970() {
    let server = MemcachedServer::private(&[]);
    let backend = backend(MemcachedConfig::new(server.url())).await;
    let (key, old) = (key(), stored(40 * DAY, "long"));
    assert!(backend.insert(&key, &old, now()).await.unwrap());
    assert_about(left(&server, &key), 40 * DAY);
    assert_eq!(backend.get(&key, now()).await.unwrap().unwrap().deadline(), old.deadline, "to the millisecond");

    assert_eq!(backend.touch(&key, &old.version, now().plus(60 * DAY), now()).await.unwrap(), Swapped::Done);
    assert_about(left(&server, &key), 60 * DAY);
    let new = Entry::Live(stored(31 * DAY, "shorter"));
    assert_eq!(backend.swap(&key, &old.version, &new, now()).await.unwrap(), Swapped::Done);
    assert_about(left(&server, &key), 31 * DAY);
    let endless = Stored { deadline: Timestamp::MAX, ..stored(DAY, "") };
    assert_eq!(backend.swap(&key, new.version(), &Entry::Live(endless), now()).await.unwrap(), Swapped::Done);
    assert_about(left(&server, &key), 2 * 366 * DAY);
}

#[tokio::test]
async fn p4_a_touch_that_comes_too_late_moves_nothing() {
    let server = MemcachedServer::private(&[]);
    let [one, two] =
        [backend(MemcachedConfig::new(server.url())).await, backend(MemcachedConfig::new(server.url())).await];
    let (key, old) = (key(), stored(DAY, "old"));
    assert!(one.insert(&key, &old, now()).await.unwrap());

    // Another process has touched it for longer.
    assert_eq!(two.touch(&key, &old.version, now().plus(3 * DAY), now()).await.unwrap(), Swapped::Done);
    assert_eq!(one.touch(&key, &old.version, now().plus(2 * DAY), now()).await.unwrap(), Swapped::Done);
    assert_about(left(&server, &key), 3 * DAY);

    // Another process has changed it.
    let new = stored(DAY, "new");
    assert_eq!(two.swap(&key, &old.version, &Entry::Live(new.clone()), now()).await.unwrap(), Swapped::Done);
    assert_eq!(one.touch(&key, &old.version, now().plus(4 * DAY), now()).await.unwrap(), Swapped::Conflict);
    assert_about(left(&server, &key), DAY);

    // Another process has rotated it.
    assert!(one.get(&key, now()).await.unwrap().is_some());
    let until = now().plus(Duration::from_secs(120));
    let marker = Marker { version: Version::random().unwrap(), successor: RecordKey::new("next"), until };
    assert_eq!(two.swap(&key, &new.version, &Entry::Retired(marker.clone()), now()).await.unwrap(), Swapped::Done);
    assert_eq!(
        one.touch(&key, &new.version, now().plus(4 * DAY), now()).await.unwrap(),
        Swapped::Retired(marker.clone())
    );
    assert_about(left(&server, &key), Duration::from_secs(120));

    // And one whose number is known removes no marker.
    assert_eq!(one.remove(&key, None, now()).await.unwrap(), Removed::Retired(marker));
}

#[tokio::test]
async fn a_logout_meets_a_change_or_a_login_of_another_process() {
    let server = MemcachedServer::private(&[]);
    let [one, two] =
        [sessions(MemcachedConfig::new(server.url())).await, sessions(MemcachedConfig::new(server.url())).await];
    let steps: [fn(&Session); 2] = [|session| session.set("n", 9).unwrap(), Session::rotate];
    for step in steps {
        let mut browser = Browser::known(&one).await;
        let leaving = browser.open().await.unwrap();
        let mut elsewhere = Browser { sessions: two.clone(), cookie: browser.cookie.clone() };
        elsewhere
            .request(|session| {
                step(session);
                Ok(())
            })
            .await
            .unwrap();
        leaving.destroy();
        one.commit(&leaving).await.result.unwrap();
        assert_eq!(elsewhere.n().await, None, "the logout ends what has become of the session");
        browser.cookie = elsewhere.cookie;
        assert_eq!(browser.n().await, None);
    }
}

#[tokio::test]
async fn s46_a_deadline_counts_though_the_server_has_none() {
    let server = MemcachedServer::private(&[]);
    let backend = backend(MemcachedConfig::new(server.url())).await;
    let (key, short) = (key(), stored(Duration::from_secs(60), "ends"));
    assert!(backend.insert(&key, &short, now()).await.unwrap());
    assert_eq!(server.ask(&format!("mg {} T0 t", key.as_str())), ["HD t-1"], "it has no end by the server");
    let (before, after) = (short.deadline.minus(Duration::from_millis(1)), short.deadline);
    assert_eq!(backend.get(&key, before).await.unwrap(), Some(Entry::Live(short)));
    assert_eq!(backend.get(&key, after).await.unwrap(), None);
}
