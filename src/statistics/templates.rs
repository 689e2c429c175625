//! The templates of the monthly report: `conversion/1` and `revenue/1`.
//!
//! Both are sums over units of a bounded function of that unit's month alone; how bounded, see
//! [`super::bounds`].

use tiers_protocol::policy::{ClampCents, TemplateId};

use super::{
    ExactTable, StatisticsError,
    bounds::{centre_cents, conversion_sensitivity, revenue_sensitivity},
};
use crate::{
    matching::{Attributed, UnitMonth},
    vault::Month,
};

/// How many campaigns the programme has: the number of cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CampaignCount(u16);

impl CampaignCount {
    /// A number of campaigns; it is public.
    #[must_use]
    pub const fn new(count: u16) -> Self {
        Self(count)
    }
}

/// `conversion/1`: for each campaign, the units that converted by it in `month`.
///
/// # Errors
/// [`StatisticsError`].
pub fn conversion(
    units: &[UnitMonth],
    month: Month,
    campaigns: CampaignCount,
) -> Result<ExactTable, StatisticsError> {
    let cells = sum(units, month, campaigns, |_| Ok(1))?;
    Ok(ExactTable::new(TemplateId::Conversion, conversion_sensitivity(), cells))
}

/// `revenue/1`: for each campaign, the sum over the units that converted by it in `month` of their
/// clamped revenue minus the public centre (half the clamp), in cents. Revenue itself is this plus
/// the centre times the conversions, a sum that the gate makes of noisy values only.
///
/// # Errors
/// [`StatisticsError`].
pub fn revenue(
    units: &[UnitMonth],
    month: Month,
    campaigns: CampaignCount,
    clamp: ClampCents,
) -> Result<ExactTable, StatisticsError> {
    let centred = |by: Attributed| {
        let clamped = by.revenue_cents().min(clamp.value());
        let centre = centre_cents(clamp);
        let signed = |cents: u64| i64::try_from(cents).map_err(|_| StatisticsError::Overflow);
        Ok(signed(clamped)? - signed(centre)?)
    };
    let cells = sum(units, month, campaigns, centred)?;
    Ok(ExactTable::new(TemplateId::Revenue, revenue_sensitivity(clamp), cells))
}

/// Sums `contribution` over the conversions of `month`, by campaign.
fn sum(
    units: &[UnitMonth],
    month: Month,
    campaigns: CampaignCount,
    contribution: impl Fn(Attributed) -> Result<i64, StatisticsError>,
) -> Result<Vec<i64>, StatisticsError> {
    let mut cells = vec![0_i64; usize::from(campaigns.0)];
    for unit in units.iter().filter(|unit| unit.month() == month) {
        let Some(by) = unit.conversion() else { continue };
        let cell =
            cells.get_mut(usize::from(by.campaign())).ok_or(StatisticsError::UnknownCampaign)?;
        *cell = cell.checked_add(contribution(by)?).ok_or(StatisticsError::Overflow)?;
    }
    Ok(cells)
}
