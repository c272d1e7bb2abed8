//! Behind a proxy: what it says about the scheme is not believed, and what it caches is nobody's page.
#![allow(clippy::unwrap_used, clippy::expect_used)] // Tests.

mod support;

use axum::Router;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use axum::routing::get;
use session_core::{MemoryStore, SessionConfig, Sessions};
use session_tower::{Session, SessionError, SessionLayer};
use support::{Browser, Nginx, Server};

/// A page that its author wants cached for everybody, and that greets whoever has a session.
async fn page(session: Session) -> Result<impl IntoResponse, SessionError> {
    let name = session.get::<String>("name")?.unwrap_or_else(|| "stranger".into());
    Ok(([(CACHE_CONTROL, "public, max-age=60")], format!("Hello, {name}")))
}

/// Begins a session from a page that its author wants cached, too.
async fn begin(session: Session, uri: axum::http::Uri) -> Result<impl IntoResponse, SessionError> {
    session.set("name", uri.query().unwrap_or_default())?;
    Ok(([(CACHE_CONTROL, "public, max-age=60")], "Welcome"))
}

/// The address of an application without `no-store` of its own.
async fn application() -> String {
    let sessions = Sessions::new(MemoryStore::default(), SessionConfig::development()).unwrap();
    let app = Router::new()
        .route("/page", get(page))
        .route("/begin", get(begin))
        .layer(SessionLayer::new(sessions))
        .route("/logo", get(|| async { ([(CACHE_CONTROL, "public, max-age=60")], "logo") }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://{address}")
}

fn cache(answer: &support::Answer) -> &str {
    answer.headers["x-cache"].to_str().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s39_s40_two_visitors_never_share_a_page_or_a_cookie() {
    let nginx = Nginx::in_front_of(&application().await);
    let (mut ada, mut bob, mut stranger) =
        (Browser::new(&nginx.url), Browser::new(&nginx.url), Browser::new(&nginx.url));
    // The proxy does cache: what is nobody's comes from it the second time.
    assert_eq!(cache(&ada.get("/logo").await), "MISS");
    assert_eq!(cache(&bob.get("/logo").await), "HIT");

    ada.get("/begin?ada").await;
    bob.get("/begin?bob").await;
    assert!(ada.id().is_some() && bob.id().is_some() && ada.id() != bob.id(), "each has a cookie of its own");
    for _ in 0..3 {
        for (browser, name) in [(&mut ada, "Hello, ada"), (&mut stranger, "Hello, stranger"), (&mut bob, "Hello, bob")]
        {
            let answer = browser.get("/page").await;
            assert_eq!(answer.text, name);
            assert!(answer.set_cookies().is_empty());
        }
    }
    let mine = ada.get("/page").await;
    assert_ne!(cache(&mine), "HIT", "a visitor's page is kept nowhere");
    assert!(mine.headers["cache-control"].to_str().unwrap().contains("private"), "{:?}", mine.headers);
    assert_eq!(cache(&stranger.get("/page").await), "HIT", "a page for strangers may be shared among them");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s10_what_a_proxy_says_about_the_scheme_changes_nothing() {
    let key = [("SECRET_KEY", "a key for the tests, of more than 32 bytes")];
    let production = Server::start_with(&["--public-url", "https://example.org"], &key);
    // nginx speaks plain HTTP here and says so: Secure comes from the configuration, not from a header that a client could send.
    let nginx = Nginx::in_front_of(&production.url);
    let cookie = Browser::new(&nginx.url).get("/visits").await.set_cookies();
    assert!(cookie[0].starts_with("__Host-id=") && cookie[0].contains("Secure"), "{cookie:?}");
}
