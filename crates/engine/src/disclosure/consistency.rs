//! Makes tables that count the same units agree, and takes what is below zero away.
//!
//! Every converted unit is in exactly one cell of each section that counts conversions, so their
//! totals, and where they are divided by campaign their totals by campaign, are the same numbers
//! measured several times. The best linear unbiased estimate over this tree (hierarchical weighted
//! least squares; Hay, Rastogi, Miklau and Suciu 2010) is worked out in whole numbers: weights are
//! costs, and what is left over by rounding goes where the running sum puts it, so that margins add
//! up to the last unit and everybody gets the same result. It sees noisy values only.
//! The formulas stand in `docs/statistics.md`, "Agreement".

use super::GateError;

/// Beyond this sum of absolute values a table is left as it is: no real one comes near, and the
/// arithmetic stays in 128 bits.
const MOST: i128 = 1 << 50;

/// The greatest weight that a tree may have.
const MOST_WEIGHT: i128 = 1 << 58;

/// A table of the tree: which one it is, how many cells its total, or its total by campaign, is the
/// sum of, and the cost by which it is weighed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Member {
    pub(super) place: usize,
    pub(super) cells: usize,
    pub(super) cost: u64,
}

/// The tables that measure the same totals, with whole weights.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tree {
    campaigns: usize,
    by_campaign: Vec<(Member, i128)>,
    /// Sum of the weights of a campaign's measurements.
    campaign_weight: i128,
    all: Vec<(Member, i128)>,
    /// The weight of the sum over campaigns, beside those of `all`, and the sum of them.
    sum_weight: (i128, i128),
}

/// How far noise reaches after agreement: variances in units of the variance of noise of cost 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spread {
    pub(super) cell: f64,
    pub(super) total: f64,
}

impl Tree {
    /// The tree of these tables; the first list holds those that are divided by campaign.
    ///
    /// # Errors
    /// [`GateError::Overflow`] if so many cells cannot be weighed in whole numbers.
    pub(super) fn new(
        campaigns: usize,
        by_campaign: &[Member],
        all: &[Member],
    ) -> Result<Self, GateError> {
        let multiple = product(by_campaign)?;
        let weigh = |member: &Member, factor: i128| {
            let weight = i128::from(member.cost).checked_mul(factor / member.cells as i128);
            let weight = weight.filter(|weight| *weight <= MOST_WEIGHT);
            Ok((*member, weight.ok_or(GateError::Overflow)?))
        };
        let lower: Vec<_> =
            by_campaign.iter().map(|m| weigh(m, multiple)).collect::<Result<_, GateError>>()?;
        let campaign_weight: i128 = lower.iter().map(|(_, weight)| weight).sum();
        // The sum over campaigns weighs `campaign_weight / (multiple campaigns)`.
        let upper = product(all)?;
        let factor = multiple
            .checked_mul(upper)
            .and_then(|f| f.checked_mul(campaigns as i128))
            .ok_or(GateError::Overflow)?;
        let higher: Vec<_> =
            all.iter().map(|m| weigh(m, factor)).collect::<Result<_, GateError>>()?;
        let of_all = higher.iter().map(|(_, weight)| weight).sum::<i128>();
        let whole = campaign_weight.checked_mul(upper).and_then(|w| w.checked_add(of_all));
        let whole = whole.filter(|w| *w <= MOST_WEIGHT).ok_or(GateError::Overflow)?;
        let sum_weight = (upper, whole);
        Ok(Self { campaigns, by_campaign: lower, campaign_weight, all: higher, sum_weight })
    }

    /// Whether there is anything to agree on.
    pub(super) fn binds(&self) -> bool {
        self.by_campaign.len() + self.all.len() > 1
    }

    /// The variances of a cell of this table, and of the total, once all agree; none for a table
    /// outside the tree.
    pub(super) fn spread(&self, place: usize) -> Option<Spread> {
        let of = |members: &[(Member, i128)]| {
            members.iter().map(|(member, _)| *member).find(|member| member.place == place)
        };
        let (member, divided) = of(&self.by_campaign)
            .map(|member| (member, true))
            .or_else(|| of(&self.all).map(|member| (member, false)))?;
        let campaigns = self.campaigns as f64;
        let precision = |members: &[(Member, i128)]| -> f64 {
            members.iter().map(|(m, _)| m.cost as f64 / m.cells as f64).sum()
        };
        let campaign = 1.0 / precision(&self.by_campaign);
        let total = 1.0 / (1.0 / (campaigns * campaign) + precision(&self.all));
        let cells = member.cells as f64;
        let own = 1.0 / member.cost as f64;
        let parent = if divided {
            campaign - campaign / campaigns + total / (campaigns * campaigns)
        } else {
            total
        };
        Some(Spread { cell: own - own / cells + parent / (cells * cells), total })
    }

    /// Makes the tables agree; all others stay as they are.
    pub(super) fn agree(&self, tables: &mut [Vec<i64>]) {
        let members = || self.by_campaign.iter().chain(&self.all);
        let huge = |table: &Vec<i64>| {
            table.iter().map(|&value| i128::from(value).abs()).sum::<i128>() > MOST
        };
        if !self.binds() || members().any(|(member, _)| huge(&tables[member.place])) {
            return;
        }
        // What is measured of each campaign, times the weight of a campaign.
        let measured: Vec<i128> = (0..self.campaigns)
            .map(|campaign| {
                let part = |(m, weight): &(Member, i128)| {
                    weight * sum(&tables[m.place][campaign * m.cells..][..m.cells])
                };
                self.by_campaign.iter().map(part).sum()
            })
            .collect();
        let all: i128 = measured.iter().sum();
        let higher =
            self.all.iter().map(|(m, weight)| weight * sum(&tables[m.place])).sum::<i128>();
        let (sum_weight, whole) = self.sum_weight;
        let total = nearest(all * sum_weight + higher, whole);
        let numerators: Vec<i128> = measured
            .iter()
            .map(|m| self.campaigns as i128 * m + self.campaign_weight * total - all)
            .collect();
        let divisor = self.campaigns as i128 * self.campaign_weight;
        let by_campaign = running(&numerators, divisor);
        for (member, _) in &self.by_campaign {
            let groups = tables[member.place].chunks_mut(member.cells);
            groups.zip(&by_campaign).for_each(|(group, wanted)| spread_over(group, *wanted));
        }
        for (member, _) in &self.all {
            spread_over(&mut tables[member.place], total);
        }
    }
}

fn product(members: &[Member]) -> Result<i128, GateError> {
    let all = members.iter().try_fold(1_i128, |all, m| all.checked_mul(m.cells as i128));
    all.filter(|all| *all <= MOST_WEIGHT).ok_or(GateError::Overflow)
}

fn sum(cells: &[i64]) -> i128 {
    cells.iter().map(|&cell| i128::from(cell)).sum()
}

/// The nearest whole number, halves upwards.
const fn nearest(numerator: i128, divisor: i128) -> i128 {
    (2 * numerator + divisor).div_euclid(2 * divisor)
}

/// Whole numbers near these fractions whose running sums are the rounded running sums of them.
fn running(numerators: &[i128], divisor: i128) -> Vec<i128> {
    let mut before = (0, 0);
    let next = |numerator: &i128| {
        let exact = before.0 + numerator;
        let rounded = nearest(exact, divisor);
        let share = rounded - before.1;
        before = (exact, rounded);
        share
    };
    numerators.iter().map(next).collect()
}

/// Adds to all cells alike what makes their sum `wanted`.
fn spread_over(cells: &mut [i64], wanted: i128) {
    let missing = wanted - sum(cells);
    let shares = running(&vec![missing; cells.len()], cells.len() as i128);
    for (cell, share) in cells.iter_mut().zip(shares) {
        *cell = i64::try_from(i128::from(*cell) + share).expect("sums stay below 2^53");
    }
}

/// What has to be taken from each cell so that none is below zero and their sum is `wanted`, which is
/// not above the sum of those that are not: the nearest such table (projection to the simplex), equal
/// parts of the excess in whole numbers. A cell below zero is taken nothing from; it becomes zero.
pub(super) fn taken(cells: &[i64], wanted: i64) -> Vec<u64> {
    let mut sorted: Vec<i128> = cells.iter().map(|&cell| i128::from(cell.max(0))).collect();
    sorted.sort_unstable_by(|a, b| b.cmp(a));
    let (mut above, mut active) = (0_i128, 0_i128);
    for cell in sorted.into_iter().take_while(|cell| *cell > 0) {
        // The cell stays above zero if its part of the excess is less than it.
        if cell * (active + 1) <= above + cell - i128::from(wanted) {
            break;
        }
        (above, active) = (above + cell, active + 1);
    }
    let excess = (above - i128::from(wanted)).max(0);
    let keeps = |cell: i64| active > 0 && i128::from(cell) * active > excess;
    let shares = running(&vec![excess; usize::try_from(active).unwrap_or(0)], active.max(1));
    let mut shares = shares.into_iter();
    let take = |&cell: &i64| {
        let whole = cell.max(0).unsigned_abs();
        if keeps(cell) {
            let share = shares.next().unwrap_or(0);
            u64::try_from(share).unwrap_or(0).min(whole)
        } else {
            whole
        }
    };
    cells.iter().map(take).collect()
}

#[cfg(test)]
#[path = "tests/consistency.rs"]
mod tests;
