//! How reports, plans and accounts look in a terminal. Everything here is a function of documents
//! that were released; nothing decides what is shown.

use std::fmt::Write as _;

use serde::Deserialize;
use tiers_protocol::report::{Cell, Figure, Figures, HiddenReason, Report, Section};
use tiers_protocol::wire::{AccountInfo, AccountSide};

use super::output::Style;
use super::table::{Align, Table};
use super::words;

/// A report as a table with intervals, and the reasons for what is hidden.
#[must_use]
pub fn report_text(report: &Report, style: Style) -> String {
    let mut text = format!(
        "{}\n",
        style.bold(&format!(
            "{}, sales of {}",
            report.head.programme.name,
            report.head.period.as_str()
        )),
    );
    let Some(section) = report.campaigns() else {
        return text;
    };
    let (unit, revenue) = revenue_unit(section);
    let mut table = Table::new(&[
        ("campaign", Align::Left),
        ("leads", Align::Right),
        ("conversions", Align::Right),
        ("% of leads", Align::Right),
        (unit, Align::Right),
        ("EUR per EUR spent", Align::Right),
    ]);
    for row in &section.rows {
        table.row(cells(row.campaign(), &row.figures, revenue));
    }
    table.rule();
    table.row(cells("all", &section.total, revenue));
    text.push_str(&table.lines(style).join("\n"));
    text.push('\n');
    for line in notes(report, section) {
        let _ = writeln!(text, "  {}", style.dim(&line));
    }
    text
}

/// Above this many cents revenue is written in thousands.
const KILO_FROM_CENTS: i64 = 10_000_000;

/// Heading and writer of revenue: one unit for the whole table.
fn revenue_unit(section: &Section) -> (&'static str, fn(i64) -> String) {
    let all = section.rows.iter().map(|row| &row.figures).chain([&section.total]);
    let top =
        all.filter_map(|figures| figures.revenue_cents.as_ref()?.figure()).map(|f| f.high).max();
    if top.unwrap_or(0) >= KILO_FROM_CENTS {
        ("revenue, kEUR", words::kilo_euros)
    } else {
        ("revenue, EUR", words::euros)
    }
}

/// A row. Where conversions are hidden everything is, for the same reason: once is enough to say
/// so.
fn cells(name: &str, figures: &Figures, revenue: fn(i64) -> String) -> Vec<String> {
    let mut cells = vec![
        name.to_owned(),
        figures.leads.map_or_else(|| "·".to_owned(), words::grouped),
        with_interval(&figures.units, words::signed),
    ];
    if figures.units.figure().is_some() {
        let cell = |cell: &Option<Cell>, write: fn(i64) -> String| {
            cell.as_ref().map_or_else(|| "·".to_owned(), |cell| with_interval(cell, write))
        };
        cells.push(cell(&figures.rate_per_myriad, words::per_cent));
        cells.push(cell(&figures.revenue_cents, revenue));
        cells.push(cell(&figures.revenue_per_euro_milli, words::milli));
    } else {
        cells.extend(["·", "·", "·"].map(str::to_owned));
    }
    cells
}

fn with_interval(cell: &Cell, write: fn(i64) -> String) -> String {
    match cell {
        Cell::Shown(Figure { value, low, high }) => {
            format!("{} [{}, {}]", write(*value), write(*low), write(*high))
        }
        Cell::Hidden(_) => "hidden".to_owned(),
    }
}

/// What the reader has to know of the figures.
fn notes(report: &Report, section: &Section) -> Vec<String> {
    let level = report.parameters.nominal_ppm / 10_000;
    let mut notes = vec![format!(
        "value [low, high]: the exact value lies inside with a probability of at least {level} %."
    )];
    let figures = section.rows.iter().map(|row| &row.figures).chain([&section.total]);
    let mut reasons: Vec<HiddenReason> = Vec::new();
    for (_, cell) in figures.flat_map(Figures::cells) {
        if let Cell::Hidden(hidden) = cell
            && !reasons.contains(&hidden.hidden)
        {
            reasons.push(hidden.hidden);
        }
    }
    if reasons.contains(&HiddenReason::BelowThreshold) {
        notes.push(format!(
            "hidden: the noisy count is below {} (for all campaigns together, {}).",
            section.threshold, section.total_threshold,
        ));
    }
    for reason in reasons {
        if reason != HiddenReason::BelowThreshold {
            notes.push(format!("hidden: {}.", words::hidden(reason)));
        }
    }
    notes
}

/// What is left of each month's budget.
#[must_use]
pub fn accounts_text(accounts: &[AccountInfo], style: Style) -> String {
    let mut table = Table::new(&[
        ("rows of", Align::Left),
        ("spent", Align::Right),
        ("left", Align::Right),
        ("of", Align::Right),
        ("", Align::Left),
    ]);
    for one in accounts {
        table.row(vec![
            match one.side {
                AccountSide::Sales => format!("sales {}", one.month),
                AccountSide::Leads => format!("leads {}", one.month),
            },
            words::mega(one.spent_nrho),
            words::mega(one.left_nrho),
            words::mega(one.cap_nrho),
            gauge(one.spent_nrho, one.cap_nrho),
        ]);
    }
    table.lines(style).join("\n")
}

const GAUGE: u64 = 20;

/// A bar that fills as a budget is spent.
fn gauge(spent: u64, cap: u64) -> String {
    let filled = spent.saturating_mul(GAUGE).checked_div(cap).unwrap_or(0).min(GAUGE);
    let filled = usize::try_from(filled).unwrap_or(0);
    let empty = usize::try_from(GAUGE).unwrap_or(0) - filled;
    format!("{}{}", "█".repeat(filled), "░".repeat(empty))
}

/// What a certifier answers to a plan; fields that a later version adds are read past.
#[derive(Debug, Deserialize)]
pub struct Plan {
    cost_nrho: u64,
    left_nrho: u64,
    reports_left: u64,
    least_count_shown: u64,
    least_total_shown: u64,
    campaigns: Vec<RowPlan>,
    total: RowPlan,
    expected: Option<Vec<u64>>,
    sections: Vec<SectionPlan>,
    alternatives: Vec<Alternative>,
}

/// One section of a plan.
#[derive(Debug, Deserialize)]
struct SectionPlan {
    section: String,
    cost_nrho: u64,
    rows: u64,
    least_count_shown: u64,
    half_width: u64,
    hidden_permille: Option<Vec<u64>>,
}

/// Another question.
#[derive(Debug, Deserialize)]
struct Alternative {
    change: Change,
    cost_nrho: u64,
    campaign_half_width: u64,
    total_half_width: u64,
    hidden_permille: Option<u64>,
}

/// What is different; kinds that a later version adds are told by their name.
#[derive(Debug, Deserialize)]
struct Change {
    kind: String,
    section: Option<String>,
}

/// Half widths of the intervals of one row.
#[derive(Debug, Deserialize)]
struct RowPlan {
    campaign: Option<String>,
    conversions: i64,
    rate_per_myriad: Option<i64>,
    revenue_cents: Option<i64>,
    revenue_per_euro_milli: Option<i64>,
}

/// A plan: what it would cost, and how wide the intervals would be.
#[must_use]
pub fn plan_text(period: &str, plan: &Plan, style: Style) -> String {
    let mut text = format!("{}\n", style.bold(&format!("Plan for the sales of {period}")));
    let mut table = Table::new(&[
        ("campaign", Align::Left),
        ("conversions", Align::Right),
        ("% of leads", Align::Right),
        ("revenue, EUR", Align::Right),
        ("EUR per EUR spent", Align::Right),
    ]);
    for row in &plan.campaigns {
        table.row(half_widths(row.campaign.as_deref().unwrap_or_default(), row));
    }
    table.rule();
    table.row(half_widths("all", &plan.total));
    text.push_str(&table.lines(style).join("\n"));
    text.push_str("\n\n");
    text.push_str(&section_plans(plan, style));
    text.push_str("\n\n");
    text.push_str(&alternatives(plan, style));
    let notes = [
        "± is half the width of the 95 % interval.".to_owned(),
        match &plan.expected {
            Some(expected) => format!(
                "expected conversions by campaign: {}; units are spread evenly over cells.",
                expected.iter().map(|units| words::grouped(*units)).collect::<Vec<_>>().join(", ")
            ),
            None => "with --guess CAMPAIGN=CONVERSIONS it tells what will probably be hidden."
                .to_owned(),
        },
        format!(
            "shown are campaigns with a noisy count of {} and more, the total from {}.",
            plan.least_count_shown, plan.least_total_shown,
        ),
        format!(
            "a new answer costs {}; then {} are left of the month's budget, enough for {}.",
            words::mega(plan.cost_nrho),
            words::mega(plan.left_nrho),
            words::count(plan.reports_left, "more", "more"),
        ),
        "if the same question was answered before, the stored answer comes at no cost.".to_owned(),
    ];
    for note in notes {
        let _ = write!(text, "\n  {}", style.dim(&note));
    }
    text.push('\n');
    text
}

/// Price, precision and probable hiding of each section.
fn section_plans(plan: &Plan, style: Style) -> String {
    let mut table = Table::new(&[
        ("section", Align::Left),
        ("cost", Align::Right),
        ("rows", Align::Right),
        ("units", Align::Right),
        ("shown from", Align::Right),
        ("rows probably hidden", Align::Right),
    ]);
    for one in &plan.sections {
        let hidden = one.hidden_permille.as_ref().map(|rows| {
            let hidden = rows.iter().filter(|permille| **permille >= 500).count();
            format!("{hidden} of {}", rows.len())
        });
        table.row(vec![
            one.section.clone(),
            words::mega(one.cost_nrho),
            words::grouped(one.rows),
            format!("± {}", words::grouped(one.half_width)),
            words::grouped(one.least_count_shown),
            hidden.unwrap_or_else(|| "·".to_owned()),
        ]);
    }
    table.lines(style).join("\n")
}

/// What else could be asked.
fn alternatives(plan: &Plan, style: Style) -> String {
    let mut table = Table::new(&[
        ("instead", Align::Left),
        ("cost", Align::Right),
        ("a campaign", Align::Right),
        ("all", Align::Right),
        ("% of units hidden", Align::Right),
    ]);
    for one in &plan.alternatives {
        let section = one.change.section.as_deref().unwrap_or_default();
        let change = match one.change.kind.as_str() {
            "same" => "as planned".to_owned(),
            "without" => format!("without {section}"),
            "with" => format!("with {section}"),
            "pooled_network" => "half as many pools of dealers".to_owned(),
            other => other.to_owned(),
        };
        let hidden = one.hidden_permille.and_then(|permille| i64::try_from(permille).ok());
        table.row(vec![
            change,
            words::mega(one.cost_nrho),
            format!("± {}", words::grouped(one.campaign_half_width)),
            format!("± {}", words::grouped(one.total_half_width)),
            hidden.map_or_else(|| "·".to_owned(), |permille| words::per_cent(permille * 10)),
        ]);
    }
    table.lines(style).join("\n")
}

fn half_widths(name: &str, row: &RowPlan) -> Vec<String> {
    let with = |value: Option<i64>, write: fn(i64) -> String| {
        value.map_or_else(|| "·".to_owned(), |value| format!("± {}", write(value)))
    };
    vec![
        name.to_owned(),
        with(Some(row.conversions), words::signed),
        with(row.rate_per_myriad, words::per_cent),
        with(row.revenue_cents, words::euros),
        with(row.revenue_per_euro_milli, words::milli),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gauge_is_full_only_when_all_is_spent() {
        assert_eq!(gauge(0, 300), "░".repeat(20));
        assert_eq!(gauge(299, 300), format!("{}░", "█".repeat(19)));
        assert_eq!(gauge(300, 300), "█".repeat(20));
        assert_eq!(gauge(0, 0), "░".repeat(20));
    }

    #[test]
    fn an_interval_stands_beside_its_value() {
        let shown = Cell::Shown(Figure { value: 38, low: 29, high: 1_047 });
        assert_eq!(with_interval(&shown, words::signed), "38 [29, 1 047]");
        let hidden = Cell::hidden(HiddenReason::BelowThreshold);
        assert_eq!(with_interval(&hidden, words::signed), "hidden");
    }
}
