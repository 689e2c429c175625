//! The database itself: one writer at a time, readers beside it, every transaction named.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::readers::Readers;
use super::said::{Keeper, Rows, TABLES, Watched};
use crate::durable::Trouble;

/// What can go wrong between the certifier and its database. Never carries a value of a row.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// SQLite refused; the transaction did not happen.
    #[error("the database refused transaction {transaction}")]
    Sqlite {
        /// Name of the transaction.
        transaction: &'static str,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The database was written by a newer version of this program.
    #[error("the database has version {found}, this program knows up to {known}")]
    Newer {
        /// Version found.
        found: u32,
        /// Newest version known.
        known: u32,
    },
    /// What a transaction changes about persons could not be kept beside the database; it did not happen.
    #[error("what a transaction changes could not be kept for backups")]
    Kept {
        /// What the system said.
        source: std::io::Error,
    },
    /// A row holds what this program never writes.
    #[error("the database holds a value that this program cannot read ({column})")]
    Corrupt {
        /// Where.
        column: &'static str,
    },
}

impl StoreError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Sqlite { .. } => "store.refused",
            Self::Newer { .. } => "store.newer",
            Self::Kept { .. } => "store.not_kept",
            Self::Corrupt { .. } => "store.corrupt",
        }
    }

    /// Whether the disk is why.
    #[must_use]
    pub fn trouble(&self) -> Option<Trouble> {
        use rusqlite::ErrorCode as Code;

        let source = match self {
            Self::Sqlite { source, .. } => source,
            Self::Kept { source } => return Trouble::of(source.kind()),
            _ => return None,
        };
        match source.sqlite_error_code()? {
            Code::DiskFull => Some(Trouble::NoRoom),
            Code::ReadOnly | Code::SystemIoFailure | Code::CannotOpen | Code::PermissionDenied => {
                Some(Trouble::Refused)
            }
            _ => None,
        }
    }
}

/// A transaction; the aggregates take one and nothing else, so that nothing is written outside.
pub struct Tx<'a>(pub(super) rusqlite::Transaction<'a>, RefCell<Vec<Rows>>);

impl<'a> Tx<'a> {
    fn of(transaction: rusqlite::Transaction<'a>) -> Self {
        Self(transaction, RefCell::default())
    }

    /// Tells of rows that no trigger sees.
    pub(super) fn tell(&self, rows: Rows) {
        self.1.borrow_mut().push(rows);
    }
}

const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_first.sql"),
    include_str!("migrations/0002_keys_and_erasure.sql"),
    include_str!("migrations/0003_declarations.sql"),
    include_str!("migrations/0004_restored.sql"),
    include_str!("migrations/0005_journal.sql"),
    include_str!("migrations/0006_governance.sql"),
    include_str!("migrations/0007_consent.sql"),
    include_str!("migrations/0008_exchange.sql"),
    include_str!("migrations/0009_portal.sql"),
    include_str!("migrations/0010_officer.sql"),
    include_str!("migrations/0011_compared.sql"),
    include_str!("migrations/0012_ledger.sql"),
    include_str!("migrations/0013_alerts.sql"),
    include_str!("migrations/0014_terms.sql"),
    include_str!("migrations/0015_ticks.sql"),
    include_str!("migrations/0016_review.sql"),
    include_str!("migrations/0017_passed_on.sql"),
    include_str!("migrations/0018_said.sql"),
    include_str!("migrations/0019_webhooks.sql"),
    include_str!("migrations/0020_collections.sql"),
    include_str!("migrations/0021_lifts.sql"),
    include_str!("migrations/0022_own_counts_and_admitted.sql"),
];

/// The database of one data directory.
pub struct Db {
    path: PathBuf,
    writer: Mutex<Connection>,
    readers: Readers<Connection>,
    watched: OnceLock<Watched>,
}

impl Db {
    /// Opens, and migrates forward.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let mut writer = connect(path, OpenFlags::SQLITE_OPEN_CREATE).map_err(refused("open"))?;
        migrate(&mut writer)?;
        writes_much(&writer).map_err(refused("open"))?;
        Ok(Self {
            path: path.to_owned(),
            writer: Mutex::new(writer),
            readers: Readers::default(),
            watched: OnceLock::new(),
        })
    }

    /// Opens what is there for looking and copying, beside a certifier that may run; nothing is made and
    /// nothing migrated.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn beside(path: &Path) -> Result<Self, StoreError> {
        let connection = connect(path, OpenFlags::empty()).map_err(refused("open"))?;
        let found = version(&connection)?;
        if found > known() {
            return Err(StoreError::Newer { found, known: known() });
        }
        Ok(Self {
            path: path.to_owned(),
            writer: Mutex::new(connection),
            readers: Readers::default(),
            watched: OnceLock::new(),
        })
    }

    /// The connection itself, for what is no transaction.
    pub(super) fn raw<T>(&self, work: impl FnOnce(&Connection) -> T) -> T {
        work(&lock(&self.writer))
    }

    /// Runs one write transaction. It is committed when `work` returns `Ok`, undone otherwise; when
    /// this function has returned, what was committed survives a power failure.
    ///
    /// # Errors
    /// What `work` returns, or [`StoreError`] converted.
    pub fn write<T, E: From<StoreError>>(
        &self,
        name: &'static str,
        work: impl FnOnce(&Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = lock(&self.writer);
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(refused(name))?;
        let tx = Tx::of(transaction);
        let value = work(&tx)?;
        if let Some(watched) = self.watched.get() {
            watched.hand_over(&tx.0, tx.1.take(), || {
                let number = tx.last_said()? + 1;
                tx.put_last_said(number).map(|()| Some(number))
            })?;
        }
        tx.0.commit().map_err(refused(name))?;
        Ok(value)
    }

    /// From here on `keeper` is told what each transaction changes about persons before it is committed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn keep_with(&self, keeper: Arc<dyn Keeper>) -> Result<(), StoreError> {
        let watched = Watched::begin(&lock(&self.writer), &TABLES, keeper)?;
        // Whoever called first is told.
        let _ = self.watched.set(watched);
        Ok(())
    }

    /// Runs one write transaction that puts back what was kept: no trigger acts on it, for what triggers did is
    /// among what is put back, and no keeper is told of it.
    ///
    /// # Errors
    /// What `work` returns, or [`StoreError`] converted.
    pub fn put_back<T, E: From<StoreError>>(
        &self,
        name: &'static str,
        work: impl FnOnce(&Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = lock(&self.writer);
        without_triggers(&mut connection, name, |connection| {
            let transaction = connection
                .transaction_with_behavior(TransactionBehavior::Immediate)
                .map_err(refused(name))?;
            // Rows come in the order in which they were written, which is not that of their references.
            transaction.pragma_update(None, "defer_foreign_keys", true).map_err(refused(name))?;
            let tx = Tx::of(transaction);
            let value = work(&tx)?;
            tx.0.commit().map_err(refused(name))?;
            Ok(value)
        })
    }

    /// Runs one read transaction over a consistent view.
    ///
    /// # Errors
    /// What `work` returns, or [`StoreError`] converted.
    pub fn read<T, E: From<StoreError>>(
        &self,
        name: &'static str,
        work: impl FnOnce(&Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = match self.readers.take() {
            Some(connection) => connection,
            None => connect(&self.path, OpenFlags::empty()).map_err(refused(name))?,
        };
        let value = {
            let tx = Tx::of(connection.transaction().map_err(refused(name))?);
            work(&tx)
        };
        self.readers.keep(connection);
        value
    }
}

impl Db {
    /// Closes the connections of readers that nobody has needed since the last call, but for a few.
    pub fn close_idle(&self) {
        self.readers.give_up_idle();
    }

    /// Empties the write-ahead log, so that what was deleted is in no file any more. Readers that are at
    /// work may keep it for a while; the next call goes on.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn empty_log(&self) -> Result<(), StoreError> {
        let statement = "PRAGMA wal_checkpoint(TRUNCATE)";
        let done = lock(&self.writer).query_row(statement, [], |_| Ok(()));
        done.map_err(refused("empty log"))
    }
}

/// Does something on a connection whose triggers are off meanwhile.
pub(super) fn without_triggers<T, E: From<StoreError>>(
    connection: &mut Connection,
    name: &'static str,
    work: impl FnOnce(&mut Connection) -> Result<T, E>,
) -> Result<T, E> {
    let triggers = DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER;
    connection.set_db_config(triggers, false).map_err(refused(name))?;
    let done = work(connection);
    connection.set_db_config(triggers, true).map_err(refused(name))?;
    done
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic inside a transaction has rolled it back when the guard was dropped.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Names the transaction that SQLite refused.
fn refused(transaction: &'static str) -> impl Fn(rusqlite::Error) -> StoreError {
    move |source| StoreError::Sqlite { transaction, source }
}

/// For the aggregates: the statement's name stands in for the transaction's.
pub(super) fn failed(statement: &'static str) -> impl Fn(rusqlite::Error) -> StoreError {
    refused(statement)
}

/// Statements that a connection keeps prepared: more than there are use cases at work.
const STATEMENTS: usize = 128;

pub(super) fn connect(path: &Path, extra: OpenFlags) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | extra;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::from_secs(30))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // FULL: a commit is on the disk before it is acknowledged.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    Ok(connection)
}

/// Memory for the pages of the writer, in KiB: what a large batch changes lies all over a table, and is read once and
/// written once as long as it fits.
const CACHE_KIB: i64 = 64 << 10;

/// Pages of the write-ahead log before they go to the database: a page that several batches change goes there once. A
/// start after a crash reads them, 64 MiB.
const LOG_PAGES: i64 = 16 << 10;

/// Settings of the one connection that writes.
fn writes_much(writer: &Connection) -> rusqlite::Result<()> {
    writer.pragma_update(None, "cache_size", -CACHE_KIB)?;
    // The statement answers with what it has set.
    writer.pragma_update_and_check(None, "wal_autocheckpoint", LOG_PAGES, |_| Ok(()))
}

/// The newest version that this program knows.
pub(super) fn known() -> u32 {
    u32::try_from(MIGRATIONS.len()).expect("few migrations")
}

/// The version of a database.
pub(super) fn version(connection: &Connection) -> Result<u32, StoreError> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(refused("version"))
}

fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let known = known();
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Exclusive)
        .map_err(refused("migrate"))?;
    let found = version(&transaction)?;
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    for migration in MIGRATIONS.iter().skip(usize::try_from(found).expect("a small number")) {
        transaction.execute_batch(migration).map_err(refused("migrate"))?;
    }
    transaction.pragma_update(None, "user_version", known).map_err(refused("migrate"))?;
    transaction.commit().map_err(refused("migrate"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_database_is_refused_and_an_older_one_migrated() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("tiers.sqlite");
        drop(Db::open(&path).expect("opens"));
        drop(Db::open(&path).expect("opens again"));
        let raw = Connection::open(&path).expect("opens");
        raw.pragma_update(None, "user_version", 99).expect("sets");
        drop(raw);
        assert!(matches!(
            Db::open(&path),
            Err(StoreError::Newer { found: 99, known }) if known as usize == MIGRATIONS.len()
        ));
    }

    #[test]
    fn deposits_of_the_first_schema_lie_under_the_first_master() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("tiers.sqlite");
        let raw = Connection::open(&path).expect("opens");
        raw.execute_batch(MIGRATIONS[0]).expect("the first schema");
        raw.execute_batch(
            "PRAGMA user_version = 1; \
             INSERT INTO certifier VALUES (1, 'o', 'k', 0); \
             INSERT INTO party VALUES ('p', 'principal', '', '', '', '', '', 0); \
             INSERT INTO programme VALUES ('g', 'p', x'', 0, 0); \
             INSERT INTO deposit (id, programme_id, party_id, kind, state, manifest, retain_until, \
             opened_at, entry) VALUES ('d', 'g', 'p', 'leads', 'accepted', x'00', '2025-01-01', 7, 3);",
        )
        .expect("inserts");
        drop(raw);
        let db = Db::open(&path).expect("migrates");
        let found = db.read("test", |tx| {
            let statement = "SELECT generation, disk_key, prepared IS NULL, opened_at, entry, \
                             (SELECT links FROM certifier) FROM deposit WHERE id = 'd'";
            let row = tx.0.query_row(statement, [], |row| {
                let numbers: [i64; 3] = [row.get(3)?, row.get(4)?, row.get(5)?];
                Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, bool>(2)?, numbers))
            });
            row.map_err(refused("test"))
        });
        assert_eq!(found.expect("reads"), (0, 1, true, [7, 3, 1]));
    }

    #[test]
    fn numbers_that_were_given_before_are_known_after() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("tiers.sqlite");
        let raw = Connection::open(&path).expect("opens");
        for migration in &MIGRATIONS[..13] {
            raw.execute_batch(migration).expect("an older schema");
        }
        raw.execute_batch(
            "PRAGMA user_version = 13; \
             INSERT INTO party VALUES ('p', 'principal', '', '', '', '', '', 0); \
             INSERT INTO exchange VALUES ('e', 'p', 'p', 'closed', x'', 0, NULL, 0); \
             INSERT INTO exchange VALUES ('f', 'p', 'p', 'closed', x'', 0, NULL, 0); \
             INSERT INTO invoice VALUES ('p', 'EXC', 1, 'EXC-1', 'e', x'', x'', x''); \
             INSERT INTO invoice VALUES ('p', 'EXC', 2, 'EXC-2', 'f', x'', x'', x''); \
             INSERT INTO consent_form VALUES (1, 'f', 'p', x'', 0, 0, zeroblob(32)); \
             INSERT INTO consent_batch (number, form, prefix, digest, events, evidence, recorded_at, \
             entry, salt) VALUES (7, 1, zeroblob(12), zeroblob(16), 1, x'', 0, 0, zeroblob(32));",
        )
        .expect("inserts");
        drop(raw);
        let db = Db::open(&path).expect("migrates");
        let found = db.read("test", |tx| {
            let batches = (tx.next_consent_batch()?, tx.next_opposition_batch()?);
            let last = tx.0.query_row("SELECT last, archived FROM invoice_series", [], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
            });
            Ok::<_, StoreError>((batches, last.map_err(refused("test"))?))
        });
        assert_eq!(found.expect("reads"), ((8, 1), (2, 0)));
        let raw = Connection::open(&path).expect("opens");
        assert!(raw.execute("DELETE FROM invoice", []).is_err(), "what was there stays there");
    }

    #[test]
    fn a_failed_transaction_leaves_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let db = Db::open(&folder.path().join("tiers.sqlite")).expect("opens");
        let insert = "INSERT INTO outbox (entry) VALUES (x'00')";
        let failed: Result<(), StoreError> = db.write("test", |tx| {
            tx.0.execute(insert, []).map_err(refused("test"))?;
            Err(StoreError::Corrupt { column: "test" })
        });
        assert!(failed.is_err());
        let count = db.read("test", |tx| {
            tx.0.query_row("SELECT count(*) FROM outbox", [], |row| row.get::<_, i64>(0))
                .map_err(refused("test"))
        });
        assert_eq!(count.expect("reads"), 0);
    }
}
