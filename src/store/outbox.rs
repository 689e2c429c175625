//! The outbox: ledger entries in the order of their commit, written in the transaction of the act
//! itself; and the head of the log, which is compared and swapped.

use rusqlite::{OptionalExtension as _, params};

use super::column::{signed, unsigned};
use super::db::failed;
use super::{Db, StoreError, Tx};
use crate::ledger::{Outbox, OutboxError};

/// An entry with what it commits to, as an officer reads it.
pub struct StoredAct {
    /// Index in the ledger.
    pub index: u64,
    /// The entry's bytes.
    pub entry: Vec<u8>,
    /// Who did it, unless erased; the entry holds a pseudonym only.
    pub actor: Option<String>,
    /// What it commits to, unless erased.
    pub detail: Option<Vec<u8>>,
    /// What opens both, unless erased.
    pub salt: Option<[u8; 32]>,
}

impl Tx<'_> {
    /// Index that the next entry of this transaction will have.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn next_entry(&self) -> Result<u64, StoreError> {
        // AUTOINCREMENT never reuses a number and a rolled-back transaction gives its numbers back,
        // so that the sequence has no gap.
        let statement = "SELECT coalesce(max(seq), 0) FROM outbox";
        let last: i64 =
            self.0.query_row(statement, [], |row| row.get(0)).map_err(failed("next entry"))?;
        unsigned(last, "outbox.seq")
    }

    /// Appends an entry with the salt and the detail it commits to; returns its index.
    /// AUTOINCREMENT never reuses a number, and a transaction that is rolled back gives its numbers
    /// back, so that the sequence has no gap.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn append_entry(
        &self,
        entry: &[u8],
        salt: &[u8; 32],
        actor: &str,
        detail: &[u8],
    ) -> Result<u64, StoreError> {
        self.0
            .execute("INSERT INTO outbox (entry) VALUES (?1)", [entry])
            .map_err(failed("append entry"))?;
        let seq = self.0.last_insert_rowid();
        let statement = "INSERT INTO detail (seq, salt, actor, detail) VALUES (?1, ?2, ?3, ?4)";
        self.0
            .execute(statement, params![seq, salt, actor, detail])
            .map_err(failed("append detail"))?;
        self.index_act(seq, entry, actor)?;
        Ok(unsigned(seq, "outbox.seq")?.saturating_sub(1))
    }

    /// The bytes of one entry.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn entry(&self, index: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let statement = "SELECT entry FROM outbox WHERE seq = ?1 + 1";
        let found = self.0.query_row(statement, [signed(index, "outbox.seq")?], |row| row.get(0));
        found.optional().map_err(failed("read entry"))
    }

    /// At most `limit` acts from index `from` on.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn acts(&self, from: u64, limit: u32) -> Result<Vec<StoredAct>, StoreError> {
        let statement = "SELECT outbox.seq, entry, actor, detail, salt FROM outbox \
                         LEFT JOIN detail USING (seq) WHERE seq > ?1 ORDER BY seq LIMIT ?2";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("read acts"))?;
        let rows = statement
            .query_map(params![signed(from, "outbox.seq")?, limit], |row| {
                let words = (row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?);
                Ok((row.get::<_, i64>(0)?, words))
            })
            .map_err(failed("read acts"))?;
        rows.map(|row| {
            let (seq, (entry, actor, detail, salt)) = row.map_err(failed("read acts"))?;
            let index = unsigned(seq, "outbox.seq")?.saturating_sub(1);
            Ok(StoredAct { index, entry, actor, detail, salt })
        })
        .collect()
    }
}

impl Outbox for Db {
    fn head(&self) -> Result<Option<Vec<u8>>, OutboxError> {
        self.read("ledger head", |tx| {
            let statement = "SELECT checkpoint FROM ledger_head WHERE id = 1";
            tx.0.query_row(statement, [], |row| row.get(0))
                .optional()
                .map_err(failed("ledger head"))
        })
        .map_err(|error| outbox_error(&error))
    }

    fn entries(&self, from: u64, max: usize) -> Result<Vec<Vec<u8>>, OutboxError> {
        self.read("ledger entries", |tx| {
            let statement = "SELECT seq, entry FROM outbox WHERE seq > ?1 ORDER BY seq LIMIT ?2";
            let mut statement = tx.0.prepare_cached(statement).map_err(failed("ledger entries"))?;
            let limit = i64::try_from(max).unwrap_or(i64::MAX);
            let first = signed(from, "outbox.seq")?;
            let rows = statement
                .query_map(params![first, limit], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)))
                .map_err(failed("ledger entries"))?;
            let mut entries: Vec<Vec<u8>> = Vec::new();
            for (expected, row) in (first + 1..).zip(rows) {
                let (seq, entry) = row.map_err(failed("ledger entries"))?;
                // A gap would shift every later entry: somebody removed a row by hand.
                if seq != expected {
                    return Err(StoreError::Corrupt { column: "outbox.seq" });
                }
                entries.push(entry);
            }
            Ok(entries)
        })
        .map_err(|error| outbox_error(&error))
    }

    fn swap_head(&self, expected: Option<&[u8]>, new: &[u8]) -> Result<bool, OutboxError> {
        self.write("swap ledger head", |tx| {
            let changed = match expected {
                Some(expected) => tx.0.execute(
                    "UPDATE ledger_head SET checkpoint = ?2 WHERE id = 1 AND checkpoint = ?1",
                    params![expected, new],
                ),
                None => tx.0.execute(
                    "INSERT INTO ledger_head (id, checkpoint) VALUES (1, ?1) ON CONFLICT DO NOTHING",
                    params![new],
                ),
            };
            changed.map(|rows| rows == 1).map_err(failed("swap ledger head"))
        })
        .map_err(|error: StoreError| outbox_error(&error))
    }
}

fn outbox_error(error: &StoreError) -> OutboxError {
    if let Some(trouble) = error.trouble() {
        return OutboxError::Disk(trouble);
    }
    match error {
        StoreError::Sqlite { source, .. } => match source.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => {
                OutboxError::Busy
            }
            _ => OutboxError::Failed,
        },
        _ => OutboxError::Failed,
    }
}
