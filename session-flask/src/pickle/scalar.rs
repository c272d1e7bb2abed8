//! The opcodes of values without parts.

use super::text;
use crate::integer;
use crate::malformed::Malformed;
use crate::records::input::Input;
use crate::value::{Int, Value};

pub(super) const SHORT: Malformed = Malformed("the pickle ends too early");
const NUMBER: Malformed = Malformed("a number in the pickle is none");

/// The value of an opcode, or nothing where it is another's.
pub(super) fn read(opcode: u8, input: &mut Input<'_>) -> Result<Option<Value>, Malformed> {
    let value = match opcode {
        b'N' => Value::None,
        0x88 | 0x89 => Value::Bool(opcode == 0x88),
        b'I' => int_line(input)?,
        b'L' => long_line(input)?,
        b'F' => float_line(input)?,
        b'G' => Value::Float(f64::from_be_bytes(fixed(input)?)),
        b'J' => small(i64::from(i32::from_le_bytes(fixed(input)?))),
        b'K' => small(i64::from(u8::from_le_bytes(fixed(input)?))),
        b'M' => small(i64::from(u16::from_le_bytes(fixed(input)?))),
        0x8a => long(input, 1)?,
        0x8b => long(input, 4)?,
        b'S' => Value::Str(text::quoted(line(input)?)?),
        b'T' => Value::Str(text::ascii(counted(input, 4)?)?),
        b'U' => Value::Str(text::ascii(counted(input, 1)?)?),
        b'V' => Value::Str(text::raw_unicode_escape(line(input)?)?),
        b'X' => Value::Str(text::utf8(counted(input, 4)?)?),
        0x8c => Value::Str(text::utf8(counted(input, 1)?)?),
        0x8d => Value::Str(text::utf8(counted(input, 8)?)?),
        b'B' => Value::Bytes(counted(input, 4)?.to_vec()),
        b'C' => Value::Bytes(counted(input, 1)?.to_vec()),
        0x8e => Value::Bytes(counted(input, 8)?.to_vec()),
        0x96 => Value::ByteArray(counted(input, 8)?.to_vec()),
        _ => return Ok(None),
    };
    Ok(Some(value))
}

pub(super) fn line<'a>(input: &mut Input<'a>) -> Result<&'a [u8], Malformed> {
    input.until(b'\n').ok_or(SHORT)
}

/// A number of `width` bytes, the lowest first.
pub(super) fn number(input: &mut Input<'_>, width: usize) -> Result<u64, Malformed> {
    let bytes = input.take(width).ok_or(SHORT)?;
    Ok(bytes.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
}

/// A line that holds a number that is not negative.
pub(super) fn index_line(input: &mut Input<'_>) -> Result<u64, Malformed> {
    let text = str(line(input)?)?;
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits).ok_or(NUMBER)
}

fn fixed<const N: usize>(input: &mut Input<'_>) -> Result<[u8; N], Malformed> {
    input.array().ok_or(SHORT)
}

fn counted<'a>(input: &mut Input<'a>, width: usize) -> Result<&'a [u8], Malformed> {
    let length = usize::try_from(number(input, width)?).map_err(|_| SHORT)?;
    input.take(length).ok_or(SHORT)
}

fn small(value: i64) -> Value {
    Value::Int(Int::Small(value))
}

fn str(line: &[u8]) -> Result<&str, Malformed> {
    std::str::from_utf8(line).map_err(|_| NUMBER)
}

/// `01` and `00` are the booleans of protocols 0 and 1.
fn int_line(input: &mut Input<'_>) -> Result<Value, Malformed> {
    match line(input)? {
        b"01" => Ok(Value::Bool(true)),
        b"00" => Ok(Value::Bool(false)),
        text => Ok(Value::Int(integer::from_decimal(str(text)?).ok_or(NUMBER)?)),
    }
}

fn long_line(input: &mut Input<'_>) -> Result<Value, Malformed> {
    let text = str(line(input)?)?;
    let digits = text.strip_suffix('L').unwrap_or(text);
    Ok(Value::Int(integer::from_decimal(digits).ok_or(NUMBER)?))
}

fn float_line(input: &mut Input<'_>) -> Result<Value, Malformed> {
    str(line(input)?)?.parse().map(Value::Float).map_err(|_| NUMBER)
}

fn long(input: &mut Input<'_>, width: usize) -> Result<Value, Malformed> {
    let int = integer::from_le_bytes(counted(input, width)?);
    Ok(Value::Int(int.ok_or(Malformed("an integer has more than 4,300 digits"))?))
}
