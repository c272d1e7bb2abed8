//! Werkzeug's cookie text, against what Werkzeug itself wrote and read.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Counts, text, unhex, vectors};
use serde_json::Value as Json;
use session_core::{SameSite, Timestamp};
use session_flask::{SetCookie, Value, parse_cookie, types::UtcDateTime};

/// What Werkzeug writes and this crate refuses, each with its reason.
fn deliberate(arguments: &Json) -> Option<&'static str> {
    let name = text(arguments, "name");
    let domain = arguments["domain"].as_str();
    let value = arguments["value"].as_str().unwrap_or_default();
    if !name.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Some("a name that is no token");
    }
    if domain.is_some_and(|domain| domain.is_empty() || !domain.is_ascii()) {
        return Some("a domain that is empty or not ASCII");
    }
    if arguments["expires"]["text"].as_str().is_some_and(|text| date(text).is_none()) {
        return Some("an end that is no time");
    }
    value
        .bytes()
        .any(|byte| (0x1a..0x20).contains(&byte))
        .then_some("a control character that Werkzeug does not escape")
}

/// Seconds since 1970 of a date in Werkzeug's own spelling, through the datetime of a session.
fn date(text: &str) -> Option<i64> {
    let json = format!(r#"{{" d":{}}}"#, Json::from(text));
    match Value::from_tagged_json(json.as_bytes())? {
        Value::DateTime(date) => {
            (Value::DateTime(date).to_tagged_json().ok()? == json).then_some(date.local_micros / 1_000_000)
        }
        _ => None,
    }
}

/// Seconds since 1970, of the three forms that Werkzeug takes.
fn expires(neutral: &Json) -> Option<i64> {
    if let Some(seconds) = neutral["unix"].as_f64() {
        return format!("{:.0}", seconds.floor()).parse().ok();
    }
    if let Some(text) = neutral["text"].as_str() {
        return date(text);
    }
    let local: UtcDateTime = neutral["datetime"].as_str()?.parse().unwrap();
    Some(local.micros().div_euclid(1_000_000) - neutral["offset"].as_i64().unwrap_or(0))
}

/// Nothing where there is no such attribute.
fn same_site(arguments: &Json) -> Option<Option<SameSite>> {
    match arguments["samesite"].as_str().map(str::to_ascii_lowercase).as_deref() {
        None => Some(None),
        Some("strict") => Some(Some(SameSite::Strict)),
        Some("lax") => Some(Some(SameSite::Lax)),
        Some("none") => Some(Some(SameSite::None)),
        Some(_) => None,
    }
}

fn set_cookie(vector: &Json) -> Option<SetCookie<'_>> {
    let arguments = &vector["arguments"];
    let name = text(arguments, "name");
    let cookie = match text(vector, "op") {
        "delete" => SetCookie::deletion(name),
        _ => SetCookie::new(name, arguments["value"].as_str().unwrap_or_default())
            .expires(expires(&arguments["expires"]))
            .max_age(arguments["max_age"].as_i64()),
    };
    let flag = |field: &str| arguments[field].as_bool().unwrap_or(false);
    let path = if arguments.get("path").is_some() { arguments["path"].as_str() } else { Some("/") };
    Some(
        cookie
            .domain(arguments["domain"].as_str())
            .secure(flag("secure"))
            .http_only(flag("httponly"))
            .path(path)
            .same_site(same_site(arguments)?)
            .partitioned(flag("partitioned")),
    )
}

fn written(vector: &Json) -> Option<String> {
    let now = Timestamp::from_millis(vector["now"].as_u64().unwrap() * 1000);
    set_cookie(vector)?.header(now).ok()
}

#[test]
fn flask_set_cookie_texts_are_werkzeugs() {
    let mut counts = Counts::default();
    for vector in vectors("set_cookie.json") {
        let (id, op) = (&vector["id"], text(&vector, "op"));
        let outcome = match (op, vector["header"].as_str()) {
            ("parse", _) => {
                let expected: Vec<(String, String)> = serde_json::from_value(vector["pairs"].clone()).unwrap();
                assert_eq!(parse_cookie(&unhex(text(&vector, "header_hex"))), expected, "{id}");
                "as Werkzeug"
            }
            (_, None) => {
                assert_eq!(written(&vector), None, "{id}: Werkzeug refuses it");
                "refused as by Werkzeug"
            }
            (_, Some(header)) => match deliberate(&vector["arguments"]) {
                Some(why) => {
                    assert_ne!(written(&vector).as_deref(), Some(header), "{id}: {why}");
                    why
                }
                None => {
                    assert_eq!(written(&vector).as_deref(), Some(header), "{id}");
                    "as Werkzeug"
                }
            },
        };
        counts.add(op, outcome);
    }
    counts.print("set_cookie.json");
    assert!(["set", "delete", "parse"].iter().all(|op| counts.of(op, "as Werkzeug") > 0));
}

#[test]
fn s14_flask_cookie_text_lets_nothing_through_that_ends_an_attribute() {
    let now = Timestamp::from_millis(0);
    for hostile in ["a;b", "a\r\nb", "a b", "", "é", "a=b", "a,b"] {
        assert!(SetCookie::new(hostile, "").header(now).is_err(), "name {hostile:?}");
    }
    for hostile in ["a;b", "a\r\nb", "a b", "", "é", ":80", "..."] {
        assert!(SetCookie::new("a", "").domain(Some(hostile)).header(now).is_err(), "domain {hostile:?}");
    }
    let header = SetCookie::new("a", "x;\r\n\u{1f}é").path(Some("/;\r\n")).header(now).unwrap();
    assert_eq!(header, r#"a="x\073\015\012\037\303\251"; Path=/%3B%0D%0A"#);
    assert!(SetCookie::new("a", "").expires(Some(i64::MAX)).header(now).is_err());
    assert!(SetCookie::new("a", "").max_age(Some(i64::MIN)).header(now).is_err());
}

#[test]
fn s36_flask_cookie_text_does_not_print_its_value() {
    let printed = format!("{:?}", SetCookie::new("session", "secret"));
    assert_eq!(printed, r#"SetCookie("session", 6 bytes, redacted)"#);
}
