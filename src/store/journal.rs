//! How the files of the journal stood when they were last looked at, and which alterations were told. The
//! journal itself is not in the database.

use rusqlite::params;
use tiers_protocol::encoding::Bytes;

use super::column::{signed, unsigned};
use super::db::failed;
use super::{StoreError, Tx};
use crate::journal::{Alteration, FileState, Mark, Name};
use crate::time::Moment;

impl Tx<'_> {
    /// All marks, in the order of the files.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn journal_marks(&self) -> Result<Vec<Mark>, StoreError> {
        let statement = "SELECT name, lines, bytes, head, sealed FROM journal_file ORDER BY name";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("read journal"))?;
        let rows = statement.query_map([], |row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, i64>(1)?,
                row.get::<_, i64>(2)?,
                row.get::<_, [u8; 32]>(3)?,
                row.get::<_, bool>(4)?,
            ))
        });
        let rows = rows.map_err(failed("read journal"))?;
        rows.map(|row| {
            let (name, lines, bytes, head, sealed) = row.map_err(failed("read journal"))?;
            let column = "journal_file.name";
            let state = FileState {
                name: name.parse().map_err(|()| StoreError::Corrupt { column })?,
                lines: unsigned(lines, "journal_file.lines")?,
                bytes: unsigned(bytes, "journal_file.bytes")?,
                head: Bytes::new(head),
            };
            Ok(Mark { state, sealed })
        })
        .collect()
    }

    /// Writes how a file stands; a sealed one stays as it was.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn put_journal_mark(&self, state: &FileState) -> Result<(), StoreError> {
        let statement = "INSERT INTO journal_file (name, lines, bytes, head, sealed) \
                         VALUES (?1, ?2, ?3, ?4, 0) ON CONFLICT (name) DO UPDATE \
                         SET lines = ?2, bytes = ?3, head = ?4 WHERE NOT sealed";
        let values = params![
            state.name.to_string(),
            signed(state.lines, "journal_file.lines")?,
            signed(state.bytes, "journal_file.bytes")?,
            state.head.as_bytes(),
        ];
        self.0.execute(statement, values).map_err(failed("mark journal"))?;
        Ok(())
    }

    /// A file's end is in the ledger.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn seal_journal(&self, name: Name) -> Result<(), StoreError> {
        let statement = "UPDATE journal_file SET sealed = 1 WHERE name = ?1";
        self.0.execute(statement, [name.to_string()]).map_err(failed("seal journal"))?;
        Ok(())
    }

    /// Forgets a file that goes with its term.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn forget_journal(&self, name: Name) -> Result<(), StoreError> {
        for table in ["journal_file", "journal_alert"] {
            let statement = format!("DELETE FROM {table} WHERE name = ?1");
            self.0.execute(&statement, [name.to_string()]).map_err(failed("forget journal"))?;
        }
        Ok(())
    }

    /// Notes that an alteration is told; whether it is new.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn insert_journal_alert(&self, found: Alteration, at: Moment) -> Result<bool, StoreError> {
        let statement = "INSERT INTO journal_alert (name, kind, found_at) VALUES (?1, ?2, ?3) \
                         ON CONFLICT DO NOTHING";
        let values = params![found.name().to_string(), found.code(), at.seconds()];
        let rows = self.0.execute(statement, values).map_err(failed("alert of journal"))?;
        Ok(rows == 1)
    }

    /// How many alterations were told of files that are still kept.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn journal_alerts(&self) -> Result<u64, StoreError> {
        let statement = "SELECT count(*) FROM journal_alert";
        let count = self.0.query_row(statement, [], |row| row.get::<_, i64>(0));
        unsigned(count.map_err(failed("alerts of journal"))?, "journal_alert")
    }
}
