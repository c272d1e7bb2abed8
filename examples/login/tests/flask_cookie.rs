//! The login program and a real Flask take turns on one visitor's cookie.
#![allow(clippy::unwrap_used, clippy::expect_used)] // Tests.

mod support;

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};
use session_cookie::session_flask::{Signer, SignerConfig};
use session_core::{Clock, SystemClock};
use session_testkit::server::FlaskServer;
use support::{Browser, Server};

const KEY: &str = "the SECRET_KEY of both, of more than 32 bytes";
const OLD: &str = "the SECRET_KEY before that of more than 32 bytes";

/// A Flask application and the login program with the same key.
struct Both {
    flask: FlaskServer,
    login: Server,
}

fn login(environment: &[(&str, &str)]) -> Server {
    Server::start_with(&["--demo-routes", "--store", "cookie+flask:"], environment)
}

impl Both {
    fn new() -> Self {
        Both { flask: FlaskServer::cookie(&json!({ "SECRET_KEY": KEY })), login: login(&[("SECRET_KEY", KEY)]) }
    }

    fn browser(&self) -> Browser {
        Browser::new(&self.login.url)
    }
}

/// The same browser asks Flask: results of the actions, and its cookies kept.
fn ask(flask: &FlaskServer, browser: &mut Browser, actions: &Value) -> Value {
    let cookie = browser.jar.get("session").map(|value| format!("session={value}"));
    let answer = flask.act(cookie.as_deref(), actions);
    assert_eq!(answer.status, 200);
    if let Some(pair) = answer.cookie("session") {
        match pair.strip_prefix("session=").unwrap() {
            "" => browser.jar.remove("session"),
            value => browser.jar.insert("session".to_owned(), value.to_owned()),
        };
    }
    answer.results
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn flask_begins_login_changes_and_flask_sees_every_type_as_it_was() {
    let both = Both::new();
    let mut browser = both.browser();
    let values = json!([
        { "tuple": [1, "é", { "bytes": "00ff" }] }, { "uuid": "01234567-89ab-cdef-0123-456789abcdef" }, null, 0.1,
        { "datetime": "2024-02-29T23:59:59+00:00" }, { "markup": "<b>" }, { "dict": [["a", { "dict": [["ü", []]] }]] }
    ]);
    ask(&both.flask, &mut browser, &json!([["set", "values", values], ["set", "username", "żółć 京 🦀"]]));
    assert_eq!(browser.username().await.as_deref(), Some("żółć 京 🦀"));
    assert_eq!(browser.get("/visits").await.element("visits"), Some("1"));
    let seen = ask(&both.flask, &mut browser, &json!([["dump"]]));
    let expected = json!([{ "dict": [["username", "żółć 京 🦀"], ["values", values], ["visits", 1]] }]);
    assert_eq!(seen, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn flask_sees_who_logged_in_here_and_its_changes_are_seen_again() {
    let both = Both::new();
    let mut browser = both.browser();
    assert!(browser.log_in("ada").await);
    let seen = ask(&both.flask, &mut browser, &json!([["get", "username"], ["flashes"], ["add", "visits", 41]]));
    assert_eq!(seen, json!(["ada", [["message", "Hello, ada."]], null]));
    assert_eq!(browser.get("/visits").await.element("visits"), Some("42"));
    let greeting = "Hello, ada.";
    assert!(!browser.get("/login").await.text.contains(greeting), "Flask showed it");
    ask(&both.flask, &mut browser, &json!([["flash", "message", "Saved, żółć."]]));
    assert!(browser.get("/login").await.text.contains("Saved, żółć."));
    assert!(!browser.get("/login").await.text.contains("Saved"), "once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn flask_knows_of_a_logout_here_and_login_of_one_there() {
    let both = Both::new();
    let mut browser = both.browser();
    ask(&both.flask, &mut browser, &json!([["set", "username", "ada"]]));
    assert_eq!(browser.log_out().await.status, StatusCode::SEE_OTHER);
    let left = json!([{ "dict": [["_flashes", [{ "tuple": ["message", "You are logged out."] }]]] }]);
    assert_eq!(ask(&both.flask, &mut browser, &json!([["dump"]])), left);
    assert!(browser.log_in("grace").await);
    ask(&both.flask, &mut browser, &json!([["clear"]]));
    assert!(!browser.jar.contains_key("session"));
    assert_eq!(browser.username().await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn flask_attributes_and_lifetime_are_those_that_are_configured() {
    let both = Both::new();
    let mut browser = both.browser();
    ask(&both.flask, &mut browser, &json!([["set", "n", 1]]));
    let lines = browser.get("/visits").await.set_cookies();
    let line = lines.iter().find(|line| line.starts_with("session=")).unwrap();
    assert!(line.ends_with("; HttpOnly; Path=/"), "{line}");
    ask(&both.flask, &mut browser, &json!([["permanent", true]]));
    let lines = browser.get("/facts").await.set_cookies();
    let line = lines.iter().find(|line| line.starts_with("session=")).unwrap();
    assert!(line.contains("; Expires=") && !line.contains("Max-Age"), "{line}");
    assert_eq!(ask(&both.flask, &mut browser, &json!([["is_permanent"]])), json!([true]));

    let settings = [("SECRET_KEY", KEY), ("SESSION_COOKIE_NAME", "sid"), ("SESSION_COOKIE_SAMESITE", "Lax")];
    let server = login(&settings);
    let lines = Browser::new(&server.url).get("/visits").await.set_cookies();
    assert!(lines[0].starts_with("sid=") && lines[0].ends_with("; HttpOnly; Path=/; SameSite=Lax"), "{lines:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s24_flask_secret_keys_rotate_on_both_sides() {
    let (old_login, new_flask) = (login(&[("SECRET_KEY", OLD)]), FlaskServer::cookie(&json!({ "SECRET_KEY": KEY })));
    let rotated = login(&[("SECRET_KEY", KEY), ("SECRET_KEY_FALLBACKS", OLD)]);
    let mut browser = Browser::new(&old_login.url);
    browser.get("/visits").await;
    assert_eq!(ask(&new_flask, &mut browser.clone(), &json!([["get", "visits"]])), json!([null]));
    let mut browser = browser.at(&rotated.url);
    assert_eq!(browser.get("/visits").await.element("visits"), Some("2"), "opened by the older key");
    assert_eq!(ask(&new_flask, &mut browser, &json!([["get", "visits"]])), json!([2]), "signed by the newer one");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s65_flask_forms_that_are_open_survive_a_write_on_either_side() {
    let both = Both::new();
    let mut browser = both.browser();
    assert!(browser.log_in("ada").await);
    let form = browser.get("/login").await;
    browser.get("/visits").await;
    ask(&both.flask, &mut browser, &json!([["set", "n", 1]]));
    let answer = browser.send_form(&form, "/logout", &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s25_flask_cookies_beyond_permanent_session_lifetime_are_nobodys_on_either_side() {
    let flask = FlaskServer::cookie(&json!({ "SECRET_KEY": KEY, "PERMANENT_SESSION_LIFETIME": 3600 }));
    let login = login(&[("SECRET_KEY", KEY), ("PERMANENT_SESSION_LIFETIME", "3600")]);
    let signer = Signer::new(KEY, [""; 0], &SignerConfig::default()).unwrap();
    for (age, name) in [(3500, Some("alice")), (3601, None)] {
        let signed_at = SystemClock.now().minus(Duration::from_secs(age));
        let mut browser = Browser::new(&login.url);
        browser.jar.insert("session".to_owned(), signer.sign("eyJ1c2VybmFtZSI6ImFsaWNlIn0", signed_at));
        assert_eq!(browser.username().await.as_deref(), name, "{age} s old");
        assert_eq!(ask(&flask, &mut browser, &json!([["get", "username"]])), json!([name]));
    }
}

#[test]
fn s67_flask_cookies_need_flasks_key_and_the_program_says_so_in_one_line() {
    let said = Server::refusal(&["--store", "cookie+flask:"], &[]);
    assert!(said.contains("SECRET_KEY: not set, and Flask's cookie is signed with it"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    let said = Server::refusal(&["--store", "cookie+flask:"], &[("SECRET_KEY", "a-short-key")]);
    assert!(said.contains("SECRET_KEY: it has 11 bytes, 32 are needed") && !said.contains("a-short-key"), "{said}");
}
