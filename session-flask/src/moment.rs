//! Moments to the microsecond, as Python's `datetime` counts them.

use crate::calendar::{Civil, FIRST, LAST};
use crate::value::DateTime;

const MICROS: i64 = 1_000_000;

/// A date and a time of day to the microsecond.
pub(crate) struct Parts {
    pub(crate) civil: Civil,
    pub(crate) micro: i64,
}

impl Parts {
    /// Microseconds from 1970-01-01T00:00:00, or nothing where a part is out of its range.
    pub(crate) fn micros(self) -> Option<i64> {
        let seconds = self.civil.to_seconds()?;
        (0..MICROS).contains(&self.micro).then(|| seconds * MICROS + self.micro)
    }
}

/// Whether a moment lies in the years 1 to 9999.
pub(crate) fn is_representable(micros: i64) -> bool {
    (FIRST..=LAST).contains(&micros.div_euclid(MICROS))
}

/// The moment in UTC, in microseconds since 1970; nothing where the date is naive, or UTC has left the calendar.
pub(crate) fn utc_micros(moment: &DateTime) -> Option<i64> {
    let utc = moment.local_micros.checked_sub(i64::from(moment.offset?) * MICROS)?;
    is_representable(utc).then_some(utc)
}

/// `2024-02-29T01:02:03`, with six digits more where there are microseconds.
pub(crate) fn iso(micros: i64) -> String {
    let Civil { year, month, day, hour, minute, second } = Civil::from_seconds(micros.div_euclid(MICROS));
    let whole = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
    match micros.rem_euclid(MICROS) {
        0 => whole,
        micro => format!("{whole}.{micro:06}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flask_moments_are_written_in_the_iso_form() {
        assert_eq!(iso(FIRST * MICROS), "0001-01-01T00:00:00");
        assert_eq!(iso(LAST * MICROS + 999_999), "9999-12-31T23:59:59.999999");
        assert_eq!(iso(951_782_400 * MICROS), "2000-02-29T00:00:00");
        assert!(!is_representable(FIRST * MICROS - 1) && !is_representable((LAST + 1) * MICROS));
    }

    #[test]
    fn flask_parts_out_of_range_are_no_date() {
        let micros = |(year, month, day), (hour, minute, second), micro| {
            Parts { civil: Civil { year, month, day, hour, minute, second }, micro }.micros()
        };
        for date in [(0, 1, 1), (10_000, 1, 1), (2024, 0, 1), (2024, 13, 1), (2023, 2, 29), (1900, 2, 29), (2024, 1, 0)]
        {
            assert_eq!(micros(date, (0, 0, 0), 0), None, "{date:?}");
        }
        for time in [(24, 0, 0), (0, 60, 0), (0, 0, 60)] {
            assert_eq!(micros((2024, 1, 1), time, 0), None, "{time:?}");
        }
        assert_eq!(micros((2024, 1, 1), (0, 0, 0), MICROS), None);
        assert!(micros((2000, 2, 29), (23, 59, 59), 999_999).is_some());
    }
}
