//! The templates of the monthly report: `conversion/1` and `revenue/1`.
//!
//! Both are sums over units of a bounded function of that unit's month alone; how bounded, see
//! [`super::bounds`].

use tiers_protocol::policy::{ClampCents, SectionId};

use super::{ExactTable, StatisticsError, bounds::centre_cents};
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

/// Both tables of one month while units are added to them. It has no `Debug`.
///
/// `conversion/1` is, for each campaign, the units that converted by it. `revenue/1` is, for each campaign,
/// the sum over those units of their clamped revenue minus the public centre (half the clamp), in cents.
/// Revenue itself is this plus the centre times the conversions, a sum that the gate makes of noisy values
/// only.
pub struct MonthlyTables {
    month: Month,
    clamp: ClampCents,
    conversion: Vec<i64>,
    revenue: Vec<i64>,
}

impl MonthlyTables {
    /// The tables of `month` before any unit.
    #[must_use]
    pub fn new(month: Month, campaigns: CampaignCount, clamp: ClampCents) -> Self {
        let empty = vec![0; usize::from(campaigns.0)];
        Self { month, clamp, conversion: empty.clone(), revenue: empty }
    }

    /// Adds what one unit contributes; a unit of another month contributes nothing.
    ///
    /// # Errors
    /// [`StatisticsError`]; the tables are then worth nothing.
    pub fn add(&mut self, unit: UnitMonth) -> Result<(), StatisticsError> {
        let Some(by) = unit.conversion().filter(|_| unit.month() == self.month) else {
            return Ok(());
        };
        let centred = self.centred(by)?;
        for (cells, contribution) in [(&mut self.conversion, 1), (&mut self.revenue, centred)] {
            let cell = cells.get_mut(usize::from(by.campaign()));
            let cell = cell.ok_or(StatisticsError::UnknownCampaign)?;
            *cell = cell.checked_add(contribution).ok_or(StatisticsError::Overflow)?;
        }
        Ok(())
    }

    /// `conversion/1` by campaign, with the sums of `revenue/1` beside it.
    #[must_use]
    pub fn finish(self) -> ExactTable {
        ExactTable::new(SectionId::CONVERSIONS, self.conversion, Some(self.revenue))
    }

    /// Revenue cut to the clamp, minus the centre.
    fn centred(&self, by: Attributed) -> Result<i64, StatisticsError> {
        let clamped = by.revenue_cents().min(self.clamp.value());
        let signed = |cents: u64| i64::try_from(cents).map_err(|_| StatisticsError::Overflow);
        Ok(signed(clamped)? - signed(centre_cents(self.clamp))?)
    }
}
