//! From values to MessagePack.

use super::LONG;
use crate::private::{self, Kind};
use crate::timestamp;
use crate::value::{Int, Value};

/// Markers of one kind of value: the short form with its bound, then those of lengths of 8, 16 and 32 bits.
struct Markers(Option<(u8, usize)>, Option<u8>, u8, u8);

const TEXT: Markers = Markers(Some((0xa0, 32)), Some(0xd9), 0xda, 0xdb);
const BINARY: Markers = Markers(None, Some(0xc4), 0xc5, 0xc6);
const ARRAY: Markers = Markers(Some((0x90, 16)), None, 0xdc, 0xdd);
const MAP: Markers = Markers(Some((0x80, 16)), None, 0xde, 0xdf);
const EXTENSION: Markers = Markers(None, Some(0xc7), 0xc8, 0xc9);

pub(crate) fn put(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::None => out.push(0xc0),
        Value::Bool(truth) => out.push(0xc2 | u8::from(*truth)),
        Value::Int(int) => put_int(out, int),
        Value::Float(float) => put_wide(out, 0xcb, &float.to_be_bytes()),
        Value::Str(text) => put_blob(out, &TEXT, text.as_bytes()),
        Value::Bytes(bytes) | Value::ByteArray(bytes) => put_blob(out, &BINARY, bytes),
        Value::List(items) | Value::Set(items) | Value::FrozenSet(items) => {
            put_length(out, &ARRAY, items.len());
            items.iter().for_each(|item| put(out, item));
        }
        Value::Tuple(items) => put_tuple(out, items),
        Value::Dict(pairs) => put_map(out, pairs),
        Value::DateTime(datetime) => {
            let offset = i64::from(datetime.offset.unwrap_or(0)) * 1_000_000;
            put_extension(out, timestamp::CODE, &timestamp::encode(datetime.local_micros - offset));
        }
        Value::Uuid(bytes) => put_private(out, Kind::Uuid, bytes),
        Value::Markup(text) => put_markup(out, text),
        Value::Ext(code, data) => put_extension(out, *code, data),
    }
}

pub(crate) fn put_map(out: &mut Vec<u8>, pairs: &[(Value, Value)]) {
    put_length(out, &MAP, pairs.len());
    for (name, value) in pairs {
        put(out, name);
        put(out, value);
    }
}

/// Long ones need the 32 bits as lists do, and can only be told apart by the extension.
fn put_tuple(out: &mut Vec<u8>, items: &[Value]) {
    let mut array = Vec::new();
    put_wide(&mut array, ARRAY.3, &wide(items.len()));
    items.iter().for_each(|item| put(&mut array, item));
    if items.len() < LONG { out.extend(array) } else { put_private(out, Kind::Tuple, &array) }
}

fn put_markup(out: &mut Vec<u8>, text: &str) {
    if text.len() < LONG {
        put_wide(out, TEXT.3, &wide(text.len()));
        out.extend_from_slice(text.as_bytes());
    } else {
        put_private(out, Kind::Markup, text.as_bytes());
    }
}

fn put_int(out: &mut Vec<u8>, int: &Int) {
    match int {
        Int::Small(small) => put_small(out, *small),
        Int::Big(digits) => match digits.parse::<u64>() {
            Ok(unsigned) => put_wide(out, 0xcf, &unsigned.to_be_bytes()),
            Err(_) => put_private(out, Kind::Int, digits.as_bytes()),
        },
    }
}

/// The shortest form, unsigned from zero on.
fn put_small(out: &mut Vec<u8>, small: i64) {
    let bytes = small.to_be_bytes();
    let (marker, width) = match small {
        -32..=127 => return out.push(bytes[7]),
        128..=0xff => (0xcc, 1),
        0x100..=0xffff => (0xcd, 2),
        0x1_0000..=0xffff_ffff => (0xce, 4),
        0x1_0000_0000.. => (0xcf, 8),
        -0x80..=-33 => (0xd0, 1),
        -0x8000..=-0x81 => (0xd1, 2),
        -0x8000_0000..=-0x8001 => (0xd2, 4),
        _ => (0xd3, 8),
    };
    put_wide(out, marker, &bytes[8 - width..]);
}

fn put_private(out: &mut Vec<u8>, kind: Kind, data: &[u8]) {
    put_extension(out, private::CODE, &kind.wrap(data));
}

fn put_extension(out: &mut Vec<u8>, code: i8, data: &[u8]) {
    let code = code.to_be_bytes();
    match data.len() {
        1 => put_wide(out, 0xd4, &code),
        2 => put_wide(out, 0xd5, &code),
        4 => put_wide(out, 0xd6, &code),
        8 => put_wide(out, 0xd7, &code),
        16 => put_wide(out, 0xd8, &code),
        length => {
            put_length(out, &EXTENSION, length);
            out.extend_from_slice(&code);
        }
    }
    out.extend_from_slice(data);
}

fn put_blob(out: &mut Vec<u8>, markers: &Markers, bytes: &[u8]) {
    put_length(out, markers, bytes.len());
    out.extend_from_slice(bytes);
}

/// The shortest form of a length.
fn put_length(out: &mut Vec<u8>, markers: &Markers, length: usize) {
    let Markers(short, middle8, middle16, long) = *markers;
    match (short, middle8, u8::try_from(length), u16::try_from(length)) {
        (Some((base, below)), _, Ok(tiny), _) if length < below => out.push(base | tiny),
        (_, Some(marker), Ok(tiny), _) => put_wide(out, marker, &[tiny]),
        (_, _, _, Ok(middle)) => put_wide(out, middle16, &middle.to_be_bytes()),
        _ => put_wide(out, long, &wide(length)),
    }
}

/// A length in 32 bits. What is longer than 4 GiB comes from no cookie, and no record takes it.
fn wide(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes()
}

fn put_wide(out: &mut Vec<u8>, marker: u8, bytes: &[u8]) {
    out.push(marker);
    out.extend_from_slice(bytes);
}
