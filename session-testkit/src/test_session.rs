//! A session that a test sets up, without a server and without a login.

use std::fmt::{self, Debug};

use serde::de::DeserializeOwned;
use session_core::{CookieAction, Error, ReadKey, Result, Session, Sessions};

/// A visitor who already has a session: for tests of applications.
///
/// ```
/// use session_core::{MemoryStore, SessionConfig, Sessions};
/// use session_testkit::TestSession;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> session_core::Result<()> {
/// // The application's own `Sessions`; what the layer of its router holds.
/// let sessions = Sessions::new(MemoryStore::default(), SessionConfig::development())?;
/// let ada = TestSession::with(&sessions, |session| session.set("username", "ada")).await?;
///
/// // Send a request with the header `Cookie: ada.header()`. Here the handler's part is played by hand:
/// let cookie = ada.header();
/// let session = sessions.open([cookie.trim_start_matches("id=")]).await?;
/// session.set("cart", vec!["book"])?;
/// sessions.commit(&session).await.result?;
///
/// assert_eq!(ada.get::<Vec<String>>("cart").await?, Some(vec!["book".to_owned()]));
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct TestSession {
    sessions: Sessions,
    token: Option<String>,
}

impl Debug for TestSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestSession").field("has_cookie", &self.token.is_some()).finish_non_exhaustive()
    }
}

impl TestSession {
    /// A visitor whose session holds what `prepare` puts in.
    ///
    /// # Errors
    /// Those of the store and of `prepare`; [`Error::Config`] where `prepare` puts nothing in, since an empty session is not
    /// stored.
    pub async fn with(sessions: &Sessions, prepare: impl FnOnce(&Session) -> Result<()>) -> Result<Self> {
        let session = sessions.fresh();
        prepare(&session)?;
        let committed = sessions.commit(&session).await;
        committed.result?;
        match committed.cookie {
            CookieAction::Set { token, .. } => {
                Ok(TestSession { sessions: sessions.clone(), token: Some(token.expose().to_owned()) })
            }
            _ => Err(Error::config("TestSession", "the session is empty, so it is not stored", "set a key in it")),
        }
    }

    /// The value of the `Cookie` header that the visitor sends, `name=token`; empty once the cookie was removed.
    #[must_use]
    pub fn header(&self) -> String {
        match &self.token {
            Some(token) => format!("{}={token}", self.sessions.cookie().name()),
            None => String::new(),
        }
    }

    /// Takes over the cookie that a response set or removed: call it with each `Set-Cookie` header after a login or a logout.
    /// Cookies of other names are ignored.
    pub fn receive(&mut self, set_cookie: &str) {
        let mut parts = set_cookie.split(';').map(str::trim);
        let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else { return };
        if name == self.sessions.cookie().name() {
            let removed = parts.any(|attribute| attribute.eq_ignore_ascii_case("max-age=0"));
            self.token = (!removed).then(|| value.to_owned());
        }
    }

    /// The session as the visitor's next request sees it.
    ///
    /// # Errors
    /// Those of [`Sessions::open`].
    pub async fn session(&self) -> Result<Session> {
        self.sessions.open(self.token.as_deref()).await
    }

    /// The stored value under a key, as the visitor's next request sees it.
    ///
    /// # Errors
    /// Those of [`Sessions::open`]; [`Error::Value`] where the stored value is no `T`.
    pub async fn get<T: DeserializeOwned>(&self, key: impl ReadKey<T>) -> Result<Option<T>> {
        self.session().await?.get(key)
    }
}
