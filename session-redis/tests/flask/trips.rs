//! How often the server is asked: as often as natively.

use session_core::{Session, Sessions};
use session_flask::FlaskLayout;
use session_testkit::server::{Proxy, RedisServer};

use crate::common::{a_day, begin, commit, login, request, sessions, with_layout};

/// A server behind a proxy that counts round trips.
struct Counted {
    server: RedisServer,
    proxy: Proxy,
}

impl Counted {
    fn url(&self) -> String {
        format!("redis://{}/", self.proxy.address())
    }

    /// Fails unless the request costs so many round trips, each of them a script.
    async fn costs(&self, trips: u64, what: &str, request: impl Future<Output = ()>) {
        let before = self.proxy.traffic().round_trips;
        assert!(self.server.ask("CONFIG RESETSTAT").starts_with("+OK"));
        request.await;
        assert_eq!(self.proxy.traffic().round_trips - before, trips, "{what}, at the proxy");
        assert_eq!(self.calls("evalsha"), trips, "{what}, at the server");
    }

    /// How often a command was carried out, by scripts too.
    fn calls(&self, command: &str) -> u64 {
        let stats = self.server.ask("INFO commandstats");
        let line = stats.lines().find_map(|line| line.strip_prefix(&format!("cmdstat_{command}:calls=")));
        line.map_or(0, |rest| rest.split(',').next().unwrap().parse().unwrap())
    }
}

async fn add_one(sessions: &Sessions, id: &str) {
    let add = |session: &Session| session.update("n", |n: Option<u64>| n.unwrap_or(0) + 1).map(|_| ()).unwrap();
    request(sessions, Some(id), add).await;
}

#[tokio::test]
async fn flask_operations_keep_to_their_round_trips() {
    let server = RedisServer::private(&[]);
    let proxy = Proxy::start(server.address()).await;
    let counted = Counted { server, proxy };
    let sessions = sessions(&counted.url()).await;
    let eager = with_layout(&counted.url(), FlaskLayout::default(), a_day().refresh_below(1.0)).await;
    // The server hears of each script once.
    let id = begin(&eager).await;
    add_one(&sessions, &id).await;
    request(&eager, Some(&id), |_| ()).await;
    let id = login(&sessions, &id).await;
    request(&sessions, Some(&id), Session::destroy).await;

    counted.costs(0, "untouched", async { assert!(commit(&sessions, &sessions.fresh()).await.is_none()) }).await;
    counted.costs(1, "new", async { drop(begin(&sessions).await) }).await;
    let id = begin(&sessions).await;
    counted.costs(1, "read", async { drop(sessions.open([id.as_str()]).await.unwrap()) }).await;
    counted.costs(2, "modified", add_one(&sessions, &id)).await;
    counted.costs(2, "touched", async { drop(request(&eager, Some(&id), |_| ()).await) }).await;
    assert_eq!((counted.calls("expire"), counted.calls("set")), (1, 0), "a touch writes no record");
    counted.costs(2, "rotated", async { drop(login(&sessions, &id).await) }).await;
    counted.costs(1, "a retired id", async { assert!(sessions.open([id.as_str()]).await.unwrap().is_new()) }).await;
    let id = begin(&sessions).await;
    counted.costs(2, "logged out", async { drop(request(&sessions, Some(&id), Session::destroy).await) }).await;
}

/// The permissions that the documentation names are enough.
#[tokio::test]
async fn flask_permissions_are_those_of_the_documentation() {
    let server = RedisServer::private(&[]);
    let line = include_str!("../../README.md").lines().find_map(|line| line.strip_prefix("ACL: `"));
    let (named, _) = line.unwrap().split_once('`').unwrap();
    assert!(server.ask(&format!("ACL SETUSER app on >pass {named} ~session-redis:hello")).starts_with("+OK"));
    let url = format!("redis://app:pass@{}/", server.address());
    let (sessions, eager) =
        (sessions(&url).await, with_layout(&url, FlaskLayout::default(), a_day().refresh_below(1.0)).await);
    let id = begin(&sessions).await;
    add_one(&sessions, &id).await;
    request(&eager, Some(&id), |_| ()).await;
    let id = login(&sessions, &id).await;
    request(&sessions, Some(&id), Session::destroy).await;
    assert!(sessions.open([id.as_str()]).await.unwrap().is_new());
}
