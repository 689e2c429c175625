//! What one unit contributes in a month: its conversion, its revenue.

use crate::vault::{Day, Month};

/// A conversion: by which campaign, for how much.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attributed {
    pub(super) campaign: u16,
    pub(super) revenue_cents: u64,
}

impl Attributed {
    /// Index of the campaign in the programme's public list.
    #[must_use]
    pub const fn campaign(&self) -> u16 {
        self.campaign
    }

    /// Sum of the attributed sales in cents, *before* the clamp; it stays at the greatest number
    /// there is when it would exceed it, which the clamp makes the same.
    #[must_use]
    pub const fn revenue_cents(&self) -> u64 {
        self.revenue_cents
    }
}

/// A unit in a month that counts it. It has no `Debug` and cannot be serialised: an exact
/// fact about one person.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnitMonth {
    pub(super) month: Month,
    pub(super) conversion: Option<Attributed>,
}

impl UnitMonth {
    /// The month of the sales.
    #[must_use]
    pub const fn month(&self) -> Month {
        self.month
    }

    /// The conversion, if any sale of the month was attributed.
    #[must_use]
    pub const fn conversion(&self) -> Option<Attributed> {
        self.conversion
    }
}

/// A sale of one unit and the campaign that it was attributed to. It has no `Debug`. The order of the
/// fields is the order in which a unit's rows are taken: by day, then by amount, then by campaign, so that
/// the result depends on what the rows say and not on who sent them first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnitSale {
    pub(super) day: Day,
    pub(super) amount_cents: u64,
    pub(super) campaign: Option<u16>,
    pub(super) deposit: u32,
}

impl UnitSale {
    /// Day of the sale, if the visitor asked for days.
    #[must_use]
    pub const fn day(&self) -> Day {
        self.day
    }

    /// Amount in cents, if the visitor asked for amounts.
    #[must_use]
    pub const fn amount_cents(&self) -> u64 {
        self.amount_cents
    }

    /// The campaign of the lead that gets the sale; `None` if it has found none. Where any lead will do
    /// ([`super::Finding::Any`]) no campaign is read, and it is 0.
    #[must_use]
    pub const fn campaign(&self) -> Option<u16> {
        self.campaign
    }

    /// Place of the sale's deposit in the list that was matched.
    #[must_use]
    pub const fn deposit(&self) -> u32 {
        self.deposit
    }
}

/// The conversion of a unit by its sales of one month, which are sorted here: the campaign of the
/// earliest attributed one, the sum of all attributed ones. Sales of the same day and amount are one sale that was
/// delivered twice (overlapping exports, two dealers of one group); they count once.
pub(super) fn conversion(of_month: &mut [UnitSale]) -> Option<Attributed> {
    if of_month.len() > 1 {
        of_month.sort_unstable();
    }
    let attributed = of_month.iter().filter_map(|sale| Some((sale, sale.campaign?)));
    let (_, campaign) = attributed.clone().next()?;
    let mut revenue_cents = 0_u64;
    let mut last = None;
    for (sale, _) in attributed {
        let same = (sale.day, sale.amount_cents);
        if last.replace(same) != Some(same) {
            revenue_cents = revenue_cents.saturating_add(sale.amount_cents);
        }
    }
    Some(Attributed { campaign, revenue_cents })
}
