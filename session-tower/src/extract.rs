//! Extractors for axum, and errors as responses.

use axum_core::body::Body;
use axum_core::extract::FromRequestParts;
use axum_core::response::{IntoResponse, Response};
use http::request::Parts;

use crate::cookies::{CookieError, Cookies};
use crate::error::SessionError;
use crate::error_page::{ErrorPage, ShortText};
use crate::handle::SessionHandle;
use crate::session::Session;

impl<S: Send + Sync> FromRequestParts<S> for Session {
    type Rejection = SessionError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, SessionError> {
        let handle = SessionHandle::of(&parts.extensions)?;
        handle.load().await
    }
}

impl<S: Send + Sync> FromRequestParts<S> for SessionHandle {
    type Rejection = SessionError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, SessionError> {
        SessionHandle::of(&parts.extensions)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Cookies {
    type Rejection = SessionError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, SessionError> {
        Cookies::of(&parts.extensions)
    }
}

/// The error travels in the response's extensions to the layer, which puts the application's page in its place.
impl IntoResponse for SessionError {
    fn into_response(self) -> Response {
        let mut response: Response = ShortText.page(self.error(), self.status());
        if self.is_no_layer() {
            // No layer will see it, and who reads this is about to mend it.
            *response.body_mut() = Body::from(format!("{self}\n"));
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl IntoResponse for CookieError {
    fn into_response(self) -> Response {
        SessionError::from(self).into_response()
    }
}
