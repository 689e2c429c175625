//! What a report says in short: quartiles of the delay, places of dealers, the quadrants of value and
//! fidelity.
//!
//! Everything follows from the shown figures of a report and its terms, so it costs nothing, gives away
//! nothing that is hidden, and anybody can work it out again. What hidden rows hold together is known
//! from the sum; where among them it lies is not, and the intervals say so. Formulas:
//! `docs/statistics.md`, "In short".

use serde::{Deserialize, Serialize};
use tiers_protocol::{
    policy::{DELAY_BINS, Margin, SectionId, TemplateId},
    report::{Cell, Figure, Report, Row, Section},
};

use super::{GateError, LiftFigures, TableTerms, Terms, interval::whole, lifted::lifted};

/// What a report says in short.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Summary {
    /// Quartiles of the days from lead to sale, by campaign or of all.
    pub delays: Vec<Delay>,
    /// The network in quarters, if the report has it.
    pub network: Option<NetworkPlaces>,
    /// Quadrants of value and fidelity, by campaign or of all.
    pub quadrants: Vec<Quadrant>,
    /// What treating does, if the report has the arms of a lift and shows both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lift: Option<LiftFigures>,
}

/// Quartiles of the delay of a campaign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Delay {
    /// The campaign; none for all together.
    pub campaign: Option<String>,
    /// The first quartile, the median and the third quartile.
    pub quartiles: Vec<Quantile>,
}

/// The bin in which a quantile lies, and the bins between which it lies with probability 0.95.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Quantile {
    /// How many of 100 units are at or before it.
    pub percent: u64,
    /// First day of the bin.
    pub from_days: u16,
    /// Last day of the bin.
    pub to_days: u16,
    /// First day of the interval.
    pub low_days: u16,
    /// Last day of the interval.
    pub high_days: u16,
}

/// The cells of a network by units of one dealer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NetworkPlaces {
    /// The quartiles of units by dealer over the cells, in hundredths of a unit.
    pub quartiles_hundredths: Vec<Figure>,
    /// Each shown cell's place.
    pub places: Vec<Place>,
}

/// The quarter of the network in which a cell stands, 1 the lowest, and those between which it may.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Place {
    /// The dealer or pool.
    pub cell: String,
    /// How many dealers it counts.
    pub dealers: u64,
    /// By its value.
    pub quarter: u64,
    /// At least.
    pub low: u64,
    /// At most.
    pub high: u64,
}

/// Units of one quadrant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Quadrant {
    /// The campaign; none for all together.
    pub campaign: Option<String>,
    /// Whether it is the high half of the amounts.
    pub high_value: bool,
    /// Whether it is the high half of the frequencies.
    pub high_fidelity: bool,
    /// Its units.
    pub units: Figure,
}

/// What a report says in short.
///
/// # Errors
/// [`GateError`] for a report that no gate can have made.
pub fn summary(report: &Report) -> Result<Summary, GateError> {
    let terms = Terms::printed(report)?;
    let mut short = Summary::default();
    for (section, of) in report.sections.iter().zip(terms.tables()) {
        match section.template {
            TemplateId::Delay => {
                let groups = groups(report, section, of, &terms);
                short.delays.extend(groups.iter().map(delay));
            }
            TemplateId::Network => short.network = Some(network(section)),
            TemplateId::Segments => {
                let groups = groups(report, section, of, &terms);
                short.quadrants.extend(groups.iter().flat_map(quadrants));
            }
            TemplateId::Lift => short.lift = lifted(section, of),
            TemplateId::Conversion
            | TemplateId::Revenue
            | TemplateId::Overlap
            | TemplateId::Partners => {}
        }
    }
    Ok(short)
}

/// The cells of one campaign, or of all, and what they sum to.
struct Group<'a> {
    campaign: Option<String>,
    rows: &'a [Row],
    whole: i64,
    /// Variances of the noise of a cell before agreement, and of the sum after it.
    cell_variance: f64,
    whole_variance: f64,
}

/// The groups whose sum is shown.
fn groups<'a>(
    report: &Report,
    section: &'a Section,
    of: &TableTerms,
    terms: &Terms,
) -> Vec<Group<'a>> {
    let Some(conversions) = report.section(SectionId::CONVERSIONS) else { return Vec::new() };
    let square = |sigma: f64| sigma * sigma;
    let cell_variance = square(of.counts().sigma());
    if section.margin == Margin::All {
        let whole = conversions.total.noisy;
        let whole_variance = square(of.total_law().sigma_count);
        let group = |whole| Group {
            campaign: None,
            rows: &section.rows,
            whole,
            cell_variance,
            whole_variance,
        };
        return whole.map(|noisy| group(noisy.count)).into_iter().collect();
    }
    let cells = (section.rows.len() / conversions.rows.len().max(1)).max(1);
    let whole_variance = square(terms.conversions().row_law().sigma_count);
    let groups = section.rows.chunks(cells).zip(&conversions.rows);
    let group = |(rows, campaign): (&'a [Row], &Row)| {
        let whole = campaign.figures.noisy?.count;
        let campaign = campaign.key.campaign.clone();
        Some(Group { campaign, rows, whole, cell_variance, whole_variance })
    };
    groups.filter_map(group).collect()
}

/// The quantile of the normal law that leaves 2.5 % above it.
const Z: f64 = 1.959_963_984_540_054;

/// A weighted sum of cells: best estimate, and bounds that hold with probability 0.975 each.
struct Weighed {
    low: f64,
    value: f64,
    high: f64,
}

impl Group<'_> {
    fn shown(&self) -> impl Iterator<Item = (usize, i64)> + '_ {
        let noisy = |(place, row): (usize, &Row)| Some((place, row.figures.noisy?.count));
        self.rows.iter().enumerate().filter_map(noisy)
    }

    fn hidden(&self) -> impl Iterator<Item = usize> + '_ {
        let hidden = |(place, row): (usize, &Row)| row.figures.noisy.is_none().then_some(place);
        self.rows.iter().enumerate().filter_map(hidden)
    }

    /// The sum of true counts times these weights. What hidden cells hold together lies somewhere among
    /// them: with the least of their weights for the lower bound, with the greatest for the upper one.
    fn weigh(&self, weight: impl Fn(usize) -> f64) -> Weighed {
        let rest = self.whole - self.shown().map(|(_, count)| count).sum::<i64>();
        let of_shown: f64 = self.shown().map(|(place, count)| weight(place) * count as f64).sum();
        let of_hidden: Vec<f64> = self.hidden().map(&weight).collect();
        let mean = of_hidden.iter().sum::<f64>() / (of_hidden.len().max(1)) as f64;
        let least = of_hidden.iter().copied().reduce(f64::min).unwrap_or(0.0);
        let most = of_hidden.iter().copied().reduce(f64::max).unwrap_or(0.0);
        let reach = |for_hidden: f64| {
            let all = (0..self.rows.len()).map(|place| {
                if self.rows.get(place).is_some_and(|row| row.figures.noisy.is_some()) {
                    weight(place)
                } else {
                    for_hidden
                }
            });
            self.reach(&all.collect::<Vec<f64>>())
        };
        let at = |for_hidden: f64| of_shown + for_hidden * rest as f64;
        let (low, value, high) = (at(least) - reach(least), at(mean), at(most) + reach(most));
        // Rare noise puts the sum far below the cells that are shown, and the bounds past each other.
        Weighed { low: low.min(value), value, high: high.max(value) }
    }

    /// How far the noise of a weighted sum of agreed cells reaches. An agreed cell is its own noisy count
    /// plus an equal part of what the sum is off, so the sum's part and the rest are independent.
    fn reach(&self, weights: &[f64]) -> f64 {
        let cells = weights.len().max(1) as f64;
        let (sum, squares) =
            weights.iter().fold((0.0, 0.0), |(sum, squares), w| (sum + w, squares + w * w));
        let own = (squares - sum * sum / cells).max(0.0);
        let variance = own * self.cell_variance + sum * sum / (cells * cells) * self.whole_variance;
        // Half a unit for rounding.
        Z * libm::sqrt(variance) + 0.5
    }
}

/// The quartiles of a group's delays.
fn delay(group: &Group<'_>) -> Delay {
    let quartile = |percent: u64| {
        let share = percent as f64 / 100.0;
        // The units up to the end of a bin, minus their share of all: below zero before the quantile.
        let over: Vec<Weighed> = (0..DELAY_BINS.len())
            .map(|end| group.weigh(|place| if place <= end { 1.0 - share } else { -share }))
            .collect();
        let last = DELAY_BINS.len() - 1;
        let first =
            |reached: &dyn Fn(&Weighed) -> bool| over.iter().position(reached).unwrap_or(last);
        let bin = first(&|weighed| weighed.value >= 0.0);
        let low = first(&|weighed| weighed.high >= 0.0).min(bin);
        let high = over.iter().rposition(|weighed| weighed.low < 0.0);
        let high = high.map_or(0, |before| before + 1).min(last).max(bin);
        let days = |bin: usize| DELAY_BINS.get(bin).copied().unwrap_or_default();
        let ((from_days, to_days), low_days, high_days) = (days(bin), days(low).0, days(high).1);
        Quantile { percent, from_days, to_days, low_days, high_days }
    };
    Delay { campaign: group.campaign.clone(), quartiles: [25, 50, 75].map(quartile).into() }
}

/// Classes of each of recency, frequency and amount.
const CLASSES: usize = 3;

/// The four quadrants of a group: the greatest class of amounts against the others, the two upper
/// classes of frequency against the first.
fn quadrants(group: &Group<'_>) -> Vec<Quadrant> {
    let of = |(high_value, high_fidelity): (bool, bool)| {
        let inside = |place: usize| {
            let (frequency, amount) = (place / CLASSES % CLASSES, place % CLASSES);
            (amount == CLASSES - 1) == high_value && (frequency > 0) == high_fidelity
        };
        let weighed = group.weigh(|place| if inside(place) { 1.0 } else { 0.0 });
        let clip = |value: f64| whole(value.max(0.0));
        let low = clip(libm::floor(weighed.low));
        let high = clip(libm::ceil(weighed.high));
        let value = clip(weighed.value.round()).clamp(low, high);
        let campaign = group.campaign.clone();
        Quadrant { campaign, high_value, high_fidelity, units: Figure { value, low, high } }
    };
    [(true, true), (true, false), (false, true), (false, false)].map(of).into()
}

/// A cell of the network by one dealer, in hundredths of a unit, bounds rounded outwards.
struct ByDealer {
    cell: String,
    dealers: u64,
    value: Option<i64>,
    low: i64,
    high: i64,
}

fn by_dealer(section: &Section, row: &Row) -> ByDealer {
    let cell = row.key.cell.clone().unwrap_or_default();
    let pool = section.pools.iter().find(|pool| pool.cell == cell);
    let dealers = pool.map_or(1, |pool| pool.dealers.len().max(1) as u64);
    let each = i64::try_from(dealers).unwrap_or(i64::MAX);
    let hundredths = |units: i64| units.saturating_mul(100);
    let half = section.noise.first().map_or(0, |noise| noise.half_width);
    match row.figures.units {
        Cell::Shown(figure) => ByDealer {
            value: Some(hundredths(figure.value) / each),
            low: hundredths(figure.low) / each,
            high: hundredths(figure.high).saturating_add(each - 1) / each,
            cell,
            dealers,
        },
        // Hidden below the threshold is at most the threshold and the reach of the noise; hidden for
        // another reason may be anything.
        Cell::Hidden(hidden) => {
            let most = section.threshold.saturating_add(half);
            let below = hidden.hidden == tiers_protocol::report::HiddenReason::BelowThreshold;
            let most = if below { i64::try_from(most).unwrap_or(i64::MAX) } else { i64::MAX };
            let high = hundredths(most).saturating_add(each - 1) / each;
            ByDealer { value: None, low: 0, high, cell, dealers }
        }
    }
}

/// Quartiles and places by the intervals of the cells: the `k`-th smallest exact value lies between the
/// `k`-th smallest of the lower bounds and the `k`-th smallest of the upper ones.
fn network(section: &Section) -> NetworkPlaces {
    let cells: Vec<ByDealer> = section.rows.iter().map(|row| by_dealer(section, row)).collect();
    let sorted = |of: &dyn Fn(&ByDealer) -> i64| {
        let mut all: Vec<i64> = cells.iter().map(of).collect();
        all.sort_unstable();
        all
    };
    // What is hidden stands at half of what it may be, for want of better.
    let (lows, highs) = (sorted(&|cell| cell.low), sorted(&|cell| cell.high));
    let values = sorted(&|cell| cell.value.unwrap_or_else(|| cell.high.min(MIDDLE_MAX) / 2));
    let at = |all: &[i64], quarter: usize| {
        let place = (all.len() * quarter).div_ceil(4).saturating_sub(1);
        all.get(place).copied().unwrap_or_default()
    };
    let quartile = |quarter: usize| Figure {
        value: at(&values, quarter).clamp(at(&lows, quarter), at(&highs, quarter)),
        low: at(&lows, quarter),
        high: at(&highs, quarter).min(MIDDLE_MAX),
    };
    let anything = cells.iter().any(|cell| cell.value.is_some());
    let place = |one: &ByDealer| {
        let value = one.value?;
        let count = |test: &dyn Fn(&ByDealer) -> bool| cells.iter().filter(|c| test(c)).count();
        let quarter = |rank: usize| (4 * rank).div_ceil(cells.len().max(1)).clamp(1, 4) as u64;
        let below =
            count(&|other| other.value.unwrap_or_else(|| other.high.min(MIDDLE_MAX) / 2) < value);
        let surely_below = count(&|other| other.high < one.low);
        let surely_above = count(&|other| other.low > one.high);
        let (low, high) = (quarter(surely_below + 1), quarter(cells.len() - surely_above));
        let quarter = quarter(below + 1).clamp(low, high);
        Some(Place { cell: one.cell.clone(), dealers: one.dealers, quarter, low, high })
    };
    NetworkPlaces {
        quartiles_hundredths: if anything { [1, 2, 3].map(quartile).into() } else { Vec::new() },
        places: cells.iter().filter_map(place).collect(),
    }
}

/// No count by dealer comes near: what stands for "anything".
const MIDDLE_MAX: i64 = 1 << 40;

#[cfg(test)]
#[path = "tests/summary.rs"]
mod tests;
