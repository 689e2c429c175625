//! The sections of a report beside conversions by campaign, and trends, as markup that a page takes in:
//! bars with their intervals, what is hidden in words, what it says in short.
//!
//! [`report_sections`] and [`trend_sections`] return markup, escaped, for the style sheet of the
//! certificate's page; [`trend_page`] is a page of its own. They show documents that exist already and
//! know no figure of their own.

pub(super) mod drawing;
mod trend;
mod words;

use askama::Template;
use tiers_protocol::policy::{Margin, SectionId, TemplateId};
use tiers_protocol::report::{Cell, HiddenReason, Report, Row, Section};

use self::drawing::{Bar, Drawing};
use self::words::Words;
use super::Language;
use super::figure::Quantity;
use super::number::Rounding;
use super::text::fill;
use crate::disclosure::{Delay, LiftFigures, Quadrant, Summary, summary};

pub use self::trend::{trend_page, trend_sections};

/// One section as it is read.
struct SectionView {
    /// Id of its heading.
    id: String,
    title: &'static str,
    intro: &'static str,
    drawings: Vec<Drawing>,
    quadrants: Vec<QuadrantsView>,
    notes: Vec<String>,
}

/// Four quadrants of a campaign or of all.
struct QuadrantsView {
    name: String,
    cells: Vec<QuadrantView>,
}

struct QuadrantView {
    name: &'static str,
    value: String,
    interval: String,
}

#[derive(Template)]
#[template(path = "sections.html")]
struct Sections<'a> {
    title: &'static str,
    legend: &'static str,
    quadrants_title: &'static str,
    sections: &'a [SectionView],
}

/// All sections but conversions by campaign, as markup; empty if the report has no other.
#[must_use]
pub fn report_sections(report: &Report, language: Language) -> String {
    let words = language.words();
    let short = summary(report).unwrap_or_default();
    let others = report.sections.iter().skip(1).zip(1_usize..);
    let sections: Vec<SectionView> =
        others.map(|(section, place)| view(section, place, &short, language)).collect();
    markup(words.title, &sections, language)
}

/// The drawings of all sections but conversions by campaign, each under the heading of its section.
pub(super) fn report_drawings(report: &Report, language: Language) -> Vec<(String, Drawing)> {
    let short = summary(report).unwrap_or_default();
    let others = report.sections.iter().skip(1).zip(1_usize..);
    let drawn = others.flat_map(|(section, place)| {
        let (title, _) = named(section.id(), language);
        let each = drawings(section, place, &short, language);
        each.into_iter().map(move |drawing| (title.to_owned(), drawing))
    });
    drawn.collect()
}

fn markup(title: &'static str, sections: &[SectionView], language: Language) -> String {
    if sections.is_empty() {
        return String::new();
    }
    let words = language.words();
    let (legend, quadrants_title) = (words.legend, words.quadrants);
    let made = Sections { title, legend, quadrants_title, sections };
    made.render().expect("the template asks for nothing that can fail")
}

fn view(section: &Section, place: usize, short: &Summary, language: Language) -> SectionView {
    let (title, intro) = named(section.id(), language);
    SectionView {
        id: format!("section-{place}"),
        title,
        intro,
        drawings: drawings(section, place, short, language),
        quadrants: quadrants(section, short, language),
        notes: notes(section, short, language),
    }
}

/// Title and explanation of a section.
const fn named(section: SectionId, language: Language) -> (&'static str, &'static str) {
    let words = language.words();
    match (section.template, section.margin) {
        (TemplateId::Conversion | TemplateId::Revenue, Margin::Campaign) => {
            (language.text().chart_conversions, "")
        }
        (TemplateId::Conversion | TemplateId::Revenue, Margin::CampaignDepartment) => {
            (words.area_title, words.area_intro)
        }
        (TemplateId::Conversion | TemplateId::Revenue, _) => (words.model_title, words.model_intro),
        (TemplateId::Delay, _) => (words.delay_title, words.delay_intro),
        (TemplateId::Network, _) => (words.network_title, words.network_intro),
        (TemplateId::Overlap, _) => (words.overlap_title, words.overlap_intro),
        (TemplateId::Segments, _) => (words.segments_title, words.segments_intro),
        (TemplateId::Lift, _) => (words.lift_title, words.lift_intro),
        (TemplateId::Partners, _) => (words.partners_title, words.partners_intro),
    }
}

/// The rows of each campaign, or all of them under the words for all.
fn groups<'a>(section: &'a Section, words: &'static Words) -> Vec<(String, &'a [Row])> {
    if section.margin == Margin::All {
        return vec![(words.all.to_owned(), &section.rows[..])];
    }
    let same = |a: &Row, b: &Row| a.key.campaign == b.key.campaign;
    section.rows.chunk_by(same).map(|rows| (campaign(rows), rows)).collect()
}

fn campaign(rows: &[Row]) -> String {
    rows.first().map(|row| row.campaign().to_owned()).unwrap_or_default()
}

fn drawings(section: &Section, place: usize, short: &Summary, language: Language) -> Vec<Drawing> {
    let words = language.words();
    let shown = |row: &&Row| row.figures.units.figure().is_some();
    groups(section, words)
        .into_iter()
        .zip(0_usize..)
        // A campaign of which nothing is shown is told in words.
        .filter(|((_, rows), _)| rows.iter().any(|row| shown(&row)))
        .map(|((name, rows), number)| {
            // Of segments, most of which are small, those that are shown.
            let few = section.template != TemplateId::Segments;
            let rows = rows.iter().filter(|row| few || shown(row));
            let bars: Vec<Bar> = rows.map(|row| bar(section, row, short, language)).collect();
            let id = format!("d{place}-{number}");
            let desc = description(&bars, language);
            if section.template == TemplateId::Delay {
                drawing::columns(id, name, desc, &bars)
            } else {
                drawing::rows(id, name, desc, &bars)
            }
        })
        .collect()
}

fn bar(section: &Section, row: &Row, short: &Summary, language: Language) -> Bar {
    let name = cell_name(section, row.key.cell.as_deref().unwrap_or_default(), language);
    let place = short.network.iter().flat_map(|network| &network.places);
    let place = place
        .filter(|_| section.template == TemplateId::Network)
        .find(|place| Some(place.cell.as_str()) == row.key.cell.as_deref());
    let aside = place.map_or_else(String::new, |place| {
        let number = |value: u64| language.integer(value);
        let (quarter, low, high) = (number(place.quarter), number(place.low), number(place.high));
        let values = [("quarter", &*quarter), ("low", &*low), ("high", &*high)];
        fill(language.words().quarter, &values)
    });
    // Groups differ in size: what is compared of them is their rates.
    let (drawn, quantity, aside) = match (section.template, row.figures.rate_per_myriad) {
        (TemplateId::Lift, Some(rate)) => (rate, Quantity::PerMyriad, String::new()),
        _ => (row.figures.units, Quantity::Count, aside),
    };
    match drawn {
        Cell::Shown(figure) => Bar {
            name,
            figure: Some(figure),
            value: quantity.value(language, &figure),
            interval: quantity.interval(language, &figure),
            aside,
        },
        Cell::Hidden(_) => Bar {
            name,
            figure: None,
            value: language.words().hidden.to_owned(),
            interval: String::new(),
            aside: String::new(),
        },
    }
}

/// How many of each group converted: what is drawn of them is their rates.
fn converted(section: &Section, language: Language) -> Vec<String> {
    let told = |row: &Row| {
        let units = row.figures.units.figure()?;
        let name = cell_name(section, row.key.cell.as_deref()?, language);
        let (count, interval) =
            (Quantity::Count.value(language, units), Quantity::Count.interval(language, units));
        let values = [("name", &*name), ("count", &*count), ("interval", &*interval)];
        Some(fill(language.words().converted, &values))
    };
    section.rows.iter().filter_map(told).collect()
}

/// A cell as its reader names it: constant bins, stars and pools have names of their own.
fn cell_name(section: &Section, cell: &str, language: Language) -> String {
    let words = language.words();
    match section.template {
        _ if cell == "*" => words.other.to_owned(),
        TemplateId::Overlap => words.all.to_owned(),
        TemplateId::Lift if cell == "treated" => words.treated.to_owned(),
        TemplateId::Lift if cell == "control" => words.control.to_owned(),
        TemplateId::Segments => match cell.as_bytes() {
            [b'r', r, b'f', f, b'a', a] => {
                let [r, f, a] = [r, f, a].map(|digit| char::from(*digit).to_string());
                fill(words.segment, &[("r", &r), ("f", &f), ("a", &a)])
            }
            _ => cell.to_owned(),
        },
        TemplateId::Network if section.pools.iter().any(|pool| pool.cell == cell) => {
            let number = cell.trim_start_matches("pool ");
            fill(words.pool, &[("number", number)])
        }
        _ => cell.to_owned(),
    }
}

fn description(bars: &[Bar], language: Language) -> String {
    let words = language.words();
    let sentence = |bar: &Bar| match bar.figure {
        Some(_) => {
            let values =
                [("name", &*bar.name), ("value", &*bar.value), ("interval", &*bar.interval)];
            fill(words.row_desc, &values)
        }
        None => fill(words.hidden_desc, &[("name", &bar.name)]),
    };
    bars.iter().map(sentence).collect::<Vec<_>>().join(" ")
}

fn quadrants(section: &Section, short: &Summary, language: Language) -> Vec<QuadrantsView> {
    let words = language.words();
    if section.template != TemplateId::Segments {
        return Vec::new();
    }
    let all = section.margin == Margin::All;
    let own: Vec<&Quadrant> =
        short.quadrants.iter().filter(|one| one.campaign.is_none() == all).collect();
    let view = |quadrant: &&Quadrant| QuadrantView {
        name: match (quadrant.high_value, quadrant.high_fidelity) {
            (true, true) => words.high_high,
            (true, false) => words.high_low,
            (false, true) => words.low_high,
            (false, false) => words.low_low,
        },
        value: Quantity::Count.value(language, &quadrant.units),
        interval: Quantity::Count.interval(language, &quadrant.units),
    };
    own.chunks(4)
        .map(|four| QuadrantsView {
            name: four
                .first()
                .and_then(|one| one.campaign.clone())
                .unwrap_or_else(|| words.all.to_owned()),
            cells: four.iter().map(view).collect(),
        })
        .collect()
}

fn notes(section: &Section, short: &Summary, language: Language) -> Vec<String> {
    let words = language.words();
    let mut notes = Vec::new();
    match section.template {
        TemplateId::Delay => {
            let all = section.margin == Margin::All;
            let own = short.delays.iter().filter(|one| one.campaign.is_none() == all);
            notes.extend(own.map(|delay| quartiles(delay, language)));
        }
        TemplateId::Network => notes.extend(network(section, short, language)),
        TemplateId::Overlap => notes.extend(coverage(section, language)),
        TemplateId::Lift => {
            notes.extend(short.lift.as_ref().map(|lift| lifted(lift, language)));
            notes.extend(converted(section, language));
        }
        _ => {}
    }
    let hidden = section.rows.iter().filter_map(|row| match row.figures.units {
        Cell::Hidden(cell) => Some(cell.hidden),
        Cell::Shown(_) => None,
    });
    let hidden: Vec<HiddenReason> = hidden.collect();
    if hidden.len() > 1 {
        let count = language.integer(hidden.len() as u64);
        notes.push(fill(words.rows_hidden, &[("count", &count)]));
    }
    if hidden.contains(&HiddenReason::BelowThreshold) {
        let threshold = language.integer(section.threshold);
        notes.push(fill(words.below, &[("threshold", &threshold)]));
    }
    if hidden.contains(&HiddenReason::Complement) {
        notes.push(words.complement.to_owned());
    }
    notes
}

/// The difference of the arms in points, which are per cent of the persons of an arm.
fn lifted(lift: &LiftFigures, language: Language) -> String {
    let points = |ppm, way| language.decimal(ppm, 4, 2, way);
    let value = points(lift.difference_ppm, Rounding::Nearest);
    let low = points(lift.low_ppm, Rounding::Down);
    let high = points(lift.high_ppm, Rounding::Up);
    let interval = fill(language.text().interval, &[("low", &low), ("high", &high)]);
    let p = i64::try_from(lift.p_value_ppm).unwrap_or(1_000_000);
    let p = language.decimal(p, 6, 4, Rounding::Up);
    let values = [("value", &*value), ("interval", &*interval), ("p", &*p)];
    fill(language.words().lift_found, &values)
}

fn quartiles(delay: &Delay, language: Language) -> String {
    let words = language.words();
    let days = |pick: fn(&crate::disclosure::Quantile) -> u16| -> Vec<String> {
        delay.quartiles.iter().map(|one| language.integer(pick(one))).collect()
    };
    let (at, low, high) =
        (days(|one| one.to_days), days(|one| one.low_days), days(|one| one.high_days));
    let ([q1, q2, q3], [l1, l2, l3], [h1, h2, h3]) = (&at[..], &low[..], &high[..]) else {
        return String::new();
    };
    let values: [(&str, &str); 9] = [
        ("q1", q1),
        ("q2", q2),
        ("q3", q3),
        ("l1", l1),
        ("l2", l2),
        ("l3", l3),
        ("h1", h1),
        ("h2", h2),
        ("h3", h3),
    ];
    let text = fill(words.quartiles, &values);
    match &delay.campaign {
        Some(campaign) => fill(words.quartiles_of, &[("campaign", campaign), ("text", &text)]),
        None => text,
    }
}

fn network(section: &Section, short: &Summary, language: Language) -> Vec<String> {
    let words = language.words();
    let mut notes = Vec::new();
    let quartiles = short.network.as_ref().map(|network| &network.quartiles_hundredths[..]);
    if let Some([first, half, third]) = quartiles {
        let told = |figure: &tiers_protocol::report::Figure| {
            let number = |value, way| language.decimal(value, 2, 1, way);
            let value = number(figure.value, Rounding::Nearest);
            let (low, high) =
                (number(figure.low, Rounding::Down), number(figure.high, Rounding::Up));
            format!(
                "{value} ({})",
                fill(language.text().interval, &[("low", &low), ("high", &high)])
            )
        };
        let (q1, q2, q3) = (told(first), told(half), told(third));
        notes.push(fill(words.by_dealer, &[("q1", &q1), ("q2", &q2), ("q3", &q3)]));
    }
    for pool in &section.pools {
        let cell = cell_name(section, &pool.cell, language);
        let dealers = pool.dealers.join(", ");
        notes.push(fill(words.pools, &[("cell", &cell), ("dealers", &dealers)]));
    }
    notes
}

fn coverage(section: &Section, language: Language) -> Option<String> {
    let rate = section.total.rate_per_myriad.as_ref()?.figure()?;
    let (value, interval) =
        (Quantity::PerMyriad.value(language, rate), Quantity::PerMyriad.interval(language, rate));
    let values = [("value", &*value), ("interval", &*interval)];
    Some(fill(language.words().coverage, &values))
}

#[cfg(test)]
mod tests;
