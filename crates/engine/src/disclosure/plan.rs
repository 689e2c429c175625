//! The planner: what a report would cost and how precise it would be, before anything is asked.
//!
//! It reads public facts only: the policy, the number of campaigns, leads and partners, what was
//! spent, the account. It could be run by anybody, as often as he likes, and it refuses what the
//! policy's public minima refuse.

use serde::Serialize;
use thiserror::Error;
use tiers_protocol::policy::{Policy, SectionId};

use super::{
    Account, AccountError, Alternative, GateError, PublicAxes, PublicCampaign, SectionPlan, Terms,
    planned,
};

/// The public facts on which a plan rests.
#[derive(Clone, Debug)]
pub struct PublicFacts<'a> {
    /// The campaigns of the programme, and the names of all other rows.
    pub axes: &'a PublicAxes,
    /// How many partners, in different groups, have deposited for the month.
    pub partners: u64,
    /// The account of the month.
    pub account: Account,
    /// What is asked; none for what the policy tells by itself.
    pub sections: Option<&'a [SectionId]>,
    /// How many conversions the asker expects of each campaign, from earlier releases or its own
    /// guess; never from data.
    pub guesses: Option<&'a [u64]>,
}

impl PublicFacts<'_> {
    /// The sections that are asked.
    pub(super) fn asked(&self, policy: &Policy) -> Vec<SectionId> {
        let standing = || policy.templates().iter().map(|one| one.section()).collect();
        self.sections.map_or_else(standing, <[SectionId]>::to_vec)
    }
}

/// A report that may not be asked for, by public facts alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PlanRefusal {
    /// The leads file is smaller than the policy's minimum.
    #[error("the leads file has {leads} rows, and the policy asks for at least {min_leads}")]
    FewLeads {
        /// Rows of the principal's own file.
        leads: u64,
        /// The policy's minimum.
        min_leads: u64,
    },
    /// Fewer partners than the policy's minimum.
    #[error("{partners} partners have deposited, and the policy asks for at least {min_partners}")]
    FewPartners {
        /// Partners that have deposited for the month.
        partners: u64,
        /// The policy's minimum.
        min_partners: u64,
    },
    /// The account does not allow it.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// No terms can be made for it.
    #[error(transparent)]
    Gate(#[from] GateError),
}

impl PlanRefusal {
    /// The stable code of this refusal.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::FewLeads { .. } => "plan.few_leads",
            Self::FewPartners { .. } => "plan.few_partners",
            Self::Account(refusal) => refusal.code(),
            Self::Gate(error) => error.code(),
        }
    }
}

/// What a report would cost and how precise it would be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Plan {
    /// What it would cost, in nano-rho.
    pub cost_nrho: u64,
    /// What the month's account holds in all, in nano-rho: of the group's programmes the least, and no less than was spent.
    pub cap_nrho: u64,
    /// What would be left of the month's account, in nano-rho.
    pub left_nrho: u64,
    /// How many more reports of this kind would fit then.
    pub reports_left: u64,
    /// The least noisy count at which a campaign would be shown.
    pub least_count_shown: u64,
    /// The least noisy count at which the total would be shown.
    pub least_total_shown: u64,
    /// Conversions by campaign that the plan takes for true: guesses, or what earlier releases say.
    pub expected: Option<Vec<u64>>,
    /// Half widths by campaign.
    pub campaigns: Vec<CampaignPlan>,
    /// Half widths of the total.
    pub total: CampaignPlan,
    /// Every section: its price, its precision, and what will probably be hidden.
    pub sections: Vec<SectionPlan>,
    /// What other questions would cost and tell.
    pub alternatives: Vec<Alternative>,
}

/// The half widths of the 95 % intervals of one row, rounded up. A quotient without a denominator
/// has none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CampaignPlan {
    /// The campaign; none for the total.
    pub campaign: Option<String>,
    /// Of conversions, in units.
    pub conversions: u64,
    /// Of conversions in 10,000 leads.
    pub rate_per_myriad: Option<u64>,
    /// Of revenue, in cents.
    pub revenue_cents: Option<u64>,
    /// Of revenue by lead, in cents.
    pub revenue_per_lead_cents: Option<u64>,
    /// Of revenue by euro spent, in thousandths.
    pub revenue_per_euro_milli: Option<u64>,
}

/// Plans the next report of a month.
///
/// # Errors
/// [`PlanRefusal`]: the policy's public minima, the account, or the number of campaigns.
pub fn plan(policy: &Policy, facts: &PublicFacts<'_>) -> Result<Plan, PlanRefusal> {
    let all = facts.axes.whole()?;
    let (min_leads, min_partners) = (policy.min_leads().value(), policy.min_partners().value());
    if all.leads < min_leads {
        return Err(PlanRefusal::FewLeads { leads: all.leads, min_leads });
    }
    if facts.partners < min_partners {
        return Err(PlanRefusal::FewPartners { partners: facts.partners, min_partners });
    }
    let terms = Terms::of_sections(policy, &facts.asked(policy), facts.axes)?;
    let after = facts.account.debit(terms.cost_nrho())?;
    let (one, total) = (terms.conversions().row_law(), terms.conversions().total_law());
    let named = |c: &PublicCampaign| row(Some(c.name.clone()), c, one);
    Ok(Plan {
        cost_nrho: terms.cost_nrho(),
        cap_nrho: after.cap_nrho(),
        left_nrho: after.left_nrho(),
        reports_left: after.left_nrho() / terms.cost_nrho(),
        least_count_shown: one.threshold(),
        least_total_shown: total.threshold(),
        expected: facts.guesses.map(<[u64]>::to_vec),
        campaigns: facts.axes.campaigns.iter().map(named).collect(),
        total: row(None, &all, total),
        sections: planned::sections(&terms, facts),
        alternatives: planned::alternatives(policy, &terms, facts)?,
    })
}

fn row(campaign: Option<String>, stated: &PublicCampaign, law: &super::Law) -> CampaignPlan {
    let (count, revenue) = (law.units().width(), law.revenue().map(super::HalfWidth::width));
    let over = |width: u64, factor: u64, divisor: u64| {
        let scaled = u128::from(width) * u128::from(factor);
        (divisor > 0)
            .then(|| scaled.div_ceil(u128::from(divisor)))
            .map(|width| u64::try_from(width).unwrap_or(u64::MAX))
    };
    CampaignPlan {
        campaign,
        conversions: count,
        rate_per_myriad: over(count, 10_000, stated.leads),
        revenue_cents: revenue,
        revenue_per_lead_cents: revenue.and_then(|width| over(width, 1, stated.leads)),
        revenue_per_euro_milli: revenue.and_then(|width| over(width, 1_000, stated.cost_cents)),
    }
}
