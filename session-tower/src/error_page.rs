//! What a visitor sees in place of a page whose session failed.

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};
use session_core::Error;

/// Makes the response that takes a page's place when its session fails: a closure
/// `Fn(&session_core::Error, StatusCode) -> http::Response<B>`, [`EmptyPage`] or [`ShortText`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` makes no error page with the body `{B}`",
    note = "the default, `EmptyPage`, needs `{B}: Default`, and `ShortText` needs `{B}: From<&'static str>`",
    note = "for other bodies: `.on_error(|error: &session_core::Error, status: StatusCode| -> http::Response<{B}> {{ … }})`"
)]
pub trait ErrorPage<B> {
    /// The page for an error that is answered with `status`.
    fn page(&self, error: &Error, status: StatusCode) -> Response<B>;
}

impl<B, F: Fn(&Error, StatusCode) -> Response<B>> ErrorPage<B> for F {
    fn page(&self, error: &Error, status: StatusCode) -> Response<B> {
        self(error, status)
    }
}

/// The status and an empty body: the default.
#[derive(Debug, Clone, Copy, Default)]
pub struct EmptyPage;

impl<B: Default> ErrorPage<B> for EmptyPage {
    fn page(&self, _: &Error, status: StatusCode) -> Response<B> {
        let mut response = Response::new(B::default());
        *response.status_mut() = status;
        response
    }
}

/// The status and one sentence in plain English.
#[derive(Debug, Clone, Copy, Default)]
pub struct ShortText;

impl<B: From<&'static str>> ErrorPage<B> for ShortText {
    fn page(&self, _: &Error, status: StatusCode) -> Response<B> {
        let mut response = Response::new(B::from(sentence(status)));
        *response.status_mut() = status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        response
    }
}

fn sentence(status: StatusCode) -> &'static str {
    match status {
        StatusCode::SERVICE_UNAVAILABLE => "This page is not available for a moment. Please try again.\n",
        StatusCode::CONFLICT => "Another request was faster, and nothing was changed. Please go back and try again.\n",
        _ => "Something went wrong on our side.\n",
    }
}
