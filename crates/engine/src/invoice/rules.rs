//! The business rules that a draft must keep, by their names in EN 16931-1 and, where French law wants
//! more, by names of our own. Rules about totals hold by construction: totals are worked out, not typed.

use std::fmt;

use super::{Address, Company, Draft};

/// A rule, by the number under which everybody looks it up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// An invoice has a number.
    Br02,
    /// An invoice has a day of issue.
    Br03,
    /// The seller has a name.
    Br06,
    /// The buyer has a name.
    Br07,
    /// The seller has a postal address.
    Br08,
    /// The seller's address has a country.
    Br09,
    /// The buyer has a postal address.
    Br10,
    /// The buyer's address has a country.
    Br11,
    /// There is at least one line.
    Br16,
    /// Each line has a name.
    Br25,
    /// A price is not negative.
    Br27,
    /// With an amount to pay there is a day on which it is due.
    BrCo25,
    /// The seller's number for tax is stated.
    BrS02,
    /// No more is set off than is owed, and no amount leaves the range of the integer.
    BrCo16,
    /// Both companies have a SIREN (Décret 2022-1299; CGI ann. II art. 242 nonies A).
    FrSiren,
    /// The category of the operation is stated (same decree).
    FrCategory,
    /// Penalties and discount are stated (Code de commerce art. L. 441-9).
    FrTerms,
    /// A day of the service (L. 441-9), not behind that of issue.
    FrDelivery,
    /// Quantities are whole lots, at least one.
    FrQuantity,
    /// The two companies are not one.
    FrParties,
}

impl Rule {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Br02 => "BR-02",
            Self::Br03 => "BR-03",
            Self::Br06 => "BR-06",
            Self::Br07 => "BR-07",
            Self::Br08 => "BR-08",
            Self::Br09 => "BR-09",
            Self::Br10 => "BR-10",
            Self::Br11 => "BR-11",
            Self::Br16 => "BR-16",
            Self::Br25 => "BR-25",
            Self::Br27 => "BR-27",
            Self::BrCo25 => "BR-CO-25",
            Self::BrS02 => "BR-S-02",
            Self::BrCo16 => "BR-CO-16",
            Self::FrSiren => "FR-SIREN",
            Self::FrCategory => "FR-CATEGORY",
            Self::FrTerms => "FR-TERMS",
            Self::FrDelivery => "FR-DELIVERY",
            Self::FrQuantity => "FR-QUANTITY",
            Self::FrParties => "FR-PARTIES",
        }
    }
}

/// The rules that a draft breaks, in their order; never empty.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Broken(pub Vec<Rule>);

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let codes: Vec<_> = self.0.iter().map(|rule| rule.code()).collect();
        write!(f, "the invoice breaks {}", codes.join(", "))
    }
}

/// The rules that can be told from the draft alone; those of amounts are [`super::Invoice::draw_up`]'s.
pub(super) fn broken(draft: &Draft) -> Vec<Rule> {
    let blank = |text: &str| text.trim().is_empty();
    let no_place = |a: &Address| blank(&a.street) || blank(&a.postcode) || blank(&a.town);
    let no_country =
        |a: &Address| a.country.len() != 2 || !a.country.bytes().all(|b| b.is_ascii_uppercase());
    let (seller, buyer) = (&draft.seller, &draft.buyer);
    let checks = [
        (Rule::Br02, blank(&draft.number)),
        (Rule::Br03, draft.issued.is_none()),
        (Rule::Br06, blank(&seller.name)),
        (Rule::Br07, blank(&buyer.name)),
        (Rule::Br08, no_place(&seller.address)),
        (Rule::Br09, no_country(&seller.address)),
        (Rule::Br10, no_place(&buyer.address)),
        (Rule::Br11, no_country(&buyer.address)),
        (Rule::Br16, draft.lines.is_empty()),
        (Rule::Br25, draft.lines.iter().any(|line| blank(&line.name))),
        (Rule::Br27, draft.lines.iter().any(|line| line.price.value() < 0)),
        (Rule::BrS02, !is_vat_id(seller)),
        (Rule::FrSiren, !is_siren(&seller.siren) || !is_siren(&buyer.siren)),
        (Rule::FrCategory, draft.category.is_none()),
        (Rule::FrTerms, blank(&draft.penalties) || blank(&draft.discount)),
        (Rule::FrDelivery, draft.delivered.is_none() || draft.delivered > draft.issued),
        (Rule::FrQuantity, draft.lines.iter().any(|line| line.lots == 0)),
        (Rule::FrParties, !blank(&seller.siren) && seller.siren == buyer.siren),
    ];
    checks.into_iter().filter_map(|(rule, broken)| broken.then_some(rule)).collect()
}

/// Nine digits with the check digit of Luhn.
fn is_siren(text: &str) -> bool {
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(10)).collect();
    let Some(digits) = digits.filter(|digits| digits.len() == 9) else { return false };
    let doubled = |(at, digit): (usize, &u32)| match (at % 2, *digit) {
        (0, digit) => digit,
        (_, digit) if digit > 4 => 2 * digit - 9,
        (_, digit) => 2 * digit,
    };
    digits.iter().rev().enumerate().map(doubled).sum::<u32>().is_multiple_of(10)
}

/// `FR`, two characters, and the SIREN of the company.
fn is_vat_id(company: &Company) -> bool {
    let key = company.vat_id.strip_prefix("FR").and_then(|rest| rest.strip_suffix(&company.siren));
    key.is_some_and(|key| key.len() == 2 && key.bytes().all(|b| b.is_ascii_alphanumeric()))
}
