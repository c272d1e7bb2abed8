//! What a person sees.
#![allow(clippy::unwrap_used, clippy::expect_used)] // Tests.

mod support;

use http::{Method, StatusCode};
use support::{Browser, Server};

#[tokio::test(flavor = "current_thread")]
async fn log_in_reload_and_log_out() {
    let server = Server::start(&[]);
    let mut browser = Browser::new(&server.url);
    assert_eq!(browser.username().await, None);
    assert!(browser.id().is_none(), "looking at the form stores nothing");

    assert!(browser.log_in("Ada <b>").await);
    let page = browser.get("/login").await;
    assert_eq!(page.element("username"), Some("Ada &lt;b&gt;"), "escaped");
    assert!(page.text.contains("Hello, Ada &lt;b&gt;."), "the flashed message");
    assert!(!browser.get("/login").await.text.contains("Hello,"), "it is shown once");

    let before = browser.id().expect("a session").to_owned();
    let answer = browser.log_out().await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(browser.get("/login").await.text.contains("You are logged out."));
    assert_eq!(browser.username().await, None);
    browser.jar.insert("id".into(), before);
    assert_eq!(browser.username().await, None, "the old id opens nothing");
}

#[tokio::test(flavor = "current_thread")]
async fn s38_visits_are_counted_and_no_page_shows_the_token() {
    let server = Server::start(&[]);
    let mut browser = Browser::new(&server.url);
    for expected in ["1", "2", "3"] {
        assert_eq!(browser.get("/visits").await.element("visits"), Some(expected));
    }
    let facts = browser.get("/facts").await;
    assert!(facts.text.contains("Expires"));
    assert!(facts.text.contains("Round trips to the store: 2"), "{}", facts.text);
    let id = browser.id().expect("a session");
    for page in ["/", "/login", "/visits", "/facts"] {
        assert!(!Browser::get(&mut browser.clone(), page).await.text.contains(id), "{page}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn s08_s10_cookie_flags_in_development_and_behind_https() {
    let development = Server::start(&[]);
    let cookie = Browser::new(&development.url).get("/visits").await.set_cookies();
    assert_eq!(cookie.len(), 1);
    assert!(cookie[0].starts_with("id=") && !cookie[0].contains("Secure"), "{cookie:?}");
    assert!(cookie[0].contains("HttpOnly") && cookie[0].contains("SameSite=Lax") && cookie[0].contains("Path=/"));

    let key = [("SECRET_KEY", "a key for the tests, of more than 32 bytes")];
    let production = Server::start_with(&["--public-url", "https://example.org"], &key);
    let cookie = Browser::new(&production.url).get("/visits").await.set_cookies();
    assert!(cookie[0].starts_with("__Host-id=") && cookie[0].contains("Secure"), "{cookie:?}");
}

#[tokio::test(flavor = "current_thread")]
async fn s65_a_form_without_its_token_is_refused() {
    let server = Server::start(&[]);
    let mut browser = Browser::new(&server.url);
    for fields in [
        &[("username", "eve")][..],
        &[("username", "eve"), ("csrf_token", "")],
        &[("username", "eve"), ("csrf_token", "x")],
    ] {
        let answer = browser.send(Method::POST, "/login", fields).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert!(answer.set_cookies().is_empty());
    }
    assert!(browser.log_in("ada").await);
    let answer = browser.send(Method::POST, "/logout", &[("csrf_token", "x")]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(browser.username().await.as_deref(), Some("ada"));
}

#[tokio::test(flavor = "current_thread")]
async fn s60_strangers_cost_nothing_and_a_logout_of_nobody_writes_nothing() {
    let server = Server::start(&[]);
    for _ in 0..50 {
        let answer = Browser::new(&server.url).get("/login").await;
        assert!(answer.set_cookies().iter().all(|cookie| cookie.contains("csrf")), "{:?}", answer.set_cookies());
        assert!(Browser::new(&server.url).get("/facts").await.set_cookies().is_empty());
    }
    let answer = Browser::new(&server.url).send(Method::POST, "/logout", &[("csrf_token", "")]).await;
    assert!(answer.set_cookies().is_empty());
}

#[tokio::test(flavor = "current_thread")]
async fn s66_pages_have_their_headers_and_forms_a_bound() {
    let server = Server::start(&[]);
    let browser = Browser::new(&server.url);
    let page = browser.send(Method::GET, "/login", &[]).await;
    assert_eq!(page.headers["x-content-type-options"], "nosniff");
    assert_eq!(page.headers["cache-control"], "no-store");
    assert!(page.headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
    let long = "x".repeat(20_000);
    let answer = browser.send(Method::POST, "/login", &[("username", &long)]).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[cfg(unix)]
#[tokio::test(flavor = "current_thread")]
async fn sigterm_ends_it_in_good_order() {
    let server = Server::start(&[]);
    let healthy = Browser::new(&server.url).send(Method::GET, "/healthz", &[]).await;
    assert_eq!((healthy.status, healthy.text.as_str()), (StatusCode::OK, "ok"));
    assert!(healthy.headers.get("vary").is_none(), "it touches no session");
    let kill = std::process::Command::new("kill").args(["-TERM", &server.pid().to_string()]).status();
    assert!(kill.unwrap().success());
    assert!(server.ended_well());
}
