//! The executable specification of attribution: the rule of `docs/matching.md` written out as
//! nested loops over unsorted rows. The service never calls it; tests hold the engine, and the
//! figures that were released, against it.

use std::collections::{BTreeMap, BTreeSet};

use tiers_contact::Kind;
use tiers_protocol::policy::{SaleMonthsPerYear, Touch};

use super::{
    Admission, Attributed, Bought, MatchError, MatchRules, Partners, UnitMonth, unit::SaleLead,
};
use crate::{
    crypto::chain::VaultToken,
    vault::{Day, Month, Value, VaultRow},
};

/// What [`super::attribute`] must find, in another order. `sales` are the deposits of sales, whose
/// partners are `partners`, and `leads` rows of leads, of whatever deposits; rows of the wrong sort are
/// passed over.
///
/// # Errors
/// Those of `admission`.
pub fn attribute<A: Admission>(
    sales: &[Vec<VaultRow>],
    leads: &[VaultRow],
    (rules, partners): (&MatchRules, &Partners),
    month: Month,
    admission: &mut A,
) -> Result<Vec<UnitMonth>, A::Error> {
    let rows =
        (0..).zip(sales).flat_map(|(deposit, rows)| rows.iter().map(move |row| (deposit, row)));
    let of_month: Vec<Row<'_>> = rows.filter(|(_, row)| row.date.month() == month).collect();
    let mut contributions = Vec::new();
    let mut seen = BTreeSet::new();
    for (_, row) in &of_month {
        let Some(unit) = unit_of(row) else { continue };
        if !seen.insert(unit) || !admission.admit(unit.0, unit.1)? {
            continue;
        }
        let rows = of_month.iter().copied().filter(|(_, other)| unit_of(other) == Some(unit));
        let rows: Vec<_> = rows.collect();
        contributions.push(UnitMonth {
            month,
            conversion: conversion(&rows, leads, (rules, partners)),
            bought: bought(&rows),
            known: rows.iter().any(|(_, row)| leads.iter().any(|lead| meets(row, lead, rules))),
            pair: partners.pair(rows.iter().map(|(deposit, _)| *deposit)),
        });
    }
    Ok(contributions)
}

/// A row and the place of its deposit.
type Row<'a> = (u32, &'a VaultRow);

/// The rule of admission over a whole history: which months have counted which unit.
pub struct Admitted {
    limit: SaleMonthsPerYear,
    months: BTreeMap<(Kind, VaultToken), BTreeSet<Month>>,
}

impl Admitted {
    /// Before the first release of a programme in which a unit counts in `limit` months a year.
    #[must_use]
    pub const fn new(limit: SaleMonthsPerYear) -> Self {
        Self { limit, months: BTreeMap::new() }
    }

    /// For a release of `month`.
    pub const fn at(&mut self, month: Month) -> AdmittedAt<'_> {
        AdmittedAt { admitted: self, month }
    }

    /// The months of `year` that have counted a unit, in order.
    #[must_use]
    pub fn months(&self, kind: Kind, unit: VaultToken, year: i32) -> Vec<Month> {
        let months = self.months.get(&(kind, unit)).into_iter().flatten().copied();
        months.filter(|month| month.year() == year).collect()
    }
}

/// A history, for a release of one month.
pub struct AdmittedAt<'a> {
    admitted: &'a mut Admitted,
    month: Month,
}

impl Admission for AdmittedAt<'_> {
    type Error = MatchError;

    fn admit(&mut self, kind: Kind, unit: VaultToken) -> Result<bool, MatchError> {
        let of_year = self.admitted.months(kind, unit, self.month.year());
        if of_year.contains(&self.month) {
            return Ok(true);
        }
        let room = (of_year.len() as u64) < self.admitted.limit.value();
        if room {
            self.admitted.months.entry((kind, unit)).or_default().insert(self.month);
        }
        Ok(room)
    }
}

/// The unit of a row: its first available key kind and the value of it.
fn unit_of(row: &VaultRow) -> Option<(Kind, VaultToken)> {
    for kind in Kind::KEYS {
        if let Some(token) = row.tokens[kind.index()] {
            return Some((kind, token));
        }
    }
    None
}

/// The conversion of a unit's rows of one month.
fn conversion(
    rows: &[Row<'_>],
    leads: &[VaultRow],
    (rules, partners): (&MatchRules, &Partners),
) -> Option<Attributed> {
    let mut attributed = Vec::new();
    for (deposit, row) in rows {
        let Value::Sale { amount_cents, traits } = row.value else { continue };
        if let Some(lead) = lead_of(row, leads, rules) {
            attributed.push((row.date, amount_cents, lead, partners.of(*deposit), traits));
        }
    }
    let (_, _, lead, partner, traits) = *attributed.iter().min()?;
    let counted: BTreeSet<_> = attributed.iter().map(|(date, cents, ..)| (*date, *cents)).collect();
    let revenue_cents = counted.iter().fold(0_u64, |sum, (_, cents)| sum.saturating_add(*cents));
    let SaleLead { campaign, age_days: delay_days } = lead;
    Some(Attributed { campaign, delay_days, partner, traits, revenue_cents, arm: None })
}

/// What a unit's rows of one month bought.
fn bought(rows: &[Row<'_>]) -> Bought {
    let sale = |(_, row): &Row<'_>| match row.value {
        Value::Sale { amount_cents, .. } => Some((row.date, amount_cents)),
        Value::Lead { .. } | Value::Known => None,
    };
    let sales: BTreeSet<_> = rows.iter().filter_map(sale).collect();
    Bought {
        sales: u16::try_from(sales.len()).unwrap_or(u16::MAX),
        cents: sales.iter().fold(0_u64, |sum, (_, cents)| sum.saturating_add(*cents)),
        last: sales.last().map_or(Day::from_epoch_days(0), |(day, _)| *day),
    }
}

/// Whether a sale shares an identifier with a lead.
fn meets(sale: &VaultRow, lead: &VaultRow, rules: &MatchRules) -> bool {
    let shares = |kind: Kind| sale.tokens(kind).any(|own| lead.tokens(kind).any(|of| of == own));
    matches!(lead.value, Value::Lead { .. }) && rules.kinds().iter().any(|kind| shares(*kind))
}

/// The lead that gets the sale, by the first kind that finds any.
fn lead_of(sale: &VaultRow, leads: &[VaultRow], rules: &MatchRules) -> Option<SaleLead> {
    for kind in rules.kinds() {
        let tokens: Vec<VaultToken> = sale.tokens(*kind).collect();
        let mut candidates = Vec::new();
        for lead in leads {
            let Value::Lead { campaign } = lead.value else { continue };
            let age = i64::from(sale.date.epoch_days()) - i64::from(lead.date.epoch_days());
            let within = (0..=i64::from(rules.window())).contains(&age);
            if lead.tokens(*kind).any(|token| tokens.contains(&token)) && within {
                candidates.push((age, campaign));
            }
        }
        let best = match rules.touch() {
            Touch::Last => candidates.into_iter().min(),
            Touch::First => candidates.into_iter().min_by_key(|(age, campaign)| (-age, *campaign)),
        };
        if let Some((age, campaign)) = best {
            let age_days = u16::try_from(age).expect("a window is at most two years");
            return Some(SaleLead { campaign, age_days });
        }
    }
    None
}
