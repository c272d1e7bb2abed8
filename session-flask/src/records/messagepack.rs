//! MessagePack as msgspec reads and writes it: <https://github.com/msgpack/msgpack/blob/master/spec.md>.

use session_core::Result;

use super::{MAX_DEPTH, input::Input};
use crate::build::{Build, Nothing, Values};
use crate::malformed::Malformed;
use crate::moment;
use crate::value::{DateTime, Int, Value};

pub use super::write::write;

/// The extension code of a timestamp.
pub(super) const TIMESTAMP: i8 = -1;

const SHORT: Malformed = Malformed("it ends in the middle of a value");

/// Reads one MessagePack value as Flask-Session does: any width, of keys that stand twice the last counts, lists that are
/// keys become tuples, timestamps become dates in UTC.
///
/// # Errors
/// [`Error::Corrupt`](session_core::Error::Corrupt) for anything that msgspec refuses, text that is not UTF-8, and values
/// nested more than 64 deep.
///
/// ```
/// use session_flask::{Value, messagepack};
///
/// let Value::Dict(session) = messagepack::read(b"\x82\xaa_permanent\xc3\xa4user\xa5alice")? else { panic!() };
/// assert!(session[1] == (Value::Str("user".into()), Value::Str("alice".into())));
/// # Ok::<(), session_core::Error>(())
/// ```
pub fn read(bytes: &[u8]) -> Result<Value> {
    Ok(parse::<Values>(bytes)?)
}

/// Checks what [`read`] checks, and builds nothing.
pub(crate) fn check(bytes: &[u8]) -> Result<(), Malformed> {
    parse::<Nothing>(bytes)
}

fn parse<B: Build>(bytes: &[u8]) -> Result<B::Out, Malformed> {
    let mut reader = Reader { input: Input::new(bytes), in_key: false };
    let value = reader.value::<B>(0)?;
    match reader.input.is_empty() {
        true => Ok(value),
        false => Err(Malformed("bytes follow its end")),
    }
}

struct Reader<'a> {
    input: Input<'a>,
    /// Whether the value is a key, or a part of one.
    in_key: bool,
}

impl Reader<'_> {
    fn value<B: Build>(&mut self, depth: usize) -> Result<B::Out, Malformed> {
        let first = self.input.byte().ok_or(SHORT)?;
        Ok(match first {
            0x80..=0x8f => self.map::<B>(usize::from(first & 0x0f), depth)?,
            0x90..=0x9f => self.array::<B>(usize::from(first & 0x0f), depth)?,
            0xa0..=0xbf => self.text::<B>(usize::from(first & 0x1f))?,
            0xc4..=0xc6 => {
                let length = self.length(1 << (first - 0xc4))?;
                let bytes = self.input.take(length).ok_or(SHORT)?;
                B::one(|| Value::Bytes(bytes.to_vec()))
            }
            0xc7..=0xc9 => {
                let length = self.length(1 << (first - 0xc7))?;
                self.extension::<B>(length)?
            }
            0xd4..=0xd8 => self.extension::<B>(1 << (first - 0xd4))?,
            0xd9..=0xdb => {
                let length = self.length(1 << (first - 0xd9))?;
                self.text::<B>(length)?
            }
            0xdc | 0xdd => {
                let length = self.length(2 << (first - 0xdc))?;
                self.array::<B>(length, depth)?
            }
            0xde | 0xdf => {
                let length = self.length(2 << (first - 0xde))?;
                self.map::<B>(length, depth)?
            }
            _ => self.scalar::<B>(first)?,
        })
    }

    fn scalar<B: Build>(&mut self, first: u8) -> Result<B::Out, Malformed> {
        let value = match first {
            0x00..=0x7f => integer(i128::from(first)),
            0xe0..=0xff => integer(i128::from(first.cast_signed())),
            0xc0 => Value::None,
            0xc2 | 0xc3 => Value::Bool(first == 0xc3),
            0xca => Value::Float(f64::from(f32::from_be_bytes(self.input.array().ok_or(SHORT)?))),
            0xcb => Value::Float(f64::from_be_bytes(self.input.array().ok_or(SHORT)?)),
            0xcc..=0xcf => integer(i128::from(self.number(1 << (first - 0xcc))?)),
            0xd0..=0xd3 => {
                let width = 1 << (first - 0xd0);
                let shift = 64 - 8 * width;
                integer(i128::from((self.number(width)? << shift).cast_signed() >> shift))
            }
            _ => return Err(Malformed("it holds the byte C1, which MessagePack never uses")),
        };
        Ok(B::one(|| value))
    }

    fn number(&mut self, width: usize) -> Result<u64, Malformed> {
        let digits = self.input.take(width).ok_or(SHORT)?;
        Ok(digits.iter().fold(0, |sum, &byte| sum << 8 | u64::from(byte)))
    }

    fn length(&mut self, width: usize) -> Result<usize, Malformed> {
        usize::try_from(self.number(width)?).map_err(|_| SHORT)
    }

    fn text<B: Build>(&mut self, length: usize) -> Result<B::Out, Malformed> {
        let bytes = self.input.take(length).ok_or(SHORT)?;
        let text = std::str::from_utf8(bytes).map_err(|_| Malformed("a text is not UTF-8"))?;
        Ok(B::one(|| Value::Str(text.to_owned())))
    }

    /// Nothing is reserved for a count: what it promises may not be there.
    fn array<B: Build>(&mut self, count: usize, depth: usize) -> Result<B::Out, Malformed> {
        deeper(depth, count)?;
        let mut items = Vec::new();
        for _ in 0..count {
            items.push(self.value::<B>(depth + 1)?);
        }
        Ok(if self.in_key { B::tuple(items) } else { B::list(items) })
    }

    fn map<B: Build>(&mut self, count: usize, depth: usize) -> Result<B::Out, Malformed> {
        deeper(depth, count)?;
        if self.in_key {
            return Err(Malformed("a map is a key"));
        }
        let mut pairs = Vec::new();
        for _ in 0..count {
            self.in_key = true;
            let key = self.value::<B>(depth + 1)?;
            self.in_key = false;
            pairs.push((key, self.value::<B>(depth + 1)?));
        }
        B::dict(pairs)
    }

    fn extension<B: Build>(&mut self, length: usize) -> Result<B::Out, Malformed> {
        let [code] = self.input.array::<1>().ok_or(SHORT)?;
        let (code, bytes) = (code.cast_signed(), self.input.take(length).ok_or(SHORT)?);
        if code == TIMESTAMP {
            let moment = timestamp(bytes)?;
            return Ok(B::one(|| Value::DateTime(moment)));
        }
        Ok(B::one(|| Value::Ext(code, bytes.to_vec())))
    }
}

/// Empty containers are as deep as the values beside them.
fn deeper(depth: usize, count: usize) -> Result<(), Malformed> {
    match depth > MAX_DEPTH && count > 0 {
        true => Err(Malformed("a value is nested more than 64 deep")),
        false => Ok(()),
    }
}

fn integer(value: i128) -> Value {
    Value::Int(i64::try_from(value).map_or_else(|_| Int::Big(value.to_string()), Int::Small))
}

/// Seconds in 4 bytes; 30 bits of nanoseconds and 34 of seconds; or 4 bytes of nanoseconds and 8 of signed seconds.
fn timestamp(bytes: &[u8]) -> Result<DateTime, Malformed> {
    const WRONG: Malformed = Malformed("a timestamp is no time");
    let (seconds, nanos) = if let Ok(seconds) = <[u8; 4]>::try_from(bytes) {
        (i64::from(u32::from_be_bytes(seconds)), 0)
    } else if let Ok(both) = <[u8; 8]>::try_from(bytes).map(u64::from_be_bytes) {
        ((both & 0x3_ffff_ffff).cast_signed(), both >> 34)
    } else {
        let (nanos, seconds) = bytes.split_first_chunk().ok_or(WRONG)?;
        let seconds = i64::from_be_bytes(seconds.try_into().map_err(|_| WRONG)?);
        (seconds, u64::from(u32::from_be_bytes(*nanos)))
    };
    if nanos > 999_999_999 {
        return Err(WRONG);
    }
    let micros = seconds.checked_mul(1_000_000).ok_or(WRONG)? + i64::try_from(nanos / 1000).unwrap_or_default();
    match moment::is_representable(micros) {
        true => Ok(DateTime { local_micros: micros, offset: Some(0) }),
        false => Err(WRONG),
    }
}
