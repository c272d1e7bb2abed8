//! Neutral values, JSON that can say every Python value, as `Value`s.

use serde_json::Value as Json;
use session_flask::{DateTime, Int, Value};

use super::{text, unhex};

/// The value; nothing for one that `Value` does not have.
pub(crate) fn value(neutral: &Json) -> Option<Value> {
    Some(match neutral {
        Json::Null => Value::None,
        Json::Bool(truth) => Value::Bool(*truth),
        Json::String(text) => Value::Str(text.clone()),
        Json::Array(items) => Value::List(values(items)?),
        Json::Number(_) => return None,
        Json::Object(object) => match object.keys().next()?.as_str() {
            "bits" | "float" => Value::Float(f64::from_bits(u64::from_str_radix(text(neutral, "bits"), 16).unwrap())),
            "datetime" | "offset" => Value::DateTime(datetime(neutral)),
            form => of_form(form, &neutral[form])?,
        },
    })
}

fn of_form(form: &str, inside: &Json) -> Option<Value> {
    let text = || inside.as_str().unwrap().to_owned();
    let items = || values(inside.as_array().unwrap());
    Some(match form {
        "int" => Value::Int(text().parse().map_or_else(|_| Int::Big(text()), Int::Small)),
        "dict" => Value::Dict(inside.as_array()?.iter().map(pair).collect::<Option<_>>()?),
        "tuple" => Value::Tuple(items()?),
        "set" => Value::Set(items()?),
        "frozenset" => Value::FrozenSet(items()?),
        "bytes" => Value::Bytes(unhex(&text())),
        "bytearray" => Value::ByteArray(unhex(&text())),
        "uuid" => Value::Uuid(unhex(&text().replace('-', "")).try_into().unwrap()),
        "markup" => Value::Markup(text()),
        "ext" => Value::Ext(i8::try_from(inside[0].as_i64()?).ok()?, unhex(inside[1].as_str()?)),
        _ => return None,
    })
}

fn values(items: &[Json]) -> Option<Vec<Value>> {
    items.iter().map(value).collect()
}

fn pair(pair: &Json) -> Option<(Value, Value)> {
    Some((value(&pair[0])?, value(&pair[1])?))
}

/// `2024-01-02T03:04:05.000006`
fn datetime(neutral: &Json) -> DateTime {
    let text = text(neutral, "datetime");
    let part = |from: usize, to: usize| text[from..to].parse::<i64>().unwrap();
    let (year, month, day) = (part(0, 4), part(5, 7), part(8, 10));
    let before = |year: i64| 365 * year + year / 4 - year / 100 + year / 400;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let months = [31, 28 + i64::from(leap), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let in_year: i64 = months[..usize::try_from(month).unwrap() - 1].iter().sum();
    let days = before(year - 1) - before(1969) + in_year + day - 1;
    let seconds = days * 86_400 + part(11, 13) * 3_600 + part(14, 16) * 60 + part(17, 19);
    let micros = text.get(20..26).map_or(0, |digits| digits.parse::<i64>().unwrap());
    let offset = neutral["offset"].as_i64().map(|seconds| i32::try_from(seconds).unwrap());
    DateTime { local_micros: seconds * 1_000_000 + micros, offset }
}

/// Equality where floats are compared by their bits, any NaN with any NaN, and sets and dicts have no order.
pub(crate) fn same(a: &Value, b: &Value) -> bool {
    let all = |a: &[Value], b: &[Value]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b));
    let unordered = |a: &[Value], b: &[Value]| a.len() == b.len() && a.iter().all(|a| b.iter().any(|b| same(a, b)));
    match (a, b) {
        (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan(),
        (Value::List(a), Value::List(b)) | (Value::Tuple(a), Value::Tuple(b)) => all(a, b),
        (Value::Set(a), Value::Set(b)) | (Value::FrozenSet(a), Value::FrozenSet(b)) => unordered(a, b),
        (Value::Dict(a), Value::Dict(b)) => {
            let within =
                |pair: &(Value, Value)| b.iter().any(|other| same(&pair.0, &other.0) && same(&pair.1, &other.1));
            a.len() == b.len() && a.iter().all(within)
        }
        _ => a == b,
    }
}

/// The value with every naive datetime in UTC: Flask 1.1 read the same text as a naive one that Flask 2 and later read as UTC.
pub(crate) fn aware(value: Value) -> Value {
    let all = |items: Vec<Value>| items.into_iter().map(aware).collect();
    match value {
        Value::DateTime(naive) => Value::DateTime(DateTime { offset: naive.offset.or(Some(0)), ..naive }),
        Value::List(items) => Value::List(all(items)),
        Value::Tuple(items) => Value::Tuple(all(items)),
        Value::Dict(pairs) => Value::Dict(pairs.into_iter().map(|(name, value)| (name, aware(value))).collect()),
        other => other,
    }
}
