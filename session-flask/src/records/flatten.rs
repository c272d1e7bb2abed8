//! What the wrapper types set in a record, as Flask-Session itself writes it: it knows nothing of this crate's extension.

use bytes::Bytes;
use session_core::{Error, Result};

use super::{MAX_DEPTH, input::Input, messagepack, write};
use crate::bridge;
use crate::malformed::Malformed;
use crate::private;
use crate::value::{Int, Value};

const SHORT: Malformed = Malformed("it ends in the middle of a value");

/// A MessagePack record without this crate's extension: tuples as arrays, UUIDs and Markup as text. All else stays bit for bit,
/// and a record without any is not even walked.
///
/// # Errors
/// [`Error::TooLarge`] where a value would be nested more than 64 deep: nobody could read it.
pub(crate) fn flatten(record: Bytes) -> Result<Bytes> {
    if !private::may_be_in(&record) {
        return Ok(record);
    }
    let mut walk = Walk { input: Input::new(&record), whole: &record, out: Vec::with_capacity(record.len()) };
    let flat = walk.value().and_then(|()| messagepack::check(&walk.out)).map(|()| walk.out);
    // What was encoded a moment ago is well-formed; what remains is the depth.
    flat.map(Bytes::from).map_err(|_| Error::TooLarge { what: "nesting", size: MAX_DEPTH + 1, limit: MAX_DEPTH })
}

/// A code, and data.
type Extension<'a> = (i8, &'a [u8]);

struct Walk<'a> {
    input: Input<'a>,
    whole: &'a [u8],
    out: Vec<u8>,
}

impl<'a> Walk<'a> {
    fn value(&mut self) -> Result<(), Malformed> {
        let start = self.at();
        let (values, extension) = self.head()?;
        let read = &self.whole[start..self.at()];
        match extension.and_then(|(code, data)| private::unwrap(code, data)).and_then(|_| bridge::take(read)) {
            Some(value) => write::put(&mut self.out, &plain(value), 0)?,
            None => self.out.extend_from_slice(read),
        }
        (0..values).try_for_each(|_| self.value())
    }

    fn at(&self) -> usize {
        self.whole.len() - self.input.len()
    }

    /// Reads a value but for those that it holds; says how many these are, and what an extension has in it.
    fn head(&mut self) -> Result<(usize, Option<Extension<'a>>), Malformed> {
        let first = self.input.byte().ok_or(SHORT)?;
        let few = usize::from(first & 0x0f);
        match first {
            0x80..=0x8f => return Ok((2 * few, None)),
            0x90..=0x9f => return Ok((few, None)),
            0xdc | 0xdd => return Ok((self.length(2 << (first - 0xdc))?, None)),
            0xde | 0xdf => return Ok((self.length(2 << (first - 0xde))?.saturating_mul(2), None)),
            0xc7..=0xc9 => {
                let length = self.length(1 << (first - 0xc7))?;
                return Ok((0, Some(self.extension(length)?)));
            }
            0xd4..=0xd8 => return Ok((0, Some(self.extension(1 << (first - 0xd4))?))),
            _ => {}
        }
        let length = match first {
            0xa0..=0xbf => usize::from(first & 0x1f),
            0xc4..=0xc6 => self.length(1 << (first - 0xc4))?,
            0xd9..=0xdb => self.length(1 << (first - 0xd9))?,
            0xca | 0xcb => 4 << (first - 0xca),
            0xcc..=0xcf => 1 << (first - 0xcc),
            0xd0..=0xd3 => 1 << (first - 0xd0),
            _ => 0,
        };
        self.input.take(length).map(|_| (0, None)).ok_or(SHORT)
    }

    fn length(&mut self, width: usize) -> Result<usize, Malformed> {
        let digits = self.input.take(width).ok_or(SHORT)?;
        Ok(digits.iter().fold(0, |sum, &byte| sum << 8 | usize::from(byte)))
    }

    fn extension(&mut self, length: usize) -> Result<Extension<'a>, Malformed> {
        let [code] = self.input.array().ok_or(SHORT)?;
        Ok((code.cast_signed(), self.input.take(length).ok_or(SHORT)?))
    }
}

/// The same value in types that Flask-Session writes.
fn plain(value: Value) -> Value {
    match value {
        Value::Markup(text) => Value::Str(text),
        Value::Int(Int::Big(digits)) if digits.parse::<u64>().is_err() => Value::Str(digits),
        Value::List(items) => Value::List(items.into_iter().map(plain).collect()),
        Value::Tuple(items) => Value::Tuple(items.into_iter().map(plain).collect()),
        Value::Dict(pairs) => Value::Dict(pairs.into_iter().map(|(key, value)| (plain(key), plain(value))).collect()),
        other => other,
    }
}
