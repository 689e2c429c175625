//! Puts what was kept beside a lost database back into an older copy of it: first the entries, so that they can be
//! compared with the ledger, then the rows.

use std::collections::{BTreeMap, HashMap};

use tiers_protocol::tlog::EntryType;

use super::said::{Frame, name_of};
use crate::service::{Certifier, ServiceError};
use crate::store::Tx;
use crate::store::said::{Cell, Change, Rows};

/// Entries that only come with what is kept: where one has nothing beside it, something is missing.
const OF_PERSONS: [EntryType; 7] = [
    EntryType::FormPublished,
    EntryType::CollectionOpened,
    EntryType::CollectionClosed,
    EntryType::ConsentRecorded,
    EntryType::OppositionRecorded,
    EntryType::PersonsRecorded,
    EntryType::SupplierChanged,
];

/// What was kept of the time after a database.
pub(in crate::service) struct Since {
    /// Entries that the database had by itself.
    pub(in crate::service) entries: u64,
    /// Entries with those that were kept.
    pub(in crate::service) told: u64,
    /// Transactions that are left out between others.
    gaps: usize,
    frames: Vec<Frame>,
}

impl Since {
    /// How many transactions are put back.
    pub(in crate::service) fn transactions(&self) -> u64 {
        self.frames.iter().filter(|frame| !frame.archive).count() as u64
    }

    /// How many acts are missing, among the entries up to `to`.
    pub(in crate::service) fn missing(&self, tx: &Tx<'_>, to: u64) -> Result<usize, ServiceError> {
        let mut missing = self.gaps;
        for index in self.told..to {
            let bytes = tx.entry(index)?.ok_or(ServiceError::Copy)?;
            let entry = tiers_protocol::tlog::Entry::decode(&bytes);
            let kind = entry.map_err(|_| ServiceError::Copy)?.entry_type();
            missing += usize::from(OF_PERSONS.contains(&kind));
        }
        Ok(missing)
    }
}

/// Where each row went last, by table and name.
type Gone = BTreeMap<String, HashMap<[u8; 16], usize>>;

impl Certifier {
    /// At the start: a transaction that was kept and not committed did not happen.
    pub(in crate::service) fn undo_said(&self) -> Result<(), ServiceError> {
        let last = self.db.read("last said", |tx| tx.last_said().map_err(ServiceError::from))?;
        // Of more than one the database is an old copy, and nothing of them goes.
        if self.said.newest()?.is_none_or(|newest| newest <= last + 1) {
            self.said.undo_after(last)?;
        }
        Ok(())
    }

    /// At the start: the database is not older than what is kept beside it. From here on that is written.
    pub(in crate::service) fn confirm_said(&self) -> Result<(), ServiceError> {
        self.said.release()?;
        let last = self.db.read("last said", |tx| tx.last_said().map_err(ServiceError::from))?;
        if self.said.newest()?.is_some_and(|newest| newest > last) {
            return Err(ServiceError::SaidNewer);
        }
        Ok(())
    }

    /// Lets what was erased leave what is kept beside the database.
    pub(in crate::service) fn sweep_said(&self) -> Result<(), ServiceError> {
        self.said
            .sweep(|| self.db.read("last said", |tx| tx.last_said().map_err(ServiceError::from)))
    }

    /// Puts back the entries that were kept; what else was kept waits for [`Self::put_back_rows`].
    pub(in crate::service) fn put_back_entries(&self) -> Result<Since, ServiceError> {
        // Until it is certain that nothing newer exists, what is written now is not kept.
        self.said.hold();
        let (entries, stood) = self.db.read("restored entries", |tx| {
            Ok::<_, ServiceError>((tx.next_entry()?, tx.last_said()?))
        })?;
        let frames = self.said.after(stood)?;
        let (mut last, mut gaps) = (stood, 0);
        for frame in frames.iter().filter(|frame| !frame.archive) {
            gaps += usize::try_from(frame.number.saturating_sub(last + 1)).unwrap_or(usize::MAX);
            last = last.max(frame.number);
        }
        let told = self.db.put_back("put back entries", |tx| {
            for rows in frames.iter().filter(|frame| !frame.archive).flat_map(|f| &f.changes) {
                if rows.table != "outbox" {
                    continue;
                }
                for row in &rows.rows {
                    let next = i64::try_from(tx.next_entry()? + 1).unwrap_or(i64::MAX);
                    if row.first() == Some(&Cell::Number(next)) {
                        tx.put_back(&Rows { rows: vec![row.clone()], ..head_of(rows) })?;
                    }
                }
            }
            tx.put_last_said(last)?;
            Ok::<_, ServiceError>(tx.next_entry()?)
        })?;
        self.said.stand_at(last);
        Ok(Since { entries, told, gaps, frames })
    }

    /// Puts back the rows: what persons said since, what was erased since. There are this many entries.
    pub(in crate::service) fn put_back_rows(
        &self,
        since: &Since,
        entries: u64,
    ) -> Result<(), ServiceError> {
        for archive in [false, true] {
            let changes: Vec<&Rows> = since
                .frames
                .iter()
                .filter(|frame| frame.archive == archive)
                .flat_map(|frame| &frame.changes)
                .filter(|rows| rows.table != "outbox")
                .collect();
            if changes.is_empty() {
                continue;
            }
            let (gone, rows) = self.folded(&changes);
            let meant = |table: &str, key: &[Cell]| {
                gone.get(table).is_some_and(|names| {
                    !names.is_empty() && names.contains_key(&self.said.row_name(table, key))
                })
            };
            if archive {
                self.archive.put_back(&meant, &rows)?;
                continue;
            }
            self.db.put_back("put back rows", |tx| {
                for table in gone.keys() {
                    tx.take_rows_out(table, &|key| meant(table, key))?;
                }
                let entries = i64::try_from(entries).unwrap_or(i64::MAX);
                for rows in &rows {
                    let mut rows = rows.clone();
                    if ["detail", "act_index"].contains(&rows.table.as_str()) {
                        // Where something is missing, entries may be unknown.
                        let known = |row: &Vec<Cell>| matches!(row.first(), Some(Cell::Number(seq)) if *seq <= entries);
                        rows.rows.retain(known);
                    }
                    tx.put_back(&rows)?;
                }
                Ok::<_, ServiceError>(())
            })?;
        }
        Ok(())
    }

    /// Which rows went, and the rows that came without those that went later.
    fn folded(&self, changes: &[&Rows]) -> (Gone, Vec<Rows>) {
        let mut gone = Gone::new();
        for (at, rows) in changes.iter().enumerate() {
            if rows.change == Change::Went {
                let names = gone.entry(rows.table.clone()).or_default();
                names
                    .extend(rows.rows.iter().filter_map(|row| name_of(row)).map(|name| (name, at)));
            }
        }
        let mut kept = Vec::new();
        for (at, rows) in changes.iter().enumerate().filter(|(_, rows)| rows.change != Change::Went)
        {
            let stays = |row: &&Vec<Cell>| {
                let Some(names) = gone.get(&rows.table) else { return true };
                let key = row.get(..rows.keys).unwrap_or_default();
                names.get(&self.said.row_name(&rows.table, key)).is_none_or(|went| *went < at)
            };
            let left = rows.rows.iter().filter(stays).cloned().collect();
            kept.push(Rows { rows: left, ..head_of(rows) });
        }
        (gone, kept)
    }
}

/// The same table and columns, without rows.
fn head_of(rows: &Rows) -> Rows {
    Rows {
        table: rows.table.clone(),
        change: rows.change,
        keys: rows.keys,
        columns: rows.columns.clone(),
        rows: Vec::new(),
    }
}
