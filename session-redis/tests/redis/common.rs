//! Sessions on a server, and things to put in.

use std::time::{Duration, Instant};

use session_core::{
    Clock, CookieAction, Error, RecordKey, Session, SessionConfig, Sessions, Stored, SystemClock, Timestamp, Token,
    Version,
};
use session_redis::{RedisBackend, RedisConfig, RedisStore};
use session_testkit::server::Proxy;

pub(crate) const HOUR: Duration = Duration::from_secs(3600);

/// What a request may take at most, whatever the server does.
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

pub(crate) async fn backend(url: &str) -> RedisBackend {
    RedisBackend::connect(&RedisConfig::new(url)).await.unwrap()
}

/// One process's sessions: with a connection and a queue of its own.
pub(crate) async fn sessions(url: &str) -> Sessions {
    Sessions::new(RedisStore::connect(url).await.unwrap(), SessionConfig::default()).unwrap()
}

pub(crate) fn url(proxy: &Proxy) -> String {
    format!("redis://{}/", proxy.address())
}

/// Commits; the cookie's text, if there is one.
pub(crate) async fn commit(sessions: &Sessions, session: &Session) -> Result<Option<String>, Error> {
    let committed = sessions.commit(session).await;
    committed.result?;
    Ok(match committed.cookie {
        CookieAction::Set { token, .. } => Some(token.expose().to_owned()),
        _ => None,
    })
}

/// A new session with `n` = 0; its token.
pub(crate) async fn begin(sessions: &Sessions) -> String {
    let session = sessions.fresh();
    session.set("n", 0).unwrap();
    commit(sessions, &session).await.unwrap().expect("a new session has a cookie")
}

/// A request that adds one to `n`. Fails if it takes longer than a request may.
pub(crate) async fn add_one(sessions: &Sessions, token: &str) -> Result<(), Error> {
    let session = in_time(sessions.open([token])).await?;
    assert!(!session.is_new(), "an outage is no logout");
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

/// Tries until it works; fails if that takes two seconds.
pub(crate) async fn recovers(sessions: &Sessions, token: &str) -> Duration {
    let begun = Instant::now();
    while let Err(error) = add_one(sessions, token).await {
        assert!(error.is_outage(), "{error:?}");
        assert!(begun.elapsed() < Duration::from_secs(2), "{:?}: {error:?}", begun.elapsed());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    begun.elapsed()
}
