//! The classes of `segments/1`: how recently, how often and for how much a unit bought in the month.
//!
//! Cut-offs are constants and shares of the clamp, never quantiles of data. What a unit bought in other
//! months has no part in it: `docs/decisions/0021-facts-of-the-month.md` says why.

use tiers_protocol::policy::ClampCents;

use crate::{matching::Bought, vault::Month};

/// Days from the last sale to the end of the month, at least, of the lowest class and of the middle one.
pub const RECENCY_DAYS: [i32; 2] = [14, 7];

/// Sales, at least, of the middle class and of the highest.
pub const FREQUENCY_SALES: [u16; 2] = [2, 4];

/// The clamp over this is the least amount of the middle class and of the highest.
pub const AMOUNT_SHARES: [u64; 2] = [4, 2];

/// Classes of each of the three.
pub(super) const CLASSES: usize = 3;

/// The cell: recency, then frequency, then amount, the lowest class of each first.
pub(super) fn cell(bought: Bought, month: Month, clamp: ClampCents) -> usize {
    let (_, end) = month.days();
    let age = end.epoch_days() - bought.last().epoch_days();
    let recency = RECENCY_DAYS.iter().filter(|days| age < **days).count();
    let frequency = FREQUENCY_SALES.iter().filter(|sales| bought.sales() >= **sales).count();
    let least = AMOUNT_SHARES.map(|share| clamp.value() / share);
    let amount = least.iter().filter(|cents| bought.cents() >= **cents).count();
    (recency * CLASSES + frequency) * CLASSES + amount
}
