//! What a reader makes of the values that it finds: values, or nothing, where it only checks.

use std::collections::HashMap;

use crate::malformed::Malformed;
use crate::value::{Int, Value};

/// What the parts of a container become.
pub(crate) trait Build {
    /// What a value becomes.
    type Out;

    /// A value without parts.
    fn one(make: impl FnOnce() -> Value) -> Self::Out;
    /// A `list`.
    fn list(items: Vec<Self::Out>) -> Self::Out;
    /// A `tuple`.
    fn tuple(items: Vec<Self::Out>) -> Self::Out;
    /// A `dict`; of keys that stand twice the last value counts.
    fn dict(pairs: Vec<(Self::Out, Self::Out)>) -> Result<Self::Out, Malformed>;
}

/// Builds the values.
pub(crate) enum Values {}

/// Builds nothing and allocates nothing, for a check alone.
pub(crate) enum Nothing {}

impl Build for Values {
    type Out = Value;

    fn one(make: impl FnOnce() -> Value) -> Value {
        make()
    }
    fn list(items: Vec<Value>) -> Value {
        Value::List(items)
    }
    fn tuple(items: Vec<Value>) -> Value {
        Value::Tuple(items)
    }
    fn dict(pairs: Vec<(Value, Value)>) -> Result<Value, Malformed> {
        dict(pairs)
    }
}

impl Build for Nothing {
    type Out = ();

    fn one(_: impl FnOnce() -> Value) {}
    fn list(_: Vec<()>) {}
    fn tuple(_: Vec<()>) {}
    fn dict(_: Vec<((), ())>) -> Result<(), Malformed> {
        Ok(())
    }
}

/// A `dict` with unique keys: a key keeps its first place and takes its last value, as in Python.
pub(crate) fn dict(pairs: Vec<(Value, Value)>) -> Result<Value, Malformed> {
    let mut places: HashMap<Vec<u8>, usize> = HashMap::new();
    let mut unique: Vec<(Value, Value)> = Vec::new();
    for (key, value) in pairs {
        match places.entry(identity(&key, unique.len())?) {
            std::collections::hash_map::Entry::Occupied(place) => unique[*place.get()].1 = value,
            std::collections::hash_map::Entry::Vacant(place) => {
                place.insert(unique.len());
                unique.push((key, value));
            }
        }
    }
    Ok(Value::Dict(unique))
}

/// A set's members without repetitions.
pub(crate) fn members(items: Vec<Value>) -> Result<Vec<Value>, Malformed> {
    let pairs = items.into_iter().map(|item| (item, Value::None)).collect();
    let Value::Dict(unique) = dict(pairs)? else { return Ok(Vec::new()) };
    Ok(unique.into_iter().map(|(item, _)| item).collect())
}

/// Bytes that are equal where Python takes two keys for one; `place` keeps any two NaNs apart.
fn identity(key: &Value, place: usize) -> Result<Vec<u8>, Malformed> {
    let mut out = Vec::new();
    identify(key, place, &mut out)?;
    Ok(out)
}

fn identify(key: &Value, place: usize, out: &mut Vec<u8>) -> Result<(), Malformed> {
    match key {
        Value::None => out.push(b'0'),
        Value::Bool(truth) => tagged(out, b'n', if *truth { b"1" } else { b"0" }),
        Value::Int(Int::Small(small)) => tagged(out, b'n', small.to_string().as_bytes()),
        Value::Int(Int::Big(digits)) => tagged(out, b'n', digits.as_bytes()),
        // Any whole float prints as its exact digits, as the equal integer does.
        Value::Float(float) if float.fract() == 0.0 => tagged(out, b'n', format!("{:.0}", float + 0.0).as_bytes()),
        Value::Float(float) if float.is_nan() => tagged(out, b'?', &place.to_be_bytes()),
        Value::Float(float) => tagged(out, b'f', &float.to_be_bytes()),
        Value::Str(text) => tagged(out, b's', text.as_bytes()),
        Value::Markup(text) => tagged(out, b's', text.as_bytes()),
        Value::Bytes(bytes) => tagged(out, b'b', bytes),
        Value::Uuid(bytes) => tagged(out, b'u', bytes),
        Value::DateTime(moment) => identify_moment(moment, out),
        Value::Ext(code, bytes) => tagged(out, b'x', &[&code.to_be_bytes(), bytes.as_slice()].concat()),
        Value::Tuple(items) => {
            tagged(out, b't', &items.len().to_be_bytes());
            items.iter().try_for_each(|item| identify(item, place, out))?;
        }
        Value::FrozenSet(items) => {
            let mut all = items.iter().map(|item| identity(item, place)).collect::<Result<Vec<_>, _>>()?;
            all.sort();
            tagged(out, b'z', &all.concat());
        }
        Value::ByteArray(_) | Value::List(_) | Value::Dict(_) | Value::Set(_) => {
            return Err(Malformed("a key of a kind that Python cannot hash"));
        }
    }
    Ok(())
}

/// Aware dates are equal where their moments are.
fn identify_moment(moment: &crate::value::DateTime, out: &mut Vec<u8>) {
    let offset = i64::from(moment.offset.unwrap_or_default()) * 1_000_000;
    let kind = if moment.offset.is_some() { b'd' } else { b'e' };
    tagged(out, kind, &(moment.local_micros - offset).to_be_bytes());
}

fn tagged(out: &mut Vec<u8>, tag: u8, bytes: &[u8]) {
    out.push(tag);
    out.extend(bytes.len().to_be_bytes());
    out.extend(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn int(value: i64) -> Value {
        Value::Int(Int::Small(value))
    }

    #[test]
    fn flask_keys_that_python_takes_for_one_are_one() {
        let same = vec![
            (int(1), int(10)),
            (Value::Float(1.0), int(11)),
            (Value::Bool(true), int(12)),
            (Value::Str("1".into()), int(13)),
            (Value::Float(-0.0), int(14)),
            (int(0), int(15)),
            (Value::Float(f64::NAN), int(16)),
            (Value::Float(f64::NAN), int(17)),
            (Value::Float(1e300), int(18)),
        ];
        let expected = [(int(1), int(12)), (Value::Str("1".into()), int(13)), (Value::Float(-0.0), int(15))];
        let Ok(Value::Dict(pairs)) = dict(same) else { panic!() };
        assert!(pairs[..3] == expected);
        assert_eq!(pairs.len(), 6);
    }

    #[test]
    fn flask_what_cannot_be_hashed_is_no_key() {
        let list = Value::List(Vec::new());
        assert!(dict(vec![(list.clone(), int(1))]).is_err());
        assert!(dict(vec![(Value::Tuple(vec![list]), int(1))]).is_err());
        assert!(dict(vec![(Value::Tuple(vec![int(1)]), int(1))]).is_ok());
    }
}
