//! Exchanges at work: agreements are proposed, accepted and approved; sealed batches come in, the recipient's
//! officer looks at the proofs of a sample, every record is decided about at hand-over, the recipient fetches
//! what passes; values are stated and both invoices drawn up. What an agreement must say is the matter of `tiers_protocol::exchange`, whether a record may
//! pass that of `consent`, what an invoice must say that of `invoice`.

mod agree;
mod archive;
mod close;
mod counterparts;
mod expire;
mod fetch;
mod hand_over;
mod invoices;
mod lots;
mod receive;
mod review;
mod rows;
mod sample;
mod show;

use tiers_protocol::exchange::view::BatchState;
use tiers_protocol::exchange::{AgreementFault, BatchStatement};
use tiers_protocol::ids::{BatchId, ExchangeId, PartyId};

use super::{Certifier, Refusal, ServiceError};
use crate::service::authority::{Object, Purpose};
use crate::store::Tx;
use crate::store::credential::Caller;
use crate::store::exchange::{Batch, Exchange};

pub use counterparts::Counterparts;
pub(super) use expire::bodies;
pub use fetch::Fetched;
pub use lots::{LEFT_OUT, LOT, WITHHELD, lots};
pub use receive::BatchUpload;

impl From<AgreementFault> for Refusal {
    fn from(fault: AgreementFault) -> Self {
        let found = Self::ALL.iter().find(|refusal| refusal.code() == fault.code());
        *found.expect("a test holds that every fault is a refusal")
    }
}

/// The caller's company.
fn company(caller: &Caller) -> Result<PartyId, Refusal> {
    caller.party.ok_or(Refusal::Forbidden)
}

/// Who may look at a batch, or work on it.
#[derive(Clone, Copy)]
enum As {
    Sender,
    Recipient,
    Either,
}

impl Certifier {
    /// An exchange in which the caller takes part.
    fn own_exchange(
        &self,
        tx: &Tx<'_>,
        caller: &Caller,
        id: &ExchangeId,
    ) -> Result<Exchange, ServiceError> {
        let found = tx.exchange(id)?.ok_or(Refusal::NotFound)?;
        let sides = found.document.agreement.sides().map(|side| side.party);
        self.require(caller, Purpose::Exchange, &Object::Exchange(id, sides))?;
        Ok(found)
    }

    /// A batch of which the caller is sender or recipient. To others it is not there; what is for the other side
    /// is forbidden.
    fn own_batch(
        &self,
        tx: &Tx<'_>,
        caller: &Caller,
        (id, who): (&BatchId, As),
    ) -> Result<Batch, ServiceError> {
        let found = tx.batch(id)?.ok_or(Refusal::NotFound)?;
        let batch = Object::Batch(id, both_ends(&found));
        self.require(caller, Purpose::Exchange, &batch)?;
        match who {
            As::Sender => self.authority.ask(caller, Purpose::SendBatch, &batch)?,
            As::Recipient => self.authority.ask(caller, Purpose::ReceiveBatch, &batch)?,
            As::Either => {}
        }
        Ok(found)
    }
}

/// Sender and recipient of a batch.
fn both_ends(batch: &Batch) -> [PartyId; 2] {
    let head = head(&batch.statement);
    [head.sender, head.recipient]
}

const fn head(statement: &BatchStatement) -> &tiers_protocol::exchange::BatchHead {
    &statement.statement.head
}

/// Names of the files of a batch, among those of all exchanges.
#[derive(Default)]
pub(super) struct BatchFiles {
    /// The sealed body, while it has not been fetched.
    pub(super) body: Option<String>,
    /// What was decided about each record, from the hand-over on.
    pub(super) decisions: Option<String>,
}

/// Which files a batch has, that of an upload under way apart.
pub(super) fn files(batch: &Batch) -> BatchFiles {
    let id = head(&batch.statement).batch;
    let body = || Some(body_name(&id));
    let decisions = || Some(decisions_name(&id));
    match batch.state {
        BatchState::Open | BatchState::Refused | BatchState::Blocked => BatchFiles::default(),
        BatchState::Received | BatchState::Sampled | BatchState::Reviewed => {
            BatchFiles { body: body(), decisions: None }
        }
        BatchState::HandedOver => BatchFiles { body: body(), decisions: decisions() },
        BatchState::Withheld | BatchState::Fetched => {
            BatchFiles { body: None, decisions: decisions() }
        }
    }
}

fn body_name(id: &BatchId) -> String {
    format!("{id}.sealed")
}

fn decisions_name(id: &BatchId) -> String {
    format!("{id}.decisions")
}

impl Certifier {
    /// The sealed body of a batch.
    fn batch_spool(&self, id: &BatchId) -> std::path::PathBuf {
        self.layout.exchanges().join(body_name(id))
    }

    /// What was decided about each record of a batch.
    fn batch_decisions(&self, id: &BatchId) -> std::path::PathBuf {
        self.layout.exchanges().join(decisions_name(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_of_an_agreement_is_a_refusal() {
        for fault in AgreementFault::ALL {
            assert_eq!(Refusal::from(*fault).code(), fault.code());
        }
    }
}
