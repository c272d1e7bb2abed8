//! Sessions on a server, and things to put in.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use session_core::{
    Backend, Clock, CookieAction, Entry, Error, RecordKey, Session, SessionConfig, Sessions, Stored, SystemClock,
    Timestamp, Token, Version,
};
use session_sql::{SqlBackend, SqlConfig, SqlStore};
use session_testkit::server::Proxy;

use crate::under_test::Server;

pub(crate) const HOUR: Duration = Duration::from_secs(3600);

/// The longest that a request may take, whatever the server does.
pub(crate) const BUDGET: Duration = Duration::from_secs(5);

pub(crate) fn now() -> Timestamp {
    SystemClock.now()
}

pub(crate) fn key() -> RecordKey {
    RecordKey::hashed("session:", &Token::random().unwrap())
}

pub(crate) fn stored(payload: &[u8]) -> Stored {
    Stored { version: Version::random().unwrap(), deadline: now().plus(HOUR), payload: payload.to_vec().into() }
}

pub(crate) async fn payload(backend: &SqlBackend, key: &RecordKey) -> Option<Vec<u8>> {
    match backend.get(key, now()).await.unwrap() {
        Some(Entry::Live(stored)) => Some(stored.payload.to_vec()),
        _ => None,
    }
}

pub(crate) async fn backend(url: &str) -> SqlBackend {
    SqlBackend::connect(&SqlConfig::new(url)).await.unwrap()
}

/// What one process has: connections and a queue of its own.
pub(crate) async fn sessions(url: &str) -> Sessions {
    Sessions::new(SqlStore::connect(url).await.unwrap(), SessionConfig::default()).unwrap()
}

/// The same database, through a proxy.
pub(crate) async fn behind(url: &str) -> (Proxy, String) {
    let address = address(url);
    let proxy = Proxy::start(address).await;
    let url = url.replace(&address.to_string(), &proxy.address().to_string());
    (proxy, url)
}

fn address(url: &str) -> SocketAddr {
    let place = url.split('@').nth(1).unwrap().split('/').next().unwrap();
    std::net::ToSocketAddrs::to_socket_addrs(place).unwrap().next().unwrap()
}

/// Sessions through a proxy, and one that has begun.
pub(crate) async fn begun_behind_a_proxy() -> (Proxy, Sessions, String) {
    let (proxy, url) = behind(&Server::shared().database()).await;
    let sessions = sessions(&url).await;
    let token = begin(&sessions).await;
    (proxy, sessions, token)
}

/// What the commit gives the browser to keep, if anything.
pub(crate) async fn commit(sessions: &Sessions, session: &Session) -> Result<Option<String>, Error> {
    let committed = sessions.commit(session).await;
    let CookieAction::Set { token, .. } = committed.cookie else { return committed.result.map(|_| None) };
    committed.result.map(|_| Some(token.expose().to_owned()))
}

/// A session in which `n` is 0; its token.
pub(crate) async fn begin(sessions: &Sessions) -> String {
    let session = sessions.fresh();
    session.set("n", 0).unwrap();
    commit(sessions, &session).await.unwrap().expect("whoever is new gets a cookie")
}

pub(crate) async fn log_in(sessions: &Sessions, token: &str) -> Result<Option<String>, Error> {
    let session = sessions.open([token]).await?;
    session.rotate();
    commit(sessions, &session).await
}

pub(crate) async fn log_out(sessions: &Sessions, token: &str) -> Result<(), Error> {
    let session = sessions.open([token]).await?;
    session.destroy();
    commit(sessions, &session).await.map(drop)
}

/// A request that counts in the session, and may not take too long.
pub(crate) async fn add_one(sessions: &Sessions, token: &str) -> Result<(), Error> {
    let session = in_time(sessions.open([token])).await?;
    assert!(!session.is_new(), "whatever fails, nobody is logged out");
    session.update("n", |n: Option<u64>| n.unwrap_or(0) + 1)?;
    in_time(commit(sessions, &session)).await.map(drop)
}

/// Reading has a budget, and so has the response's head.
async fn in_time<T>(half: impl Future<Output = T>) -> T {
    tokio::time::timeout(BUDGET, half).await.expect("it ends within its budget")
}

pub(crate) async fn total(sessions: &Sessions, token: &str) -> Result<u64, Error> {
    sessions.open([token]).await?.require("n")
}

pub(crate) async fn is_absent(sessions: &Sessions, token: &str) -> bool {
    sessions.open([token]).await.unwrap().is_new()
}

/// Requests until one works, for two seconds at most; how long it took.
pub(crate) async fn recovers(sessions: &Sessions, token: &str) -> Duration {
    let begun = Instant::now();
    loop {
        let Err(error) = add_one(sessions, token).await else { return begun.elapsed() };
        assert!(error.is_outage() && begun.elapsed() < Duration::from_secs(2), "{:?}: {error:?}", begun.elapsed());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
