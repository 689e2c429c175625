//! What the units of a month contribute: [`Matching::units`] with the rules of attribution, one conversion
//! a unit, and the question whether the month counts it.
//!
//! Units are looked at on several threads, a few thousand at a time; whether they count is asked on the
//! caller's thread, in one fixed order, and what counts is handed on at once. Nothing grows with the
//! number of units.

use thiserror::Error;
use tiers_contact::Kind;

use super::{
    Admission, Armed, Effort, Finding, MatchRules, Matching, Partners, UnitMonth, UnitSale,
    UnitVisitor, unit::month_of,
};
use crate::{
    crypto::chain::VaultToken,
    vault::{Month, Segments, VaultError},
};

/// Why a matching could not be done. It says nothing about what was matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MatchError {
    /// A deposit could not be read.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// A deposit that was given as sales holds leads.
    #[error("a deposit of leads was given as sales")]
    NotSales,
    /// A deposit that was given as leads holds sales.
    #[error("a deposit of sales was given as leads")]
    NotLeads,
    /// More deposits than can be numbered.
    #[error("there are more deposits than can be matched at once")]
    TooManyDeposits,
}

impl MatchError {
    /// Stable code of the error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Vault(error) => error.code(),
            Self::NotSales => "match.not_sales",
            Self::NotLeads => "match.not_leads",
            Self::TooManyDeposits => "match.too_many_deposits",
        }
    }
}

/// One month's attribution.
#[derive(Clone, Copy, Debug)]
pub struct Attribution<'a> {
    /// The rules of the policy.
    pub rules: &'a MatchRules,
    /// The month of the sales. Rows of other months have no part in it.
    pub month: Month,
    /// Whose the deposits are.
    pub partners: &'a Partners,
    /// On how many threads.
    pub effort: Effort,
}

/// Hands on what the units of the partners' `sales` contribute, given the principal's `leads`: every unit
/// with sales in the month that `admission` admits, converted or not. It is asked once for each unit that
/// has sales in the month, and `each` is called right after it.
///
/// # Errors
/// [`MatchError`]; after any error what was handed on is worth nothing. Those of `admission` and `each`.
pub fn attribute<S: Segments, L: Segments, A: Admission>(
    sales: &[S],
    leads: &[L],
    how: &Attribution<'_>,
    admission: &mut A,
    mut each: impl FnMut(UnitMonth) -> Result<(), A::Error>,
) -> Result<(), A::Error> {
    let month = how.month;
    let finding = Finding::Attributed(how.rules.clone());
    let matching = Matching { sales, leads, finding, month: Some(month) };
    let open = || Decided { month, partners: how.partners, units: Vec::new() };
    matching.units(how.effort, open, |decided| {
        decided.units.into_iter().try_for_each(|(kind, unit, said)| {
            // Attributed or not: which months count somebody is no matter of leads.
            if admission.admit(kind, unit)? { each(said) } else { Ok(()) }
        })
    })
}

/// The same with leads whose rows are in the arms of an experiment: a conversion says the arm of the lead that it
/// is attributed to.
///
/// # Errors
/// As [`attribute`].
pub fn attribute_armed<S: Segments, L: Segments, A: Admission>(
    sales: &[S],
    leads: &[Armed<L>],
    how: &Attribution<'_>,
    admission: &mut A,
    mut each: impl FnMut(UnitMonth) -> Result<(), A::Error>,
) -> Result<(), A::Error> {
    attribute(sales, leads, how, admission, |unit| each(unit.parted()))
}

/// Units of which everything is known but whether they are admitted.
struct Decided<'a> {
    month: Month,
    partners: &'a Partners,
    units: Vec<(Kind, VaultToken, UnitMonth)>,
}

/// Units that wait for admission together.
const WAITING: usize = 4_096;

impl UnitVisitor for Decided<'_> {
    const DAYS: bool = true;
    const AMOUNTS: bool = true;

    fn unit(&mut self, kind: Kind, token: VaultToken, sales: &mut [UnitSale]) {
        self.units.push((kind, token, month_of(self.month, sales, self.partners)));
    }

    fn is_full(&self) -> bool {
        self.units.len() >= WAITING
    }
}
