//! Between a session as Flask has it, a dict, and a record: what the library keeps, flashed messages, and what no record holds.

use std::collections::HashSet;

use bytes::Bytes;
use session_core::{Error, Life, Record, Result};

use crate::kept::{Kept, RESERVED};
use crate::private::{self, Kind};
use crate::value::Value;
use crate::{bridge, tagged};

type Pairs = Vec<(Value, Value)>;

/// Where Flask keeps flashed messages: a list of tuples.
const FLASHES: &str = "_flashes";

/// The bounds of a record.
const MAX_NAME: usize = 256;
const MAX_KEYS: usize = 1024;
const MAX_DEPTH: usize = 64;

/// The record of a session; nothing where it holds something else under the reserved key.
pub(crate) fn record(pairs: Pairs, life: Life) -> Option<Record> {
    let (pairs, rest) = split(pairs);
    let mut held = Vec::with_capacity(pairs.len() + 1);
    for (name, value) in pairs {
        let value = if depth(&value) > MAX_DEPTH { as_json(&value)? } else { value };
        held.push((name, value));
    }
    if !rest.is_empty() {
        held.push((rest_key(), as_json(&Value::Dict(rest))?));
    }
    let mut bytes = Vec::new();
    bridge::put_map(&mut bytes, &held);
    Record::decode(&Bytes::from(bytes), life).ok()
}

/// The session of a record.
pub(crate) fn pairs(record: &Record, kept: &Kept) -> Result<Pairs> {
    let Some(Value::Dict(mut pairs)) = bridge::take(&record.encode()?) else {
        return Err(Error::Corrupt { reason: "it holds an extension that is none" });
    };
    merge_rest(&mut pairs);
    pairs.retain_mut(|(name, value)| !is(name, RESERVED) || kept.put_into(value));
    pairs.iter_mut().filter(|(name, _)| is(name, FLASHES)).for_each(|(_, flashes)| as_tuples(flashes));
    Ok(pairs)
}

/// The session's JSON text; an error names the key whose value Flask cannot hold.
pub(crate) fn json(pairs: &[(Value, Value)]) -> Result<String> {
    tagged::write_dict(pairs).map_err(|whole| {
        let culprit = pairs.iter().find_map(|(name, value)| Some((name, tagged::write(value).err()?)));
        let (key, why) = culprit.map_or(("", whole), |(name, why)| (text(name).unwrap_or_default(), why));
        Error::Value { key: key.to_owned(), problem: why.to_string().into() }
    })
}

fn text(name: &Value) -> Option<&str> {
    if let Value::Str(name) = name { Some(name) } else { None }
}

fn is(name: &Value, wanted: &str) -> bool {
    text(name) == Some(wanted)
}

/// The pairs that a record can hold, and the rest: keys that are too long or too many.
fn split(pairs: Pairs) -> (Pairs, Pairs) {
    let (mut held, mut rest): (Pairs, Pairs) =
        pairs.into_iter().partition(|(name, _)| matches!(name, Value::Str(name) if name.len() <= MAX_NAME));
    // One place is for the rest itself. The reserved key comes first, so that it is not cut off.
    held.sort_by_key(|(name, _)| !is(name, RESERVED));
    rest.extend(held.split_off(held.len().min(MAX_KEYS - 1)));
    (held, rest)
}

/// The key under which the rest lies: no text, so that no application sees it.
fn rest_key() -> Value {
    Value::Ext(private::CODE, Kind::Rest.wrap(&[]))
}

/// What is nested too deeply for a record lies in it as text: kept, and read by nobody.
fn as_json(value: &Value) -> Option<Value> {
    let text = tagged::write(value).ok()?;
    Some(Value::Ext(private::CODE, Kind::Json.wrap(text.as_bytes())))
}

/// How deeply lists and dicts are nested that hold something.
fn depth(value: &Value) -> usize {
    match value {
        Value::List(items) | Value::Tuple(items) => items.iter().map(|item| 1 + depth(item)).max().unwrap_or(0),
        Value::Dict(pairs) => pairs.iter().map(|(_, value)| 1 + depth(value)).max().unwrap_or(0),
        _ => 0,
    }
}

/// Puts the rest back among the others. A key that was set meanwhile, because the rest is not seen, counts.
fn merge_rest(pairs: &mut Pairs) {
    let Some(at) = pairs.iter().position(|(name, _)| *name == rest_key()) else { return };
    if let (_, Value::Dict(mut rest)) = pairs.remove(at) {
        let held: HashSet<&str> = pairs.iter().filter_map(|(name, _)| text(name)).collect();
        rest.retain(|(name, _)| text(name).is_none_or(|name| !held.contains(name)));
        pairs.extend(rest);
    }
}

/// Flask's form of flashed messages: each a tuple of category and text.
fn as_tuples(flashes: &mut Value) {
    let Value::List(flashes) = flashes else { return };
    for flash in flashes {
        if let Value::List(pair) = flash
            && pair.len() == 2
        {
            *flash = Value::Tuple(std::mem::take(pair));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Int;
    use session_core::Timestamp;

    #[test]
    fn s33_flask_a_key_that_is_set_counts_over_the_one_that_is_not_seen() {
        let pair = |name: &str, number: i64| (Value::Str(name.into()), Value::Int(Int::Small(number)));
        let rest = as_json(&Value::Dict(vec![pair("a", 1), pair("b", 1)])).unwrap();
        let mut bytes = Vec::new();
        bridge::put_map(&mut bytes, &[(rest_key(), rest), pair("a", 2)]);
        let life = Life { created: Timestamp::from_millis(1), absolute: Timestamp::from_millis(2) };
        let record = Record::decode(&Bytes::from(bytes), life).unwrap();
        let written = json(&pairs(&record, &Kept::default()).unwrap()).unwrap();
        assert_eq!(written, r#"{"_session":[1,1,2],"a":2,"b":1}"#);
    }
}
