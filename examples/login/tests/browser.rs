//! A real browser at the login page.
#![allow(clippy::unwrap_used, clippy::expect_used)] // Tests.

mod support;

use std::time::Duration;

use fantoccini::Locator;
use fantoccini::cookies::Cookie;
use support::{Chrome, Server};

async fn id(chrome: &Chrome) -> Option<Cookie<'static>> {
    chrome.client.get_named_cookie("id").await.ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s42_log_in_reload_restart_log_out_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let store = format!("sqlite://{}", folder.path().join("sessions.sqlite3").display());
    let key = [("SECRET_KEY", "a key for the tests, of more than 32 bytes")];
    let server = Server::start_with(&["--store", &store], &key);
    let address = server.url.trim_start_matches("http://").to_owned();
    let chrome = Chrome::start().await;
    let login = format!("{}/login", server.url);

    chrome.client.goto(&login).await.unwrap();
    assert_eq!(chrome.text("h1").await, "Not logged in");
    chrome.picture("1-before").await;
    assert!(id(&chrome).await.is_none(), "looking at the form makes no session");
    chrome.log_in("Ada").await;
    assert_eq!(chrome.text("#username").await, "Ada");
    chrome.picture("2-logged-in").await;
    chrome.client.goto(&login).await.unwrap();
    assert_eq!(chrome.text("#username").await, "Ada");

    server.kill();
    let server = Server::start_at(&address, &["--store", &store], &key);
    chrome.client.goto(&format!("{}/facts", server.url)).await.unwrap();
    chrome.text("dl").await;
    chrome.client.goto(&login).await.unwrap();
    assert_eq!(chrome.text("#username").await, "Ada", "logged in after a restart");

    chrome.click("form[action='/logout'] button").await;
    chrome.client.wait().for_element(Locator::XPath("//h1[text()='Not logged in']")).await.unwrap();
    chrome.picture("3-logged-out").await;
    chrome.client.back().await.unwrap();
    chrome.client.wait().for_element(Locator::XPath("//h1[text()='Not logged in']")).await.unwrap();
    assert!(chrome.client.find(Locator::Css("#username")).await.is_err(), "the page from before is not shown again");
    chrome.picture("4-back").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s08_cookie_flags_as_the_browser_sees_them() {
    let server = Server::start(&[]);
    let chrome = Chrome::start().await;
    chrome.client.goto(&format!("{}/visits", server.url)).await.unwrap();
    assert_eq!(chrome.text("#visits").await, "1");
    let cookie = id(&chrome).await.expect("a session");
    assert_eq!(cookie.http_only(), Some(true));
    assert_eq!(cookie.secure(), Some(false), "plain http on localhost");
    assert_eq!(cookie.same_site().map(|same_site| same_site.to_string()).as_deref(), Some("Lax"));
    assert_eq!(cookie.path(), Some("/"));
    assert_eq!(cookie.expires(), None, "it ends with the browser");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s05_eight_requests_are_under_way_during_the_login() {
    let server = Server::start(&["--demo-routes"]);
    let chrome = Chrome::start().await;
    let client = &chrome.client;
    client.goto(&format!("{}/visits", server.url)).await.unwrap();
    assert_eq!(chrome.text("#visits").await, "1");
    client.goto(&format!("{}/login", server.url)).await.unwrap();
    chrome.text("input[name=username]").await;
    let page = client.window().await.unwrap();
    let mut tabs = Vec::new();
    for n in 0..8 {
        let tab = client.new_window(true).await.unwrap().handle;
        client.switch_to_window(tab.clone()).await.unwrap();
        client.goto(&format!("{}/put?key=k{n}&value=there&ms={}", server.url, 300 * n)).await.unwrap();
        tabs.push(tab);
    }
    client.switch_to_window(page.clone()).await.unwrap();
    chrome.log_in("Ada").await;
    assert_eq!(chrome.text("#username").await, "Ada");
    for tab in tabs {
        client.switch_to_window(tab).await.unwrap();
        let wait = client.wait().at_most(Duration::from_secs(10));
        wait.for_element(Locator::XPath("//*[contains(text(),'there') or contains(text(),'Conflict')]")).await.unwrap();
    }
    client.switch_to_window(page).await.unwrap();
    client.goto(&format!("{}/keys", server.url)).await.unwrap();
    assert!(chrome.text("ul").await.contains("username=Ada"), "logged in, whatever came back last");
    chrome.picture("5-after-eight").await;
}
