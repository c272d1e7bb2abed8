//! Session errors as responses: one page for what handlers return and for what commits find.
#![cfg(feature = "axum")]
#![allow(clippy::unwrap_used, reason = "a test that goes wrong panics")]

mod support;

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::StatusCode;
use session_testkit::Behaviour;
use session_tower::session_core::{Error, Operation, SessionConfig};
use session_tower::{Cookies, Session, SessionError, SessionLayer};
use support::{Answer, Visitor, gated, get_with, sessions};

type Outcome<T = ()> = Result<T, SessionError>;

fn routes() -> Router {
    let login = |session: Session| async move {
        session.rotate();
        session.set("username", "ada")?;
        Outcome::Ok("welcome")
    };
    let name = |session: Session| async move { Outcome::Ok(session.get::<String>("username")?.unwrap_or_default()) };
    let logout = |session: Session| async move { session.destroy() };
    Router::new().route("/login", get(name).post(login)).route("/logout", post(logout))
}

fn mapped(error: &Error, status: StatusCode) -> Response {
    let status = if status == StatusCode::CONFLICT { StatusCode::IM_A_TEAPOT } else { status };
    (status, [("x-page", "ours")], format!("ours: {error}")).into_response()
}

/// Routes whose session fails in the extractor, in the handler, and when it is committed.
fn failing() -> Router {
    let value = get(|session: Session, cookies: Cookies| async move {
        cookies.remove("theme")?;
        session.set("n", "text")?;
        session.get::<u32>("n")?;
        Outcome::Ok("not reached")
    });
    let commit = post(|session: Session, cookies: Cookies| async move {
        cookies.remove("theme")?;
        session.set("a", 1)?;
        Outcome::Ok(([("x-success", "yes"), ("set-cookie", "by=hand")], "success"))
    });
    routes().route("/value", value).route("/commit", commit)
}

#[tokio::test]
async fn s52_what_handlers_return_and_what_commits_find_get_the_same_page() {
    let (sessions, store) = gated(SessionConfig::default());
    let app = failing().layer(SessionLayer::new(sessions).on_error(mapped));
    let mut ada = Visitor::of(&app);
    ada.post("/login").await;
    let before = ada.clone();

    let value = ada.get("/value").await;
    assert_eq!((value.status.as_u16(), value.header("x-page").as_deref()), (500, Some("ours")));
    assert_eq!(value.set_cookies(), [""; 0], "an error page carries no cookie of the page it replaces");

    store.gate.script(Operation::Swap, [Behaviour::Fail, Behaviour::Fail]);
    let commit = ada.post("/commit").await;
    assert_eq!((commit.status.as_u16(), commit.header("x-page").as_deref()), (503, Some("ours")));
    assert!(commit.text.starts_with("ours: the session store is not available"));
    assert_eq!(commit.header("retry-after").as_deref(), Some("2"));
    assert_eq!((commit.header("x-success"), commit.set_cookies().len()), (None, 0), "nothing of the success page");
    assert_eq!(commit.header("vary").as_deref(), Some("Cookie"));

    store.gate.otherwise(Behaviour::Fail);
    let load = ada.get("/login").await;
    assert_eq!((load.status.as_u16(), load.header("x-page").as_deref()), (503, Some("ours")));
    assert_eq!(ada.cookies, before.cookies);
}

#[tokio::test]
async fn an_error_page_is_empty_or_a_sentence_or_what_the_application_says() {
    for (text, sentence) in [(false, ""), (true, "Something went wrong on our side.\n")] {
        let layer = SessionLayer::new(sessions());
        let app = match text {
            true => failing().layer(layer.short_text()),
            false => failing().layer(layer),
        };
        let answer = get_with(&app, "/value", &[""; 0]).await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (500, sentence));
    }
}

#[tokio::test]
async fn s52_a_page_that_is_an_error_already_gives_way_to_a_failed_commit() {
    let (sessions, store) = gated(SessionConfig::default());
    let missing = |session: Session| async move {
        session.set("n", 1)?;
        Outcome::Ok((StatusCode::NOT_FOUND, [("set-cookie", "by=hand")]))
    };
    let app = routes().route("/missing", get(missing)).layer(SessionLayer::new(sessions).on_error(mapped));
    store.gate.otherwise(Behaviour::Fail);
    let answer = get_with(&app, "/missing", &[""; 0]).await;
    assert_eq!((answer.status.as_u16(), answer.set_cookies().len()), (503, 0), "what was to be stored is not");
}

/// Two requests of one session, the second faster: what `late` answers to its refused `save()`.
async fn refused(late: fn(SessionError) -> Response) -> Answer {
    let (sessions, store) = gated(SessionConfig::default());
    let save = move |session: Session| async move {
        session.set("n", 1).unwrap();
        match session.save().await {
            Ok(()) => StatusCode::OK.into_response(),
            Err(error) => late(error.into()),
        }
    };
    let app = routes().route("/save", post(save)).layer(SessionLayer::new(sessions).on_error(mapped));
    let mut ada = Visitor::of(&app);
    ada.post("/login").await;
    store.gate.script(Operation::Swap, [Behaviour::Hold]);
    let slow = ada.clone();
    let (answer, _) = tokio::join!(slow.send(http::Method::POST, "/save"), async {
        ada.post("/logout").await;
        store.gate.release(1);
    });
    answer
}

#[tokio::test]
async fn an_error_that_the_handler_answered_keeps_its_answer() {
    let own = refused(|error| (StatusCode::GONE, format!("own: {}", error.status())).into_response()).await;
    assert_eq!((own.status.as_u16(), own.text.as_str()), (410, "own: 409 Conflict"));
    let returned = refused(IntoResponse::into_response).await;
    assert_eq!((returned.status.as_u16(), returned.header("x-page").as_deref()), (418, Some("ours")));
    let swallowed = refused(|_| "success".into_response()).await;
    assert_eq!((swallowed.status.as_u16(), swallowed.set_cookies().len()), (418, 0), "a success it is not");
}
