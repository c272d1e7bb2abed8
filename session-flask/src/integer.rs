//! Python's unbounded integers: from decimal text and from bytes.

use crate::value::Int;

/// The longest integer that is read, in decimal digits: Python's own limit for text.
pub(crate) const MAX_DIGITS: usize = 4300;
/// What that many digits take in bytes.
const MAX_BYTES: usize = 1786;

/// An optional `-`, then digits without leading zeros; nothing else.
pub(crate) fn from_decimal(text: &str) -> Option<Int> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let canonical = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !canonical || digits.len() > MAX_DIGITS || (digits.len() > 1 && digits.starts_with('0')) {
        return None;
    }
    Some(text.parse().map_or_else(|_| Int::Big(text.to_owned()), Int::Small))
}

/// Two's complement, the lowest byte first; no bytes are 0.
pub(crate) fn from_le_bytes(bytes: &[u8]) -> Option<Int> {
    if bytes.len() > MAX_BYTES {
        return None;
    }
    let negative = bytes.last().is_some_and(|byte| byte & 0x80 != 0);
    let magnitude: Vec<u8> = if negative { negated(bytes) } else { bytes.to_vec() };
    let digits = decimal(&magnitude);
    from_decimal(&if negative { format!("-{digits}") } else { digits })
}

fn negated(bytes: &[u8]) -> Vec<u8> {
    let mut carry = true;
    bytes
        .iter()
        .map(|byte| {
            let (sum, over) = (!byte).overflowing_add(u8::from(carry));
            carry = over;
            sum
        })
        .collect()
}

/// Schoolbook conversion in limbs of nine digits; quadratic, and bounded by [`MAX_BYTES`].
fn decimal(magnitude: &[u8]) -> String {
    const LIMB: u64 = 1_000_000_000;
    let mut limbs: Vec<u64> = Vec::new();
    for byte in magnitude.iter().rev() {
        let mut carry = u64::from(*byte);
        for limb in &mut limbs {
            let sum = *limb * 256 + carry;
            (*limb, carry) = (sum % LIMB, sum / LIMB);
        }
        if carry > 0 {
            limbs.push(carry);
        }
    }
    let Some((first, rest)) = limbs.split_last() else { return "0".into() };
    rest.iter().rev().fold(first.to_string(), |text, limb| format!("{text}{limb:09}"))
}

/// The integer as a `u128`, where it is one.
pub(crate) fn as_u128(int: &Int) -> Option<u128> {
    match int {
        Int::Small(small) => u128::try_from(*small).ok(),
        Int::Big(digits) => digits.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flask_bytes_become_the_integers_that_python_means() {
        let read = |bytes: &[u8]| from_le_bytes(bytes).unwrap();
        assert!(read(b"") == Int::Small(0) && read(b"\xff\x00") == Int::Small(255) && read(b"\xff") == Int::Small(-1));
        assert!(read(&i64::MIN.to_le_bytes()) == Int::Small(i64::MIN));
        for value in [i128::MAX, i128::MIN, -1 << 64, 1 << 64, 1_000_000_000_000_000_000_000] {
            assert!(read(&value.to_le_bytes()) == Int::Big(value.to_string()), "{value}");
        }
        assert!(from_le_bytes(&[0x7f; MAX_BYTES + 1]).is_none());
    }

    #[test]
    fn flask_decimal_text_has_one_spelling() {
        assert!(from_decimal("-0") == Some(Int::Small(0)));
        for wrong in ["", "-", "+1", "01", "-01", "1_0", "0x1", " 1", "1 ", "١", &"9".repeat(MAX_DIGITS + 1)] {
            assert!(from_decimal(wrong).is_none(), "{wrong}");
        }
    }
}
