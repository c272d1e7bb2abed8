//! A session's error as a handler returns it.

use std::fmt;
use std::sync::Arc;

use http::StatusCode;
use session_core::Error;

use crate::cookies::CookieError;

/// What can go wrong with a session, as a handler returns it: [`session_core::Error`] with an HTTP status.
///
/// | error | status |
/// |---|---|
/// | `Unavailable`, `Timeout`, `Backend` | 503 with `Retry-After`: an outage is never a logout |
/// | `Conflict`, `Gone`, `Retired` | 409: another request was faster, nothing was stored |
/// | all others | 500 |
///
/// [`SessionLayer::on_error`](crate::SessionLayer::on_error) replaces the page, and the status with it.
///
/// ```
/// use http::StatusCode;
/// use session_tower::{SessionError, session_core::Error};
///
/// assert_eq!(SessionError::from(Error::Conflict).status(), StatusCode::CONFLICT);
/// assert_eq!(SessionError::from(Error::HeadSent).status(), StatusCode::INTERNAL_SERVER_ERROR);
/// ```
#[derive(Debug, Clone)]
pub struct SessionError(Arc<Error>);

/// The field of the error that a request meets which did not pass the layer.
const LAYER: &str = "SessionLayer";

impl SessionError {
    /// The error itself.
    #[must_use]
    pub fn error(&self) -> &Error {
        &self.0
    }

    /// The status that it is answered with.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match &*self.0 {
            error if error.is_outage() => StatusCode::SERVICE_UNAVAILABLE,
            error if error.is_refused() => StatusCode::CONFLICT,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The request did not pass a [`SessionLayer`](crate::SessionLayer).
    pub(crate) fn no_layer() -> Self {
        let fix = "add `.layer(SessionLayer::new(sessions))` to the router or service, outside of this route";
        Error::config(LAYER, "this request did not pass one", fix).into()
    }

    /// True where the only one who can mend it is the one who writes the application.
    #[cfg(feature = "axum")]
    pub(crate) fn is_no_layer(&self) -> bool {
        matches!(&*self.0, Error::Config { field, .. } if field == LAYER)
    }
}

impl From<Error> for SessionError {
    fn from(error: Error) -> Self {
        SessionError(Arc::new(error))
    }
}

impl From<CookieError> for SessionError {
    fn from(error: CookieError) -> Self {
        let problem = error.problem();
        Error::config(format!("cookie {:?}", error.name()), problem.as_str(), problem.fix()).into()
    }
}

impl fmt::Display for SessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for SessionError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use session_core::Operation;

    use super::*;

    #[test]
    fn every_error_has_its_status() {
        let outage = || Error::unavailable(Operation::Get, "refused");
        for (error, status) in [
            (outage(), 503),
            (Error::backend(Operation::Get, "denied"), 503),
            (Error::Timeout { operation: Operation::Swap }, 503),
            (Error::Conflict, 409),
            (Error::Gone, 409),
            (Error::Retired, 409),
            (Error::Corrupt { reason: "no map" }, 500),
            (Error::MissingKey { key: "user".into() }, 500),
            (Error::Value { key: "user".into(), problem: "no text".into() }, 500),
            (Error::TooLarge { what: "record", size: 2, limit: 1 }, 500),
            (Error::HeadSent, 500),
            (Error::config("idle", "zero", "choose more"), 500),
        ] {
            assert_eq!(SessionError::from(error).status(), status);
        }
        let error = SessionError::from(outage());
        assert_eq!(error.to_string(), "the session store is not available (get)");
        assert_eq!(error.source().unwrap().to_string(), "refused", "the cause stays, and is printed once");
    }
}
