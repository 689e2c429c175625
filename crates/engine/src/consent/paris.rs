//! The legal day: French law counts in days of Paris, not of UTC.
//!
//! Summer time is that of directive 2000/84/EC: from 01:00 UTC of the last Sunday of March to 01:00 UTC
//! of the last Sunday of October. It has held since 1996; acts before that are none of ours.

use jiff::civil::{Date, Weekday, date};
use jiff::{SignedDuration, Span};

use crate::time::Moment;

/// The day in Paris.
#[must_use]
pub fn legal_day(at: Moment) -> Date {
    in_paris(at).date()
}

/// The hour of the day in Paris, from 0 to 23.
#[must_use]
pub fn legal_hour(at: Moment) -> i8 {
    let hour = in_paris(at).seconds().rem_euclid(86_400) / 3_600;
    i8::try_from(hour).expect("a day has 24 hours")
}

/// The moment at which a clock of UTC shows what a clock in Paris shows now.
fn in_paris(at: Moment) -> Moment {
    let utc = at.date();
    let (begin, end) = (last_sunday(utc.year(), 3), last_sunday(utc.year(), 10));
    let late = at.seconds().rem_euclid(86_400) >= 3_600;
    let summer = (utc > begin || (utc == begin && late)) && (utc < end || (utc == end && !late));
    let offset = SignedDuration::from_hours(if summer { 2 } else { 1 });
    let local = at.seconds().saturating_add(offset.as_secs());
    Moment::from_seconds(local).unwrap_or(at)
}

/// The same day of the month, so many months later, or the last day of a shorter month.
#[must_use]
pub fn months_after(day: Date, months: u32) -> Date {
    day.checked_add(Span::new().months(i64::from(months))).unwrap_or(Date::MAX)
}

fn last_sunday(year: i16, month: i8) -> Date {
    let last = date(year, month, 1).last_of_month();
    let past = last.weekday().since(Weekday::Sunday);
    last.checked_sub(Span::new().days(i64::from(past))).expect("a month has a Sunday")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> String {
        let at: jiff::Timestamp = text.parse().unwrap();
        legal_day(Moment::from_seconds(at.as_second()).unwrap()).to_string()
    }

    #[test]
    fn days_begin_at_midnight_in_paris() {
        for (instant, expected) in [
            ("2026-08-10T21:59:59Z", "2026-08-10"),
            ("2026-08-10T22:00:00Z", "2026-08-11"),
            ("2026-01-31T22:59:59Z", "2026-01-31"),
            ("2026-01-31T23:00:00Z", "2026-02-01"),
            // The nights of the change: 29 March and 25 October 2026.
            ("2026-03-28T23:00:00Z", "2026-03-29"),
            ("2026-03-29T22:00:00Z", "2026-03-30"),
            ("2026-10-24T22:00:00Z", "2026-10-25"),
            ("2026-10-25T22:30:00Z", "2026-10-25"),
            ("2026-10-25T23:00:00Z", "2026-10-26"),
        ] {
            assert_eq!(day(instant), expected, "{instant}");
        }
    }

    #[test]
    fn hours_are_those_of_paris_in_summer_and_in_winter() {
        for (instant, expected) in [
            ("2026-08-10T21:59:59Z", 23),
            ("2026-08-10T22:00:00Z", 0),
            ("2026-01-31T22:59:59Z", 23),
            ("2026-03-29T00:59:59Z", 1),
            ("2026-03-29T01:00:00Z", 3),
            ("2026-10-25T01:00:00Z", 2),
        ] {
            let at: jiff::Timestamp = instant.parse().unwrap();
            let hour = legal_hour(Moment::from_seconds(at.as_second()).unwrap());
            assert_eq!(hour, expected, "{instant}");
        }
    }

    #[test]
    fn months_end_where_the_month_does() {
        assert_eq!(months_after(date(2026, 1, 31), 1), date(2026, 2, 28));
        assert_eq!(months_after(date(2028, 1, 31), 1), date(2028, 2, 29));
        assert_eq!(months_after(date(2024, 2, 29), 36), date(2027, 2, 28));
    }
}
