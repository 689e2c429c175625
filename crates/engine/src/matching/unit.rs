//! What one unit says in a month: its conversion, what it bought, whether leads know it, which partners
//! share it. One unit's rows decide all of it, and the leads; no other unit does.

use super::{Arm, Partners, arms};
use crate::vault::{Day, Month, Traits};

/// A conversion: campaign, delay, partner and traits of the earliest attributed sale, and what all
/// attributed sales are worth. No `Debug`: exact facts about one person.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attributed {
    pub(super) campaign: u16,
    pub(super) delay_days: u16,
    pub(super) partner: u16,
    pub(super) traits: Traits,
    pub(super) revenue_cents: u64,
    pub(super) arm: Option<Arm>,
}

impl Attributed {
    /// Index of the campaign in the programme's public list.
    #[must_use]
    pub const fn campaign(&self) -> u16 {
        self.campaign
    }

    /// Days from the lead to the sale that the campaign is of.
    #[must_use]
    pub const fn delay_days(&self) -> u16 {
        self.delay_days
    }

    /// Number of the partner who made that sale, in the list of [`Partners`].
    #[must_use]
    pub const fn partner(&self) -> u16 {
        self.partner
    }

    /// Model and area of that sale.
    #[must_use]
    pub const fn traits(&self) -> Traits {
        self.traits
    }

    /// The arm of the lead that the campaign is of, where leads say theirs and it is in one.
    #[must_use]
    pub const fn arm(&self) -> Option<Arm> {
        self.arm
    }

    /// Sum of the attributed sales in cents, *before* the clamp; it stays at the greatest number
    /// there is when it would exceed it, which the clamp makes the same.
    #[must_use]
    pub const fn revenue_cents(&self) -> u64 {
        self.revenue_cents
    }
}

/// All sales of a unit in the month, attributed or not; a sale that was delivered twice is one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bought {
    pub(super) sales: u16,
    pub(super) cents: u64,
    pub(super) last: Day,
}

impl Bought {
    /// Number of sales; at most the greatest number there is.
    #[must_use]
    pub const fn sales(&self) -> u16 {
        self.sales
    }

    /// Sum of their amounts in cents; at most the greatest number there is.
    #[must_use]
    pub const fn cents(&self) -> u64 {
        self.cents
    }

    /// Day of the last one.
    #[must_use]
    pub const fn last(&self) -> Day {
        self.last
    }
}

/// A unit in a month that counts it. It has no `Debug` and cannot be serialised: exact
/// facts about one person.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnitMonth {
    pub(super) month: Month,
    pub(super) conversion: Option<Attributed>,
    pub(super) bought: Bought,
    pub(super) known: bool,
    pub(super) pair: Option<u16>,
}

impl UnitMonth {
    /// The same where campaigns were read together with arms.
    pub(super) fn parted(self) -> Self {
        let part = |by: Attributed| {
            let (campaign, arm) = arms::parted(by.campaign);
            Attributed { campaign, arm, ..by }
        };
        Self { conversion: self.conversion.map(part), ..self }
    }

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

    /// The sales of the month.
    #[must_use]
    pub const fn bought(&self) -> Bought {
        self.bought
    }

    /// Whether any row of the month shares an identifier with a lead, whenever that was made.
    #[must_use]
    pub const fn known(&self) -> bool {
        self.known
    }

    /// The first pair of the public list whose partners both have rows of the unit in the month.
    #[must_use]
    pub const fn pair(&self) -> Option<u16> {
        self.pair
    }
}

/// The lead that gets a sale.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SaleLead {
    pub campaign: u16,
    /// Days from the lead to the sale.
    pub age_days: u16,
}

/// A sale of one unit and the lead that it was attributed to. It has no `Debug`. The order of the
/// fields is the order in which a unit's rows are taken: by day, then by amount, then by campaign, so that
/// the result depends on what the rows say and not on who sent them first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnitSale {
    pub(super) day: Day,
    pub(super) amount_cents: u64,
    pub(super) lead: Option<SaleLead>,
    pub(super) traits: Traits,
    pub(super) met: bool,
    pub(super) deposit: u32,
}

impl UnitSale {
    /// Day of the sale, if the visitor asked for days.
    #[must_use]
    #[inline]
    pub const fn day(&self) -> Day {
        self.day
    }

    /// Amount in cents, if the visitor asked for amounts.
    #[must_use]
    #[inline]
    pub const fn amount_cents(&self) -> u64 {
        self.amount_cents
    }

    /// The campaign of the lead that gets the sale; `None` if it has found none. Where any lead will do
    /// ([`super::Finding::Any`]) no campaign is read, and it is 0.
    #[must_use]
    #[inline]
    pub fn campaign(&self) -> Option<u16> {
        self.lead.map(|lead| lead.campaign)
    }

    /// Model and area, if the visitor asked for amounts.
    #[must_use]
    #[inline]
    pub const fn traits(&self) -> Traits {
        self.traits
    }

    /// Whether it shares an identifier with any lead, whenever that was made.
    #[must_use]
    #[inline]
    pub const fn met(&self) -> bool {
        self.met
    }

    /// Place of the sale's deposit in the list that was matched.
    #[must_use]
    #[inline]
    pub const fn deposit(&self) -> u32 {
        self.deposit
    }

    /// A sale that was delivered twice (overlapping exports, two dealers of one group) has the same day
    /// and amount.
    const fn same(&self) -> (Day, u64) {
        (self.day, self.amount_cents)
    }
}

/// What a unit says by its sales of one month, which are sorted here; there is at least one.
pub(super) fn month_of(month: Month, sales: &mut [UnitSale], partners: &Partners) -> UnitMonth {
    if sales.len() > 1 {
        sales.sort_unstable();
    }
    UnitMonth {
        month,
        conversion: conversion(sales, partners),
        bought: bought(sales),
        known: sales.iter().any(|sale| sale.met),
        pair: partners.pair(sales.iter().map(|sale| sale.deposit)),
    }
}

/// The conversion: the earliest attributed sale decides campaign, delay, partner and traits; of several
/// alike, that of the partner who comes first in the public list, then of the first traits.
fn conversion(sales: &[UnitSale], partners: &Partners) -> Option<Attributed> {
    let attributed = || sales.iter().filter_map(|sale| Some((sale, sale.lead?)));
    let (first, lead) = attributed().next()?;
    let alike = attributed().take_while(|(sale, of)| (sale.same(), *of) == (first.same(), lead));
    let (partner, traits) =
        alike.map(|(sale, _)| (partners.of(sale.deposit), sale.traits)).min()?;
    let (mut revenue_cents, mut last) = (0_u64, None);
    for (sale, _) in attributed() {
        if last.replace(sale.same()) != Some(sale.same()) {
            revenue_cents = revenue_cents.saturating_add(sale.amount_cents);
        }
    }
    let SaleLead { campaign, age_days: delay_days } = lead;
    Some(Attributed { campaign, delay_days, partner, traits, revenue_cents, arm: None })
}

fn bought(sales: &[UnitSale]) -> Bought {
    let last = sales.last().map_or(Day::from_epoch_days(0), |sale| sale.day);
    let mut bought = Bought { sales: 0, cents: 0, last };
    let mut before = None;
    for sale in sales {
        if before.replace(sale.same()) != Some(sale.same()) {
            bought.sales = bought.sales.saturating_add(1);
            bought.cents = bought.cents.saturating_add(sale.amount_cents);
        }
    }
    bought
}
