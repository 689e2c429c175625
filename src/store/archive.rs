//! The intermediate archive: a database of its own in a folder of its own, so that what is in it has left the
//! active base. Nothing but the archive's own use cases opens it.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use jiff::civil::Date;
use rusqlite::{Connection, OpenFlags, params};

use super::StoreError;
use super::column::parse;
use super::db::{connect, failed, without_triggers};
use super::said::{self, ARCHIVE_TABLES, Cell, Keeper, Rows, Watched};

const SCHEMA: &str = include_str!("migrations/archive.sql");

/// The archive of one data directory.
pub struct Archive {
    connection: Mutex<Connection>,
    watched: OnceLock<Watched>,
}

/// Something in the archive.
#[derive(Debug, Clone)]
pub struct Archived {
    /// What it is, in the word of the retention policy.
    pub object: String,
    /// Its id.
    pub id: String,
    /// Its programme.
    pub programme: Option<String>,
    /// All that is kept of it, as JSON.
    pub document: String,
    /// When it left the active base.
    pub archived_on: Date,
    /// Its last day.
    pub kept_until: Date,
    /// Whom it is about, under the keys of the rights vault, on which form.
    pub persons: Vec<([u8; 16], String)>,
}

/// What is asked of the archive.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked<'a> {
    /// Of this programme only.
    pub programme: Option<&'a str>,
    /// Of this id only.
    pub id: Option<&'a str>,
    /// What was kept until before this day only.
    pub before: Option<Date>,
    /// Without the documents, which are empty then.
    pub headings: bool,
}

impl Archive {
    /// Opens, and makes it where there is none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let connection =
            connect(path, OpenFlags::SQLITE_OPEN_CREATE).map_err(failed("open archive"))?;
        connection.execute_batch(SCHEMA).map_err(failed("open archive"))?;
        Ok(Self { connection: Mutex::new(connection), watched: OnceLock::new() })
    }

    /// Takes things in, all or none; what is in already stays as it is. On the disk when this returns.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn put(&self, things: &[Archived]) -> Result<(), StoreError> {
        self.change(|tx| Self::insert(tx, things))
    }

    /// From here on `keeper` is told what changes before it is committed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn keep_with(&self, keeper: Arc<dyn Keeper>) -> Result<(), StoreError> {
        let watched = Watched::begin(&self.lock(), &ARCHIVE_TABLES, keeper)?;
        // Whoever called first is told.
        let _ = self.watched.set(watched);
        Ok(())
    }

    /// Puts back what was kept: rows that are meant are taken out, then others put in; how many went.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn put_back(
        &self,
        meant: &dyn Fn(&str, &[Cell]) -> bool,
        rows: &[Rows],
    ) -> Result<u64, StoreError> {
        without_triggers(&mut self.lock(), "put back", |connection| {
            let tx = connection.transaction().map_err(failed("put back"))?;
            tx.pragma_update(None, "defer_foreign_keys", true).map_err(failed("put back"))?;
            let mut gone = 0;
            for table in ARCHIVE_TABLES {
                gone += said::take_out(&tx, table, &|key| meant(table, key))?;
            }
            rows.iter().try_for_each(|rows| said::put(&tx, rows))?;
            tx.commit().map_err(failed("put back"))?;
            Ok(gone)
        })
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One transaction, of which the keeper is told.
    fn change(
        &self,
        work: impl FnOnce(&Connection) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut connection = self.lock();
        let tx = connection.transaction().map_err(failed("archive"))?;
        work(&tx)?;
        if let Some(watched) = self.watched.get() {
            watched.hand_over(&tx, Vec::new(), || Ok(None))?;
        }
        tx.commit().map_err(failed("archive"))
    }

    fn insert(tx: &Connection, things: &[Archived]) -> Result<(), StoreError> {
        for thing in things {
            let statement = "INSERT INTO archived VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
                             ON CONFLICT DO NOTHING";
            let values = params![
                thing.object,
                thing.id,
                thing.programme,
                thing.document,
                thing.archived_on.to_string(),
                thing.kept_until.to_string(),
            ];
            tx.execute(statement, values).map_err(failed("archive"))?;
            let statement = "INSERT INTO archived_person (person, form, object, id) \
                             VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
            let mut statement = tx.prepare_cached(statement).map_err(failed("archive"))?;
            for (person, form) in &thing.persons {
                let values = params![person, form, thing.object, thing.id];
                statement.execute(values).map_err(failed("archive"))?;
            }
        }
        Ok(())
    }

    /// What is in it, the first to go first; whom a thing is about is not said.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn things(&self, asked: &Asked<'_>) -> Result<Vec<Archived>, StoreError> {
        let connection = self.lock();
        let statement = "SELECT object, id, programme, iif(?4, '', document), archived_on, \
                         kept_until FROM archived WHERE (?1 IS NULL OR programme = ?1) \
                         AND (?2 IS NULL OR id = ?2) AND (?3 IS NULL OR kept_until < ?3) \
                         ORDER BY kept_until, object, id";
        let mut statement = connection.prepare_cached(statement).map_err(failed("read archive"))?;
        let before = asked.before.map(|day| day.to_string());
        let values = params![asked.programme, asked.id, before, asked.headings];
        let rows = statement
            .query_map(values, |row| {
                let days: (String, String) = (row.get(4)?, row.get(5)?);
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, days))
            })
            .map_err(failed("read archive"))?;
        rows.map(|row| {
            let (object, id, programme, document, days) = row.map_err(failed("read archive"))?;
            Ok(Archived {
                object,
                id,
                programme,
                document,
                archived_on: parse(&days.0, "archived.archived_on")?,
                kept_until: parse(&days.1, "archived.kept_until")?,
                persons: Vec::new(),
            })
        })
        .collect()
    }

    /// Forgets that things are about a person on a form.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn forget_person(&self, person: &[u8; 16], form: &str) -> Result<(), StoreError> {
        let statement = "DELETE FROM archived_person WHERE person = ?1 AND form = ?2";
        self.change(|tx| {
            let gone = tx.execute(statement, params![person, form]);
            gone.map(drop).map_err(failed("forget archived"))
        })
    }

    /// Deletes what was kept until before this day.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn forget_before(&self, day: Date) -> Result<(), StoreError> {
        let statement = "DELETE FROM archived WHERE kept_until < ?1";
        self.change(|tx| {
            let gone = tx.execute(statement, [day.to_string()]);
            gone.map(drop).map_err(failed("forget archived"))
        })
    }
}
