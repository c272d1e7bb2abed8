//! Any bytes as Cookie headers.

use std::cell::RefCell;
use std::convert::Infallible;

use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderValue, Request, Response, StatusCode};
use session_core::{MemoryStore, SessionConfig, Sessions};
use session_tower::{SessionError, SessionHandle, SessionLayer};
use tower::{Layer, ServiceExt, service_fn};

thread_local! {
    static RUNTIME: RefCell<tokio::runtime::Runtime> = RefCell::new(
        tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime"),
    );
}

/// A handler that looks at everything: session and cookies.
async fn look(request: Request<()>) -> Result<Response<String>, Infallible> {
    let looked: Result<usize, SessionError> = async {
        let handle = SessionHandle::of(request.extensions())?;
        let cookies = handle.cookies();
        let names = cookies.names();
        names.iter().for_each(|name| drop((cookies.get(name), cookies.get_decoded(name), cookies.get_all(name))));
        let session = handle.load().await?;
        assert!(session.is_new(), "nothing can be guessed");
        Ok(names.len())
    }
    .await;
    let status = looked.as_ref().map_or_else(SessionError::status, |_| StatusCode::OK);
    Ok(Response::builder().status(status).body(String::new()).expect("a response"))
}

/// The bytes, a line for each header, are cookies or none: never a panic, never an error, and nothing is adopted.
pub fn any_bytes(data: &[u8]) {
    let mut request = Request::new(());
    let lines = data.split(|byte| *byte == b'\n').filter_map(|line| HeaderValue::from_bytes(line).ok());
    lines.take(50).for_each(|line| {
        request.headers_mut().append(COOKIE, line);
    });
    let sessions = Sessions::new(MemoryStore::default(), SessionConfig::development()).expect("the defaults hold");
    let service = SessionLayer::new(sessions).layer(service_fn(look));
    let response = RUNTIME.with_borrow(|runtime| runtime.block_on(service.oneshot(request))).expect("infallible");
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.headers().get(SET_COOKIE).is_none());
}
