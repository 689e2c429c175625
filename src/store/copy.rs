//! Copies of the database while it serves, and whether it is sound. Not what is done with a copy.

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use super::db::{failed, known, version};
use super::{Db, StoreError};

/// Pages that are copied at a time: a few megabytes, between which writers get their turn.
const PAGES: i32 = 1_024;

/// A database that is written all the time is copied from the beginning after each write; so many times,
/// before the copy is made in one step.
const RESTARTS: u32 = 8;

/// How old a database is, and what this program would make of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version {
    /// What it has.
    pub found: u32,
    /// The newest that is known here.
    pub known: u32,
}

impl Db {
    /// Its version.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn version(&self) -> Result<Version, StoreError> {
        Ok(Version { found: self.raw(version)?, known: known() })
    }

    /// How many complaints SQLite has about pages, indexes and references, at most a hundred.
    ///
    /// # Errors
    /// [`StoreError`]; a page that cannot be read at all may end the check.
    pub fn complaints(&self) -> Result<usize, StoreError> {
        self.raw(|connection| {
            let mut found = 0;
            for check in ["PRAGMA integrity_check(100)", "PRAGMA foreign_key_check"] {
                let mut statement = connection.prepare(check).map_err(failed("check"))?;
                let mut rows = statement.query([]).map_err(failed("check"))?;
                while let Some(row) = rows.next().map_err(failed("check"))? {
                    let sound = row.get_ref(0).is_ok_and(|value| value.as_str() == Ok("ok"));
                    found += usize::from(!sound);
                }
            }
            Ok(found)
        })
    }

    /// Writes a consistent copy to `path`, which must be new, while others read and write here.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn copy_to(&self, path: &Path) -> Result<(), StoreError> {
        let mut target = Connection::open(path).map_err(failed("copy"))?;
        self.raw(|source| {
            let backup = Backup::new(source, &mut target).map_err(failed("copy"))?;
            let (mut before, mut restarts) = (i32::MAX, 0);
            loop {
                let pages = if restarts < RESTARTS { PAGES } else { -1 };
                match backup.step(pages).map_err(failed("copy"))? {
                    StepResult::Done => return Ok(()),
                    StepResult::More => {
                        let left = backup.progress().remaining;
                        restarts += u32::from(left > before);
                        before = left;
                    }
                    _ => std::thread::sleep(Duration::from_millis(20)),
                }
            }
        })?;
        // One file is the whole copy.
        target.pragma_update(None, "journal_mode", "DELETE").map_err(failed("copy"))?;
        target.close().map_err(|(_, error)| failed("copy")(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Tx;

    fn add(tx: &Tx<'_>, row: &[u8]) -> Result<(), StoreError> {
        let added = tx.0.execute("INSERT INTO outbox (entry) VALUES (?1)", [row]);
        added.map(drop).map_err(failed("add"))
    }

    fn count(tx: &Tx<'_>) -> Result<u64, StoreError> {
        tx.next_entry()
    }

    fn filled(path: &Path, rows: u32) -> Db {
        let db = Db::open(path).expect("opens");
        db.write("fill", |tx| {
            for _ in 0..rows {
                add(tx, &[7; 2_000])?;
            }
            Ok::<_, StoreError>(())
        })
        .expect("fills");
        db
    }

    #[test]
    fn a_copy_that_is_made_under_writes_is_one_moment_of_the_original() {
        let folder = tempfile::tempdir().expect("a folder");
        let db = filled(&folder.path().join("a"), 4_000);
        let copied = folder.path().join("b");
        let beside = Db::beside(&folder.path().join("a")).expect("opens");
        std::thread::scope(|scope| {
            let writing = scope.spawn(|| {
                for _ in 0..60 {
                    // Two rows at a time: a copy with an odd number would be between two moments.
                    let two = db.write("two", |tx| {
                        add(tx, b"x")?;
                        add(tx, b"y")
                    });
                    two.expect("writes");
                }
            });
            beside.copy_to(&copied).expect("copies");
            writing.join().expect("writes");
        });
        let copy = Db::beside(&copied).expect("opens");
        let entries = |db: &Db| db.read("count", count).expect("reads");
        assert!((4_000..=4_120).contains(&entries(&copy)) && entries(&copy) % 2 == 0);
        assert_eq!(copy.complaints().expect("checks"), 0);
        assert_eq!(entries(&db), 4_120);
    }

    #[test]
    fn a_corrupted_page_is_complained_of_or_cannot_be_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a");
        drop(filled(&path, 500));
        let mut bytes = std::fs::read(&path).expect("reads");
        let half = bytes.len() / 2;
        bytes[half..half + 4_096].fill(0x5a);
        std::fs::write(&path, bytes).expect("writes");
        let found = Db::beside(&path).and_then(|db| db.complaints());
        assert!(found.as_ref().map_or(true, |complaints| *complaints > 0), "{found:?}");
    }

    #[test]
    fn nothing_is_made_or_migrated_beside() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a");
        assert!(Db::beside(&path).is_err());
        assert!(!path.exists());
        let raw = Connection::open(&path).expect("opens");
        raw.execute_batch("CREATE TABLE t (a)").expect("makes");
        drop(raw);
        let version = Db::beside(&path).expect("opens").version().expect("reads");
        assert_eq!(version, Version { found: 0, known: known() });
    }
}
