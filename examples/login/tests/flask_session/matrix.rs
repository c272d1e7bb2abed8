//! Log in there, change here, see it there; the other way round; log out on either side.

use http::StatusCode;
use serde_json::json;

use crate::on_each_server;
use crate::shared::Shared;
use crate::visitor::Visitor;

on_each_server! {
    flask_logs_in_and_rust_goes_on;
    flask_goes_on_where_rust_logged_in;
    flask_logout_ends_it_in_rust;
    flask_finds_nothing_after_a_logout_or_a_login_in_rust;
}

async fn flask_logs_in_and_rust_goes_on(shared: Shared) {
    let (flask, login) = (shared.flask(), shared.login());
    let mut visitor = Visitor::of(&login);
    let exact = json!([
        { "datetime": "2024-02-29T01:02:03.000006+00:00" },
        { "bytes": "00ff" },
        { "int": "18446744073709551615" },
        { "dict": [[1, null], ["é", 0.1]] },
    ]);
    visitor.at_flask(&flask, &json!([["set", "username", "ada"], ["set", "exact", exact], ["set", "visits", 41]]));
    assert_eq!(visitor.browser.username().await.as_deref(), Some("ada"));
    assert_eq!(visitor.browser.get("/visits").await.element("visits"), Some("42"), "changed here");
    assert_eq!(visitor.put("from_rust", "there", 0).await.status, StatusCode::OK);
    let seen = visitor.at_flask(&flask, &json!([["get", "visits"], ["get", "from_rust"], ["get", "exact"]]));
    assert_eq!(seen, json!([42, "there", exact]), "seen there, and what Flask wrote is as it was");
    visitor.at_flask(&flask, &json!([["pop", "from_rust"], ["add", "visits", 1]]));
    assert_eq!(visitor.rust_has("visits").await.as_deref(), Some("43"));
    assert_eq!(visitor.rust_has("from_rust").await, None);
}

async fn flask_goes_on_where_rust_logged_in(shared: Shared) {
    let (flask, login) = (shared.flask(), shared.login());
    let mut visitor = Visitor::of(&login);
    assert!(visitor.browser.log_in("ada").await);
    let seen = visitor
        .at_flask(&flask, &json!([["get", "username"], ["flashes"], ["set", "theirs", [1, "x"]], ["is_permanent"]]));
    assert_eq!(seen, json!(["ada", [["message", "Hello, ada."]], null, true]));
    visitor.at_flask(&flask, &json!([["flash", "message", "From Flask."]]));
    let page = visitor.browser.get("/login").await;
    assert_eq!(page.element("username"), Some("ada"));
    assert!(
        page.text.contains("From Flask.") && !page.text.contains("Hello, ada."),
        "each message once, on either side"
    );
    assert_eq!(visitor.browser.get("/visits").await.element("visits"), Some("1"));
    assert_eq!(visitor.at_flask(&flask, &json!([["get", "theirs"], ["get", "visits"]])), json!([[1, "x"], 1]));
}

async fn flask_logout_ends_it_in_rust(shared: Shared) {
    let (flask, login) = (shared.flask(), shared.login());
    let mut visitor = Visitor::of(&login);
    visitor.at_flask(&flask, &json!([["set", "username", "ada"]]));
    let mut stolen = visitor.clone();
    visitor.browser.get("/visits").await;
    visitor.at_flask(&flask, &json!([["clear"]]));
    assert_eq!(visitor.id(), None, "Flask takes the cookie back");
    assert_eq!(stolen.browser.username().await, None);
    assert_eq!(stolen.rust_has("visits").await, None);
}

async fn flask_finds_nothing_after_a_logout_or_a_login_in_rust(shared: Shared) {
    let (flask, login) = (shared.flask(), shared.login());
    let mut visitor = Visitor::of(&login);
    visitor.at_flask(&flask, &json!([["set", "theirs", "kept"]]));
    let before_login = visitor.clone();
    assert!(visitor.browser.log_in("ada").await);
    assert_ne!(visitor.id(), before_login.id(), "a login makes a new id");
    assert_eq!(visitor.flask_has(&flask, "theirs"), json!("kept"));
    let before_logout = visitor.clone();
    assert_eq!(visitor.browser.log_out().await.status, StatusCode::SEE_OTHER);
    for gone in [before_login, before_logout] {
        let answer = gone.ask_flask(&flask, &json!([["get", "theirs"], ["get", "username"], ["sid"]]));
        assert_eq!(answer.status, 200);
        assert_eq!((&answer.results[0], &answer.results[1]), (&json!(null), &json!(null)));
        assert_ne!(
            answer.results[2].as_str(),
            gone.id().as_deref(),
            "Flask draws a new id and does not adopt the old one"
        );
        assert_eq!(gone.clone().browser.username().await, None);
    }
}
