//! How often the server is asked: as often as natively, but for retired ids.

use session_core::{Session, Sessions};
use session_flask::FlaskLayout;
use session_testkit::server::{MemcachedServer, Proxy};

use crate::common::{a_day, begin, commit, login, request, sessions, with_layout};

async fn add_one(sessions: &Sessions, id: &str) {
    let add = |session: &Session| session.update("n", |n: Option<u64>| n.unwrap_or(0) + 1).map(|_| ()).unwrap();
    request(sessions, Some(id), add).await;
}

/// Fails unless the request costs so many round trips.
async fn costs(proxy: &Proxy, trips: u64, what: &str, request: impl Future<Output = ()>) {
    let before = proxy.traffic().round_trips;
    request.await;
    assert_eq!(proxy.traffic().round_trips - before, trips, "{what}");
}

#[tokio::test]
async fn flask_operations_keep_to_their_round_trips() {
    let server = MemcachedServer::private(&[]);
    let proxy = Proxy::start(server.address()).await;
    let url = format!("memcache://{}", proxy.address());
    let sessions = sessions(&url).await;
    let eager = with_layout(&url, FlaskLayout::default(), a_day().refresh_below(1.0)).await;
    costs(&proxy, 0, "untouched", async { assert!(commit(&sessions, &sessions.fresh()).await.is_none()) }).await;
    costs(&proxy, 1, "new", async { drop(begin(&sessions).await) }).await;
    let id = begin(&sessions).await;
    costs(&proxy, 1, "read", async { drop(sessions.open([id.as_str()]).await.unwrap()) }).await;
    costs(&proxy, 2, "modified", add_one(&sessions, &id)).await;
    costs(&proxy, 2, "touched", async { drop(request(&eager, Some(&id), |_| ()).await) }).await;
    costs(&proxy, 4, "rotated", async { drop(login(&sessions, &id).await) }).await;
    costs(&proxy, 2, "a retired id", async { assert!(sessions.open([id.as_str()]).await.unwrap().is_new()) }).await;
    let id = begin(&sessions).await;
    costs(&proxy, 2, "logged out", async { drop(request(&sessions, Some(&id), Session::destroy).await) }).await;
}
