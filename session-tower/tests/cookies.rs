//! General cookies, as in the tutorial: read, set with every attribute, delete in three ways.
#![cfg(feature = "axum")]
#![allow(clippy::unwrap_used, reason = "a test that goes wrong panics")]

mod support;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::routing::get;
use proptest::prelude::*;
use session_tower::session_core::{MemoryStore, SessionConfig, Sessions};
use session_tower::{CookieError, CookieProblem, Cookies, SameSite, Session, SessionLayer, SetCookie};
use support::{Answer, NAME, get_with, sessions};

/// What a handler does with the cookies of a request that brought `received`.
async fn with<F>(sessions: Sessions, received: &[&str], act: F) -> Answer
where
    F: Fn(&Cookies) -> String + Send + Sync + 'static,
{
    let act = Arc::new(act);
    let handler = move |cookies: Cookies| async move { act(&cookies) };
    let app = Router::new().route("/", get(handler)).layer(SessionLayer::new(sessions));
    get_with(&app, "/", received).await
}

async fn read(received: &[&str], act: fn(&Cookies) -> String) -> String {
    with(sessions(), received, act).await.text
}

/// The one line that setting a cookie writes.
async fn line_in(config: SessionConfig, cookie: SetCookie) -> Result<String, CookieError> {
    let outcome = Arc::new(std::sync::Mutex::new(None));
    let (seen, sessions) = (Arc::clone(&outcome), Sessions::new(MemoryStore::default(), config).unwrap());
    let answer = with(sessions, &[], move |cookies| {
        *seen.lock().unwrap() = Some(cookies.set(cookie.clone()));
        String::new()
    });
    let answer = answer.await;
    let outcome = outcome.lock().unwrap().take().unwrap();
    assert_eq!(answer.set_cookies().len(), usize::from(outcome.is_ok()));
    outcome.map(|()| answer.set_cookies()[0].to_owned())
}

async fn line(cookie: SetCookie) -> Result<String, CookieError> {
    line_in(SessionConfig::default(), cookie).await
}

#[tokio::test]
async fn reading_gives_the_first_of_duplicates_and_all_of_them() {
    let received = ["theme=dark; a=1; theme=light", "theme=\"blue\"; b="];
    assert_eq!(read(&received, |cookies| cookies.get("theme").unwrap()).await, "dark");
    assert_eq!(read(&received, |cookies| cookies.get_all("theme").join(" ")).await, "dark light blue");
    assert_eq!(read(&received, |cookies| cookies.names().join(" ")).await, "theme a b");
    assert_eq!(
        read(&received, |cookies| format!("{:?} {:?}", cookies.get("b"), cookies.get("c"))).await,
        "Some(\"\") None"
    );
    let odd = ["%74heme=a; \u{2000}theme=b; theme =c; =theme=d; Theme=e"];
    assert_eq!(read(&odd, |cookies| format!("{:?}", cookies.get("theme"))).await, "None");
}

#[tokio::test]
async fn a_page_that_depends_on_a_cookie_says_so() {
    let answer = with(sessions(), &["theme=dark"], |cookies| cookies.get("theme").unwrap()).await;
    assert_eq!(answer.header("vary").as_deref(), Some("Cookie"));
}

#[tokio::test]
async fn setting_takes_every_attribute_of_flask() {
    let full = SetCookie::new("theme", "dark")
        .max_age(Duration::from_secs(3600))
        .expires(SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000))
        .domain("example.org")
        .path("/shop")
        .secure(true)
        .http_only(false)
        .same_site(SameSite::None)
        .partitioned(true);
    let whole = "theme=dark; SameSite=None; Partitioned; Secure; Path=/shop; Domain=example.org; Max-Age=3600; \
                 Expires=Tue, 14 Nov 2023 22:13:20 GMT";
    assert_eq!(line(full).await.unwrap(), whole);
    assert_eq!(line(SetCookie::new("a", "")).await.unwrap(), "a=; HttpOnly; SameSite=Lax; Secure; Path=/");
    let development = line_in(SessionConfig::development(), SetCookie::new("a", "b")).await;
    assert_eq!(development.unwrap(), "a=b; HttpOnly; SameSite=Lax; Path=/");
    let strict = line(SetCookie::new("a", "b").same_site(SameSite::Strict).secure(false)).await;
    assert_eq!(strict.unwrap(), "a=b; HttpOnly; SameSite=Strict; Path=/");
}

#[tokio::test]
async fn s09_times_beyond_the_calendar_do_not_panic() {
    let far =
        SetCookie::new("a", "b").max_age(Duration::MAX).expires(SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 50));
    assert!(line(far).await.unwrap().ends_with("Expires=Fri, 31 Dec 9999 23:59:59 GMT"));
    let past = SetCookie::new("a", "b").expires(SystemTime::UNIX_EPOCH - Duration::from_secs(1 << 40));
    assert!(line(past).await.unwrap().ends_with("Expires=Thu, 01 Jan 1970 00:00:00 GMT"));
}

#[tokio::test]
async fn deleting_works_in_each_of_the_three_ways() {
    let removed = with(sessions(), &["theme=dark"], |cookies| format!("{:?}", cookies.remove("theme"))).await;
    let gone = "theme=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT";
    assert_eq!(removed.set_cookies(), [gone]);
    let elsewhere =
        line(SetCookie::removal("theme").domain("example.org").path("/shop").partitioned(true)).await.unwrap();
    assert!(
        elsewhere.contains("; Path=/shop; Domain=example.org; Max-Age=0; Expires=")
            && elsewhere.contains("Partitioned")
    );

    let expired = with(sessions(), &["theme=dark"], |cookies| format!("{:?}", cookies.expire("theme"))).await;
    let past = "theme=; HttpOnly; SameSite=Lax; Secure; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT";
    assert_eq!(expired.set_cookies(), [past]);

    let received = ["a=1; __Host-id=token; b=2; a=3", "__Secure-c=4; naïve one=5; =nameless"];
    let cleared = with(sessions(), &received, |cookies| format!("{:?}", cookies.clear())).await;
    let lines: Vec<_> = cleared.headers.get_all("set-cookie").iter().map(|line| line.as_bytes()).collect();
    for (line, name) in lines.iter().zip(["a", "b", "__Secure-c", "naïve one"]) {
        assert!(line.starts_with(format!("{name}=; ").as_bytes()) && line.windows(9).any(|part| part == b"Max-Age=0"));
    }
    assert_eq!(lines.len(), 4, "each name once, and never the session's");
}

#[tokio::test]
async fn clearing_is_bounded_however_many_names_a_client_invents() {
    let many: String = (0..10_000).map(|n| format!("c{n}=; ")).collect();
    let cleared = with(sessions(), &[&many], |cookies| format!("{:?}", cookies.clear())).await;
    assert_eq!(cleared.set_cookies().len(), 200);
}

#[tokio::test]
async fn any_text_travels_encoded() {
    let text = "schön; \"quoted\", 100 %\r\nSet-Cookie: a=b\0\u{1F36A}";
    let set = line(SetCookie::encoded("note", text)).await.unwrap();
    let pair = set.split(';').next().unwrap();
    let cookies = [pair];
    assert_eq!(read(&cookies, |cookies| cookies.get_decoded("note").unwrap()).await, text);
    assert_eq!(read(&["note=%ff; other=%zz"], |cookies| format!("{:?}", cookies.get_decoded("note"))).await, "None");
}

#[tokio::test]
async fn s14_what_would_break_the_header_is_refused_and_named() {
    let new = SetCookie::new;
    for (cookie, problem) in [
        (new("a", "b\r\nSet-Cookie: c=d"), CookieProblem::Value),
        (new("a", "b; Domain=evil"), CookieProblem::Value),
        (new("a", "é"), CookieProblem::Value),
        (new("a\r\nX: y", "b"), CookieProblem::Name),
        (new("", "b"), CookieProblem::Name),
        (new("a", "b").path("/;HttpOnly"), CookieProblem::Path),
        (new("a", "b").path("/\r\nX: y"), CookieProblem::Path),
        (new("a", "b").path("shop"), CookieProblem::Path),
        (new("a", "b").domain("x\r\ny"), CookieProblem::Domain),
        (new("a", "b").domain("https://x"), CookieProblem::Domain),
        (new("a", "b").same_site(SameSite::None).secure(false), CookieProblem::NeedsSecure),
        (new("a", "b").partitioned(true).secure(false), CookieProblem::NeedsSecure),
        (new("__Secure-a", "b").secure(false), CookieProblem::NeedsSecure),
        (new("__hOsT-a", "b").path("/x"), CookieProblem::HostPrefix),
        (new("__Host-a", "b").domain("example.org"), CookieProblem::HostPrefix),
    ] {
        let name = cookie.clone();
        assert_eq!(line(cookie).await.unwrap_err().problem(), problem, "{name:?}");
    }
    let prefixed = line_in(SessionConfig::development(), new("__Host-a", "b")).await.unwrap();
    assert!(prefixed.contains("; Secure"), "where a browser wants it, it is there even in development");
}

#[tokio::test]
async fn s12_name_and_value_have_4096_bytes_at_most() {
    for (size, fits) in [(4095, true), (4096, true), (4097, false)] {
        let set = line(SetCookie::new("name", "x".repeat(size - 4))).await;
        assert_eq!(set.err().map(|error| error.problem()), (!fits).then_some(CookieProblem::TooLarge));
    }
}

#[tokio::test]
async fn the_sessions_own_cookie_is_out_of_reach() {
    let all = |cookies: &Cookies| {
        let seen = (cookies.get(NAME), cookies.get_all(NAME), cookies.names());
        let set = [cookies.set(SetCookie::new(NAME, "x")), cookies.remove(NAME), cookies.expire(NAME)];
        assert!(set.iter().all(|refused| refused.as_ref().unwrap_err().problem() == CookieProblem::SessionCookie));
        format!("{seen:?} {}", set[0].as_ref().unwrap_err())
    };
    let answer = with(sessions(), &["__Host-id=token"], all).await;
    let message = r#"cookie "__Host-id": it is the session's own; use Session: set, rotate, destroy"#;
    assert_eq!(answer.text, format!("(None, [], []) {message}"));
    assert_eq!(answer.set_cookies(), [""; 0]);
}

#[tokio::test]
async fn a_refused_cookie_is_the_applications_mistake_and_prints_no_value() {
    let handler = |cookies: Cookies| async move { cookies.set(SetCookie::new("a", "secret value")) };
    let app = Router::new().route("/", get(handler)).layer(SessionLayer::new(sessions()));
    assert_eq!(get_with(&app, "/", &[""; 0]).await.status, 500);
    let cookie = SetCookie::new("a", "secret value");
    let error = line(cookie.clone()).await.unwrap_err();
    assert!(!format!("{cookie:?} {error:?} {error}").contains("secret"));
    assert!(error.to_string().ends_with("write it with SetCookie::encoded and read it with Cookies::get_decoded"));
}

#[tokio::test]
async fn cookies_and_session_go_out_together() {
    let handler = |session: Session, cookies: Cookies| async move {
        session.set("n", 1).unwrap();
        cookies.set(SetCookie::new("theme", "dark")).unwrap();
    };
    let app = Router::new().route("/", get(handler)).layer(SessionLayer::new(sessions()));
    let answer = get_with(&app, "/", &[""; 0]).await;
    assert_eq!((answer.cookie("theme"), answer.id().map(str::len)), (Some("dark"), Some(43)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn s14_no_value_of_the_application_reaches_a_header_unencoded(name in any::<String>(), value in any::<String>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        for cookie in [SetCookie::new(&name, &value), SetCookie::encoded("fixed", &value), SetCookie::new("fixed", &value)] {
            if let Ok(line) = runtime.block_on(line(cookie)) {
                prop_assert!(line.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()));
                prop_assert_eq!(line.split("; ").skip(1).collect::<Vec<_>>(), ["HttpOnly", "SameSite=Lax", "Secure", "Path=/"]);
            }
        }
    }
}
