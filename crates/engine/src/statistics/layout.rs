//! The public facts that decide which cells the tables of a month have, and in which cell a unit is.
//!
//! Nothing here follows from data: campaigns and models of the programme, areas and clamp of the policy,
//! declared facts of partners. Specified in `docs/statistics.md`.

use tiers_protocol::policy::{ClampCents, DELAY_BINS, Margin, SectionId, TemplateId};

use super::{StatisticsError, segments};
use crate::{
    matching::{Arm, Attributed, UnitMonth},
    vault::Month,
};

/// How many campaigns the programme has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CampaignCount(pub(super) u16);

impl CampaignCount {
    /// A number of campaigns; it is public.
    #[must_use]
    pub const fn new(count: u16) -> Self {
        Self(count)
    }
}

/// What is public about the tables of one month.
#[derive(Clone, Debug)]
pub struct Layout {
    pub(super) month: Month,
    pub(super) campaigns: CampaignCount,
    pub(super) clamp: ClampCents,
    pub(super) network: Network,
    pub(super) pairs: u16,
    pub(super) models: u8,
    pub(super) areas: u8,
    pub(super) arms: bool,
}

/// Which cell of the network each partner is in: its own, or that of its pool.
#[derive(Clone, Debug, Default)]
pub(super) struct Network {
    pub(super) cell_of: Vec<u16>,
    pub(super) cells: u16,
}

impl Layout {
    /// A month of sales, the campaigns, and the greatest revenue of a unit in it.
    #[must_use]
    pub fn new(month: Month, campaigns: CampaignCount, clamp: ClampCents) -> Self {
        Self {
            month,
            campaigns,
            clamp,
            network: Network::default(),
            pairs: 0,
            models: 0,
            areas: 0,
            arms: false,
        }
    }

    /// The same with a network: for each partner, in the order of [`crate::matching::Partners`], the
    /// dealer or pool whose cell counts it, in the order of the public list.
    #[must_use]
    pub fn with_network(mut self, cell_of: Vec<u16>) -> Self {
        let cells = cell_of.iter().max().map_or(0, |last| last.saturating_add(1));
        self.network = Network { cell_of, cells };
        self
    }

    /// The same with so many pairs of partners that may be compared.
    #[must_use]
    pub const fn with_pairs(mut self, pairs: u16) -> Self {
        self.pairs = pairs;
        self
    }

    /// The same with so many models of the programme and areas of the policy. Each list that is not
    /// empty has one cell more, the last, for all others.
    #[must_use]
    pub const fn with_lists(mut self, models: u8, areas: u8) -> Self {
        self.models = models;
        self.areas = areas;
        self
    }

    /// The same where leads are in the arms of an experiment.
    #[must_use]
    pub const fn with_arms(mut self) -> Self {
        self.arms = true;
        self
    }

    /// The month.
    #[must_use]
    pub const fn month(&self) -> Month {
        self.month
    }

    /// The greatest revenue of a unit.
    #[must_use]
    pub const fn clamp(&self) -> ClampCents {
        self.clamp
    }

    /// The number of cells of a section: its bins, in each campaign where it has campaigns.
    ///
    /// # Errors
    /// [`StatisticsError::NoSuchSection`] if the catalogue does not have it or nothing public says what
    /// its cells are.
    pub fn cells(&self, section: SectionId) -> Result<usize, StatisticsError> {
        let bins = if section.exists() { self.bins(section) } else { 0 };
        let campaigns = match section.margin {
            Margin::All => 1,
            Margin::Campaign | Margin::CampaignModel | Margin::CampaignDepartment => {
                usize::from(self.campaigns.0)
            }
        };
        let cells = bins * campaigns;
        if cells == 0 { Err(StatisticsError::NoSuchSection) } else { Ok(cells) }
    }

    /// Length of the list that a margin divides by.
    pub(super) const fn list(&self, margin: Margin) -> u8 {
        match margin {
            Margin::CampaignModel => self.models,
            Margin::CampaignDepartment => self.areas,
            Margin::Campaign | Margin::All => 0,
        }
    }

    /// The bins of a section beside its campaigns.
    pub(super) fn bins(&self, section: SectionId) -> usize {
        match (section.template, section.margin) {
            (TemplateId::Conversion | TemplateId::Revenue, Margin::Campaign) => 1,
            (TemplateId::Conversion | TemplateId::Revenue, margin) => {
                let list = self.list(margin);
                if list == 0 { 0 } else { usize::from(list) + 1 }
            }
            (TemplateId::Network, _) => self.network.cells.into(),
            (TemplateId::Lift, _) if !self.arms => 0,
            (TemplateId::Partners, _) => self.pairs.into(),
            (template, _) => template.fixed_cells().map_or(0, <[_]>::len),
        }
    }

    /// The one cell of a section that counts the unit, if any does.
    ///
    /// # Errors
    /// [`StatisticsError`] for a campaign, partner or pair that is not public: our bug.
    pub fn cell(
        &self,
        section: SectionId,
        unit: &UnitMonth,
    ) -> Result<Option<usize>, StatisticsError> {
        match (section.template, unit.conversion()) {
            (TemplateId::Overlap, _) => Ok(unit.known().then_some(0)),
            (TemplateId::Partners, _) => match unit.pair() {
                Some(pair) if pair >= self.pairs => Err(StatisticsError::UnknownPair),
                pair => Ok(pair.map(usize::from)),
            },
            (TemplateId::Lift, _) if !self.arms => Err(StatisticsError::NoSuchSection),
            (_, None) => Ok(None),
            (TemplateId::Lift, Some(by)) => Ok(by.arm().map(|arm| match arm {
                Arm::Treated => 0,
                Arm::Control => 1,
            })),
            (_, Some(by)) => self.converted(section, unit, by).map(Some),
        }
    }

    /// The bin of a conversion among models or areas.
    fn place(&self, margin: Margin, by: Attributed) -> Result<usize, StatisticsError> {
        let place = match margin {
            Margin::CampaignModel => by.traits().model(),
            Margin::CampaignDepartment => by.traits().area(),
            Margin::Campaign | Margin::All => return Ok(0),
        };
        match (place, self.list(margin)) {
            (None, list) => Ok(list.into()),
            (Some(place), list) if place < list => Ok(place.into()),
            _ => Err(StatisticsError::UnknownTrait),
        }
    }

    /// The cell of a unit that converted.
    fn converted(
        &self,
        section: SectionId,
        unit: &UnitMonth,
        by: Attributed,
    ) -> Result<usize, StatisticsError> {
        let bin = match section.template {
            TemplateId::Conversion | TemplateId::Revenue => self.place(section.margin, by)?,
            TemplateId::Delay => delay_bin(by.delay_days()),
            TemplateId::Segments => segments::cell(unit.bought(), self.month, self.clamp),
            TemplateId::Network => {
                let cell = self.network.cell_of.get(usize::from(by.partner()));
                usize::from(*cell.ok_or(StatisticsError::UnknownPartner)?)
            }
            TemplateId::Overlap | TemplateId::Partners | TemplateId::Lift => {
                return Err(StatisticsError::NoSuchSection);
            }
        };
        if by.campaign() >= self.campaigns.0 {
            return Err(StatisticsError::UnknownCampaign);
        }
        match section.margin {
            Margin::All => Ok(bin),
            Margin::Campaign | Margin::CampaignModel | Margin::CampaignDepartment => {
                Ok(usize::from(by.campaign()) * self.bins(section) + bin)
            }
        }
    }
}

/// The bin of a delay; the last one is open.
fn delay_bin(days: u16) -> usize {
    let last = DELAY_BINS.len() - 1;
    DELAY_BINS.iter().position(|(_, to)| days <= *to).unwrap_or(last)
}
