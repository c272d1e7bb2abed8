//! Deadlines: each side moves them for both, and a session that nobody uses ends for both. The servers judge by their own clocks,
//! and so does Flask, so this takes its time.

use std::time::Duration;

use serde_json::json;
use session_testkit::server::FlaskRelease;

use crate::on_each_server;
use crate::shared::Shared;
use crate::visitor::Visitor;

on_each_server! {
    flask_and_rust_agree_when_a_session_ends;
}

const LIFE: u64 = 3;

async fn flask_and_rust_agree_when_a_session_ends(shared: Shared) {
    let flask = shared.flask_with(FlaskRelease::Current, json!({ "PERMANENT_SESSION_LIFETIME": LIFE }));
    let login = shared.login_with(&[("PERMANENT_SESSION_LIFETIME", &LIFE.to_string())]);
    let mut visitor = Visitor::of(&login);
    visitor.at_flask(&flask, &json!([["set", "username", "ada"]]));
    // Twice as long as it would live unused, used by the two in turn.
    for _ in 0..2 {
        tokio::time::sleep(Duration::from_millis(1500)).await;
        assert_eq!(visitor.browser.username().await.as_deref(), Some("ada"), "{}: Flask moved its end", shared.name);
        tokio::time::sleep(Duration::from_millis(1500)).await;
        assert_eq!(
            visitor.at_flask(&flask, &json!([["get", "username"]])),
            json!(["ada"]),
            "{}: Rust moved it",
            shared.name
        );
    }
    // A second for servers that count whole ones, and a half.
    tokio::time::sleep(Duration::from_millis(LIFE * 1000 + 1500)).await;
    assert_eq!(visitor.clone().browser.username().await, None);
    if shared.name != "MongoDB" {
        // There Flask does not look at the end: its server removes what has expired about once a minute.
        assert_eq!(visitor.flask_has(&flask, "username"), json!(null));
    }
}
