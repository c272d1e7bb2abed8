//! A browser, as far as sessions are concerned.

use session_core::{Committed, CookieAction, Error, Result, Session, Sessions};

/// Sends the cookie that it was given last.
#[derive(Debug)]
pub(crate) struct Visitor {
    pub(crate) sessions: Sessions,
    pub(crate) cookie: Option<String>,
}

impl Visitor {
    pub(crate) fn new(sessions: Sessions) -> Self {
        Visitor { sessions, cookie: None }
    }

    /// A request arrives.
    pub(crate) async fn open(&self) -> Session {
        self.sessions.open(self.cookie.as_deref()).await.expect("the session opens")
    }

    /// Its response is sent, and its cookie received.
    pub(crate) async fn answer(&mut self, session: &Session) -> Committed {
        let committed = self.sessions.commit(session).await;
        match &committed.cookie {
            CookieAction::None => {}
            CookieAction::Set { token, .. } => self.cookie = Some(token.expose().to_owned()),
            CookieAction::Remove => self.cookie = None,
        }
        committed
    }

    /// A whole request, which must succeed.
    pub(crate) async fn request(&mut self, handler: impl FnOnce(&Session) -> Result<()>) -> Committed {
        let session = self.open().await;
        handler(&session).expect("the handler");
        let committed = self.answer(&session).await;
        assert!(committed.result.is_ok(), "the response stands: {:?}", committed.result);
        committed
    }

    /// A request that rotates the id.
    pub(crate) async fn login(&mut self) -> Committed {
        self.request(|session| {
            session.rotate();
            Ok(())
        })
        .await
    }

    /// A request that ends the session.
    pub(crate) async fn logout(&mut self) -> Committed {
        self.request(|session| {
            session.destroy();
            Ok(())
        })
        .await
    }

    /// The text under a key, as the next request sees it.
    pub(crate) async fn text(&self, key: &str) -> Option<String> {
        self.open().await.get(key).expect("a text")
    }

    /// The number under a key, as the next request sees it.
    pub(crate) async fn number(&self, key: &str) -> Option<u64> {
        self.open().await.get(key).expect("a number")
    }

    /// The same browser on another process.
    pub(crate) fn on(&self, sessions: Sessions) -> Visitor {
        Visitor { sessions, cookie: self.cookie.clone() }
    }

    /// Whether the cookie opens a live session.
    pub(crate) async fn is_live(&self) -> bool {
        !self.open().await.is_new()
    }
}

/// Fails unless the change was refused: nothing stored, no cookie.
pub(crate) fn assert_refused(committed: &Committed, is_expected: impl FnOnce(&Error) -> bool) {
    match &committed.result {
        Err(error) if is_expected(error) => {}
        other => panic!("expected a refusal, got {other:?}"),
    }
    assert!(matches!(committed.cookie, CookieAction::None), "a refused change has no cookie: {:?}", committed.cookie);
}

/// The cookie's text that a commit hands out.
pub(crate) fn new_cookie(committed: &Committed) -> String {
    match &committed.cookie {
        CookieAction::Set { token, .. } => token.expose().to_owned(),
        other => panic!("expected a new cookie, got {other:?}"),
    }
}

pub(crate) fn has_no_cookie(committed: &Committed) -> bool {
    matches!(committed.cookie, CookieAction::None)
}
