//! Why a table could not be made.

use thiserror::Error;

/// Errors of the templates. They say nothing about what was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum StatisticsError {
    /// A lead names a campaign that is not in the programme's list; deposits are checked for it, so
    /// this is our bug.
    #[error("a lead names a campaign that the programme does not have")]
    UnknownCampaign,
    /// A sale is of a partner whom the network does not have: our bug.
    #[error("a sale is of a partner that no dealer or pool counts")]
    UnknownPartner,
    /// Two partners share a unit and are no pair of the public list: our bug.
    #[error("a unit is shared by partners who are no pair of the list")]
    UnknownPair,
    /// A sale has a model or an area that no public list has: our bug.
    #[error("a sale has a model or an area that no list has")]
    UnknownTrait,
    /// The catalogue has no such table, or nothing public says what its cells are.
    #[error("there is no such table, or it has no cells")]
    NoSuchSection,
    /// A sum left the range of its integer, which the limits on deposits make impossible.
    #[error("a sum is larger than a table can hold")]
    Overflow,
    /// What a cluster answered is no table of this question: a cell that no section has, a sum that no units
    /// make, sections that disagree on how many units converted.
    #[error("the cluster's answer is no table of the question")]
    ForeignAnswer,
}

impl StatisticsError {
    /// Every variant.
    pub const ALL: [Self; 7] = [
        Self::UnknownCampaign,
        Self::UnknownPartner,
        Self::UnknownPair,
        Self::UnknownTrait,
        Self::NoSuchSection,
        Self::Overflow,
        Self::ForeignAnswer,
    ];

    /// Stable code of the error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownCampaign => "statistics.unknown_campaign",
            Self::UnknownPartner => "statistics.unknown_partner",
            Self::UnknownPair => "statistics.unknown_pair",
            Self::UnknownTrait => "statistics.unknown_trait",
            Self::NoSuchSection => "statistics.no_such_section",
            Self::Overflow => "statistics.overflow",
            Self::ForeignAnswer => "statistics.foreign_answer",
        }
    }
}
