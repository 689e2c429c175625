//! What the recipient fetches: the records that pass, the leaves of those that stay. The package is made
//! anew from the sealed body and the decisions each time, and is the same bytes each time; nothing of it
//! is stored. When the recipient says that it has it, the body goes for good.

use std::fs::File;
use std::io::{BufReader, Read as _};

use tiers_protocol::exchange::decision::salt_of;
use tiers_protocol::exchange::transfer::package_head;
use tiers_protocol::exchange::tree::path_of;
use tiers_protocol::exchange::view::{BatchInfo, BatchState};
use tiers_protocol::exchange::{DecisionProof, Item};
use tiers_protocol::ids::BatchId;
use tiers_protocol::tlog::EntryType;
use tiers_protocol::wire::Role;

use super::hand_over::Answer;
use super::rows::Rows;
use super::{As, both_ends, head};
use crate::limits;
use crate::service::authority::{Object, Purpose};
use crate::service::error::file_error;
use crate::service::{Certifier, Refusal, ServiceError, act};
use crate::store::StoreError;
use crate::store::credential::Caller;
use crate::store::exchange::Batch;

/// A package on its way out, piece by piece.
pub struct Fetched {
    rows: Rows,
    decisions: BufReader<File>,
    next: u64,
    begin: Option<Vec<u8>>,
}

impl Fetched {
    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub fn piece(&mut self) -> Result<Option<Vec<u8>>, ServiceError> {
        if let Some(begin) = self.begin.take() {
            return Ok(Some(begin));
        }
        let mut out = Vec::with_capacity(limits::PIECE_BYTES + 8_192);
        while out.len() < limits::PIECE_BYTES {
            let Some(row) = self.rows.next_row()? else { break };
            let answer = next_answer(&mut self.decisions)?;
            let item = match answer.carried() {
                Some(carried) => Item::Delivered {
                    carried,
                    tokens: row.tokens.digest(),
                    sealed: row.sealed.to_vec(),
                    evidence: row.evidence.to_vec(),
                },
                None => Item::HeldBack(row.leaf(self.next)),
            };
            item.write(&mut out);
            self.next += 1;
        }
        Ok((!out.is_empty()).then_some(out))
    }
}

fn next_answer(decisions: &mut BufReader<File>) -> Result<Answer, ServiceError> {
    let mut bytes = [0; Answer::BYTES];
    decisions.read_exact(&mut bytes).map_err(file_error("the decisions of a batch"))?;
    Ok(Answer::read(&bytes)?)
}

impl Certifier {
    /// Begins a package of a batch that was handed over.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::BatchState`].
    pub fn fetch_batch(&self, caller: &Caller, id: &BatchId) -> Result<Fetched, ServiceError> {
        let batch =
            self.db.read("read batch", |tx| self.own_batch(tx, caller, (id, As::Recipient)))?;
        if batch.state != BatchState::HandedOver {
            return Err(Refusal::BatchState.into());
        }
        let rows =
            Rows::open(&self.batch_spool(id), head(&batch.statement), &self.keyring.sealing)?;
        let decisions = self.open_decisions(id)?;
        Ok(Fetched { rows, decisions, next: 0, begin: Some(package_head(&batch.statement)) })
    }

    fn open_decisions(&self, id: &BatchId) -> Result<BufReader<File>, ServiceError> {
        let file = File::open(self.batch_decisions(id));
        Ok(BufReader::new(file.map_err(file_error("the decisions of a batch"))?))
    }

    /// The recipient has the batch: the certifier keeps nothing of its records.
    ///
    /// # Errors
    /// [`Refusal::BatchState`].
    pub fn batch_fetched(&self, caller: &Caller, id: &BatchId) -> Result<BatchInfo, ServiceError> {
        self.db.write("batch fetched", |tx| {
            let batch = self.own_batch(tx, caller, (id, As::Recipient))?;
            if batch.state == BatchState::Fetched {
                return Ok(());
            }
            if !tx.move_batch(id, (BatchState::HandedOver, BatchState::Fetched))? {
                return Err(ServiceError::from(Refusal::BatchState));
            }
            let detail = serde_json::json!({ "exchange": head(&batch.statement).exchange });
            act::by(caller.actor, EntryType::BatchFetched, &id.to_string())
                .record(tx, self, &detail)
                .map(drop)
        })?;
        self.drop_batch(id)?;
        self.publish()?;
        self.batch(caller, id)
    }

    /// The recipient says that it informed the persons of a batch (GDPR art. 14).
    ///
    /// # Errors
    /// [`Refusal::BatchState`].
    pub fn persons_informed(
        &self,
        caller: &Caller,
        id: &BatchId,
    ) -> Result<BatchInfo, ServiceError> {
        self.db.write("persons informed", |tx| {
            let batch = self.own_batch(tx, caller, (id, As::Recipient))?;
            if batch.inform_by.is_none() {
                return Err(ServiceError::from(Refusal::BatchState));
            }
            if tx.put_informed(id, self.now())? {
                let detail = serde_json::json!({ "by": batch.inform_by });
                act::by(caller.actor, EntryType::PersonsInformed, &id.to_string())
                    .record(tx, self, &detail)?;
            }
            Ok(())
        })?;
        self.publish()?;
        self.batch(caller, id)
    }

    /// The proof of one decision: for the recipient about what passed, for an officer about everything.
    /// A sender is not told why somebody stays: that would tell what the person said to others.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::BatchState`], [`Refusal::Unwitnessed`].
    pub fn prove_decision(
        &self,
        caller: &Caller,
        (id, position): (&BatchId, u64),
    ) -> Result<DecisionProof, ServiceError> {
        let officer = caller.role == Role::Officer;
        let batch: Batch = self.db.read("read batch", |tx| {
            let found = tx.batch(id)?.ok_or(Refusal::NotFound)?;
            let of = Object::Batch(id, both_ends(&found));
            if !officer {
                // To whoever takes no part it is not there; the sender is told that this is not for it.
                self.require(caller, Purpose::Exchange, &of)?;
            }
            self.authority.ask(caller, Purpose::ProveDecision, &of)?;
            Ok::<_, ServiceError>(found)
        })?;
        let handed = batch.handed.as_ref().ok_or(Refusal::BatchState)?;
        let mut decisions = self.open_decisions(id)?;
        let (mut leaves, mut asked) = (Vec::new(), None);
        for place in 0..handed.document.records {
            let answer = next_answer(&mut decisions)?;
            let decision = answer.decision(*id, place);
            leaves.push(decision.leaf(&salt_of(&handed.secret, place)));
            if place == position && (officer || answer.carried().is_some()) {
                asked = Some(decision);
            }
        }
        let decision = asked.ok_or(Refusal::NotFound)?;
        let path = path_of(&leaves, position)
            .ok_or(StoreError::Corrupt { column: "decisions of a batch" })?;
        let hand_over = self.attest(handed.document.clone(), handed.entry, handed.salt)?;
        if officer {
            self.db.write("officer reads decision", |tx| {
                let detail = serde_json::json!({ "batch": id, "position": position });
                // A look at what was decided about one person.
                act::by(caller.actor, EntryType::OfficerViewed, &self.new_act().to_string())
                    .at_tick(tx, self, &detail)
                    .map(drop)
            })?;
        }
        Ok(DecisionProof { decision, salt: salt_of(&handed.secret, position), path, hand_over })
    }
}
