//! A server and its visitors.

use std::time::Duration;

use session_core::{Committed, CookieAction, MemoryStore, Session, SessionConfig, Sessions};
use session_testkit::MovableClock;

/// A server with sessions in memory, and a clock that stands still.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    pub(crate) sessions: Sessions,
    clock: MovableClock,
}

impl Default for Server {
    fn default() -> Self {
        Self::with(SessionConfig::default())
    }
}

impl Server {
    pub(crate) fn with(config: SessionConfig) -> Self {
        let clock = MovableClock::default();
        let sessions = Sessions::with_clock(MemoryStore::default(), config, clock.shared()).unwrap();
        Server { sessions, clock }
    }

    pub(crate) fn advance(&self, time: Duration) {
        self.clock.advance(time);
    }

    /// A visitor who has a session that holds `cart`.
    pub(crate) async fn visitor(&self) -> Browser {
        let mut browser = Browser { server: self.clone(), jar: None };
        browser.request(|session| session.set("cart", "book").unwrap()).await.result.unwrap();
        browser
    }
}

/// A browser with one cookie. A clone has the cookie of that moment: the holder of a copied id.
#[derive(Debug, Clone)]
pub(crate) struct Browser {
    server: Server,
    jar: Option<String>,
}

impl Browser {
    /// A request that has arrived: its session is loaded, its handler is still at work.
    pub(crate) async fn arrive(&self) -> Session {
        self.server.sessions.open(self.jar.as_deref()).await.unwrap()
    }

    /// Its end: the answer is on its way.
    pub(crate) async fn finish(&self, session: &Session) -> Committed {
        self.server.sessions.commit(session).await
    }

    /// The answer is heard.
    pub(crate) fn hear(&mut self, committed: &Committed) {
        match &committed.cookie {
            CookieAction::None => {}
            CookieAction::Remove => self.jar = None,
            CookieAction::Set { token, .. } => self.jar = Some(token.expose().to_owned()),
        }
    }

    /// A whole request, its answer heard.
    pub(crate) async fn request(&mut self, handler: impl FnOnce(&Session)) -> Committed {
        let session = self.arrive().await;
        handler(&session);
        let committed = self.finish(&session).await;
        self.hear(&committed);
        committed
    }

    pub(crate) async fn log_in(&mut self, user: &str) -> Committed {
        self.request(|session| log_in(session, user)).await
    }

    pub(crate) async fn log_out(&mut self) -> Committed {
        self.request(Session::destroy).await
    }

    /// What the visitor reads.
    pub(crate) async fn reads(&self, key: &str) -> Option<String> {
        self.arrive().await.get(key).unwrap()
    }

    pub(crate) async fn reads_number(&self, key: &str) -> u32 {
        self.arrive().await.get(key).unwrap().unwrap_or(0)
    }

    pub(crate) async fn has_session(&self) -> bool {
        !self.arrive().await.is_new()
    }
}

/// What the handler of a login does.
pub(crate) fn log_in(session: &Session, user: &str) {
    session.rotate();
    session.set("username", user).unwrap();
}

pub(crate) fn count_on(session: &Session, key: &str) {
    session.update(key, |n: Option<u32>| n.unwrap_or(0) + 1).unwrap();
}

pub(crate) fn is_none(committed: &Committed) -> bool {
    matches!(committed.cookie, CookieAction::None)
}

pub(crate) fn is_set(committed: &Committed) -> bool {
    matches!(committed.cookie, CookieAction::Set { .. })
}
