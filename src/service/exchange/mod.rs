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

/// An exchange in which the caller takes part.
fn own(tx: &Tx<'_>, caller: &Caller, id: &ExchangeId) -> Result<Exchange, ServiceError> {
    let party = company(caller)?;
    let found = tx.exchange(id)?;
    let own = found.filter(|found| found.document.agreement.side_of(&party).is_some());
    own.ok_or_else(|| Refusal::NotFound.into())
}

/// Who may look at a batch, or work on it.
#[derive(Clone, Copy)]
enum As {
    Sender,
    Recipient,
    Either,
}

/// A batch of which the caller is sender or recipient.
fn own_batch(
    tx: &Tx<'_>,
    caller: &Caller,
    (id, who): (&BatchId, As),
) -> Result<Batch, ServiceError> {
    let party = company(caller)?;
    let found = tx.batch(id)?.ok_or(Refusal::NotFound)?;
    let head = head(&found.statement);
    let (sends, receives) = (head.sender == party, head.recipient == party);
    match who {
        As::Sender if sends => Ok(found),
        As::Recipient if receives => Ok(found),
        As::Either if sends || receives => Ok(found),
        _ if sends || receives => Err(Refusal::Forbidden.into()),
        _ => Err(Refusal::NotFound.into()),
    }
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
