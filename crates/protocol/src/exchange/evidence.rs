//! The proof of one record: what the sender can show for it, sealed beside the record to the data protection
//! officer of the recipient. It names a consent record, a form and where the recording or the scan lies; no
//! contact. Not the evidence that the consent register holds (`crate::consent::Evidence`), to which it points.
//! Specified in `docs/formats/exchange-batch.md`.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tiers_contact::labels;

use super::batch::TAG;
use super::position::{ByPosition, Names};
use super::record::{padded, unpadded};
use super::{BatchError, BatchHead};
use crate::consent::Method;
use crate::encoding::Bytes;
use crate::entropy::Entropy;
use crate::ids::{FormId, RecordId};
use crate::seal::SealingSecret;

/// Bytes of a padded proof: all are equally long.
pub const EVIDENCE: usize = 384;
/// Bytes of a sealed proof.
pub const SEALED_EVIDENCE: usize = EVIDENCE + TAG;
/// The longest reference, in characters.
pub const REFERENCE_CHARS: usize = 80;

const NAMES: Names = Names {
    info: labels::EXCHANGE_EVIDENCE,
    key: labels::EXCHANGE_EVIDENCE_KEY,
    nonce: labels::EXCHANGE_EVIDENCE_NONCE,
};

/// What the sender can show for one record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordEvidence {
    /// The consent record, as the sender knows it.
    pub record: Option<RecordId>,
    /// The version of the form on which the person answered, or that informed it.
    pub form: Option<FormId>,
    /// When.
    pub on: Date,
    /// How it was collected.
    pub method: Option<Method>,
    /// Where the recording, the scan or the signed sheet lies at the sender; empty without one.
    pub reference: String,
}

impl RecordEvidence {
    /// Whether it points to anything that can be looked at.
    #[must_use]
    pub fn shows_something(&self) -> bool {
        self.record.is_some() || !self.reference.trim().is_empty()
    }
}

/// Seals the proofs of one batch.
pub struct EvidenceSealer(ByPosition);

impl EvidenceSealer {
    /// Begins a batch, to the key that its head names; gives the encapsulated key that its statement carries.
    ///
    /// # Errors
    /// [`BatchError::Key`].
    pub fn new(
        head: &BatchHead,
        entropy: &mut impl Entropy,
    ) -> Result<(Self, Bytes<32>), BatchError> {
        let (cipher, enc) =
            ByPosition::sender(&head.evidence_to, (&NAMES, head, EVIDENCE), entropy)?;
        Ok((Self(cipher), enc))
    }

    /// Seals the proof of the record at `position`.
    ///
    /// # Errors
    /// [`BatchError::Position`]; [`BatchError::Record`] for one that is too long.
    pub fn seal(
        &self,
        position: u64,
        evidence: &RecordEvidence,
        entropy: &mut impl Entropy,
    ) -> Result<Vec<u8>, BatchError> {
        self.0.seal(position, &padded(evidence, EVIDENCE, entropy)?)
    }
}

/// Opens proofs of one batch, in any order.
pub struct EvidenceOpener(ByPosition);

impl EvidenceOpener {
    /// Begins with the encapsulated key of the statement.
    ///
    /// # Errors
    /// [`BatchError::OtherRecipient`], [`BatchError::Altered`], [`BatchError::Key`].
    pub fn new(
        secret: &SealingSecret,
        head: &BatchHead,
        enc: &Bytes<32>,
    ) -> Result<Self, BatchError> {
        if head.evidence_to != secret.public() {
            return Err(BatchError::OtherRecipient);
        }
        ByPosition::receiver(secret, (&NAMES, head, EVIDENCE), enc).map(Self)
    }

    /// Opens the proof of the record at `position`.
    ///
    /// # Errors
    /// [`BatchError::Position`], [`BatchError::Altered`], [`BatchError::Record`].
    pub fn open(&self, position: u64, sealed: &[u8]) -> Result<RecordEvidence, BatchError> {
        unpadded(&self.0.open(position, sealed)?).map_err(Into::into)
    }
}
