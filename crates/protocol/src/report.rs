//! `report.json`: the figures of one month, with all that is needed to work them out again.
//!
//! The document holds noisy values only, and of a hidden row not even those. It is made by the
//! gate, which alone knows how figures follow from noisy values; this module only says what stands
//! where. Everything is a whole number in the unit of its name, so that the canonical bytes are the
//! same everywhere. Specified in `docs/formats/report.md`.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::certificate::{NamedPolicy, NamedProgramme};
use crate::ids::ReleaseId;
use crate::policy::TemplateId;

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

/// The numbers on which the figures rest; all of them public, none from data.
///
/// `docs/statistics.md` gives the formulas that lead from the costs to the other numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Parameters {
    /// The templates in their order, with their noise.
    pub templates: Vec<TemplateNoise>,
    /// The clamp of revenue in cents; revenue is summed around its half.
    pub clamp_cents: u64,
    /// The least noisy count that is ever shown.
    pub cohort_min: u64,
    /// The least noisy count at which a campaign is shown.
    pub threshold: u64,
    /// The least noisy count at which the total is shown.
    pub total_threshold: u64,
    /// The probability, in millionths, that every interval is made for; each reaches or exceeds it.
    pub nominal_ppm: u64,
}

/// The noise of one template, in the unit of the template: units for conversions, cents for revenue.
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
    /// The half width of the interval of a campaign's figure.
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
pub struct NoisyPair {
    /// The noisy number of conversions.
    pub count: i64,
    /// The noisy sum, over conversions, of clamped revenue minus half the clamp, in cents.
    pub centred_cents: i64,
}

/// The figures of one campaign, or of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Figures {
    /// The number of leads: the principal's own file.
    pub leads: u64,
    /// What was spent, in cents: the principal's own statement.
    pub cost_cents: u64,
    /// Present if and only if conversions are shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noisy: Option<NoisyPair>,
    /// Conversions.
    pub conversions: Cell,
    /// Conversions in 10,000 leads.
    pub rate_per_myriad: Cell,
    /// Clamped revenue of the conversions, in cents.
    pub revenue_cents: Cell,
    /// Revenue by lead, in cents.
    pub revenue_per_lead_cents: Cell,
    /// Revenue by 1,000 EUR spent, in EUR.
    pub revenue_per_euro_milli: Cell,
    /// Revenue by conversion, in cents.
    pub basket_cents: Cell,
}

impl Figures {
    /// The six cells with their names in the document.
    #[must_use]
    pub const fn cells(&self) -> [(&'static str, &Cell); 6] {
        [
            ("conversions", &self.conversions),
            ("rate_per_myriad", &self.rate_per_myriad),
            ("revenue_cents", &self.revenue_cents),
            ("revenue_per_lead_cents", &self.revenue_per_lead_cents),
            ("revenue_per_euro_milli", &self.revenue_per_euro_milli),
            ("basket_cents", &self.basket_cents),
        ]
    }
}

/// The row of one campaign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CampaignRow {
    /// The campaign, as the principal's file names it.
    pub campaign: String,
    /// Its figures.
    pub figures: Figures,
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
    /// One row for each campaign of the programme, in its order.
    pub campaigns: Vec<CampaignRow>,
    /// The sum of the noisy values of all rows, hidden ones included, with an interval of its own.
    pub total: Figures,
}

#[cfg(test)]
mod tests;
