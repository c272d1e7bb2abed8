use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use session_core::Timestamp;

use super::seen::{Seen, serialize_extension};
use crate::calendar::{Civil, FIRST, LAST};
use crate::timestamp;
use crate::value::DateTime;

/// Microseconds of a second.
const SECOND: i64 = 1_000_000;

/// `datetime.datetime` as a moment: microseconds since 1970 in UTC, years 1 to 9999.
///
/// Flask's cookie keeps whole seconds. Flask-Session's JSON, and a naive datetime in its MessagePack, are ISO 8601 text: one without an offset counts as
/// UTC.
///
/// ```
/// use session_flask::types::UtcDateTime;
///
/// let when: UtcDateTime = "2024-02-29T01:02:03.000006+01:00".parse()?;
/// assert_eq!(when.to_string(), "2024-02-29T00:02:03.000006Z");
/// assert_eq!(when.micros(), 1_709_164_923_000_006);
/// # Ok::<(), session_flask::types::OutOfRange>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UtcDateTime(i64);

/// No moment of the years 1 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no moment of the years 1 to 9999")]
pub struct OutOfRange;

impl UtcDateTime {
    /// A moment by its microseconds since 1970.
    ///
    /// # Errors
    /// [`OutOfRange`] before the year 1 and after 9999.
    pub fn from_micros(micros: i64) -> Result<Self, OutOfRange> {
        let valid = (FIRST..=LAST).contains(&micros.div_euclid(SECOND));
        if valid { Ok(UtcDateTime(micros)) } else { Err(OutOfRange) }
    }

    /// Microseconds since 1970.
    #[must_use]
    pub fn micros(self) -> i64 {
        self.0
    }
}

impl Serialize for UtcDateTime {
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        match output.is_human_readable() {
            true => output.collect_str(self),
            false => serialize_extension(output, timestamp::CODE, &timestamp::encode(self.0)),
        }
    }
}

impl<'de> Deserialize<'de> for UtcDateTime {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let read = match Seen::deserialize(input)? {
            Seen::Text(text) => text.parse().ok(),
            Seen::Extension(timestamp::CODE, data) => timestamp::decode(&data).map(UtcDateTime),
            _ => None,
        };
        read.ok_or_else(|| de::Error::custom("no datetime"))
    }
}

/// `2024-02-29T01:02:03Z`, with six more digits where there are microseconds.
impl fmt::Display for UtcDateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Civil { year, month, day, hour, minute, second } = Civil::from_seconds(self.0.div_euclid(SECOND));
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        match self.0.rem_euclid(SECOND) {
            0 => f.write_str("Z"),
            micros => write!(f, ".{micros:06}Z"),
        }
    }
}

/// ISO 8601 as Python writes it: a date, a time with up to six further digits, and `Z`, `±hh:mm` or nothing.
impl FromStr for UtcDateTime {
    type Err = OutOfRange;

    fn from_str(text: &str) -> Result<Self, OutOfRange> {
        parse(text).ok_or(OutOfRange).and_then(UtcDateTime::from_micros)
    }
}

fn parse(text: &str) -> Option<i64> {
    let (local, rest) = (text.get(..19)?, text.get(19..)?);
    let marks = [(4, b'-'), (7, b'-'), (13, b':'), (16, b':')];
    let marked = marks.iter().all(|&(at, mark)| local.as_bytes()[at] == mark);
    if !marked || !matches!(local.as_bytes()[10], b'T' | b' ') {
        return None;
    }
    let part = |from: usize, to: usize| digits(local.get(from..to)?);
    let (year, month, day) = (part(0, 4)?, part(5, 7)?, part(8, 10)?);
    let (hour, minute, second) = (part(11, 13)?, part(14, 16)?, part(17, 19)?);
    let seconds = Civil { year, month, day, hour, minute, second }.to_seconds()?;
    let (micros, offset) = fraction(rest)?;
    Some((seconds - offset_of(offset)?) * SECOND + micros)
}

fn digits(text: &str) -> Option<i64> {
    let decimal = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if decimal { text.parse().ok() } else { None }
}

/// Microseconds, and what follows them.
fn fraction(text: &str) -> Option<(i64, &str)> {
    let Some(text) = text.strip_prefix('.') else { return Some((0, text)) };
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    let (fraction, rest) = text.split_at(length);
    let micros = (length <= 6).then(|| digits(&format!("{fraction:0<6}")))?;
    (length > 0).then_some((micros?, rest))
}

/// Seconds east of UTC.
fn offset_of(text: &str) -> Option<i64> {
    let sign = match text.as_bytes() {
        [] | b"Z" => return Some(0),
        [b'+', _, _, b':', _, _] => 1,
        [b'-', _, _, b':', _, _] => -1,
        _ => return None,
    };
    let (hours, minutes) = (digits(text.get(1..3)?)?, digits(text.get(4..6)?)?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60))
}

impl TryFrom<SystemTime> for UtcDateTime {
    type Error = OutOfRange;

    fn try_from(time: SystemTime) -> Result<Self, OutOfRange> {
        let micros = |duration: Duration| i64::try_from(duration.as_micros()).map_err(|_| OutOfRange);
        UtcDateTime::from_micros(match time.duration_since(UNIX_EPOCH) {
            Ok(since) => micros(since)?,
            Err(before) => -micros(before.duration())?,
        })
    }
}

impl From<UtcDateTime> for SystemTime {
    fn from(time: UtcDateTime) -> Self {
        let distance = Duration::from_micros(time.0.unsigned_abs());
        if time.0 < 0 { UNIX_EPOCH - distance } else { UNIX_EPOCH + distance }
    }
}

impl TryFrom<Timestamp> for UtcDateTime {
    type Error = OutOfRange;

    fn try_from(time: Timestamp) -> Result<Self, OutOfRange> {
        let micros = i64::try_from(time.as_millis()).ok().and_then(|millis| millis.checked_mul(1_000));
        micros.ok_or(OutOfRange).and_then(UtcDateTime::from_micros)
    }
}

impl From<UtcDateTime> for DateTime {
    fn from(time: UtcDateTime) -> Self {
        DateTime { local_micros: time.0, offset: Some(0) }
    }
}

/// A naive one counts as UTC.
impl TryFrom<DateTime> for UtcDateTime {
    type Error = OutOfRange;

    fn try_from(time: DateTime) -> Result<Self, OutOfRange> {
        UtcDateTime::from_micros(time.local_micros - i64::from(time.offset.unwrap_or(0)) * SECOND)
    }
}
