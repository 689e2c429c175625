//! `report.json`: the figures of one month, with all that is needed to work them out again.
//!
//! The document holds noisy values only, and of a hidden row not even those. It is made by the
//! gate, which alone knows how figures follow from noisy values; this module only says what stands
//! where. Everything is a whole number in the unit of its name, so that the canonical bytes are the
//! same everywhere. Specified in `docs/formats/report.md`.

mod padding;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::certificate::{NamedPolicy, NamedProgramme};
use crate::ids::ReleaseId;
use crate::policy::{Margin, SectionId, TemplateId};

/// Why a text is not a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a month must be written YYYY-MM")]
pub struct PeriodError;

impl PeriodError {
    /// The stable code of this refusal.
    #[must_use]
    pub const fn code(self) -> &'static str {
        "report.period"
    }
}

/// A month of sales, `YYYY-MM`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Period(String);

impl Period {
    /// The text, `YYYY-MM`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Period {
    type Error = PeriodError;

    fn try_from(text: String) -> Result<Self, PeriodError> {
        let written = match text.as_bytes() {
            [year @ .., b'-', tens, units] => {
                year.len() == 4
                    && year.iter().all(u8::is_ascii_digit)
                    && matches!((tens, units), (b'0', b'1'..=b'9') | (b'1', b'0'..=b'2'))
            }
            _ => false,
        };
        if written { Ok(Self(text)) } else { Err(PeriodError) }
    }
}

impl From<Period> for String {
    fn from(period: Period) -> Self {
        period.0
    }
}

/// The only value that the field `format` may have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ReportFormat {
    /// This version.
    #[default]
    #[serde(rename = "tiers-report/1")]
    V1,
}

/// What is said about the collaboration that the report is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportHead {
    /// The release.
    pub release: ReleaseId,
    /// The programme.
    pub programme: NamedProgramme,
    /// The policy that the gate applied.
    pub policy: NamedPolicy,
    /// The month of sales.
    pub period: Period,
    /// The number of the snapshot that was counted.
    pub snapshot: u64,
}

/// The numbers on which the figures of all sections rest; all of them public, none from data.
///
/// `docs/statistics.md` gives the formulas that lead from the costs to the other numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Parameters {
    /// The clamp of revenue in cents; revenue is summed around its half.
    pub clamp_cents: u64,
    /// The least noisy count that is ever shown.
    pub cohort_min: u64,
    /// The probability, in millionths, that every interval is made for; each reaches or exceeds it.
    pub nominal_ppm: u64,
}

/// The noise of one template, in the unit of the template: units for counts, cents for revenue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TemplateNoise {
    /// The template.
    pub template: TemplateId,
    /// Its part of the cost of the report, in nano-rho.
    pub cost_nrho: u64,
    /// The scale of its discrete Gaussian noise, in thousandths of the unit, rounded up.
    pub sigma_milli: u64,
    /// The half width of the interval of a row's figure.
    pub half_width: u64,
    /// The probability, in millionths and rounded down, that it holds the exact value.
    pub level_ppm: u64,
    /// The half width of the interval of the total.
    pub total_half_width: u64,
    /// The probability, in millionths and rounded down, that it holds the exact total.
    pub total_level_ppm: u64,
}

/// A value and its 95 % interval, in the unit that the name of the field gives.
///
/// A value or bound that came out below zero is shown as zero; the probability is that of the
/// interval before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Figure {
    /// The best estimate.
    pub value: i64,
    /// The lower bound of the interval.
    pub low: i64,
    /// The upper bound of the interval.
    pub high: i64,
}

/// Why a figure is not shown. Noisy values and public facts decide this, never an exact value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum HiddenReason {
    /// The noisy count of the row is below the threshold.
    BelowThreshold,
    /// What is left over would be told: the one hidden campaign, by the total; or the few leads that
    /// did not convert, by a noisy count close to their number.
    Complement,
    /// There is nothing to divide by: no leads, or no cost.
    NoDenominator,
    /// The noise leaves the quotient without a bound.
    Unbounded,
}

impl HiddenReason {
    /// Every reason, for tables of words.
    pub const ALL: [Self; 4] =
        [Self::BelowThreshold, Self::Complement, Self::NoDenominator, Self::Unbounded];
}

/// A figure that is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Hidden {
    /// Why.
    pub hidden: HiddenReason,
}

/// A figure, or the reason why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Cell {
    /// `{"value": …, "low": …, "high": …}`.
    Shown(Figure),
    /// `{"hidden": "…"}`.
    Hidden(Hidden),
}

impl Cell {
    /// A cell that is not shown.
    #[must_use]
    pub const fn hidden(reason: HiddenReason) -> Self {
        Self::Hidden(Hidden { hidden: reason })
    }

    /// The figure, if it is shown.
    #[must_use]
    pub const fn figure(&self) -> Option<&Figure> {
        match self {
            Self::Shown(figure) => Some(figure),
            Self::Hidden(_) => None,
        }
    }
}

/// The noisy values from which the figures of a shown row follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NoisyCell {
    /// The noisy number of units, once all sections agree.
    pub count: i64,
    /// What is taken from it, so that cells below zero become zero and margins still add up.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub taken: u64,
    /// The noisy sum, over these units, of clamped revenue minus half the clamp, in cents; where the
    /// section has revenue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub centred_cents: Option<i64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// The figures of one row, or of all rows of a section. What a row cannot have, by what it counts,
/// is left out; what it could have and is not shown says why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Figures {
    /// The number of leads: the principal's own file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leads: Option<u64>,
    /// What was spent, in cents: the principal's own statement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_cents: Option<u64>,
    /// Present if and only if units are shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noisy: Option<NoisyCell>,
    /// Units that the row counts: conversions, in most sections.
    pub units: Cell,
    /// Units in 10,000 leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_per_myriad: Option<Cell>,
    /// Clamped revenue of the units, in cents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revenue_cents: Option<Cell>,
    /// Revenue by lead, in cents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revenue_per_lead_cents: Option<Cell>,
    /// Revenue by 1,000 EUR spent, in EUR.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revenue_per_euro_milli: Option<Cell>,
    /// Revenue by unit, in cents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basket_cents: Option<Cell>,
}

impl Figures {
    /// The cells with their names in the document.
    pub fn cells(&self) -> impl Iterator<Item = (&'static str, &Cell)> {
        let optional = [
            ("rate_per_myriad", &self.rate_per_myriad),
            ("revenue_cents", &self.revenue_cents),
            ("revenue_per_lead_cents", &self.revenue_per_lead_cents),
            ("revenue_per_euro_milli", &self.revenue_per_euro_milli),
            ("basket_cents", &self.basket_cents),
        ];
        let optional = optional.into_iter().filter_map(|(name, cell)| Some((name, cell.as_ref()?)));
        [("units", &self.units)].into_iter().chain(optional)
    }
}

/// What a row is of. Public names, known before anything was counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RowKey {
    /// The campaign, as the principal's file names it; absent where all are counted together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<String>,
    /// The bin, model family, group of départements, dealer, pool, segment or arm; absent where the
    /// section has campaigns alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cell: Option<String>,
}

/// One row of a section.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Row {
    /// What it is of.
    pub key: RowKey,
    /// Its figures.
    pub figures: Figures,
}

impl Row {
    /// The name of its campaign; empty where all are counted together.
    #[must_use]
    pub fn campaign(&self) -> &str {
        self.key.campaign.as_deref().unwrap_or_default()
    }
}

/// One table of a report: a template by a margin, with its revenue where that was asked beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Section {
    /// The template that counts.
    pub template: TemplateId,
    /// What divides it into rows.
    pub margin: Margin,
    /// The noise of the counts, then that of revenue if there is any.
    pub noise: Vec<TemplateNoise>,
    /// The least noisy count at which a row is shown.
    pub threshold: u64,
    /// The least noisy count at which the total is shown.
    pub total_threshold: u64,
    /// One row for each public key, in its order.
    pub rows: Vec<Row>,
    /// All rows together, hidden ones included, with an interval of its own.
    pub total: Figures,
    /// Who stands in the pools of `network/1`: public facts, made before anything was counted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pools: Vec<DealerPool>,
}

/// A cell of `network/1` that counts several dealers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DealerPool {
    /// The cell.
    pub cell: String,
    /// The dealers.
    pub dealers: Vec<String>,
}

impl Section {
    /// Which table it is.
    #[must_use]
    pub const fn id(&self) -> SectionId {
        SectionId::new(self.template, self.margin)
    }
}

/// The whole document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Report {
    /// `tiers-report/1`.
    pub format: ReportFormat,
    /// What the report is of.
    pub head: ReportHead,
    /// What the figures rest on.
    pub parameters: Parameters,
    /// The tables, conversions by campaign first.
    pub sections: Vec<Section>,
    /// Totals without noise, where they were asked for: no account and no bound protects anybody in them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unprotected: Option<ExactTotals>,
    /// Spaces that make all reports with the same rows equally long; absent in reports of before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub padding: Option<String>,
}

/// Totals of the month over all campaigns, as they are: no noise, no interval, no protection. They exist
/// under a policy that gives them and with every partner's recorded agreement only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExactTotals {
    /// How many partners had agreed: all of the programme.
    pub partners: u64,
    /// Converted units; absent where they are fewer than [`Self::LEAST_UNITS`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversions: Option<u64>,
    /// Their clamped revenue in cents, where they are told and the report has revenue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revenue_cents: Option<u64>,
}

impl ExactTotals {
    /// The least number of partners' owners with sales in the snapshot.
    pub const LEAST_OWNERS: u64 = 5;
    /// The least number of converted units that is told.
    pub const LEAST_UNITS: u64 = 100;
}

impl Report {
    /// A table, if the report has it.
    #[must_use]
    pub fn section(&self, id: SectionId) -> Option<&Section> {
        self.sections.iter().find(|section| section.id() == id)
    }

    /// Conversions by campaign, which every report that the gate made has.
    #[must_use]
    pub fn campaigns(&self) -> Option<&Section> {
        self.section(SectionId::CONVERSIONS)
    }

    /// Every template by its margin that was paid for: name and cost, in the order of the tables.
    pub fn priced(&self) -> impl Iterator<Item = (SectionId, u64)> + '_ {
        self.sections.iter().flat_map(|section| {
            let of = |noise: &TemplateNoise| {
                (SectionId::new(noise.template, section.margin), noise.cost_nrho)
            };
            section.noise.iter().map(of)
        })
    }
}

#[cfg(test)]
mod tests;
