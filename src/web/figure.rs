//! The table of results in words: each cell as a value with its interval, or the reason why there
//! is none. What is hidden was decided by the gate; here it is only said.

use tiers_protocol::report::{
    Cell, Figure, Figures, HiddenReason, Parameters, Report, Row, Section,
};

use super::Language;
use super::number::Rounding;
use super::text::{Text, fill};

/// What a figure is a number of, and so how it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quantity {
    /// Units.
    Count,
    /// Hundredths of a percent.
    PerMyriad,
    /// Cents, written as whole euros.
    Euros,
    /// Cents, written in full.
    Cents,
    /// Thousandths of a euro, written as cents.
    Milli,
}

impl Quantity {
    fn number(self, language: Language, value: i64, rounding: Rounding) -> String {
        let (from, to) = match self {
            Self::Count => (0, 0),
            Self::PerMyriad | Self::Cents => (2, 2),
            Self::Euros => (2, 0),
            Self::Milli => (3, 2),
        };
        language.decimal(value, from, to, rounding)
    }

    fn with_unit(self, language: Language, number: &str) -> String {
        match self {
            Self::Count => number.to_owned(),
            Self::PerMyriad => language.percent(number),
            Self::Euros | Self::Cents | Self::Milli => language.euros(number),
        }
    }

    /// The estimate.
    pub(super) fn value(self, language: Language, figure: &Figure) -> String {
        self.with_unit(language, &self.number(language, figure.value, Rounding::Nearest))
    }

    /// The interval, its bounds rounded outwards.
    pub(super) fn interval(self, language: Language, figure: &Figure) -> String {
        let low = self.number(language, figure.low, Rounding::Down);
        let high = self.number(language, figure.high, Rounding::Up);
        // French writes the unit once, after the interval; English puts the sign before each.
        let low = match language {
            Language::French => low,
            Language::English => self.with_unit(language, &low),
        };
        let high = self.with_unit(language, &high);
        fill(language.text().interval, &[("low", &low), ("high", &high)])
    }
}

/// A cell as it is read.
pub(super) struct CellView {
    /// Name of its column.
    pub(super) label: &'static str,
    /// The estimate; empty when hidden.
    pub(super) value: String,
    /// Its interval; empty when hidden.
    pub(super) interval: String,
    /// Why there is no figure.
    pub(super) hidden: Option<&'static str>,
}

/// A row as it is read.
pub(super) struct RowView {
    /// The campaign, or the words for all of them.
    pub(super) name: String,
    /// What was spent.
    pub(super) spent: String,
    /// The number of leads.
    pub(super) leads: String,
    /// Why the whole row is hidden.
    pub(super) hidden: Option<String>,
    /// The six cells, when the row is not hidden.
    pub(super) cells: Vec<CellView>,
}

/// What is said of a row that is hidden.
struct Reasons {
    below: String,
    complement: String,
}

/// The rows of all campaigns.
pub(super) fn campaign_rows(report: &Report, language: Language) -> Vec<RowView> {
    let text = language.text();
    let Some(section) = report.campaigns() else { return Vec::new() };
    let threshold = language.integer(section.threshold);
    let least = language.integer(report.parameters.cohort_min);
    let reasons = Reasons {
        below: fill(text.below_threshold, &[("threshold", &threshold)]),
        complement: fill(text.few_left, &[("least", &least)]),
    };
    let row = |one: &Row| row(one.campaign().to_owned(), &one.figures, &reasons, language);
    section.rows.iter().map(row).collect()
}

/// The row of the total; none for a report without campaigns, which no gate makes.
pub(super) fn total_row(report: &Report, language: Language) -> Option<RowView> {
    let section = report.campaigns()?;
    let reasons = total_reasons(section, &report.parameters, language);
    let name = language.text().all_campaigns.to_owned();
    Some(row(name, &section.total, &reasons, language))
}

/// The rest of a total is the one hidden row, or else the leads that did not convert.
fn total_reasons(section: &Section, parameters: &Parameters, language: Language) -> Reasons {
    let text = language.text();
    let threshold = language.integer(section.total_threshold);
    let least = language.integer(parameters.cohort_min);
    let hidden = section.rows.iter().filter(|row| row.figures.noisy.is_none()).count();
    Reasons {
        below: fill(text.below_threshold_total, &[("threshold", &threshold)]),
        complement: if hidden == 1 {
            text.complement.to_owned()
        } else {
            fill(text.few_left_total, &[("least", &least)])
        },
    }
}

fn row(name: String, figures: &Figures, reasons: &Reasons, language: Language) -> RowView {
    let text = language.text();
    let spent = figures.cost_cents.unwrap_or_default();
    let spent = Quantity::Euros.with_unit(language, &euros(language, spent));
    let hidden = match figures.units {
        Cell::Shown(_) => None,
        Cell::Hidden(cell) if cell.hidden == HiddenReason::Complement => {
            Some(reasons.complement.clone())
        }
        Cell::Hidden(_) => Some(reasons.below.clone()),
    };
    RowView {
        name,
        spent: fill(text.spent_on, &[("amount", &spent)]),
        leads: language.integer(figures.leads.unwrap_or_default()),
        cells: if hidden.is_none() { cells(figures, language) } else { Vec::new() },
        hidden,
    }
}

fn euros(language: Language, cents: u64) -> String {
    let cents = i64::try_from(cents).unwrap_or(i64::MAX);
    language.decimal(cents, 2, 0, Rounding::Nearest)
}

fn cells(figures: &Figures, language: Language) -> Vec<CellView> {
    let text = language.text();
    columns(figures, text)
        .into_iter()
        .filter_map(|(label, quantity, cell, none)| Some((label, quantity, cell?, none)))
        .map(|(label, quantity, cell, no_denominator)| match cell {
            Cell::Shown(figure) => CellView {
                label,
                value: quantity.value(language, figure),
                interval: quantity.interval(language, figure),
                hidden: None,
            },
            Cell::Hidden(cell) => {
                let reason = match cell.hidden {
                    HiddenReason::NoDenominator => no_denominator,
                    HiddenReason::Unbounded => text.unbounded,
                    HiddenReason::Complement | HiddenReason::BelowThreshold => text.chart_hidden,
                };
                let (value, interval) = (String::new(), String::new());
                CellView { label, value, interval, hidden: Some(reason) }
            }
        })
        .collect()
}

/// A column: label, unit, cell if the section has it, and what a missing denominator means there.
type Column<'a> = (&'static str, Quantity, Option<&'a Cell>, &'static str);

/// The columns after the leads.
fn columns<'a>(figures: &'a Figures, text: &'static Text) -> [Column<'a>; 6] {
    let none = text.unbounded;
    let (rate, revenue) = (figures.rate_per_myriad.as_ref(), figures.revenue_cents.as_ref());
    let (lead, euro) =
        (figures.revenue_per_lead_cents.as_ref(), figures.revenue_per_euro_milli.as_ref());
    [
        (text.col_conversions, Quantity::Count, Some(&figures.units), none),
        (text.col_rate, Quantity::PerMyriad, rate, text.no_leads),
        (text.col_revenue, Quantity::Euros, revenue, none),
        (text.col_per_lead, Quantity::Cents, lead, text.no_leads),
        (text.col_per_euro, Quantity::Milli, euro, text.no_cost),
        (text.col_basket, Quantity::Euros, figures.basket_cents.as_ref(), none),
    ]
}
