//! Proofs of events, and ticks: what persons do themselves (a withdrawal by a link, an objection
//! everywhere) counts at once and enters the ledger with the next tick, once a day and all together, so
//! that the public ledger does not show when somebody acted (`docs/decisions/0046-ticks.md`).

use tiers_protocol::canonical;
use tiers_protocol::consent::proof::{
    ConsentProof, ConsentProofBody, ConsentProofFormat, ProvenEvent, RecordedBatch, RecordedTick,
    Step, TickStep, committed_person, salted_leaf,
};
use tiers_protocol::encoding::Bytes;
use tiers_protocol::exchange::tree::{Leaf, RootOf, path_of};
use tiers_protocol::ids::RecordId;
use tiers_protocol::tlog::{EntryType, commit};

use super::super::{Certifier, Refusal, ServiceError, act};
use super::batch::Packed;
use crate::store::consent::{ConsentBatch, PLACES};
use crate::store::credential::Caller;
use crate::store::tick::TickLeaf;
use crate::store::{StoreError, Tx};

/// The salt of a leaf; that of the batch opens none of the others once it is shown.
pub(super) fn leaf_salt(salt: &[u8; 32], place: u64) -> [u8; 32] {
    commit(salt, &place.to_be_bytes())
}

/// What the leaf of an event commits to.
pub(super) fn proven(event: &Packed, salt: &[u8; 32]) -> ProvenEvent {
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

/// The leaves of events, in their order.
pub(super) fn leaves<'a>(
    salt: &[u8; 32],
    events: impl Iterator<Item = &'a Packed>,
) -> impl Iterator<Item = Leaf> {
    events.zip(0_u64..).map(|(event, place)| {
        let salt = leaf_salt(salt, place);
        salted_leaf(&salt, &canonical::to_vec(&proven(event, &salt)))
    })
}

/// The root over leaves.
pub(super) fn root_of(leaves: impl Iterator<Item = Leaf>) -> Bytes<32> {
    let mut root = RootOf::new();
    leaves.for_each(|leaf| root.push(leaf));
    root.root()
}

fn leaf_of(leaf: &TickLeaf) -> Leaf {
    salted_leaf(&leaf.salt, &leaf.document)
}

impl Certifier {
    /// Keeps what a person did for the next tick; the number of its leaf.
    pub(super) fn at_tick(
        &self,
        tx: &Tx<'_>,
        document: &impl serde::Serialize,
    ) -> Result<u64, ServiceError> {
        let document = canonical::to_vec(document);
        Ok(tx.insert_tick_leaf(self.now().day_number(), &document, &self.bytes())?)
    }

    /// Closes the tick when a day is over: one entry for what persons did, also where nobody did anything,
    /// so that its presence says nothing.
    ///
    /// # Errors
    /// [`ServiceError`]; then nothing is closed, and the next call tries again.
    pub fn close_tick(&self) -> Result<(), ServiceError> {
        let today = self.now().day_number();
        let is_due = |tx: &Tx<'_>| {
            Ok::<_, ServiceError>(tx.has_forms()? && tx.last_tick()?.is_none_or(|on| on < today))
        };
        if !self.db.read("look for a tick", is_due)? {
            return Ok(());
        }
        self.db.write("close tick", |tx| {
            if !is_due(tx)? {
                return Ok(());
            }
            let waiting = tx.waiting_leaves(today)?;
            let root = root_of(waiting.iter().map(leaf_of));
            let tick = self.new_act();
            let document = RecordedTick { acts: waiting.len() as u64, root, tick };
            let id = tick.to_string();
            let recorded = act::by_certifier(self, EntryType::PersonsRecorded, &id)
                .record(tx, self, &document)?;
            Ok::<_, ServiceError>(tx.close_tick(today, recorded.index, &waiting)?)
        })?;
        self.publish()
    }

    /// The proof of the event that made a record, for a party of its chain.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for who takes no part in it; [`Refusal::TickAwaited`] before the tick of what
    /// a person did; [`Refusal::Unwitnessed`].
    pub fn consent_proof(
        &self,
        caller: &Caller,
        record: &RecordId,
    ) -> Result<ConsentProof, ServiceError> {
        let (batch, place, through) = self.db.read("read proof", |tx| {
            let found = self.own_record(tx, caller, record)?;
            let (number, place) = (found.number / PLACES, found.number % PLACES);
            let batch = tx.consent_batch(number)?;
            let batch = batch.ok_or(StoreError::Corrupt { column: "consent_batch.number" })?;
            let through = match batch.leaf {
                Some(leaf) => Some(in_its_tick(tx, leaf)?),
                None => None,
            };
            Ok::<_, ServiceError>((batch, place, through))
        })?;
        let lines = self.open_lines(&batch.prefix, &batch.evidence)?;
        let events = lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let events = events.map(serde_json::from_slice::<Packed>);
        let events = events.collect::<Result<Vec<_>, _>>();
        let wrong = |_| StoreError::Corrupt { column: "consent_batch.evidence" };
        let events = events.map_err(wrong)?;
        let leaves: Vec<Leaf> = leaves(&batch.salt, events.iter()).collect();
        let at = usize::try_from(place).unwrap_or(usize::MAX);
        let (event, path) = events.get(at).zip(path_of(&leaves, place)).ok_or(Refusal::NotFound)?;
        let salt = leaf_salt(&batch.salt, place);
        let recorded = self.recorded_batch(&batch, root_of(leaves.iter().copied()))?;
        let (entry, through) = match (batch.entry, through) {
            (Some(entry), None) => (entry, None),
            (_, Some((entry, through))) => (entry, Some(through)),
            (None, None) => return Err(StoreError::Corrupt { column: "consent_batch.leaf" }.into()),
        };
        let ledger = self.evidence(entry)?;
        let body = ConsentProofBody {
            format: ConsentProofFormat::V1,
            event: proven(event, &salt),
            step: Step { path, place, salt: Bytes::new(salt) },
            batch: recorded,
            through,
            ledger,
        };
        Ok(ConsentProof::new(body, &self.keyring.signing))
    }

    /// What the ledger commits to of a batch.
    fn recorded_batch(
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

/// From a leaf to its tick, and the entry of the tick.
fn in_its_tick(tx: &Tx<'_>, number: u64) -> Result<(u64, TickStep), ServiceError> {
    let wrong = || StoreError::Corrupt { column: "tick_leaf" };
    let leaf = tx.tick_leaf(number)?.ok_or_else(wrong)?;
    let (entry, place) = leaf.closed.ok_or(Refusal::TickAwaited)?;
    let all: Vec<Leaf> = tx.leaves_of(entry)?.iter().map(leaf_of).collect();
    let path = path_of(&all, place).ok_or_else(wrong)?;
    let act = tx.acts(entry, 1)?.pop().ok_or_else(wrong)?;
    let detail = act.detail.ok_or(Refusal::NotFound)?;
    let tick: RecordedTick = canonical::from_slice(&detail).map_err(|_| wrong())?;
    let step = Step { path, place, salt: Bytes::new(leaf.salt) };
    Ok((entry, TickStep { step, tick }))
}
