//! The month in which a person is answered (GDPR art. 12(3)), by regulation 1182/71: it ends with the day of
//! the same date, or the last day of a shorter month; where that is a Saturday, a Sunday or a public holiday,
//! with the next working day. Two months more are given for complexity or number, told with reasons inside
//! the first month. Days are those of Paris, holidays those of mainland France (C. trav. art. L. 3133-1).

use jiff::Span;
use jiff::civil::{Date, Weekday, date};
use thiserror::Error;

use super::paris::{legal_day, months_after};
use crate::time::Moment;

/// Why a term is not extended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ExtensionError {
    /// The person is told inside the first month or not at all.
    #[error("an extension is told within the first month")]
    Late,
    /// The person is told why.
    #[error("an extension needs its reasons")]
    NoReason,
    /// There is one only.
    #[error("the term was extended already")]
    Twice,
}

impl ExtensionError {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Late => "request.extension_late",
            Self::NoReason => "request.extension_reason",
            Self::Twice => "request.extension_twice",
        }
    }
}

/// The term of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    received: Date,
    extended: bool,
}

/// How urgent it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// More than a week is left.
    Calm,
    /// A week or less is left.
    Soon,
    /// The last day is over.
    Late,
}

impl Term {
    /// From the day on which the request came; whoever passes a request on hands its first day with it.
    #[must_use]
    pub fn from(received: Moment) -> Self {
        Self { received: legal_day(received), extended: false }
    }

    /// With two months more.
    ///
    /// # Errors
    /// [`ExtensionError`].
    pub fn extend(self, told: Moment, reasons: &str) -> Result<Self, ExtensionError> {
        if self.extended {
            Err(ExtensionError::Twice)
        } else if legal_day(told) > self.last_day() {
            Err(ExtensionError::Late)
        } else if reasons.trim().is_empty() {
            Err(ExtensionError::NoReason)
        } else {
            Ok(Self { extended: true, ..self })
        }
    }

    /// The last day on which the answer is in time.
    #[must_use]
    pub fn last_day(&self) -> Date {
        working_day_from(months_after(self.received, if self.extended { 3 } else { 1 }))
    }

    /// Where it stands.
    #[must_use]
    pub fn urgency(&self, now: Moment) -> Urgency {
        let (today, last) = (legal_day(now), self.last_day());
        if today > last {
            Urgency::Late
        } else if days(today, 7) >= last {
            Urgency::Soon
        } else {
            Urgency::Calm
        }
    }
}

/// The last day on which whoever works for controllers passes a request on to them (art. 28(3)(e)): the
/// second working day after it came. The month of the person goes on running from the first day.
#[must_use]
pub fn pass_on_by(received: Moment) -> Date {
    let next = |day| working_day_from(days(day, 1));
    next(next(legal_day(received)))
}

/// The first working day that is not before `day`.
#[must_use]
pub fn working_day_from(day: Date) -> Date {
    let free = |day: Date| {
        matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) || is_public_holiday(day)
    };
    let mut day = day;
    while free(day) && day < Date::MAX {
        day = days(day, 1);
    }
    day
}

/// Whether it is a public holiday of mainland France.
#[must_use]
pub fn is_public_holiday(day: Date) -> bool {
    let fixed = [(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)];
    let easter = easter(day.year());
    // Easter Monday, Ascension Day, Whit Monday.
    fixed.contains(&(day.month(), day.day())) || [1, 39, 50].iter().any(|n| days(easter, *n) == day)
}

/// Easter Sunday of the Gregorian calendar (Meeus, Jones, Butcher).
fn easter(year: i16) -> Date {
    let y = i32::from(year);
    let (a, b, c) = (y.rem_euclid(19), y.div_euclid(100), y.rem_euclid(100));
    let (d, e) = (b / 4, b % 4);
    let g = (8 * b + 13) / 25;
    let h = (19 * a + b - d - g + 15) % 30;
    let l = (32 + 2 * e + 2 * (c / 4) - h - c % 4) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let after_march = h + l - 7 * m + 114;
    let month = i8::try_from(after_march / 31).expect("March or April");
    let day = i8::try_from(after_march % 31 + 1).expect("a day of the month");
    date(year, month, day)
}

fn days(from: Date, days: i64) -> Date {
    from.checked_add(Span::new().days(days)).unwrap_or(Date::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Moment {
        let at: jiff::Timestamp = text.parse().unwrap();
        Moment::from_seconds(at.as_second()).unwrap()
    }

    fn last(received: &str) -> String {
        Term::from(at(received)).last_day().to_string()
    }

    #[test]
    fn the_month_ends_where_the_calendar_and_its_holidays_say() {
        for (received, expected) in [
            // A Tuesday to a Friday, and shorter months, leap years included.
            ("2026-03-03T10:00:00Z", "2026-04-03"),
            ("2028-01-31T10:00:00Z", "2028-02-29"),
            ("2030-01-31T10:00:00Z", "2030-02-28"),
            ("2026-01-30T10:00:00Z", "2026-03-02"),
            // Weekends, and holidays behind them.
            ("2026-02-14T10:00:00Z", "2026-03-16"),
            ("2026-03-05T10:00:00Z", "2026-04-07"),
            ("2026-04-14T10:00:00Z", "2026-05-15"),
            ("2026-04-25T10:00:00Z", "2026-05-26"),
            ("2025-11-25T10:00:00Z", "2025-12-26"),
            // An evening in Paris is the next day already.
            ("2026-03-03T23:30:00Z", "2026-04-07"),
        ] {
            assert_eq!(last(received), expected, "{received}");
        }
    }

    #[test]
    fn dsr_08_a_processor_has_two_working_days_whatever_holidays_lie_between() {
        for (received, expected) in [
            ("2026-03-03T10:00:00Z", "2026-03-05"),
            // Over a weekend; over Easter; over Ascension Day; over the turn of the year.
            ("2026-03-05T10:00:00Z", "2026-03-09"),
            ("2026-03-07T10:00:00Z", "2026-03-10"),
            ("2026-04-03T10:00:00Z", "2026-04-08"),
            ("2026-05-13T10:00:00Z", "2026-05-18"),
            ("2026-12-31T10:00:00Z", "2027-01-05"),
            // An evening in Paris is the next day already.
            ("2026-03-02T23:30:00Z", "2026-03-05"),
        ] {
            assert_eq!(pass_on_by(at(received)).to_string(), expected, "{received}");
        }
    }

    #[test]
    fn a_request_is_late_when_its_last_day_is_over() {
        let term = Term::from(at("2026-03-03T10:00:00Z"));
        for (now, urgency) in [
            ("2026-03-26T12:00:00Z", Urgency::Calm),
            ("2026-03-27T12:00:00Z", Urgency::Soon),
            ("2026-04-03T21:59:59Z", Urgency::Soon),
            ("2026-04-03T22:00:00Z", Urgency::Late),
        ] {
            assert_eq!(term.urgency(at(now)), urgency, "{now}");
        }
    }

    #[test]
    fn two_months_more_are_told_once_with_reasons_in_the_first_month() {
        let term = Term::from(at("2026-03-03T10:00:00Z"));
        let in_time = at("2026-04-03T21:59:59Z");
        let extended = term.extend(in_time, "many requests").unwrap();
        assert_eq!(extended.last_day(), date(2026, 6, 3));
        assert_eq!(extended.extend(in_time, "again"), Err(ExtensionError::Twice));
        assert_eq!(term.extend(in_time, " "), Err(ExtensionError::NoReason));
        let late = at("2026-04-03T22:00:00Z");
        assert_eq!(term.extend(late, "many requests"), Err(ExtensionError::Late));
    }

    #[test]
    fn easter_falls_where_the_tables_say() {
        for (year, month, day) in [
            (1818, 3, 22),
            (1943, 4, 25),
            (2000, 4, 23),
            (2008, 3, 23),
            (2024, 3, 31),
            (2025, 4, 20),
            (2026, 4, 5),
            (2027, 3, 28),
            (2038, 4, 25),
            (2285, 3, 22),
        ] {
            assert_eq!(easter(year), date(year, month, day));
        }
        let of_2026 = (0..365).filter(|n| is_public_holiday(days(date(2026, 1, 1), *n))).count();
        assert_eq!(of_2026, 11);
    }
}
