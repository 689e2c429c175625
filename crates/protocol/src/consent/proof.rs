//! The proof that an event of consent was recorded: from the event to the root of its batch, where the batch
//! came with others of one tick from the batch to the root of the tick, and from there to an entry of the
//! ledger. Nothing of other persons is in it but digests under salts of their own.
//!
//! It does not say whose event it is: `person` is a commitment that the certifier can open. Specified in
//! `docs/formats/consent.md`, "Proof".

use serde::{Deserialize, Serialize};
use tiers_contact::labels;

use super::evidence::Evidence;
use super::siren::Siren;
use super::words::State;
use crate::attested::{AttestedError, Evidence as LedgerEvidence};
use crate::canonical;
use crate::encoding::{Bytes, sha256_of};
use crate::exchange::tree::{Leaf, root_from};
use crate::ids::{ActId, FormId, RecordId};
use crate::sign::{Signature, SigningSecret};
use crate::tlog::{ActTime, Checkpoint, Entry, EntryType, LedgerProof, Salted, commit};
use crate::trust::Trust;

/// An event, as its leaf commits to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProvenEvent {
    /// Whether it holds for all recipients.
    pub all_recipients: bool,
    /// When it was, in seconds since 1970.
    pub at: i64,
    /// Whose act it is; nobody's but the person's own when `None`.
    pub entity: Option<Siren>,
    /// What shows it.
    pub evidence: Option<Evidence>,
    /// Commitment to the person, under the salt of the leaf.
    pub person: Bytes<32>,
    /// Where it left the choice.
    pub state: State,
}

/// A batch of events, as the ledger commits to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedBatch {
    /// How the ids of its records begin.
    pub batch: Bytes<12>,
    /// How many events.
    pub events: u64,
    /// The form.
    pub form: FormId,
    /// The root over their leaves.
    pub root: Bytes<32>,
}

/// What happened about persons between two ticks, as the ledger commits to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecordedTick {
    /// How many acts.
    pub acts: u64,
    /// The root over their leaves.
    pub root: Bytes<32>,
    /// The tick itself: the object of its entry.
    pub tick: ActId,
}

/// A step from a document to the root of a tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Step {
    /// Hashes from the leaf upwards.
    pub path: Vec<Bytes<32>>,
    /// The place of the leaf.
    pub place: u64,
    /// Salt of the leaf.
    pub salt: Bytes<32>,
}

/// The step through a tick.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TickStep {
    /// From the batch to the tick.
    pub step: Step,
    /// The tick.
    pub tick: RecordedTick,
}

/// Version of the proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConsentProofFormat {
    /// The first.
    #[serde(rename = "tiers-consent-proof/1")]
    V1,
}

/// The proof without the certifier's signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentProofBody {
    /// Version.
    pub format: ConsentProofFormat,
    /// The event.
    pub event: ProvenEvent,
    /// From the event to its batch.
    pub step: Step,
    /// Its batch.
    pub batch: RecordedBatch,
    /// From the batch to its tick, unless the batch has an entry of its own.
    pub through: Option<TickStep>,
    /// The entry, its salt and its proof.
    pub ledger: LedgerEvidence,
}

/// A proof, signed by the certifier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentProof {
    /// What is proven and how.
    pub proof: ConsentProofBody,
    /// Ed25519 over it.
    pub signature: Signature,
}

/// What a proof that holds says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvenConsent {
    /// The record.
    pub record: RecordId,
    /// When the ledger says that it was recorded, or its tick.
    pub recorded_at: ActTime,
    /// The checkpoint that vouches for it.
    pub checkpoint: Checkpoint,
}

/// The leaf of content under a salt of its own: nobody without the salt can try contents.
#[must_use]
pub fn salted_leaf(salt: &Salted, content: &[u8]) -> Leaf {
    // The zero byte in front is RFC 6962's mark of a leaf.
    Leaf::received(sha256_of(&[&[0], &salt.commit(content)]))
}

/// The commitment to a person in a leaf: to the tokens of the person as they lie at the certifier.
#[must_use]
pub fn committed_person(salt: &Salted, tokens: &[[u8; 16]]) -> Bytes<32> {
    let mut text = labels::CONSENT_PERSON.as_bytes().to_vec();
    text.push(0);
    text.extend(tokens.iter().flatten());
    Bytes::new(salt.commit(&text))
}

impl Step {
    fn leads(&self, content: &[u8], size: u64, root: &Bytes<32>) -> bool {
        let leaf = salted_leaf(&Salted::with(self.salt.as_bytes()), content);
        root_from(leaf, self.place, size, &self.path).as_ref() == Some(root)
    }
}

impl TickStep {
    /// Checks that content is a leaf of the tick, and that the ledger holds the tick; when that was, and the
    /// checkpoint that vouches for it.
    pub(crate) fn verify(
        &self,
        content: &[u8],
        ledger: &LedgerEvidence,
        trust: &Trust,
    ) -> Result<(ActTime, Checkpoint), AttestedError> {
        let Self { step, tick } = self;
        if !step.leads(content, tick.acts, &tick.root) {
            return Err(AttestedError::Step);
        }
        let object = tick.tick.to_string();
        in_ledger(ledger, (EntryType::PersonsRecorded, &object, &canonical::to_vec(tick)), trust)
    }
}

/// Checks that the ledger holds an entry of this type about this object, which commits to this document.
fn in_ledger(
    ledger: &LedgerEvidence,
    (kind, object, document): (EntryType, &str, &[u8]),
    trust: &Trust,
) -> Result<(ActTime, Checkpoint), AttestedError> {
    let bytes = ledger.entry.as_bytes();
    let entry = Entry::decode(bytes).map_err(|_| AttestedError::Entry)?;
    if entry.entry_type() != kind || entry.object().as_str() != object {
        return Err(AttestedError::Entry);
    }
    if *entry.commitment() != commit(ledger.salt.as_bytes(), document) {
        return Err(AttestedError::Commitment);
    }
    let verifier = trust.ledger_verifier().ok_or(AttestedError::Trust)?;
    let proof = LedgerProof::parse(ledger.proof.as_bytes()).map_err(|_| AttestedError::Proof)?;
    let checkpoint = proof.verify(bytes, &verifier).map_err(|_| AttestedError::Proof)?;
    Ok((entry.at(), checkpoint))
}

impl ConsentProofBody {
    /// The record whose event it is.
    #[must_use]
    pub fn record(&self) -> Option<RecordId> {
        let place = u32::try_from(self.step.place).ok()?;
        let mut id = [0; 16];
        id[..12].copy_from_slice(self.batch.batch.as_bytes());
        id[12..].copy_from_slice(&place.to_be_bytes());
        Some(RecordId::from_bytes(id))
    }

    fn verify(&self, trust: &Trust) -> Result<ProvenConsent, AttestedError> {
        let event = canonical::to_vec(&self.event);
        if !self.step.leads(&event, self.batch.events, &self.batch.root) {
            return Err(AttestedError::Step);
        }
        let record = self.record().ok_or(AttestedError::Step)?;
        let batch = canonical::to_vec(&self.batch);
        let (recorded_at, checkpoint) = match &self.through {
            None => {
                let object = self.batch.form.to_string();
                in_ledger(&self.ledger, (EntryType::ConsentRecorded, &object, &batch), trust)?
            }
            Some(through) => through.verify(&batch, &self.ledger, trust)?,
        };
        Ok(ProvenConsent { record, recorded_at, checkpoint })
    }
}

impl ConsentProof {
    /// Signs as the certifier.
    #[must_use]
    pub fn new(proof: ConsentProofBody, secret: &SigningSecret) -> Self {
        let signature = secret.sign(labels::SIGN_CONSENT_PROOF, &proof);
        Self { proof, signature }
    }

    /// Reads canonical bytes and checks every step of it.
    ///
    /// # Errors
    /// [`AttestedError`].
    pub fn verify(bytes: &[u8], trust: &Trust) -> Result<(Self, ProvenConsent), AttestedError> {
        let read: Self = canonical::from_slice(bytes)?;
        if !trust.signing.verifies(labels::SIGN_CONSENT_PROOF, &read.proof, &read.signature) {
            return Err(AttestedError::Signature);
        }
        let proven = read.proof.verify(trust)?;
        Ok((read, proven))
    }

    /// The canonical bytes.
    #[must_use]
    pub fn to_vec(&self) -> Vec<u8> {
        canonical::to_vec(self)
    }
}
