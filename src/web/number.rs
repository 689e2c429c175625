//! Numbers, money and dates as a reader of one language writes them. Whole-number arithmetic only;
//! bounds of intervals are rounded outwards, so that a printed interval never claims more than the
//! document does.

use jiff::{Timestamp, tz::TimeZone};

use super::Language;
use super::text::{Text, fill};

/// Which way a number goes when digits are dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rounding {
    /// To the nearest, halves upwards.
    Nearest,
    /// Towards minus infinity: lower bounds.
    Down,
    /// Towards plus infinity: upper bounds.
    Up,
}

/// Narrow no-break space: separates thousands in French.
const NARROW: char = '\u{202f}';

impl Language {
    /// A whole number with its thousands set apart.
    pub(super) fn integer(self, value: impl Into<i128>) -> String {
        let value = value.into();
        let digits = value.unsigned_abs().to_string();
        let mut out = String::from(if value < 0 { "\u{2212}" } else { "" });
        for (position, digit) in digits.chars().enumerate() {
            if position > 0 && (digits.len() - position).is_multiple_of(3) {
                out.push(if self == Self::French { NARROW } else { ',' });
            }
            out.push(digit);
        }
        out
    }

    /// A number of `10^-from` units, written with `to` decimals.
    pub(super) fn decimal(self, value: i64, from: u32, to: u32, rounding: Rounding) -> String {
        let dropped = 10_i128.pow(from.saturating_sub(to));
        let value = i128::from(value);
        let kept = match rounding {
            Rounding::Nearest => (2 * value + dropped).div_euclid(2 * dropped),
            Rounding::Down => value.div_euclid(dropped),
            Rounding::Up => -(-value).div_euclid(dropped),
        };
        let one = 10_i128.pow(to);
        let whole = self.integer(kept / one);
        if to == 0 {
            return whole;
        }
        let sign = if kept < 0 && kept / one == 0 { "\u{2212}" } else { "" };
        let mark = if self == Self::French { ',' } else { '.' };
        let rest = (kept % one).unsigned_abs();
        format!("{sign}{whole}{mark}{rest:0>width$}", width = to as usize)
    }

    /// An amount of euros, already written as a number.
    pub(super) fn euros(self, number: &str) -> String {
        match self {
            Self::French => format!("{number}\u{a0}€"),
            Self::English => format!("€{number}"),
        }
    }

    /// A percentage, already written as a number.
    pub(super) fn percent(self, number: &str) -> String {
        match self {
            Self::French => format!("{number}\u{a0}%"),
            Self::English => format!("{number}%"),
        }
    }

    /// A part of a whole as a percentage with one decimal; `0` of nothing.
    pub(super) fn share(self, part: u64, whole: u64) -> String {
        let permille = u128::from(part) * 1000 + u128::from(whole / 2);
        let permille = permille.checked_div(u128::from(whole)).unwrap_or(0);
        let permille = i64::try_from(permille).unwrap_or(i64::MAX);
        self.percent(&self.decimal(permille, 1, 1, Rounding::Nearest))
    }

    /// The same, where something must not look like nothing.
    pub(super) fn share_told(self, part: u64, whole: u64) -> String {
        if part > 0 && u128::from(part) * 2_000 < u128::from(whole) {
            return format!("<\u{a0}{}", self.share(1, 1_000));
        }
        self.share(part, whole)
    }

    /// A month of the form `YYYY-MM` in words; another text as it is.
    pub(super) fn month(self, period: &str) -> String {
        let text = self.text();
        let name = period
            .get(5..7)
            .and_then(|month| month.parse::<usize>().ok())
            .and_then(|month| text.months.split(' ').nth(month.checked_sub(1)?));
        match (name, period.get(..4)) {
            (Some(name), Some(year)) => format!("{name}\u{a0}{year}"),
            _ => period.to_owned(),
        }
    }

    /// A moment (RFC 3339) in words, in UTC; another text as it is.
    pub(super) fn moment(self, rfc3339: &str) -> String {
        let Ok(at) = rfc3339.parse::<Timestamp>() else { return rfc3339.to_owned() };
        let at = at.to_zoned(TimeZone::UTC);
        let Text { moment, months, first_day, .. } = self.text();
        let month = usize::try_from(at.month()).unwrap_or(1);
        let month = months.split(' ').nth(month.saturating_sub(1)).unwrap_or_default();
        let day = if at.day() == 1 { (*first_day).to_owned() } else { at.day().to_string() };
        let time = at.strftime("%H:%M").to_string();
        let year = at.year().to_string();
        fill(moment, &[("day", &day), ("month", month), ("year", &year), ("time", &time)])
    }

    /// A day of the form `YYYY-MM-DD` in words; another text as it is.
    pub(super) fn day(self, iso: &str) -> String {
        let Ok(day) = iso.parse::<jiff::civil::Date>() else { return iso.to_owned() };
        let number =
            if day.day() == 1 { self.text().first_day.to_owned() } else { day.day().to_string() };
        format!("{number}\u{a0}{}", self.month(iso))
    }

    /// A SIREN in its three groups.
    pub(super) fn siren(self, digits: &str) -> String {
        if digits.len() != 9 || !digits.is_ascii() {
            return digits.to_owned();
        }
        format!("{}\u{a0}{}\u{a0}{}", &digits[..3], &digits[3..6], &digits[6..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{English, French};

    #[test]
    fn numbers_are_written_as_the_reader_writes_them() {
        assert_eq!(French.integer(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!(English.integer(1_234_567), "1,234,567");
        assert_eq!(English.integer(999), "999");
        assert_eq!(English.integer(-1000), "\u{2212}1,000");
        assert_eq!(French.decimal(123, 2, 2, Rounding::Nearest), "1,23");
        assert_eq!(English.decimal(5, 2, 2, Rounding::Nearest), "0.05");
        assert_eq!(English.decimal(-5, 2, 2, Rounding::Nearest), "\u{2212}0.05");
        assert_eq!(French.euros("12"), "12\u{a0}€");
        assert_eq!(English.share(825, 3000), "27.5%");
        assert_eq!(English.share(1, 0), "0.0%");
        assert_eq!(English.share_told(0, 3000), "0.0%");
        assert_eq!(English.share_told(1, 3000), "<\u{a0}0.1%");
        assert_eq!(English.share_told(1, 2000), "0.1%");
        assert_eq!(French.share_told(1, u64::MAX), "<\u{a0}0,1\u{a0}%");
    }

    #[test]
    fn bounds_are_rounded_outwards() {
        for value in [-250, -201, -199, 0, 1, 99, 100, 101, 149, 150, 151] {
            let read = |rounding| {
                let text = English.decimal(value, 2, 0, rounding).replace('\u{2212}', "-");
                text.parse::<i64>().expect("a number") * 100
            };
            let (low, near, high) =
                (read(Rounding::Down), read(Rounding::Nearest), read(Rounding::Up));
            assert!(low <= value && value <= high && high - low <= 100, "{value}");
            assert!((near - value).abs() <= 50, "{value}");
        }
    }

    #[test]
    fn dates_are_words_and_anything_else_stays_as_it_is() {
        assert_eq!(French.month("2025-05"), "mai\u{a0}2025");
        assert_eq!(English.month("2025-12"), "December\u{a0}2025");
        assert_eq!(English.month("2025-13"), "2025-13");
        assert_eq!(English.month("x"), "x");
        assert_eq!(
            French.moment("2025-06-01T08:05:59.123Z"),
            "1er\u{a0}juin\u{a0}2025 à 08:05 UTC"
        );
        assert_eq!(English.moment("2025-06-11T18:05:59Z"), "11\u{a0}June\u{a0}2025 at 18:05 UTC");
        assert_eq!(English.moment("noon"), "noon");
        assert_eq!(French.day("2025-06-01"), "1er\u{a0}juin\u{a0}2025");
        assert_eq!(English.day("2025-06-21"), "21\u{a0}June\u{a0}2025");
        assert_eq!(English.day("soon"), "soon");
    }
}
