//! Flask-Session 0.5, which pickles: what it wrote is read here, changed, and read by 0.8 from then on.

use serde_json::json;
use session_testkit::server::FlaskRelease;

use crate::shared::Shared;
use crate::visitor::Visitor;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn flask_session_0_5_logs_in_and_rust_and_0_8_go_on() {
    let shared = Shared::redis();
    let (old, new, login) = (shared.flask_with(FlaskRelease::Pickling, json!({})), shared.flask(), shared.login());
    let mut visitor = Visitor::of(&login);
    let exact =
        json!([{ "datetime": "2024-02-29T01:02:03.000006+00:00" }, { "bytes": "00ff" }, { "dict": [[1, null]] }]);
    let pair = json!({ "tuple": [1, { "uuid": "01234567-89ab-cdef-0123-456789abcdef" }] });
    visitor.at_flask(
        &old,
        &json!([["set", "username", "ada"], ["set", "visits", 1], ["set", "exact", exact], ["set", "pair", pair]]),
    );
    let id = visitor.id();
    assert_eq!(id.as_ref().map(String::len), Some(36), "its ids are UUIDs");
    assert_eq!(visitor.browser.username().await.as_deref(), Some("ada"));
    assert_eq!(
        visitor.at_flask(&old, &json!([["get", "exact"]])),
        json!([exact]),
        "what is only read here stays a pickle"
    );

    assert_eq!(visitor.browser.get("/visits").await.element("visits"), Some("2"));
    let seen =
        visitor.at_flask(&new, &json!([["get", "username"], ["get", "visits"], ["get", "exact"], ["get", "pair"]]));
    let as_0_8_writes = json!([1, "01234567-89ab-cdef-0123-456789abcdef"]);
    assert_eq!(seen, json!(["ada", 2, exact, as_0_8_writes]));
    assert_eq!(visitor.id(), id, "the visitor keeps the id");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn flask_session_0_5_and_rust_end_each_others_sessions() {
    let shared = Shared::redis();
    let (old, login) = (shared.flask_with(FlaskRelease::Pickling, json!({})), shared.login());
    let mut visitor = Visitor::of(&login);
    visitor.at_flask(&old, &json!([["set", "username", "ada"]]));
    let before = visitor.clone();
    visitor.browser.log_out().await;
    assert_eq!(before.flask_has(&old, "username"), json!(null));
    assert_eq!(before.clone().browser.username().await, None);

    let mut visitor = Visitor::of(&login);
    visitor.at_flask(&old, &json!([["set", "username", "ada"]]));
    visitor.at_flask(&old, &json!([["clear"]]));
    assert_eq!(visitor.browser.username().await, None);
}
