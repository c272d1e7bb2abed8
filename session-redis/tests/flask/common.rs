//! A server with two who write to it: this library, and a Flask that does not look.

use std::time::Duration;

use redis::aio::MultiplexedConnection;
use session_core::{CookieAction, Session, SessionConfig, Sessions, StoreConfig};
use session_flask::FlaskLayout;
use session_redis::{RedisBackend, RedisConfig, RedisStore, redis};

pub(crate) const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub(crate) fn config(url: &str, layout: FlaskLayout) -> RedisConfig {
    RedisConfig::new(url).store(StoreConfig::default().layout(layout))
}

pub(crate) async fn backend(url: &str) -> RedisBackend {
    RedisBackend::connect(&config(url, FlaskLayout::default())).await.unwrap()
}

/// As Flask-Session's defaults are, for a day.
pub(crate) fn a_day() -> SessionConfig {
    SessionConfig::default().idle(DAY).absolute(400 * DAY).permanent(true)
}

pub(crate) async fn sessions(url: &str) -> Sessions {
    with_layout(url, FlaskLayout::default(), a_day()).await
}

pub(crate) async fn with_layout(url: &str, layout: FlaskLayout, settings: SessionConfig) -> Sessions {
    Sessions::new(RedisStore::connect_with(config(url, layout)).await.unwrap(), settings).unwrap()
}

/// A request that does this, and the cookie it answers with.
pub(crate) async fn request(
    sessions: &Sessions,
    cookie: Option<&str>,
    handler: impl FnOnce(&Session),
) -> Option<String> {
    let session = sessions.open(cookie).await.unwrap();
    handler(&session);
    commit(sessions, &session).await
}

pub(crate) async fn commit(sessions: &Sessions, session: &Session) -> Option<String> {
    let committed = sessions.commit(session).await;
    committed.result.unwrap();
    match committed.cookie {
        CookieAction::Set { token, .. } => Some(token.expose().to_owned()),
        _ => None,
    }
}

/// A new session with `n` = 0; its id.
pub(crate) async fn begin(sessions: &Sessions) -> String {
    request(sessions, None, |session| session.set("n", 0).unwrap()).await.expect("a new session has a cookie")
}

/// Rotates the id; the new one.
pub(crate) async fn login(sessions: &Sessions, id: &str) -> String {
    request(sessions, Some(id), Session::rotate).await.expect("a login has a cookie")
}

/// The server as Flask uses it.
pub(crate) struct Raw(pub(crate) MultiplexedConnection);

impl Raw {
    pub(crate) async fn of(url: &str) -> Self {
        Raw(redis::Client::open(url).unwrap().get_multiplexed_async_connection().await.unwrap())
    }

    pub(crate) async fn get(&mut self, key: &str) -> Option<Vec<u8>> {
        redis::cmd("GET").arg(key).query_async(&mut self.0).await.unwrap()
    }

    /// Without looking.
    pub(crate) async fn set(&mut self, key: &str, record: &[u8]) {
        let () = redis::cmd("SET").arg(key).arg(record).arg("EX").arg(86_400).query_async(&mut self.0).await.unwrap();
    }

    /// One command of plain words that answers with a number.
    pub(crate) async fn number(&mut self, command: &str) -> i64 {
        let (name, rest) = command.split_once(' ').unwrap();
        let words: Vec<_> = rest.split(' ').collect();
        redis::cmd(name).arg(words).query_async(&mut self.0).await.unwrap()
    }

    pub(crate) async fn keys(&mut self) -> Vec<String> {
        redis::cmd("KEYS").arg("*").query_async(&mut self.0).await.unwrap()
    }
}

/// Where Flask-Session keeps an id's record.
pub(crate) fn key_of(id: &str) -> String {
    format!("session:{id}")
}

/// A MessagePack record with one text more at its end, as Flask writes it: it keeps what it does not know.
pub(crate) fn with_text(record: &[u8], name: &str, value: &str) -> Vec<u8> {
    let mut changed = record.to_vec();
    changed[0] += 1;
    for text in [name, value] {
        changed.push(0xa0 | u8::try_from(text.len()).unwrap());
        changed.extend(text.as_bytes());
    }
    changed
}
