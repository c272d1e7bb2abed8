//! After the head: a stream or a WebSocket may still read and save, where no cookie is needed.
#![cfg(feature = "axum")]
#![allow(clippy::unwrap_used, reason = "a test that goes wrong panics")]

mod support;

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use bytes::Bytes;
use futures_util::stream;
use session_testkit::Behaviour;
use session_tower::session_core::{Operation, SessionConfig};
use session_tower::{CookieProblem, Cookies, Session, SessionHandle, SessionLayer, SetCookie};
use support::{NAME, Visitor, gated, sessions};

/// A body that does its work after the head has been sent.
fn late<F>(work: F) -> Body
where
    F: Future<Output = String> + Send + 'static,
{
    Body::from_stream(stream::once(async move { Ok::<_, std::convert::Infallible>(Bytes::from(work.await)) }))
}

fn told<T>(outcome: Result<T, impl ToString>) -> String {
    outcome.map_or_else(|error| error.to_string(), |_| "saved".to_owned())
}

fn app() -> Router {
    let cookie = |cookies: Cookies| async move {
        late(async move {
            let refused = cookies.set(SetCookie::new("a", "b"));
            told(refused.map_err(|error| format!("{:?}", error.problem())))
        })
    };
    let keys = |session: Session| async move { session.keys().join(" ") };
    changes().route("/cookie", get(cookie)).route("/keys", get(keys))
}

/// Routes that change the session after the head.
fn changes() -> Router {
    let login = |session: Session| async move { session.set("name", "ada").unwrap() };
    let change = |session: Session| async move {
        late(async move {
            session.set("late", 1).unwrap();
            told(session.save().await)
        })
    };
    let rotate = |session: Session| async move {
        late(async move {
            session.rotate();
            told(session.save().await)
        })
    };
    let destroy = |session: Session| async move {
        late(async move {
            session.destroy();
            told(session.save().await)
        })
    };
    let load = |handle: SessionHandle| async move {
        late(async move {
            let session = handle.load().await.unwrap();
            session.set("late", 2).unwrap();
            told(session.save().await)
        })
    };
    Router::new()
        .route("/login", get(login))
        .route("/change", get(change))
        .route("/rotate", get(rotate))
        .route("/destroy", get(destroy))
        .route("/load", get(load))
}

const HEAD_SENT: &str = "the response's head was sent before this change, which needs a cookie";

#[tokio::test]
async fn a_save_after_the_head_stores_where_no_cookie_is_needed() {
    let mut ada = Visitor::of(&app().layer(SessionLayer::new(sessions())));
    ada.get("/login").await;
    assert_eq!(ada.get("/change").await.text, "saved");
    assert_eq!(ada.get("/keys").await.text, "name late");
    assert_eq!(ada.get("/load").await.text, "saved", "a session that is first asked for after the head");
    assert_eq!(ada.get("/destroy").await.text, "saved", "an end needs no cookie");
    assert_eq!(ada.get("/keys").await.text, "");
}

#[tokio::test]
async fn a_save_after_the_head_that_needs_a_cookie_is_an_error() {
    let (sessions, store) = gated(SessionConfig::default());
    let mut ada = Visitor::of(&app().layer(SessionLayer::new(sessions)));
    for path in ["/change", "/load"] {
        let answer = ada.get(path).await;
        assert_eq!((answer.text.as_str(), answer.set_cookies().len()), (HEAD_SENT, 0), "a new session, {path}");
    }
    assert_eq!(store.spy.count(Operation::Insert), 0, "no session that nobody can come back to");
    ada.get("/login").await;
    let before = ada.id();
    assert_eq!(ada.get("/rotate").await.text, HEAD_SENT);
    assert_eq!((ada.get("/keys").await.text.as_str(), ada.id()), ("name", before));
}

#[tokio::test]
async fn a_cookie_cannot_follow_the_head() {
    let answer = Visitor::of(&app().layer(SessionLayer::new(sessions()))).get("/cookie").await;
    assert_eq!(answer.text, format!("{:?}", CookieProblem::HeadSent));
}

#[tokio::test]
async fn a_stream_that_asks_again_after_an_outage_gets_its_session() {
    let (sessions, store) = gated(SessionConfig::default());
    let gate = store.gate.clone();
    let again = move |handle: SessionHandle| async move {
        let failed = handle.load().await.is_err();
        late(async move {
            gate.open();
            format!("{failed} {}", handle.load().await.unwrap().get::<String>("name").unwrap().unwrap())
        })
    };
    let app = app().route("/again", get(again));
    let mut ada = Visitor::of(&app.layer(SessionLayer::new(sessions)));
    ada.get("/login").await;
    store.gate.otherwise(Behaviour::Fail);
    assert_eq!(ada.get("/again").await.text, "true ada");
    assert!(ada.cookies.contains_key(NAME));
}

#[tokio::test]
async fn the_cookie_of_a_save_before_the_head_goes_out_even_where_the_rest_fails() {
    let (sessions, store) = gated(SessionConfig::default());
    let saves = |session: Session| async move {
        session.set("first", 1).unwrap();
        session.save().await.unwrap();
        session.set("second", 2).unwrap();
    };
    let app = app().route("/saves", get(saves));
    let mut ada = Visitor::of(&app.layer(SessionLayer::new(sessions)));
    store.gate.script(Operation::Swap, [Behaviour::Fail, Behaviour::Fail]);
    let answer = ada.get("/saves").await;
    assert_eq!((answer.status.as_u16(), answer.id().map(str::len)), (503, Some(43)));
    assert!(answer.has_directive(r#"no-cache="Set-Cookie""#));
    assert_eq!(ada.get("/keys").await.text, "first");
}
