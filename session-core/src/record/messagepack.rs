//! MessagePack records: <https://github.com/msgpack/msgpack/blob/master/spec.md>, the map at top level.
//!
//! Stored bytes are walked iteratively before anything recursive sees them: depth and lengths are checked here, so that
//! no input can exhaust the stack or make a decoder reserve memory that the input does not have.

use bytes::{Bytes, BytesMut};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::codec::{Codec, Malformed};
use super::{Life, MAX_DEPTH, Name, RESERVED, Record};
use crate::clock::Timestamp;

/// The format of the reserved key that this version writes, and the newest that it reads.
const FORMAT: u64 = 1;

const SHORT: Malformed = Malformed("it ends in the middle of a value");

/// Room for most values.
const SMALL: usize = 64;

/// A value's first bytes: where its contents begin, how many bytes and how many values follow.
struct Head {
    body: usize,
    bytes: usize,
    values: usize,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Nil,
    Bool,
    Integer,
    Float,
    Text,
    Binary,
    Array,
    Map,
    Extension,
}

/// Reads `width` bytes, big endian.
fn number(input: &[u8], at: usize, width: usize) -> Result<u64, Malformed> {
    let digits = input.get(at..at + width).ok_or(SHORT)?;
    Ok(digits.iter().fold(0, |sum, &byte| sum << 8 | u64::from(byte)))
}

/// The head of the value at `at`, checked against what is left of the input.
fn head(input: &[u8], at: usize) -> Result<Head, Malformed> {
    let first = *input.get(at).ok_or(SHORT)?;
    // The width of the length field, whether it counts values, and what precedes the contents.
    let (kind, width, fixed) = match first {
        0x00..=0x7f | 0xe0..=0xff => (Kind::Integer, 0, 0),
        0x80..=0x8f => (Kind::Map, 0, usize::from(first & 0x0f)),
        0x90..=0x9f => (Kind::Array, 0, usize::from(first & 0x0f)),
        0xa0..=0xbf => (Kind::Text, 0, usize::from(first & 0x1f)),
        0xc0 => (Kind::Nil, 0, 0),
        0xc1 => return Err(Malformed("it holds the byte C1, which MessagePack never uses")),
        0xc2 | 0xc3 => (Kind::Bool, 0, 0),
        0xc4..=0xc6 => (Kind::Binary, 1 << (first - 0xc4), 0),
        0xc7..=0xc9 => (Kind::Extension, 1 << (first - 0xc7), 1),
        0xca | 0xcb => (Kind::Float, 0, 4 << (first - 0xca)),
        0xcc..=0xcf => (Kind::Integer, 0, 1 << (first - 0xcc)),
        0xd0..=0xd3 => (Kind::Integer, 0, 1 << (first - 0xd0)),
        0xd4..=0xd8 => (Kind::Extension, 0, 1 + (1 << (first - 0xd4))),
        0xd9..=0xdb => (Kind::Text, 1 << (first - 0xd9), 0),
        0xdc | 0xdd => (Kind::Array, 2 << (first - 0xdc), 0),
        0xde | 0xdf => (Kind::Map, 2 << (first - 0xde), 0),
    };
    let declared = if width == 0 { 0 } else { number(input, at + 1, width)? };
    let length = usize::try_from(declared).map_err(|_| SHORT)?.checked_add(fixed).ok_or(SHORT)?;
    let body = at + 1 + width;
    let (bytes, values) = match kind {
        Kind::Array => (0, length),
        Kind::Map => (0, length.checked_mul(2).ok_or(SHORT)?),
        _ => (length, 0),
    };
    // Each value takes a byte at least: no count can promise more than is there.
    if input.len() - body < bytes.max(values) {
        return Err(SHORT);
    }
    Ok(Head { body, bytes, values, kind })
}

/// Where the value at `start` ends.
fn end_of_value(input: &[u8], start: usize) -> Result<usize, Malformed> {
    match head(input, start)? {
        // Most values hold no others.
        Head { values: 0, body, bytes, .. } => Ok(body + bytes),
        _ => end_of_nested(input, start),
    }
}

/// Where the value at `start` ends, with all that is in it. Iterative, and at most [`MAX_DEPTH`] deep.
fn end_of_nested(input: &[u8], start: usize) -> Result<usize, Malformed> {
    let mut open = [0_usize; MAX_DEPTH];
    let mut depth = 0;
    let mut at = start;
    loop {
        let head = head(input, at)?;
        at = head.body + head.bytes;
        if head.values > 0 {
            *open.get_mut(depth).ok_or(Malformed("a value is nested more than 64 deep"))? = head.values;
            depth += 1;
            continue;
        }
        while depth > 0 {
            open[depth - 1] -= 1;
            if open[depth - 1] > 0 {
                break;
            }
            depth -= 1;
        }
        if depth == 0 {
            return Ok(at);
        }
    }
}

pub(super) fn decode(stored: &Bytes, life: Life) -> Result<Record, Malformed> {
    let top = head(stored, 0)?;
    if top.kind != Kind::Map {
        return Err(Malformed("it is no map"));
    }
    let mut record = Record::with_capacity(Codec::MessagePack, life, top.values / 2);
    let mut at = top.body;
    for _ in 0..top.values / 2 {
        let (name, value_at) = name(stored, at)?;
        let value_end = end_of_value(stored, value_at)?;
        match name {
            None => read_reserved(&mut record, &stored.slice(value_at..value_end))?,
            Some(name) => record.absorb(name, stored.slice(value_at..value_end))?,
        }
        at = value_end;
    }
    if at == stored.len() { Ok(record) } else { Err(Malformed("bytes follow its end")) }
}

/// The name at `start`, and where its value begins; `None` is the reserved one.
fn name(stored: &Bytes, start: usize) -> Result<(Option<Name>, usize), Malformed> {
    let head = head(stored, start)?;
    if head.kind != Kind::Text {
        let end = end_of_value(stored, start)?;
        return Ok((Some(Name::Opaque(stored.slice(start..end))), end));
    }
    let end = head.body + head.bytes;
    let text = &stored[head.body..end];
    if text == RESERVED.as_bytes() {
        return Ok((None, end));
    }
    std::str::from_utf8(text).map_err(|_| Malformed("a key is not UTF-8"))?;
    Ok((Some(Name::Text(stored.slice(head.body..end))), end))
}

/// `[format, created, absolute deadline, …]`; what follows belongs to later versions and is kept.
fn read_reserved(record: &mut Record, value: &Bytes) -> Result<(), Malformed> {
    const WRONG: Malformed = Malformed("the reserved key holds something else");
    let list = head(value, 0)?;
    if list.kind != Kind::Array || list.values < 3 {
        return Err(WRONG);
    }
    let (format, at) = unsigned(value, list.body).ok_or(WRONG)?;
    let (created, at) = unsigned(value, at).ok_or(WRONG)?;
    let (absolute, at) = unsigned(value, at).ok_or(WRONG)?;
    if format != FORMAT {
        return Err(Malformed("a newer version of this library wrote it"));
    }
    record.life = Life { created: Timestamp::from_millis(created), absolute: Timestamp::from_millis(absolute) };
    record.later = value.slice(at..);
    Ok(())
}

fn unsigned(input: &[u8], at: usize) -> Option<(u64, usize)> {
    let head = head(input, at).ok().filter(|head| head.kind == Kind::Integer)?;
    match input[at] {
        small @ 0x00..=0x7f => Some((u64::from(small), head.body)),
        0xcc..=0xcf => Some((number(input, head.body, head.bytes).ok()?, head.body + head.bytes)),
        _ => None,
    }
}

pub(super) fn encode(record: &Record) -> Bytes {
    let size: usize = record.slots.iter().map(|slot| slot.name.bytes().len() + slot.value.len() + 5).sum();
    let mut out = BytesMut::with_capacity(size + 48);
    put_length(&mut out, record.slots.len() + 1, 0x80, 16, 0xde);
    for slot in &record.slots {
        match &slot.name {
            Name::Text(text) => put_text(&mut out, text),
            Name::Opaque(bytes) => out.extend_from_slice(bytes),
        }
        out.extend_from_slice(&slot.value);
    }
    put_text(&mut out, RESERVED.as_bytes());
    put_reserved(&mut out, record);
    out.freeze()
}

fn put_reserved(out: &mut BytesMut, record: &Record) {
    put_length(out, 3 + count_values(&record.later), 0x90, 16, 0xdc);
    put_unsigned(out, FORMAT);
    put_unsigned(out, record.life.created.as_millis());
    put_unsigned(out, record.life.absolute.as_millis());
    out.extend_from_slice(&record.later);
}

/// Where each of the values begins that stand one after the other in bytes that were walked before, and where the last ends.
fn bounds(values: &[u8]) -> impl Iterator<Item = usize> {
    std::iter::successors(Some(0), move |&at| end_of_value(values, at).ok())
}

fn count_values(values: &[u8]) -> usize {
    bounds(values).take_while(|&at| at < values.len()).count()
}

/// The reserved key's later fields with this text as the third, behind owner and generation.
pub(super) fn with_mark(later: &[u8], mark: &str) -> Bytes {
    let bounds: Vec<usize> = bounds(later).take(4).collect();
    let field = |n: usize| bounds.get(n).zip(bounds.get(n + 1)).map(|(&start, &end)| &later[start..end]);
    let mut out = BytesMut::from(field(0).unwrap_or(&[0xc0]));
    out.extend_from_slice(field(1).unwrap_or(&[0x00]));
    put_text(&mut out, mark.as_bytes());
    out.extend_from_slice(bounds.get(3).map_or(&[], |&end| &later[end..]));
    out.freeze()
}

/// The mark among the reserved key's later fields.
pub(super) fn mark(later: &[u8]) -> Option<String> {
    let start = bounds(later).nth(2)?;
    let head = head(later, start).ok().filter(|head| head.kind == Kind::Text)?;
    std::str::from_utf8(&later[head.body..head.body + head.bytes]).ok().map(str::to_owned)
}

fn put_text(out: &mut BytesMut, text: &[u8]) {
    if let (32..=255, Ok(short)) = (text.len(), u8::try_from(text.len())) {
        out.extend_from_slice(&[0xd9, short]);
    } else {
        put_length(out, text.len(), 0xa0, 32, 0xda);
    }
    out.extend_from_slice(text);
}

/// A length in its shortest form: in the first byte, or in two or four bytes behind `wide` or `wide + 1`.
fn put_length(out: &mut BytesMut, length: usize, short: u8, below: u8, wide: u8) {
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(tiny), _) if tiny < below => out.extend_from_slice(&[short | tiny]),
        (_, Ok(middle)) => {
            out.extend_from_slice(&[wide]);
            out.extend_from_slice(&middle.to_be_bytes());
        }
        _ => {
            out.extend_from_slice(&[wide + 1]);
            out.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
        }
    }
}

fn put_unsigned(out: &mut BytesMut, value: u64) {
    match u8::try_from(value) {
        Ok(small @ 0..=0x7f) => out.extend_from_slice(&[small]),
        _ => {
            out.extend_from_slice(&[0xcf]);
            out.extend_from_slice(&value.to_be_bytes());
        }
    }
}

pub(super) fn write<V: Serialize + ?Sized>(value: &V) -> Result<Bytes, Malformed> {
    let mut bytes = Vec::with_capacity(SMALL);
    let written = rmp_serde::encode::write_named(&mut bytes, value);
    written.map_err(|_| Malformed("the value cannot be encoded as MessagePack"))?;
    match end_of_value(&bytes, 0)? == bytes.len() {
        true => Ok(bytes.into()),
        false => Err(Malformed("the value cannot be encoded as one MessagePack value")),
    }
}

pub(super) fn read<T: DeserializeOwned>(value: &[u8]) -> Option<T> {
    rmp_serde::from_slice(value).ok()
}

pub(super) fn is_truthy(value: &[u8]) -> bool {
    let Ok(head) = head(value, 0) else { return false };
    match head.kind {
        Kind::Nil => false,
        Kind::Bool => value[0] == 0xc3,
        Kind::Integer => value[0] != 0 && (head.bytes == 0 || value[1..].iter().any(|&byte| byte != 0)),
        Kind::Float => read::<f64>(value).is_some_and(|number| number != 0.0),
        Kind::Text | Kind::Binary => head.bytes > 0,
        Kind::Array | Kind::Map => head.values > 0,
        Kind::Extension => true,
    }
}

pub(super) fn kind(value: &[u8]) -> &'static str {
    match head(value, 0).map(|head| head.kind) {
        Ok(Kind::Nil) => "nothing (nil)",
        Ok(Kind::Bool) => "true or false",
        Ok(Kind::Integer) => "an integer",
        Ok(Kind::Float) => "a float",
        Ok(Kind::Text) => "a text",
        Ok(Kind::Binary) => "bytes",
        Ok(Kind::Array) => "a list",
        Ok(Kind::Map) => "a map",
        Ok(Kind::Extension) => "an extension value",
        Err(_) => "no value",
    }
}
