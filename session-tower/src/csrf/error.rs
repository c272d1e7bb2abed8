//! A form that was refused.

use std::fmt;

/// The form's token is missing, wrong, of another visitor or out of date. With the feature `axum` it is a response: 403.
///
/// It does not say which: whoever forges requests need not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct CsrfError;

impl fmt::Display for CsrfError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "this form is out of date, or was not sent from this site; load the page again and send it once more",
        )
    }
}

impl std::error::Error for CsrfError {}

#[cfg(feature = "axum")]
impl axum_core::response::IntoResponse for CsrfError {
    fn into_response(self) -> axum_core::response::Response {
        (http::StatusCode::FORBIDDEN, format!("{self}\n")).into_response()
    }
}
