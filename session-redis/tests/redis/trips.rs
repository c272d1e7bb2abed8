//! How often the server is asked.

use std::collections::HashMap;

use session_core::Sessions;
use session_testkit::server::{Proxy, RedisServer};

use crate::common::{add_one, begin, commit, sessions, url};

/// A server that counts commands, behind a proxy that counts round trips.
struct Counted {
    server: RedisServer,
    proxy: Proxy,
}

impl Counted {
    /// What the server has been asked since the last look: commands of clients, without those that scripts have run.
    fn commands(&self) -> u64 {
        let stats = self.server.ask("INFO commandstats");
        let calls: HashMap<_, _> = stats.lines().filter_map(calls).collect();
        assert!(self.server.ask("CONFIG RESETSTAT").starts_with("+OK"));
        let sum = |names: &[&str]| names.iter().filter_map(|name| calls.get(name)).sum::<u64>();
        match sum(&["evalsha", "eval"]) {
            0 => sum(&["get", "set"]),
            scripts => scripts + sum(&["get"]),
        }
    }

    /// Fails unless the request costs so many round trips, by the proxy and by the server.
    async fn costs(&self, trips: u64, what: &str, request: impl Future<Output = ()>) {
        let before = self.proxy.traffic().round_trips;
        self.commands();
        request.await;
        assert_eq!(self.proxy.traffic().round_trips - before, trips, "{what}, at the proxy");
        assert_eq!(self.commands(), trips, "{what}, at the server");
    }
}

/// `cmdstat_get:calls=3,usec=…` is ("get", 3).
fn calls(line: &str) -> Option<(&str, u64)> {
    let (name, numbers) = line.strip_prefix("cmdstat_")?.split_once(":calls=")?;
    Some((name, numbers.split(',').next()?.parse().ok()?))
}

async fn logout(sessions: &Sessions, token: &str) {
    let session = sessions.open([token]).await.unwrap();
    session.destroy();
    commit(sessions, &session).await.unwrap();
}

async fn login(sessions: &Sessions, token: &str) -> String {
    let session = sessions.open([token]).await.unwrap();
    session.rotate();
    commit(sessions, &session).await.unwrap().expect("a login has a cookie")
}

#[tokio::test]
async fn every_operation_keeps_to_its_round_trips() {
    let server = RedisServer::private(&[]);
    let proxy = Proxy::start(server.address()).await;
    let (sessions, counted) = (sessions(&url(&proxy)).await, Counted { server, proxy });
    // The server hears of each script once.
    let token = begin(&sessions).await;
    add_one(&sessions, &token).await.unwrap();
    logout(&sessions, &login(&sessions, &token).await).await;

    counted
        .costs(0, "untouched", async { assert!(commit(&sessions, &sessions.fresh()).await.unwrap().is_none()) })
        .await;
    counted.costs(0, "malformed", async { drop(sessions.open(["no token"]).await.unwrap()) }).await;
    counted.costs(1, "new", async { drop(begin(&sessions).await) }).await;
    let token = begin(&sessions).await;
    counted.costs(1, "read", async { drop(sessions.open([token.as_str()]).await.unwrap()) }).await;
    counted.costs(2, "modified", async { add_one(&sessions, &token).await.unwrap() }).await;
    counted.costs(2, "rotated", async { drop(login(&sessions, &token).await) }).await;
    let token = begin(&sessions).await;
    counted.costs(2, "logged out", logout(&sessions, &token)).await;
}

/// The value is not sent again for a touch, nor read.
#[tokio::test]
async fn a_touch_rewrites_eight_bytes() {
    use session_core::Backend;
    let server = RedisServer::private(&[]);
    let backend = crate::common::backend(server.url()).await;
    let (key, record) = (crate::common::key(), crate::common::stored(&[7; 50_000]));
    assert!(backend.insert(&key, &record, crate::common::now()).await.unwrap());
    assert!(server.ask("CONFIG RESETSTAT").starts_with("+OK"));
    let deadline = record.deadline.plus(crate::common::HOUR);
    backend.touch(&key, &record.version, deadline, crate::common::now()).await.unwrap();
    let stats = server.ask("INFO commandstats");
    assert!(stats.contains("cmdstat_setrange:calls=1,") && stats.contains("cmdstat_pexpire:calls=1,"), "{stats}");
    assert!(!stats.contains("cmdstat_set:") && !stats.contains("cmdstat_get:"), "{stats}");
}
