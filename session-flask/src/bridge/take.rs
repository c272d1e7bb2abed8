//! From MessagePack to values.

use super::LONG;
use crate::private::{self, Kind};
use crate::value::{DateTime, Int, Value};
use crate::{tagged, timestamp};

/// The deepest nesting: that of a record, and of what its extensions hold.
const MAX_DEPTH: usize = 160;

/// The one value that the bytes are; nothing where they are none, or too deep.
pub(crate) fn take(input: &[u8]) -> Option<Value> {
    Reader { input, depth: 0 }.whole()
}

struct Reader<'a> {
    input: &'a [u8],
    depth: usize,
}

impl<'a> Reader<'a> {
    fn whole(mut self) -> Option<Value> {
        let value = self.value()?;
        self.input.is_empty().then_some(value)
    }

    /// The next bytes; a length beyond the input is refused before anything is allocated for it.
    fn bytes(&mut self, length: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.input.split_at_checked(length)?;
        self.input = rest;
        Some(bytes)
    }

    fn unsigned(&mut self, width: usize) -> Option<u64> {
        Some(self.bytes(width)?.iter().fold(0, |sum, &byte| sum << 8 | u64::from(byte)))
    }

    fn length(&mut self, width: usize) -> Option<usize> {
        usize::try_from(self.unsigned(width)?).ok()
    }

    fn value(&mut self) -> Option<Value> {
        let first = *self.bytes(1)?.first()?;
        match first {
            0x00..=0x7f => Some(small(i64::from(first))),
            0xe0..=0xff => Some(small(i64::from(first.cast_signed()))),
            0x80..=0x8f => self.map(usize::from(first & 0x0f)),
            0x90..=0x9f => self.items(usize::from(first & 0x0f)).map(Value::List),
            0xa0..=0xbf => self.text(usize::from(first & 0x1f)).map(Value::Str),
            0xc0 => Some(Value::None),
            0xc2 | 0xc3 => Some(Value::Bool(first == 0xc3)),
            0xca => Some(Value::Float(f64::from(f32::from_be_bytes(self.bytes(4)?.try_into().ok()?)))),
            0xcb => Some(Value::Float(f64::from_be_bytes(self.bytes(8)?.try_into().ok()?))),
            0xcc..=0xcf => self.unsigned(1 << (first - 0xcc)).map(unsigned),
            0xd0..=0xd3 => self.signed(1 << (first - 0xd0)).map(small),
            _ => self.sized(first),
        }
    }

    /// What begins with a marker and a length.
    fn sized(&mut self, first: u8) -> Option<Value> {
        match first {
            0xc4..=0xc6 => {
                let length = self.length(1 << (first - 0xc4))?;
                self.bytes(length).map(|bytes| Value::Bytes(bytes.to_vec()))
            }
            0xc7..=0xc9 => {
                let length = self.length(1 << (first - 0xc7))?;
                self.extension(length)
            }
            0xd4..=0xd8 => self.extension(1 << (first - 0xd4)),
            0xd9..=0xdb => {
                let length = self.length(1 << (first - 0xd9))?;
                let text = self.text(length)?;
                Some(if first == 0xdb && length < LONG { Value::Markup(text) } else { Value::Str(text) })
            }
            0xdc | 0xdd => {
                let length = self.length(2 << (first - 0xdc))?;
                let items = self.items(length)?;
                Some(if first == 0xdd && length < LONG { Value::Tuple(items) } else { Value::List(items) })
            }
            0xde | 0xdf => {
                let length = self.length(2 << (first - 0xde))?;
                self.map(length)
            }
            _ => None,
        }
    }

    fn signed(&mut self, width: usize) -> Option<i64> {
        let unsigned = self.unsigned(width)?;
        let unused = 64 - 8 * width;
        Some((unsigned << unused).cast_signed() >> unused)
    }

    fn text(&mut self, length: usize) -> Option<String> {
        String::from_utf8(self.bytes(length)?.to_vec()).ok()
    }

    fn descend(&mut self) -> Option<()> {
        self.depth += 1;
        (self.depth <= MAX_DEPTH).then_some(())
    }

    fn items(&mut self, length: usize) -> Option<Vec<Value>> {
        self.descend()?;
        let mut items = Vec::with_capacity(length.min(self.input.len()));
        for _ in 0..length {
            items.push(self.value()?);
        }
        self.depth -= 1;
        Some(items)
    }

    fn map(&mut self, length: usize) -> Option<Value> {
        self.descend()?;
        let mut pairs = Vec::with_capacity(length.min(self.input.len() / 2));
        for _ in 0..length {
            pairs.push((self.value()?, self.value()?));
        }
        self.depth -= 1;
        Some(Value::Dict(pairs))
    }

    fn extension(&mut self, length: usize) -> Option<Value> {
        let code = self.bytes(1)?.first()?.cast_signed();
        let data = self.bytes(length)?;
        match private::unwrap(code, data) {
            Some((kind, inside)) => self.private(kind, inside).or_else(|| keep(kind, code, data)),
            None if code == timestamp::CODE => timestamp::decode(data).map(datetime),
            None => Some(Value::Ext(code, data.to_vec())),
        }
    }

    fn private(&self, kind: Kind, data: &[u8]) -> Option<Value> {
        match kind {
            Kind::Tuple => match (Reader { input: data, depth: self.depth }).whole()? {
                Value::List(items) | Value::Tuple(items) => Some(Value::Tuple(items)),
                _ => None,
            },
            Kind::Markup => String::from_utf8(data.to_vec()).ok().map(Value::Markup),
            Kind::Uuid => data.try_into().ok().map(Value::Uuid),
            Kind::Int => digits(data).map(|digits| Value::Int(Int::Big(digits))),
            Kind::Json => tagged::read(data),
            Kind::Rest => None,
        }
    }
}

/// The one private extension that is no value stays as it is.
fn keep(kind: Kind, code: i8, data: &[u8]) -> Option<Value> {
    (kind == Kind::Rest).then(|| Value::Ext(code, data.to_vec()))
}

fn small(small: i64) -> Value {
    Value::Int(Int::Small(small))
}

fn unsigned(unsigned: u64) -> Value {
    Value::Int(i64::try_from(unsigned).map_or_else(|_| Int::Big(unsigned.to_string()), Int::Small))
}

fn datetime(micros: i64) -> Value {
    Value::DateTime(DateTime { local_micros: micros, offset: Some(0) })
}

/// An optional minus and digits.
fn digits(data: &[u8]) -> Option<String> {
    let digits = data.strip_prefix(b"-").unwrap_or(data);
    let decimal = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    if decimal { String::from_utf8(data.to_vec()).ok() } else { None }
}
