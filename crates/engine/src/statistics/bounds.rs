//! How far one unit can move the tables of the monthly report.
//!
//! A unit puts at most 1 in one cell of the counts, and beside it, in the same cell of the centred
//! revenue, a number `g` with `|g| <= h`, where `h` is half the clamp. When the rows of one unit are
//! replaced by none or by others, there are these cases (squared Euclidean distances):
//!
//! | converted before and after | counts | centred revenue |
//! |---|---|---|
//! | in different cells | 2 | at most `2 h^2` |
//! | in the same cell, for other amounts | **0** | at most `(2 h)^2 = 4 h^2` |
//! | in one of the two only | 1 | at most `h^2` |
//!
//! So **alone, centred revenue has the sensitivity `4 h^2`**, the square of the whole clamp: an
//! amount that goes from 0 to the clamp moves one cell by all of it. The figure `2 h^2` is true of
//! the counts' worst case only. Both tables together are cheaper than the sum of their worst cases,
//! because the two cannot happen at once: with noise such that counts cost `p` for a distance of 2,
//! and revenue `q` for a distance of `2 h^2`, a substitution costs at most `max(p + q, 2 q)`
//! (zCDP of independent Gaussians adds up: Bun and Steinke 2016, arXiv 1605.02065). That is `p + q`
//! whenever `q <= p`, as in the standard policy (45 and 37.5 M nano-rho), **and both are released
//! together**.
//!
//! The same bounds hold for all releases of all months together (the worst of each month) when rows
//! of one month change, whatever arrives when: admissions are remembered, so that at most one other
//! month takes the place of the one that changed, which is the third case twice, and twice the third
//! is no more than the first. When all rows of a unit change, it is as many substitutions a year as
//! the policy allows months. `docs/privacy.md` proves both (theorems 1 and 2).

use tiers_protocol::policy::ClampCents;

use super::Sensitivity;

/// The bound of the counts.
#[must_use]
pub const fn conversion_sensitivity() -> Sensitivity {
    Sensitivity::from_squared_l2(2)
}

/// The bound of centred revenue whatever is released beside it: the square of the clamp.
#[must_use]
pub fn revenue_sensitivity(clamp: ClampCents) -> Sensitivity {
    let half = u128::from(centre_cents(clamp));
    Sensitivity::from_squared_l2(4 * half * half)
}

/// What centred revenue can move *when the counts move at all*: the number for which its noise is
/// set when both tables are released together and charged [`pair_cost_nrho`]. Alone it is not a
/// bound.
#[must_use]
pub fn revenue_beside_conversion(clamp: ClampCents) -> Sensitivity {
    let half = u128::from(centre_cents(clamp));
    Sensitivity::from_squared_l2(2 * half * half)
}

/// What both tables together cost, in nano-rho, when the noise of the counts is set for
/// `conversion_nrho` at [`conversion_sensitivity`] and that of revenue for `revenue_nrho` at
/// [`revenue_beside_conversion`]; `None` if it leaves the range of the integer.
#[must_use]
pub fn pair_cost_nrho(conversion_nrho: u64, revenue_nrho: u64) -> Option<u64> {
    let different_cells = conversion_nrho.checked_add(revenue_nrho)?;
    let same_cell = revenue_nrho.checked_mul(2)?;
    Some(different_cells.max(same_cell))
}

/// The public centre around which revenue is summed: half the clamp, which a policy keeps even.
#[must_use]
pub const fn centre_cents(clamp: ClampCents) -> u64 {
    clamp.value() / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_pair_costs_the_sum_and_revenue_alone_twice_its_price() {
        assert_eq!(pair_cost_nrho(45_000_000, 37_500_000), Some(82_500_000));
        assert_eq!(pair_cost_nrho(0, 37_500_000), Some(75_000_000));
        assert_eq!(pair_cost_nrho(37_500_000, 37_500_000), Some(75_000_000));
        assert_eq!(pair_cost_nrho(u64::MAX, 1), None);
        let clamp = ClampCents::new(4_000_000).expect("allowed");
        let alone = revenue_sensitivity(clamp).squared_l2();
        assert_eq!(alone, 2 * revenue_beside_conversion(clamp).squared_l2());
        assert_eq!(alone, 4_000_000 * 4_000_000);
    }
}
