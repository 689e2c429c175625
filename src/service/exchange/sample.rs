//! Draws a sample of a batch for its recipient's officer, before anything is handed over: one record in a
//! hundred, thirty at least, of those that would pass now. The seed is fresh, and the ledger commits to it and
//! to what follows from it before the officer sees anything. What would not pass when the sample was drawn does
//! not pass later: nobody could have drawn it.

use tiers_protocol::encoding::{Bytes, sha256};
use tiers_protocol::exchange::review::{digest_of_proofs, sample_size};
use tiers_protocol::exchange::view::{BatchInfo, BatchState, ExchangeState};
use tiers_protocol::exchange::{BatchStatement, Draw, Drawn, PathsOf, Sample, SampleItem};
use tiers_protocol::ids::BatchId;
use tiers_protocol::tlog::EntryType;

use super::rows::Rows;
use super::{As, head};
use crate::service::{Certifier, Refusal, ServiceError, act};
use crate::store::credential::Caller;
pub(super) use crate::store::sample::Positions;

impl Certifier {
    /// Draws the sample of a batch that was received. Asked again, it tells where the batch stands: a sample is
    /// drawn once.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::BatchState`], [`Refusal::ExchangeState`].
    pub fn draw_sample(&self, caller: &Caller, id: &BatchId) -> Result<BatchInfo, ServiceError> {
        let (batch, agreement) = self.db.read("read batch", |tx| {
            let batch = self.own_batch(tx, caller, (id, As::Recipient))?;
            let found = self.own_exchange(tx, caller, &head(&batch.statement).exchange)?;
            let due = batch.state == BatchState::Received;
            if due && found.state != ExchangeState::Approved {
                return Err(ServiceError::from(Refusal::ExchangeState));
            }
            Ok((batch, found.document.agreement))
        })?;
        match batch.state {
            BatchState::Received => {}
            BatchState::Open | BatchState::Refused => return Err(Refusal::BatchState.into()),
            _ => return self.batch(caller, id),
        }
        let (seed, head) = (self.bytes(), head(&batch.statement));
        let size = usize::try_from(sample_size(head.records)).unwrap_or(usize::MAX);
        let (mut draw, mut eligible) = (Draw::new(seed, size), Positions::default());
        let (mut position, mut would_pass) = (0, 0);
        self.answer_each(&agreement, head, |answer| {
            let carried = answer.carried();
            if let Some(carried) = carried {
                draw.offer(position, carried);
                would_pass += 1;
            }
            eligible.push(carried.is_some());
            position += 1;
            Ok(())
        })?;
        // Where not one lot would pass, nobody does, and nobody is told how many would.
        let none = self.lots(&head.batch, would_pass) == 0;
        let sample = if none { Vec::new() } else { draw.drawn() };
        let positions = sample.iter().map(|one| one.position).collect();
        let items = self.sample_items(&batch.statement, positions)?;
        let now = self.now();
        let drawn = Drawn {
            exchange: head.exchange,
            batch: head.batch,
            at: now.to_string(),
            records: head.records,
            eligible: eligible.digest(),
            seed: Bytes::new(seed),
            evidence: digest_of_proofs(items.iter().map(|item| item.evidence.as_slice())),
            sample,
        };
        self.db.write("draw sample", |tx| {
            if !tx.move_batch(id, (BatchState::Received, BatchState::Sampled))? {
                // Somebody else drew it in the meantime.
                return Ok(());
            }
            // Both parties may have the dossier of the batch: which records were drawn, and which would pass, is
            // for one of them. The seed is part of what was drawn; who has it could try what else is.
            let detail = serde_json::json!({
                "batch": id, "drawn": drawn.digest(), "exchange": drawn.exchange,
            });
            let recorded = act::by(caller.actor, EntryType::BatchSampled, &id.to_string())
                .record(tx, self, &detail)?;
            Ok::<_, ServiceError>(tx.insert_sample((&drawn, now), &eligible, recorded.index)?)
        })?;
        self.publish()?;
        self.batch(caller, id)
    }

    /// The sample of a batch as its recipient's officer opens it: the same bytes each time while the body is
    /// here.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::BatchState`].
    pub fn fetch_sample(&self, caller: &Caller, id: &BatchId) -> Result<Vec<u8>, ServiceError> {
        let (batch, sample) = self.db.read("read sample", |tx| {
            let batch = self.own_batch(tx, caller, (id, As::Recipient))?;
            Ok::<_, ServiceError>((batch, tx.sample(id)?))
        })?;
        let sample = sample.filter(|_| batch.state == BatchState::Sampled);
        let drawn = sample.ok_or(Refusal::BatchState)?.drawn;
        let positions = drawn.sample.iter().map(|one| one.position).collect();
        let items = self.sample_items(&batch.statement, positions)?;
        Ok(Sample { statement: batch.statement, drawn, items }.to_vec())
    }

    /// What of a body the officer is shown at these positions, which rise.
    fn sample_items(
        &self,
        statement: &BatchStatement,
        positions: Vec<u64>,
    ) -> Result<Vec<SampleItem>, ServiceError> {
        let head = head(statement);
        let mut rows = Rows::open(&self.batch_spool(&head.batch), head, &self.keyring.sealing)?;
        let (mut paths, mut items) = (PathsOf::of(positions.clone()), Vec::new());
        let mut wanted = positions.into_iter().peekable();
        let mut position = 0;
        while let Some(row) = rows.next_row()? {
            paths.push(row.leaf(position));
            if wanted.next_if_eq(&position).is_some() {
                items.push(SampleItem {
                    position,
                    tokens: row.tokens.digest(),
                    record: sha256(row.sealed),
                    evidence: row.evidence.to_vec(),
                    path: Vec::new(),
                });
            }
            position += 1;
        }
        let (paths, _) = paths.finish();
        let with = items.into_iter().zip(paths);
        Ok(with.map(|(item, path)| SampleItem { path, ..item }).collect())
    }
}
