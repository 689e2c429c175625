//! Why a table could not be made.

use thiserror::Error;

/// Errors of the templates. They say nothing about what was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum StatisticsError {
    /// A lead names a campaign that is not in the programme's list; deposits are checked for it, so
    /// this is our bug.
    #[error("a lead names a campaign that the programme does not have")]
    UnknownCampaign,
    /// A sum left the range of its integer, which the limits on deposits make impossible.
    #[error("a sum is larger than a table can hold")]
    Overflow,
}

impl StatisticsError {
    /// Every variant.
    pub const ALL: [Self; 2] = [Self::UnknownCampaign, Self::Overflow];

    /// Stable code of the error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownCampaign => "statistics.unknown_campaign",
            Self::Overflow => "statistics.overflow",
        }
    }
}
