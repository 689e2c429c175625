//! Numbers that are names: loyalty cards, SIRET, postcodes.
//!
//! Specified in `docs/formats/normalisation-v1.md`, "Card", "SIRET" and "Postcode".

use super::{
    Reading, Repair, Repairs,
    placeholder::is_placeholder,
    text::{clean, folded},
};

/// Normal form of a card number: letters and digits, upper case, four to thirty-two of them.
#[must_use]
pub fn card(cell: &str) -> Reading<String> {
    if is_placeholder(&clean(cell)) {
        return Reading::Missing;
    }
    let mut repairs = Repairs::NONE;
    let mut number = folded(whole(cell, Repair::CardFloat, &mut repairs)).to_ascii_uppercase();
    number.retain(|c| c != ' ');
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    let same = number.bytes().collect::<std::collections::BTreeSet<_>>().len() == 1;
    if same {
        return Reading::Missing;
    }
    let is_card = number.is_ascii() && (4..=32).contains(&number.len()) && digits >= 3;
    if is_card { Reading::of(number, repairs) } else { Reading::Refused }
}

/// Normal form of a SIRET: fourteen digits whose check digit holds (Luhn; La Poste's establishments
/// have a rule of their own). A spreadsheet's eaten leading zeros are put back.
#[must_use]
pub fn siret(cell: &str) -> Reading<String> {
    if is_placeholder(&clean(cell)) {
        return Reading::Missing;
    }
    let mut repairs = Repairs::NONE;
    let mut digits = folded(whole(cell, Repair::SiretFloat, &mut repairs));
    digits.retain(|c| c != ' ');
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) || !(12..=14).contains(&digits.len()) {
        return Reading::Refused;
    }
    let full = format!("{digits:0>14}");
    if full.bytes().all(|byte| byte == b'0') {
        return Reading::Missing;
    }
    let holds = luhn(full.as_bytes())
        || (full.starts_with("356000000") && sum(full.as_bytes()).is_multiple_of(5));
    repairs.add_if(digits.len() != 14, Repair::SiretEatenZero);
    if holds { Reading::of(full, repairs) } else { Reading::Refused }
}

/// Digits without the `.0` that software puts behind them when it takes a number for a quantity.
fn whole<'a>(cell: &'a str, rule: Repair, repairs: &mut Repairs) -> &'a str {
    let text = cell.trim();
    let whole = text.strip_suffix(".0").or_else(|| text.strip_suffix(",0"));
    match whole.filter(|whole| whole.len() > 3 && whole.bytes().all(|b| b.is_ascii_digit())) {
        Some(whole) => {
            repairs.add(rule);
            whole
        }
        None => cell,
    }
}

fn sum(digits: &[u8]) -> u32 {
    digits.iter().map(|digit| u32::from(digit - b'0')).sum()
}

fn luhn(digits: &[u8]) -> bool {
    let doubled = |(place, digit): (usize, &u8)| {
        let digit = u32::from(digit - b'0');
        match place % 2 {
            0 => digit,
            _ if digit > 4 => 2 * digit - 9,
            _ => 2 * digit,
        }
    };
    digits.iter().rev().enumerate().map(doubled).sum::<u32>().is_multiple_of(10)
}

/// Normal form of a French postcode: five digits. `F-75001`, `75 001`, `75001 PARIS` and an eaten zero are
/// understood.
#[must_use]
pub fn postcode(cell: &str) -> Reading<String> {
    let mut digits = String::with_capacity(5);
    push_postcode(cell, &mut digits).map(|()| digits)
}

/// Writes what [`postcode`] gives into `out`, which says nothing where there is none.
pub(crate) fn push_postcode(cell: &str, out: &mut String) -> Reading<()> {
    out.clear();
    if cell.len() == 5 && cell.bytes().all(|byte| byte.is_ascii_digit()) {
        out.push_str(cell);
        return five_digits(out, Repairs::NONE);
    }
    let cell = clean(cell);
    if is_placeholder(&cell) {
        return Reading::Missing;
    }
    let mut repairs = Repairs::NONE;
    let text = cell.strip_suffix(".0").unwrap_or(&cell);
    repairs.add_if(text.len() < cell.len(), Repair::PostcodeFloat);
    let start = text.strip_prefix("F-").or_else(|| text.strip_prefix("FR-"));
    let text = start.unwrap_or(text).trim_start();
    let mut rest = false;
    for c in text.chars() {
        match c {
            '0'..='9' => out.push(c),
            ' ' if out.len() < 5 => {}
            _ => {
                rest = true;
                break;
            }
        }
    }
    repairs.add_if(start.is_some() || rest, Repair::PostcodeWords);
    if out.len() == 4 {
        repairs.add(Repair::PostcodeEatenZero);
        out.insert(0, '0');
    }
    five_digits(out, repairs)
}

/// What as many digits as were found are.
fn five_digits(digits: &str, repairs: Repairs) -> Reading<()> {
    let bytes = digits.as_bytes();
    match bytes {
        [b'0', b'0', ..] if bytes.iter().all(|byte| *byte == b'0') => Reading::Missing,
        [b'0', b'0', ..] | [b'9', b'9', ..] => Reading::Refused,
        _ if bytes.len() == 5 => Reading::of((), repairs),
        _ => Reading::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_digits_are_read_alike_with_and_without_a_blank() {
        // A blank sends the value through all the rules.
        for number in 0..100_000 {
            let digits = format!("{number:05}");
            assert_eq!(postcode(&digits), postcode(&format!("{digits} ")), "{digits}");
        }
    }
}
