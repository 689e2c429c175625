//! Proofs of events: from the event to the root of its batch, and from there to the ledger, or through the
//! tick that the batch entered with. Specified by `docs/formats/consent.md`, "Proof".

use tiers_protocol::canonical;
use tiers_protocol::consent::proof::{
    ConsentProof, ConsentProofBody, ConsentProofFormat, ProvenEvent, RecordedBatch, Step,
    committed_person, salted_leaf,
};
use tiers_protocol::encoding::Bytes;
use tiers_protocol::exchange::tree::{Leaf, RootOf, path_of};
use tiers_protocol::ids::RecordId;
use tiers_protocol::tlog::Salted;

use super::super::tick::Ticks;
use super::super::{Certifier, Refusal, ServiceError};
use super::batch::{Line, Packed};
use crate::store::StoreError;
use crate::store::consent::{ConsentBatch, PLACES};
use crate::store::credential::Caller;

/// The salt of a leaf; that of the batch opens none of the others once it is shown.
pub(super) fn leaf_salt(salt: &Salted, place: u64) -> [u8; 32] {
    salt.commit(&place.to_be_bytes())
}

/// What the leaf of an event commits to.
pub(super) fn proven(event: &Packed, salt: &Salted) -> ProvenEvent {
    let tokens: Vec<[u8; 16]> = event.tokens.iter().map(|token| *token.as_bytes()).collect();
    ProvenEvent {
        all_recipients: event.all,
        at: event.at,
        entity: event.entity,
        evidence: event.evidence.clone(),
        person: committed_person(salt, &tokens),
        state: event.state,
    }
}

/// The leaf of one event; `salt` is that of its batch.
pub(super) fn leaf(salt: &Salted, place: u64, event: &Packed) -> Leaf {
    let salt = Salted::with(&leaf_salt(salt, place));
    salted_leaf(&salt, &canonical::to_vec(&proven(event, &salt)))
}

/// The root over leaves.
pub(super) fn root_of(leaves: impl Iterator<Item = Leaf>) -> Bytes<32> {
    let mut root = RootOf::new();
    leaves.for_each(|leaf| root.push(leaf));
    root.root()
}

impl Certifier {
    /// The proof of the event that made a record, for a party of its chain.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for who takes no part in it; [`Refusal::TickAwaited`] before the tick of what
    /// a person did; [`Refusal::LeafErased`] once what opens it is erased; [`Refusal::Unwitnessed`].
    pub fn consent_proof(
        &self,
        caller: &Caller,
        record: &RecordId,
    ) -> Result<ConsentProof, ServiceError> {
        let mut ticks = Ticks::default();
        let (batch, place, through) = self.db.read("read proof", |tx| {
            let found = self.own_place(tx, caller, record)?;
            if found.tokens.is_empty() {
                return Err(Refusal::LeafErased.into());
            }
            let (number, place) = (found.number / PLACES, found.number % PLACES);
            let batch = tx.consent_batch(number)?;
            let batch = batch.ok_or(StoreError::Corrupt { column: "consent_batch.number" })?;
            let through = match batch.leaf {
                Some(leaf) => Some(ticks.through(tx, leaf)?),
                None => None,
            };
            Ok::<_, ServiceError>((batch, place, through))
        })?;
        let lines = self.lines(&batch)?;
        let salt = Salted::with(&batch.salt);
        let leaves: Vec<Leaf> =
            lines.iter().zip(0..).map(|(line, at)| line.leaf(&salt, at)).collect();
        let at = usize::try_from(place).unwrap_or(usize::MAX);
        let event = lines.get(at).and_then(Line::event);
        let (event, path) = event.zip(path_of(&leaves, place)).ok_or(Refusal::NotFound)?;
        let salt = leaf_salt(&salt, place);
        let recorded = self.recorded_batch(&batch, root_of(leaves.iter().copied()))?;
        let (entry, through) = match (batch.entry, through) {
            (Some(entry), None) => (entry, None),
            (_, Some((entry, through))) => (entry, Some(through)),
            (None, None) => return Err(StoreError::Corrupt { column: "consent_batch.leaf" }.into()),
        };
        let ledger = self.evidence(entry)?;
        let body = ConsentProofBody {
            format: ConsentProofFormat::V1,
            event: proven(event, &Salted::with(&salt)),
            step: Step { path, place, salt: Bytes::new(salt) },
            batch: recorded,
            through,
            ledger,
        };
        Ok(ConsentProof::new(body, &self.keyring.signing))
    }

    /// What the ledger commits to of a batch.
    pub(super) fn recorded_batch(
        &self,
        batch: &ConsentBatch,
        root: Bytes<32>,
    ) -> Result<RecordedBatch, ServiceError> {
        let forms = self.db.read("read forms", |tx| tx.forms().map_err(ServiceError::from))?;
        let form = forms.into_iter().find(|form| form.number == batch.form);
        let form = form.ok_or(StoreError::Corrupt { column: "consent_batch.form" })?.id;
        Ok(RecordedBatch { batch: Bytes::new(batch.prefix), events: batch.events, form, root })
    }
}
