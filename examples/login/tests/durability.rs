//! What was acknowledged survives a process that is killed.
#![allow(clippy::unwrap_used, clippy::expect_used)] // Tests.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use http::{Method, StatusCode};
use support::{Browser, Server};

const KEY: [(&str, &str); 1] = [("SECRET_KEY", "a key for the tests, of more than 32 bytes")];

/// Counts visits until the server does not answer any more.
async fn load(browser: Browser, acknowledged: Arc<AtomicU64>) {
    while let Some(answer) = browser.try_send(Method::GET, "/visits", &[]).await {
        assert_eq!(answer.status, StatusCode::OK);
        acknowledged.fetch_add(1, Ordering::SeqCst);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s50_nothing_acknowledged_is_missing_after_200_kills_under_load() {
    const CLIENTS: u64 = 4;
    let folder = tempfile::tempdir().unwrap();
    let store = format!("sqlite://{}", folder.path().join("sessions.sqlite3").display());
    let arguments = ["--store", store.as_str()];
    let mut server = Server::start_with(&arguments, &KEY);
    let mut browser = Browser::new(&server.url);
    browser.get("/visits").await;
    let (mut counted, mut total) = (1, 0);
    for round in 0..200_u64 {
        let acknowledged = Arc::new(AtomicU64::new(0));
        let clients = (0..CLIENTS).map(|_| tokio::spawn(load(browser.clone(), Arc::clone(&acknowledged))));
        let clients: Vec<_> = clients.collect();
        // The moment of the kill wanders over the requests.
        while acknowledged.load(Ordering::SeqCst) < 5 + round % 13 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        server.kill();
        for client in join_all(clients).await {
            client.unwrap();
        }
        server = Server::start_with(&arguments, &KEY);
        browser = browser.at(&server.url);
        let now: u64 = browser.get("/visits").await.element("visits").expect("a count").parse().unwrap();
        let acknowledged = acknowledged.load(Ordering::SeqCst);
        // This visit is one; what was under way may have been stored without an answer.
        let least = counted + acknowledged + 1;
        assert!((least..=least + CLIENTS).contains(&now), "round {round}: {now} visits, {least} acknowledged");
        (counted, total) = (now, total + acknowledged);
    }
    println!("200 kills, {total} acknowledged visits, none missing");
    assert!(total >= 2_000, "the kills were under load");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_default_store_and_key_survive_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let home = [("XDG_DATA_HOME", folder.path().to_str().unwrap())];
    let server = Server::start_as_is("127.0.0.1:0", &[], &home);
    let address = server.url.trim_start_matches("http://").to_owned();
    let mut browser = Browser::new(&server.url);
    assert!(browser.log_in("ada").await);
    let form = browser.get("/login").await;
    server.kill();

    let server = Server::start_as_is(&address, &[], &home);
    let mut browser = browser.at(&server.url);
    assert_eq!(browser.username().await.as_deref(), Some("ada"), "logged in after a kill");
    let logout = browser.send_form(&form, "/logout", &[]).await;
    assert_eq!(logout.status, StatusCode::SEE_OTHER, "a form that was open is still good");
    assert!(folder.path().join("session-login/sessions.sqlite3").exists());
}
