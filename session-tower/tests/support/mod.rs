//! What the tests share: a store that can be made to stumble, and a visitor whose browser keeps cookies.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test that goes wrong panics")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use session_testkit::{Gate, MovableClock, Spy};
use session_tower::session_core::{MemoryBackend, MemoryStore, ServerSide, SessionConfig, Sessions, StoreConfig};
use tower::ServiceExt;

pub const NAME: &str = "__Host-id";

pub fn sessions() -> Sessions {
    Sessions::new(MemoryStore::default(), SessionConfig::default()).unwrap()
}

/// A store that a test makes stumble (`gate`), and that counts what it is asked (`spy`).
pub struct Store {
    pub gate: Arc<Gate<MemoryBackend>>,
    pub spy: Arc<Spy<Gate<MemoryBackend>>>,
}

/// Sessions on a store that counts its calls and can be made to stumble.
pub fn gated(config: SessionConfig) -> (Sessions, Store) {
    gated_with_clock(config, &MovableClock::default())
}

/// The same, by a clock that the test moves.
pub fn gated_with_clock(config: SessionConfig, clock: &MovableClock) -> (Sessions, Store) {
    let gate = Arc::new(Gate::new(MemoryBackend::default()));
    let spy = Arc::new(Spy::on(Arc::clone(&gate)));
    let store = ServerSide::on(Arc::clone(&spy), StoreConfig::default().retry_pause(Duration::ZERO)).unwrap();
    (Sessions::with_clock(store, config, clock.shared()).unwrap(), Store { gate, spy })
}

/// One answer, its body read.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub async fn of(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer { status: parts.status, headers: parts.headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    /// All lines of a header, joined.
    pub fn header(&self, name: &str) -> Option<String> {
        let lines: Vec<_> = self.headers.get_all(name).iter().map(|line| line.to_str().unwrap()).collect();
        (!lines.is_empty()).then(|| lines.join(", "))
    }

    pub fn set_cookies(&self) -> Vec<&str> {
        self.headers.get_all(SET_COOKIE).iter().map(|line| line.to_str().unwrap()).collect()
    }

    /// The value that the answer sets for a cookie, or the empty one that removes it.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let values = self.set_cookies().into_iter().filter_map(|line| line.split(';').next()?.split_once('='));
        values.filter(|(other, _)| *other == name).map(|(_, value)| value).next_back()
    }

    pub fn id(&self) -> Option<&str> {
        self.cookie(NAME)
    }

    pub fn has_directive(&self, directive: &str) -> bool {
        self.header("cache-control").is_some_and(|said| said.split(',').any(|said| said.trim() == directive))
    }
}

/// Sends a request that was built by hand.
pub async fn send(app: &Router, request: Request<Body>) -> Answer {
    Answer::of(app.clone().oneshot(request).await.unwrap()).await
}

/// A `GET` with these lines of `Cookie`.
pub async fn get_with<C: AsRef<[u8]>>(app: &Router, path: &str, cookies: &[C]) -> Answer {
    let mut request = Request::get(path);
    for line in cookies {
        request = request.header(COOKIE, line.as_ref());
    }
    send(app, request.body(Body::empty()).unwrap()).await
}

/// A visitor: an application and a browser's cookies. A clone is a copy of the browser.
#[derive(Clone)]
pub struct Visitor {
    pub app: Router,
    pub cookies: BTreeMap<String, String>,
}

impl Visitor {
    pub fn of(app: &Router) -> Self {
        Visitor { app: app.clone(), cookies: BTreeMap::new() }
    }

    /// Sends a request and keeps the cookies of the answer.
    pub async fn go(&mut self, method: Method, path: &str) -> Answer {
        let answer = self.send(method, path).await;
        self.keep(&answer);
        answer
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.go(Method::GET, path).await
    }

    pub async fn post(&mut self, path: &str) -> Answer {
        self.go(Method::POST, path).await
    }

    /// Sends a request; the answer is lost to the browser until [`Visitor::keep`].
    pub async fn send(&self, method: Method, path: &str) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !self.cookies.is_empty() {
            let pairs: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(COOKIE, pairs.join("; "));
        }
        send(&self.app, request.body(Body::empty()).unwrap()).await
    }

    pub fn keep(&mut self, answer: &Answer) {
        for line in answer.set_cookies() {
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            match line.contains("Max-Age=0") || line.contains("Expires=Thu, 01 Jan 1970") {
                true => drop(self.cookies.remove(name)),
                false => drop(self.cookies.insert(name.to_owned(), value.to_owned())),
            }
        }
    }

    /// The session's id in the browser.
    pub fn id(&self) -> Option<String> {
        self.cookies.get(NAME).cloned()
    }
}
