//! Reads what was released: lists, reports and certificates as bytes, and accounts.

use tiers_protocol::ids::{ProgrammeId, ReleaseId};
use tiers_protocol::wire::{AccountInfo, ReleaseInfo};

use super::request_report::info;
use super::{Certifier, Refusal, ServiceError};
use crate::store::credential::Caller;

impl Certifier {
    /// The releases of a programme, in the order they were made.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn releases(
        &self,
        caller: &Caller,
        programme: &ProgrammeId,
    ) -> Result<Vec<ReleaseInfo>, ServiceError> {
        self.db.read("list releases", |tx| {
            self.owned(tx, caller, programme)?;
            let releases = tx.releases(programme)?;
            Ok(releases.into_iter().map(|row| info(row, true)).collect())
        })
    }

    /// The bytes of `report.json`.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn report(&self, caller: &Caller, id: &ReleaseId) -> Result<Vec<u8>, ServiceError> {
        self.db.read("read report", |tx| {
            let (programme, report) = tx.report(id)?.ok_or(Refusal::NotFound)?;
            self.owned(tx, caller, &programme)?;
            Ok(report)
        })
    }

    /// The bytes of `certificate.json`: the same for ever.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn certificate_of(&self, caller: &Caller, id: &ReleaseId) -> Result<Vec<u8>, ServiceError> {
        let parts = self.db.read("read certificate", |tx| {
            let (programme, _) = tx.report(id)?.ok_or(Refusal::NotFound)?;
            self.owned(tx, caller, &programme)?;
            Ok::<_, ServiceError>(tx.certificate_parts(id)?)
        })?;
        let parts = parts.ok_or(Refusal::NotFound)?;
        if let Some(bytes) = parts.bytes {
            return Ok(bytes);
        }
        self.publish()?;
        let made = self.attest(parts.certificate, parts.entry, parts.salt)?.to_vec();
        self.db.write("keep certificate", |tx| {
            tx.put_certificate(id, &made)?;
            let kept = tx.certificate_parts(id)?.and_then(|parts| parts.bytes);
            kept.ok_or_else(|| Refusal::NotFound.into())
        })
    }

    /// The accounts of the caller's group that were ever debited, by month.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn accounts(
        &self,
        caller: &Caller,
        programme: &ProgrammeId,
    ) -> Result<Vec<AccountInfo>, ServiceError> {
        self.db.read("list accounts", |tx| {
            let found = self.owned(tx, caller, programme)?;
            let principal = tx.party(&found.principal)?.ok_or(Refusal::NotFound)?;
            let accounts = tx.accounts(&principal.group)?;
            let info = |row: crate::store::account::AccountRow| AccountInfo {
                account: row.id,
                month: row.of().1.to_owned(),
                side: row.of().0,
                cap_nrho: row.cap_nrho,
                spent_nrho: row.spent_nrho,
                left_nrho: row.cap_nrho.saturating_sub(row.spent_nrho),
            };
            Ok(accounts.into_iter().map(info).collect())
        })
    }
}
