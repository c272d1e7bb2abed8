//! What the layer puts into the request.

use std::fmt::{self, Debug};
use std::sync::Arc;

use http::Extensions;

use crate::cookies::Cookies;
use crate::error::SessionError;
use crate::exchange::Exchange;
use crate::session::Session;

/// Where a request's session can be had; [`SessionLayer`](crate::SessionLayer) puts it into the request's extensions.
///
/// With axum, take [`Session`] as an extractor instead; take this where only some paths of a handler need the session, since
/// having it costs nothing until [`load`](SessionHandle::load).
///
/// ```
/// use http::{Request, Response};
/// use session_tower::{SessionError, SessionHandle};
///
/// async fn greet<B>(request: Request<B>) -> Result<Response<String>, SessionError> {
///     let session = SessionHandle::of(request.extensions())?.load().await?;
///     let name = session.get::<String>("username")?.unwrap_or_else(|| "stranger".into());
///     Ok(Response::new(format!("Hello {name}")))
/// }
/// ```
#[derive(Clone)]
pub struct SessionHandle(Arc<Exchange>);

impl SessionHandle {
    pub(crate) fn new(exchange: Arc<Exchange>) -> Self {
        SessionHandle(exchange)
    }

    /// The handle of the request that has these extensions.
    ///
    /// # Errors
    /// A 500 that names [`SessionLayer`](crate::SessionLayer), where the request did not pass one.
    pub fn of(extensions: &Extensions) -> Result<Self, SessionError> {
        extensions.get::<SessionHandle>().cloned().ok_or_else(SessionError::no_layer)
    }

    /// The session, loaded once for the whole request: at most three store calls, none without a cookie that could be one.
    ///
    /// # Errors
    /// An outage of the store (503), or a record that cannot be read (500). A failure stands for the whole request. Whatever a
    /// client sends is no error.
    ///
    /// # Cancel safety
    /// It only reads.
    pub async fn load(&self) -> Result<Session, SessionError> {
        let session = self.0.load().await?;
        Ok(Session::new(session, Arc::clone(&self.0)))
    }

    /// The request's other cookies.
    #[must_use]
    pub fn cookies(&self) -> Cookies {
        Cookies::new(Arc::clone(&self.0))
    }
}

impl Debug for SessionHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionHandle")
    }
}
