//! Attribution by linear merges: no hash table, no index, no token outside the merge.
//!
//! Of the sales only the rows of the month are looked at. First those of every kind are merged with
//! its leads, in the policy's order, and each row keeps the lead of the first kind that finds any
//! (twelve bytes a row). Then the sales of each key kind are merged again, and the rows whose unit is the token at
//! hand are summed up, if the month admits the unit.

use thiserror::Error;
use tiers_contact::Kind;
use tiers_protocol::policy::Touch;

use super::{
    Admission, MatchRules, UnitMonth,
    merge::{Merged, Placed},
    pick::{Candidates, better},
    unit::{UnitSale, conversion},
};
use crate::vault::{Day, Month, SegmentRow, Segments, Value, VaultError};

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
}

impl MatchError {
    /// Stable code of the error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Vault(error) => error.code(),
            Self::NotSales => "match.not_sales",
            Self::NotLeads => "match.not_leads",
        }
    }
}

/// What the units of the partners' `sales` contribute in `month`, given the principal's `leads`:
/// every unit with sales in the month that `admission` admits, converted or not, in no meaningful
/// order. Rows of other months have no part in it.
///
/// # Errors
/// [`MatchError`]; a deposit that cannot be read whole yields nothing. Those of `admission`.
pub fn attribute<S: Segments, L: Segments, A: Admission>(
    sales: &[S],
    leads: &[L],
    rules: &MatchRules,
    month: Month,
    admission: &mut A,
) -> Result<Vec<UnitMonth>, A::Error> {
    let mut found = Found::default();
    for kind in &rules.kinds {
        find_leads((sales, month), leads, *kind, rules, &mut found)?;
    }
    let mut contributions = Vec::new();
    for kind in Kind::KEYS {
        sum_units((sales, month), kind, &found, admission, &mut contributions)?;
    }
    Ok(contributions)
}

/// The rows of `month` with a token of `kind`.
fn sold_in<S: Segments>(
    (sales, month): (&[S], Month),
    kind: Kind,
) -> Result<Merged<'_>, VaultError> {
    Merged::open(sales, kind, move |row| row.date.month() == month)
}

/// The lead that each row has found so far, by deposit and row, and the place among the rules' kinds of
/// the kind that found it.
#[derive(Default)]
struct Found {
    leads: Vec<Vec<Option<Lead>>>,
}

#[derive(Clone, Copy)]
struct Lead {
    kind: Kind,
    day: Day,
    campaign: u16,
}

impl Found {
    /// The campaign of a row.
    fn of(&self, placed: &Placed) -> Option<u16> {
        Some((*self.leads.get(placed.deposit)?.get(ordinal(placed))?)?.campaign)
    }

    /// Keeps a lead for a row that no earlier kind has found one for: kinds are tried in order, the
    /// first wins. A row has several tokens of a near kind; of their leads the touch rule takes one.
    fn keep(&mut self, placed: &Placed, found: Lead, touch: Touch) {
        if self.leads.len() <= placed.deposit {
            self.leads.resize_with(placed.deposit + 1, Vec::new);
        }
        let rows = &mut self.leads[placed.deposit];
        if rows.len() <= ordinal(placed) {
            rows.resize(ordinal(placed) + 1, None);
        }
        let kept = rows[ordinal(placed)].get_or_insert(found);
        if kept.kind == found.kind {
            let pick = better((kept.day, kept.campaign), (found.day, found.campaign), touch);
            (kept.day, kept.campaign) = pick;
        }
    }
}

fn ordinal(placed: &Placed) -> usize {
    usize::try_from(placed.row.row).expect("addresses have at least 32 bits")
}

/// Merges the sales and the leads of one kind.
fn find_leads<S: Segments, L: Segments>(
    sales: (&[S], Month),
    leads: &[L],
    kind: Kind,
    rules: &MatchRules,
    found: &mut Found,
) -> Result<(), MatchError> {
    let mut leads = Merged::open(leads, kind, |_| true)?;
    let mut sales = sold_in(sales, kind)?;
    let (mut sold, mut led) = (Vec::new(), Vec::new());
    let mut candidates = Candidates::default();
    let mut sale_token = sales.next_group(&mut sold)?;
    let mut lead_token = leads.next_group(&mut led)?;
    while let (Some(sale), Some(lead)) = (sale_token, lead_token) {
        if sale == lead {
            let of_token = led.iter().map(|placed| lead_of(&placed.row));
            candidates.replace(of_token.collect::<Result<Vec<_>, _>>()?.into_iter());
            for placed in &sold {
                if let Some((day, campaign)) = candidates.pick(placed.row.date, rules) {
                    found.keep(placed, Lead { kind, day, campaign }, rules.touch);
                }
            }
        }
        if sale <= lead {
            sale_token = sales.next_group(&mut sold)?;
        }
        if lead <= sale {
            lead_token = leads.next_group(&mut led)?;
        }
    }
    Ok(())
}

/// Sums up the units whose key is of `kind` and which the month admits.
fn sum_units<S: Segments, A: Admission>(
    sales: (&[S], Month),
    kind: Kind,
    found: &Found,
    admission: &mut A,
    contributions: &mut Vec<UnitMonth>,
) -> Result<(), A::Error> {
    let mut merged = sold_in(sales, kind).map_err(MatchError::from)?;
    let (mut group, mut unit) = (Vec::new(), Vec::new());
    while let Some(token) = merged.next_group(&mut group).map_err(MatchError::from)? {
        unit.clear();
        for placed in group.iter().filter(|placed| placed.row.first) {
            unit.push(sale_of(placed, found)?);
        }
        // Attributed or not: which months count somebody is no matter of leads.
        if !unit.is_empty() && admission.admit(kind, token)? {
            contributions.push(UnitMonth { month: sales.1, conversion: conversion(&mut unit) });
        }
    }
    Ok(())
}

const fn lead_of(row: &SegmentRow) -> Result<(Day, u16), MatchError> {
    match row.value {
        Value::Lead { campaign } => Ok((row.date, campaign)),
        Value::Sale { .. } => Err(MatchError::NotLeads),
    }
}

fn sale_of(placed: &Placed, found: &Found) -> Result<UnitSale, MatchError> {
    match placed.row.value {
        Value::Sale { amount_cents } => {
            Ok(UnitSale { date: placed.row.date, amount_cents, campaign: found.of(placed) })
        }
        Value::Lead { .. } => Err(MatchError::NotSales),
    }
}
