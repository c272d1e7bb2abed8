//! Flask's signed cookie, against what Flask itself wrote, took and refused.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use common::{Counts, neutral, text, unhex, vectors};
use serde_json::Value as Json;
use session_core::{Life, Record, Timestamp};
use session_flask::{Digest, FlaskCookie, Kept, KeyDerivation, Signer, SignerConfig, Value};

fn cookie(vector: &Json) -> FlaskCookie {
    let digest = match text(vector, "digest") {
        "sha1" => Digest::Sha1,
        "sha256" => Digest::Sha256,
        "sha512" => Digest::Sha512,
        other => panic!("{other}"),
    };
    let derivation = match text(vector, "key_derivation") {
        "hmac" => KeyDerivation::Hmac,
        "concat" => KeyDerivation::Concat,
        "django-concat" => KeyDerivation::DjangoConcat,
        "none" => KeyDerivation::None,
        other => panic!("{other}"),
    };
    let salt = text(vector, "salt").as_bytes().to_vec();
    let config =
        SignerConfig::default().salt(salt.into()).digest(digest).derivation(derivation).danger_allow_weak_key(true);
    let fallbacks = vector["fallback_keys_hex"].as_array().unwrap().iter().map(|key| unhex(key.as_str().unwrap()));
    let signer = Signer::new(unhex(text(vector, "secret_key_hex")), fallbacks, &config).unwrap();
    FlaskCookie::new(signer).max_age(Duration::from_secs(vector["max_age"].as_u64().unwrap()))
}

fn now(vector: &Json) -> Timestamp {
    Timestamp::from_millis(vector["now"].as_u64().unwrap() * 1000)
}

/// The session that a vector stands for; nothing where it has lone surrogates.
fn session(vector: &Json) -> Option<Value> {
    let rule = &vector["session_rule"];
    if rule.is_null() {
        return neutral::value(&vector["session"]);
    }
    let repeated = text(rule, "repeat").repeat(usize::try_from(rule["times"].as_u64().unwrap()).unwrap());
    Some(Value::Dict(vec![(Value::Str(text(rule, "key").into()), Value::Str(repeated))]))
}

fn is_session(opened: &Value, vector: &Json) -> bool {
    session(vector).is_some_and(|session| neutral::same(opened, &neutral::aware(session)))
}

/// Reads it, writes it as Flask does, and reads again what it wrote.
fn accept(vector: &Json) {
    let (id, cookie, now) = (&vector["id"], cookie(vector), now(vector));
    let opened = cookie.open_value(text(vector, "cookie"), now).unwrap_or_else(|| panic!("{id}: refused"));
    assert!(is_session(&opened, vector), "{id}: another session");
    let rewritten = text(vector, "rewritten_json");
    assert_eq!(opened.to_tagged_json().unwrap(), rewritten, "{id}");
    let sealed = cookie.seal_value(&opened, now).unwrap();
    assert_eq!(cookie.open_value(&sealed, now).unwrap().to_tagged_json().unwrap(), rewritten, "{id}");
}

/// The same through a record: nothing of the session is lost or changes its type.
fn accept_as_record(vector: &Json) {
    let (id, cookie, now) = (&vector["id"], cookie(vector), now(vector));
    let opened = cookie.open(text(vector, "cookie"), now).unwrap_or_else(|| panic!("{id}: refused"));
    assert_eq!(opened.record.is_permanent(), vector["permanent"].as_bool().unwrap(), "{id}");
    let rewritten = text(vector, "rewritten_json");
    let plain = cookie.seal(&opened.record, &Kept::default(), now).unwrap();
    assert_eq!(
        cookie.open_value(&plain, now).unwrap().to_tagged_json().unwrap(),
        rewritten,
        "{id}: as Flask writes it"
    );
    let sealed = cookie.seal(&opened.record, &Kept::default().id("id"), now).unwrap();
    let Some(Value::Dict(mut pairs)) = cookie.open_value(&sealed, now) else { panic!("{id}") };
    let kept = pairs.iter().position(|(name, _)| *name == Value::Str("_session".into())).unwrap();
    pairs.remove(kept);
    assert_eq!(Value::Dict(pairs).to_tagged_json().unwrap(), rewritten, "{id}");
    let again = cookie.open(&sealed, now).unwrap();
    assert_eq!(again.kept.id.as_deref(), Some("id"));
    assert_eq!(again.record.life(), opened.record.life(), "{id}");
    assert_eq!(again.record.names().count(), opened.record.names().count(), "{id}");
}

fn check(file: &str) {
    let mut counts = Counts::default();
    for vector in vectors(file) {
        let (id, expect) = (&vector["id"], text(&vector, "expect"));
        let opened = cookie(&vector).open_value(text(&vector, "cookie"), now(&vector));
        let record = cookie(&vector).open(text(&vector, "cookie"), now(&vector));
        assert_eq!(opened.is_some(), record.is_some(), "{id}: as a record and as a value");
        match (expect, opened) {
            ("accept", _) => {
                accept(&vector);
                accept_as_record(&vector);
                counts.add(expect, "as Flask");
            }
            ("reject" | "lenient", None) => counts.add(expect, "refused"),
            ("lenient", Some(opened)) => {
                assert!(is_session(&opened, &vector), "{id}: another session");
                counts.add(expect, "as Flask");
            }
            (_, _) => panic!("{id}: accepted"),
        }
    }
    counts.print(file);
    assert!(counts.of("accept", "as Flask") > 0 && counts.of("reject", "refused") > 0);
}

#[test]
fn s28_flask_cookies_are_read_written_and_refused_as_flask_does() {
    check("cookie.json");
}

#[test]
fn s28_flask_cookies_of_flask_1_1_are_read() {
    check("cookie_flask11.json");
}

const KEY: &str = "a key for tests, long enough to be taken";
const NOW: Timestamp = Timestamp::from_millis(1_735_689_600_000);
const LIFE: Life = Life { created: NOW, absolute: Timestamp::MAX };

fn default_cookie() -> FlaskCookie {
    FlaskCookie::new(Signer::new(KEY, [""; 0], &SignerConfig::default()).unwrap())
}

fn sealed(json: &str) -> String {
    default_cookie().seal_value(&Value::from_tagged_json(json.as_bytes()).unwrap(), NOW).unwrap()
}

fn record(json: &str) -> Record {
    default_cookie().open(&sealed(json), NOW).unwrap().record
}

/// The JSON that a record is sealed as.
fn written(record: &Record) -> String {
    let cookie = default_cookie();
    let sealed = cookie.seal(record, &Kept::default(), NOW).unwrap();
    cookie.open_value(&sealed, NOW).unwrap().to_tagged_json().unwrap()
}

#[test]
fn flask_flashes_are_tuples_both_ways() {
    let from_flask = record(r#"{"_flashes":[{" t":["message","Saved"]}]}"#);
    let as_read = from_flask.get("_flashes").unwrap();
    let flashes: Vec<(String, String)> = rmp_serde::from_slice(as_read.bytes()).unwrap();
    assert_eq!(flashes, [("message".to_owned(), "Saved".to_owned())]);
    let plain = rmp_serde::to_vec_named(&BTreeMap::from([("_flashes", vec![("message", "Saved")])])).unwrap();
    let from_rust = Record::decode(&plain.into(), LIFE).unwrap();
    assert_eq!(written(&from_rust), written(&from_flask));
    assert_eq!(written(&from_rust), r#"{"_flashes":[{" t":["message","Saved"]}]}"#);
}

/// A session with one key that began now and ends then.
fn ending(absolute: Timestamp) -> Record {
    let one = rmp_serde::to_vec_named(&BTreeMap::from([("a", 1)])).unwrap();
    Record::decode(&one.into(), Life { created: NOW, absolute }).unwrap()
}

#[test]
fn flask_keeps_what_the_library_keeps() {
    let (cookie, kept) = (default_cookie(), Kept::default().id("an id"));
    let begun = ending(NOW.plus(Duration::from_secs(3_600)));
    let first = cookie.seal(&begun, &kept, NOW).unwrap();
    let json = cookie.open_value(&first, NOW).unwrap().to_tagged_json().unwrap();
    assert_eq!(json, r#"{"_session":[1,1735689600000,1735693200000,null,0,"an id"],"a":1}"#);
    let later = NOW.plus(Duration::from_secs(60));
    let again = cookie.open(&first, later).unwrap();
    assert_eq!((again.record.life(), again.kept.id.as_deref()), (begun.life(), Some("an id")));
    let another = cookie.open(&cookie.seal(&again.record, &Kept::default(), later).unwrap(), later).unwrap();
    assert_eq!(
        (another.record.life(), another.kept.id),
        (begun.life(), None),
        "an id stays only where it is given again"
    );
}

#[test]
fn flask_cookies_without_an_end_began_when_they_were_signed_and_are_as_flask_writes_them() {
    let (cookie, later) = (default_cookie(), NOW.plus(Duration::from_secs(60)));
    assert_eq!(cookie.seal(&ending(Timestamp::MAX), &Kept::default(), NOW).unwrap(), sealed(r#"{"a":1}"#));
    let opened = cookie.open(&sealed(r#"{"a":1}"#), later).unwrap();
    assert_eq!(opened.record.life(), Life { created: NOW, absolute: Timestamp::MAX });
}

#[test]
fn s25_flask_cookies_end_by_age_or_sooner_where_they_say_so() {
    let cookie = default_cookie().max_age(Duration::from_secs(3_600));
    let (millisecond, second) = (Duration::from_millis(1), Duration::from_secs(1));
    for (kept, end) in [
        (Kept::default(), Duration::from_secs(3_601)),
        (Kept::default().idle(90 * second + millisecond), 90 * second + millisecond),
        (Kept::default().idle(Duration::from_secs(9_999)), Duration::from_secs(3_601)),
    ] {
        // Signed within the second; the age counts from its beginning.
        let text = cookie.seal(&ending(Timestamp::MAX), &kept, NOW.plus(500 * millisecond)).unwrap();
        let alive = cookie.open(&text, NOW.plus(end - millisecond)).unwrap();
        assert_eq!(alive.deadline, NOW.plus(end), "{kept:?}");
        assert!(cookie.open(&text, NOW.plus(end)).is_none(), "{kept:?}");
    }
}

#[test]
fn s25_flask_cookies_die_at_the_absolute_deadline_that_they_hold() {
    let (cookie, hour) = (default_cookie(), Duration::from_secs(3_600));
    let fresh = cookie.seal(&ending(NOW.plus(hour)), &Kept::default(), NOW).unwrap();
    assert!(cookie.open(&fresh, NOW.plus(hour).minus(Duration::from_millis(1))).is_some());
    assert!(cookie.open(&fresh, NOW.plus(hour)).is_none());
}

#[test]
fn s33_flask_sessions_beyond_a_records_bounds_are_kept_whole() {
    let deep = format!("{}1{}", "[".repeat(100), "]".repeat(100));
    let long = "k".repeat(257);
    let many: Vec<String> = (0..2_000).map(|n| format!("\"n{n:04}\":{n}")).collect();
    let json = format!("{{\"{long}\":7,{}}}", many.join(",")).replace("\"n0000\":0", &format!("\"deep\":{deep}"));
    let kept = written(&record(&json));
    let expected = format!(r#"{{"deep":{deep},"{long}":7,"#);
    assert!(kept.starts_with(&expected) && kept.ends_with(r#","n1998":1998,"n1999":1999}"#));
    assert_eq!(kept.matches("\"n").count(), 1_999);
}

#[test]
fn s33_flask_values_are_readable_up_to_a_records_depth_and_kept_beyond() {
    for depth in 62..=67 {
        let deep = format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        let record = record(&format!("{{\"deep\":{deep}}}"));
        let seen = record.get("deep").unwrap().bytes()[0] == 0x91;
        assert_eq!(seen, depth <= 64, "{depth}: a list, or an extension");
        assert_eq!(written(&record), format!(r#"{{"deep":{deep}}}"#), "{depth}");
    }
}

#[test]
fn flask_refuses_what_python_has_no_form_for_and_names_the_key() {
    let strange = rmp_serde::to_vec_named(&BTreeMap::from([("numbers", BTreeMap::from([((1, 2), 3)]))])).unwrap();
    let strange = Record::decode(&strange.into(), LIFE).unwrap();
    let error = default_cookie().seal(&strange, &Kept::default(), NOW).unwrap_err().to_string();
    assert_eq!(error, r#"session key "numbers": a dict has keys that Python cannot sort"#);
    let large = default_cookie()
        .max_json(1_000)
        .seal_value(&Value::Dict(vec![(Value::Str("a".into()), Value::Str("x".repeat(1_000)))]), NOW);
    assert_eq!(large.unwrap_err().to_string(), "the session's JSON text would be 1008, the limit is 1000");
}

#[test]
fn s36_flask_sessions_do_not_print() {
    let cookie = default_cookie();
    let opened = cookie.open(&sealed(r#"{"a":"secret"}"#), NOW).unwrap();
    let with_id = cookie.seal(&opened.record, &Kept::default().id("secret"), NOW).unwrap();
    let with_id = cookie.open(&with_id, NOW).unwrap();
    let printed =
        format!("{cookie:?} {opened:?} {with_id:?} {:?}", cookie.open_value(&sealed(r#"{"a":"secret"}"#), NOW));
    assert!(!printed.contains("secret") && !printed.contains(KEY), "{printed}");
}

/// What Python takes by its looseness, and this crate as well: the README's table.
const LENIENT: [&str; 27] = [
    "body: zlib level 0",
    "body: zlib trailing bytes",
    "bomb of 10000 bytes",
    "key with a NUL added",
    "payload: NaN",
    "payload: big exponent",
    "payload: big integer",
    "payload: date -0000",
    "payload: date Feb 30",
    "payload: date RFC 850",
    "payload: date asctime",
    "payload: date bad",
    "payload: date of null",
    "payload: date with zone",
    "payload: date without zone",
    "payload: date wrong weekday",
    "payload: duplicate keys",
    "payload: empty list",
    "payload: empty text",
    "payload: minus zero",
    "payload: null",
    "payload: permanent is a number",
    "payload: permanent is null",
    "payload: permanent is text",
    "payload: uuid urn and braces",
    "payload: uuid with hyphens",
    "timestamp leading zero bytes",
];

#[test]
fn s28_flask_cookies_are_taken_leniently_in_these_cases_alone() {
    let all: Json = serde_json::from_str(include_str!("vectors/cookie.json")).unwrap();
    let lenient = all["vectors"].as_array().unwrap().iter().filter(|vector| vector["expect"] == "lenient");
    let taken = lenient.filter(|vector| cookie(vector).open(text(vector, "cookie"), now(vector)).is_some());
    let names: BTreeSet<&str> = taken.map(|vector| text(vector, "name")).collect();
    assert_eq!(names, BTreeSet::from(LENIENT));
}
