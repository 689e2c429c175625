//! What was decided at hand-over, so that it can be proven record by record: salted leaves, one for each
//! position, under one root to which the ledger commits. Which rule says what is not known here.
//! Specified in `docs/formats/exchange-batch.md`.

use serde::{Deserialize, Serialize};
use tiers_contact::labels;

use super::{Leaf, tree};
use crate::attested::{Attested, AttestedError, Recorded};
use crate::canonical;
use crate::encoding::{Bytes, sha256_of};
use crate::ids::{BatchId, ExchangeId, RecordId};
use crate::tlog::{EntryType, commit};
use crate::trust::Trust;

/// What was decided about one position.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecordDecision {
    /// The batch.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub batch: BatchId,
    /// The position.
    pub position: u64,
    /// `allowed`, or the code of the denial.
    pub answer: String,
    /// Place of the rule that was asked, where one was.
    pub rule: Option<u16>,
    /// The consent record that carries it, or that says no.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub record: Option<RecordId>,
}

impl RecordDecision {
    /// The salted leaf.
    #[must_use]
    pub fn leaf(&self, salt: &Bytes<32>) -> Leaf {
        Leaf::received(Bytes::new(commit(salt.as_bytes(), &canonical::to_vec(self))))
    }
}

/// The salt of one position, from the secret of a batch: giving one away gives no other.
#[must_use]
pub fn salt_of(secret: &[u8; 32], position: u64) -> Bytes<32> {
    sha256_of(&[labels::EXCHANGE_SALT.as_bytes(), &[0], secret, &position.to_be_bytes()])
}

/// The hand-over of a batch, to which the ledger commits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HandOver {
    /// The exchange.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub exchange: ExchangeId,
    /// The batch.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub batch: BatchId,
    /// When every record was decided about (RFC 3339, UTC).
    pub at: String,
    /// How many were.
    pub records: u64,
    /// Digest of the rules.
    pub rules: Bytes<32>,
    /// Root over the leaves of all decisions.
    pub root: Bytes<32>,
    /// Whole lots of a thousand that pass, some records left out; 0 when it is not one, and then none does.
    pub lots: u64,
}

impl Recorded for HandOver {
    const LABEL: &'static str = labels::SIGN_EXCHANGE_HAND_OVER;
    const ENTRY: EntryType = EntryType::BatchHandedOver;

    fn object(&self) -> String {
        self.batch.to_string()
    }
}

/// The proof of one decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DecisionProof {
    /// What was decided.
    pub decision: RecordDecision,
    /// The salt of its leaf.
    pub salt: Bytes<32>,
    /// Its path to the root.
    pub path: Vec<Bytes<32>>,
    /// The hand-over, with its place in the ledger.
    pub hand_over: Attested<HandOver>,
}

/// Why a proof proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecisionError {
    /// The hand-over does not verify.
    #[error(transparent)]
    HandOver(#[from] AttestedError),
    /// The decision is not under its root.
    #[error("the decision is none of this hand-over")]
    Path,
}

impl DecisionError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::HandOver(error) => error.code(),
            Self::Path => "decision.path",
        }
    }
}

impl DecisionProof {
    /// Checks everything offline, and gives the decision.
    ///
    /// # Errors
    /// [`DecisionError`].
    pub fn verify(&self, trust: &Trust) -> Result<&RecordDecision, DecisionError> {
        let document = Attested::<HandOver>::verify(&self.hand_over.to_vec(), trust)?.document;
        let root = tree::root_from(
            self.decision.leaf(&self.salt),
            self.decision.position,
            document.records,
            &self.path,
        );
        let under = root == Some(document.root) && self.decision.batch == document.batch;
        if under { Ok(&self.decision) } else { Err(DecisionError::Path) }
    }
}
