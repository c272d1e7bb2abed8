//! A visitor, and what else the tests of this crate need.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)] // Not every test file uses all of it.

use std::time::Duration;

use bytes::Bytes;
use session_core::{
    Clock, Committed, CookieAction, RecordKey, Result, Session, SessionConfig, Sessions, Stored, SystemClock,
    Timestamp, Token, Version,
};
use session_memcached::{MemcachedBackend, MemcachedConfig, MemcachedStore};

pub(crate) const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub(crate) fn now() -> Timestamp {
    SystemClock.now()
}

/// A key that nothing else uses.
pub(crate) fn key() -> RecordKey {
    RecordKey::hashed("test:", &Token::random().unwrap())
}

pub(crate) fn stored(life: Duration, payload: impl Into<Bytes>) -> Stored {
    Stored { version: Version::random().unwrap(), deadline: now().plus(life), payload: payload.into() }
}

pub(crate) async fn backend(config: MemcachedConfig) -> MemcachedBackend {
    MemcachedBackend::connect(config).await.expect("the configuration holds")
}

pub(crate) async fn sessions(config: MemcachedConfig) -> Sessions {
    let store = MemcachedStore::connect_with(config).await.expect("the configuration holds");
    Sessions::new(store, SessionConfig::default()).expect("the configuration holds")
}

/// Keeps its cookie between requests.
pub(crate) struct Browser {
    pub(crate) sessions: Sessions,
    pub(crate) cookie: Option<String>,
}

impl Browser {
    /// A visitor whose session holds `n` = 0.
    pub(crate) async fn known(sessions: &Sessions) -> Self {
        let mut browser = Browser { sessions: sessions.clone(), cookie: None };
        browser.request(|session| session.set("n", 0)).await.expect("a new session");
        browser
    }

    pub(crate) async fn open(&self) -> Result<Session> {
        self.sessions.open(self.cookie.as_deref()).await
    }

    /// One request with its answer.
    pub(crate) async fn request(&mut self, handler: impl FnOnce(&Session) -> Result<()>) -> Result<()> {
        let session = self.open().await?;
        handler(&session)?;
        let Committed { result, cookie, .. } = self.sessions.commit(&session).await;
        match cookie {
            CookieAction::Set { token, .. } => self.cookie = Some(token.expose().to_owned()),
            CookieAction::Remove => self.cookie = None,
            _ => {}
        }
        result
    }

    pub(crate) async fn count(&mut self) -> Result<()> {
        self.request(|session| session.update("n", |n: Option<u64>| n.unwrap_or(0) + 1).map(drop)).await
    }

    pub(crate) async fn n(&self) -> Option<u64> {
        self.open().await.expect("the session opens").get("n").expect("a number")
    }
}
