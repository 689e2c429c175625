//! What one line of a body says: tokens, re-keyed as they are read, a day, a value, traits of a sale. Bytes in, no
//! text is made and nothing is allocated for a row. The grammar is that of `docs/formats/body.md`.

use tiers_contact::{FileKind, Kind, Token};
use tiers_protocol::policy::ClampCents;

use crate::crypto::chain::{VaultChain, VaultToken};
use crate::service::Refusal;
use crate::vault::{Day, Traits, Value};

/// Digits of an unkeyed SHA-256 in hex: what a CRM exports, and what is refused here.
const HEX_DIGEST: usize = 64;

/// What the lines of one body look like.
pub(super) struct Grammar<'a> {
    /// Kinds of the policy, in the order of the columns.
    pub(super) kinds: Vec<Kind>,
    /// What the body is.
    pub(super) kind: FileKind,
    /// Names of the campaigns: what leads name.
    pub(super) campaigns: Vec<&'a [u8]>,
    /// Names of models and of areas, where the programme has such lists: columns of sales.
    pub(super) models: Vec<Vec<u8>>,
    pub(super) areas: Vec<Vec<u8>>,
    /// What re-keys.
    pub(super) chain: &'a VaultChain,
}

/// A row. It is used again for the next one; it has no `Debug`.
pub(super) struct Row {
    /// The tokens at rest, in the order of the kinds.
    pub(super) tokens: Vec<(Kind, VaultToken)>,
    /// Of leads, the same as they were sent: for the digest of the row, and for nothing else.
    pub(super) sent: Vec<(Kind, Token)>,
    /// Day of the sale or of the lead.
    pub(super) date: Day,
    /// Amount or campaign.
    pub(super) value: Value,
}

impl Row {
    pub(super) const fn new() -> Self {
        let value = Value::Sale { amount_cents: 0, traits: Traits::OTHER };
        Self { tokens: Vec::new(), sent: Vec::new(), date: Day::from_epoch_days(0), value }
    }

    /// The first key that the row has: what decides its unit.
    pub(super) fn first_key(&self) -> Option<Kind> {
        self.tokens.iter().map(|(kind, _)| *kind).filter(|kind| kind.is_key()).min()
    }
}

impl Grammar<'_> {
    /// Reads a line into `row`.
    ///
    /// # Errors
    /// [`Refusal::BadLine`], [`Refusal::BareHash`].
    pub(super) fn read(&self, line: &[u8], row: &mut Row) -> Result<(), Refusal> {
        row.tokens.clear();
        row.sent.clear();
        let mut fields = Fields(Some(line));
        for kind in &self.kinds {
            let field = fields.next().ok_or(Refusal::BadLine)?;
            if kind.is_near() {
                self.near(*kind, field, row)?;
            } else if !field.is_empty() {
                let token = token(field)?;
                self.add(*kind, token, row);
            }
        }
        // A known person has no event: nothing follows the tokens.
        let mut date = None;
        row.value = Value::Known;
        if self.kind != FileKind::Customers {
            date = Some(fields.next().ok_or(Refusal::BadLine)?);
            let value = fields.next().ok_or(Refusal::BadLine)?;
            row.value = self.value(value, &mut fields)?;
        }
        if fields.next().is_some() {
            return Err(Refusal::BadLine);
        }
        row.date = match date {
            Some(date) => day(date).ok_or(Refusal::BadLine)?,
            None => Day::from_epoch_days(0),
        };
        Ok(())
    }

    /// Exactly as many tokens as the kind has, no two alike: fewer or more would tell what a row lacks.
    fn near(&self, kind: Kind, field: &[u8], row: &mut Row) -> Result<(), Refusal> {
        let start = row.tokens.len();
        for text in field.split(|byte| *byte == b' ') {
            if row.tokens.len() - start == kind.tokens_per_row() {
                return Err(Refusal::BadLine);
            }
            self.add(kind, token(text)?, row);
            let (last, others) = row.tokens[start..].split_last().ok_or(Refusal::BadLine)?;
            if others.contains(last) {
                return Err(Refusal::BadLine);
            }
        }
        let complete = row.tokens.len() - start == kind.tokens_per_row();
        if complete { Ok(()) } else { Err(Refusal::BadLine) }
    }

    fn add(&self, kind: Kind, token: Token, row: &mut Row) {
        row.tokens.push((kind, self.chain.rekey(&token)));
        if self.kind == FileKind::Leads {
            row.sent.push((kind, token));
        }
    }

    fn value(&self, field: &[u8], rest: &mut Fields<'_>) -> Result<Value, Refusal> {
        if self.kind != FileKind::Leads {
            let amount_cents = amount(field).ok_or(Refusal::BadLine)?;
            let traits = Traits::new(trait_of(&self.models, rest)?, trait_of(&self.areas, rest)?);
            return Ok(Value::Sale { amount_cents, traits });
        }
        let index = self.campaigns.iter().position(|name| *name == field);
        let campaign = index.and_then(|i| u16::try_from(i).ok()).ok_or(Refusal::BadLine)?;
        Ok(Value::Lead { campaign })
    }
}

/// Place in a list of names, `None` for an empty field; there is no column where there is no list.
fn trait_of(names: &[Vec<u8>], fields: &mut Fields<'_>) -> Result<Option<u8>, Refusal> {
    if names.is_empty() {
        return Ok(None);
    }
    let field = fields.next().ok_or(Refusal::BadLine)?;
    if field.is_empty() {
        return Ok(None);
    }
    let place = names.iter().position(|name| name == field).ok_or(Refusal::BadLine)?;
    u8::try_from(place).map(Some).map_err(|_| Refusal::BadLine)
}

fn token(field: &[u8]) -> Result<Token, Refusal> {
    match Token::from_base64url(field) {
        Some(token) => Ok(token),
        None if field.len() == HEX_DIGEST && field.iter().all(u8::is_ascii_hexdigit) => {
            Err(Refusal::BareHash)
        }
        None => Err(Refusal::BadLine),
    }
}

/// The fields of a line.
struct Fields<'a>(Option<&'a [u8]>);

impl<'a> Iterator for Fields<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.0?;
        let Some(end) = memchr::memchr(b',', rest) else {
            self.0 = None;
            return Some(rest);
        };
        let (field, rest) = rest.split_at(end);
        self.0 = rest.get(1..);
        Some(field)
    }
}

fn digits(text: &[u8]) -> Option<u64> {
    text.iter().try_fold(0_u64, |number, byte| {
        let digit = byte.wrapping_sub(b'0');
        let number = number.checked_mul(10)?.checked_add(digit.into())?;
        (digit <= 9).then_some(number)
    })
}

/// The client clamps to less; beyond the largest clamp a number is no amount.
fn amount(field: &[u8]) -> Option<u64> {
    let cents = digits(field)?;
    (!field.is_empty() && cents <= ClampCents::MAX).then_some(cents)
}

/// A day of the proleptic Gregorian calendar, spelled in full.
fn day(field: &[u8]) -> Option<Day> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *field else { return None };
    let number = |digits_of: &[u8]| i32::try_from(digits(digits_of)?).ok();
    let (year, month, day) = (number(&[y1, y2, y3, y4])?, number(&[m1, m2])?, number(&[d1, d2])?);
    if day < 1 || day > days_in(year, month)? {
        return None;
    }
    // Civil date to days: H. Hinnant, "chrono-compatible low-level date algorithms",
    // https://howardhinnant.github.io/date_algorithms.html. Years begin in March there.
    let (year, months) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * months + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(Day::from_epoch_days(era * 146_097 + day_of_era - 719_468))
}

const fn days_in(year: i32, month: i32) -> Option<i32> {
    Some(match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn by_jiff(text: &str) -> Option<i32> {
        let date: jiff::civil::Date = text.parse().ok()?;
        let since = date.since(jiff::civil::date(1970, 1, 1)).ok()?;
        (date.to_string() == text).then_some(since.get_days())
    }

    #[test]
    fn every_day_of_ten_thousand_years_is_that_of_the_calendar() {
        for year in 0..=9_999 {
            for month in 0..=13 {
                for day_of_month in [0, 1, 15, 28, 29, 30, 31, 32] {
                    let text = format!("{year:04}-{month:02}-{day_of_month:02}");
                    let found = day(text.as_bytes()).map(Day::epoch_days);
                    assert_eq!(found, by_jiff(&text), "{text}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn a_day_is_spelled_in_one_way(text in "[-+ 0-9TZ:\u{e9}]{0,12}|[0-9]{4}-[0-9]{2}-[0-9]{2}") {
            prop_assert_eq!(day(text.as_bytes()).map(Day::epoch_days), by_jiff(&text));
        }

        #[test]
        fn an_amount_is_digits_up_to_the_largest_clamp(
            text in "[-+ 0-9.e]{0,4}|[0-9]{1,24}|0{20}[0-9]{3}",
        ) {
            let canonical = text.bytes().all(|byte| byte.is_ascii_digit());
            let expected = text.parse().ok().filter(|cents| canonical && *cents <= ClampCents::MAX);
            prop_assert_eq!(amount(text.as_bytes()), expected);
        }

        #[test]
        fn fields_are_what_stands_between_commas(line in "[a,b]{0,12}") {
            let found: Vec<_> = Fields(Some(line.as_bytes())).collect();
            prop_assert_eq!(found, line.split(',').map(str::as_bytes).collect::<Vec<_>>());
        }
    }
}
