//! How reports, plans and accounts look in a terminal. Everything here is a function of documents
//! that were released; nothing decides what is shown.

use std::fmt::Write as _;

use serde_json::Value;
use tiers_protocol::report::{Cell, Figure, Figures, HiddenReason, Report};
use tiers_protocol::wire::AccountInfo;

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
    let (unit, revenue) = revenue_unit(report);
    let mut table = Table::new(&[
        ("campaign", Align::Left),
        ("leads", Align::Right),
        ("conversions", Align::Right),
        ("% of leads", Align::Right),
        (unit, Align::Right),
        ("EUR per EUR spent", Align::Right),
    ]);
    for row in &report.campaigns {
        table.row(cells(&row.campaign, &row.figures, revenue));
    }
    table.rule();
    table.row(cells("all", &report.total, revenue));
    text.push_str(&table.lines(style).join("\n"));
    text.push('\n');
    for line in notes(report) {
        let _ = writeln!(text, "  {}", style.dim(&line));
    }
    text
}

/// Above this many cents revenue is written in thousands.
const KILO_FROM_CENTS: i64 = 10_000_000;

/// Heading and writer of revenue: one unit for the whole table.
fn revenue_unit(report: &Report) -> (&'static str, fn(i64) -> String) {
    let all = report.campaigns.iter().map(|row| &row.figures).chain([&report.total]);
    let top = all.filter_map(|figures| figures.revenue_cents.figure()).map(|f| f.high).max();
    if top.unwrap_or(0) >= KILO_FROM_CENTS {
        ("revenue, kEUR", words::kilo_euros)
    } else {
        ("revenue, EUR", words::euros)
    }
}

/// A row. Where conversions are hidden everything is, for the same reason: once is enough to say so.
fn cells(name: &str, figures: &Figures, revenue: fn(i64) -> String) -> Vec<String> {
    let mut cells = vec![
        name.to_owned(),
        words::grouped(figures.leads),
        with_interval(&figures.conversions, words::signed),
    ];
    if figures.conversions.figure().is_some() {
        cells.push(with_interval(&figures.rate_per_myriad, words::per_cent));
        cells.push(with_interval(&figures.revenue_cents, revenue));
        cells.push(with_interval(&figures.revenue_per_euro_milli, words::milli));
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
fn notes(report: &Report) -> Vec<String> {
    let parameters = &report.parameters;
    let level = parameters.nominal_ppm / 10_000;
    let mut notes = vec![format!(
        "value [low, high]: the exact value lies inside with a probability of at least {level} %."
    )];
    let figures = report.campaigns.iter().map(|row| &row.figures).chain([&report.total]);
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
            parameters.threshold, parameters.total_threshold,
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
        ("sales of", Align::Left),
        ("spent", Align::Right),
        ("left", Align::Right),
        ("of", Align::Right),
        ("", Align::Left),
    ]);
    for one in accounts {
        table.row(vec![
            one.month.clone(),
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

/// A plan: the certifier's own words and numbers, one a line.
#[must_use]
pub fn plan_text(period: &str, plan: &Value) -> String {
    let mut text = format!("Plan for sales of {period}\n");
    flatten(&mut text, "", plan);
    text
}

fn flatten(text: &mut String, path: &str, value: &Value) {
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                let dot = if path.is_empty() { "" } else { "." };
                flatten(text, &format!("{path}{dot}{name}"), inner);
            }
        }
        Value::Array(items) => {
            for (at, inner) in items.iter().enumerate() {
                flatten(text, &format!("{path}[{at}]"), inner);
            }
        }
        Value::Number(number) if path.ends_with("_nrho") => {
            let shown = number.as_u64().map_or_else(|| number.to_string(), words::mega);
            let _ = writeln!(text, "  {path:<34} {shown}");
        }
        Value::String(inner) => {
            let _ = writeln!(text, "  {path:<34} {inner}");
        }
        other => {
            let _ = writeln!(text, "  {path:<34} {other}");
        }
    }
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
