//! Dates in the words of HTTP and mail: `Thu, 29 Feb 2024 23:59:59 GMT`, and what Python reads for one.

use crate::calendar::{Civil, DAY, FIRST, LAST};

const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/// RFC 2822's named zones, in hours; every other name counts as UTC.
const ZONES: [(&str, i32); 10] = [
    ("AST", -4),
    ("ADT", -3),
    ("EST", -5),
    ("EDT", -4),
    ("CST", -6),
    ("CDT", -5),
    ("MST", -7),
    ("MDT", -6),
    ("PST", -8),
    ("PDT", -7),
];

/// The text of a time in seconds from 1970; nothing outside of the years 1 to 9999.
pub(crate) fn write(seconds: i64) -> Option<String> {
    if !(FIRST..=LAST).contains(&seconds) {
        return None;
    }
    let Civil { year, month, day, hour, minute, second } = Civil::from_seconds(seconds);
    let weekday = word(&DAYS, seconds.div_euclid(DAY).rem_euclid(7));
    let month = word(&MONTHS, month - 1);
    Some(format!("{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT"))
}

fn word<'a>(words: &[&'a str], at: i64) -> &'a str {
    usize::try_from(at).ok().and_then(|at| words.get(at)).copied().unwrap_or_default()
}

/// The local time in seconds from 1970, and its offset from UTC in seconds.
///
/// Reads RFC 2822 and RFC 850 dates and those of `asctime`. The weekday is not checked, a missing or unknown zone is UTC.
pub(crate) fn read(text: &str) -> Option<(i64, i32)> {
    let words: Vec<&str> = text.split([' ', '\t', ',']).filter(|word| !word.is_empty()).take(8).collect();
    let words = match words.as_slice() {
        [first, rest @ ..] if !first.starts_with(|c: char| c.is_ascii_digit()) => rest,
        all => all,
    };
    let (day, month, year, time, zone) = match *words {
        [month, day, time, year] if month_of(month).is_some() => (day, month, year, time, None),
        [day, month, year, time] => (day, month, year, time, None),
        [day, month, year, time, zone] => (day, month, year, time, Some(zone)),
        [date, time] => dashed(date, time, None)?,
        [date, time, zone] => dashed(date, time, Some(zone))?,
        _ => return None,
    };
    let (hour, minute, second) = time_of(time)?;
    let civil = Civil { year: year_of(year)?, month: month_of(month)?, day: number(day, 2)?, hour, minute, second };
    Some((civil.to_seconds()?, zone.map_or(Some(0), offset_of)?))
}

type Parts<'a> = (&'a str, &'a str, &'a str, &'a str, Option<&'a str>);

/// `01-Jan-24` in three parts.
fn dashed<'a>(date: &'a str, time: &'a str, zone: Option<&'a str>) -> Option<Parts<'a>> {
    let (day, rest) = date.split_once('-')?;
    let (month, year) = rest.split_once('-')?;
    Some((day, month, year, time, zone))
}

/// Digits only, at most so many.
fn number(text: &str, most: usize) -> Option<i64> {
    let digits = (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

fn month_of(text: &str) -> Option<i64> {
    let at = MONTHS.iter().position(|month| month.eq_ignore_ascii_case(text))?;
    i64::try_from(at + 1).ok()
}

/// Below 100 a year of 1969 to 2068 is meant, however many digits it is written with: Python's rule.
fn year_of(text: &str) -> Option<i64> {
    Some(match number(text, 4)? {
        year @ 0..=68 => year + 2000,
        year @ 69..=99 => year + 1900,
        year => year,
    })
}

fn time_of(text: &str) -> Option<(i64, i64, i64)> {
    let mut parts = text.split(':').map(|part| number(part, 2));
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = parts.next().unwrap_or(Some(0))?;
    parts.next().is_none().then_some((hour, minute, second))
}

/// Seconds east of UTC, by `±hhmm` or by name; nothing for a day and more.
fn offset_of(zone: &str) -> Option<i32> {
    let (sign, digits) = match zone.as_bytes().first()? {
        b'+' => (1, &zone[1..]),
        b'-' => (-1, &zone[1..]),
        _ => {
            let named = ZONES.iter().find(|(name, _)| name.eq_ignore_ascii_case(zone));
            return Some(named.map_or(0, |(_, hours)| hours * 3_600));
        }
    };
    let number = number(digits, 4).filter(|_| digits.len() == 4).and_then(|number| i32::try_from(number).ok())?;
    let seconds = number / 100 * 3_600 + number % 100 * 60;
    (seconds < 86_400).then_some(sign * seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flask_dates_are_written_and_read_as_python_does() {
        for (seconds, text) in [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 GMT"),
            (-11_670_998_400, "Tue, 29 Feb 1600 00:00:00 GMT"),
            (LAST, "Fri, 31 Dec 9999 23:59:59 GMT"),
        ] {
            assert_eq!(write(seconds).unwrap(), text);
            assert_eq!(read(text), Some((seconds, 0)));
        }
        assert_eq!((write(FIRST - 1), write(LAST + 1)), (None, None));
        let half_past_one = Some((1_704_072_600, 0));
        for text in
            ["1 Jan 2024 01:30", "Sun, 01-Jan-24 01:30:00 GMT", "Mon Jan  1 01:30:00 2024", "1 JAN 24 01:30:00 XYZ"]
        {
            assert_eq!(read(text), half_past_one, "{text}");
        }
        assert_eq!(read("Mon, 01 Jan 2024 01:30:00 -0530"), Some((1_704_072_600, -19_800)));
        assert_eq!(read("Mon, 01 Jan 2024 01:30:00 EST"), Some((1_704_072_600, -18_000)));
        for text in
            ["", "yesterday", "30 Feb 2024 01:30", "1 Jan 2024 24:00", "1 Jan 2024 1:2:3:4", "1 Jan 2024 01:30 +9999"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
