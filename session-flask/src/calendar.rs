//! Dates and times of the proleptic Gregorian calendar, years 1 to 9999, as Python counts them.

use crate::value::DateTime;

const MICROS: i64 = 1_000_000;
const DAY: i64 = 86_400 * MICROS;
/// 0001-01-01T00:00:00 and the first microsecond after year 9999.
const FIRST: i64 = -62_135_596_800 * MICROS;
const END: i64 = 253_402_300_800 * MICROS;

/// The parts of a moment as they are written: year, month, day, hour, minute, second, microsecond.
pub(crate) struct Parts {
    pub(crate) date: (i64, i64, i64),
    pub(crate) time: (i64, i64, i64),
    pub(crate) micro: i64,
}

impl Parts {
    /// Microseconds from 1970-01-01T00:00:00, or nothing where a part is out of its range.
    pub(crate) fn micros(&self) -> Option<i64> {
        let ((year, month, day), (hour, minute, second)) = (self.date, self.time);
        let fits = (1..=9999).contains(&year)
            && (1..=12).contains(&month)
            && (1..=days_in(year, month)).contains(&day)
            && (0..24).contains(&hour)
            && (0..60).contains(&minute)
            && (0..60).contains(&second)
            && (0..MICROS).contains(&self.micro);
        let seconds = (hour * 60 + minute) * 60 + second;
        fits.then(|| days(year, month, day) * DAY + seconds * MICROS + self.micro)
    }

    fn of(micros: i64) -> Self {
        let seconds = micros.rem_euclid(DAY) / MICROS;
        Parts {
            date: date(micros.div_euclid(DAY)),
            time: (seconds / 3600, seconds / 60 % 60, seconds % 60),
            micro: micros.rem_euclid(MICROS),
        }
    }
}

/// Whether a moment lies in the years 1 to 9999.
pub(crate) fn is_representable(micros: i64) -> bool {
    (FIRST..END).contains(&micros)
}

/// The moment in UTC, in microseconds since 1970; nothing where the date is naive, or UTC has left the calendar.
pub(crate) fn utc_micros(moment: &DateTime) -> Option<i64> {
    let utc = moment.local_micros.checked_sub(i64::from(moment.offset?) * MICROS)?;
    is_representable(utc).then_some(utc)
}

/// `2024-02-29T01:02:03`, with six digits more where there are microseconds.
pub(crate) fn iso(micros: i64) -> String {
    let Parts { date: (year, month, day), time: (hour, minute, second), micro } = Parts::of(micros);
    let whole = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
    if micro == 0 { whole } else { format!("{whole}.{micro:06}") }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01. The year is taken to begin in March, so that the leap day is its last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + (month * 153 + 2) / 5 + day - 1 - 719_468
}

fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (month, carry) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (era * 400 + year + carry, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flask_every_day_of_the_calendar_there_and_back() {
        for (day, micros) in (FIRST..END).step_by(DAY.unsigned_abs().try_into().unwrap()).enumerate() {
            let parts = Parts::of(micros);
            assert_eq!(parts.micros(), Some(micros), "day {day}");
        }
        assert_eq!(iso(FIRST), "0001-01-01T00:00:00");
        assert_eq!(iso(END - 1), "9999-12-31T23:59:59.999999");
        assert_eq!(iso(951_782_400 * MICROS), "2000-02-29T00:00:00");
    }

    #[test]
    fn flask_parts_out_of_range_are_no_date() {
        let micros = |date, time| Parts { date, time, micro: 0 }.micros();
        for date in [(0, 1, 1), (10_000, 1, 1), (2024, 0, 1), (2024, 13, 1), (2023, 2, 29), (1900, 2, 29), (2024, 1, 0)]
        {
            assert_eq!(micros(date, (0, 0, 0)), None, "{date:?}");
        }
        for time in [(24, 0, 0), (0, 60, 0), (0, 0, 60)] {
            assert_eq!(micros((2024, 1, 1), time), None, "{time:?}");
        }
        assert!(micros((2000, 2, 29), (23, 59, 59)).is_some());
    }
}
