//! A service on Flask's cookie.

use std::sync::Arc;

use session_cookie::CookieStore;
use session_cookie::session_flask::{FlaskCookie, Signer, SignerConfig};
use session_core::{Clock, Committed, CookieAction, Result, Session, SessionConfig, Sessions, SystemClock, Timestamp};
use session_testkit::MovableClock;

pub(crate) const KEY: &str = "the SECRET_KEY of these tests, 32 bytes or more";
pub(crate) const OLD: &str = "the SECRET_KEY before that, 32 bytes or more";

/// A service that shares its sessions with Flask: by a clock that stands still, or beside a real Flask by the system's.
pub(crate) struct Service<C = MovableClock> {
    pub(crate) sessions: Sessions,
    pub(crate) clock: C,
}

pub(crate) fn signer(keys: &[&str]) -> Signer {
    Signer::new(keys[0], &keys[1..], &SignerConfig::default()).unwrap()
}

/// What Flask itself would read in a cookie.
pub(crate) fn json(cookie: &str, at: Timestamp) -> String {
    FlaskCookie::new(signer(&[KEY, OLD])).open_value(cookie, at).unwrap().to_tagged_json().unwrap()
}

impl Service {
    pub(crate) fn new() -> Self {
        Self::with(&[KEY], SessionConfig::flask())
    }

    /// The first key signs.
    pub(crate) fn with(keys: &[&str], config: SessionConfig) -> Self {
        Self::by(MovableClock::default(), keys, config)
    }

    /// A service in which it is this time.
    pub(crate) fn at(moment: Timestamp, config: SessionConfig) -> Self {
        Self::by(MovableClock::at(moment), &[KEY], config)
    }
}

impl Service<SystemClock> {
    pub(crate) fn live(keys: &[&str], config: SessionConfig) -> Self {
        Self::by(SystemClock, keys, config)
    }
}

impl<C: Clock + Clone> Service<C> {
    fn by(clock: C, keys: &[&str], config: SessionConfig) -> Self {
        let sessions = Sessions::with_clock(CookieStore::flask(signer(keys)), config, Arc::new(clock.clone()));
        Service { sessions: sessions.unwrap(), clock }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) async fn open(&self, cookie: &str) -> Session {
        self.sessions.open([cookie]).await.unwrap()
    }

    pub(crate) async fn is_live(&self, cookie: &str) -> bool {
        !self.open(cookie).await.is_new()
    }

    /// One request with this cookie, if it is not empty: what becomes of it.
    pub(crate) async fn request(&self, cookie: &str, handler: impl FnOnce(&Session) -> Result<()>) -> Committed {
        let session = self.open(cookie).await;
        handler(&session).unwrap();
        let committed = self.sessions.commit(&session).await;
        assert!(committed.result.is_ok(), "{:?}", committed.result);
        committed
    }

    /// One request that sends a cookie: its value.
    pub(crate) async fn change(&self, cookie: &str, handler: impl FnOnce(&Session) -> Result<()>) -> String {
        match self.request(cookie, handler).await.cookie {
            CookieAction::Set { token, .. } => token.expose().to_owned(),
            other => panic!("expected a cookie, got {other:?}"),
        }
    }
}
