//! The terms of a report: everything about its noise that follows from the policy and the number of
//! campaigns, and nothing that follows from data.
//!
//! The same terms are worked out from a policy before a release and from the parameters printed in
//! a report afterwards. The formulas stand in `docs/statistics.md`, the proof of the joint cost in
//! `docs/privacy.md`.

use tiers_protocol::{
    policy::{ClampCents, CohortMin, CostNrho, Policy, TemplateId},
    programme::MAX_CAMPAIGNS,
    report::{Parameters, TemplateNoise},
};

use super::{
    GateError, HalfWidth, Mechanism,
    interval::{of_count, of_revenue, root_up},
};
use crate::statistics::bounds::{
    centre_cents, conversion_sensitivity, revenue_beside_conversion, revenue_sensitivity,
};

/// How noise acts on one row: a campaign, or the total over all of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Law {
    pub(super) sigma_count: f64,
    pub(super) sigma_sum: f64,
    threshold: u64,
    conversions: HalfWidth,
    revenue: HalfWidth,
}

impl Law {
    /// The least noisy count at which the row is shown: the policy's minimum, or three scales.
    #[must_use]
    pub const fn threshold(&self) -> u64 {
        self.threshold
    }

    /// How far the noise of conversions reaches, in units.
    #[must_use]
    pub const fn conversions(&self) -> HalfWidth {
        self.conversions
    }

    /// How far the noise of revenue reaches, in cents.
    #[must_use]
    pub const fn revenue(&self) -> HalfWidth {
        self.revenue
    }
}

/// The terms of one report.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Terms {
    campaigns: usize,
    cohort_min: CohortMin,
    clamp: ClampCents,
    conversion: Mechanism,
    revenue: Mechanism,
    campaign: Law,
    total: Law,
}

impl Terms {
    /// The terms of a report under this policy over so many campaigns.
    ///
    /// # Errors
    /// [`GateError::Campaigns`]; [`GateError::Calibration`] or [`GateError::Unconfirmed`] if the
    /// privacy map does not confirm the costs.
    pub fn of(policy: &Policy, campaigns: usize) -> Result<Self, GateError> {
        let costs = (policy.cost_of(TemplateId::Conversion), policy.cost_of(TemplateId::Revenue));
        Self::build(costs, policy.clamp_cents(), policy.cohort_min(), campaigns)
    }

    /// The terms that a report prints.
    ///
    /// # Errors
    /// [`GateError::Mismatch`] if its parameters do not follow from each other.
    pub(super) fn printed(parameters: &Parameters, campaigns: usize) -> Result<Self, GateError> {
        let [conversion, revenue] = &parameters.templates[..] else {
            return Err(GateError::Mismatch);
        };
        let cost = |noise: &TemplateNoise| CostNrho::new(noise.cost_nrho);
        let terms = match (
            cost(conversion),
            cost(revenue),
            ClampCents::new(parameters.clamp_cents),
            CohortMin::new(parameters.cohort_min),
        ) {
            (Ok(conversion), Ok(revenue), Ok(clamp), Ok(cohort_min))
                if parameters.clamp_cents.is_multiple_of(2) =>
            {
                Self::build((conversion, revenue), clamp, cohort_min, campaigns)?
            }
            _ => return Err(GateError::Mismatch),
        };
        if terms.parameters() == *parameters { Ok(terms) } else { Err(GateError::Mismatch) }
    }

    fn build(
        (conversion_cost, revenue_cost): (CostNrho, CostNrho),
        clamp: ClampCents,
        cohort_min: CohortMin,
        campaigns: usize,
    ) -> Result<Self, GateError> {
        if !(1..=MAX_CAMPAIGNS).contains(&campaigns) {
            return Err(GateError::Campaigns);
        }
        let conversion =
            Mechanism::calibrate(conversion_sensitivity().squared_l2(), conversion_cost)?;
        let revenue =
            Mechanism::calibrate(revenue_beside_conversion(clamp).squared_l2(), revenue_cost)?;
        confirm_joint_cost(&conversion, &revenue, clamp)?;
        let law = |rows| law(&conversion, &revenue, clamp, cohort_min, rows);
        let (campaign, total) = (law(1), law(campaigns));
        Ok(Self { campaigns, cohort_min, clamp, conversion, revenue, campaign, total })
    }

    /// The number of campaigns.
    #[must_use]
    pub const fn campaigns(&self) -> usize {
        self.campaigns
    }

    /// The least count that the policy lets anyone see.
    #[must_use]
    pub const fn cohort_min(&self) -> u64 {
        self.cohort_min.value()
    }

    /// The mechanism of conversions, in units.
    #[must_use]
    pub const fn conversion_mechanism(&self) -> &Mechanism {
        &self.conversion
    }

    /// The mechanism of centred revenue, in cents.
    #[must_use]
    pub const fn revenue_mechanism(&self) -> &Mechanism {
        &self.revenue
    }

    /// How noise acts on the row of a campaign.
    #[must_use]
    pub const fn campaign_law(&self) -> &Law {
        &self.campaign
    }

    /// How noise acts on the total.
    #[must_use]
    pub const fn total_law(&self) -> &Law {
        &self.total
    }

    /// What the report costs, in nano-rho.
    #[must_use]
    pub const fn cost_nrho(&self) -> u64 {
        self.conversion.cost().value() + self.revenue.cost().value()
    }

    /// Half the clamp: the public value around which revenue is summed, in cents.
    #[must_use]
    pub const fn centre_cents(&self) -> u64 {
        centre_cents(self.clamp)
    }

    /// The greatest revenue of a unit and month, in cents.
    #[must_use]
    pub const fn clamp_cents(&self) -> u64 {
        self.clamp.value()
    }

    /// The terms as a report prints them.
    #[must_use]
    pub fn parameters(&self) -> Parameters {
        let noise = |template, mechanism: &Mechanism, half_width: fn(&Law) -> HalfWidth| {
            let (numerator, denominator) = mechanism.sigma_squared();
            let (one, all) = (half_width(&self.campaign), half_width(&self.total));
            TemplateNoise {
                template,
                cost_nrho: mechanism.cost().value(),
                sigma_milli: narrow(root_up(numerator * 1_000_000, denominator)),
                half_width: one.width(),
                level_ppm: one.level_ppm(),
                total_half_width: all.width(),
                total_level_ppm: all.level_ppm(),
            }
        };
        Parameters {
            templates: vec![
                noise(TemplateId::Conversion, &self.conversion, Law::conversions),
                noise(TemplateId::Revenue, &self.revenue, Law::revenue),
            ],
            clamp_cents: self.clamp.value(),
            cohort_min: self.cohort_min.value(),
            threshold: self.campaign.threshold,
            total_threshold: self.total.threshold,
            nominal_ppm: 950_000,
        }
    }
}

/// Checks by OpenDP's own map that no substitution of one unit costs more than both prices together.
///
/// A unit that moves to another campaign changes two counts and two sums. One that stays changes no
/// count, and its sum by the whole clamp: twice the price of revenue, which is why revenue must cost
/// less than conversions. One that appears or vanishes changes half of the first case.
fn confirm_joint_cost(
    conversion: &Mechanism,
    revenue: &Mechanism,
    clamp: ClampCents,
) -> Result<(), GateError> {
    let paid = conversion.rho() + revenue.rho();
    let moves = conversion.rho_at(conversion_sensitivity().squared_l2())?
        + revenue.rho_at(revenue_beside_conversion(clamp).squared_l2())?;
    let stays = revenue.rho_at(revenue_sensitivity(clamp).squared_l2())?;
    if moves <= paid && stays <= paid { Ok(()) } else { Err(GateError::Unconfirmed) }
}

/// How noise acts on the sum of so many rows.
fn law(
    conversion: &Mechanism,
    revenue: &Mechanism,
    clamp: ClampCents,
    cohort_min: CohortMin,
    rows: usize,
) -> Law {
    let widened = libm::sqrt(rows as f64);
    let (sigma_count, sigma_sum) = (conversion.sigma() * widened, revenue.sigma() * widened);
    let (numerator, denominator) = conversion.sigma_squared();
    let three_scales = narrow(root_up(9 * numerator * rows as u128, denominator));
    Law {
        sigma_count,
        sigma_sum,
        threshold: three_scales.max(cohort_min.value()),
        conversions: of_count(sigma_count),
        revenue: of_revenue(sigma_sum, centre_cents(clamp), sigma_count),
    }
}

fn narrow(value: u128) -> u64 {
    u64::try_from(value).expect("scales of allowed costs and clamps stay below 2^54")
}
