//! Sealing the records of a batch, each by its position, to the recipient's pinned key.
//!
//! One HPKE encapsulation serves the batch (`position.rs` says how); its head (exchange, batch, both
//! parties, size class, count) is in the `info`. Who sealed is proven by the signature on the
//! [`super::BatchStatement`], not here.

use thiserror::Error;
use tiers_contact::labels;

use super::position::{ByPosition, Names};
use super::{BatchHead, PlainRecord, RecordError, SizeClass};
use crate::encoding::Bytes;
use crate::entropy::Entropy;
use crate::seal::{SealingPublic, SealingSecret};

/// Bytes by which a sealed record is longer than its padded plain form.
pub const TAG: usize = 16;

/// The greatest number of records of one batch.
pub const MAX_RECORDS: u64 = 1 << 32;

/// Why a record is not sealed, or does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BatchError {
    /// Not a key to which anything can be sealed.
    #[error("not a usable X25519 public key")]
    Key,
    /// The batch is sealed to somebody else.
    #[error("the batch is sealed to another key than this one")]
    OtherRecipient,
    /// The position is not one of the batch.
    #[error("the batch has no record at this position")]
    Position,
    /// Changed, moved to another position, or of another batch.
    #[error("a sealed record was changed, moved, or belongs to another batch")]
    Altered,
    /// What was sealed is not a record.
    #[error(transparent)]
    Record(#[from] RecordError),
}

impl BatchError {
    /// The stable code of this refusal.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Key => "batch.key",
            Self::OtherRecipient => "batch.other_recipient",
            Self::Position => "batch.position",
            Self::Altered => "batch.altered",
            Self::Record(error) => error.code(),
        }
    }
}

const RECORDS: Names = Names {
    info: labels::EXCHANGE_BATCH,
    key: labels::EXCHANGE_RECORD_KEY,
    nonce: labels::EXCHANGE_RECORD_NONCE,
};

/// Seals the records of one batch.
pub struct BatchSealer {
    cipher: ByPosition,
    class: SizeClass,
}

impl BatchSealer {
    /// Begins a batch; gives the encapsulated key that its statement carries.
    ///
    /// # Errors
    /// [`BatchError::Key`]; [`BatchError::OtherRecipient`] if the head names another key.
    pub fn new(
        to: &SealingPublic,
        head: &BatchHead,
        entropy: &mut impl Entropy,
    ) -> Result<(Self, Bytes<32>), BatchError> {
        if head.sealed_to != *to {
            return Err(BatchError::OtherRecipient);
        }
        let class = head.size_class;
        let (cipher, enc) = ByPosition::sender(to, (&RECORDS, head, class.bytes()), entropy)?;
        Ok((Self { cipher, class }, enc))
    }

    /// Seals the record at `position`; every position once, and never another record at the same.
    ///
    /// # Errors
    /// [`BatchError::Position`], [`BatchError::Record`].
    pub fn seal(
        &self,
        position: u64,
        record: &PlainRecord,
        entropy: &mut impl Entropy,
    ) -> Result<Vec<u8>, BatchError> {
        self.cipher.seal(position, &record.pad(self.class, entropy)?)
    }
}

/// Opens the records of one batch, in any order.
pub struct BatchOpener(ByPosition);

impl BatchOpener {
    /// Begins with the encapsulated key of the statement.
    ///
    /// # Errors
    /// [`BatchError::OtherRecipient`], [`BatchError::Altered`], [`BatchError::Key`].
    pub fn new(
        secret: &SealingSecret,
        head: &BatchHead,
        enc: &Bytes<32>,
    ) -> Result<Self, BatchError> {
        if head.sealed_to != secret.public() {
            return Err(BatchError::OtherRecipient);
        }
        ByPosition::receiver(secret, (&RECORDS, head, head.size_class.bytes()), enc).map(Self)
    }

    /// Opens the record at `position`.
    ///
    /// # Errors
    /// [`BatchError::Position`], [`BatchError::Altered`], [`BatchError::Record`].
    pub fn open(&self, position: u64, sealed: &[u8]) -> Result<PlainRecord, BatchError> {
        PlainRecord::unpad(&self.0.open(position, sealed)?).map_err(Into::into)
    }
}
