#![doc = include_str!("../../RECORDS.md")]

mod flatten;
pub(crate) mod input;
pub mod json;
pub mod messagepack;
mod write;

use bytes::Bytes;
use session_core::{Life, Record, Result};

use crate::malformed::Malformed;
use crate::pickle;
use crate::value::Value;

pub(crate) use flatten::flatten;

/// The deepest nesting of a value, as in [`Record`].
pub(crate) const MAX_DEPTH: usize = 64;
/// The largest record that is read, as in [`Record`].
pub(crate) const MAX_SIZE: usize = 16 * 1024 * 1024;

/// What a stored record is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// MessagePack: Flask-Session 0.7 and later, unless configured otherwise.
    MessagePack,
    /// JSON: `SESSION_SERIALIZATION_FORMAT=json`.
    Json,
    /// A pickle: Flask-Session before 0.7.
    Pickle,
}

impl Format {
    /// The format of stored bytes, by what they begin with; the rest may still be malformed.
    ///
    /// Only a map is a session, so the first byte tells: MessagePack's maps begin with `80`–`8F`, `DE` and `DF`, JSON's with
    /// `{`. A pickle of protocol 2 and later begins with `80` too, and an empty MessagePack map is that byte alone.
    #[must_use]
    pub fn of(stored: &[u8]) -> Option<Self> {
        match stored {
            [] => None,
            [0x80, 0..=5, _, ..] => Some(Format::Pickle),
            [0x80..=0x8f | 0xde | 0xdf, ..] => Some(Format::MessagePack),
            [b'{', ..] => Some(Format::Json),
            [b' ' | b'\t' | b'\n' | b'\r', rest @ ..] => Format::of(trimmed(rest)).filter(|of| *of == Format::Json),
            // Protocols 0 and 1: a mark, or an empty dict.
            [b'(' | b'}', ..] => Some(Format::Pickle),
            _ => None,
        }
    }
}

/// Reads a stored record whole, whichever of the formats it is in, and says which.
///
/// # Errors
/// [`Error::Corrupt`](session_core::Error::Corrupt) where it is in none of them, or no `dict`.
///
/// ```
/// use session_flask::{Format, Value, read_record};
///
/// let (value, format) = read_record(br#"{"user":"alice"}"#)?;
/// assert_eq!((value.kind(), format), ("dict", Format::Json));
/// # Ok::<(), session_core::Error>(())
/// ```
pub fn read_record(stored: &[u8]) -> Result<(Value, Format)> {
    let format = recognised(stored)?;
    let value = match format {
        Format::MessagePack => messagepack::read(stored)?,
        Format::Json => json::read(stored)?,
        Format::Pickle => pickle::read(stored)?,
    };
    match value {
        Value::Dict(_) => Ok((value, format)),
        _ => Err(Malformed("it is no map").into()),
    }
}

/// Reads a stored record as a core record, values as they stand. A pickle is rewritten as MessagePack, or refused where
/// `pickles` is false.
pub(crate) fn decode(stored: &Bytes, life: Life, pickles: bool) -> Result<Record> {
    match recognised(stored)? {
        Format::MessagePack => messagepack::check(stored)?,
        Format::Json => {
            json::check(stored)?;
            return Record::decode(&stored.slice_ref(trimmed(stored)), life);
        }
        Format::Pickle if pickles => return Record::decode(&write::write(&pickle::read(stored)?)?.into(), life),
        Format::Pickle => return Err(Malformed("it is a pickle, and reading those is off").into()),
    }
    Record::decode(stored, life)
}

fn recognised(stored: &[u8]) -> Result<Format, Malformed> {
    if stored.len() > MAX_SIZE {
        return Err(Malformed("larger than 16 MiB"));
    }
    Format::of(stored).ok_or(Malformed("it begins like no record of Flask-Session"))
}

fn trimmed(text: &[u8]) -> &[u8] {
    let start = text.iter().position(|byte| !json::is_space(*byte)).unwrap_or(text.len());
    &text[start..]
}
