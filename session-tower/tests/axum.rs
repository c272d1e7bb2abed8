//! The layer under axum: extractors, errors, and what a commit does to the response.
#![cfg(feature = "axum")]
#![allow(clippy::unwrap_used, reason = "a test that goes wrong panics")]

mod support;

use std::panic::AssertUnwindSafe;

use axum::Router;
use axum::body::Body;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use futures_util::FutureExt;
use http::{Request, StatusCode};
use session_testkit::Behaviour;
use session_tower::session_core::{CommitOn, Operation, SessionConfig};
use session_tower::{Cookies, Report, Session, SessionError, SessionHandle, SessionLayer};
use support::{Visitor, gated, get_with, send, sessions};
use tower::ServiceExt;

type Outcome<T = ()> = Result<T, SessionError>;

async fn login(session: Session) -> Outcome<&'static str> {
    session.rotate();
    session.set("username", "ada")?;
    Ok("welcome")
}

async fn name(session: Session) -> Outcome<String> {
    Ok(session.get::<String>("username")?.unwrap_or_default())
}

async fn count(session: Session) -> Outcome<String> {
    Ok(session.update("visits", |visits: Option<u32>| visits.unwrap_or(0) + 1)?.to_string())
}

fn routes() -> Router {
    let logout = post(|session: Session| async move { session.destroy() });
    Router::new()
        .route("/login", get(name).post(login))
        .route("/logout", logout)
        .route("/count", get(count))
        .route("/bare", get(|| async { "bare" }))
}

fn app() -> Router {
    routes().layer(SessionLayer::new(sessions()))
}

#[tokio::test]
async fn a_login_lasts_until_the_logout() {
    let mut ada = Visitor::of(&app());
    assert_eq!(ada.get("/login").await.text, "");
    assert!(ada.cookies.is_empty(), "reading costs no cookie");
    ada.post("/login").await;
    assert_eq!(ada.get("/login").await.text, "ada");
    let kept = ada.clone();
    let gone = ada.post("/logout").await;
    assert_eq!((gone.id(), ada.id()), (Some(""), None));
    assert_eq!(kept.send(http::Method::GET, "/login").await.text, "", "the old token is dead");
}

#[tokio::test]
async fn without_the_layer_the_answer_names_it() {
    let app = Router::new()
        .route("/session", get(|_: Session| async {}))
        .route("/cookies", get(|_: Cookies| async {}))
        .route("/handle", get(|_: SessionHandle| async {}));
    for path in ["/session", "/cookies", "/handle"] {
        let answer = get_with(&app, path, &[""; 0]).await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(answer.text.contains("SessionLayer::new(sessions)"), "{}", answer.text);
    }
}

#[tokio::test]
async fn the_session_is_loaded_once_and_only_when_asked_for() {
    let (sessions, store) = gated(SessionConfig::default());
    let twice = get(|handle: SessionHandle| async move {
        let (first, second) = tokio::join!(handle.load(), handle.load());
        first?.set("a", 1)?;
        Outcome::Ok(second?.contains("a").to_string())
    });
    let app = routes().route("/lazy", get(|_: SessionHandle| async {})).route("/twice", twice);
    let mut ada = Visitor::of(&app.layer(SessionLayer::new(sessions)));
    ada.post("/login").await;
    store.spy.take();
    ada.get("/lazy").await;
    assert_eq!(store.spy.take(), []);
    assert_eq!(ada.get("/twice").await.text, "true", "both are the same session");
    assert_eq!(store.spy.take(), [Operation::Get, Operation::Swap]);
}

#[tokio::test]
async fn those_who_ask_during_a_load_wait_for_it() {
    let (sessions, store) = gated(SessionConfig::default());
    let many = get(|handle: SessionHandle| async move {
        let names = [(); 8].map(|()| async { name(handle.load().await?).await });
        futures_util::future::try_join_all(names).await.map(|names| names.join(" "))
    });
    let mut ada = Visitor::of(&routes().route("/many", many).layer(SessionLayer::new(sessions)));
    ada.post("/login").await;
    store.spy.take();
    store.gate.script(Operation::Get, [Behaviour::Hold]);
    let (answer, ()) = tokio::join!(ada.send(http::Method::GET, "/many"), async { store.gate.release(1) });
    assert_eq!(answer.text, ["ada"; 8].join(" "));
    assert_eq!(store.spy.take(), [Operation::Get]);
}

#[tokio::test]
async fn p11_an_outage_costs_a_request_one_load_however_many_ask() {
    let (sessions, store) = gated(SessionConfig::default());
    let thrice = get(|handle: SessionHandle| async move {
        let (first, second) = tokio::join!(handle.load(), handle.load());
        let all = [first, second, handle.load().await];
        all.map(|loaded| loaded.unwrap_err().status().as_str().to_owned()).join(" ")
    });
    let mut ada = Visitor::of(&routes().route("/thrice", thrice).layer(SessionLayer::new(sessions)));
    ada.post("/login").await;
    store.gate.otherwise(Behaviour::Fail);
    store.spy.take();
    assert_eq!(ada.get("/thrice").await.text, "503 503 503");
    store.gate.open();
    assert_eq!(store.spy.take(), [Operation::Get, Operation::Get], "one try and its one repeat");
    assert_eq!(ada.get("/login").await.text, "ada", "the next request starts afresh");
}

#[tokio::test]
async fn error_responses_store_as_the_policy_says() {
    for (policy, status, stores) in [
        (CommitOn::Every, 500, true),
        (CommitOn::Every, 404, true),
        (CommitOn::NoServerError, 500, false),
        (CommitOn::NoServerError, 404, true),
        (CommitOn::Success, 404, false),
        (CommitOn::Success, 303, true),
    ] {
        let (sessions, store) = gated(SessionConfig::default().commit_on(policy));
        let handler = move |session: Session| async move {
            session.set("n", 1)?;
            Outcome::Ok(StatusCode::from_u16(status).unwrap())
        };
        let app = Router::new().route("/", get(handler)).layer(SessionLayer::new(sessions));
        let answer = get_with(&app, "/", &[""; 0]).await;
        assert_eq!((answer.status.as_u16(), answer.id().is_some()), (status, stores), "{policy:?}");
        assert_eq!(store.spy.count(Operation::Insert), usize::from(stores));
        assert_eq!(answer.header("vary").as_deref(), Some("Cookie"));
    }
}

async fn panics(session: Session) -> &'static str {
    session.set("n", 1).unwrap();
    panic!("on purpose")
}

#[tokio::test]
async fn s71_a_panic_stores_nothing_and_leaves_the_session_usable() {
    let (sessions, store) = gated(SessionConfig::default());
    let mut ada = Visitor::of(&routes().route("/panic", get(panics)).layer(SessionLayer::new(sessions)));
    ada.post("/login").await;
    store.spy.take();
    let broken = AssertUnwindSafe(ada.send(http::Method::GET, "/panic")).catch_unwind().await;
    assert!(broken.is_err());
    assert_eq!(store.spy.take(), [Operation::Get]);
    assert_eq!((ada.get("/count").await.text.as_str(), ada.get("/login").await.text.as_str()), ("1", "ada"));
}

#[tokio::test]
async fn s71_a_panic_that_became_a_500_further_in_stores_nothing_either() {
    let (sessions, store) = gated(SessionConfig::default());
    let caught = axum::middleware::from_fn(|request: Request<Body>, next: axum::middleware::Next| async move {
        let run = AssertUnwindSafe(next.run(request)).catch_unwind().await;
        run.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
    });
    let app = routes().route("/panic", get(panics)).layer(caught).layer(SessionLayer::new(sessions));
    let mut ada = Visitor::of(&app);
    let answer = ada.get("/panic").await;
    assert_eq!((answer.status.as_u16(), answer.set_cookies().len()), (500, 0));
    assert_eq!(store.spy.take(), []);
    assert_eq!(ada.get("/count").await.text, "1", "other responses store as ever");
    assert_eq!(store.spy.take(), [Operation::Insert]);
}

#[tokio::test]
async fn s71_a_panic_beside_the_handler_loses_nothing_that_the_handler_did() {
    let (sessions, _) = gated(SessionConfig::default());
    let beside = get(|session: Session| async move {
        let other = session.clone();
        let broken = tokio::spawn(async move { panics(other).await }).await;
        session.set("name", "ada")?;
        Outcome::Ok(broken.is_err().to_string())
    });
    let read = get(|session: Session| async move { session.keys().join(" ") });
    let routes = Router::new().route("/beside", beside).route("/read", read);
    let mut ada = Visitor::of(&routes.layer(SessionLayer::new(sessions)));
    assert_eq!((ada.get("/beside").await.text.as_str(), ada.get("/read").await.text.as_str()), ("true", "n name"));
}

#[tokio::test]
async fn a_dropped_connection_stores_nothing() {
    let (sessions, store) = gated(SessionConfig::default());
    let hangs = get(|session: Session| async move {
        session.set("n", 1).unwrap();
        std::future::pending::<()>().await;
    });
    let app = routes().route("/hangs", hangs).layer(SessionLayer::new(sessions));
    let request = Request::get("/hangs").body(Body::empty()).unwrap();
    assert!(app.oneshot(request).now_or_never().is_none(), "it is under way when it is dropped");
    assert_eq!(store.spy.take(), []);
}

#[tokio::test]
async fn the_response_tells_outer_layers_what_its_session_did() {
    let ask = |path| Request::get(path).body(Body::empty()).unwrap();
    let mut response = app().oneshot(ask("/count")).await.unwrap();
    let report = response.extensions_mut().remove::<Report>().unwrap();
    assert_eq!((report.store_calls, report.steps.len()), (1, 1));
    assert!(app().oneshot(ask("/bare")).await.unwrap().extensions().get::<Report>().is_none());
}

#[tokio::test]
async fn an_upgrade_commits_at_its_head() {
    let upgrade = get(|session: Session| async move {
        session.set("n", 1)?;
        Outcome::Ok(StatusCode::SWITCHING_PROTOCOLS)
    });
    let app = routes().route("/upgrade", upgrade).layer(SessionLayer::new(sessions()));
    let answer = get_with(&app, "/upgrade", &[""; 0]).await;
    assert_eq!((answer.status.as_u16(), answer.id().unwrap().len()), (101, 43));
}

#[tokio::test]
async fn s07_a_token_counts_in_the_cookie_header_only() {
    let app = app();
    let mut ada = Visitor::of(&app);
    ada.post("/login").await;
    let token = ada.id().unwrap();
    for request in [
        Request::get(format!("/login?__Host-id={token}")),
        Request::get("/login").header("__Host-id", &token),
        Request::get("/login").header("authorization", format!("Bearer {token}")),
        Request::get("/login").header("set-cookie", format!("__Host-id={token}")),
        Request::get("/login").header("x-cookie", format!("__Host-id={token}")),
    ] {
        assert_eq!(send(&app, request.body(Body::empty()).unwrap()).await.text, "");
    }
}
