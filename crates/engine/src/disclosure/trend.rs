//! `trend/1`: months side by side with the year before and moving averages, from stored reports.
//!
//! It costs nothing, because it works on figures that were released: noise of different months is
//! independent, so half widths add up as the roots of sums of squares, rounded up. Where a figure is
//! hidden, nothing that needs it is shown. It reads no store; the service finds the reports.

use serde::{Deserialize, Serialize};
use tiers_protocol::{
    ids::ProgrammeId,
    policy::SectionId,
    report::{Figure, Period, Report, RowKey},
};

use super::interval::root_up;

/// How many months a moving average covers, the month itself included.
pub const AVERAGED: usize = 3;

/// The months of a section.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Trend {
    /// The programme.
    pub programme: ProgrammeId,
    /// The template and its margin.
    pub section: String,
    /// Its rows, the total last; none if no report has the section.
    pub rows: Vec<TrendRow>,
}

/// The months of one row of a section.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TrendRow {
    /// The row; none for the total of the section.
    pub key: Option<RowKey>,
    /// The months that were released, in the order of the calendar.
    pub months: Vec<TrendMonth>,
}

/// One month of a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TrendMonth {
    /// The month of sales, `YYYY-MM`.
    #[schema(value_type = String)]
    pub period: Period,
    /// Units, as released; none where they are hidden.
    pub units: Option<Figure>,
    /// The same month of the year before, as released.
    pub year_before: Option<Figure>,
    /// The month minus the year before; it may be negative.
    pub change: Option<Figure>,
    /// The average of this month and the two before it, if all three were released.
    pub average: Option<Figure>,
}

/// A count that was released, with the half width of its interval before clipping.
#[derive(Clone, Copy)]
struct Known {
    figure: Figure,
    count: i64,
    half_width: u64,
}

/// The months of every row of a section, and of its total, in reports of one programme.
///
/// Of several reports of a month the one of the latest snapshot counts.
#[must_use]
pub fn trend(reports: &[Report], section: SectionId) -> Vec<TrendRow> {
    let mut latest: Vec<&Report> = Vec::new();
    let mut sorted: Vec<&Report> =
        reports.iter().filter(|report| report.section(section).is_some()).collect();
    sorted.sort_by_key(|report| (report.head.period.clone(), report.head.snapshot));
    for report in sorted {
        if latest.last().is_some_and(|last| last.head.period == report.head.period) {
            latest.pop();
        }
        latest.push(report);
    }
    let Some(newest) = latest.last().and_then(|report| report.section(section)) else {
        return Vec::new();
    };
    let keys = newest.rows.iter().map(|row| Some(row.key.clone())).chain([None]);
    keys.map(|key| row(&latest, section, key)).collect()
}

fn row(reports: &[&Report], section: SectionId, key: Option<RowKey>) -> TrendRow {
    let known: Vec<(usize, Option<Known>)> = reports
        .iter()
        .map(|report| (number(&report.head.period), known(report, section, key.as_ref())))
        .collect();
    let at = |month: Option<usize>| {
        let found = known.iter().find(|(number, _)| Some(*number) == month);
        found.and_then(|(_, known)| *known)
    };
    let months = reports
        .iter()
        .zip(&known)
        .map(|(report, (month, this))| {
            let before = at(month.checked_sub(12));
            let run: Option<Vec<Known>> =
                (0..AVERAGED).map(|back| at(month.checked_sub(back))).collect();
            TrendMonth {
                period: report.head.period.clone(),
                units: this.map(|known| known.figure),
                year_before: before.map(|known| known.figure),
                change: this.zip(before).map(|(this, before)| change(this, before)),
                average: run.map(|run| average(&run)),
            }
        })
        .collect();
    TrendRow { key, months }
}

fn known(report: &Report, section: SectionId, key: Option<&RowKey>) -> Option<Known> {
    let section = report.section(section)?;
    let noise = section.noise.first()?;
    let (figures, half_width) = match key {
        Some(key) => {
            let row = section.rows.iter().find(|row| row.key == *key)?;
            (row.figures, noise.half_width)
        }
        None => (section.total, noise.total_half_width),
    };
    let figure = *figures.units.figure()?;
    Some(Known { figure, count: figures.noisy?.count, half_width })
}

/// Months since the year 0.
fn number(period: &Period) -> usize {
    let (year, month) = period.as_str().split_once('-').unwrap_or(("0", "1"));
    let number = |text: &str| text.parse::<usize>().unwrap_or(0);
    12 * number(year) + number(month)
}

/// The half width of a sum or difference of independent values, times `1 / divisor`, rounded up.
fn together(widths: impl Iterator<Item = u64>, divisor: u64) -> i64 {
    let squares = widths.fold(0_u128, |sum, width| {
        sum.saturating_add(u128::from(width).saturating_mul(u128::from(width)))
    });
    let divisor = u128::from(divisor);
    i64::try_from(root_up(squares, divisor * divisor)).unwrap_or(i64::MAX)
}

fn change(this: Known, before: Known) -> Figure {
    let value = this.count.saturating_sub(before.count);
    let half = together([this.half_width, before.half_width].into_iter(), 1);
    Figure { value, low: value.saturating_sub(half), high: value.saturating_add(half) }
}

fn average(run: &[Known]) -> Figure {
    let (sum, months) = (run.iter().map(|known| i128::from(known.count)).sum::<i128>(), run.len());
    let nearest = (2 * sum + months as i128).div_euclid(2 * months as i128);
    let value = i64::try_from(nearest.max(0)).unwrap_or(i64::MAX);
    // Half a unit for rounding the value.
    let half = together(run.iter().map(|known| known.half_width), months as u64).saturating_add(1);
    Figure { value, low: value.saturating_sub(half).max(0), high: value.saturating_add(half) }
}
