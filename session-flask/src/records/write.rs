//! MessagePack as Flask-Session 0.8 writes the same values: shortest forms, dates as timestamps, the rest as text.

use session_core::Result;

use super::MAX_DEPTH;
use crate::malformed::Malformed;
use crate::moment;
use crate::value::{DateTime, Int, Value};

/// Writes a value as Flask-Session 0.8 does.
///
/// Tuples and sets become arrays, UUIDs and dates without a zone text, dates with a zone timestamps in UTC.
///
/// # Errors
/// [`Error::Corrupt`](session_core::Error::Corrupt) for what Flask-Session can't write either: integers outside of 64 bits,
/// `Markup`; and for values nested more than 64 deep.
///
/// ```
/// use session_flask::{Value, messagepack};
///
/// let written = messagepack::write(&Value::Dict(vec![(Value::Str("ok".into()), Value::Bool(true))]))?;
/// assert_eq!(written, b"\x81\xa2ok\xc3");
/// # Ok::<(), session_core::Error>(())
/// ```
pub fn write(value: &Value) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    put(&mut out, value, 0)?;
    Ok(out)
}

pub(super) fn put(out: &mut Vec<u8>, value: &Value, depth: usize) -> Result<(), Malformed> {
    match value {
        Value::None => out.push(0xc0),
        Value::Bool(truth) => out.push(0xc2 + u8::from(*truth)),
        Value::Int(int) => put_int(out, int)?,
        Value::Float(float) => fixed(out, 0xcb, &float.to_be_bytes()),
        Value::Str(text) => put_text(out, text)?,
        Value::Bytes(bytes) | Value::ByteArray(bytes) => put_bytes(out, bytes)?,
        Value::List(items) | Value::Tuple(items) | Value::Set(items) | Value::FrozenSet(items) => {
            put_array(out, items, depth)?;
        }
        Value::Dict(pairs) => put_map(out, pairs, depth)?,
        Value::DateTime(moment) => put_moment(out, moment)?,
        Value::Uuid(bytes) => put_text(out, &hyphenated(bytes))?,
        Value::Markup(_) => return Err(Malformed("Flask-Session writes no Markup")),
        Value::Ext(code, bytes) => put_extension(out, *code, bytes)?,
    }
    Ok(())
}

fn deeper(depth: usize) -> Result<usize, Malformed> {
    match depth > MAX_DEPTH + 1 {
        true => Err(Malformed("a value is nested more than 64 deep")),
        false => Ok(depth + 1),
    }
}

fn put_array(out: &mut Vec<u8>, items: &[Value], depth: usize) -> Result<(), Malformed> {
    let depth = deeper(depth)?;
    counted(out, items.len(), 0x90, 0xdc)?;
    items.iter().try_for_each(|item| put(out, item, depth))
}

fn put_map(out: &mut Vec<u8>, pairs: &[(Value, Value)], depth: usize) -> Result<(), Malformed> {
    let depth = deeper(depth)?;
    counted(out, pairs.len(), 0x80, 0xde)?;
    pairs.iter().try_for_each(|(key, value)| {
        put(out, key, depth)?;
        put(out, value, depth)
    })
}

/// A count in the first byte below 16, else in two or four bytes.
fn counted(out: &mut Vec<u8>, count: usize, short: u8, wide: u8) -> Result<(), Malformed> {
    match u8::try_from(count) {
        Ok(few @ 0..16) => out.push(short | few),
        _ => length(out, count, &[(2, wide), (4, wide + 1)])?,
    }
    Ok(())
}

fn put_text(out: &mut Vec<u8>, text: &str) -> Result<(), Malformed> {
    match u8::try_from(text.len()) {
        Ok(few @ 0..32) => out.push(0xa0 | few),
        _ => length(out, text.len(), &[(1, 0xd9), (2, 0xda), (4, 0xdb)])?,
    }
    out.extend(text.as_bytes());
    Ok(())
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) -> Result<(), Malformed> {
    length(out, bytes.len(), &[(1, 0xc4), (2, 0xc5), (4, 0xc6)])?;
    out.extend(bytes);
    Ok(())
}

fn put_extension(out: &mut Vec<u8>, code: i8, bytes: &[u8]) -> Result<(), Malformed> {
    match bytes.len() {
        1 => out.push(0xd4),
        2 => out.push(0xd5),
        4 => out.push(0xd6),
        8 => out.push(0xd7),
        16 => out.push(0xd8),
        other => length(out, other, &[(1, 0xc7), (2, 0xc8), (4, 0xc9)])?,
    }
    out.push(code.cast_unsigned());
    out.extend(bytes);
    Ok(())
}

/// The length behind the first of the heads whose width holds it.
fn length(out: &mut Vec<u8>, length: usize, heads: &[(usize, u8)]) -> Result<(), Malformed> {
    let bytes = u64::try_from(length).unwrap_or(u64::MAX).to_be_bytes();
    let fits = |width: usize| bytes[..8 - width].iter().all(|byte| *byte == 0);
    let head = heads.iter().find(|(width, _)| fits(*width));
    let (width, head) = head.ok_or(Malformed("a value is larger than 4 GiB"))?;
    fixed(out, *head, &bytes[8 - width..]);
    Ok(())
}

fn put_int(out: &mut Vec<u8>, int: &Int) -> Result<(), Malformed> {
    match int {
        Int::Small(small) => put_small(out, *small),
        Int::Big(digits) => {
            let large: u64 = digits.parse().map_err(|_| Malformed("an integer has more than 64 bits"))?;
            fixed(out, 0xcf, &large.to_be_bytes());
        }
    }
    Ok(())
}

fn put_small(out: &mut Vec<u8>, small: i64) {
    let bytes = small.to_be_bytes();
    match small {
        ..-0x8000_0000 => fixed(out, 0xd3, &bytes),
        -0x8000_0000..-0x8000 => fixed(out, 0xd2, &bytes[4..]),
        -0x8000..-0x80 => fixed(out, 0xd1, &bytes[6..]),
        -0x80..-32 => fixed(out, 0xd0, &bytes[7..]),
        -32..=0x7f => out.push(bytes[7]),
        0x80..=0xff => fixed(out, 0xcc, &bytes[7..]),
        0x100..=0xffff => fixed(out, 0xcd, &bytes[6..]),
        0x1_0000..=0xffff_ffff => fixed(out, 0xce, &bytes[4..]),
        0x1_0000_0000.. => fixed(out, 0xcf, &bytes),
    }
}

fn fixed(out: &mut Vec<u8>, head: u8, bytes: &[u8]) {
    out.push(head);
    out.extend(bytes);
}

/// A date with a zone is a timestamp in its shortest form, one without is text.
fn put_moment(out: &mut Vec<u8>, moment: &DateTime) -> Result<(), Malformed> {
    if moment.offset.is_none() {
        return put_text(out, &moment::iso(moment.local_micros));
    }
    let micros = moment::utc_micros(moment).ok_or(Malformed("a date is none in UTC"))?;
    let (seconds, nanos) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000).unsigned_abs() * 1000);
    let bytes = match (u32::try_from(seconds), u64::try_from(seconds)) {
        (Ok(seconds), _) if nanos == 0 => seconds.to_be_bytes().to_vec(),
        (_, Ok(seconds)) if seconds < 1 << 34 => (nanos << 34 | seconds).to_be_bytes().to_vec(),
        _ => [&nanos.to_be_bytes()[4..], &seconds.to_be_bytes()].concat(),
    };
    put_extension(out, super::messagepack::TIMESTAMP, &bytes)
}

fn hyphenated(uuid: &[u8; 16]) -> String {
    let hex: String = uuid.iter().map(|byte| format!("{byte:02x}")).collect();
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}
