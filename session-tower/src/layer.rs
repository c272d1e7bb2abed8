//! The layer and its service.

use std::fmt::{self, Debug};
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response, StatusCode};
use session_core::{Error, Sessions};
use tower_layer::Layer;
use tower_service::Service;

use crate::error_page::{EmptyPage, ErrorPage, ShortText};
use crate::exchange::Exchange;
use crate::future::ResponseFuture;
use crate::handle::SessionHandle;

/// Gives every request of a service its session and its cookies.
///
/// Put one around a service, inside of what makes responses of its own for all (CORS, compression) and inside of a layer that
/// catches panics.
///
/// A request whose handler takes neither session nor cookies passes as it is: nothing is parsed, loaded, stored or added.
///
/// ```
/// use http::{Request, Response};
/// use session_tower::session_core::{MemoryStore, SessionConfig, Sessions};
/// use session_tower::{SessionError, SessionHandle, SessionLayer};
/// use tower::{ServiceBuilder, ServiceExt, service_fn};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sessions = Sessions::new(MemoryStore::default(), SessionConfig::default())?;
/// let service = ServiceBuilder::new().layer(SessionLayer::new(sessions)).service(service_fn(
///     |request: Request<String>| async move {
///         let session = SessionHandle::of(request.extensions())?.load().await?;
///         session.set("username", "ada")?;
///         Ok::<_, SessionError>(Response::new(String::new()))
///     },
/// ));
///
/// let response = service.oneshot(Request::new(String::new())).await?;
/// assert!(response.headers()["set-cookie"].to_str()?.starts_with("__Host-id="));
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct SessionLayer<P = EmptyPage> {
    sessions: Sessions,
    page: P,
}

impl SessionLayer {
    /// A layer for these sessions. Where a session fails, the response is the error's status with an empty body.
    #[must_use]
    pub fn new(sessions: Sessions) -> Self {
        SessionLayer { sessions, page: EmptyPage }
    }
}

impl<P> SessionLayer<P> {
    /// Makes the error page one plain sentence.
    #[must_use]
    pub fn short_text(self) -> SessionLayer<ShortText> {
        SessionLayer { sessions: self.sessions, page: ShortText }
    }

    /// Makes the error page, and with it the status, what `page` says: alike for a [`SessionError`](crate::SessionError) that a
    /// handler or an extractor returns (feature `axum`) and for a commit that fails after the handler ran. `Retry-After` is added
    /// to a 503 that has none.
    ///
    /// ```
    /// use http::{Response, StatusCode};
    /// use session_tower::SessionLayer;
    /// use session_tower::session_core::{Error, MemoryStore, SessionConfig, Sessions};
    ///
    /// # let sessions = Sessions::new(MemoryStore::default(), SessionConfig::default())?;
    /// let layer = SessionLayer::new(sessions).on_error(|error, status| {
    ///     let text = if error.is_outage() { "Back in a minute." } else { "Sorry." };
    ///     let mut page = Response::new(text.to_owned());
    ///     *page.status_mut() = status;
    ///     page
    /// });
    /// # Ok::<(), Error>(())
    /// ```
    #[must_use]
    pub fn on_error<F, B>(self, page: F) -> SessionLayer<F>
    where
        F: Fn(&Error, StatusCode) -> Response<B> + Clone,
    {
        SessionLayer { sessions: self.sessions, page }
    }
}

impl<P> Debug for SessionLayer<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionLayer").field("sessions", &self.sessions).finish_non_exhaustive()
    }
}

impl<S, P: Clone> Layer<S> for SessionLayer<P> {
    type Service = SessionService<S, P>;

    fn layer(&self, inner: S) -> Self::Service {
        SessionService { inner, sessions: self.sessions.clone(), page: self.page.clone() }
    }
}

/// A service within [`SessionLayer`]. Its error type is that of the service inside: what goes wrong with a session becomes a
/// response.
#[derive(Clone)]
pub struct SessionService<S, P = EmptyPage> {
    inner: S,
    sessions: Sessions,
    page: P,
}

impl<S: Debug, P> Debug for SessionService<S, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = f.debug_struct("SessionService");
        fields.field("inner", &self.inner).field("sessions", &self.sessions).finish_non_exhaustive()
    }
}

impl<S, P, RequestBody, B> Service<Request<RequestBody>> for SessionService<S, P>
where
    S: Service<Request<RequestBody>, Response = Response<B>>,
    P: ErrorPage<B> + Clone,
{
    type Response = Response<B>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, B, P>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<RequestBody>) -> Self::Future {
        let exchange = Arc::new(Exchange::new(self.sessions.clone(), request.headers()));
        request.extensions_mut().insert(SessionHandle::new(Arc::clone(&exchange)));
        ResponseFuture::new(self.inner.call(request), exchange, self.page.clone())
    }
}
