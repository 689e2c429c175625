//! Public pages of forms, and what was sent from them: sealed, until its party has it. What may be sent when is
//! the matter of `service::consent`; what a submission holds, of whoever opens it.

use rusqlite::{OptionalExtension as _, Row, params};
use tiers_protocol::consent::Collection;
use tiers_protocol::encoding::Bytes;
use tiers_protocol::ids::{CollectionId, PartyId, SubmissionId};

use super::column::{json, parse, signed, unsigned};
use super::consent::moment;
use super::db::failed;
use super::{StoreError, Tx};
use crate::time::Moment;

/// A page.
#[derive(Debug, Clone)]
pub struct StoredCollection {
    /// Its number.
    pub number: u64,
    /// Its id.
    pub id: CollectionId,
    /// Whose it is.
    pub party: PartyId,
    /// All that it says.
    pub document: Collection,
    /// How many submissions may wait.
    pub quota: u32,
    /// When it was opened.
    pub opened_at: Moment,
    /// Index of the ledger entry of its opening.
    pub entry: u64,
    /// When it was closed.
    pub closed_at: Option<Moment>,
    /// The page that took its place.
    pub successor: Option<CollectionId>,
}

/// A submission that waits.
#[derive(Debug, Clone)]
pub struct StoredSubmission {
    /// Its id.
    pub id: SubmissionId,
    /// When it arrived.
    pub received_at: Moment,
    /// What was sealed.
    pub sealed: Vec<u8>,
}

/// How much came to a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrivals {
    /// Ever.
    pub ever: u64,
    /// Since the instant asked about.
    pub lately: u64,
    /// Not fetched yet.
    pub waiting: u64,
}

const COLUMNS: &str =
    "number, id, party_id, document, quota, opened_at, entry, closed_at, successor";

type Raw = (i64, [String; 2], Vec<u8>, [i64; 3], Option<i64>, Option<String>);

fn read(row: &Row<'_>) -> rusqlite::Result<Raw> {
    let ids = [row.get(1)?, row.get(2)?];
    let numbers = [row.get(4)?, row.get(5)?, row.get(6)?];
    Ok((row.get(0)?, ids, row.get(3)?, numbers, row.get(7)?, row.get(8)?))
}

fn collection(raw: Raw) -> Result<StoredCollection, StoreError> {
    let (number, [id, party], document, [quota, opened, entry], closed, successor) = raw;
    let quota =
        u32::try_from(quota).map_err(|_| StoreError::Corrupt { column: "collection.quota" });
    Ok(StoredCollection {
        number: unsigned(number, "collection.number")?,
        id: parse(&id, "collection.id")?,
        party: parse(&party, "collection.party_id")?,
        document: json(&document, "collection.document")?,
        quota: quota?,
        opened_at: moment(opened, "collection.opened_at")?,
        entry: unsigned(entry, "collection.entry")?,
        closed_at: closed.map(|at| moment(at, "collection.closed_at")).transpose()?,
        successor: successor.map(|id| parse(&id, "collection.successor")).transpose()?,
    })
}

impl Tx<'_> {
    /// Adds a page.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn insert_collection(&self, page: &StoredCollection) -> Result<(), StoreError> {
        let statement = "INSERT INTO collection (id, party_id, document, quota, opened_at, entry) \
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let values = params![
            page.id.to_string(),
            page.party.to_string(),
            tiers_protocol::canonical::to_vec(&page.document),
            page.quota,
            page.opened_at.seconds(),
            signed(page.entry, "collection.entry")?,
        ];
        self.0.execute(statement, values).map_err(failed("insert collection"))?;
        Ok(())
    }

    /// Closes a page, once.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn close_collection(
        &self,
        number: u64,
        (at, entry): (Moment, u64),
        successor: Option<&CollectionId>,
    ) -> Result<(), StoreError> {
        let statement = "UPDATE collection SET closed_at = ?2, closed_entry = ?3, successor = ?4 \
                         WHERE number = ?1 AND closed_at IS NULL";
        let values = params![
            signed(number, "collection.number")?,
            at.seconds(),
            signed(entry, "collection.closed_entry")?,
            successor.map(ToString::to_string),
        ];
        self.0.execute(statement, values).map_err(failed("close collection"))?;
        Ok(())
    }

    /// A page by its id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn collection(&self, id: &CollectionId) -> Result<Option<StoredCollection>, StoreError> {
        let statement = format!("SELECT {COLUMNS} FROM collection WHERE id = ?1");
        let found = self.0.query_row(&statement, [id.to_string()], read).optional();
        found.map_err(failed("read collection"))?.map(collection).transpose()
    }

    /// The pages of a party, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn collections(&self, party: &PartyId) -> Result<Vec<StoredCollection>, StoreError> {
        let statement =
            format!("SELECT {COLUMNS} FROM collection WHERE party_id = ?1 ORDER BY number");
        let mut statement = self.0.prepare(&statement).map_err(failed("read collections"))?;
        let rows = statement.query_map([party.to_string()], read);
        let rows = rows.map_err(failed("read collections"))?;
        rows.map(|row| collection(row.map_err(failed("read collections"))?)).collect()
    }

    /// What came to a page; `lately`: since that instant.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn arrivals(&self, page: u64, lately: Moment) -> Result<Arrivals, StoreError> {
        let page = signed(page, "collection.number")?;
        let count = |rest: &str, since: i64| {
            let statement =
                format!("SELECT count(*) FROM submission WHERE collection = ?1 AND {rest}");
            let mut statement = self.0.prepare_cached(&statement).map_err(failed("arrivals"))?;
            let found = statement.query_row(params![page, since], |row| row.get(0));
            unsigned(found.map_err(failed("arrivals"))?, "submission.number")
        };
        Ok(Arrivals {
            ever: count("received_at >= ?2", i64::MIN)?,
            lately: count("received_at > ?2", lately.seconds())?,
            waiting: count("sealed IS NOT NULL AND number > ?2", 0)?,
        })
    }

    /// When and with which bytes an id came to a page before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn arrived(
        &self,
        page: u64,
        id: &SubmissionId,
    ) -> Result<Option<(Bytes<32>, Moment)>, StoreError> {
        let statement =
            "SELECT digest, received_at FROM submission WHERE collection = ?1 AND id = ?2";
        let values = params![signed(page, "collection.number")?, id.to_string()];
        let read = |row: &Row<'_>| Ok((row.get::<_, [u8; 32]>(0)?, row.get::<_, i64>(1)?));
        let found = self.0.query_row(statement, values, read).optional();
        let found = found.map_err(failed("read submission"))?;
        let read = |(digest, at)| Ok((Bytes::new(digest), moment(at, "submission.received_at")?));
        found.map(read).transpose()
    }

    /// Keeps a submission.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn insert_submission(
        &self,
        page: u64,
        (submission, digest): (&StoredSubmission, &Bytes<32>),
    ) -> Result<(), StoreError> {
        let statement = "INSERT INTO submission (collection, id, digest, sealed, received_at) \
                         VALUES (?1, ?2, ?3, ?4, ?5)";
        let values = params![
            signed(page, "collection.number")?,
            submission.id.to_string(),
            digest.as_bytes(),
            submission.sealed,
            submission.received_at.seconds(),
        ];
        self.0.execute(statement, values).map_err(failed("insert submission"))?;
        Ok(())
    }

    /// What waits at a page, the oldest first, behind an id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn waiting(
        &self,
        page: u64,
        behind: Option<&SubmissionId>,
        most: usize,
    ) -> Result<Vec<StoredSubmission>, StoreError> {
        let statement = "SELECT id, received_at, sealed FROM submission \
                         WHERE collection = ?1 AND sealed IS NOT NULL AND number > coalesce( \
                         (SELECT number FROM submission WHERE collection = ?1 AND id = ?2), 0) \
                         ORDER BY number LIMIT ?3";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("read waiting"))?;
        let values = params![
            signed(page, "collection.number")?,
            behind.map(ToString::to_string),
            signed(most as u64, "submission.number")?,
        ];
        let read = |row: &Row<'_>| {
            Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get::<_, Vec<u8>>(2)?))
        };
        let rows = statement.query_map(values, read).map_err(failed("read waiting"))?;
        rows.map(|row| {
            let (id, at, sealed) = row.map_err(failed("read waiting"))?;
            Ok(StoredSubmission {
                id: parse(&id, "submission.id")?,
                received_at: moment(at, "submission.received_at")?,
                sealed,
            })
        })
        .collect()
    }

    /// Forgets what was sealed under these ids; that they came is kept.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn forget_sealed(&self, page: u64, ids: &[SubmissionId]) -> Result<(), StoreError> {
        let statement = "UPDATE submission SET sealed = NULL WHERE collection = ?1 AND id = ?2";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("forget sealed"))?;
        for id in ids {
            let values = params![signed(page, "collection.number")?, id.to_string()];
            statement.execute(values).map_err(failed("forget sealed"))?;
        }
        Ok(())
    }

    /// Pages at which something waits since before an instant, with whose they are.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn overdue_submissions(&self, before: Moment) -> Result<Vec<StoredCollection>, StoreError> {
        let statement = format!(
            "SELECT {COLUMNS} FROM collection WHERE number IN (SELECT collection FROM submission \
             WHERE sealed IS NOT NULL AND received_at < ?1) ORDER BY number"
        );
        let mut statement = self.0.prepare(&statement).map_err(failed("overdue submissions"))?;
        let rows = statement.query_map([before.seconds()], read);
        let rows = rows.map_err(failed("overdue submissions"))?;
        rows.map(|row| collection(row.map_err(failed("overdue submissions"))?)).collect()
    }

    /// The arrival of the oldest submission that waits at each page.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn oldest_waiting(&self) -> Result<Vec<(String, Moment)>, StoreError> {
        let statement = "SELECT collection.id, min(received_at) FROM submission \
                         JOIN collection ON collection.number = submission.collection \
                         WHERE sealed IS NOT NULL GROUP BY collection.number";
        let mut statement = self.0.prepare(statement).map_err(failed("oldest waiting"))?;
        let read = |row: &Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?));
        let rows = statement.query_map([], read).map_err(failed("oldest waiting"))?;
        rows.map(|row| {
            let (id, at) = row.map_err(failed("oldest waiting"))?;
            Ok((id, moment(at, "submission.received_at")?))
        })
        .collect()
    }

    /// Forgets what waited since before an instant, and every id of pages that were closed before it; whether
    /// there was anything.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn expire_submissions(&self, before: Moment) -> Result<bool, StoreError> {
        let sealed = "UPDATE submission SET sealed = NULL \
                      WHERE sealed IS NOT NULL AND received_at < ?1";
        let gone = "DELETE FROM submission WHERE received_at < ?1 AND collection IN \
                    (SELECT number FROM collection WHERE closed_at < ?1)";
        let mut changed = 0;
        for statement in [sealed, gone] {
            let done = self.0.execute(statement, [before.seconds()]);
            changed += done.map_err(failed("expire submissions"))?;
        }
        Ok(changed > 0)
    }

    /// Whether [`Self::expire_submissions`] would find anything.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn has_expired_submissions(&self, before: Moment) -> Result<bool, StoreError> {
        let statement = "SELECT EXISTS (SELECT 1 FROM submission JOIN collection ON \
                         collection.number = submission.collection WHERE received_at < ?1 AND \
                         (sealed IS NOT NULL OR closed_at < ?1))";
        let found = self.0.query_row(statement, [before.seconds()], |row| row.get(0));
        found.map_err(failed("expired submissions"))
    }
}
