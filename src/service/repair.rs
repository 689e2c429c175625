//! A database that was restored from a backup, repaired from the ledger alone.
//!
//! The ledger says which entries are missing and what each account had spent. It does not say what the
//! entries committed to, nor whom the lost releases counted; so the accounts of the year of a lost
//! release stay closed (`docs/decisions/0026-restored.md`). Deposits that came after the backup are
//! not here any more; their parties hold receipts and may send them again.

use std::collections::BTreeMap;
use std::path::Path;

use tiers_protocol::ids::AccountId;
use tiers_protocol::report::Period;
use tiers_protocol::tlog::{
    CHECKPOINT_PATH, Entry, EntryType, LedgerFault, SourceError, TileSource, visit_ledger,
};

use super::{Certifier, Dependencies, Refusal, ServiceError, act};
use crate::crypto::keyring::Keyring;
use crate::ledger::Outbox as _;
use crate::ledger::SequencerError;
use crate::store::Tx;
use crate::store::account::{AccountRow, month_of_leads};

/// The signed checkpoint of a copy of the ledger.
pub(super) fn head_of(source: &dyn TileSource) -> Result<Vec<u8>, ServiceError> {
    source.read(CHECKPOINT_PATH).map_err(|error| match error {
        SourceError::Unavailable => ServiceError::CopyUnread,
        SourceError::NotFound | SourceError::TooLong => ServiceError::Copy,
    })
}

/// What a repair did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repaired {
    /// Entries that the database had.
    pub from: u64,
    /// Entries that it has now, without that of the repair.
    pub to: u64,
    /// Accounts with debits that had been lost.
    pub accounts: Vec<AccountId>,
}

impl Certifier {
    /// Opens a data directory whose database is older than its ledger, gives it back what `source`, a
    /// copy of the ledger, knows, and then opens it as ever, so that it is refused if the witnesses
    /// have seen still more.
    ///
    /// # Errors
    /// [`ServiceError`]; [`ServiceError::Forked`] when the copy is of another history.
    pub fn repair(
        root: &Path,
        keyring: Keyring,
        source: &dyn TileSource,
        with: Dependencies,
    ) -> Result<(Self, Repaired), ServiceError> {
        let (certifier, journal) = Self::existing(root, keyring, with)?;
        let since = certifier.put_back_entries()?;
        let repaired = certifier.adopt(source, (since.entries, since.told))?;
        certifier.put_back_rows(&since, repaired.to)?;
        certifier.go_on(&journal)?;
        Ok((certifier, repaired))
    }

    /// Takes over what a copy of the ledger has more than the database, which had `from` entries by itself and has
    /// `told` with those that were kept beside it.
    pub(super) fn adopt(
        &self,
        source: &dyn TileSource,
        counts: (u64, u64),
    ) -> Result<Repaired, ServiceError> {
        let signed = head_of(source)?;
        let own = self.own_verifier();
        let signed = own.signed_by_log(&signed).ok_or(ServiceError::Copy)?;
        let mut entries: Vec<Entry> = Vec::new();
        let copy = OwnLine::new(source, &signed);
        let summary = visit_ledger(&copy, &own, &mut |_, entry| entries.push(entry.clone()))
            .map_err(|fault| self.copy_fault(fault))?;
        let size = summary.checkpoint.size();
        let head = self.db.head().map_err(SequencerError::from)?;
        let head = head.map(|head| own.verify_checkpoint(&head)).transpose();
        let head = head.map_err(|cause| ServiceError::from(SequencerError::Head(cause)))?;
        if head.as_ref().is_some_and(|head| head.size() >= size) {
            return Err(ServiceError::NothingToRepair);
        }
        self.db.write("repair", |tx| self.restore(tx, (&entries, &signed), counts))
    }

    fn copy_fault(&self, fault: LedgerFault) -> ServiceError {
        tracing::error!(code = fault.code(), "the copy of the ledger does not verify");
        ServiceError::Copy
    }

    fn restore(
        &self,
        tx: &Tx<'_>,
        (entries, signed): (&[Entry], &[u8]),
        (from, told): (u64, u64),
    ) -> Result<Repaired, ServiceError> {
        let held = tx.next_entry()?;
        let mut lost: BTreeMap<String, u64> = BTreeMap::new();
        for (index, entry) in (0..).zip(entries) {
            if index < held {
                let own = tx.entry(index)?.ok_or(ServiceError::Forked)?;
                // What was committed here and published there is the same, or there were two of us.
                if own != entry.encode() {
                    return Err(ServiceError::Forked);
                }
            } else {
                tx.restore_entry(index, &entry.encode())?;
            }
            if index < from {
                continue;
            }
            if let Some(debit) = entry.debited() {
                lost.insert(debit.account().as_str().to_owned(), debit.spent_nrho());
            }
        }
        let to = tx.next_entry()?;
        if to
            > u64::try_from(entries.len()).unwrap_or(u64::MAX).max(if told > from {
                told
            } else {
                0
            })
        {
            // Committed here and never published, beside what was published elsewhere meanwhile.
            return Err(ServiceError::Forked);
        }
        tx.restore_head(signed)?;
        let mut accounts = Vec::new();
        for (id, spent) in &lost {
            let id: AccountId = id.parse().map_err(|_| ServiceError::Copy)?;
            accounts.push((id, *spent));
        }
        self.find_accounts(tx, &accounts)?;
        let accounts: Vec<AccountId> = accounts.into_iter().map(|(id, _)| id).collect();
        let detail = serde_json::json!({ "accounts": accounts, "from": from, "to": to });
        let act = self.new_act().to_string();
        act::by_certifier(self, EntryType::BackupRestored, &act).record(tx, self, &detail)?;
        Ok(Repaired { from, to, accounts })
    }

    /// Gives the accounts their spending; one whose row is lost is found by its id, among the groups
    /// that are known and the months of a century. One of a group that is lost as well is remembered
    /// by its id.
    fn find_accounts(&self, tx: &Tx<'_>, lost: &[(AccountId, u64)]) -> Result<(), ServiceError> {
        let known: BTreeMap<AccountId, u64> = tx.spent()?.into_iter().collect();
        let missing: BTreeMap<AccountId, u64> =
            lost.iter().filter(|(id, _)| !known.contains_key(id)).copied().collect();
        if !missing.is_empty() {
            let groups = tx.principal_groups()?;
            let months = (2000..2100).flat_map(|year| (1..=12).map(move |month| (year, month)));
            for (year, month) in months {
                let month = format!("{year}-{month:02}");
                for (group, month) in of_month(&groups, &month) {
                    let id = self.keyring.account_id(group, &month);
                    if let Some(&spent_nrho) = missing.get(&id) {
                        let row = AccountRow { id, month, cap_nrho: spent_nrho, spent_nrho };
                        tx.put_account(group, &row)?;
                    }
                }
            }
        }
        lost.iter().try_for_each(|(id, spent)| tx.restore_account(id, *spent).map_err(Into::into))
    }

    /// At every start: no account has spent less than the ledger says. One that has is put right, and
    /// its year closed, for somebody wrote in the database.
    pub(super) fn reconcile_accounts(&self) -> Result<(), ServiceError> {
        self.db.write("reconcile accounts", |tx| {
            let mut debited: BTreeMap<AccountId, u64> = BTreeMap::new();
            for (_, bytes) in tx.entries_with(0, "\"type\":\"ledger.debit\"")? {
                let entry = Entry::decode(&bytes).map_err(|_| ServiceError::Copy)?;
                if let Some(debit) = entry.debited() {
                    let id = debit.account().as_str().parse().map_err(|_| ServiceError::Copy)?;
                    debited.insert(id, debit.spent_nrho());
                }
            }
            let spent: BTreeMap<AccountId, u64> = tx.spent()?.into_iter().collect();
            let mut accounts = Vec::new();
            for (id, ledger) in debited {
                let known = tx.restored_account(&id)?.unwrap_or(0);
                if spent.get(&id).copied().unwrap_or(0).max(known) < ledger {
                    tx.restore_account(&id, ledger)?;
                    accounts.push(id);
                }
            }
            if accounts.is_empty() {
                return Ok(());
            }
            let detail = serde_json::json!({ "accounts": accounts });
            let act = self.new_act().to_string();
            act::by_certifier(self, EntryType::BackupRestored, &act)
                .record(tx, self, &detail)
                .map(drop)
        })
    }

    /// Refuses a new release from a month in whose calendar year a release of the group was lost.
    pub(super) fn check_restored(
        &self,
        tx: &Tx<'_>,
        group: &str,
        period: &Period,
    ) -> Result<(), ServiceError> {
        let year = period.as_str().split('-').next().unwrap_or_default();
        for month in 1..=12 {
            let id = self.keyring.account_id(group, &format!("{year}-{month:02}"));
            if tx.restored_account(&id)?.is_some() {
                return Err(Refusal::AccountRestored.into());
            }
        }
        Ok(())
    }
}

/// The accounts that groups may have of a month: of sales, and of leads.
fn of_month<'a>(groups: &'a [String], month: &str) -> impl Iterator<Item = (&'a str, String)> {
    let months = [month.to_owned(), month_of_leads(month)];
    groups.iter().flat_map(move |group| months.clone().map(|month| (group.as_str(), month)))
}

/// A copy whose checkpoint is read without the lines of witnesses, who may be others by now.
pub(super) struct OwnLine<'a> {
    source: &'a dyn TileSource,
    checkpoint: &'a [u8],
}

impl<'a> OwnLine<'a> {
    /// `checkpoint` in place of what the source has.
    pub(super) const fn new(source: &'a dyn TileSource, checkpoint: &'a [u8]) -> Self {
        Self { source, checkpoint }
    }
}

impl TileSource for OwnLine<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, tiers_protocol::tlog::SourceError> {
        match path {
            CHECKPOINT_PATH => Ok(self.checkpoint.to_vec()),
            tiers_protocol::tlog::WITNESSED_PATH => {
                Err(tiers_protocol::tlog::SourceError::NotFound)
            }
            path => self.source.read(path),
        }
    }

    fn list(&self) -> Result<Option<Vec<String>>, tiers_protocol::tlog::SourceError> {
        Ok(None)
    }
}
