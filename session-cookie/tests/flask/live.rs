//! A real Flask and this store take turns on one cookie.

use std::time::Duration;

use serde_json::{Value, json};
use session_cookie::session_flask::types::{Bytes, Markup, Tuple, UtcDateTime, Uuid};
use session_core::{Clock, CookieAction, SessionConfig, SystemClock};
use session_testkit::server::FlaskServer;

use crate::support::{KEY, OLD, Service, json as held, signer};

/// A Flask application, and the cookie's value as the browser has it.
struct Flask(FlaskServer);

impl Flask {
    fn new(config: &Value) -> Self {
        Flask(FlaskServer::cookie(config))
    }

    fn with_key() -> Self {
        Self::new(&json!({ "SECRET_KEY": KEY }))
    }

    /// The results of actions.
    fn see(&self, cookie: &str, actions: &Value) -> Value {
        let answer = self.0.act(Some(&format!("session={cookie}")), actions);
        assert_eq!(answer.status, 200);
        answer.results
    }

    /// The cookie that actions lead to.
    fn change(&self, cookie: &str, actions: &Value) -> String {
        let answer = self.0.act(Some(&format!("session={cookie}")), actions);
        assert_eq!(answer.status, 200);
        value(&answer.cookie("session").unwrap()).to_owned()
    }
}

fn rust() -> Service<SystemClock> {
    Service::live(&[KEY], SessionConfig::flask())
}

fn value(pair: &str) -> &str {
    pair.strip_prefix("session=").unwrap()
}

/// Every type that Flask's cookie has, nested too, and texts of many scripts.
fn every_type() -> Value {
    json!({ "dict": [
        ["none", null], ["true", true], ["small", -7], ["big", { "int": "123456789012345678901234567890" }],
        ["float", 0.1], ["text", "żółć 京 🦀 \u{202e} \"quoted\" \\ \u{7f}"], ["list", [1, [2, []]]],
        ["tuple", { "tuple": [1, { "tuple": [] }, ["a"]] }], ["bytes", { "bytes": "00ff10" }],
        ["markup", { "markup": "<b>é</b>" }], ["uuid", { "uuid": "01234567-89ab-cdef-0123-456789abcdef" }],
        ["when", { "datetime": "2024-02-29T23:59:59+00:00" }], ["looks like a tag", { "dict": [[" t", [1]]] }],
        ["deep", { "dict": [["a", { "dict": [["b", { "tuple": [{ "bytes": "" }, { "markup": "" }] }]] }]] }]
    ] })
}

fn pairs(dict: &Value) -> Vec<Value> {
    let mut pairs = dict["dict"].as_array().unwrap().clone();
    pairs.sort_by_key(|pair| pair[0].as_str().unwrap().to_owned());
    pairs
}

#[tokio::test]
async fn flask_begins_a_session_rust_changes_it_and_flask_sees_every_type_as_it_was() {
    let (flask, service) = (Flask::with_key(), rust());
    let sets: Vec<Value> = pairs(&every_type()).iter().map(|pair| json!(["set", pair[0], pair[1]])).collect();
    let begun = flask.change("", &json!(sets));
    let before = flask.see(&begun, &json!([["dump"]]));
    assert_eq!(pairs(&before[0]), pairs(&every_type()), "as it was set");

    let changed = service
        .change(&begun, |session| {
            assert_eq!(session.require::<Markup>("markup")?.0, "<b>é</b>");
            assert_eq!(session.require::<String>("text")?, "żółć 京 🦀 \u{202e} \"quoted\" \\ \u{7f}");
            assert_eq!(session.require::<Bytes>("bytes")?.0, [0, 255, 16]);
            assert_eq!(session.require::<Uuid>("uuid")?.to_string(), "01234567-89ab-cdef-0123-456789abcdef");
            assert_eq!(session.require::<UtcDateTime>("when")?.micros(), 1_709_251_199_000_000);
            session.set("rust", "ferris")
        })
        .await;
    let mut expected = pairs(&every_type());
    expected.push(json!(["rust", "ferris"]));
    let after = flask.see(&changed, &json!([["dump"]]));
    assert_eq!(pairs(&after[0]), pairs(&json!({ "dict": expected })), "nothing lost, nothing of another type");
}

#[tokio::test]
async fn flask_sees_every_type_that_rust_sets_and_rust_what_flask_changes() {
    let (flask, service) = (Flask::with_key(), rust());
    let begun = service
        .change("", |session| {
            session.set("pair", Tuple((1, "é")))?;
            session.set("raw", Bytes(vec![0, 255]))?;
            session.set("html", Markup("<i>".into()))?;
            session.set("id", Uuid::from(7_u128))?;
            session.set("when", "2024-02-29T23:59:59Z".parse::<UtcDateTime>().unwrap())?;
            session.set("numbers", (1, -2.5, u64::MAX, None::<u8>, true))?;
            session.set("nested", json!({ "a": { "b": [] }, " t": "no tag" }))?;
            session.set("text", "日本 🦀")
        })
        .await;
    let expected = json!({ "dict": [
        ["html", { "markup": "<i>" }], ["id", { "uuid": "00000000-0000-0000-0000-000000000007" }],
        ["nested", { "dict": [[" t", "no tag"], ["a", { "dict": [["b", []]] }]] }],
        ["numbers", [1, -2.5, { "int": "18446744073709551615" }, null, true]], ["pair", { "tuple": [1, "é"] }],
        ["raw", { "bytes": "00ff" }], ["text", "日本 🦀"], ["when", { "datetime": "2024-02-29T23:59:59+00:00" }]
    ] });
    assert_eq!(flask.see(&begun, &json!([["dump"]])), json!([expected]), "and no key of ours");
    let changed = flask.change(&begun, &json!([["set", "pair", { "tuple": [2, "ü"] }], ["pop", "text"]]));
    let session = service.open(&changed).await;
    assert_eq!(session.require::<Tuple<(u8, String)>>("pair").unwrap(), Tuple((2, "ü".to_owned())));
    assert_eq!(session.require::<Uuid>("id").unwrap(), Uuid::from(7_u128));
    assert!(!session.contains("text"));
}

#[tokio::test]
async fn flask_and_rust_write_the_same_bytes_in_the_same_second() {
    let flask = Flask::with_key();
    for actions in [
        json!([["set", "user", "alice"]]),
        json!([["set", "user", "żółć"], ["permanent", true], ["flash", "error", "é"]]),
        json!([["set", "long", "all work and no play makes Jack a dull boy ".repeat(20)]]),
    ] {
        let by_flask = flask.change("", &actions);
        let signed = rust().open(&by_flask).await.created();
        let service = Service::at(signed, SessionConfig::flask());
        let with_more = service.change(&by_flask, |session| session.set("more", 1)).await;
        let back = service.change(&with_more, |session| session.remove("more").map(drop)).await;
        assert_eq!(held(&back, signed), held(&by_flask, signed));
        let deflated = by_flask.starts_with('.');
        assert_eq!(back.starts_with('.'), deflated);
        assert!(deflated || back == by_flask, "two ways to deflate, one to leave it as it is");
    }
}

#[tokio::test]
async fn flask_permanent_and_browser_sessions_stay_what_they_are_on_both_sides() {
    let (flask, service) = (Flask::with_key(), rust());
    for permanent in [true, false] {
        let begun = flask.change("", &json!([["permanent", permanent], ["set", "n", 1]]));
        let committed = service.request(&begun, |session| session.set("n", 2)).await;
        let CookieAction::Set { token, expires, max_age: None } = committed.cookie else { panic!("a cookie") };
        assert_eq!(expires.is_some(), permanent);
        assert_eq!(flask.see(token.expose(), &json!([["is_permanent"], ["get", "n"]])), json!([permanent, 2]));
        let begun = service
            .change("", |session| {
                session.set_permanent(permanent);
                session.set("n", 1)
            })
            .await;
        let answer = flask.0.act(Some(&format!("session={begun}")), &json!([["set", "n", 2], ["is_permanent"]]));
        assert_eq!(answer.results[1], json!(permanent));
        assert_eq!(answer.set_cookie[0].contains("Expires="), permanent, "{:?}", answer.set_cookie);
    }
}

#[tokio::test]
async fn flask_and_rust_rotate_the_secret_key_one_after_the_other() {
    let old = Flask::new(&json!({ "SECRET_KEY": OLD }));
    let rotated = Flask::new(&json!({ "SECRET_KEY": KEY, "SECRET_KEY_FALLBACKS": [OLD] }));
    let (rust_old, rust_rotated) =
        (Service::live(&[OLD], SessionConfig::flask()), Service::live(&[KEY, OLD], SessionConfig::flask()));
    let before = rust_old.change("", |session| session.set("n", 1)).await;
    let after = rotated.change(&before, &json!([["add", "n", 1]]));
    assert_eq!(rust().open(&after).await.require::<u8>("n").unwrap(), 2, "signed by the new key");
    let before = old.change("", &json!([["set", "n", 1]]));
    let after = rust_rotated.change(&before, |session| session.set("n", 2)).await;
    assert_eq!(Flask::with_key().see(&after, &json!([["get", "n"]])), json!([2]));
    assert_eq!(old.see(&after, &json!([["dump"]])), json!([{ "dict": [] }]), "the old key alone opens it no more");
}

#[tokio::test]
async fn flask_flashes_reach_rust_and_back() {
    let (flask, service) = (Flask::with_key(), rust());
    let begun = flask.change("", &json!([["flash", "error", "één"], ["flash", "message", "two"]]));
    let taken = service
        .change(&begun, |session| {
            let flashes = session.take_flashes()?;
            let seen: Vec<_> = flashes.iter().map(|flash| (flash.category.as_str(), flash.message.as_str())).collect();
            assert_eq!(seen, [("error", "één"), ("message", "two")]);
            session.flash_as("info", "from Rust")?;
            session.flash("日本")
        })
        .await;
    let dump = flask.see(&taken, &json!([["dump"]]));
    let tuples = json!([{ "tuple": ["info", "from Rust"] }, { "tuple": ["message", "日本"] }]);
    assert_eq!(dump, json!([{ "dict": [["_flashes", tuples]] }]), "in Flask's own form");
    assert_eq!(flask.see(&taken, &json!([["flashes"]])), json!([[["info", "from Rust"], ["message", "日本"]]]));
}

#[tokio::test]
async fn s25_flask_cookies_that_are_too_old_are_so_for_both() {
    let flask = Flask::new(&json!({ "SECRET_KEY": KEY, "PERMANENT_SESSION_LIFETIME": 3600 }));
    let second = Duration::from_secs(1);
    let at = |moment| Service::at(moment, SessionConfig::flask().idle(3600 * second));
    let by_flask = flask.change("", &json!([["set", "n", 1]]));
    let now = SystemClock.now();
    assert!(at(now).is_live(&by_flask).await);
    assert!(!at(now.plus(3602 * second)).is_live(&by_flask).await);
    let young = at(now.minus(3500 * second)).change("", |session| session.set("n", 1)).await;
    let old = at(now.minus(3601 * second)).change("", |session| session.set("n", 1)).await;
    assert_eq!(flask.see(&young, &json!([["get", "n"]])), json!([1]));
    assert_eq!(flask.see(&old, &json!([["get", "n"]])), json!([null]));
}

#[tokio::test]
async fn flask_ends_a_session_and_rust_does_and_both_remove_the_cookie() {
    let (flask, service) = (Flask::with_key(), rust());
    let begun = flask.change("", &json!([["set", "user", "ada"]]));
    let committed = service
        .request(&begun, |session| {
            session.destroy();
            Ok(())
        })
        .await;
    assert!(matches!(committed.cookie, CookieAction::Remove));
    let begun = service.change("", |session| session.set("user", "ada")).await;
    let answer = flask.0.act(Some(&format!("session={begun}")), &json!([["clear"]]));
    assert!(answer.set_cookie[0].starts_with("session=; Expires=Thu, 01 Jan 1970"), "{:?}", answer.set_cookie);
}

#[tokio::test]
async fn flask_passes_on_what_rust_keeps_and_a_clear_drops_it() {
    let (flask, day) = (Flask::with_key(), Duration::from_secs(86_400));
    let config = || SessionConfig::flask().absolute(90 * day);
    let service = Service::live(&[KEY], config());
    let begun = service.change("", |session| session.set("n", 1)).await;
    let id = service.open(&begun).await.log_id();
    let changed = flask.change(&begun, &json!([["set", "n", 2], ["set", "flask", true]]));
    assert_eq!(service.open(&changed).await.log_id(), id, "the same session, with the same end");
    let later = Service::at(SystemClock.now().plus(30 * day), config());
    let used = later.change(&changed, |session| session.set("n", 3)).await;
    let session = later.open(&used).await;
    assert_eq!((session.require::<u8>("n").unwrap(), session.require::<bool>("flask").unwrap()), (3, true));
    assert_eq!(session.log_id(), id);
    let cleared = flask.change(&changed, &json!([["clear"], ["set", "n", 4]]));
    assert_ne!(rust().open(&cleared).await.log_id(), id, "a session of Flask's own");
}

#[tokio::test]
async fn s28_flask_fails_on_a_bad_payload_and_rust_begins_anew() {
    let (flask, service) = (Flask::with_key(), rust());
    let bad = signer(&[KEY]).sign("WzFd", service.now());
    assert_eq!(flask.0.act(Some(&format!("session={bad}")), &json!([["dump"]])).status, 500);
    assert!(service.open(&bad).await.is_new());
    let mended = service.change(&bad, |session| session.set("n", 1)).await;
    assert_eq!(flask.see(&mended, &json!([["get", "n"]])), json!([1]));
}
