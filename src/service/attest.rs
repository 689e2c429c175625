//! Turns a recorded document into one that anybody can verify offline.

use tiers_protocol::attested::{Attested, Evidence, Recorded};
use tiers_protocol::encoding::Bytes;
use tiers_protocol::tlog::LedgerProof;

use super::{Certifier, Refusal, ServiceError};
use crate::ledger::{Outbox as _, OutboxError, ProveError, SequencerError};

impl Certifier {
    /// Document, ledger entry, proof and signature; the entry must be published.
    pub(super) fn attest<T: Recorded>(
        &self,
        document: T,
        entry: u64,
        salt: [u8; 32],
    ) -> Result<Attested<T>, ServiceError> {
        Ok(Attested::new(document, self.opened(entry, salt)?, &self.keyring.signing))
    }

    /// Where the ledger speaks of a document whose salt is kept with the details; it may be erased.
    pub(super) fn evidence(&self, entry: u64) -> Result<Evidence, ServiceError> {
        let act =
            self.db.read("read evidence", |tx| tx.acts(entry, 1).map_err(ServiceError::from))?;
        let salt = act.into_iter().find(|act| act.index == entry).and_then(|act| act.salt);
        self.opened(entry, salt.ok_or(Refusal::NotFound)?)
    }

    fn opened(&self, entry: u64, salt: [u8; 32]) -> Result<Evidence, ServiceError> {
        let bytes = self.db.entries(entry, 1).map_err(SequencerError::from)?;
        let bytes =
            bytes.into_iter().next().ok_or_else(|| SequencerError::from(OutboxError::Failed))?;
        let proof = self.proof(entry)?;
        let text =
            |bytes: Vec<u8>| String::from_utf8(bytes).expect("entries and proofs are ASCII text");
        Ok(Evidence { entry: text(bytes), salt: Bytes::new(salt), proof: text(proof.encode()) })
    }
}

impl Certifier {
    /// The proof that an entry stands in the ledger, under a checkpoint that enough witnesses cosigned.
    pub(super) fn proof(&self, entry: u64) -> Result<LedgerProof, ServiceError> {
        match self.prover().prove(entry) {
            // Published it is; the witnesses have not seen it yet, or are about to.
            Err(ProveError::NotYet) if self.witness_policy().asks_for_any() => {
                if self.await_witnesses(entry.saturating_add(1)) {
                    Ok(self.prover().prove(entry)?)
                } else {
                    Err(Refusal::Unwitnessed.into())
                }
            }
            proof => Ok(proof?),
        }
    }
}

impl From<ProveError> for ServiceError {
    fn from(error: ProveError) -> Self {
        Self::Proof(error)
    }
}
