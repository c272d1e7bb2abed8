//! What the layer writes into a response's head: the session's cookie, `Vary`, `Cache-Control`, or nothing at all.
#![cfg(feature = "axum")]
#![allow(clippy::unwrap_used, reason = "a test that goes wrong panics")]

mod support;

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use axum::Router;
use axum::response::{AppendHeaders, IntoResponse};
use axum::routing::get;
use http::header::{CACHE_CONTROL, SET_COOKIE, VARY};
use http::{Method, StatusCode};
use session_testkit::{Behaviour, MovableClock};
use session_tower::session_core::{CookieConfig, MemoryStore, SessionConfig, Sessions};
use session_tower::{Cookies, SameSite, Session, SessionHandle, SessionLayer, SetCookie};
use support::{Answer, NAME, Visitor, gated, get_with, sessions};

type Touch = fn(Session) -> Pin<Box<dyn Future<Output = ()> + Send>>;

/// Every method of a session, the ones that only look included.
fn touches() -> Vec<(&'static str, Touch)> {
    macro_rules! all {
        ($($name:literal => |$session:ident| $call:expr),* $(,)?) => {
            vec![$(($name, |$session| Box::pin(async move { let _ = $call; }))),*]
        };
    }
    all! {
        "extraction alone" => |_s| (),
        "get" => |s| s.get::<u32>("n"),
        "require" => |s| s.require::<u32>("n"),
        "contains" => |s| s.contains("n"),
        "keys" => |s| s.keys(),
        "len" => |s| s.len(),
        "is_empty" => |s| s.is_empty(),
        "is_new" => |s| s.is_new(),
        "is_modified" => |s| s.is_modified(),
        "permanent" => |s| s.permanent(),
        "created" => |s| s.created(),
        "deadline" => |s| s.deadline(),
        "log_id" => |s| s.log_id(),
        "binding" => |s| s.binding(),
        "debug" => |s| format!("{s:?}"),
        "set" => |s| s.set("n", 1),
        "pop" => |s| s.pop::<u32>("n"),
        "remove" => |s| s.remove("n"),
        "clear" => |s| s.clear(),
        "get_or_insert_with" => |s| s.get_or_insert_with("n", || 1_u32),
        "update" => |s| s.update("n", |n: Option<u32>| n.unwrap_or(0) + 1),
        "set_permanent" => |s| s.set_permanent(true),
        "rotate" => |s| s.rotate(),
        "destroy" => |s| s.destroy(),
        "flash" => |s| s.flash("hello"),
        "take_flashes" => |s| s.take_flashes(),
        "save" => |s| s.save().await,
        "take_once" => |s| s.take_once::<u32>("n").await,
    }
}

#[tokio::test]
async fn s39_every_touch_of_the_session_varies_by_cookie() {
    for (name, touch) in touches() {
        let app = Router::new()
            .route("/touch", get(move |session: Session| async move { touch(session).await }))
            .route("/login", get(|session: Session| async move { session.set("n", 7).unwrap() }))
            .layer(SessionLayer::new(sessions()));
        let mut ada = Visitor::of(&app);
        let stranger = ada.send(Method::GET, "/touch").await;
        ada.get("/login").await;
        let known = ada.get("/touch").await;
        for answer in [&stranger, &known] {
            assert_eq!((answer.status.as_u16(), answer.header("vary").as_deref()), (200, Some("Cookie")), "{name}");
        }
        assert!(known.has_directive("private"), "{name}: {known:?}");
        assert_eq!(stranger.has_directive("private"), stranger.id().is_some(), "{name}: {stranger:?}");
    }
}

#[tokio::test]
async fn s39_a_failed_extraction_and_its_error_page_vary_too() {
    let (sessions, store) = gated(SessionConfig::default());
    let swallow = |handle: SessionHandle| async move { handle.load().await.map_or("no session", |_| "session") };
    let app = Router::new()
        .route("/page", get(|_: Session| async {}))
        .route("/swallow", get(swallow))
        .layer(SessionLayer::new(sessions));
    store.gate.otherwise(Behaviour::Fail);
    let cookie = [format!("{NAME}={}", "A".repeat(43))];
    for (path, status) in [("/page", 503), ("/swallow", 200)] {
        let answer = get_with(&app, path, &cookie).await;
        assert_eq!((answer.status.as_u16(), answer.header("vary").as_deref()), (status, Some("Cookie")));
        assert_eq!(answer.set_cookies(), [""; 0]);
    }
}

/// An application whose handler writes these headers itself and reads or logs in.
async fn with_headers(headers: &'static [(http::HeaderName, &'static str)], path: &str, known: bool) -> Answer {
    let read = move |_: Session| async move { AppendHeaders(headers.iter().cloned()) };
    let login = move |session: Session| async move {
        session.rotate();
        session.set("n", 1).unwrap();
        AppendHeaders(headers.iter().cloned())
    };
    let cookie = move |cookies: Cookies| async move {
        cookies.set(SetCookie::new("theme", "dark")).unwrap();
        AppendHeaders(headers.iter().cloned())
    };
    let routes = Router::new().route("/read", get(read)).route("/login", get(login)).route("/cookie", get(cookie));
    let mut visitor = Visitor::of(&routes.layer(SessionLayer::new(sessions())));
    if known {
        visitor.get("/login").await;
    }
    visitor.get(path).await
}

#[tokio::test]
async fn s39_vary_is_merged_never_replaced() {
    for (headers, merged) in [
        (&[(VARY, "Accept")][..], "Accept, Cookie"),
        (&[(VARY, "accept, Origin"), (VARY, "Accept-Language")], "accept, Origin, Accept-Language, Cookie"),
        (&[(VARY, "*")], "*"),
        (&[(VARY, "Accept"), (VARY, "*")], "Accept, *"),
        (&[(VARY, "Accept, cookie")], "Accept, cookie"),
        (&[(VARY, "Cookie2")], "Cookie2, Cookie"),
    ] {
        let answer = with_headers(headers, "/read", false).await;
        assert_eq!(answer.header("vary").as_deref(), Some(merged));
    }
}

#[tokio::test]
async fn s40_caches_keep_neither_a_cookie_nor_a_visitors_page() {
    let both = Some(r#"private, no-cache="Set-Cookie""#);
    for (path, known, said, sent) in [
        // A page for strangers stays cacheable.
        ("/read", false, "", None),
        ("/read", false, "public, max-age=60", Some("public, max-age=60")),
        // A live session's page is private.
        ("/read", true, "", Some("private")),
        ("/read", true, "max-age=60", Some("max-age=60, private")),
        ("/read", true, "public, max-age=60, s-maxage=9", Some("max-age=60, private")),
        ("/read", true, "PRIVATE", Some("PRIVATE")),
        ("/read", true, "no-store", Some("no-store")),
        ("/read", true, "no-cache", Some("no-cache, private")),
        ("/read", true, "public, private", Some("private")),
        ("/read", true, r#"private="x, public, y", max-age=1"#, Some(r#"private="x, public, y", max-age=1, private"#)),
        // So is one that hands out a session.
        ("/login", false, "", both),
        ("/login", true, "", both),
        ("/login", false, "public, s-maxage = 60", both),
        ("/login", false, "private", both),
        ("/login", false, "no-cache", Some("no-cache, private")),
        ("/login", false, "public, no-store", Some("public, no-store")),
        // Another cookie of ours is not to be kept either.
        ("/cookie", false, "", Some(r#"no-cache="Set-Cookie""#)),
        ("/cookie", false, "public, max-age=60", Some(r#"max-age=60, no-cache="Set-Cookie""#)),
        ("/cookie", false, r#"no-cache="set-cookie""#, Some(r#"no-cache="set-cookie""#)),
    ] {
        let headers: &'static [_] = if said.is_empty() { &[] } else { Box::leak(Box::new([(CACHE_CONTROL, said)])) };
        let answer = with_headers(headers, path, known).await;
        assert_eq!(answer.header("cache-control").as_deref(), sent, "{path}, known: {known}, said {said:?}");
    }
}

#[tokio::test]
async fn s40_several_lines_of_cache_control_are_one_list() {
    let headers = &[(CACHE_CONTROL, "public"), (CACHE_CONTROL, "max-age=60")];
    let answer = with_headers(headers, "/read", true).await;
    assert_eq!(answer.header("cache-control").as_deref(), Some("max-age=60, private"));
    let strict = &[(CACHE_CONTROL, "public"), (CACHE_CONTROL, "no-store")];
    assert_eq!(with_headers(strict, "/login", true).await.header("cache-control").unwrap(), "public, no-store");
}

#[tokio::test]
async fn s41_a_request_that_takes_no_session_changes_no_header() {
    let page = || async {
        AppendHeaders([(VARY, "Accept"), (CACHE_CONTROL, "public, max-age=60"), (SET_COOKIE, "__Host-id=by-hand")])
    };
    let plain = Router::new()
        .route("/plain", get(page))
        .route("/handle", get(move |_: SessionHandle| page()))
        .route("/cookies", get(move |_: Cookies| page()))
        .route("/error", get(|| async { StatusCode::INTERNAL_SERVER_ERROR }));
    let (sessions, store) = gated(SessionConfig::default());
    let layered = plain.clone().layer(SessionLayer::new(sessions));
    let junk = [format!("{NAME}={}; a=b; \u{a0}", "A".repeat(43))];
    for path in ["/plain", "/handle", "/cookies", "/error", "/missing"] {
        let answer = get_with(&layered, path, &junk).await;
        let without = get_with(&plain, if path == "/missing" { path } else { "/plain" }, &junk).await;
        let expected = if path == "/error" { Default::default() } else { without.headers };
        let without_length = |mut headers: http::HeaderMap| {
            headers.remove("content-length");
            headers
        };
        assert_eq!(without_length(answer.headers), without_length(expected), "{path}");
    }
    assert_eq!(store.spy.calls(), []);
}

/// Logs in and out under a configuration: the lines of `Set-Cookie`.
async fn lines(config: SessionConfig, permanent: bool) -> (String, String) {
    let login = move |session: Session| async move {
        session.set_permanent(permanent);
        session.set("n", 1).unwrap();
    };
    let logout = |session: Session| async move { session.destroy() };
    let sessions = Sessions::with_clock(MemoryStore::default(), config, MovableClock::default().shared()).unwrap();
    let name = sessions.cookie().name().to_owned();
    let app = Router::new().route("/in", get(login)).route("/out", get(logout)).layer(SessionLayer::new(sessions));
    let mut ada = Visitor::of(&app);
    let (set, gone) = (ada.get("/in").await, ada.get("/out").await);
    assert!(ada.cookies.is_empty());
    let sensitive = |answer: &Answer| answer.headers.get_all(SET_COOKIE).iter().all(http::HeaderValue::is_sensitive);
    assert!(sensitive(&set) && sensitive(&gone), "they do not print");
    assert_eq!((set.set_cookies().len(), gone.set_cookies().len()), (1, 1));
    let token = set.cookie(&name).unwrap();
    assert_eq!(token.len(), 43);
    (set.set_cookies()[0].replace(token, "TOKEN"), gone.set_cookies()[0].to_owned())
}

const EXPIRED: &str = "Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0";

#[tokio::test]
async fn s08_the_cookie_has_the_safe_attributes() {
    let (set, gone) = lines(SessionConfig::default(), false).await;
    assert_eq!(set, "__Host-id=TOKEN; Secure; HttpOnly; Path=/; SameSite=Lax");
    assert_eq!(gone, format!("__Host-id=; {EXPIRED}; Secure; HttpOnly; Path=/; SameSite=Lax"));
    let (set, _) = lines(SessionConfig::development(), false).await;
    assert_eq!(set, "id=TOKEN; HttpOnly; Path=/; SameSite=Lax");
}

#[tokio::test]
async fn s08_the_cookie_has_the_attributes_of_the_configuration() {
    let cookie = CookieConfig::default().name("sid").domain("example.org").path("/app").http_only(false);
    let (set, _) =
        lines(SessionConfig::default().cookie(cookie.same_site(SameSite::None).partitioned(true)), false).await;
    assert_eq!(set, "sid=TOKEN; Domain=example.org; Secure; Path=/app; SameSite=None; Partitioned");
    let (set, _) =
        lines(SessionConfig::default().cookie(CookieConfig::default().same_site(SameSite::Strict)), false).await;
    assert_eq!(set, "__Host-id=TOKEN; Secure; HttpOnly; Path=/; SameSite=Strict");
}

#[tokio::test]
async fn s11_removal_repeats_the_attributes_of_setting() {
    let wide = CookieConfig::default().domain("example.org").path("/app").same_site(SameSite::None).partitioned(true);
    for cookie in [
        CookieConfig::default(),
        wide,
        CookieConfig::default().name("sid").http_only(false).same_site(SameSite::Strict),
    ] {
        let (set, gone) = lines(SessionConfig::default().cookie(cookie), false).await;
        assert!(gone.contains(EXPIRED), "{gone}");
        assert_eq!(gone.replace(&format!("; {EXPIRED}"), ""), set.replace("TOKEN", ""));
    }
}

#[tokio::test]
async fn s13_max_age_is_the_rest_of_the_absolute_life() {
    let config = SessionConfig::default().absolute(Duration::from_secs(3600));
    assert!(lines(config.clone(), true).await.0.contains("; Max-Age=3600;"));
    assert!(!lines(config, false).await.0.contains("Max-Age"));
}

#[tokio::test]
async fn s11_one_line_a_name_and_the_session_has_the_last_word() {
    let handler = |session: Session, cookies: Cookies| async move {
        session.set("n", 1).unwrap();
        cookies.set(SetCookie::new("theme", "light")).unwrap();
        cookies.set(SetCookie::new("theme", "dark").path("/app")).unwrap();
        let by_hand = ["__Host-id=planted; Path=/", "theme=by-hand", "other=stays", " __Host-id =planted", "__Host-id"];
        AppendHeaders(by_hand.map(|line| (SET_COOKIE, line))).into_response()
    };
    let app = Router::new().route("/", get(handler)).layer(SessionLayer::new(sessions()));
    let answer = get_with(&app, "/", &[""; 0]).await;
    let names: Vec<_> = answer.set_cookies().iter().map(|line| line.split('=').next().unwrap()).collect();
    assert_eq!(names, ["other", "theme", "__Host-id"]);
    assert_eq!((answer.cookie("theme"), answer.id().map(str::len)), (Some("dark"), Some(43)));
}

#[tokio::test]
async fn s12_a_session_too_large_for_its_store_sends_nothing_and_stays() {
    let set = |n: usize| move |session: Session| async move { session.set("text", "x".repeat(n)).unwrap() };
    let read = |session: Session| async move { session.get::<String>("text").unwrap().unwrap().len().to_string() };
    let app = Router::new()
        .route("/small", get(set(10)))
        .route("/large", get(set(70_000)))
        .route("/read", get(read))
        .layer(SessionLayer::new(sessions()));
    let mut ada = Visitor::of(&app);
    ada.get("/small").await;
    let large = ada.get("/large").await;
    assert_eq!((large.status.as_u16(), large.set_cookies().len()), (500, 0));
    assert_eq!(ada.get("/read").await.text, "10");
}
