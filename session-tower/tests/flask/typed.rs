//! The vectors' values: Python's types, as Rust sets and reads them.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use session_cookie::session_flask::types::{Bytes, Tuple, UtcDateTime};
use session_tower::{Session, SessionError};

/// A value of a vector, to be set.
pub(crate) struct Typed<'a>(pub(crate) &'a Value);

impl Serialize for Typed<'_> {
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        let list = |items: &Value| items.as_array().unwrap().iter().map(plain).collect::<Vec<_>>();
        match one_purpose(self.0) {
            Some(("int", number)) => number.as_str().unwrap().parse::<i64>().unwrap().serialize(output),
            Some(("bytes", hex)) => Bytes(unhex(hex.as_str().unwrap())).serialize(output),
            Some(("datetime", _)) => moment(self.0).serialize(output),
            Some(("tuple", items)) => Tuple(list(items)).serialize(output),
            _ => self.0.serialize(output),
        }
    }
}

/// The value under a key, in the form of [`plain`].
pub(crate) fn read(session: &Session, key: &str) -> Result<Option<Value>, SessionError> {
    if let Ok(Some(bytes)) = session.get::<Bytes>(key)
        && session.get::<String>(key).is_err()
    {
        return Ok(Some(json!({ "bytes": bytes.0 })));
    }
    if let Ok(Some(moment)) = session.get::<UtcDateTime>(key)
        && session.get::<String>(key).is_err()
    {
        return Ok(Some(json!({ "datetime": moment.to_string() })));
    }
    Ok(session.get::<Value>(key)?)
}

/// A wanted value in the form in which it is read: what comes as a tuple may be read as a list.
pub(crate) fn plain(wanted: &Value) -> Value {
    match one_purpose(wanted) {
        Some(("int", number)) => json!(number.as_str().unwrap().parse::<i64>().unwrap()),
        Some(("bytes", hex)) => json!({ "bytes": unhex(hex.as_str().unwrap()) }),
        Some(("datetime", _)) => json!({ "datetime": moment(wanted).to_string() }),
        Some(("tuple", items)) => items.as_array().unwrap().iter().map(plain).collect(),
        Some(("dict", pairs)) => {
            let pairs = pairs.as_array().unwrap().iter();
            let named = pairs.map(|pair| (pair[0].as_str().unwrap().to_owned(), plain(&pair[1])));
            json!(named.collect::<BTreeMap<_, _>>())
        }
        _ => wanted.clone(),
    }
}

/// The one key of an object that stands for a Python value.
fn one_purpose(value: &Value) -> Option<(&str, &Value)> {
    let (kind, held) = value.as_object()?.iter().find(|(kind, _)| *kind != "offset")?;
    Some((kind, held))
}

fn moment(value: &Value) -> UtcDateTime {
    assert_eq!(value["offset"], 0, "the vectors' are in UTC");
    value["datetime"].as_str().unwrap().parse().unwrap()
}

fn unhex(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}
