//! From values to the JSON text that Flask writes, byte for byte.

use std::borrow::Cow;
use std::cmp::Ordering;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{MAX_DEPTH, number, tag, text};
use crate::http_date;
use crate::value::{DateTime, Int, Value};

/// Why a value has no TaggedJSON form. It never holds a part of the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unwritable {
    #[error("Flask's cookie cannot hold a {0}")]
    Kind(&'static str),
    #[error("a value is nested more than 128 deep")]
    Depth,
    #[error("a dict has keys that Python cannot sort")]
    Keys,
    #[error("a dict has a {0} for a key")]
    Key(&'static str),
    #[error("a datetime lies outside of the years 1 to 9999")]
    Year,
}

/// The JSON text of a value: sorted keys, ASCII only, no spaces.
pub(crate) fn write(value: &Value) -> Result<String, Unwritable> {
    let mut writer = Writer { out: String::new(), depth: 0 };
    writer.value(value)?;
    Ok(writer.out)
}

/// The JSON text of a dict.
pub(crate) fn write_dict(pairs: &[(Value, Value)]) -> Result<String, Unwritable> {
    let mut writer = Writer { out: String::new(), depth: 0 };
    writer.dict(pairs)?;
    Ok(writer.out)
}

struct Writer {
    out: String,
    depth: usize,
}

impl Writer {
    fn value(&mut self, value: &Value) -> Result<(), Unwritable> {
        match value {
            Value::None => self.out.push_str("null"),
            Value::Bool(truth) => self.out.push_str(if *truth { "true" } else { "false" }),
            Value::Int(int) => self.out.push_str(&digits(int)),
            Value::Float(float) => self.out.push_str(&number::repr(*float)),
            Value::Str(text) => text::write(text, &mut self.out),
            Value::List(items) => self.array(items)?,
            Value::Dict(pairs) => self.dict(pairs)?,
            Value::Tuple(items) => self.tagged(tag::TUPLE, |writer| writer.array(items))?,
            Value::Bytes(bytes) => self.tagged_text(tag::BYTES, &STANDARD.encode(bytes))?,
            Value::Markup(text) => self.tagged_text(tag::MARKUP, text)?,
            Value::Uuid(bytes) => self.tagged_text(tag::UUID, &format!("{:032x}", u128::from_be_bytes(*bytes)))?,
            Value::DateTime(datetime) => self.tagged_text(tag::DATETIME, &date(datetime)?)?,
            Value::ByteArray(_) | Value::Set(_) | Value::FrozenSet(_) | Value::Ext(..) => {
                return Err(Unwritable::Kind(value.kind()));
            }
        }
        Ok(())
    }

    fn nested(
        &mut self,
        ends: [char; 2],
        inside: impl FnOnce(&mut Self) -> Result<(), Unwritable>,
    ) -> Result<(), Unwritable> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Unwritable::Depth);
        }
        self.out.push(ends[0]);
        inside(self)?;
        self.out.push(ends[1]);
        self.depth -= 1;
        Ok(())
    }

    fn name(&mut self, name: &str) {
        text::write(name, &mut self.out);
        self.out.push(':');
    }

    fn tagged(
        &mut self,
        tag: &str,
        inside: impl FnOnce(&mut Self) -> Result<(), Unwritable>,
    ) -> Result<(), Unwritable> {
        self.nested(['{', '}'], |writer| {
            writer.name(tag);
            inside(writer)
        })
    }

    fn tagged_text(&mut self, tag: &str, text: &str) -> Result<(), Unwritable> {
        self.tagged(tag, |writer| {
            text::write(text, &mut writer.out);
            Ok(())
        })
    }

    fn array(&mut self, items: &[Value]) -> Result<(), Unwritable> {
        self.nested(['[', ']'], |writer| {
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    writer.out.push(',');
                }
                writer.value(item)?;
            }
            Ok(())
        })
    }

    /// A dict whose one key is a tag is marked as what it is; else the pairs, sorted.
    fn dict(&mut self, pairs: &[(Value, Value)]) -> Result<(), Unwritable> {
        if let [(Value::Str(name), value)] = pairs
            && tag::is_tag(name)
        {
            let suffixed = format!("{name}{}", tag::SUFFIX);
            return self.tagged(tag::DICT, |writer| {
                writer.nested(['{', '}'], |writer| {
                    writer.name(&suffixed);
                    writer.value(value)
                })
            });
        }
        let sorted = sorted(pairs)?;
        self.nested(['{', '}'], |writer| {
            for (at, (name, value)) in sorted.into_iter().enumerate() {
                if at > 0 {
                    writer.out.push(',');
                }
                writer.name(&key_text(name)?);
                writer.value(value)?;
            }
            Ok(())
        })
    }
}

fn digits(int: &Int) -> Cow<'_, str> {
    match int {
        Int::Small(small) => Cow::Owned(small.to_string()),
        Int::Big(digits) => Cow::Borrowed(digits),
    }
}

/// Whole seconds in UTC; a naive time counts as UTC.
fn date(datetime: &DateTime) -> Result<String, Unwritable> {
    let local = datetime.local_micros.div_euclid(1_000_000);
    http_date::write(local - i64::from(datetime.offset.unwrap_or(0))).ok_or(Unwritable::Year)
}

/// By the Python key, before it becomes text: texts by code point, numbers by size.
fn sorted(pairs: &[(Value, Value)]) -> Result<Vec<(&Value, &Value)>, Unwritable> {
    let mut sorted: Vec<_> = pairs.iter().map(|(name, value)| (name, value)).collect();
    if let Some((first, _)) = sorted.first()
        && sorted.iter().any(|(name, _)| order(first, name).is_none())
    {
        return Err(Unwritable::Keys);
    }
    sorted.sort_by(|a, b| order(a.0, b.0).unwrap_or(Ordering::Equal));
    Ok(sorted)
}

/// How Python orders two keys; nothing where it cannot.
fn order(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Str(a), Value::Str(b)) => Some(a.cmp(b)),
        (Value::Int(Int::Small(a)), Value::Int(Int::Small(b))) => Some(a.cmp(b)),
        (Value::None, Value::None) => Some(Ordering::Equal),
        _ => Some(size(a)?.total_cmp(&size(b)?)),
    }
}

fn size(key: &Value) -> Option<f64> {
    match key {
        Value::Bool(truth) => Some(f64::from(u8::from(*truth))),
        Value::Int(int) => digits(int).parse().ok(),
        Value::Float(float) => Some(*float),
        _ => None,
    }
}

fn key_text(key: &Value) -> Result<Cow<'_, str>, Unwritable> {
    match key {
        Value::Str(text) => Ok(Cow::Borrowed(text)),
        Value::None => Ok(Cow::Borrowed("null")),
        Value::Bool(truth) => Ok(Cow::Borrowed(if *truth { "true" } else { "false" })),
        Value::Int(int) => Ok(digits(int)),
        Value::Float(float) => Ok(Cow::Owned(number::repr(*float))),
        other => Err(Unwritable::Key(other.kind())),
    }
}
