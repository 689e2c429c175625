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
    written_out(cell).or_else(|| by_rules(cell))
}

fn by_rules(cell: &str) -> Option<i64> {
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

/// `16541,08`, `16 541,08 €`: how nearly all files write amounts, with two decimals; `None` for any other
/// form, which says nothing yet.
fn written_out(cell: &str) -> Option<i64> {
    const DIGITS_MAX: usize = 11;
    let cell =
        cell.strip_suffix('€').map_or(cell, |amount| amount.strip_suffix(' ').unwrap_or(amount));
    let (whole, decimals) = cell.as_bytes().split_last_chunk::<3>()?;
    let [b',' | b'.', tens @ b'0'..=b'9', ones @ b'0'..=b'9'] = decimals else { return None };
    if !matches!(whole, [b'0'..=b'9', ..]) || whole.len() > DIGITS_MAX {
        return None;
    }
    let mut euros = 0;
    let mut groups = [0_usize, 0];
    for byte in whole {
        match byte {
            b'0'..=b'9' => {
                euros = 10 * euros + i64::from(byte - b'0');
                groups[1] += 1;
            }
            // A space stands before three digits, and at most three before the first one.
            b' ' if groups[0] == 0 && groups[1] <= 3 || groups[1] == 3 => {
                groups = [groups[0] + 1, 0];
            }
            _ => return None,
        }
    }
    let is_grouped = groups[0] == 0 || groups[1] == 3;
    is_grouped.then(|| 100 * euros + 10 * i64::from(tens - b'0') + i64::from(ones - b'0'))
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_short_way_reads_what_the_rules_read(cell in prop_oneof![
            "[0-9]{1,13}[.,][0-9]{2} ?€?",
            "[0-9]{1,4}( [0-9]{2,4}){0,4}[.,][0-9]{2,3} ?€?",
            "[0-9 ,.€]{0,16}",
        ]) {
            if let Some(cents) = written_out(&cell) {
                prop_assert_eq!(by_rules(&cell), Some(cents));
            }
        }
    }

    #[test]
    fn usual_amounts_go_the_short_way() {
        for (cell, cents) in [
            ("16541,08", 1_654_108),
            ("16 541,08 €", 1_654_108),
            ("0.50", 50),
            ("9 454,66€", 945_466),
        ] {
            assert_eq!(written_out(cell), Some(cents), "{cell}");
        }
        for cell in ["1 6541,08", "1654 108,00", "16 54,08", "16541,080", "-5,00", ",50", ""] {
            assert_eq!(written_out(cell), None, "{cell}");
        }
    }
}
