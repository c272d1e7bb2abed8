//! Flask-Session's settings under their own names, on both sides.

use std::process::Command;

use http::Method;
use serde_json::json;
use session_testkit::server::FlaskRelease;

use crate::shared::{KEY, Shared};
use crate::visitor::Visitor;

/// JSON records, signed ids, another prefix, another cookie: logs in on either side and goes on at the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn flask_settings_mean_the_same_on_both_sides() {
    let shared = Shared::redis();
    let settings = json!({
        "SESSION_SERIALIZATION_FORMAT": "json", "SESSION_USE_SIGNER": true, "SESSION_KEY_PREFIX": "shop:", "SESSION_ID_LENGTH": 24,
    });
    let flask = shared.flask_with(FlaskRelease::Current, settings);
    let login = shared.login_with(&[
        ("SESSION_SERIALIZATION_FORMAT", "json"),
        ("SESSION_USE_SIGNER", "True"),
        ("SESSION_KEY_PREFIX", "shop:"),
        ("SESSION_ID_LENGTH", "24"),
    ]);
    let mut visitor = Visitor::of(&login);
    visitor.at_flask(&flask, &json!([["set", "username", "ada"], ["set", "list", [1.5, "é"]]]));
    assert_eq!(visitor.browser.username().await.as_deref(), Some("ada"));
    assert!(visitor.browser.log_in("eve").await);
    let (id, signature) =
        visitor.id().unwrap().split_once('.').map(|(id, rest)| (id.to_owned(), rest.to_owned())).unwrap();
    assert_eq!((id.len(), signature.len()), (32, 27));
    let seen = visitor.at_flask(&flask, &json!([["get", "username"], ["get", "list"]]));
    assert_eq!(seen, json!(["eve", [1.5, "é"]]));
    let record = session_testkit::server::RedisServer::shared().ask(&format!("GET shop:{id}"));
    assert!(record.contains(r#""username":"eve""#), "JSON: {record}");

    let mut forged = visitor.clone();
    forged
        .browser
        .jar
        .insert("session".into(), format!("{id}.{}", signature.replace(|c: char| c.is_ascii_digit(), "A")));
    assert_eq!(forged.browser.username().await, None, "a wrong signature opens nothing");
    forged.browser.jar.insert("session".into(), id);
    assert_eq!(forged.browser.username().await, None, "nor does none");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn flask_cookie_settings_are_the_cookie_here() {
    let shared = Shared::redis();
    let settings =
        json!({ "SESSION_COOKIE_NAME": "sid", "SESSION_COOKIE_SAMESITE": "Strict", "SESSION_COOKIE_PATH": "/" });
    let flask = shared.flask_with(FlaskRelease::Current, settings);
    let login = shared.login_with(&[("SESSION_COOKIE_NAME", "sid"), ("SESSION_COOKIE_SAMESITE", "Strict")]);
    let visitor = Visitor::of(&login);
    let theirs = visitor.ask_flask(&flask, &json!([["set", "n", 1]])).set_cookie;
    let ours = visitor.browser.send(Method::GET, "/visits", &[]).await.set_cookies();
    let attributes = |line: &str| {
        let named = line.split("; ").skip(1).map(|part| part.split('=').next().unwrap().to_owned());
        named.collect::<Vec<_>>()
    };
    assert_eq!((theirs.len(), ours.len()), (1, 1));
    assert!(theirs[0].starts_with("sid=") && ours[0].starts_with("sid="), "{theirs:?} {ours:?}");
    assert_eq!(attributes(&theirs[0]), attributes(&ours[0]));
    assert!(ours[0].contains("SameSite=Strict") && ours[0].contains("HttpOnly") && !ours[0].contains("Secure"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn flask_tables_and_collections_are_those_that_are_named() {
    let both = |shared: Shared, config: serde_json::Value, environment: &[(&str, &str)]| {
        (shared.flask_with(FlaskRelease::Current, config), shared.login_with(environment), shared)
    };
    let table = [("SESSION_SQLALCHEMY_TABLE", "shop_sessions")];
    let place = [("SESSION_MONGODB_DB", "shop"), ("SESSION_MONGODB_COLLECT", "visitors")];
    for (flask, login, _shared) in [
        both(Shared::sqlite(), json!({ "SESSION_SQLALCHEMY_TABLE": "shop_sessions" }), &table),
        both(Shared::mongodb(), json!({ "SESSION_MONGODB_DB": "shop", "SESSION_MONGODB_COLLECT": "visitors" }), &place),
    ] {
        let mut visitor = Visitor::of(&login);
        visitor.at_flask(&flask, &json!([["set", "username", "ada"]]));
        assert_eq!(visitor.browser.username().await.as_deref(), Some("ada"));
    }
}

/// Where a store can't be shared the program says so and ends.
#[test]
fn flask_session_is_refused_where_flask_shares_nothing() {
    let refusal = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_login"));
        let ended = command.args(["--listen", "127.0.0.1:0"]).args(arguments).env("SECRET_KEY", KEY).output().unwrap();
        assert!(!ended.status.success(), "{arguments:?}");
        String::from_utf8(ended.stderr).unwrap()
    };
    for store in ["memory:", "cookie:", "cookie+signed:"] {
        let said = refusal(&["--flask-session", "--store", store]);
        assert!(said.contains("--flask-session") && said.contains("name its server, such as redis://HOST"), "{said}");
        let said = refusal(&["--store", "memory:", "--adopt-flask-session", store]);
        assert!(said.contains("name its server"), "{said}");
    }
    let said = refusal(&["--store", "cookie:", "--adopt-flask-session", "redis://127.0.0.1/"]);
    assert!(said.contains("new store") && said.contains("cannot be moved"), "{said}");
    assert!(refusal(&["--flask-session"]).contains("--store"));
}
