//! MessagePack's timestamp, extension -1: seconds and nanoseconds since 1970 in 4, 8 or 12 bytes.

use crate::calendar::{FIRST, LAST};

/// The extension's code.
pub(crate) const CODE: i8 = -1;

/// The shortest of the three forms.
pub(crate) fn encode(micros: i64) -> Vec<u8> {
    let (seconds, nanos) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000) * 1_000);
    match (u32::try_from(seconds), seconds) {
        (Ok(seconds), _) if nanos == 0 => seconds.to_be_bytes().to_vec(),
        (_, 0..0x4_0000_0000) => (nanos.cast_unsigned() << 34 | seconds.cast_unsigned()).to_be_bytes().to_vec(),
        // Nanoseconds take 30 bits: the first four bytes of eight are zero.
        _ => [&nanos.to_be_bytes()[4..], &seconds.to_be_bytes()].concat(),
    }
}

/// Microseconds since 1970, digits below them cut off; nothing outside of the years 1 to 9999.
pub(crate) fn decode(data: &[u8]) -> Option<i64> {
    let unsigned = |bytes: &[u8]| bytes.iter().fold(0, |sum: u64, &byte| sum << 8 | u64::from(byte));
    let (seconds, nanos) = match data.len() {
        4 => (i64::try_from(unsigned(data)).ok()?, 0),
        8 => (i64::try_from(unsigned(data) & ((1 << 34) - 1)).ok()?, unsigned(data) >> 34),
        12 => (i64::from_be_bytes(data[4..].try_into().ok()?), unsigned(&data[..4])),
        _ => return None,
    };
    let valid = (FIRST..=LAST).contains(&seconds) && nanos < 1_000_000_000;
    valid.then_some(seconds * 1_000_000 + i64::try_from(nanos / 1_000).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flask_timestamps_take_the_shortest_form_and_come_back() {
        for (micros, length) in [
            (0, 4),
            (1_000_000, 4),
            (1, 8),
            ((i64::from(u32::MAX) + 1) * 1_000_000, 8),
            (((1 << 34) - 1) * 1_000_000 + 999_999, 8),
            ((1 << 34) * 1_000_000, 12),
            (-1, 12),
            (FIRST * 1_000_000, 12),
            (LAST * 1_000_000 + 999_999, 12),
        ] {
            let data = encode(micros);
            assert_eq!((data.len(), decode(&data)), (length, Some(micros)));
        }
        assert_eq!(decode(&[0xff; 8]), None);
        assert_eq!(decode(&[0; 5]), None);
    }
}
