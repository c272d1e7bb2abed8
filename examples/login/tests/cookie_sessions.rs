//! Sessions in the visitor's own cookie, through the real program.
#![allow(clippy::unwrap_used, clippy::expect_used)] // Tests.

mod support;

use http::{Method, StatusCode};
use support::{Browser, Server};

const KEY: [(&str, &str); 1] = [("SECRET_KEY", "a key for the tests of more than 32 bytes")];
const STORES: [&str; 2] = ["cookie:", "cookie+signed:"];

fn server(store: &str) -> Server {
    Server::start_with(&["--demo-routes", "--store", store], &KEY)
}

async fn logged_in(server: &Server) -> Browser {
    let mut browser = Browser::new(&server.url);
    assert!(browser.log_in("ada").await);
    assert_eq!(browser.username().await.as_deref(), Some("ada"));
    browser
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn logged_in_before_a_restart_is_logged_in_after_it_and_a_logout_ends_it() {
    for store in STORES {
        let first = server(store);
        let browser = logged_in(&first).await;
        first.kill();
        let second = server(store);
        let mut browser = browser.at(&second.url);
        assert_eq!(browser.username().await.as_deref(), Some("ada"), "{store}");
        assert_eq!(browser.log_out().await.status, StatusCode::SEE_OTHER);
        assert!(browser.get("/login").await.text.contains("You are logged out."), "{store}");
        assert_eq!(browser.username().await, None, "{store}");
        assert!(browser.id().is_none(), "{store}: the message was taken, nothing is left to keep");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s20_a_tampered_cookie_is_nobodys_session() {
    for store in STORES {
        let server = server(store);
        let mut browser = logged_in(&server).await;
        let good = browser.id().unwrap().to_owned();
        let middle = good.len() / 2;
        let other = if &good[middle..=middle] == "A" { "B" } else { "A" };
        let tampered = [
            format!("{}{other}{}", &good[..middle], &good[middle + 1..]),
            good[..good.len() - 1].to_owned(),
            format!("{good}A"),
            good.to_lowercase(),
        ];
        for tampered in tampered {
            browser.jar.insert("id".to_owned(), tampered);
            let answer = browser.send(Method::GET, "/login", &[]).await;
            assert_eq!(answer.status, StatusCode::OK, "{store}: no error");
            assert_eq!(answer.element("username"), None, "{store}: not logged in");
        }
        browser.jar.insert("id".to_owned(), good);
        assert_eq!(browser.username().await.as_deref(), Some("ada"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s12_a_session_too_large_is_a_clear_500_and_the_old_one_stays() {
    for store in STORES {
        let server = server(store);
        let mut browser = logged_in(&server).await;
        let before = browser.id().unwrap().to_owned();
        let answer = browser.get(&format!("/put?key=blob&value={}", "x".repeat(4000))).await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{store}");
        assert!(answer.text.contains("4096"), "{store}: the page names the limit: {}", answer.text);
        assert!(answer.set_cookies().iter().all(|line| !line.starts_with("id=")), "{store}: no cookie");
        assert_eq!(browser.id(), Some(before.as_str()));
        assert_eq!(browser.username().await.as_deref(), Some("ada"), "{store}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s65_a_form_that_is_open_survives_a_write() {
    for store in STORES {
        let server = server(store);
        let mut browser = logged_in(&server).await;
        let form = browser.get("/login").await;
        let before = browser.id().unwrap().to_owned();
        assert_eq!(browser.get("/visits").await.element("visits"), Some("1"));
        assert_ne!(browser.id(), Some(before.as_str()), "{store}: another cookie");
        let answer = browser.send_form(&form, "/logout", &[]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{store}: the same session");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s26_whoever_kept_the_cookie_is_logged_in_after_the_logout() {
    let server = server("cookie:");
    let mut browser = logged_in(&server).await;
    let mut thief = browser.clone();
    browser.log_out().await;
    assert_eq!(browser.username().await, None);
    assert_eq!(thief.username().await.as_deref(), Some("ada"), "as session-cookie's documentation says");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s24_a_key_among_the_fallbacks_still_opens_and_one_that_is_gone_does_not() {
    let old = server("cookie:");
    let browser = logged_in(&old).await;
    old.kill();
    let with = |environment: &[(&str, &str)]| Server::start_with(&["--demo-routes", "--store", "cookie:"], environment);
    let new = ("SECRET_KEY", "the key that follows it, of 32 bytes too");
    let rotated = with(&[new, ("SECRET_KEY_FALLBACKS", KEY[0].1)]);
    let mut browser = browser.at(&rotated.url);
    assert_eq!(browser.username().await.as_deref(), Some("ada"), "opened by the older key");
    let never_written_again = browser.clone();
    browser.get("/visits").await;
    rotated.kill();
    let only_new = with(&[new]);
    assert_eq!(browser.at(&only_new.url).username().await.as_deref(), Some("ada"), "sealed by the newer key");
    assert_eq!(never_written_again.at(&only_new.url).username().await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_development_key_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let home = [("XDG_DATA_HOME", folder.path().to_str().unwrap())];
    let start = || Server::start_with(&["--store", "cookie:"], &home);
    let first = start();
    let browser = logged_in(&first).await;
    first.kill();
    let second = start();
    assert_eq!(browser.at(&second.url).username().await.as_deref(), Some("ada"));
    assert!(folder.path().join("session-login/cookie.key").exists());
}
