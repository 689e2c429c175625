//! Days and months as the vault stores and the statistics count them. Not a clock: see `time`.
//!
//! Proleptic Gregorian calendar (ISO 8601); a day is a number of days since 1970-01-01.

use std::{fmt, str::FromStr};

use thiserror::Error;

/// A calendar day: days since 1970-01-01.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(i32);

impl Day {
    /// The day that lies `days` days after 1970-01-01.
    #[must_use]
    pub const fn from_epoch_days(days: i32) -> Self {
        Self(days)
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub const fn epoch_days(self) -> i32 {
        self.0
    }

    /// The day that is `days` earlier; the earliest day there is if that would be before it.
    #[must_use]
    pub const fn minus(self, days: u16) -> Self {
        Self(self.0.saturating_sub(days as i32))
    }

    /// The month in which the day lies.
    #[must_use]
    pub fn month(self) -> Month {
        // Days to civil date: H. Hinnant, "chrono-compatible low-level date algorithms",
        // https://howardhinnant.github.io/date_algorithms.html. Years start in March there, so that
        // the leap day is the last of its year.
        let shifted = i64::from(self.0) + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let months_since_march = (5 * day_of_year + 2) / 153;
        let march = (era * 400 + year_of_era) * 12 + 2;
        let months = march + months_since_march;
        Month(i32::try_from(months).expect("an i32 of days is under 6 million years"))
    }
}

/// A calendar month, written `YYYY-MM`. Inside: months since January of the year 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(i32);

/// The text is no month of the years 0000 to 9999 in the form `YYYY-MM`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a month is written YYYY-MM")]
pub struct NotAMonth;

impl Month {
    /// The month `month` (1 to 12) of `year`; `None` outside the years 0 to 9999.
    #[must_use]
    pub fn new(year: u16, month: u8) -> Option<Self> {
        let valid = year <= 9_999 && (1..=12).contains(&month);
        valid.then(|| Self(i32::from(year) * 12 + i32::from(month) - 1))
    }

    /// The calendar year.
    #[must_use]
    pub const fn year(self) -> i32 {
        self.0.div_euclid(12)
    }

    /// The month of the year, 1 to 12.
    #[must_use]
    pub const fn month(self) -> i32 {
        self.0.rem_euclid(12) + 1
    }
}

impl Month {
    /// The first day of the month and the last.
    #[must_use]
    pub fn days(self) -> (Day, Day) {
        let last = Self(self.0 + 1).first_day().0 - 1;
        (self.first_day(), Day(last))
    }

    /// The inverse of [`Day::month`], of the same source. Months come from days or have years of four
    /// digits: what lies beyond the days of an `i32` becomes the outermost.
    fn first_day(self) -> Day {
        let since_march = i64::from(self.0) - 2;
        let (year, month) = (since_march.div_euclid(12), since_march.rem_euclid(12));
        let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let day_of_year = (153 * month + 2) / 5;
        let day_of_era = 365 * year_of_era + year_of_era / 4 - year_of_era / 100 + day_of_year;
        let days = era * 146_097 + day_of_era - 719_468;
        let outermost = if days < 0 { i32::MIN + 1 } else { i32::MAX };
        Day(i32::try_from(days).unwrap_or(outermost))
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year(), self.month())
    }
}

impl FromStr for Month {
    type Err = NotAMonth;

    fn from_str(text: &str) -> Result<Self, NotAMonth> {
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let (year, month) = text.split_once('-').ok_or(NotAMonth)?;
        if year.len() != 4 || month.len() != 2 || !digits(year) || !digits(month) {
            return Err(NotAMonth);
        }
        let year = year.parse().map_err(|_| NotAMonth)?;
        let month = month.parse().map_err(|_| NotAMonth)?;
        Self::new(year, month).ok_or(NotAMonth)
    }
}

#[cfg(test)]
mod tests {
    use jiff::{ToSpan, civil::Date};

    use super::*;

    #[test]
    fn months_are_those_of_the_calendar() {
        let epoch = Date::constant(1970, 1, 1);
        for days in (-700_000..2_900_000).step_by(7).chain([-1, 0, 30, 31, 58, 59, 19_782]) {
            let date = epoch.checked_add(days.days()).expect("within jiff's years");
            let month = Day::from_epoch_days(days).month();
            assert_eq!(month.year(), i32::from(date.year()), "{date}");
            assert_eq!(month.month(), i32::from(date.month()), "{date}");
        }
        // The extremes must not stop the process.
        assert!(Day::from_epoch_days(i32::MIN).month() < Day::from_epoch_days(i32::MAX).month());
        assert_eq!(Day::from_epoch_days(i32::MIN).minus(180).epoch_days(), i32::MIN);
    }

    #[test]
    fn a_month_is_its_days() {
        for days in (-700_000..2_900_000).step_by(7).chain([i32::MIN, -1, 0, 30, 31, i32::MAX]) {
            let day = Day::from_epoch_days(days);
            let (first, last) = day.month().days();
            if days.unsigned_abs() < 1 << 30 {
                assert!((first..=last).contains(&day), "{days}");
                assert!(
                    Day(first.0 - 1).month() < day.month() && Day(last.0 + 1).month() > day.month()
                );
                assert!(first.month() == day.month() && last.month() == day.month());
            }
        }
    }

    #[test]
    fn a_month_has_one_text() {
        for text in ["0000-01", "1999-12", "2025-02", "9999-12"] {
            assert_eq!(text.parse::<Month>().map(|month| month.to_string()).as_deref(), Ok(text));
        }
        for text in ["", "2025", "2025-13", "2025-00", "2025-2", "25-02", "2025-02-01", "+025-02"] {
            assert_eq!(text.parse::<Month>(), Err(NotAMonth), "{text}");
        }
    }
}
