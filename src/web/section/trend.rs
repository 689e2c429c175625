//! A trend as a drawing: each month with its interval, beside it the same month of the year before.

use askama::Template;
use tiers_protocol::policy::SectionId;
use tiers_protocol::report::Figure;

use super::drawing::{self, Drawing, blank, length};
use super::{Language, SectionView, markup, named};
use crate::disclosure::{Trend, TrendMonth, TrendRow};
use crate::web::chart::scale;
use crate::web::figure::Quantity;
use crate::web::text::fill;

#[derive(Template)]
#[template(path = "trend.html")]
struct Page {
    lang: &'static str,
    title: String,
    programme: String,
    body: String,
}

/// The months of a section as a page of its own.
#[must_use]
pub fn trend_page(trend: &Trend, programme: &str, language: Language) -> String {
    let words = language.words();
    let page = Page {
        lang: language.text().lang,
        title: fill(words.trend_page, &[("programme", programme)]),
        programme: programme.to_owned(),
        body: trend_sections(trend, language),
    };
    page.render().expect("the template asks for nothing that can fail")
}

/// The months of a section as markup: a drawing for each row of which a month is shown.
#[must_use]
pub fn trend_sections(trend: &Trend, language: Language) -> String {
    let words = language.words();
    let shown = |row: &&TrendRow| row.months.iter().any(|month| month.units.is_some());
    let rows: Vec<&TrendRow> = trend.rows.iter().filter(shown).collect();
    let drawings: Vec<Drawing> =
        rows.iter().zip(0_usize..).map(|(row, place)| draw(row, place, language)).collect();
    let total = rows.iter().find(|row| row.key.is_none());
    let notes = total.map_or_else(
        || if rows.is_empty() { vec![words.trend_none.to_owned()] } else { Vec::new() },
        |total| total.months.iter().flat_map(|month| notes(month, language)).collect(),
    );
    let of = SectionId::named(&trend.section).unwrap_or(SectionId::CONVERSIONS);
    let section = SectionView {
        id: "trend".to_owned(),
        title: named(of, language).0,
        intro: words.trend_intro,
        drawings,
        quadrants: Vec::new(),
        notes,
    };
    markup(words.trend_title, &[section], language)
}

/// What a month is against the year before, and on average, where either is known.
fn notes(month: &TrendMonth, language: Language) -> Vec<String> {
    let words = language.words();
    let name = language.month(month.period.as_str());
    let told = |template: &str, place: &str, figure: &Figure| {
        let sign = if place == "change" && figure.value > 0 { "+" } else { "" };
        let value = format!("{sign}{}", Quantity::Count.value(language, figure));
        let interval = Quantity::Count.interval(language, figure);
        fill(template, &[("month", &name), (place, &value), ("interval", &interval)])
    };
    let change = month.change.as_ref().map(|one| told(words.trend_change, "change", one));
    let average = month.average.as_ref().map(|one| told(words.trend_average, "average", one));
    change.into_iter().chain(average).collect()
}

const WIDTH: i64 = 400;
/// Room for a digit of the scale, at most.
const DIGIT: i64 = 7;
const TOP: i64 = 40;
const FLOOR: i64 = 180;

fn draw(row: &TrendRow, place: usize, language: Language) -> Drawing {
    let name = name(row, language);
    let id = format!("t{place}");
    let mut drawing =
        blank(id, name.clone(), description(row, &name, language), (WIDTH, FLOOR + 24));
    legend(&mut drawing, language);
    let figures = row.months.iter().flat_map(|month| [month.units, month.year_before]).flatten();
    let greatest = figures.map(|figure| figure.high).max().unwrap_or(1).max(1);
    let (most, edge) = scale_lines(&mut drawing, greatest, language);
    let months = i64::try_from(row.months.len().max(1)).unwrap_or(1);
    let step = (edge / months).max(1);
    // With many months every label would not fit.
    let every = usize::try_from((58 + step - 1) / step).unwrap_or(1).max(1);
    for (month, number) in row.months.iter().zip(0_usize..) {
        let middle = i64::try_from(number).unwrap_or(0) * step + step / 2;
        if number.is_multiple_of(every) {
            let label = month.period.as_str().to_owned();
            let (x, anchor) = match middle {
                ..24 => (0, "start"),
                x if x > edge - 24 => (edge, "end"),
                x => (x, "middle"),
            };
            drawing.word("tick", (x, FLOOR + 17), anchor, label);
        }
        let half = (step / 4).clamp(1, 14);
        if let Some(before) = month.year_before {
            mark(&mut drawing, &before, most, (middle - half, "past"), half);
        }
        match month.units {
            Some(units) => mark(&mut drawing, &units, most, (middle + half, "bar"), half),
            None => drawing.rect("unknown", (middle + 1, FLOOR - 20), (2 * half - 1, 20)),
        }
    }
    drawing.line("axis", (0, FLOOR), (edge, FLOOR));
    drawing
}

/// Lines at round numbers, each with its number beside the months; what the highest of them stands for,
/// and where the months end: left of the longest number.
fn scale_lines(drawing: &mut Drawing, greatest: i64, language: Language) -> (i64, i64) {
    let (step, steps) = scale(i128::from(greatest));
    let most = i64::try_from(step * steps).unwrap_or(greatest);
    let longest = i64::try_from(language.integer(most).chars().count()).unwrap_or(0);
    let edge = (WIDTH - DIGIT * (longest + 1)).clamp(WIDTH / 2, WIDTH - 34);
    for count in 0..=steps {
        let value = i64::try_from(step * count).unwrap_or(most);
        let y = FLOOR - length(value, most, FLOOR - TOP);
        if count > 0 {
            drawing.line("grid", (0, y), (edge, y));
        }
        drawing.word("tick", (WIDTH, y + 4), "end", language.integer(value));
    }
    (most, edge)
}

/// A column around `x` with its interval.
fn mark(
    drawing: &mut Drawing,
    figure: &Figure,
    most: i64,
    (x, class): (i64, &'static str),
    half: i64,
) {
    let y = |value: i64| FLOOR - length(value, most, FLOOR - TOP);
    let height = FLOOR - y(figure.value);
    drawing.rect(class, (x - half + 1, FLOOR - height), ((2 * half - 2).max(1), height));
    drawing.line("error", (x, y(figure.low)), (x, y(figure.high)));
    for end in [figure.low, figure.high] {
        drawing.line("error", (x - half / 2, y(end)), (x + half / 2, y(end)));
    }
}

fn legend(drawing: &mut Drawing, language: Language) {
    let words = language.words();
    drawing.rect("bar", (2, 6), (12, 12));
    drawing.word("tick", (20, 16), "start", words.trend_this.to_owned());
    drawing.rect("past", (120, 6), (12, 12));
    drawing.word("tick", (138, 16), "start", words.trend_before.to_owned());
}

fn name(row: &TrendRow, language: Language) -> String {
    let words = language.words();
    let Some(key) = &row.key else { return words.all.to_owned() };
    let cell = key.cell.as_deref().map(|cell| if cell == "*" { words.other } else { cell });
    let parts: Vec<&str> = key.campaign.as_deref().into_iter().chain(cell).collect();
    drawing::shortened(&parts.join(", "), 60)
}

fn description(row: &TrendRow, name: &str, language: Language) -> String {
    let words = language.words();
    let sentence = |month: &TrendMonth| {
        let figure = month.units.as_ref()?;
        let (value, interval) =
            (Quantity::Count.value(language, figure), Quantity::Count.interval(language, figure));
        let of = language.month(month.period.as_str());
        let values = [("name", name), ("month", &of), ("value", &value), ("interval", &interval)];
        Some(fill(words.trend_desc, &values))
    };
    row.months.iter().filter_map(sentence).collect::<Vec<_>>().join(" ")
}
