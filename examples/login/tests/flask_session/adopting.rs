//! The way out, through the real program: `--adopt-flask-session`, from each server.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use serde_json::json;
use session_testkit::server::FlaskRelease;

use crate::on_each_server;
use crate::shared::{KEY, Shared};
use crate::support::Server;
use crate::visitor::Visitor;

on_each_server! {
    flask_sessions_move_and_nobody_is_logged_out;
    flask_write_between_our_read_and_the_move_stays;
}

fn native(folder: &tempfile::TempDir) -> String {
    format!("sqlite://{}", folder.path().join("native.sqlite3").display())
}

fn start(arguments: &[&str]) -> Server {
    let all = [&["--demo-routes"], arguments].concat();
    Server::start_with(&all, &[("SECRET_KEY", KEY), ("SESSION_COOKIE_NAME", "session")])
}

async fn flask_sessions_move_and_nobody_is_logged_out(shared: Shared) {
    let (flask, folder) = (shared.flask(), tempfile::tempdir().unwrap());
    let store = native(&folder);
    let adopting = start(&["--store", &store, "--adopt-flask-session", &shared.url]);
    let mut visitor = Visitor::of(&adopting);
    visitor.at_flask(&flask, &json!([["set", "username", "ada"], ["set", "visits", 1]]));
    let id = visitor.id();
    assert_eq!(visitor.browser.username().await.as_deref(), Some("ada"));
    assert_eq!(visitor.flask_has(&flask, "username"), json!("ada"), "a read leaves it to Flask");
    assert_eq!(visitor.browser.get("/visits").await.element("visits"), Some("2"));
    assert_eq!(visitor.id(), id, "the visitor keeps the id");
    assert_eq!(visitor.flask_has(&flask, "username"), json!(null), "it has moved");

    let mut logged_out = Visitor::of(&adopting);
    logged_out.at_flask(&flask, &json!([["set", "username", "eve"]]));
    let before = logged_out.clone();
    assert_eq!(logged_out.browser.log_out().await.status, StatusCode::SEE_OTHER);
    assert_eq!(before.clone().browser.username().await, None);
    assert_eq!(before.flask_has(&flask, "username"), json!(null), "a logout before the move ends it there");

    adopting.kill();
    let alone = start(&["--store", &store]);
    visitor.browser = visitor.browser.at(&alone.url);
    assert_eq!(visitor.browser.username().await.as_deref(), Some("ada"), "the native store alone has it all");
    assert_eq!(visitor.browser.get("/visits").await.element("visits"), Some("3"));
}

async fn flask_write_between_our_read_and_the_move_stays(shared: Shared) {
    let (flask, folder) = (shared.flask(), tempfile::tempdir().unwrap());
    let adopting = start(&["--store", &native(&folder), "--adopt-flask-session", &shared.url]);
    let mut visitor = Visitor::of(&adopting);
    visitor.at_flask(&flask, &json!([["set", "username", "ada"]]));
    let slow = visitor.clone();
    let slow = tokio::spawn(async move { slow.put("ours", "there", 700).await.status });
    // It has read the session by now, if the machine is not too busy; where it has not, nothing meets.
    tokio::time::sleep(Duration::from_millis(200)).await;
    visitor.at_flask(&flask, &json!([["set", "theirs", "there"], ["set", "username", "eve"]]));
    assert_eq!(slow.await.unwrap(), StatusCode::OK);
    assert_eq!(visitor.rust_has("ours").await.as_deref(), Some("there"));
    assert_eq!(
        visitor.rust_has("theirs").await.as_deref(),
        Some("there"),
        "the change was replayed on what Flask wrote"
    );
    assert_eq!(visitor.browser.username().await.as_deref(), Some("eve"));
    assert_eq!(visitor.flask_has(&flask, "username"), json!(null), "and it has moved");
}

/// One database, two tables: `sessions` is Flask's.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn flask_sessions_move_into_another_table_of_their_database() {
    let shared = Shared::sqlite();
    let flask = shared.flask();
    let adopting = start(&["--store", &shared.url, "--table", "native", "--adopt-flask-session", &shared.url]);
    let mut visitor = Visitor::of(&adopting);
    visitor.at_flask(&flask, &json!([["set", "username", "ada"]]));
    assert_eq!(visitor.browser.get("/visits").await.element("visits"), Some("1"));
    assert_eq!(visitor.browser.username().await.as_deref(), Some("ada"));
    assert_eq!(visitor.flask_has(&flask, "username"), json!(null));
}

/// Ids that look like none of the native ones, and records of every kind: signed ids with JSON, UUIDs with pickles.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn flask_signed_ids_and_old_pickles_move_too() {
    let (shared, signing) =
        (Shared::redis(), [("SESSION_USE_SIGNER", "True"), ("SESSION_SERIALIZATION_FORMAT", "json")]);
    let json = json!({ "SESSION_USE_SIGNER": true, "SESSION_SERIALIZATION_FORMAT": "json" });
    for (release, config, environment) in
        [(FlaskRelease::Current, json, &signing[..]), (FlaskRelease::Pickling, json!({}), &[])]
    {
        let (flask, folder) = (shared.flask_with(release, config), tempfile::tempdir().unwrap());
        let environment = [&[("SECRET_KEY", KEY)], environment].concat();
        let adopt = ["--demo-routes", "--store", &native(&folder), "--adopt-flask-session", &shared.url];
        let adopting = Server::start_with(&adopt, &environment);
        let mut visitor = Visitor::of(&adopting);
        visitor.at_flask(&flask, &json!([["set", "username", "ada"], ["set", "visits", 1]]));
        let id = visitor.id();
        assert_eq!(visitor.browser.get("/visits").await.element("visits"), Some("2"));
        assert_eq!(visitor.browser.username().await.as_deref(), Some("ada"));
        assert_eq!((visitor.flask_has(&flask, "username"), visitor.id()), (json!(null), id), "moved, under its id");
        assert!(visitor.browser.log_in("eve").await);
        assert_eq!(visitor.id().map(|id| id.len()), Some(43), "a login gives a native one");
        assert_eq!(visitor.browser.get("/visits").await.element("visits"), Some("3"));
    }
}

/// A Flask request that was under way writes the old record back after the move: it opens nothing here, then or after a logout.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn flask_request_under_way_brings_no_moved_session_back() {
    let shared = Shared::redis();
    let (flask, folder) = (Arc::new(shared.flask()), tempfile::tempdir().unwrap());
    let adopting = start(&["--store", &native(&folder), "--adopt-flask-session", &shared.url]);
    let mut visitor = Visitor::of(&adopting);
    visitor.at_flask(&flask, &json!([["set", "username", "ada"]]));
    let late = visitor.under_way(&flask).await;
    assert_eq!(visitor.browser.get("/visits").await.element("visits"), Some("1"), "it moves");
    assert_eq!(late.end().await, 200);
    assert_eq!(visitor.flask_has(&flask, "late"), json!(1), "Flask has written the record back");
    assert_eq!(visitor.browser.username().await.as_deref(), Some("ada"));
    let before = visitor.clone();
    visitor.browser.log_out().await;
    assert_eq!(before.clone().browser.username().await, None, "logged out, whatever lies in Flask's store");
}
