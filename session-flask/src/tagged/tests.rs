use super::write::Unwritable;
use super::*;
use crate::value::{DateTime, Int};

fn text(text: &str) -> Value {
    Value::Str(text.into())
}

fn written(value: &Value) -> String {
    write(value).unwrap()
}

#[test]
fn flask_json_floats_are_pythons() {
    for (float, text) in [
        (0.1, "0.1"),
        (1.0, "1.0"),
        (-0.0, "-0.0"),
        (1e15, "1000000000000000.0"),
        (9_999_999_999_999_998.0, "9999999999999998.0"),
        (1e16, "1e+16"),
        (0.0001, "0.0001"),
        (0.00012, "0.00012"),
        (0.000_012, "1.2e-05"),
        (5e-324, "5e-324"),
        (f64::NAN, "NaN"),
    ] {
        assert_eq!(written(&Value::Float(float)), text);
    }
}

#[test]
fn flask_json_keys_that_are_no_text_are_sorted_before_they_become_text() {
    let int = |n| Value::Int(Int::Small(n));
    let dict = |keys: Vec<Value>| Value::Dict(keys.into_iter().map(|key| (key, Value::None)).collect());
    assert_eq!(
        written(&dict(vec![int(10), int(9), Value::Float(9.5), Value::Bool(true)])),
        r#"{"true":null,"9":null,"9.5":null,"10":null}"#
    );
    assert_eq!(written(&dict(vec![Value::None])), r#"{"null":null}"#);
    assert_eq!(write(&dict(vec![int(1), text("a")])), Err(Unwritable::Keys));
    assert_eq!(write(&dict(vec![Value::Tuple(vec![])])), Err(Unwritable::Keys));
}

#[test]
fn flask_json_cannot_hold_what_flask_cannot() {
    assert_eq!(write(&Value::Set(vec![])), Err(Unwritable::Kind("set")));
    let late = Value::DateTime(DateTime { local_micros: 253_402_300_799_999_999, offset: Some(-1) });
    assert_eq!(write(&late), Err(Unwritable::Year));
}

#[test]
fn s29_flask_json_depth_is_bounded_both_ways() {
    let nested = |depth: usize| (0..depth).fold(Value::None, |inner, _| Value::List(vec![inner]));
    let deepest = written(&nested(128));
    assert!(read(deepest.as_bytes()).unwrap() == nested(128));
    assert_eq!(write(&nested(129)), Err(Unwritable::Depth));
    assert!(read(format!("[{deepest}]").as_bytes()).is_none());
    let hostile = "[".repeat(1_000_000);
    let small_stack = std::thread::Builder::new().stack_size(512 * 1024);
    assert!(small_stack.spawn(move || read(hostile.as_bytes()).is_none()).unwrap().join().unwrap());
}

#[test]
fn flask_json_is_refused_where_it_is_none() {
    for broken in [
        "",
        " ",
        "{",
        "[1,]",
        "[1 2]",
        "{\"a\" 1}",
        "{a:1}",
        "01",
        "-",
        "1.",
        ".5",
        "1e",
        "+1",
        "nul",
        "truex",
        "\"",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"\\u+123\"",
        "\"\\ud800\"",
        "\"\\ud800\\u0041\"",
        "\"\\udc00\\ud800\"",
        "\"\u{1}\"",
        "[]]",
        "\u{feff}1",
        "1\u{a0}",
        r#"{" t":{}}"#,
        r#"{" b":"aGk"}"#,
        r#"{" u":"+2345678123456781234567812345678"}"#,
        r#"{" di":{"a":1}}"#,
    ] {
        assert!(read(broken.as_bytes()).is_none(), "{broken}");
    }
    for odd in ["1e400", "-0", "[ ]", " { } ", "\"\\/\"", "0.5E-7", "NaN", "-Infinity", r#"{" d":"never"}"#] {
        assert!(read(odd.as_bytes()).is_some(), "{odd}");
    }
}

#[test]
fn s33_flask_json_of_keys_that_stand_twice_the_last_counts() {
    assert_eq!(written(&read(br#"{"b":1,"a":2,"b":3}"#).unwrap()), r#"{"a":2,"b":3}"#);
    assert!(read(br#"{" t":5," t":[1]}"#).unwrap() == Value::Tuple(vec![Value::Int(Int::Small(1))]));
}
