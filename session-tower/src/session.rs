//! The session as a handler takes it.

use std::fmt::{self, Debug};
use std::ops::Deref;
use std::sync::Arc;

use crate::exchange::Exchange;

/// The visitor's session: an extractor (feature `axum`), or what [`SessionHandle::load`](crate::SessionHandle::load) gives.
///
/// Everything else is on [`session_core::Session`], to which it dereferences. It is loaded when it is taken, so those calls are
/// plain ones without `.await`; what was changed is stored when the response's head is ready. A cheap handle: clones see and
/// change the same session.
///
/// ```
/// use session_tower::{Session, SessionError};
///
/// async fn visits(session: Session) -> Result<String, SessionError> {
///     let visits = session.update("visits", |visits: Option<u64>| visits.unwrap_or(0) + 1)?;
///     Ok(format!("visit {visits}"))
/// }
/// ```
#[derive(Clone)]
pub struct Session {
    inner: session_core::Session,
    // Says whether a panic unwound through the handler that held this.
    _witness: Witness,
}

impl Session {
    pub(crate) fn new(inner: session_core::Session, exchange: Arc<Exchange>) -> Self {
        Session { inner, _witness: Witness(exchange) }
    }

    /// The session itself, for code that knows nothing of HTTP.
    #[must_use]
    pub fn into_inner(self) -> session_core::Session {
        self.inner
    }
}

impl Deref for Session {
    type Target = session_core::Session;

    fn deref(&self) -> &session_core::Session {
        &self.inner
    }
}

impl Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

/// Notes when a panic drops it. A panic that reaches the layer ends the request there, and nothing is stored. One that is caught
/// further in, by a layer that makes a 500 of it, would look like any response, and half of the handler's changes would be kept.
#[derive(Clone)]
struct Witness(Arc<Exchange>);

impl Drop for Witness {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.mark_panicked();
        }
    }
}
