use serde::Serialize;
use serde::de::DeserializeOwned;

use super::*;
use crate::bridge;
use crate::value::{DateTime, Value};

/// Through MessagePack and JSON, with the JSON that Flask-Session writes.
fn round_trip<T: Serialize + DeserializeOwned + PartialEq>(value: &T, python: &Value, json: &str) {
    let bytes = rmp_serde::to_vec_named(value).unwrap();
    assert!(bridge::take(&bytes).unwrap() == *python, "{json}: what Flask's cookie holds");
    assert!(rmp_serde::from_slice::<T>(&bytes).unwrap() == *value, "{json}: MessagePack");
    assert_eq!(serde_json::to_string(value).unwrap(), json);
    assert!(serde_json::from_str::<T>(json).unwrap() == *value, "{json}: JSON");
}

#[test]
fn flask_types_are_written_as_pythons_and_read_again() {
    let text = |text: &str| Value::Str(text.into());
    round_trip(&Bytes(vec![0, 255]), &Value::Bytes(vec![0, 255]), r#""AP8=""#);
    round_trip(&Markup("<b>".into()), &Value::Markup("<b>".into()), r#""<b>""#);
    round_trip(
        &Tuple(("a".to_owned(), ["b".to_owned()])),
        &Value::Tuple(vec![text("a"), Value::List(vec![text("b")])]),
        r#"["a",["b"]]"#,
    );
    round_trip(&Tuple(vec![Some(Tuple(())); 0]), &Value::Tuple(vec![]), "[]");
    let uuid = "12345678-1234-5678-1234-567812345678";
    round_trip(
        &uuid.parse::<Uuid>().unwrap(),
        &Value::Uuid(uuid.parse::<Uuid>().unwrap().into()),
        &format!("\"{uuid}\""),
    );
    for (micros, json) in [
        (0, "1970-01-01T00:00:00Z"),
        (1_709_168_523_000_006, "2024-02-29T01:02:03.000006Z"),
        (-1, "1969-12-31T23:59:59.999999Z"),
    ] {
        let python = Value::DateTime(DateTime { local_micros: micros, offset: Some(0) });
        round_trip(&UtcDateTime::from_micros(micros).unwrap(), &python, &format!("\"{json}\""));
    }
}

#[test]
fn flask_types_read_what_came_in_a_cookie() {
    let json = br#"{" t":[{" t":[1,"a"]},{" m":"<b>"},{" u":"00000000000000000000000000000007"},{" d":"Thu, 01 Jan 1970 00:00:01 GMT"},{" b":"aGk="}]}"#;
    let mut bytes = Vec::new();
    bridge::put_map(&mut bytes, &[(Value::Str("t".into()), Value::from_tagged_json(json).unwrap())]);
    let value = &bytes[3..];
    type All<P, M> = Tuple<(P, M, Uuid, UtcDateTime, Bytes)>;
    let all: All<Tuple<(u8, String)>, Markup> = rmp_serde::from_slice(value).unwrap();
    let Tuple((Tuple(pair), markup, uuid, when, raw)) = all;
    assert_eq!(
        (pair, markup.as_ref(), u128::from(uuid), when.micros(), raw.as_ref()),
        ((1, "a".to_owned()), "<b>", 7, 1_000_000, b"hi".as_slice())
    );
    assert!(rmp_serde::from_slice::<All<(u8, String), String>>(value).is_ok(), "plain types read them, too");
    assert!(rmp_serde::from_slice::<All<(u8, String), Uuid>>(value).is_err(), "and no other");
}

#[test]
fn flask_datetime_texts_are_read_as_python_writes_them() {
    for (text, micros) in [
        ("1970-01-01T00:00:01", 1_000_000),
        ("1970-01-01 00:00:00.5", 500_000),
        ("1970-01-01T00:00:00-01:30", 5_400_000_000),
    ] {
        assert_eq!(text.parse(), UtcDateTime::from_micros(micros), "{text}");
    }
    for text in [
        "",
        "1970-01-01",
        "1970-02-30T00:00:00Z",
        "1970-01-01T00:00:00.",
        "1970-01-01T00:00:00.1234567",
        "1970-01-01T00:00:00+0100",
        "0001-01-01T00:00:00+01:00",
        "1970-01-01T00:00:00é",
    ] {
        assert_eq!(text.parse::<UtcDateTime>(), Err(OutOfRange), "{text}");
    }
    let now = std::time::SystemTime::now();
    let time = UtcDateTime::try_from(now).unwrap();
    assert!(now.duration_since(time.into()).unwrap().as_micros() < 1);
    assert_eq!(UtcDateTime::try_from(session_core::Timestamp::MAX), Err(OutOfRange));
}
