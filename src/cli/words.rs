//! Numbers and dates as people read them. Nothing here decides what is shown.

use tiers_protocol::report::HiddenReason;

/// Groups of three digits with a narrow gap, `12 345`.
#[must_use]
pub fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

/// As [`grouped`], with a sign when negative.
#[must_use]
pub fn signed(value: i64) -> String {
    let sign = if value < 0 { "-" } else { "" };
    format!("{sign}{}", grouped(value.unsigned_abs()))
}

/// Whole euros, rounded to the nearest, from cents.
#[must_use]
pub fn euros(cents: i64) -> String {
    signed(round_div(cents, 100))
}

/// Whole thousands of euros, rounded to the nearest, from cents.
#[must_use]
pub fn kilo_euros(cents: i64) -> String {
    signed(round_div(cents, 100_000))
}

/// A share in 10,000 as per cent, without the sign: `3.81`, `11.4`.
#[must_use]
pub fn per_cent(per_myriad: i64) -> String {
    short(per_myriad)
}

/// Thousandths as `8.21` or `38.1`.
#[must_use]
pub fn milli(value: i64) -> String {
    short(round_div(value, 10))
}

/// Hundredths with two decimals, from ten upwards with one: a third digit is all that noise leaves.
fn short(hundredths: i64) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    let size = hundredths.unsigned_abs();
    if size < 1_000 {
        format!("{sign}{}.{:02}", size / 100, size % 100)
    } else {
        let tenths = size / 10 + u64::from(size % 10 >= 5);
        format!("{sign}{}.{}", grouped(tenths / 10), tenths % 10)
    }
}

/// Millions with one decimal, from units: `82.5 M` of nano-rho.
#[must_use]
pub fn mega(nrho: u64) -> String {
    let tenths = nrho.saturating_add(50_000) / 100_000;
    format!("{}.{} M", grouped(tenths / 10), tenths % 10)
}

/// One thing or several.
#[must_use]
pub fn count(number: u64, one: &str, several: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { several })
}

/// Why a figure is not shown, in a few words.
#[must_use]
pub const fn hidden(reason: HiddenReason) -> &'static str {
    match reason {
        HiddenReason::BelowThreshold => "too few",
        HiddenReason::Complement => "would give away a hidden row",
        HiddenReason::NoDenominator => "nothing to divide by",
        HiddenReason::Unbounded => "noise leaves it without a bound",
    }
}

/// Division that rounds half away from zero.
const fn round_div(value: i64, by: i64) -> i64 {
    let half = if value < 0 { -(by / 2) } else { by / 2 };
    value.saturating_add(half) / by
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_people_read_them() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_234_567), "1 234 567");
        assert_eq!(signed(-1_000), "-1 000");
        assert_eq!(euros(149), "1");
        assert_eq!(euros(-150), "-2");
        assert_eq!(kilo_euros(120_450_000), "1 205");
        assert_eq!(kilo_euros(-49_999), "0");
        assert_eq!(per_cent(5), "0.05");
        assert_eq!(per_cent(-1_234), "-12.3");
        assert_eq!(per_cent(999), "9.99");
        assert_eq!(per_cent(1_005), "10.1");
        assert_eq!(milli(8_214), "8.21");
        assert_eq!(milli(12_349), "12.4");
        assert_eq!(milli(9_996), "10.0");
        assert_eq!(mega(82_500_000), "82.5 M");
        assert_eq!(mega(300_000_000), "300.0 M");
    }

    #[test]
    fn extremes_do_not_overflow() {
        for value in [i64::MIN, i64::MAX] {
            for write in [signed, euros, kilo_euros, per_cent, milli] {
                assert!(!write(value).is_empty());
            }
        }
        assert!(!mega(u64::MAX).is_empty());
    }
}
