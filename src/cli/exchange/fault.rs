//! What is wrong with a file, an agreement or a batch of an exchange, found on the machine of a party.

use thiserror::Error;
use tiers_protocol::exchange::decision::DecisionError;
use tiers_protocol::exchange::opening::OpeningError;
use tiers_protocol::exchange::sending::SendingFault;
use tiers_protocol::exchange::{AgreementFault, BatchError, RecordError, StatementError};

use super::CliError;

/// Why an exchange does not go on here.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ExchangeFault {
    /// The agreement cannot be one.
    #[error("the agreement cannot be proposed: {0}")]
    Agreement(#[from] AgreementFault),
    /// What the certifier shows is not what this party signed.
    #[error("the certifier shows another agreement than the one that this party signed")]
    OtherAgreement,
    /// The key in hand is not the one that the agreement names.
    #[error("this is not the key that the agreement names for it")]
    OtherKey,
    /// A column of a special category; its heading, never a value.
    #[error("the file has a column of a special category of data: {0}")]
    Special(String),
    /// A column that is needed.
    #[error("the file has no column for {0}")]
    Column(&'static str),
    /// A batch would be too small.
    #[error("a batch has at least a thousand records; this file gives fewer")]
    TooFew,
    /// The channel is none of the agreement.
    #[error("the agreement does not name this channel")]
    Channel,
    /// This party gives no records by the agreement.
    #[error("by the agreement, this party gives no records")]
    GivesNone,
    /// A record that does not fit into its padding.
    #[error("row {row}: {cause}")]
    Record {
        /// Row of the file, 1 for the first data row.
        row: u64,
        /// What is wrong.
        cause: RecordError,
    },
    /// Sealing or opening.
    #[error(transparent)]
    Batch(#[from] BatchError),
    /// The statement of a batch.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// A proof.
    #[error(transparent)]
    Decision(#[from] DecisionError),
    /// What came is no package.
    #[error("what the certifier sent is not the package of this batch")]
    Package,
    /// The certifier refused the batch.
    #[error("the certifier refused the batch")]
    Refused,
    /// What came is no sample.
    #[error("what the certifier sent is not the sample of this batch")]
    Sample,
    /// A file of verdicts that lacks one.
    #[error("row {0}: neither proven nor unproven")]
    Verdict(usize),
    /// There is no such position in a file.
    #[error("the file has no record at this position")]
    NoPosition,
}

impl From<SendingFault> for ExchangeFault {
    fn from(fault: SendingFault) -> Self {
        match fault {
            SendingFault::Special(heading) => Self::Special(heading),
            SendingFault::Column(lacking) => Self::Column(lacking.words()),
            SendingFault::TooFew => Self::TooFew,
            SendingFault::Channel => Self::Channel,
            SendingFault::GivesNone => Self::GivesNone,
            SendingFault::Record { row, cause } => Self::Record { row, cause },
            SendingFault::Batch(error) => Self::Batch(error),
            SendingFault::Seal(_) => Self::Batch(BatchError::Key),
            _ => Self::Package,
        }
    }
}

impl From<OpeningError> for ExchangeFault {
    fn from(error: OpeningError) -> Self {
        match error {
            OpeningError::OtherKey => Self::OtherKey,
            OpeningError::OtherAgreement => Self::OtherAgreement,
            OpeningError::Sample => Self::Sample,
            OpeningError::Batch(error) => Self::Batch(error),
            OpeningError::Statement(error) => Self::Statement(error),
            _ => Self::Package,
        }
    }
}

impl From<OpeningError> for CliError {
    fn from(error: OpeningError) -> Self {
        ExchangeFault::from(error).into()
    }
}

impl ExchangeFault {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Agreement(fault) => fault.code(),
            Self::OtherAgreement => "exchange.other_agreement",
            Self::OtherKey => "exchange.other_key",
            Self::Special(_) => "exchange.special_category",
            Self::Column(_) => "exchange.column",
            Self::TooFew => "batch.too_few",
            Self::Channel => "exchange.channel",
            Self::GivesNone => "exchange.gives_none",
            Self::Record { cause, .. } => cause.code(),
            Self::Batch(error) => error.code(),
            Self::Statement(error) => error.code(),
            Self::Decision(error) => error.code(),
            Self::Package => "batch.package",
            Self::Refused => "batch.refused",
            Self::Sample => "batch.sample",
            Self::Verdict(_) => "review.verdict",
            Self::NoPosition => "batch.position",
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn advice(&self) -> &'static str {
        match self {
            Self::Agreement(_) => "Correct the agreement; `tiers exchange template` writes one.",
            Self::OtherAgreement => {
                "Send nothing, and ask the certifier's operator: somebody changed the agreement."
            }
            Self::OtherKey => "Name the directory of the right key; compare fingerprints.",
            Self::Special(_) => "Take the column out of the file (GDPR art. 9, 10) and try again.",
            Self::Column(_) => "Name it with --map HEADING=FIELD, or with the option for it.",
            Self::TooFew => "Wait until there are more: smaller batches tell about persons.",
            Self::Channel => "Choose a channel of the agreement, or agree anew.",
            Self::GivesNone => "The other party sends; you open what it hands over.",
            Self::Record { .. } => "Shorten the row, or agree on a larger size class.",
            Self::Batch(_) | Self::Statement(_) | Self::Package => {
                "Keep nothing of it; fetch again, and tell both parties if it stays."
            }
            Self::Decision(_) => "Believe nothing of it; fetch it again.",
            Self::Sample => {
                "Give no verdict on it; fetch again, and tell both parties if it stays."
            }
            Self::Verdict(_) => "Write proven or unproven into the last column of each row.",
            Self::NoPosition => {
                "The position is in the first column of what `exchange open` wrote."
            }
            Self::Refused => "Seal the file again into another directory, and send that.",
        }
    }
}
