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
use super::leads_set::{Gather, Record};
use super::{Certifier, Refusal, ServiceError, act, snapshot};
use crate::store::credential::Caller;
use crate::store::deposit::{Acceptance, Deposit};
use crate::vault::{self, SegmentRow};

/// Where the rows of a deposit go.
struct Segments {
    rows: Mutex<Vec<(Kind, SegmentRow)>>,
    leads: Mutex<Option<Gather>>,
}

impl Sink for Segments {
    fn rows(&self, kind: Kind, rows: Vec<SegmentRow>) -> Result<(), ServiceError> {
        let mut all = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        all.extend(rows.into_iter().map(|row| (kind, row)));
        Ok(())
    }

    fn leads(&self, records: Vec<Record>) -> Result<(), ServiceError> {
        let mut leads = self.leads.lock().unwrap_or_else(PoisonError::into_inner);
        leads.as_mut().map_or(Ok(()), |leads| leads.push(&records))
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
        while !self.try_accept(caller, &deposit)? {}
        self.faults.reach(FaultPoint::DepositCommitted)?;
        self.discard_spool(id)?;
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

    fn write_segments(&self, deposit: &Deposit, body: &Body<'_>) -> Result<u64, ServiceError> {
        let name = deposit.id.to_string();
        // What an earlier attempt left before its transaction is not the database's.
        match vault::remove(&self.layout.vault(), &name) {
            Ok(()) | Err(vault::VaultError::NotThere) => {}
            Err(other) => return Err(other.into()),
        }
        let leads = match deposit.kind {
            FileKind::Leads => Some(Gather::begin(&self.layout.leads(), &deposit.id)?),
            _ => None,
        };
        let sink = Segments { rows: Mutex::default(), leads: Mutex::new(leads) };
        let read = read_body(body, Pace::default(), &sink)?;
        if read.rows == 0 {
            return Err(Refusal::NoRows.into());
        }
        let Segments { rows, leads } = sink;
        if let Some(leads) = leads.into_inner().unwrap_or_else(PoisonError::into_inner) {
            leads.finish()?;
        }
        let none = vault::VaultRow {
            tokens: [None; 7],
            near: Vec::new(),
            date: vault::Day::from_epoch_days(0),
            value: vault::Value::Sale { amount_cents: 0 },
        };
        let mut all = vec![none; read.lines as usize];
        for (kind, row) in rows.into_inner().unwrap_or_else(PoisonError::into_inner) {
            let out = &mut all[row.row as usize];
            (out.date, out.value) = (row.date, row.value);
            match out.tokens.get_mut(kind.index()) {
                Some(single) => *single = Some(row.token),
                None => out.near.push((kind, row.token)),
            }
        }
        if deposit.kind == FileKind::Leads {
            for row in &mut all {
                if matches!(row.value, vault::Value::Sale { .. }) {
                    row.value = vault::Value::Lead { campaign: 0 };
                }
            }
        }
        let key = self.keyring.segment_key(&name);
        vault::write_deposit(&self.layout.vault(), &name, all, &key, self.vault_faults)?;
        Ok(read.rows)
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
