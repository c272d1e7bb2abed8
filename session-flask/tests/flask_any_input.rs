//! Whatever comes in: no panic, and what is taken comes back.
#![allow(clippy::unwrap_used)]

mod common;

use std::time::Duration;

use common::neutral::same;
use proptest::prelude::*;
use session_core::Timestamp;
use session_flask::{DateTime, FlaskCookie, Int, Kept, Signer, SignerConfig, Value, parse_cookie};

const NOW: Timestamp = Timestamp::from_millis(1_735_689_600_000);

fn signer() -> Signer {
    Signer::new("a key for tests, long enough to be taken", [""; 0], &SignerConfig::default()).unwrap()
}

/// One value and dicts, lists and tuples of them, as Flask's cookie can hold.
fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::None),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(|small| Value::Int(Int::Small(small))),
        any::<u64>().prop_map(|low| Value::Int(Int::Big(format!("9{low:020}")))),
        any::<f64>().prop_map(Value::Float),
        any::<String>().prop_map(Value::Str),
        any::<String>().prop_map(Value::Markup),
        any::<Vec<u8>>().prop_map(Value::Bytes),
        any::<[u8; 16]>().prop_map(Value::Uuid),
        (-30_000_000_000_i64..200_000_000_000)
            .prop_map(|seconds| Value::DateTime(DateTime { local_micros: seconds * 1_000_000, offset: Some(0) })),
    ];
    leaf.prop_recursive(6, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::List),
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Tuple),
            dicts(inner),
        ]
    })
}

fn dicts(values: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    let names = prop_oneof![any::<String>(), "( t| b| m| u| d| di)(__)?", "[a-c]"];
    prop::collection::btree_map(names, values, 0..4)
        .prop_map(|map| Value::Dict(map.into_iter().map(|(name, value)| (Value::Str(name), value)).collect()))
}

/// Words of TaggedJSON in any order: more often well-formed than any bytes.
fn scraps() -> impl Strategy<Value = String> {
    let words = [
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\\",
        "\\u",
        "\\ud83d\\ude00",
        "{\" t\":[",
        "{\" b\":\"",
        "{\" d\":\"",
        "{\" di\":{\"",
        "{\" u\":\"",
        "Thu, 29 Feb 2024 23:59:59 GMT",
        "aGk=",
        "a\":",
        "1",
        "-",
        "0",
        ".",
        "e",
        "NaN",
        "-Infinity",
        "null",
        "é",
        " ",
    ];
    prop::collection::vec(prop::sample::select(words.to_vec()), 0..30).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(10_000) })]

    #[test]
    fn s29_flask_any_cookie_is_a_session_or_none(text in ".{0,80}", payload in "[.A-Za-z0-9_-]{0,80}", bytes: Vec<u8>) {
        let cookie = FlaskCookie::new(signer());
        prop_assert!(cookie.open(&text, NOW).is_none());
        // A good signature over whatever there is.
        let _ = cookie.open(&signer().sign(&payload, NOW), NOW);
        let _ = Value::from_tagged_json(&bytes);
        let _ = parse_cookie(&bytes);
    }

    #[test]
    fn s29_flask_any_json_is_a_value_or_none(text in scraps()) {
        if let Some(value) = Value::from_tagged_json(text.as_bytes()) {
            let written = value.to_tagged_json().unwrap();
            let again = Value::from_tagged_json(written.as_bytes()).unwrap();
            prop_assert_eq!(again.to_tagged_json().unwrap(), written);
        }
    }

    #[test]
    fn s20_flask_a_changed_cookie_opens_nothing(at: prop::sample::Index, to in "[.A-Za-z0-9_-]") {
        let cookie = FlaskCookie::new(signer());
        let whole = signer().sign("eyJhIjoxfQ", NOW);
        let at = at.index(whole.len());
        let changed = format!("{}{to}{}", &whole[..at], &whole[at + 1..]);
        prop_assert!(changed == whole || cookie.open_value(&changed, NOW).is_none());
        prop_assert!(cookie.open_value(&whole[..at], NOW).is_none());
        let longer = format!("{}{to}{}", &whole[..at], &whole[at..]);
        prop_assert!(cookie.open_value(&longer, NOW).is_none());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn flask_any_session_comes_back_as_it_was(session in dicts(values()), later in 0_u64..2_678_400) {
        let cookie = FlaskCookie::new(signer());
        let sealed = cookie.seal_value(&session, NOW).unwrap();
        let then = NOW.plus(Duration::from_secs(later));
        prop_assert!(same(&cookie.open_value(&sealed, then).unwrap(), &session));
        let record = cookie.open(&sealed, then).unwrap().record;
        let Some(Value::Dict(pairs)) = cookie.open_value(&cookie.seal(&record, &Kept::default(), then).unwrap(), then) else {
            return Err(TestCaseError::fail("a record's session is a dict"));
        };
        prop_assert!(same(&Value::Dict(pairs), &session), "through a record");
    }
}
