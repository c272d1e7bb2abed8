//! A store that fails or hangs: 503 in time, the cookie left alone, and the session there again afterwards.
//!
//! Time is tokio's, paused: it jumps where everybody waits.
#![cfg(feature = "axum")]
#![allow(clippy::unwrap_used, reason = "a test that goes wrong panics")]

mod support;

use std::iter::repeat_n;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use session_testkit::Behaviour;
use session_tower::session_core::{Operation, SessionConfig};
use session_tower::{Cookies, Session, SessionLayer, SetCookie};
use support::{Answer, Store, Visitor, gated};
use tokio::time::Instant;

/// What a request may spend on store calls, by default.
const BUDGET: Duration = Duration::from_secs(4);

fn app() -> (Router, Store) {
    let (sessions, store) = gated(SessionConfig::default());
    let login = |session: Session, cookies: Cookies| async move {
        session.rotate();
        session.set("name", "ada").unwrap();
        cookies.set(SetCookie::new("theme", "dark")).unwrap();
        "welcome"
    };
    let change = |session: Session, cookies: Cookies| async move {
        session.update("n", |n: Option<u32>| n.unwrap_or(0) + 1).unwrap();
        cookies.set(SetCookie::new("theme", "dark")).unwrap();
        "changed"
    };
    let name = |session: Session| async move { session.get::<String>("name").unwrap().unwrap_or_default() };
    let logout = |session: Session| async move { session.destroy() };
    let clear = |session: Session| async move { session.clear() };
    let app = Router::new()
        .route("/login", get(login))
        .route("/change", get(change))
        .route("/name", get(name))
        .route("/logout", get(logout))
        .route("/clear", get(clear))
        .route("/plain", get(|| async { "plain" }));
    (app.layer(SessionLayer::new(sessions)), store)
}

fn assert_outage(answer: &Answer, what: &str) {
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (503, ""), "{what}");
    assert_eq!(answer.set_cookies(), [""; 0], "{what}: no logout, no cookie of a page that never was");
    assert!(answer.header("retry-after").is_some_and(|seconds| seconds.parse::<u32>().unwrap() > 0), "{what}");
    assert_eq!(answer.header("vary").as_deref(), Some("Cookie"), "{what}");
}

const KINDS: [Behaviour; 5] = [
    Behaviour::Fail,
    Behaviour::FailAfter,
    Behaviour::Hang,
    Behaviour::HangAfter,
    Behaviour::Slow(Duration::from_secs(10)),
];

#[tokio::test(start_paused = true)]
async fn s49_a_load_that_fails_or_hangs_is_503_within_the_budget() {
    for behaviour in KINDS {
        let (app, store) = app();
        let mut ada = Visitor::of(&app);
        ada.get("/login").await;
        let cookies = ada.cookies.clone();
        store.gate.otherwise(behaviour);
        for path in ["/name", "/change", "/login", "/logout", "/clear"] {
            let start = Instant::now();
            let answer = ada.get(path).await;
            assert!(start.elapsed() <= BUDGET + Duration::from_millis(100), "{behaviour:?}: {:?}", start.elapsed());
            assert_outage(&answer, &format!("{path}, {behaviour:?}"));
            assert_eq!(ada.get("/plain").await.text, "plain", "routes without session go on");
        }
        store.gate.open();
        assert_eq!((ada.get("/name").await.text.as_str(), &ada.cookies), ("ada", &cookies), "{behaviour:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn s49_a_commit_that_fails_or_hangs_is_503_within_the_budget() {
    for (path, operation) in [
        ("/change", Operation::Swap),
        ("/login", Operation::Rename),
        ("/logout", Operation::Remove),
        ("/clear", Operation::Remove),
    ] {
        for behaviour in [Behaviour::Fail, Behaviour::Hang, Behaviour::Slow(Duration::from_secs(10))] {
            let (app, store) = app();
            let mut ada = Visitor::of(&app);
            ada.get("/login").await;
            let cookies = ada.cookies.clone();
            store.gate.script(operation, repeat_n(behaviour, 100));
            let start = Instant::now();
            let answer = ada.get(path).await;
            assert!(
                start.elapsed() <= BUDGET + Duration::from_millis(100),
                "{path}, {behaviour:?}: {:?}",
                start.elapsed()
            );
            assert_outage(&answer, &format!("{path}, {behaviour:?}"));
            store.gate.open();
            assert_eq!(
                (ada.get("/name").await.text.as_str(), &ada.cookies),
                ("ada", &cookies),
                "{path}, {behaviour:?}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn s49_a_session_that_cannot_be_made_is_503_without_a_cookie() {
    for behaviour in KINDS {
        let (app, store) = app();
        let mut ada = Visitor::of(&app);
        store.gate.script(Operation::Insert, repeat_n(behaviour, 100));
        let start = Instant::now();
        let answer = ada.get("/login").await;
        assert!(start.elapsed() <= BUDGET + Duration::from_millis(100), "{behaviour:?}: {:?}", start.elapsed());
        assert_outage(&answer, &format!("{behaviour:?}"));
        store.gate.open();
        assert_eq!(ada.get("/login").await.text, "welcome", "the first try afterwards");
        assert_eq!(ada.get("/name").await.text, "ada");
    }
}

#[tokio::test(start_paused = true)]
async fn s49_a_visitor_without_a_cookie_notices_no_outage() {
    let (app, store) = app();
    store.gate.otherwise(Behaviour::Hang);
    assert_eq!(Visitor::of(&app).get("/name").await.status, 200);
    assert_eq!(Visitor::of(&app).get("/logout").await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_touch_that_fails_is_dropped_and_the_page_stands() {
    let clock = session_testkit::MovableClock::default();
    let (sessions, store) = support::gated_with_clock(SessionConfig::default(), &clock);
    let name = |session: Session| async move { session.get::<String>("name").unwrap().unwrap_or_default() };
    let login = |session: Session| async move { session.set("name", "ada").unwrap() };
    let app = Router::new().route("/login", get(login)).route("/name", get(name)).layer(SessionLayer::new(sessions));
    let mut ada = Visitor::of(&app);
    ada.get("/login").await;
    clock.advance(Duration::from_secs(7 * 24 * 60 * 60));
    store.gate.script(Operation::Touch, repeat_n(Behaviour::Hang, 100));
    let answer = ada.get("/name").await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str(), answer.set_cookies().len()), (200, "ada", 0));
    assert!(store.spy.count(Operation::Touch) > 0);
}
