//! What the ledger gives back to a database that was restored from a backup.

use rusqlite::{OptionalExtension as _, params};
use tiers_protocol::ids::AccountId;

use super::column::{parse, signed, unsigned};
use super::db::failed;
use super::{StoreError, Tx};

impl Tx<'_> {
    /// The witness policy that was in force last.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn witness_policy(&self) -> Result<Option<String>, StoreError> {
        self.0
            .query_row("SELECT witnesses FROM certifier WHERE id = 1", [], |row| row.get(0))
            .optional()
            .map(Option::flatten)
            .map_err(failed("read witness policy"))
    }

    /// Puts a witness policy in force.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn put_witness_policy(&self, text: &str) -> Result<(), StoreError> {
        self.0
            .execute("UPDATE certifier SET witnesses = ?1 WHERE id = 1", [text])
            .map(drop)
            .map_err(failed("put witness policy"))
    }

    /// Puts an entry of the published ledger back at the end of the outbox, without its detail, which
    /// is lost.
    ///
    /// # Errors
    /// [`StoreError`]; also when the outbox does not end before `index`.
    pub fn restore_entry(&self, index: u64, entry: &[u8]) -> Result<(), StoreError> {
        if self.next_entry()? != index {
            return Err(StoreError::Corrupt { column: "outbox.seq" });
        }
        self.0
            .execute("INSERT INTO outbox (entry) VALUES (?1)", [entry])
            .map_err(failed("restore entry"))?;
        let seq = unsigned(self.0.last_insert_rowid(), "outbox.seq")?;
        if seq == index + 1 { Ok(()) } else { Err(StoreError::Corrupt { column: "outbox.seq" }) }
    }

    /// Makes a checkpoint of the published ledger the head, whatever was there.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn restore_head(&self, signed: &[u8]) -> Result<(), StoreError> {
        let statement = "INSERT INTO ledger_head (id, checkpoint) VALUES (1, ?1) \
                         ON CONFLICT (id) DO UPDATE SET checkpoint = ?1";
        self.0.execute(statement, [signed]).map(drop).map_err(failed("restore head"))
    }

    /// Entries from `from` on that contain `text`, with their index.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn entries_with(&self, from: u64, text: &str) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
        let statement = "SELECT seq, entry FROM outbox WHERE seq > ?1 \
                         AND instr(entry, CAST(?2 AS BLOB)) > 0 ORDER BY seq";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("find entries"))?;
        let rows = statement
            .query_map(params![signed(from, "outbox.seq")?, text], |row| {
                Ok((row.get::<_, i64>(0)?, row.get(1)?))
            })
            .map_err(failed("find entries"))?;
        rows.map(|row| {
            let (seq, entry) = row.map_err(failed("find entries"))?;
            Ok((unsigned(seq, "outbox.seq")?.saturating_sub(1), entry))
        })
        .collect()
    }

    /// The groups of the principals.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn principal_groups(&self) -> Result<Vec<String>, StoreError> {
        let statement = "SELECT DISTINCT group_id FROM party WHERE role = 'principal'";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("read groups"))?;
        let rows = statement.query_map([], |row| row.get(0)).map_err(failed("read groups"))?;
        rows.map(|row| row.map_err(failed("read groups"))).collect()
    }

    /// What every account has spent, by id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn spent(&self) -> Result<Vec<(AccountId, u64)>, StoreError> {
        let mut statement = self
            .0
            .prepare_cached("SELECT id, spent_nrho FROM account")
            .map_err(failed("read spending"))?;
        let rows = statement
            .query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))
            .map_err(failed("read spending"))?;
        rows.map(|row| {
            let (id, spent) = row.map_err(failed("read spending"))?;
            Ok((parse(&id, "account.id")?, unsigned(spent, "account.spent_nrho")?))
        })
        .collect()
    }

    /// Gives an account the spending that the ledger knows, whether its row is there or not.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn restore_account(&self, id: &AccountId, spent_nrho: u64) -> Result<(), StoreError> {
        let values = params![id.to_string(), signed(spent_nrho, "account.spent_nrho")?];
        let known = "INSERT INTO restored_account (id, spent_nrho) VALUES (?1, ?2) \
                     ON CONFLICT (id) DO UPDATE SET spent_nrho = max(spent_nrho, ?2)";
        self.0.execute(known, values).map_err(failed("restore account"))?;
        let row = "UPDATE account SET cap_nrho = max(cap_nrho, ?2), \
                   spent_nrho = max(spent_nrho, ?2) WHERE id = ?1";
        self.0.execute(row, values).map(drop).map_err(failed("restore account"))
    }

    /// What the ledger says that an account has spent, if releases of it are lost.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn restored_account(&self, id: &AccountId) -> Result<Option<u64>, StoreError> {
        let statement = "SELECT spent_nrho FROM restored_account WHERE id = ?1";
        let found: Option<i64> = self
            .0
            .query_row(statement, [id.to_string()], |row| row.get(0))
            .optional()
            .map_err(failed("read restored account"))?;
        found.map(|spent| unsigned(spent, "restored_account.spent_nrho")).transpose()
    }
}
