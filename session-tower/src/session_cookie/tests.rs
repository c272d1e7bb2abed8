//! The line's text beside what Werkzeug writes for the same arguments. `SESSION_FLASK_VECTORS` names another folder of vectors.

use std::path::PathBuf;

use serde::Deserialize;
use session_core::{CookieConfig, Error, MemoryStore, SessionConfig, Sessions};

use super::*;

#[derive(Deserialize)]
struct File {
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    id: String,
    op: String,
    arguments: Option<Arguments>,
    now: Option<u64>,
    header: Option<String>,
}

#[derive(Deserialize)]
struct Arguments {
    name: String,
    #[serde(default)]
    value: String,
    #[serde(default = "root")]
    path: Option<String>,
    domain: Option<String>,
    #[serde(default)]
    secure: bool,
    #[serde(default)]
    httponly: bool,
    samesite: Option<String>,
    #[serde(default)]
    partitioned: bool,
    max_age: Option<i64>,
    expires: Option<Expires>,
}

fn root() -> Option<String> {
    Some("/".into())
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Expires {
    Unix {
        unix: f64,
    },
    /// Text, or a date with a zone.
    Other(serde::de::IgnoredAny),
}

fn vectors() -> Vec<Vector> {
    let ours = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../session-flask/tests/vectors");
    let folder = std::env::var_os("SESSION_FLASK_VECTORS").map_or(ours, PathBuf::from);
    let text = std::fs::read(folder.join("set_cookie.json")).unwrap();
    serde_json::from_slice::<File>(&text).unwrap().vectors
}

/// The attributes as a configuration has them; `None` for what no session cookie has.
fn configured(arguments: &Arguments) -> Option<CookieConfig> {
    let plain = arguments.value.bytes().all(|byte| byte.is_ascii_graphic() && !b"\",;\\".contains(&byte));
    let site = match arguments.samesite.as_deref().map(str::to_ascii_lowercase).as_deref() {
        None => None,
        Some("strict") => Some(SameSite::Strict),
        Some("lax") => Some(SameSite::Lax),
        Some("none") => Some(SameSite::None),
        Some(_) => return None,
    };
    let mut config = CookieConfig::default().name(&arguments.name).path(arguments.path.as_ref().filter(|_| plain)?);
    config = config.secure(arguments.secure).http_only(arguments.httponly).partitioned(arguments.partitioned);
    config.domain.clone_from(&arguments.domain);
    config.same_site = site;
    Some(config)
}

/// The dates that a response sets, as Werkzeug completes them.
fn dates(vector: &Vector, arguments: &Arguments) -> Option<(Option<Timestamp>, Option<Duration>)> {
    let at = |seconds: u64| Timestamp::from_millis(seconds * 1000);
    let age = arguments.max_age.map(u64::try_from).transpose().ok()?;
    let expires = match &arguments.expires {
        Some(Expires::Unix { unix }) if *unix >= 0.0 => Some(Timestamp::default().plus(Duration::from_secs_f64(*unix))),
        Some(_) => return None,
        None => age.map(|age| at(vector.now.unwrap() + age)),
    };
    Some((expires, age.map(Duration::from_secs)))
}

/// What browsers would drop, or what is no cookie by RFC 6265, is refused when the sessions are built.
fn is_refused_on_purpose(refusal: &Error) -> bool {
    let fields = ["SESSION_COOKIE_SECURE", "SESSION_COOKIE_NAME", "SESSION_COOKIE_PATH", "SESSION_COOKIE_DOMAIN"];
    fields.iter().any(|field| refusal.to_string().starts_with(field))
}

#[test]
fn flask_set_cookie_vectors() {
    let (mut same, mut refused, mut no_session) = (0, 0, 0);
    for vector in vectors() {
        let Some(arguments) = vector.arguments.as_ref().filter(|_| vector.op != "parse") else { continue };
        let (Some(cookie), Some((expires, age))) = (configured(arguments), dates(&vector, arguments)) else {
            no_session += 1;
            continue;
        };
        let sessions = match Sessions::new(MemoryStore::default(), SessionConfig::flask().cookie(cookie)) {
            Ok(sessions) => sessions,
            Err(refusal) => {
                assert!(is_refused_on_purpose(&refusal), "{}: {refusal}", vector.id);
                refused += 1;
                continue;
            }
        };
        let written = match vector.op.as_str() {
            "delete" => line(sessions.cookie(), &CookieAction::Remove).unwrap().to_str().unwrap().to_owned(),
            _ => text(sessions.cookie(), &arguments.value, expires, age),
        };
        assert_eq!(Some(written), vector.header, "{}", vector.id);
        same += 1;
    }
    println!("set_cookie.json: {same} as Werkzeug, {refused} refused on purpose, {no_session} of no session cookie");
    assert!(same > 30 && refused > 0);
}

#[test]
fn a_date_beyond_what_a_cookie_can_say_is_its_last() {
    assert_eq!(http_date(Timestamp::MAX), "Fri, 31 Dec 9999 23:59:59 GMT");
    assert_eq!(http_date(Timestamp::from_millis(1_738_368_001_999)), "Sat, 01 Feb 2025 00:00:01 GMT");
}
