//! One request and its response: what came, what was asked for, what is to be sent.

use std::sync::{Mutex, MutexGuard, PoisonError};

use http::{HeaderMap, HeaderValue};
use session_core::{Session, Sessions};

use crate::cookies::CookieProblem;
use crate::error::SessionError;
use crate::received::Received;

/// Shared by the layer and by every handle of the request. Holds the `Cookie` header unread until a handler asks.
pub(crate) struct Exchange {
    pub(crate) sessions: Sessions,
    pub(crate) received: Received,
    /// Held by the one who loads.
    turn: tokio::sync::Mutex<()>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    loaded: Option<Result<Session, SessionError>>,
    outgoing: Vec<Outgoing>,
    marks: Marks,
    head_sent: bool,
}

/// What the response's head needs to know about the request.
#[derive(Clone, Copy, Default)]
pub(crate) struct Marks {
    /// A handler looked at the session or at a cookie.
    pub(crate) varies: bool,
    /// The page holds what is meant for one visitor alone.
    pub(crate) personal: bool,
    /// A handler was unwound while it held the session.
    pub(crate) panicked: bool,
}

/// A cookie for the response.
pub(crate) struct Outgoing {
    pub(crate) name: String,
    /// The whole `Set-Cookie` line.
    pub(crate) line: HeaderValue,
}

/// What the response's head takes over from the request.
#[derive(Default)]
pub(crate) struct Taken {
    pub(crate) session: Option<Session>,
    pub(crate) outgoing: Vec<Outgoing>,
    pub(crate) marks: Marks,
    /// Nobody took the session, and it is to be refreshed all the same, as in Flask.
    pub(crate) refresh: bool,
}

impl Exchange {
    pub(crate) fn new(sessions: Sessions, headers: &HeaderMap) -> Self {
        let received = Received::of(headers);
        Exchange { sessions, received, turn: tokio::sync::Mutex::new(()), state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing under this lock panics half-way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The request's session, loaded once: whoever asks meanwhile waits for the same answer. A failure stands until the
    /// response's head, so that an outage costs a request one time budget and not one for each that asks; later calls, such as
    /// those of a stream, try again.
    pub(crate) async fn load(&self) -> Result<Session, SessionError> {
        if let Some(loaded) = self.loaded() {
            return loaded;
        }
        let _turn = match self.turn.try_lock() {
            Ok(turn) => turn,
            Err(_) => self.turn.lock().await,
        };
        if let Some(loaded) = self.loaded() {
            return loaded;
        }
        let loaded = self.sessions.open(self.candidates()).await.map_err(SessionError::from);
        if self.keep(loaded.clone())
            && let Ok(session) = &loaded
        {
            // The head is gone, and no cookie can follow it: the session has to know.
            drop(self.sessions.close_unstored(session));
        }
        loaded
    }

    fn loaded(&self) -> Option<Result<Session, SessionError>> {
        let mut state = self.state();
        state.marks.varies = true;
        let stands = |loaded: &Result<_, _>| loaded.is_ok() || !state.head_sent;
        state.loaded.clone().filter(stands)
    }

    /// Keeps the outcome of a load; true where the response's head has been sent. Under one lock with [`Exchange::close`]: either
    /// the head takes the session over, or the loader learns that there is no head any more.
    fn keep(&self, loaded: Result<Session, SessionError>) -> bool {
        let mut state = self.state();
        state.loaded = Some(loaded);
        state.head_sent
    }

    pub(crate) fn mark_varying(&self) {
        self.state().marks.varies = true;
    }

    #[cfg(feature = "csrf")]
    pub(crate) fn mark_personal(&self) {
        self.state().marks.personal = true;
    }

    pub(crate) fn mark_panicked(&self) {
        self.state().marks.panicked = true;
    }

    /// Adds a cookie to the response, in place of an earlier one of its name.
    pub(crate) fn send(&self, cookie: Outgoing) -> Result<(), CookieProblem> {
        let mut state = self.state();
        if state.head_sent {
            return Err(CookieProblem::HeadSent);
        }
        state.outgoing.retain(|other| other.name != cookie.name);
        state.outgoing.push(cookie);
        Ok(())
    }

    /// The value that the response will set under a name, if any.
    #[cfg(feature = "csrf")]
    pub(crate) fn pending(&self, name: &str) -> Option<String> {
        let state = self.state();
        let line = state.outgoing.iter().find(|cookie| cookie.name == name)?.line.to_str().ok()?;
        let pair = line.split(';').next()?;
        pair.split_once('=').map(|(_, value)| value.to_owned())
    }

    /// The response's head is about to be sent. `None` where nobody asked for anything: the response stays as it is.
    pub(crate) fn close(&self) -> Option<Taken> {
        let mut state = self.state();
        state.head_sent = true;
        let refresh = self.sessions.refreshes() && state.loaded.is_none() && self.has_candidate();
        let untouched = !refresh && !state.marks.varies && state.outgoing.is_empty();
        (!untouched).then(|| Taken {
            session: state.loaded.as_ref().and_then(|loaded| loaded.as_ref().ok().cloned()),
            outgoing: std::mem::take(&mut state.outgoing),
            marks: state.marks,
            refresh,
        })
    }

    fn has_candidate(&self) -> bool {
        self.candidates().next().is_some()
    }

    /// The values of the session's cookie as the request brought them.
    pub(crate) fn candidates(&self) -> impl Iterator<Item = &str> {
        self.received.values(self.sessions.cookie().name())
    }
}
