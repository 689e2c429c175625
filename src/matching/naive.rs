//! The executable specification of attribution: the rule of `docs/matching.md` written out as
//! nested loops over unsorted rows. The service never calls it; tests hold the engine, and the
//! figures that were released, against it.

use std::collections::{BTreeMap, BTreeSet};

use tiers_contact::Kind;
use tiers_protocol::policy::{SaleMonthsPerYear, Touch};

use super::{Admission, Attributed, MatchError, MatchRules, UnitMonth};
use crate::{
    crypto::chain::VaultToken,
    vault::{Month, Value, VaultRow},
};

/// What [`super::attribute`] must find, in another order. `sales` are rows of sales and `leads` rows
/// of leads, of whatever deposits; rows of the wrong sort are passed over.
///
/// # Errors
/// Those of `admission`.
pub fn attribute<A: Admission>(
    sales: &[VaultRow],
    leads: &[VaultRow],
    rules: &MatchRules,
    month: Month,
    admission: &mut A,
) -> Result<Vec<UnitMonth>, A::Error> {
    let of_month: Vec<_> = sales.iter().filter(|row| row.date.month() == month).collect();
    let mut contributions = Vec::new();
    let mut seen = BTreeSet::new();
    for row in &of_month {
        let Some(unit) = unit_of(row) else { continue };
        if !seen.insert(unit) || !admission.admit(unit.0, unit.1)? {
            continue;
        }
        let rows = of_month.iter().copied().filter(|other| unit_of(other) == Some(unit));
        let conversion = conversion(&rows.collect::<Vec<_>>(), leads, rules);
        contributions.push(UnitMonth { month, conversion });
    }
    Ok(contributions)
}

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
fn conversion(rows: &[&VaultRow], leads: &[VaultRow], rules: &MatchRules) -> Option<Attributed> {
    let mut attributed = Vec::new();
    for row in rows {
        let Value::Sale { amount_cents, .. } = row.value else { continue };
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
        if let Some((_, campaign)) = best {
            return Some(campaign);
        }
    }
    None
}
