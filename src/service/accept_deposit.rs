//! Accepts a deposit whose body is whole: opens it, re-keys it, writes its segments, and makes it
//! part of the next snapshot in the same transaction as its ledger entry.

use tiers_contact::FileKind;
use tiers_protocol::encoding::sha256;
use tiers_protocol::ids::DepositId;
use tiers_protocol::receipt::{Receipt, ReceiptFormat};
use tiers_protocol::tlog::EntryType;
use tiers_protocol::wire::DepositState;

use super::faults::FaultPoint;
use super::ingest::read_body;
use super::{Certifier, Refusal, ServiceError, act, snapshot};
use crate::store::credential::Caller;
use crate::store::deposit::{Acceptance, Deposit};
use crate::vault;

impl Certifier {
    /// Accepts, or says why not; called with the upload held.
    pub(super) fn accept_deposit(
        &self,
        caller: &Caller,
        id: &DepositId,
    ) -> Result<(), ServiceError> {
        let deposit = self.own_deposit(caller, id)?;
        let (found, canaries) = self.db.read("read programme", |tx| {
            let found = tx.programme(&deposit.programme)?.ok_or(Refusal::NotAMember)?;
            Ok::<_, ServiceError>((found, tx.canaries(&deposit.programme)?))
        })?;
        let rows = read_body(
            &self.spool_path(id),
            &deposit.manifest.manifest,
            &found.programme,
            &self.keyring,
            &canaries,
        )?;
        if rows.is_empty() {
            return Err(Refusal::NoRows.into());
        }
        let accepted = rows.len() as u64;
        self.write_segments(&deposit, rows)?;
        self.faults.reach(FaultPoint::SegmentsWritten)?;
        self.commit_deposit(caller, &deposit, accepted)?;
        self.faults.reach(FaultPoint::DepositCommitted)?;
        self.discard_spool(id)?;
        self.publish()
    }

    fn write_segments(
        &self,
        deposit: &Deposit,
        rows: Vec<vault::VaultRow>,
    ) -> Result<(), ServiceError> {
        let name = deposit.id.to_string();
        // What an earlier attempt left before its transaction is not the database's.
        match vault::remove(&self.layout.vault(), &name) {
            Ok(()) | Err(vault::VaultError::NotThere) => {}
            Err(other) => return Err(other.into()),
        }
        if deposit.kind == FileKind::Leads {
            self.write_leads(&deposit.id, &rows)?;
        }
        let key = self.keyring.segment_key(&name);
        vault::write_deposit(&self.layout.vault(), &name, rows, &key, self.vault_faults)?;
        Ok(())
    }

    fn commit_deposit(
        &self,
        caller: &Caller,
        deposit: &Deposit,
        rows: u64,
    ) -> Result<(), ServiceError> {
        self.db.write("accept deposit", |tx| {
            let open = tx.deposit(&deposit.id)?.is_some_and(|d| d.state == DepositState::Open);
            if !open {
                return Err(ServiceError::from(Refusal::NotOpen));
            }
            let found = tx.programme(&deposit.programme)?.ok_or(Refusal::NotAMember)?;
            let arrivals = tx.count_arrival(&deposit.programme)?;
            let now = self.now();
            let receipt = Receipt {
                format: ReceiptFormat::V1,
                deposit: deposit.id,
                programme: deposit.programme,
                party: deposit.party,
                kind: deposit.kind,
                manifest_sha256: sha256(&deposit.manifest.to_vec()),
                rows,
                received_at: now.to_string(),
                snapshot: snapshot::first_with(&found.programme.policy, now, arrivals),
                retain_until: deposit.manifest.manifest.retain_until,
            };
            let recorded =
                act::by(caller.actor, EntryType::DepositReceived, &deposit.id.to_string())
                    .record(tx, self, &receipt)?;
            tx.accept_deposit(&Acceptance {
                receipt: &receipt,
                entry: recorded.index,
                salt: recorded.salt,
            })?;
            Ok(())
        })
    }

    /// The receipt of one of the caller's own deposits: the same bytes for ever.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] until the deposit is accepted.
    pub fn receipt(&self, caller: &Caller, id: &DepositId) -> Result<Vec<u8>, ServiceError> {
        self.own_deposit(caller, id)?;
        let parts = self.db.read("read receipt", |tx| tx.receipt_parts(id))?;
        let parts = parts.ok_or(Refusal::NotFound)?;
        if let Some(bytes) = parts.bytes {
            return Ok(bytes);
        }
        self.publish()?;
        let made = self.attest(parts.receipt, parts.entry, parts.salt)?.to_vec();
        self.db.write("keep receipt", |tx| {
            tx.put_receipt(id, &made)?;
            let kept = tx.receipt_parts(id)?.and_then(|parts| parts.bytes);
            kept.ok_or_else(|| Refusal::NotFound.into())
        })
    }
}
