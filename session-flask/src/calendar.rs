//! Days and dates: the proleptic Gregorian calendar of Python's `datetime`, years 1 to 9999.

/// Seconds of a day.
pub(crate) const DAY: i64 = 86_400;
/// 0001-01-01T00:00:00, in seconds from 1970.
pub(crate) const FIRST: i64 = -62_135_596_800;
/// 9999-12-31T23:59:59, in seconds from 1970.
pub(crate) const LAST: i64 = 253_402_300_799;

/// A date and a time of day.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Civil {
    pub(crate) year: i64,
    pub(crate) month: i64,
    pub(crate) day: i64,
    pub(crate) hour: i64,
    pub(crate) minute: i64,
    pub(crate) second: i64,
}

impl Civil {
    /// The date and time that many seconds from 1970.
    ///
    /// Counts in years that begin with March, so that the leap day comes last, and in eras of 400 years, which are all alike.
    pub(crate) fn from_seconds(seconds: i64) -> Self {
        let (days, rest) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
        let days = days + 719_468;
        let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * day_of_year + 2) / 153;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        Civil {
            year: year_of_era + era * 400 + i64::from(month <= 2),
            month,
            day: day_of_year - (153 * from_march + 2) / 5 + 1,
            hour: rest / 3_600,
            minute: rest / 60 % 60,
            second: rest % 60,
        }
    }

    /// Seconds from 1970; nothing where there is no such date or time.
    pub(crate) fn to_seconds(self) -> Option<i64> {
        let Civil { year, month, day, hour, minute, second } = self;
        let date = (1..=9999).contains(&year) && (1..=12).contains(&month);
        let time = (0..24).contains(&hour) && (0..60).contains(&minute) && (0..60).contains(&second);
        if !date || !time || !(1..=days_in_month(year, month)).contains(&day) {
            return None;
        }
        let (from_march, year) = if month > 2 { (month - 3, year) } else { (month + 9, year - 1) };
        let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let day_of_year = (153 * from_march + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        let days = era * 146_097 + day_of_era - 719_468;
        Some(days * DAY + hour * 3_600 + minute * 60 + second)
    }
}

fn days_in_month(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flask_calendar_meets_itself_from_year_1_to_9999() {
        assert_eq!(Civil::from_seconds(FIRST).to_seconds(), Some(FIRST));
        let ends = (Civil::from_seconds(FIRST), Civil::from_seconds(LAST));
        assert_eq!(
            (ends.0.year, ends.0.month, ends.0.day, ends.1.year, ends.1.month, ends.1.day),
            (1, 1, 1, 9999, 12, 31)
        );
        for day in (FIRST / DAY..=LAST / DAY).step_by(5) {
            let civil = Civil::from_seconds(day * DAY + 3_661);
            assert!(
                civil.to_seconds() == Some(day * DAY + 3_661) && (civil.hour, civil.minute, civil.second) == (1, 1, 1)
            );
        }
    }
}
