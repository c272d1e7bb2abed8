//! JSON numbers, and Python's text of a float.

use crate::value::{Int, Value};

/// How many digits Python reads as one integer.
const MAX_DIGITS: usize = 4300;

/// The number at the beginning of the input, and its length.
pub(super) fn read(input: &str) -> Option<(Value, usize)> {
    let bytes = input.as_bytes();
    let digits = |from: usize| bytes.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count();
    let sign = usize::from(bytes.first() == Some(&b'-'));
    let whole = match digits(sign) {
        0 => return None,
        _ if bytes[sign] == b'0' => 1,
        count => count,
    };
    let integer = sign + whole;
    let fraction = match (bytes.get(integer), digits(integer + 1)) {
        (Some(b'.'), count @ 1..) => integer + 1 + count,
        _ => integer,
    };
    let end = exponent(bytes, fraction).unwrap_or(fraction);
    let text = &input[..end];
    let value = if end == integer { integer_of(text, whole)? } else { Value::Float(text.parse().ok()?) };
    Some((value, end))
}

/// Where an exponent at `at` ends, if there is one.
fn exponent(bytes: &[u8], at: usize) -> Option<usize> {
    matches!(bytes.get(at)?, b'e' | b'E').then_some(())?;
    let signed = at + 1 + usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
    let count = bytes.iter().skip(signed).take_while(|byte| byte.is_ascii_digit()).count();
    (count > 0).then_some(signed + count)
}

fn integer_of(text: &str, digits: usize) -> Option<Value> {
    match text.parse() {
        Ok(small) => Some(Value::Int(Int::Small(small))),
        Err(_) => (digits <= MAX_DIGITS).then(|| Value::Int(Int::Big(text.to_owned()))),
    }
}

/// Python's `repr`: the shortest digits that read back, with an exponent below 1e-4 and from 1e16 on.
pub(super) fn repr(float: f64) -> String {
    if float.is_nan() {
        return "NaN".to_owned();
    }
    if float.is_infinite() {
        return if float > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    let scientific = format!("{float:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    match exponent.parse::<i32>().unwrap_or(0) {
        -4..16 => format!("{float:?}"),
        exponent => format!("{digits}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs()),
    }
}
