//! Bars with their intervals, as whole-number coordinates of an inline SVG. The template draws
//! them; the same values stand in the table, so that the picture adds no figure.

use tiers_protocol::report::{Cell, Figures, Report};

use super::Language;
use super::figure::Quantity;
use super::number::Rounding;
use super::text::fill;

/// Width of the drawing, in its own units.
const WIDTH: i128 = 400;
/// Where bars begin and the greatest tick ends.
const LEFT: i128 = 6;
const RIGHT: i128 = 384;
/// Height of a campaign.
const ROW: i128 = 46;
/// Characters of a campaign's name that fit beside its value.
const NAME_CHARS: usize = 24;

/// One drawing.
pub(super) struct Chart {
    /// Prefix of the ids of its title and description.
    pub(super) id: &'static str,
    /// Its heading.
    pub(super) title: &'static str,
    /// Every value in a sentence, for those who do not see it.
    pub(super) desc: String,
    /// Size in its own units.
    pub(super) width: i128,
    /// Size in its own units.
    pub(super) height: i128,
    /// Where the bars end and the labels of the ticks begin.
    pub(super) floor: i128,
    /// The scale.
    pub(super) ticks: Vec<Tick>,
    /// The campaigns.
    pub(super) bars: Vec<Bar>,
}

/// A line of the scale.
pub(super) struct Tick {
    pub(super) x: i128,
    pub(super) label: String,
    /// `start`, `middle` or `end`.
    pub(super) anchor: &'static str,
}

/// A campaign.
pub(super) struct Bar {
    pub(super) name: String,
    /// Baseline of the name.
    pub(super) text_y: i128,
    /// Top of the bar.
    pub(super) y: i128,
    /// Middle of the bar.
    pub(super) middle: i128,
    /// Where the caps of the line begin.
    pub(super) cap: i128,
    /// The figure; none when it is hidden.
    pub(super) mark: Option<Mark>,
}

/// A drawn figure.
pub(super) struct Mark {
    pub(super) x: i128,
    pub(super) width: i128,
    pub(super) low: i128,
    pub(super) high: i128,
    pub(super) value: String,
}

/// Conversions and revenue; none if no campaign is shown.
pub(super) fn charts(report: &Report, language: Language) -> Vec<Chart> {
    let text = language.text();
    let Some(section) = report.campaigns() else { return Vec::new() };
    if !section.rows.iter().any(|row| row.figures.units.figure().is_some()) {
        return Vec::new();
    }
    let cells = |of: fn(&Figures) -> Option<Cell>| -> Option<Vec<(&str, Cell)>> {
        section.rows.iter().map(|row| Some((row.campaign(), of(&row.figures)?))).collect()
    };
    let conversions = cells(|figures| Some(figures.units)).unwrap_or_default();
    let mut charts =
        vec![chart(("c", text.chart_conversions), Quantity::Count, &conversions, language)];
    if let Some(revenue) = cells(|figures| figures.revenue_cents) {
        charts.push(chart(("r", text.chart_revenue), Quantity::Euros, &revenue, language));
    }
    charts
}

fn chart(
    (id, title): (&'static str, &'static str),
    quantity: Quantity,
    cells: &[(&str, Cell)],
    language: Language,
) -> Chart {
    let most = cells.iter().filter_map(|(_, cell)| cell.figure()).map(|figure| figure.high).max();
    let (step, steps) = scale(i128::from(most.unwrap_or(0)));
    let x = |value: i128| LEFT + value.clamp(0, step * steps) * (RIGHT - LEFT) / (step * steps);
    let floor = ROW * i128::try_from(cells.len()).unwrap_or(0) + 4;
    let ticks = (0..=steps)
        .map(|count| Tick {
            x: x(step * count),
            label: tick_label(quantity, step * count, language),
            anchor: if count == 0 {
                "start"
            } else if count == steps {
                "end"
            } else {
                "middle"
            },
        })
        .collect();
    let bars = cells
        .iter()
        .zip(0..)
        .map(|((name, cell), row)| bar(name, cell, row, quantity, x, language))
        .collect();
    let desc = description(quantity, cells, language);
    Chart { id, title, desc, width: WIDTH, height: floor + 20, floor, ticks, bars }
}

fn bar(
    name: &str,
    cell: &Cell,
    row: i128,
    quantity: Quantity,
    x: impl Fn(i128) -> i128,
    language: Language,
) -> Bar {
    let top = ROW * row;
    let mark = cell.figure().map(|figure| Mark {
        x: LEFT,
        width: x(i128::from(figure.value)) - LEFT,
        low: x(i128::from(figure.low)),
        high: x(i128::from(figure.high)),
        value: quantity.value(language, figure),
    });
    let name = shortened(name);
    Bar { name, text_y: top + 16, y: top + 22, middle: top + 31, cap: top + 26, mark }
}

fn shortened(name: &str) -> String {
    if name.chars().count() <= NAME_CHARS {
        return name.to_owned();
    }
    name.chars().take(NAME_CHARS - 1).chain(['…']).collect()
}

/// A round step and how many of them reach `most`: 2 to 5.
pub(super) fn scale(most: i128) -> (i128, i128) {
    let most = most.max(1);
    let mut power = 1;
    loop {
        for digit in [1, 2, 5] {
            let step = digit * power;
            let steps = (most + step - 1) / step;
            if steps <= 5 {
                return (step, steps.max(1));
            }
        }
        power *= 10;
    }
}

/// Money on the scale is told in thousands or millions of euros.
fn tick_label(quantity: Quantity, value: i128, language: Language) -> String {
    if quantity == Quantity::Count {
        return language.integer(value);
    }
    const THOUSAND: i128 = 100_000;
    const MILLION: i128 = 100_000_000;
    let hundredths = |unit: i128| {
        let value = i64::try_from(value * 100 / unit).unwrap_or(i64::MAX);
        let text = language.decimal(value, 2, 2, Rounding::Nearest);
        text.trim_end_matches('0').trim_end_matches([',', '.']).to_owned()
    };
    match value {
        0 => language.euros("0"),
        THOUSAND..MILLION => scaled(&language.integer(value / THOUSAND), 'k', language),
        MILLION.. => scaled(&hundredths(MILLION), 'M', language),
        _ => language.euros(&hundredths(100)),
    }
}

fn scaled(number: &str, prefix: char, language: Language) -> String {
    match language {
        Language::French => format!("{number}\u{a0}{prefix}€"),
        Language::English => format!("€{number}{prefix}"),
    }
}

fn description(quantity: Quantity, cells: &[(&str, Cell)], language: Language) -> String {
    let text = language.text();
    let mut sentences = vec![text.chart_desc.to_owned()];
    for (name, cell) in cells {
        sentences.push(match cell.figure() {
            None => fill(text.chart_hidden_desc, &[("campaign", name)]),
            Some(figure) => {
                let value = quantity.value(language, figure);
                let interval = quantity.interval(language, figure);
                let values = [("campaign", *name), ("value", &value), ("interval", &interval)];
                fill(text.chart_row_desc, &values)
            }
        });
    }
    sentences.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn the_scale_reaches_every_value_in_few_round_steps(most in 0_i128..1 << 60) {
            let (step, steps) = scale(most);
            proptest::prop_assert!((1..=5).contains(&steps));
            proptest::prop_assert!(step * steps >= most);
            proptest::prop_assert!(step * (steps - 1) < most.max(1));
            let digits = step.to_string();
            proptest::prop_assert!(["1", "2", "5"].contains(&digits.trim_end_matches('0')));
        }
    }

    #[test]
    fn money_on_the_scale_is_short() {
        let label = |value| tick_label(Quantity::Euros, value, Language::French);
        assert_eq!(label(0), "0\u{a0}€");
        assert_eq!(label(20_000_000), "200\u{a0}k€");
        assert_eq!(label(250_000_000), "2,5\u{a0}M€");
        assert_eq!(label(1_000_000_000), "10\u{a0}M€");
        assert_eq!(tick_label(Quantity::Euros, 100_000_000, Language::English), "€1M");
    }

    #[test]
    fn a_long_name_is_cut_at_a_character() {
        assert_eq!(shortened("C25-ELEC"), "C25-ELEC");
        assert_eq!(shortened(&"é".repeat(60)).chars().count(), NAME_CHARS);
    }
}
