//! What the sender states and signs about a batch: its head, the encapsulated key and the root over all
//! of its records.
//!
//! The certifier cannot change a record, its rights tokens, its position or their number without the
//! signature failing at the recipient. Specified in `docs/formats/exchange-batch.md`.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use tiers_contact::labels;

use super::{Leaf, RootOf, SizeClass};
use crate::consent::Channel;
use crate::encoding::{Bytes, sha256_of};
use crate::ids::{BatchId, ExchangeId, PartyId};
use crate::seal::SealingPublic;
use crate::sign::{Signature, SigningPublic, SigningSecret};

/// The only value that the field `format` may have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum BatchFormat {
    /// This version.
    #[default]
    #[serde(rename = "tiers-exchange-batch/1")]
    V1,
}

/// A comparison of the file with a list of objections (Bloctel, Robinson) before it was sealed, as the sender
/// states it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Scrubbed {
    /// Which list.
    pub list: String,
    /// The certificate of the comparison, or the delivery of the list.
    pub certificate: String,
    /// When it was compared; of a list without certificate, when it was issued.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
    pub on: Date,
}

/// Everything about a batch that is settled before its first record is sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BatchHead {
    /// The version.
    pub format: BatchFormat,
    /// The exchange, whose agreement pins both parties' keys.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub exchange: ExchangeId,
    /// The batch.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub batch: BatchId,
    /// Who passes records on.
    pub sender: PartyId,
    /// Who may open them.
    pub recipient: PartyId,
    /// The recipient's key of the agreement.
    pub sealed_to: SealingPublic,
    /// The key of the recipient's data protection officer, to which the evidence is sealed.
    pub evidence_to: SealingPublic,
    /// By which means the recipient may reach the persons of this batch.
    pub channel: Channel,
    /// How long each padded record is.
    #[cfg_attr(feature = "openapi", schema(value_type = u16))]
    pub size_class: SizeClass,
    /// How many records there are; positions are `0..records`.
    pub records: u64,
    /// With which list of objections the file was compared, if with any.
    pub scrubbed: Option<Scrubbed>,
}

/// A head, what was made of it, and the root over all records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StatementBody {
    /// The head.
    pub head: BatchHead,
    /// The encapsulated key of HPKE.
    pub enc: Bytes<32>,
    /// The encapsulated key of the evidence.
    pub evidence_enc: Bytes<32>,
    /// The root over the leaves of all records, in the order of their positions.
    pub root: Bytes<32>,
}

/// The signed statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BatchStatement {
    /// What is stated.
    pub statement: StatementBody,
    /// The sender's signature on it.
    pub signature: Signature,
}

/// Why a batch is not the one that its sender signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StatementError {
    /// The signature is not the sender's.
    #[error("the batch is not signed by the sender of the agreement")]
    Signature,
    /// Another number of records than stated.
    #[error("the batch does not have as many records as its sender stated")]
    Count,
    /// A record, its tokens or its position is not as it was signed.
    #[error("the records are not those that the sender signed")]
    Root,
}

impl StatementError {
    /// The stable code of this refusal.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Signature => "batch.signature",
            Self::Count => "batch.count",
            Self::Root => "batch.root",
        }
    }
}

impl BatchStatement {
    /// States and signs; `[enc, evidence_enc]` are the encapsulated keys.
    #[must_use]
    pub fn sign(
        head: BatchHead,
        [enc, evidence_enc]: [Bytes<32>; 2],
        root: Bytes<32>,
        secret: &SigningSecret,
    ) -> Self {
        let statement = StatementBody { head, enc, evidence_enc, root };
        let signature = secret.sign(labels::SIGN_EXCHANGE_BATCH, &statement);
        Self { statement, signature }
    }

    /// Checks the signature against the key that the agreement pins.
    ///
    /// # Errors
    /// [`StatementError::Signature`].
    pub fn verify(&self, sender: &SigningPublic) -> Result<&StatementBody, StatementError> {
        let label = labels::SIGN_EXCHANGE_BATCH;
        let good = sender.verifies(label, &self.statement, &self.signature);
        if good { Ok(&self.statement) } else { Err(StatementError::Signature) }
    }
}

impl StatementBody {
    /// Checks that the leaves of all records, in their order, give the root.
    ///
    /// # Errors
    /// [`StatementError::Count`], [`StatementError::Root`].
    pub fn check(&self, leaves: impl IntoIterator<Item = Leaf>) -> Result<(), StatementError> {
        let mut root = RootOf::new();
        leaves.into_iter().for_each(|leaf| root.push(leaf));
        self.check_root(&root)
    }

    /// Checks a root that was made leaf by leaf.
    ///
    /// # Errors
    /// [`StatementError::Count`], [`StatementError::Root`].
    pub fn check_root(&self, root: &RootOf) -> Result<(), StatementError> {
        if root.count() != self.head.records {
            return Err(StatementError::Count);
        }
        if root.root() == self.root { Ok(()) } else { Err(StatementError::Root) }
    }
}

/// Digest over the rights tokens of one record, e-mail first, then telephone; 32 zero bytes stand for
/// one that the person does not have.
#[must_use]
pub fn digest_of_tokens(email: &[u8; 32], phone: &[u8; 32]) -> Bytes<32> {
    sha256_of(&[labels::EXCHANGE_TOKENS.as_bytes(), &[0], email, phone])
}
