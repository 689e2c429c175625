//! Accepts a deposit whose body is whole: opens it, re-keys it, writes its segments, and makes it
//! part of the next snapshot in the same transaction as its ledger entry.

use std::sync::{Mutex, PoisonError};

use tiers_contact::{FileKind, Kind};
use tiers_protocol::encoding::sha256;
use tiers_protocol::ids::DepositId;
use tiers_protocol::receipt::{Receipt, ReceiptFormat};
use tiers_protocol::tlog::EntryType;
use tiers_protocol::wire::DepositState;

use super::faults::FaultPoint;
use super::ingest::{Body, Pace, Sink, read_body};
use super::leads_set::{Gather, Record, Run};
use super::{Certifier, Refusal, ServiceError, act, snapshot};
use crate::limits;
use crate::store::credential::Caller;
use crate::store::deposit::{Acceptance, Deposit};
use crate::vault::{self, DepositWriter, SegmentRow, Side, Sorted};

/// Where the rows of a deposit go: each run is sorted by the thread that read it.
struct Segments<'k> {
    writer: Mutex<DepositWriter<'k>>,
    leads: Mutex<Option<Gather>>,
}

impl Sink for Segments<'_> {
    fn rows(&self, kind: Kind, rows: Vec<SegmentRow>) -> Result<(), ServiceError> {
        let run = Sorted::new(rows)?;
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(writer.push(kind, run)?)
    }

    fn leads(&self, records: Vec<Record>) -> Result<(), ServiceError> {
        let run = Run::sorted(records);
        let mut leads = self.leads.lock().unwrap_or_else(PoisonError::into_inner);
        leads.as_mut().map_or(Ok(()), |leads| leads.push(run))
    }
}

impl Segments<'_> {
    /// Makes everything durable; `lines` bounds the ordinals.
    fn finish(self, lines: u32) -> Result<(), ServiceError> {
        if let Some(leads) = self.leads.into_inner().unwrap_or_else(PoisonError::into_inner) {
            leads.finish()?;
        }
        self.writer.into_inner().unwrap_or_else(PoisonError::into_inner).finish(lines)?;
        Ok(())
    }
}

impl Certifier {
    /// Accepts, or says why not; called with the upload held.
    pub(super) fn accept_deposit(
        &self,
        caller: &Caller,
        id: &DepositId,
    ) -> Result<(), ServiceError> {
        let deposit = self.own_deposit(caller, id)?;
        // Where the chain has grown meanwhile, what was written has passed a link too few.
        let accepted = || {
            while !self.try_accept(caller, &deposit)? {}
            Ok(())
        };
        let accepted: Result<(), ServiceError> = accepted();
        if let Err(error) = accepted {
            if !error.is_planned() {
                self.forget_uncommitted(id);
            }
            return Err(error);
        }
        self.faults.reach(FaultPoint::DepositCommitted)?;
        self.end_upload(id)?;
        self.publish()
    }

    /// Reads, writes and commits under the chain that is in force; whether it still was at the end.
    fn try_accept(&self, caller: &Caller, deposit: &Deposit) -> Result<bool, ServiceError> {
        let (found, canaries, links) = self.db.read("read programme", |tx| {
            let found = tx.programme(&deposit.programme)?.ok_or(Refusal::NotAMember)?;
            Ok::<_, ServiceError>((found, tx.canaries(&deposit.programme)?, tx.links()?))
        })?;
        let body = Body {
            spool: &self.spool_path(&deposit.id),
            manifest: &deposit.manifest.manifest,
            programme: &found.programme,
            keyring: &self.keyring,
            chain: self.keyring.chain(links).ok_or(ServiceError::OldKeyring)?,
            canaries: &canaries,
        };
        let accepted = self.write_segments(deposit, &body)?;
        self.faults.reach(FaultPoint::SegmentsWritten)?;
        self.commit_deposit(caller, deposit, accepted, links)
    }

    /// Writes what comes out of the body, and says how many rows that is.
    fn write_segments(&self, deposit: &Deposit, body: &Body<'_>) -> Result<u64, ServiceError> {
        let name = deposit.id.to_string();
        // What an earlier attempt left before its transaction is not the database's.
        match vault::remove(&self.layout.vault(), &name) {
            Ok(()) | Err(vault::VaultError::NotThere) => {}
            Err(other) => return Err(other.into()),
        }
        let (side, leads) = match deposit.kind {
            FileKind::Leads => {
                (Side::Leads, Some(Gather::begin(&self.layout.leads(), &deposit.id)?))
            }
            FileKind::Customers => (Side::Customers, None),
            _ => (Side::Sales, None),
        };
        let key = self.keyring.segment_key(&name);
        let (folder, memory) = (self.layout.vault(), limits::INGEST_MEMORY);
        let writer = DepositWriter::begin(&folder, &name, side, &key, memory, self.vault_faults)?;
        let segments = Segments { writer: Mutex::new(writer), leads: Mutex::new(leads) };
        let read = read_body(body, Pace::default(), &segments)?;
        if read.rows == 0 {
            return Err(Refusal::NoRows.into());
        }
        segments.finish(read.lines)?;
        Ok(read.rows)
    }

    /// Removes what was written of a deposit that was not committed after all. What cannot be removed
    /// now, on a disk in trouble, is removed before the next attempt or at the next start.
    fn forget_uncommitted(&self, id: &DepositId) {
        let state = self.db.read("read deposit", |tx| tx.deposit(id));
        if state.is_ok_and(|found| found.is_some_and(|d| d.state != DepositState::Accepted)) {
            let _ = vault::remove(&self.layout.vault(), &id.to_string());
            let _ = self.remove_leads(id);
        }
    }

    fn commit_deposit(
        &self,
        caller: &Caller,
        deposit: &Deposit,
        rows: u64,
        links: usize,
    ) -> Result<bool, ServiceError> {
        self.db.write("accept deposit", |tx| {
            if tx.links()? != links {
                return Ok(false);
            }
            let open = tx.deposit(&deposit.id)?.is_some_and(|d| d.state == DepositState::Open);
            if !open {
                return Err(ServiceError::from(Refusal::NotOpen));
            }
            let found = tx.programme(&deposit.programme)?.ok_or(Refusal::NotAMember)?;
            if found.closed_at.is_some() {
                return Err(Refusal::ProgrammeClosed.into());
            }
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
                retain_until: deposit.kept_until,
            };
            let recorded =
                act::by(caller.actor, EntryType::DepositReceived, &deposit.id.to_string())
                    .record(tx, self, &receipt)?;
            tx.accept_deposit(&Acceptance {
                receipt: &receipt,
                entry: recorded.index,
                salt: recorded.salt,
            })?;
            Ok(true)
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
