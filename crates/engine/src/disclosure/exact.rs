//! Totals without noise: the one way around the gate, for those who all agreed to have it.
//!
//! Nothing protects anybody in them, so no account is charged for them and no bound holds beside them
//! (`docs/privacy.md`, "What it does not cover"; `docs/decisions/0080-exact-totals.md`). This module keeps
//! the door shut: it takes a proof that only a policy of its own and every partner's agreement make. Who
//! declared what, and that it is told once, is the service's affair.

use tiers_protocol::{
    policy::{Policy, SectionId},
    report::{ExactTotals, Report},
};

use super::{ExactTables, Terms, figures::EXACT_MAX};

/// That the policy gives exact totals, that enough owners have sales in the snapshot, and that every partner
/// of the programme agreed. Only [`Self::of`] makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EveryPartnerAgreed {
    partners: u64,
}

impl EveryPartnerAgreed {
    /// From the policy, the number of owners whose sales the snapshot holds, and what each partner declared;
    /// `None` unless all of it holds.
    #[must_use]
    pub fn of(policy: &Policy, owners: u64, agreed: &[bool]) -> Option<Self> {
        let every = !agreed.is_empty() && agreed.iter().all(|agreed| *agreed);
        let holds = policy.exact_totals() && owners >= ExactTotals::LEAST_OWNERS && every;
        holds.then_some(Self { partners: agreed.len() as u64 })
    }
}

impl ExactTables {
    /// Conversions and clamped revenue of all campaigns together, as they are; nothing of fewer units than
    /// [`ExactTotals::LEAST_UNITS`].
    #[must_use]
    pub fn unprotected(&self, by: EveryPartnerAgreed, terms: &Terms) -> ExactTotals {
        let silent = ExactTotals { partners: by.partners, conversions: None, revenue_cents: None };
        let mut tables = self.tables.iter();
        let Some(table) = tables.find(|table| table.section() == SectionId::CONVERSIONS) else {
            return silent;
        };
        let (count, centred) = table.totals();
        if count < i128::from(ExactTotals::LEAST_UNITS) {
            return silent;
        }
        let revenue = centred.map(|sum| sum + i128::from(terms.centre_cents()) * count);
        ExactTotals {
            conversions: u64::try_from(count).ok(),
            // What JSON does not hold exactly is not told.
            revenue_cents: revenue
                .filter(|cents| *cents <= i128::from(EXACT_MAX))
                .and_then(|cents| u64::try_from(cents).ok()),
            ..silent
        }
    }
}

/// Whether these totals are some that a gate tells beside such a report.
pub(super) fn tellable(totals: &ExactTotals, report: &Report) -> bool {
    let clamp = u128::from(report.parameters.clamp_cents);
    let enough = |count: u64| count >= ExactTotals::LEAST_UNITS;
    let bounded = |cents: u64| {
        let most = totals.conversions.map(|count| u128::from(count) * clamp);
        most.is_some_and(|most| u128::from(cents) <= most)
    };
    totals.partners >= ExactTotals::LEAST_OWNERS
        && totals.conversions.is_none_or(enough)
        && totals.revenue_cents.is_none_or(bounded)
}
