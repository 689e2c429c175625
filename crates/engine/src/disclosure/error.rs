//! What can go wrong inside the gate. No variant carries a value that came from data.

use thiserror::Error;

/// A release that could not be made. Nothing was published; what was debited stays debited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum GateError {
    /// The number of rows differs between a table and its public keys, or is none or too many.
    #[error("a table and its list of keys do not have the same number of rows")]
    Rows,
    /// The sections are not those of the policy or of the terms, or not in their order.
    #[error("the tables are not the sections that were asked")]
    Sections,
    /// There is no campaign, or more than a programme may have.
    #[error("a report needs 1 to {max} campaigns", max = tiers_protocol::programme::MAX_CAMPAIGNS)]
    Campaigns,
    /// A table breaks the bounds that the noise was made for: a fault of the certifier.
    #[error("a table breaks its contribution bounds")]
    Bounds,
    /// No scale of noise satisfies the stated cost.
    #[error("no noise scale meets the cost of the template")]
    Calibration,
    /// The privacy map of the mechanism does not confirm the cost.
    #[error("the mechanism does not confirm its cost")]
    Unconfirmed,
    /// The source of noise failed.
    #[error("noise could not be drawn")]
    Noise,
    /// A figure is too large for a report.
    #[error("a figure is too large for a report")]
    Overflow,
    /// A report says something else than what follows from its own noisy values and parameters.
    #[error("the figures of the report do not follow from its noisy values")]
    Mismatch,
}

impl GateError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Rows => "gate.rows",
            Self::Sections => "gate.sections",
            Self::Campaigns => "gate.campaigns",
            Self::Bounds => "gate.bounds",
            Self::Calibration => "gate.calibration",
            Self::Unconfirmed => "gate.unconfirmed",
            Self::Noise => "gate.noise",
            Self::Overflow => "gate.overflow",
            Self::Mismatch => "gate.mismatch",
        }
    }
}
