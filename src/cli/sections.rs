//! The sections of a report beside conversions by campaign, as they look in a terminal: bars with their
//! intervals, and what they say in short. Everything is a function of documents that were released.

use std::fmt::Write as _;

use tiers_protocol::policy::{Margin, TemplateId};
use tiers_protocol::report::{Cell, ExactTotals, Figure, HiddenReason, Report, Row, Section};

use super::output::Style;
use super::table::{Align, Table};
use super::words;
use crate::disclosure::{
    Delay, LiftFigures, NetworkPlaces, Quadrant, Summary, Trend, TrendRow, summary,
};

/// Characters of a bar.
const BAR: u64 = 28;

/// All sections but conversions by campaign, each with its bars and its summary.
#[must_use]
pub fn sections_text(report: &Report, style: Style) -> String {
    let short = summary(report).unwrap_or_default();
    let others = report.sections.iter().skip(1);
    let mut text: String = others.map(|section| section_text(section, &short, style)).collect();
    if !text.is_empty() {
        let legend = "█ up to the lower bound of the interval, ▒ up to the upper bound.";
        let _ = writeln!(text, "  {}", style.dim(legend));
    }
    let exact = report.unprotected.map(|totals| exact_text(&totals, style));
    exact.unwrap_or_default() + &text
}

/// Totals without noise, with what they are.
fn exact_text(totals: &ExactTotals, style: Style) -> String {
    let told = totals.conversions.map_or_else(
        || format!("not told: fewer than {} conversions", ExactTotals::LEAST_UNITS),
        |count| {
            let cents = totals.revenue_cents.map(|cents| words::grouped(cents / 100));
            let revenue = cents.map(|euros| format!(", revenue {euros} EUR")).unwrap_or_default();
            format!("conversions {}{revenue}", words::grouped(count))
        },
    );
    format!(
        "\n{}\n  {told}\n  {}\n",
        style.bad("Exact totals: UNPROTECTED"),
        style.dim(&format!(
            "No noise: whoever chose the leads can learn from them with certainty whether a person bought.\n  \
             The bounds of the certificate do not hold beside them. All {} partners agreed.",
            totals.partners,
        )),
    )
}

fn section_text(section: &Section, short: &Summary, style: Style) -> String {
    let mut text = format!("\n{}\n", style.bold(&title(section)));
    let by_campaign = section.margin != Margin::All;
    let mut columns = Vec::new();
    if by_campaign {
        columns.push(("campaign", Align::Left));
    }
    columns.extend([(heading(section), Align::Left), ("units", Align::Right), ("", Align::Left)]);
    let mut table = Table::new(&columns);
    let most = section.rows.iter().filter_map(|row| row.figures.units.figure());
    let most = most.map(|figure| figure.high).max().unwrap_or(0);
    let (mut before, mut left_out) = ("", 0);
    for row in &section.rows {
        // Long tables: rows that are hidden are counted instead.
        let long = by_campaign || section.template == TemplateId::Segments;
        if long && row.figures.units.figure().is_none() {
            left_out += 1;
            continue;
        }
        if by_campaign && !before.is_empty() && before != row.campaign() {
            table.rule();
        }
        table.row(line(row, most, by_campaign, before));
        before = row.campaign();
    }
    if !by_campaign {
        table.rule();
        table.row(vec![
            "all".to_owned(),
            interval(&section.total.units),
            coverage(section).unwrap_or_default(),
        ]);
    }
    text.push_str(&table.lines(style).join("\n"));
    text.push('\n');
    for note in notes(section, short, left_out) {
        let _ = writeln!(text, "  {}", style.dim(&note));
    }
    text
}

fn line(row: &Row, most: i64, by_campaign: bool, before: &str) -> Vec<String> {
    let mut cells = Vec::new();
    if by_campaign {
        let name = if before == row.campaign() { "" } else { row.campaign() };
        cells.push(name.to_owned());
    }
    cells.push(cell_name(row.key.cell.as_deref().unwrap_or("all")).to_owned());
    cells.push(interval(&row.figures.units));
    cells.push(row.figures.units.figure().map_or_else(String::new, |figure| bar(figure, most)));
    cells
}

/// What is on no list stands under a star in documents.
fn cell_name(cell: &str) -> &str {
    if cell == "*" { "other" } else { cell }
}

fn interval(cell: &Cell) -> String {
    match cell {
        Cell::Shown(Figure { value, low, high }) => {
            format!("{} [{}, {}]", words::signed(*value), words::signed(*low), words::signed(*high))
        }
        Cell::Hidden(_) => "hidden".to_owned(),
    }
}

/// A bar that is sure up to the lower bound and possible up to the upper one.
fn bar(figure: &Figure, most: i64) -> String {
    let most = most.max(1).unsigned_abs();
    let of = |value: i64| {
        let length = value.max(0).unsigned_abs().saturating_mul(BAR).div_ceil(most).min(BAR);
        usize::try_from(length).unwrap_or(0)
    };
    let (sure, possible) = (of(figure.low), of(figure.high));
    format!("{}{}", "█".repeat(sure), "▒".repeat(possible.saturating_sub(sure)))
}

/// The share of leads whom partners know.
fn coverage(section: &Section) -> Option<String> {
    let rate = section.total.rate_per_myriad.as_ref()?.figure()?;
    let [value, low, high] = [rate.value, rate.low, rate.high].map(words::per_cent);
    Some(format!("{value} % of the leads [{low}, {high}]"))
}

fn title(section: &Section) -> String {
    let what = match section.template {
        TemplateId::Conversion | TemplateId::Revenue => "Conversions",
        TemplateId::Delay => "Days from lead to sale",
        TemplateId::Network => "Conversions by dealer",
        TemplateId::Overlap => "Partners' customers who are leads",
        TemplateId::Segments => "Recency, frequency and amount",
        TemplateId::Lift => "Treated group and control",
        TemplateId::Partners => "Customers whom two partners share",
    };
    let by = match section.margin {
        Margin::Campaign => ", by campaign",
        Margin::CampaignModel => ", by campaign and model",
        Margin::CampaignDepartment => ", by campaign and area",
        Margin::All => "",
    };
    format!("{what}{by}")
}

const fn heading(section: &Section) -> &'static str {
    match (section.template, section.margin) {
        (_, Margin::CampaignModel) => "model",
        (_, Margin::CampaignDepartment) => "area",
        (TemplateId::Delay, _) => "days",
        (TemplateId::Network, _) => "dealer",
        (TemplateId::Segments, _) => "segment",
        (TemplateId::Lift, _) => "group",
        (TemplateId::Partners, _) => "pair",
        _ => "cell",
    }
}

fn notes(section: &Section, short: &Summary, left_out: usize) -> Vec<String> {
    let mut notes = Vec::new();
    let of_all = |campaign: &Option<String>| campaign.is_none() == (section.margin == Margin::All);
    match section.template {
        TemplateId::Delay => {
            notes.extend(short.delays.iter().filter(|d| of_all(&d.campaign)).map(delay_note));
        }
        TemplateId::Segments => {
            notes.push(
                "r, f, a: recency, frequency, amount of the month; 1 the lowest class of each."
                    .to_owned(),
            );
            let own: Vec<&Quadrant> =
                short.quadrants.iter().filter(|one| of_all(&one.campaign)).collect();
            notes.extend(own.chunks(4).map(quadrants_note));
        }
        TemplateId::Network => notes.extend(network_notes(section, short.network.as_ref())),
        TemplateId::Lift => notes.extend(short.lift.as_ref().map(lift_note)),
        _ => {}
    }
    let hidden = section.rows.iter().filter_map(|row| match row.figures.units {
        Cell::Hidden(cell) => Some(cell.hidden),
        Cell::Shown(_) => None,
    });
    if left_out > 0 {
        notes.push(format!(
            "{} hidden and left out here.",
            words::count(left_out as u64, "row is", "rows are")
        ));
    }
    let mut reasons: Vec<HiddenReason> = Vec::new();
    for reason in hidden {
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    notes.extend(reasons.into_iter().map(|reason| match reason {
        HiddenReason::BelowThreshold => {
            format!("hidden: the noisy count is below {}.", section.threshold)
        }
        other => format!("hidden: {}.", words::hidden(other)),
    }));
    notes
}

/// The difference of the arms, in hundredths of a per cent as rates are.
fn lift_note(lift: &LiftFigures) -> String {
    let points = |ppm: i64| format!("{:+.2}", ppm as f64 / 10_000.0);
    let [value, low, high] = [lift.difference_ppm, lift.low_ppm, lift.high_ppm].map(points);
    let p = lift.p_value_ppm as f64 / 1_000_000.0;
    format!(
        "treated minus control: {value} points [{low}, {high}], sampling and noise together; p = {p:.4}, \
         the probability of so large a difference if treating did nothing."
    )
}

fn delay_note(delay: &Delay) -> String {
    let name = delay.campaign.as_deref().map_or(String::new(), |name| format!("{name}: "));
    let words = ["a quarter within", "half within", "three quarters within"];
    let quartiles = delay.quartiles.iter().zip(words).map(|(one, words)| {
        format!("{words} {} days [{}, {}]", one.to_days, one.low_days, one.high_days)
    });
    format!("{name}{}.", quartiles.collect::<Vec<_>>().join(", "))
}

fn quadrants_note(four: &[&Quadrant]) -> String {
    let campaign = four.first().and_then(|one| one.campaign.clone());
    let name = campaign.map_or(String::new(), |name| format!("{name}: "));
    let one = |quadrant: &&Quadrant| {
        let level = |high| if high { "high" } else { "low" };
        let Figure { value, low, high } = quadrant.units;
        let (of_value, fidelity) = (level(quadrant.high_value), level(quadrant.high_fidelity));
        format!("{of_value} value and {fidelity} fidelity {value} [{low}, {high}]")
    };
    format!("{name}{}.", four.iter().map(one).collect::<Vec<_>>().join("; "))
}

fn network_notes(section: &Section, network: Option<&NetworkPlaces>) -> Vec<String> {
    let mut notes = Vec::new();
    for pool in &section.pools {
        notes.push(format!("{}: {}.", pool.cell, pool.dealers.join(", ")));
    }
    let Some(network) = network else { return notes };
    if let [first, half, third] = &network.quartiles_hundredths[..] {
        let told = |figure: &Figure| {
            let [value, low, high] = [figure.value, figure.low, figure.high].map(words::per_cent);
            format!("{value} [{low}, {high}]")
        };
        let (first, half, third) = (told(first), told(half), told(third));
        notes.push(format!(
            "by dealer: first quartile {first}, median {half}, third quartile {third}."
        ));
    }
    let place = |place: &crate::disclosure::Place| {
        format!("{} {} [{}, {}]", place.cell, place.quarter, place.low, place.high)
    };
    let places: Vec<String> = network.places.iter().map(place).collect();
    if !places.is_empty() {
        notes.push(format!("quarter of the network, 4 the strongest: {}.", places.join("; ")));
    }
    notes
}

/// The months of a section, with the year before.
#[must_use]
pub fn trend_text(trend: &Trend, style: Style) -> String {
    if trend.rows.is_empty() {
        return format!("No stored report has {}.", trend.section);
    }
    let mut text = String::new();
    for row in trend.rows.iter().filter(|row| worth_telling(row)) {
        let _ = write!(text, "{}", row_text(row, style));
    }
    let note = "value [low, high]; change: against the same month of the year before; average: of \
                the month and the two before it. It cost nothing.";
    let _ = write!(text, "  {}", style.dim(note));
    text
}

/// The total, and rows of which at least one month is shown.
fn worth_telling(row: &TrendRow) -> bool {
    row.key.is_none() || row.months.iter().any(|month| month.units.is_some())
}

fn row_text(row: &TrendRow, style: Style) -> String {
    let name = row.key.as_ref().map_or_else(
        || "all".to_owned(),
        |key| {
            let parts = [key.campaign.as_deref(), key.cell.as_deref().map(cell_name)];
            parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
        },
    );
    let mut table = Table::new(&[
        ("sales of", Align::Left),
        ("units", Align::Right),
        ("year before", Align::Right),
        ("change", Align::Right),
        ("average of 3", Align::Right),
        ("", Align::Left),
    ]);
    let most = row.months.iter().filter_map(|month| month.units.map(|units| units.high)).max();
    for month in &row.months {
        let told = |figure: &Option<Figure>| {
            figure.map_or_else(|| "·".to_owned(), |figure| interval(&Cell::Shown(figure)))
        };
        table.row(vec![
            month.period.as_str().to_owned(),
            month.units.map_or_else(|| "hidden".to_owned(), |units| interval(&Cell::Shown(units))),
            told(&month.year_before),
            told(&month.change),
            told(&month.average),
            month.units.map_or_else(String::new, |units| bar(&units, most.unwrap_or(0))),
        ]);
    }
    format!("{}\n{}\n\n", style.bold(&name), table.lines(style).join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_sure_up_to_its_lower_bound() {
        let bar = |low, high| super::bar(&Figure { value: low, low, high }, 100);
        assert_eq!(bar(50, 100), format!("{}{}", "█".repeat(14), "▒".repeat(14)));
        assert_eq!(bar(0, 0), "");
        assert_eq!(bar(100, 200), "█".repeat(28));
        assert_eq!(super::bar(&Figure { value: 0, low: 0, high: 0 }, 0), "");
    }
}
