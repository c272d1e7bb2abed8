//! Log lines, behind the feature `tracing`.

use http::StatusCode;
use session_core::Error;

/// A response became an error page.
#[cfg(feature = "tracing")]
pub(crate) fn error_page(error: &Error, status: StatusCode) {
    let status = status.as_u16();
    match error {
        error if error.is_refused() => tracing::debug!(status, %error, "the session's change was refused"),
        error if error.is_outage() => tracing::warn!(status, %error, "the session store could not answer"),
        error => tracing::error!(status, %error, "the session failed"),
    }
}

#[cfg(not(feature = "tracing"))]
pub(crate) fn error_page(_: &Error, _: StatusCode) {}

/// A page for one visitor asked to be kept for all.
#[cfg(feature = "tracing")]
pub(crate) fn shared_caching_refused() {
    tracing::warn!("`public` or `s-maxage` taken out of Cache-Control: the response is meant for one visitor alone");
}

#[cfg(not(feature = "tracing"))]
pub(crate) fn shared_caching_refused() {}
