//! The six tags of a stock Flask, read strictly: one spelling that Flask writes, and the looser ones that cost nothing.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::calendar::{FIRST, LAST};
use crate::http_date;
use crate::value::{DateTime, Value};

pub(super) const TUPLE: &str = " t";
pub(super) const BYTES: &str = " b";
pub(super) const MARKUP: &str = " m";
pub(super) const UUID: &str = " u";
pub(super) const DATETIME: &str = " d";
/// A dict whose one key looks like a tag: the key inside has [`SUFFIX`] behind it.
pub(super) const DICT: &str = " di";
pub(super) const SUFFIX: &str = "__";

pub(super) fn is_tag(name: &str) -> bool {
    [TUPLE, BYTES, MARKUP, UUID, DATETIME, DICT].contains(&name)
}

/// What a tag makes of the value beneath it; nothing where that is no such value.
pub(super) fn untag(tag: &str, value: Value) -> Option<Value> {
    match (tag, value) {
        (TUPLE, Value::List(items)) => Some(Value::Tuple(items)),
        (BYTES, Value::Str(text)) => STANDARD.decode(text).ok().map(Value::Bytes),
        (MARKUP, Value::Str(text)) => Some(Value::Markup(text)),
        (UUID, Value::Str(text)) => uuid(&text).map(Value::Uuid),
        (DATETIME, Value::Str(text)) => Some(datetime(&text)),
        (DATETIME, Value::None) => Some(Value::None),
        (DICT, Value::Dict(pairs)) => unsuffixed(pairs),
        _ => None,
    }
}

/// What Python's `UUID()` takes: hyphens, braces, `urn:uuid:` and capitals.
pub(crate) fn uuid(text: &str) -> Option<[u8; 16]> {
    let text = text.replace("urn:", "").replace("uuid:", "");
    let digits = text.trim_matches(['{', '}']).replace('-', "");
    let hex = digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if hex { u128::from_str_radix(&digits, 16).ok().map(u128::to_be_bytes) } else { None }
}

/// A date that cannot be read is `None`, as in Flask; so is one whose moment is beyond the years that Python has, which Flask reads and
/// cannot write again.
fn datetime(text: &str) -> Value {
    match http_date::read(text) {
        Some((seconds, offset)) if (FIRST..=LAST).contains(&(seconds - i64::from(offset))) => {
            Value::DateTime(DateTime { local_micros: seconds * 1_000_000, offset: Some(offset) })
        }
        _ => Value::None,
    }
}

fn unsuffixed(pairs: Vec<(Value, Value)>) -> Option<Value> {
    let [(Value::Str(name), value)] = <[_; 1]>::try_from(pairs).ok()? else { return None };
    let name = name.strip_suffix(SUFFIX)?.to_owned();
    Some(Value::Dict(vec![(Value::Str(name), value)]))
}
