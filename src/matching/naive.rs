//! The executable specification of attribution: the rule of `docs/matching.md` written out as
//! nested loops over unsorted rows. The service never calls it; tests hold the engine, and the
//! figures that were released, against it.

use tiers_contact::Kind;
use tiers_protocol::policy::Touch;

use super::{Attributed, MatchRules, UnitMonth};
use crate::{
    crypto::chain::VaultToken,
    vault::{Value, VaultRow},
};

/// What [`super::attribute`] must find, in another order. `sales` are rows of sales and `leads` rows
/// of leads, of whatever deposits; rows of the wrong sort are passed over.
#[must_use]
pub fn attribute(sales: &[VaultRow], leads: &[VaultRow], rules: &MatchRules) -> Vec<UnitMonth> {
    let mut contributions = Vec::new();
    for (place, row) in sales.iter().enumerate() {
        let Some(unit) = unit_of(row) else { continue };
        let rows: Vec<_> = sales.iter().filter(|other| unit_of(other) == Some(unit)).collect();
        // One contribution for each unit and month: at the first row that is of both.
        let same_month = |other: &VaultRow| other.date.month() == row.date.month();
        let before = &sales[..place];
        if before.iter().any(|other| unit_of(other) == Some(unit) && same_month(other)) {
            continue;
        }
        if !enters(row, &rows, rules) {
            continue;
        }
        let of_month: Vec<_> = rows.into_iter().filter(|other| same_month(other)).collect();
        let conversion = conversion(&of_month, leads, rules);
        contributions.push(UnitMonth { month: row.date.month(), conversion });
    }
    contributions
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

/// Whether the month of `row` is among the earliest of its year in which the unit has rows.
fn enters(row: &VaultRow, unit: &[&VaultRow], rules: &MatchRules) -> bool {
    let month = row.date.month();
    let mut earlier = Vec::new();
    for other in unit.iter().map(|other| other.date.month()) {
        if other.year() == month.year() && other < month && !earlier.contains(&other) {
            earlier.push(other);
        }
    }
    earlier.len() < rules.months()
}

/// The conversion of a unit's rows of one month.
fn conversion(rows: &[&VaultRow], leads: &[VaultRow], rules: &MatchRules) -> Option<Attributed> {
    let mut attributed = Vec::new();
    for row in rows {
        let Value::Sale { amount_cents } = row.value else { continue };
        if let Some(campaign) = campaign_of(row, leads, rules) {
            attributed.push((row.date, amount_cents, campaign));
        }
    }
    let (_, _, campaign) = *attributed.iter().min()?;
    let mut counted = Vec::new();
    let mut revenue_cents = 0_u64;
    for (date, amount_cents, _) in attributed {
        if !counted.contains(&(date, amount_cents)) {
            counted.push((date, amount_cents));
            revenue_cents = revenue_cents.saturating_add(amount_cents);
        }
    }
    Some(Attributed { campaign, revenue_cents })
}

/// The campaign of the lead that gets the sale, by the first kind that finds any.
fn campaign_of(sale: &VaultRow, leads: &[VaultRow], rules: &MatchRules) -> Option<u16> {
    for kind in &rules.kinds {
        let Some(token) = sale.tokens[kind.index()] else { continue };
        let mut candidates = Vec::new();
        for lead in leads {
            let Value::Lead { campaign } = lead.value else { continue };
            let age = i64::from(sale.date.epoch_days()) - i64::from(lead.date.epoch_days());
            let within = (0..=i64::from(rules.window())).contains(&age);
            if lead.tokens[kind.index()] == Some(token) && within {
                candidates.push((age, campaign));
            }
        }
        let best = match rules.touch {
            Touch::Last => candidates.into_iter().min(),
            Touch::First => candidates.into_iter().min_by_key(|(age, campaign)| (-age, *campaign)),
        };
        if let Some((_, campaign)) = best {
            return Some(campaign);
        }
    }
    None
}
