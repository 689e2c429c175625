//! The catalogue by name: templates, the margins by which they are divided, and what they cost.
//!
//! Names and prices only: how units fill the cells of a template is the certifier's affair
//! (`docs/statistics.md`). The order of the enums is the order of a policy and of a report.

use serde::{Deserialize, Serialize};

/// A template, with its version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum TemplateId {
    /// Conversions: the units with an attributed sale.
    #[serde(rename = "conversion/1")]
    Conversion,
    /// Revenue: the clamped revenue of those units, summed around half the clamp in the cells of
    /// conversions.
    #[serde(rename = "revenue/1")]
    Revenue,
    /// Days from lead to sale of those units, in fixed bins.
    #[serde(rename = "delay/1")]
    Delay,
    /// The dealers of those units, by name or in pools.
    #[serde(rename = "network/1")]
    Network,
    /// Partners' units that are leads; over the number of leads, the coverage.
    #[serde(rename = "overlap/1")]
    Overlap,
    /// Recency, frequency and amount of converted units, on fixed cut-offs.
    #[serde(rename = "segments/1")]
    Segments,
    /// Converted units of a treated group and of its control.
    #[serde(rename = "lift/1")]
    Lift,
    /// Units that partners' files share, each in one cell.
    #[serde(rename = "partners/1")]
    Partners,
}

/// What divides a template into rows, beside its own bins.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Margin {
    /// By campaign.
    #[default]
    Campaign,
    /// By campaign and model family.
    CampaignModel,
    /// By campaign and group of départements.
    CampaignDepartment,
    /// All campaigns together.
    All,
}

impl Margin {
    /// Whether rows are divided by campaign alone: what a policy need not write.
    #[must_use]
    pub const fn is_campaign(&self) -> bool {
        matches!(self, Self::Campaign)
    }

    const fn suffix(self) -> &'static str {
        match self {
            Self::Campaign => "",
            Self::CampaignModel => "@campaign_model",
            Self::CampaignDepartment => "@campaign_department",
            Self::All => "@all",
        }
    }
}

/// The bins of `delay/1`, in days from lead to sale, both ends included.
pub const DELAY_BINS: [(u16, u16); 7] =
    [(0, 7), (8, 14), (15, 30), (31, 60), (61, 90), (91, 180), (181, 730)];

/// Names of the bins of `delay/1`.
const DELAY_CELLS: [&str; 7] = ["0-7", "8-14", "15-30", "31-60", "61-90", "91-180", "181-730"];

/// Names of the cells of `segments/1`: recency, frequency and amount, 1 the lowest class of each.
const SEGMENT_CELLS: [&str; 27] = [
    "r1f1a1", "r1f1a2", "r1f1a3", "r1f2a1", "r1f2a2", "r1f2a3", "r1f3a1", "r1f3a2", "r1f3a3",
    "r2f1a1", "r2f1a2", "r2f1a3", "r2f2a1", "r2f2a2", "r2f2a3", "r2f3a1", "r2f3a2", "r2f3a3",
    "r3f1a1", "r3f1a2", "r3f1a3", "r3f2a1", "r3f2a2", "r3f2a3", "r3f3a1", "r3f3a2", "r3f3a3",
];

impl TemplateId {
    /// All templates, in the order of a report.
    pub const ALL: [Self; 8] = [
        Self::Conversion,
        Self::Revenue,
        Self::Delay,
        Self::Network,
        Self::Overlap,
        Self::Segments,
        Self::Lift,
        Self::Partners,
    ];

    /// The name and version, as in documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Conversion => "conversion/1",
            Self::Revenue => "revenue/1",
            Self::Delay => "delay/1",
            Self::Network => "network/1",
            Self::Overlap => "overlap/1",
            Self::Segments => "segments/1",
            Self::Lift => "lift/1",
            Self::Partners => "partners/1",
        }
    }

    /// The names of its cells where they are constants of the template.
    #[must_use]
    pub const fn fixed_cells(self) -> Option<&'static [&'static str]> {
        match self {
            Self::Delay => Some(&DELAY_CELLS),
            Self::Overlap => Some(&["known"]),
            Self::Segments => Some(&SEGMENT_CELLS),
            Self::Lift => Some(&["treated", "control"]),
            Self::Conversion | Self::Revenue | Self::Network | Self::Partners => None,
        }
    }

    /// Whether every converted unit, and no other, is in exactly one cell: then the totals of all
    /// such tables are the same number, and the gate makes them agree.
    #[must_use]
    pub const fn counts_conversions(self) -> bool {
        matches!(self, Self::Conversion | Self::Delay | Self::Network | Self::Segments)
    }
}

/// A template divided by a margin: one table of a report (for revenue, the sums beside one).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SectionId {
    /// The template.
    pub template: TemplateId,
    /// The margin.
    pub margin: Margin,
}

impl SectionId {
    /// A template by a margin; [`Self::exists`] says whether there is such a table.
    #[must_use]
    pub const fn new(template: TemplateId, margin: Margin) -> Self {
        Self { template, margin }
    }

    /// Conversions by campaign: the table that every report has.
    pub const CONVERSIONS: Self = Self::new(TemplateId::Conversion, Margin::Campaign);

    /// Whether the catalogue has this table.
    #[must_use]
    pub const fn exists(self) -> bool {
        match self.template {
            TemplateId::Conversion | TemplateId::Revenue => !matches!(self.margin, Margin::All),
            TemplateId::Delay | TemplateId::Segments => {
                matches!(self.margin, Margin::Campaign | Margin::All)
            }
            TemplateId::Network | TemplateId::Overlap | TemplateId::Lift | TemplateId::Partners => {
                matches!(self.margin, Margin::All)
            }
        }
    }

    /// The name in documents: that of the template, and the margin if it is not by campaign.
    #[must_use]
    pub fn name(self) -> String {
        format!("{}{}", self.template.name(), self.margin.suffix())
    }

    /// The table with this name, if the catalogue has it.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let margins =
            [Margin::Campaign, Margin::CampaignModel, Margin::CampaignDepartment, Margin::All];
        let all = TemplateId::ALL.into_iter().flat_map(|t| margins.map(|m| Self::new(t, m)));
        all.into_iter().find(|section| section.exists() && section.name() == name)
    }

    /// The price of the standard table, in nano-rho; none for a table that does not exist.
    ///
    /// A policy states its own prices; these are what the planner sets beside it for what the
    /// policy does not have.
    #[must_use]
    pub const fn standard_cost_nrho(self) -> Option<u64> {
        if !self.exists() {
            return None;
        }
        Some(match (self.template, self.margin) {
            (TemplateId::Conversion, Margin::Campaign) => 45_000_000,
            (TemplateId::Revenue, Margin::Campaign) => 37_500_000,
            (TemplateId::Conversion, _) | (TemplateId::Network, _) | (TemplateId::Lift, _) => {
                30_000_000
            }
            (TemplateId::Revenue, _) | (TemplateId::Segments, _) => 22_500_000,
            (TemplateId::Delay, _) | (TemplateId::Overlap, _) | (TemplateId::Partners, _) => {
                15_000_000
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_of_the_catalogue_has_a_price_and_a_name_of_its_own() {
        let margins =
            [Margin::Campaign, Margin::CampaignModel, Margin::CampaignDepartment, Margin::All];
        let mut names = Vec::new();
        for template in TemplateId::ALL {
            let all = margins.map(|margin| SectionId::new(template, margin));
            assert!(all.iter().any(|section| section.exists()));
            for section in all {
                assert_eq!(section.exists(), section.standard_cost_nrho().is_some());
                let found = SectionId::named(&section.name());
                assert_eq!(found, section.exists().then_some(section));
                names.push(section.name());
            }
        }
        let given = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), given);
    }

    #[test]
    fn the_bins_of_delay_follow_on_each_other_and_are_named_by_their_ends() {
        for (bin, name) in DELAY_BINS.iter().zip(DELAY_CELLS) {
            assert_eq!(format!("{}-{}", bin.0, bin.1), name);
        }
        assert!(DELAY_BINS.windows(2).all(|pair| pair[0].1 + 1 == pair[1].0));
        assert_eq!(u64::from(DELAY_BINS[6].1), super::super::WindowDays::MAX);
    }
}
