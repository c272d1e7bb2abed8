//! JSON records: one object, as Flask-Session writes it with `SESSION_SERIALIZATION_FORMAT=json`.

use std::borrow::Cow;
use std::fmt;

use bytes::{BufMut, Bytes, BytesMut};
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use super::codec::{Codec, Malformed};
use super::{Life, MAX_DEPTH, Name, RESERVED, Record};
use crate::clock::Timestamp;

/// The format of the reserved key that this version writes, and the newest that it reads.
const FORMAT: u64 = 1;

/// The top level's pairs, their values as they stand in the input.
struct Pairs<'a>(Vec<(Text<'a>, &'a RawValue)>);

#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Pairs<'a> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Pairs<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        input.deserialize_map(Collect)
    }
}

/// Refuses deeper nesting than `most` before anything recursive sees the text.
fn check_depth(text: &[u8], most: usize) -> Result<(), Malformed> {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for &byte in text {
        match (in_string, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_string = !in_string,
            (false, b'[' | b'{') => depth += 1,
            (false, b']' | b'}') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > most {
            return Err(Malformed("a value is nested more than 64 deep"));
        }
    }
    Ok(())
}

pub(super) fn decode(stored: &Bytes, life: Life) -> Result<Record, Malformed> {
    check_depth(stored, MAX_DEPTH + 2)?;
    let Pairs(pairs) = serde_json::from_slice(stored).map_err(|_| Malformed("it is no JSON object"))?;
    let mut record = Record::new(Codec::Json, life);
    for (Text(name), value) in pairs {
        let value = stored.slice_ref(value.get().as_bytes());
        if name == RESERVED {
            read_reserved(&mut record, &value)?;
        } else {
            record.absorb(Name::Text(Bytes::copy_from_slice(name.as_bytes())), value)?;
        }
    }
    Ok(record)
}

/// `[format, created, absolute deadline, …]`; what follows belongs to later versions and is kept.
fn read_reserved(record: &mut Record, value: &Bytes) -> Result<(), Malformed> {
    const WRONG: Malformed = Malformed("the reserved key holds something else");
    let list: Vec<&RawValue> = serde_json::from_slice(value).map_err(|_| WRONG)?;
    let [format, created, absolute, later @ ..] = list.as_slice() else { return Err(WRONG) };
    let number = |raw: &RawValue| raw.get().parse::<u64>().map_err(|_| WRONG);
    if number(format)? != FORMAT {
        return Err(Malformed("a newer version of this library wrote it"));
    }
    let (created, absolute) = (number(created)?, number(absolute)?);
    record.life = Life { created: Timestamp::from_millis(created), absolute: Timestamp::from_millis(absolute) };
    record.later = later.iter().map(|raw| raw.get()).collect::<Vec<_>>().join(",").into();
    Ok(())
}

pub(super) fn encode(record: &Record) -> Bytes {
    let mut out = BytesMut::new();
    out.put_u8(b'{');
    for slot in &record.slots {
        put_name(&mut out, slot.name.as_str().unwrap_or_default());
        out.put_slice(&slot.value);
        out.put_u8(b',');
    }
    put_name(&mut out, RESERVED);
    let (created, absolute) = (record.life.created.as_millis(), record.life.absolute.as_millis());
    out.put_slice(format!("[{FORMAT},{created},{absolute}").as_bytes());
    if !record.later.is_empty() {
        out.put_u8(b',');
        out.put_slice(&record.later);
    }
    out.put_slice(b"]}");
    out.freeze()
}

/// The reserved key's later fields with this text as the third, behind owner and generation.
pub(super) fn with_mark(later: &[u8], mark: &str) -> Bytes {
    let list = [b"[", later, b"]"].concat();
    let fields: Vec<&RawValue> = serde_json::from_slice(&list).unwrap_or_default();
    let field = |n: usize, missing| fields.get(n).map_or(missing, |raw| raw.get());
    let mark = serde_json::Value::from(mark).to_string();
    let rest = fields.iter().skip(3).map(|raw| raw.get());
    let all: Vec<&str> = [field(0, "null"), field(1, "0"), &mark].into_iter().chain(rest).collect();
    all.join(",").into()
}

/// The mark among the reserved key's later fields.
pub(super) fn mark(later: &[u8]) -> Option<String> {
    let list = [b"[", later, b"]"].concat();
    let fields: Vec<&RawValue> = serde_json::from_slice(&list).ok()?;
    serde_json::from_str(fields.get(2)?.get()).ok()
}

fn put_name(out: &mut BytesMut, name: &str) {
    out.put_slice(serde_json::Value::from(name).to_string().as_bytes());
    out.put_u8(b':');
}

pub(super) fn write<V: Serialize + ?Sized>(value: &V) -> Result<Bytes, Malformed> {
    let text = serde_json::to_vec(value).map_err(|_| Malformed("the value cannot be encoded as JSON"))?;
    check_depth(&text, MAX_DEPTH + 1)?;
    Ok(text.into())
}

pub(super) fn read<T: DeserializeOwned>(value: &[u8]) -> Option<T> {
    serde_json::from_slice(value).ok()
}

pub(super) fn is_truthy(value: &[u8]) -> bool {
    match value {
        b"null" | b"false" | b"\"\"" => false,
        [b'[' | b'{', inside @ .., _] => !inside.iter().all(u8::is_ascii_whitespace),
        [b'-' | b'0'..=b'9', ..] => read::<f64>(value) != Some(0.0),
        _ => true,
    }
}

pub(super) fn kind(value: &[u8]) -> &'static str {
    match value.first() {
        Some(b'n') => "nothing (null)",
        Some(b't' | b'f') => "true or false",
        Some(b'"') => "a text",
        Some(b'[') => "a list",
        Some(b'{') => "a map",
        Some(_) => "a number",
        None => "no value",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFE: Life = Life { created: Timestamp::from_millis(1), absolute: Timestamp::from_millis(2) };

    fn decoded(text: &str) -> crate::Result<Record> {
        Record::decode(&Bytes::copy_from_slice(text.as_bytes()), LIFE)
    }

    #[test]
    fn flask_session_json_is_read_and_its_values_come_back_as_they_stood() {
        let record = decoded(r#"{"_permanent":true,"naïve \"key\"":[1.50,"\u00e9"],"n":1e2}"#).unwrap();
        assert!(record.is_permanent());
        assert_eq!(record.names().collect::<Vec<_>>(), ["naïve \"key\"", "n"]);
        let again = record.encode().unwrap();
        let expected = r#"{"_permanent":true,"naïve \"key\"":[1.50,"\u00e9"],"n":1e2,"_session":[1,1,2]}"#;
        assert_eq!(std::str::from_utf8(&again).unwrap(), expected);
        assert_eq!(Record::decode(&again, LIFE).unwrap(), record);
    }

    #[test]
    fn s33_of_keys_that_stand_twice_the_last_counts_and_later_fields_survive() {
        let text = r#"{"a":2,"_session":[1,5,6,"owner",[1,2]]}"#;
        assert_eq!(decoded(&text.replace("\"a\":2", "\"a\":1,\"a\":2")).unwrap().encode().unwrap(), text.as_bytes());
        let marked = decoded(text).unwrap().marked("é").marked("m").encode().unwrap();
        assert_eq!(marked, text.replace("[1,2]]", "[1,2],\"m\"]").as_bytes());
        assert!(decoded("{}").unwrap().marked("m").encode().unwrap().ends_with(b",null,0,\"m\"]}"));
        assert!(decoded(r#"{"_session":[2,5,6]}"#).is_err());
        assert!(decoded(r#"{"_session":"mine"}"#).is_err());
    }

    #[test]
    fn s29_depth_is_bounded_on_the_way_in_and_out() {
        let deep = |levels: usize| format!(r#"{{"a":{}1{}}}"#, "[".repeat(levels), "]".repeat(levels));
        assert!(decoded(&deep(65)).is_ok());
        assert!(decoded(&deep(66)).is_err());
        assert!(decoded(&deep(100_000)).is_err());
        assert!(decoded(r#"{"a":"[[[[\"[[[["}"#).is_ok());
        for broken in ["{", r#"{"a":NaN}"#, r#"{"a":1}x"#, "{1:2}"] {
            assert!(decoded(broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn permanent_follows_pythons_truth() {
        for (value, truth) in
            [("0", false), ("-0.0", false), ("0e5", false), ("1", true), ("[ ]", false), ("[0]", true), ("\"\"", false)]
        {
            assert_eq!(decoded(&format!(r#"{{"_permanent":{value}}}"#)).unwrap().is_permanent(), truth, "{value}");
        }
    }
}
