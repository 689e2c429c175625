//! Amounts of money, to cents.
//!
//! Knows nothing of clamps or of what an amount is for. Specified in
//! `docs/formats/reading-files.md`, "Amounts".

use super::text::clean;

/// Largest amount read, in cents (a hundred billion euros): beyond it a number is no amount.
const CENTS_MAX: i64 = 10_000_000_000_000;

/// Reads an amount in euros as French, English or Swiss software writes it, to cents.
///
/// A sign that is followed by exactly three digits separates thousands when the digits before it group
/// by three as well; else the last sign is the decimal one. More than two decimals are rounded half away
/// from zero.
#[must_use]
pub fn parse(cell: &str) -> Option<i64> {
    let cell = clean(cell);
    let mut text: &str = &cell;
    let mut negative = false;
    if let Some(inside) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        (text, negative) = (inside, true);
    }
    let is_unit = |c: char| matches!(c, '€' | '$' | ' ') || c.is_alphabetic();
    text = text.trim_matches(is_unit);
    if let Some(rest) = text.strip_prefix(['-', '\u{2212}']).or_else(|| text.strip_suffix('-')) {
        (text, negative) = (rest.trim_matches(is_unit), true);
    }
    text = text.strip_prefix('+').unwrap_or(text);
    let cents = unsigned(text)?;
    Some(if negative { -cents } else { cents })
}

/// Reads the number of a spreadsheet cell, in euros, to cents.
#[must_use]
pub fn from_number(euros: f64) -> Option<i64> {
    let cents = (euros * 100.0).round();
    #[allow(clippy::cast_precision_loss, reason = "the bound is far below 2^53")]
    let bound = CENTS_MAX as f64;
    #[allow(clippy::cast_possible_truncation, reason = "within the bound, a whole number")]
    (cents.abs() <= bound).then_some(cents as i64)
}

fn unsigned(text: &str) -> Option<i64> {
    let (whole, decimals) = split_decimals(text)?;
    let mut euros = 0_i64;
    for byte in whole.bytes().filter(u8::is_ascii_digit) {
        euros = euros.checked_mul(10)?.checked_add(i64::from(byte - b'0'))?;
    }
    let mut digits = decimals.bytes().map(|byte| i64::from(byte - b'0'));
    let mut next = || digits.next().unwrap_or(0);
    let cents = next() * 10 + next() + i64::from(next() >= 5);
    euros.checked_mul(100)?.checked_add(cents).filter(|cents| *cents <= CENTS_MAX)
}

/// Whole part (digits and signs between thousands) and decimals.
fn split_decimals(text: &str) -> Option<(&str, &str)> {
    let is_group_sign = |c: char| matches!(c, ' ' | '.' | ',' | '\'' | '’');
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        // ",50"
        let decimals = text.strip_prefix([',', '.'])?;
        return is_digits(decimals).then_some(("", decimals));
    }
    if !text.chars().all(|c| c.is_ascii_digit() || is_group_sign(c)) {
        return None;
    }
    let Some(last) = text.rfind(['.', ',']) else { return grouped(text).then_some((text, "")) };
    let (whole, decimals) = (&text[..last], &text[last + 1..]);
    if !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let repeated = whole.contains(&text[last..=last]);
    // "0.125" has decimals: no group begins with a lone zero.
    if (decimals.len() == 3 || repeated) && whole != "0" && grouped(text) {
        return Some((text, ""));
    }
    (!repeated && grouped(whole)).then_some((whole, decimals))
}

/// Whether the digits stand without signs or in groups of three after the first.
fn grouped(text: &str) -> bool {
    let mut groups = text.split([' ', '.', ',', '\'', '’']);
    let first = groups.next().unwrap_or_default();
    let mut rest = groups.peekable();
    if !is_digits(first) {
        return false;
    }
    rest.peek().is_none()
        || (first.len() <= 3 && rest.all(|group| group.len() == 3 && is_digits(group)))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
