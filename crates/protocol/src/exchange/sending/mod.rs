//! A party's file on its way to become a batch, on the sender's side: which columns are understood, which rows
//! can be sent and why the others stay, and the sealing of those that go. A command line reads the file in parts
//! and on all processors, a page reads it whole and in steps; what a row becomes is the same here for both.
//!
//! Whether a record may pass is decided at hand-over, by the certifier. Specified in
//! `docs/formats/exchange-batch.md`.

mod column;
mod draft;
mod postal;
mod rules;
mod seal;

#[cfg(test)]
mod tests;

use jiff::civil::Date;
use thiserror::Error;
use tiers_contact::{FileKind, Kind, PrepareOptions, Tokeniser};

pub use column::Column;
pub use draft::draft;
pub use postal::PostalList;
pub use rules::{Fate, LeftOut, Row, Rules, Sorter};
pub use seal::{Body, Sealed, Seals, heading};

use super::statement::{BatchFormat, BatchHead, Scrubbed};
use super::{Agreement, BatchError, RecordError, Side};
use crate::consent::Channel;
use crate::entropy::Entropy;
use crate::ids::BatchId;
use crate::seal::SealError;

/// The smallest batch, and the size of a lot: what is told of fewer people would tell about persons.
pub const LOT: u64 = 1_000;

/// What a file lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lacking {
    /// A means to know the person by.
    Contact,
    /// When its records were collected.
    Collected,
    /// What proves each record.
    Proof,
    /// What a postal list is compared by.
    Address,
}

impl Lacking {
    /// In words, behind "the file has no column for".
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Contact => "an e-mail address or a telephone",
            Self::Collected => "the day of collection",
            Self::Proof => "what proves each record",
            Self::Address => "name, street and postcode",
        }
    }
}

/// Why a file does not become a batch. It never holds a value of a file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SendingFault {
    /// A column of a special category; its heading.
    #[error("the file has a column of a special category of data: {0}")]
    Special(String),
    /// A column that is needed.
    #[error("the file has no column for {}", .0.words())]
    Column(Lacking),
    /// A batch would be too small.
    #[error("a batch has at least a thousand records; this file gives fewer")]
    TooFew,
    /// The channel is none of the agreement.
    #[error("the agreement does not name this channel")]
    Channel,
    /// This party gives no records.
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
    /// Sealing of records.
    #[error(transparent)]
    Batch(#[from] BatchError),
    /// Sealing of the body.
    #[error(transparent)]
    Seal(#[from] SealError),
}

impl SendingFault {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Special(_) => "exchange.special_category",
            Self::Column(_) => "exchange.column",
            Self::TooFew => "batch.too_few",
            Self::Channel => "exchange.channel",
            Self::GivesNone => "exchange.gives_none",
            Self::Record { cause, .. } => cause.code(),
            Self::Batch(error) => error.code(),
            Self::Seal(error) => error.code(),
        }
    }
}

/// How a file is read and for what.
pub struct Plan<'a> {
    /// The agreement.
    pub agreement: &'a Agreement,
    /// The sender's side of it.
    pub side: &'a Side,
    /// By which means the recipient may reach the persons.
    pub channel: Channel,
    /// Makes the rights tokens of persons.
    pub tokeniser: Tokeniser,
    /// Day of collection of rows that do not say it.
    pub collected: Option<Date>,
    /// Who is left out of it.
    pub suppress: Option<PostalList>,
}

/// How a file of persons is understood where nothing else is said of it.
#[must_use]
pub fn options() -> PrepareOptions {
    PrepareOptions::new(FileKind::Customers, vec![Kind::Email, Kind::Mobile])
}

/// The head of a new batch of so many records; too few are refused.
///
/// # Errors
/// [`SendingFault::TooFew`].
pub fn head(
    agreement: &Agreement,
    [side, other]: [&Side; 2],
    (channel, records, scrubbed): (Channel, u64, Option<Scrubbed>),
    entropy: &mut impl Entropy,
) -> Result<BatchHead, SendingFault> {
    if records < LOT {
        return Err(SendingFault::TooFew);
    }
    Ok(BatchHead {
        format: BatchFormat::V1,
        exchange: agreement.exchange,
        batch: BatchId::random(entropy),
        sender: side.party,
        recipient: other.party,
        sealed_to: other.keys.sealing,
        evidence_to: other.dpo.sealing,
        channel,
        size_class: agreement.size_class,
        records,
        scrubbed,
    })
}
