//! What the parties of an exchange are shown, and officers of what was carried out without invoices.

use tiers_protocol::exchange::BatchStatement;
use tiers_protocol::exchange::transfer::upload_bytes;
use tiers_protocol::exchange::view::{
    ActInfo, BatchInfo, BatchState, ExchangeInfo, ExchangeState, ExchangeView, InformInfo,
    InformState, Uninvoiced,
};
use tiers_protocol::ids::{BatchId, ExchangeId};
use tiers_protocol::seal::sealed_len;

use super::review::told;
use super::{As, company, head};
use crate::consent::legal_day;
use crate::service::{Certifier, ServiceError};
use crate::store::Tx;
use crate::store::credential::Caller;
use crate::store::exchange::{Batch, Exchange};
use crate::time::Moment;

/// Days before the end of the month on which the recipient is reminded.
const REMINDED_DAYS: i32 = 7;

/// What an exchange without invoices may cost a natural person and a company (C. com. art. L. 441-9 II).
const EXPOSURE_EUR: [u64; 2] = [75_000, 375_000];

impl Certifier {
    /// The caller's exchanges, the newest first.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub fn exchanges(&self, caller: &Caller) -> Result<Vec<ExchangeInfo>, ServiceError> {
        let party = company(caller)?;
        self.db.read("list exchanges", |tx| {
            let found = tx.exchanges(Some(&party))?;
            found.iter().map(|exchange| self.info(tx, exchange)).collect()
        })
    }

    /// One exchange with its signed documents.
    ///
    /// # Errors
    /// [`Refusal::NotFound`](crate::service::Refusal::NotFound).
    pub fn exchange(&self, caller: &Caller, id: &ExchangeId) -> Result<ExchangeView, ServiceError> {
        self.db.read("show exchange", |tx| {
            let found = self.own_exchange(tx, caller, id)?;
            let acts = tx.exchange_acts(id)?.into_iter().map(|said| said.document).collect();
            Ok(ExchangeView { info: self.info(tx, &found)?, agreement: found.document, acts })
        })
    }

    pub(super) fn exchange_info(
        &self,
        caller: &Caller,
        id: &ExchangeId,
    ) -> Result<ExchangeInfo, ServiceError> {
        self.db.read("show exchange", |tx| self.info(tx, &self.own_exchange(tx, caller, id)?))
    }

    /// Where one of the caller's batches stands.
    ///
    /// # Errors
    /// [`Refusal::NotFound`](crate::service::Refusal::NotFound).
    pub fn batch(&self, caller: &Caller, id: &BatchId) -> Result<BatchInfo, ServiceError> {
        self.db.read("show batch", |tx| {
            let found = self.own_batch(tx, caller, (id, As::Either))?;
            self.batch_info(tx, &found)
        })
    }

    /// Exchanges that were carried out and have no invoices.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub fn uninvoiced(&self) -> Result<Vec<Uninvoiced>, ServiceError> {
        let found = self.db.read("list uninvoiced", |tx| tx.exchanges(None))?;
        let open = found.iter().filter(|exchange| exchange.state != ExchangeState::Closed);
        let listed = open.filter_map(|exchange| {
            let agreement = &exchange.document.agreement;
            Some(Uninvoiced {
                exchange: agreement.exchange,
                proposer: agreement.proposer.party,
                other: agreement.other.party,
                carried_out_at: exchange.handed_at?.to_string(),
                natural_person_eur: EXPOSURE_EUR[0],
                company_eur: EXPOSURE_EUR[1],
            })
        });
        Ok(listed.collect())
    }

    fn info(&self, tx: &Tx<'_>, exchange: &Exchange) -> Result<ExchangeInfo, ServiceError> {
        let agreement = &exchange.document.agreement;
        let acts = tx.exchange_acts(&agreement.exchange)?.into_iter().map(|said| ActInfo {
            party: said.document.act.party,
            says: said.document.act.says,
            at: said.at.to_string(),
            words: said.document.act.words,
        });
        let batches = tx.batches(Some(&agreement.exchange))?;
        let valued = tx.values(&agreement.exchange)?.into_iter().map(|(party, _)| party);
        Ok(ExchangeInfo {
            exchange: agreement.exchange,
            state: exchange.state,
            proposer: agreement.proposer.party,
            other: agreement.other.party,
            agreement_sha256: agreement.digest(),
            proposed_at: exchange.proposed_at.to_string(),
            acts: acts.collect(),
            batches: batches
                .iter()
                .map(|batch| self.batch_info(tx, batch))
                .collect::<Result<_, _>>()?,
            valued: valued.collect(),
        })
    }

    fn batch_info(&self, tx: &Tx<'_>, batch: &Batch) -> Result<BatchInfo, ServiceError> {
        let head = head(&batch.statement);
        let total = body_bytes(&batch.statement);
        let offset = match batch.state {
            BatchState::Open => self.batch_spooled(&head.batch)?,
            BatchState::Refused | BatchState::Blocked => 0,
            _ => total,
        };
        Ok(BatchInfo {
            batch: head.batch,
            exchange: head.exchange,
            sender: head.sender,
            recipient: head.recipient,
            channel: head.channel,
            records: head.records,
            state: batch.state,
            offset,
            total,
            lots: batch.handed.as_ref().map(|handed| handed.document.lots),
            handed_over_at: batch.handed.as_ref().map(|handed| handed.at.to_string()),
            inform: inform(batch, self.now()),
            review: told(tx, &head.batch)?,
        })
    }
}

/// Bytes of the sealed body of a batch.
pub(super) fn body_bytes(statement: &BatchStatement) -> u64 {
    sealed_len(upload_bytes(head(statement)))
}

/// How the recipient's duty to inform stands: a week before its last day it is soon, on that day late.
fn inform(batch: &Batch, now: Moment) -> Option<InformInfo> {
    let by = batch.inform_by?;
    let left = legal_day(now).until(by).map_or(0, |span| span.get_days());
    let state = match (batch.informed_at, left) {
        (Some(_), _) => InformState::Done,
        (None, ..=0) => InformState::Late,
        (None, 1..=REMINDED_DAYS) => InformState::Soon,
        (None, _) => InformState::Calm,
    };
    let informed_at = batch.informed_at.map(|at| at.to_string());
    Some(InformInfo { by: by.to_string(), state, informed_at })
}
