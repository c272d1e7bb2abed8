//! From a cookie's text to a session, and from a session to what the response's head needs.

mod budget;
mod commit;
mod cookie;
mod engine;
mod open;
mod queue;
mod refresh;
mod rotation;

use std::fmt::{self, Debug};
use std::sync::Arc;

use crate::clock::{Clock, SystemClock};
use crate::config::SessionConfig;
use crate::counters::Counts;
use crate::error::{Error, Result};
use crate::session::Session;
use crate::store::{Capabilities, SessionStore};
use crate::token::{Locator, LogId};

pub(crate) use budget::Budget;
pub(crate) use commit::Commit;
pub use cookie::{CookieAction, SessionCookie};
pub(crate) use engine::Engine;

/// The sessions of an application: a store and the rules.
///
/// The HTTP layer opens a session when a handler first asks for it and commits it when the response's head is ready. Without
/// that layer, do the same by hand:
///
/// ```
/// use session_core::{CookieAction, MemoryStore, SessionConfig, Sessions};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> session_core::Result<()> {
/// let sessions = Sessions::new(MemoryStore::default(), SessionConfig::default())?;
///
/// let session = sessions.open(["what the cookie holds"]).await?;      // unknown: a new, empty session
/// session.set("username", "ada")?;
/// let committed = sessions.commit(&session).await;
/// committed.result?;
/// let CookieAction::Set { token, .. } = committed.cookie else { panic!("a new session has a cookie") };
///
/// let next = sessions.open([token.expose()]).await?;
/// assert_eq!(next.require::<String>("username")?, "ada");
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Sessions {
    engine: Arc<Engine>,
}

impl Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.engine.fmt(f)
    }
}

impl Sessions {
    /// Sessions in this store, by the system's clock.
    ///
    /// # Errors
    /// [`Error::Config`] for a setting that cannot be right, naming the field and the fix.
    pub fn new(store: impl SessionStore, config: SessionConfig) -> Result<Self> {
        Self::with_clock(store, config, Arc::new(SystemClock))
    }

    /// Sessions in this store, by a clock of one's own.
    ///
    /// # Errors
    /// [`Error::Config`] for a setting that cannot be right, naming the field and the fix.
    pub fn with_clock(store: impl SessionStore, config: SessionConfig, clock: Arc<dyn Clock>) -> Result<Self> {
        Ok(Sessions { engine: Arc::new(Engine::new(Box::new(store), config, clock)?) })
    }

    /// The session of a request, from the texts of its cookies of this name, in their order. No more than three well-formed ones
    /// are looked up; the first that is live wins, a retired one yields to a live one behind it.
    ///
    /// # Errors
    /// An outage of the store, or [`Error::Corrupt`] for a record that cannot be read. Whatever a client sends is no error.
    ///
    /// # Cancel safety
    /// It only reads.
    pub fn open<'a>(
        &self,
        candidates: impl IntoIterator<Item = &'a str>,
    ) -> impl Future<Output = Result<Session>> + Send {
        // Before the future, so that it need not hold the candidates.
        Engine::open(&self.engine, self.engine.tokens(candidates))
    }

    /// The session of a request without a cookie.
    #[must_use]
    pub fn fresh(&self) -> Session {
        Engine::fresh(&self.engine)
    }

    /// Stores what the request changed, for a response whose head is about to be sent. Call it once a request; later changes
    /// are stored by [`Session::save`].
    ///
    /// # Cancel safety
    /// If the future is dropped, the changes are stored or none of them is.
    pub async fn commit(&self, session: &Session) -> Committed {
        session.handle().close().await
    }

    /// As [`commit_for_status`](Sessions::commit_for_status), at once, where there is nothing to store or to send: after most
    /// requests. `None` where there is, or may be.
    #[must_use]
    pub fn commit_at_once(&self, session: &Session, status: u16) -> Option<Committed> {
        match self.engine.config().commit_on.stores(status) {
            true => session.handle().close_settled(),
            false => Some(self.close_unstored(session)),
        }
    }

    /// As [`commit`](Sessions::commit), for a response whose status is known: [`SessionConfig::commit_on`] says whether it stores.
    pub async fn commit_for_status(&self, session: &Session, status: u16) -> Committed {
        match self.engine.config().commit_on.stores(status) {
            true => session.handle().close().await,
            false => self.close_unstored(session),
        }
    }

    /// True where a request that takes no session is to be [refreshed](Sessions::refresh): in the Flask modes, unless
    /// [`SessionConfig::refresh`] is off.
    #[must_use]
    pub fn refreshes(&self) -> bool {
        self.config().compatibility.is_flask() && self.config().refresh
    }

    /// For a response whose handler took no session, in the Flask modes: the session is opened and committed unchanged, which
    /// moves its deadline and sends its cookie again as [`Compatibility`](crate::Compatibility) says. Two store calls at most for
    /// a live session under the first token. Whatever fails leaves the response as it is: nobody asked for the session.
    ///
    /// # Cancel safety
    /// As [`commit`](Sessions::commit).
    pub async fn refresh<'a>(&self, candidates: impl IntoIterator<Item = &'a str>, status: u16) -> Committed {
        match self.open(candidates).await {
            Ok(session) => Committed { result: Ok(()), ..self.commit_for_status(&session, status).await },
            Err(_) => self.close_unstored(&self.fresh()),
        }
    }

    /// For a response whose head is about to be sent, and which stores nothing: its handler panicked, say. Only the cookie of an
    /// earlier [`Session::save`] goes out with it.
    #[must_use = "it has the cookie of an earlier `save()`"]
    pub fn close_unstored(&self, session: &Session) -> Committed {
        session.handle().close_unstored()
    }

    /// The cookie's name and attributes.
    #[must_use]
    pub fn cookie(&self) -> &SessionCookie {
        self.engine.cookie()
    }

    /// The settings.
    #[must_use]
    pub fn config(&self) -> &SessionConfig {
        self.engine.config()
    }

    /// What the store can and cannot keep.
    #[must_use]
    pub fn capabilities(&self) -> Capabilities {
        self.engine.store().capabilities()
    }

    /// How often what has happened since the start.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.engine.counters().read()
    }
}

/// What a commit gives the response.
#[derive(Debug)]
#[non_exhaustive]
pub struct Committed {
    /// What to do with the visitor's cookie. After an error it is the cookie of an earlier, successful `save()`.
    pub cookie: CookieAction,
    /// Whether the response stands; an error takes its place.
    pub result: Result<(), Error>,
    /// Whether the request brought a live session: the response then belongs to one visitor alone.
    pub was_live: bool,
    /// Whether the handler has seen this error before, as the result of a `save()`.
    pub already_reported: bool,
    /// What it took.
    pub report: Report,
}

/// What a request's session did, for logs and for the curious.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// Where the session lies after the commit, which may have given it a new id.
    pub(crate) at: Option<Locator>,
    /// Calls to the session store, those of the load and of each `save()` included.
    pub store_calls: u32,
    /// How often the change log was replayed on a fresher session.
    pub replays: u32,
    /// What was done, in order; reads are not listed.
    pub steps: Vec<crate::plan::Plan>,
}

impl Report {
    /// The session's name in logs after the commit. Computed when it is asked for: most requests need none.
    #[must_use]
    pub fn id(&self) -> Option<LogId> {
        self.at.as_ref().map(Locator::log_id)
    }
}
