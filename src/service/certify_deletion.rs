//! Certifies that what a party, or a whole programme, had deposited is erased: the end of a service
//! (GDPR art. 28(3)(g)). The erasure itself is ordered and executed like any other; nothing is certified
//! before no segment is left.

use std::collections::HashSet;

use serde::Deserialize;
use tiers_protocol::attested::Attested;
use tiers_protocol::deletion::{Deletion, DeletionFormat, ErasedDeposit, NewDeletion};
use tiers_protocol::ids::{ActId, ProgrammeId};
use tiers_protocol::receipt::Receipt;
use tiers_protocol::tlog::EntryType;

use super::authority::{self, Purpose};
use super::{Certifier, Refusal, ServiceError, act};
use crate::governance::retention::Object;
use crate::store::archive::{Archived, Asked};
use crate::store::credential::Caller;
use crate::store::{StoreError, Tx};
use crate::vault;

impl Certifier {
    /// The certificate, recorded in the ledger; canonical bytes. Each asking makes one, of its own day.
    ///
    /// # Errors
    /// [`Refusal::NotErased`] while anything is left, or where nothing ever was; [`Refusal::NotFound`] for
    /// what is not the caller's.
    pub fn certify_deletion(
        &self,
        caller: &Caller,
        new: &NewDeletion,
    ) -> Result<Vec<u8>, ServiceError> {
        self.erase_due()?;
        let _alone = self.rewriting();
        // What a failing disk left when the programme was closed.
        self.sweep_admitted()?;
        let lying: HashSet<String> =
            vault::list(&self.layout.vault())?.into_iter().map(|name| whose(&name)).collect();
        let (deletion, recorded) = self.db.write("certify deletion", |tx| {
            let deletion = self.deletion(tx, caller, new)?;
            if deletion.deposits.iter().any(|of| lying.contains(&of.deposit.to_string())) {
                return Err(ServiceError::from(Refusal::NotErased));
            }
            let id = deletion.certificate.to_string();
            let act = act::by(caller.actor, EntryType::DeletionCertified, &id);
            let recorded = act.record(tx, self, &deletion)?;
            Ok((deletion, recorded))
        })?;
        self.publish()?;
        let attested: Attested<Deletion> = self.attest(deletion, recorded.index, recorded.salt)?;
        Ok(attested.to_vec())
    }

    fn deletion(
        &self,
        tx: &Tx<'_>,
        caller: &Caller,
        new: &NewDeletion,
    ) -> Result<Deletion, ServiceError> {
        let found = tx.programme(&new.programme)?.ok_or(Refusal::NotFound)?;
        let (programme, principal, of) = (&new.programme, found.principal, new.party);
        let asked = authority::Object::Deletion { programme, principal, of };
        self.require(caller, Purpose::CertifyDeletion, &asked)?;
        // Whoever never took part is not told that there is such a programme.
        if let (Some(party), false) = (of.filter(|_| caller.party == of), of == Some(principal))
            && !tx.is_member(programme, &party)?
        {
            return Err(Refusal::NotFound.into());
        }
        let closed =
            new.party.is_some() || found.closed_at.is_some() && !tx.remembers(&new.programme)?;
        let waits = tx.erasures()?.iter().any(|order| order.programme == new.programme);
        let left = !tx.accepted_of(&new.programme, new.party.as_ref())?.is_empty();
        let deposits = self.erased(tx, new)?;
        if !closed || waits || left || deposits.is_empty() {
            return Err(Refusal::NotErased.into());
        }
        Ok(Deletion {
            format: DeletionFormat::V1,
            certificate: ActId::random(&mut self.random()),
            programme: new.programme,
            party: new.party,
            sandbox: !self.in_production(tx, &found)?,
            certified_at: self.now().to_string(),
            rows: deposits.iter().map(|of| of.rows).sum(),
            deposits,
            keyring: self.keyring.id().to_owned(),
        })
    }

    fn archived_of(&self, programme: &ProgrammeId) -> Result<Vec<Archived>, StoreError> {
        let programme = programme.to_string();
        self.archive.things(&Asked { programme: Some(&programme), ..Asked::default() })
    }

    /// The erased deposits, those whose receipts lie in the archive first.
    fn erased(&self, tx: &Tx<'_>, new: &NewDeletion) -> Result<Vec<ErasedDeposit>, ServiceError> {
        let active = tx.erased_receipts(&new.programme, new.party.as_ref())?;
        let mut receipts = Vec::new();
        // Read while nothing leaves the active base: what is not there is here, and may be in both.
        for thing in self.archived_of(&new.programme)? {
            if let Some(found) = archived_receipt(&thing)? {
                let asked = new.party.is_none_or(|party| found.0.party == party);
                if asked && !active.iter().any(|(of, _)| of.deposit == found.0.deposit) {
                    receipts.push(found);
                }
            }
        }
        receipts.sort_by_key(|(_, _, entry)| *entry);
        let archived = receipts.into_iter().map(|(receipt, key, _)| (receipt, key));
        let erased = archived.chain(active).map(|(receipt, disk_key)| ErasedDeposit {
            deposit: receipt.deposit,
            party: receipt.party,
            kind: receipt.kind,
            rows: receipt.rows,
            received_at: receipt.received_at,
            retain_until: receipt.retain_until,
            disk_key,
        });
        Ok(erased.collect())
    }
}

/// What the archive keeps of a receipt.
#[derive(Deserialize)]
struct ArchivedReceipt {
    document: Option<String>,
    disk_key: u32,
    entry: u64,
}

/// A receipt of the archive with the numbers of its key and its entry; nothing for other things.
fn archived_receipt(thing: &Archived) -> Result<Option<(Receipt, u32, u64)>, StoreError> {
    const COLUMN: StoreError = StoreError::Corrupt { column: "archived.document" };

    if thing.object != Object::Receipts.as_str() {
        return Ok(None);
    }
    let kept: ArchivedReceipt = serde_json::from_str(&thing.document).map_err(|_| COLUMN)?;
    let Some(document) = kept.document else { return Ok(None) };
    let receipt = serde_json::from_str(&document).map_err(|_| COLUMN)?;
    Ok(Some((receipt, kept.disk_key, kept.entry)))
}

/// The deposit whose generation lies in a folder of this name.
fn whose(name: &str) -> String {
    name.split('.').next().unwrap_or(name).to_owned()
}
