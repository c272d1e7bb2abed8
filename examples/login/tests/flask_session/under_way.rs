//! What a Flask request that is under way undoes: it writes what it has read, whatever became of the session meanwhile.

use std::sync::Arc;

use serde_json::json;
use session_testkit::server::FlaskServer;

use crate::on_each_server;
use crate::shared::Shared;
use crate::visitor::Visitor;

on_each_server! {
    flask_request_under_way_during_a_logout;
    flask_request_under_way_during_a_login;
}

/// Whether each side takes the old id for ada's session, and what Flask's request was answered.
async fn seen(shared: &Shared, what: &str, before: &Visitor, flask: &FlaskServer, late: u16) -> (bool, bool) {
    let in_flask = before.flask_has(flask, "username") == json!("ada");
    let in_rust = before.clone().browser.username().await.as_deref() == Some("ada");
    println!("under way | {} | {what} | {late} | Flask {in_flask} | Rust {in_rust} |", shared.name);
    (in_flask, in_rust)
}

async fn flask_request_under_way_during_a_logout(shared: Shared) {
    let (flask, login) = (Arc::new(shared.flask()), shared.login());
    let mut visitor = Visitor::of(&login);
    visitor.at_flask(&flask, &json!([["set", "username", "ada"]]));
    let (before, late) = (visitor.clone(), visitor.under_way(&flask).await);
    visitor.browser.log_out().await;
    assert_eq!(before.clone().browser.username().await, None, "it ends at once");
    let late = late.end().await;
    let (in_flask, in_rust) = seen(&shared, "logout", &before, &flask, late).await;
    assert_eq!((late, in_flask, in_rust), (200, true, true), "what Flask wrote last is the session, for both");
    assert_eq!(visitor.browser.username().await, None, "the visitor's own browser has no such id any more");
}

async fn flask_request_under_way_during_a_login(shared: Shared) {
    let (flask, login) = (Arc::new(shared.flask()), shared.login());
    let mut visitor = Visitor::of(&login);
    visitor.at_flask(&flask, &json!([["set", "username", "ada"]]));
    let (before, late) = (visitor.clone(), visitor.under_way(&flask).await);
    assert!(visitor.browser.log_in("eve").await);
    let late = late.end().await;
    let (in_flask, in_rust) = seen(&shared, "login", &before, &flask, late).await;
    assert_eq!((late, in_flask), (200, true), "Flask sees what it wrote");
    // Memcached has one place for a record and for what says that its id is retired.
    assert_eq!(in_rust, shared.name == "Memcached", "the id stays retired here for two minutes");
    assert_eq!(visitor.browser.username().await.as_deref(), Some("eve"), "the login stands");
    assert_eq!(visitor.flask_has(&flask, "username"), json!("eve"), "on either side");
}
