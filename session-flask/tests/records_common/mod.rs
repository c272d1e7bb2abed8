//! The vectors of the real library: files, counts, and values in their neutral form.
#![allow(dead_code, clippy::unwrap_used, reason = "a part for each test file, and all of it tests")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value as Json;
use session_flask::{DateTime, Int, Value};

/// The vectors of a file, in the folder that `SESSION_FLASK_VECTORS` names or among the fixtures.
pub(crate) fn vectors(file: &str) -> Vec<Json> {
    let fixtures = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let folder = std::env::var_os("SESSION_FLASK_VECTORS").map_or_else(fixtures, PathBuf::from);
    let path = folder.join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut all: Json = serde_json::from_str(&text).unwrap();
    let Json::Array(vectors) = all["vectors"].take() else { panic!("{file} holds no vectors") };
    assert_eq!(Some(vectors.len() as u64), all["count"].as_u64(), "{file}");
    vectors
}

/// How many vectors of which kind were held against the code; printed at the end.
#[derive(Default)]
pub(crate) struct Counts(BTreeMap<String, usize>);

impl Counts {
    pub(crate) fn add(&mut self, what: impl Into<String>) {
        *self.0.entry(what.into()).or_default() += 1;
    }

    pub(crate) fn print(&self, file: &str) -> usize {
        let total = self.0.values().sum();
        println!("{file}: {total} {:?}", self.0);
        total
    }
}

pub(crate) fn text<'a>(vector: &'a Json, field: &str) -> &'a str {
    vector[field].as_str().unwrap_or_else(|| panic!("{}: no text {field}", vector["id"]))
}

pub(crate) fn unhex(hex: &str) -> Vec<u8> {
    assert!(hex.len().is_multiple_of(2));
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// A neutral value as a `Value`; nothing where there is no such variant (date, time, timedelta, Decimal, lone surrogates).
pub(crate) fn value(neutral: &Json) -> Option<Value> {
    Some(match neutral {
        Json::Null => Value::None,
        Json::Bool(truth) => Value::Bool(*truth),
        Json::String(text) => Value::Str(text.clone()),
        Json::Array(items) => Value::List(all(items)?),
        Json::Object(form) => {
            let (kind, content) = form.iter().next().unwrap();
            tagged(kind, content, form)?
        }
        Json::Number(_) => panic!("a bare number"),
    })
}

fn all(items: &[Json]) -> Option<Vec<Value>> {
    items.iter().map(value).collect()
}

fn tagged(kind: &str, content: &Json, form: &serde_json::Map<String, Json>) -> Option<Value> {
    let items = || all(content.as_array().unwrap());
    let string = || content.as_str().unwrap();
    Some(match kind {
        "int" => Value::Int(string().parse().map_or_else(|_| Int::Big(string().into()), Int::Small)),
        "bits" | "float" => {
            Value::Float(f64::from_bits(u64::from_str_radix(form["bits"].as_str().unwrap(), 16).unwrap()))
        }
        "dict" => {
            let pair = |pair: &Json| Some((value(&pair[0])?, value(&pair[1])?));
            Value::Dict(content.as_array().unwrap().iter().map(pair).collect::<Option<_>>()?)
        }
        "tuple" => Value::Tuple(items()?),
        "set" => Value::Set(items()?),
        "frozenset" => Value::FrozenSet(items()?),
        "bytes" => Value::Bytes(unhex(string())),
        "bytearray" => Value::ByteArray(unhex(string())),
        "datetime" => moment(string(), &form["offset"]),
        "offset" => moment(form["datetime"].as_str().unwrap(), content),
        "uuid" => Value::Uuid(unhex(&string().replace('-', "")).try_into().unwrap()),
        "markup" => Value::Markup(string().into()),
        "ext" => {
            let code = i8::try_from(content[0].as_i64().unwrap()).unwrap();
            Value::Ext(code, unhex(content[1].as_str().unwrap()))
        }
        "utf16" | "date" | "time" | "timedelta" | "decimal" => return None,
        unknown => panic!("{unknown}"),
    })
}

/// By a plain count of days, another one than the library's.
fn moment(text: &str, offset: &Json) -> Value {
    let number = |from: usize, to: usize| text[from..to].parse::<i64>().unwrap();
    let (year, month, day) = (number(0, 4), number(5, 7), number(8, 10));
    let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let years: i64 = (1..year).map(|year| 365 + i64::from(leap(year))).sum();
    let lengths = [31, 28 + i64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let months: i64 = lengths.iter().take(usize::try_from(month - 1).unwrap()).sum();
    let days = years + months + day - 1 - 719_162;
    let seconds = (number(11, 13) * 60 + number(14, 16)) * 60 + number(17, 19);
    let local_micros = (days * 86_400 + seconds) * 1_000_000 + number(20, 26);
    Value::DateTime(DateTime { local_micros, offset: offset.as_i64().map(|offset| i32::try_from(offset).unwrap()) })
}

/// Equal as Python values are written: floats by their bits (any NaN equals any NaN), dicts in their order, sets in none.
pub(crate) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()),
        (Value::List(a), Value::List(b)) | (Value::Tuple(a), Value::Tuple(b)) => in_order(a, b),
        (Value::Set(a), Value::Set(b)) | (Value::FrozenSet(a), Value::FrozenSet(b)) => {
            a.len() == b.len() && a.iter().all(|a| b.iter().any(|b| same(a, b)))
        }
        (Value::Dict(a), Value::Dict(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(&a.0, &b.0) && same(&a.1, &b.1))
        }
        _ => a == b,
    }
}

fn in_order(a: &[Value], b: &[Value]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
}
