//! Partners' own counts: the answer, its debit and what it was made of in one row.

use rusqlite::{OptionalExtension as _, Row, params};
use tiers_protocol::ids::{AccountId, OwnCountId, PartyId, ProgrammeId};
use tiers_protocol::own_count::OwnCount;

use super::column::{json, signed, unsigned};
use super::db::failed;
use super::{StoreError, Tx};
use crate::time::Moment;

/// A new own count, whole.
pub struct NewOwnCount<'a> {
    /// Who asked, in which programme.
    pub of: (&'a ProgrammeId, &'a PartyId),
    /// The account it was paid from.
    pub account: AccountId,
    /// The figure with its noise; it never leaves the certifier but in the document, if at all.
    pub noisy: i64,
    /// The document.
    pub document: &'a OwnCount,
    /// Index of the ledger entry.
    pub entry: u64,
    /// Salt of its commitment.
    pub salt: [u8; 32],
    /// When it was told.
    pub at: Moment,
}

/// An own count as it was told.
#[derive(Debug, Clone)]
pub struct ToldOwnCount {
    /// The document.
    pub document: OwnCount,
    /// Index of the ledger entry.
    pub entry: u64,
    /// Salt of its commitment.
    pub salt: [u8; 32],
    /// The attested document, once made.
    pub attested: Option<Vec<u8>>,
}

const COLUMNS: &str = "document, entry, salt, attested";

type Raw = (Vec<u8>, i64, [u8; 32], Option<Vec<u8>>);

fn read(row: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
}

fn told((document, entry, salt, attested): Raw) -> Result<ToldOwnCount, StoreError> {
    Ok(ToldOwnCount {
        document: json(&document, "own_count.document")?,
        entry: unsigned(entry, "own_count.entry")?,
        salt,
        attested,
    })
}

impl Tx<'_> {
    /// Adds an own count.
    ///
    /// # Errors
    /// [`StoreError`]; a second one of the same partner and month is refused by the schema.
    pub fn insert_own_count(&self, new: &NewOwnCount<'_>) -> Result<(), StoreError> {
        let statement = "INSERT INTO own_count (id, programme_id, party_id, month, account_id, snapshot, cost_nrho, \
                         noisy, document, entry, salt, released_at) \
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
        let (programme, party) = new.of;
        let values = params![
            new.document.own_count.to_string(),
            programme.to_string(),
            party.to_string(),
            new.document.month.as_str(),
            new.account.to_string(),
            signed(new.document.snapshot, "own_count.snapshot")?,
            signed(new.document.account.cost_nrho, "own_count.cost_nrho")?,
            new.noisy,
            serde_json::to_vec(new.document).expect("a plain document"),
            signed(new.entry, "own_count.entry")?,
            new.salt,
            new.at.seconds(),
        ];
        self.0.execute(statement, values).map_err(failed("insert own count"))?;
        Ok(())
    }

    /// What a partner was told of a month.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn own_count_of(
        &self,
        programme: &ProgrammeId,
        party: &PartyId,
        month: &str,
    ) -> Result<Option<ToldOwnCount>, StoreError> {
        let statement = format!(
            "SELECT {COLUMNS} FROM own_count WHERE programme_id = ?1 AND party_id = ?2 AND month = ?3"
        );
        let values = params![programme.to_string(), party.to_string(), month];
        let found = self.0.query_row(&statement, values, read).optional();
        found.map_err(failed("read own count"))?.map(told).transpose()
    }

    /// What a partner was told under an id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn own_count(
        &self,
        id: &OwnCountId,
        party: &PartyId,
    ) -> Result<Option<ToldOwnCount>, StoreError> {
        let statement = format!("SELECT {COLUMNS} FROM own_count WHERE id = ?1 AND party_id = ?2");
        let found = self.0.query_row(&statement, [id.to_string(), party.to_string()], read);
        found.optional().map_err(failed("read own count"))?.map(told).transpose()
    }

    /// What a partner was told in a programme, the newest month first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn own_counts(
        &self,
        programme: &ProgrammeId,
        party: &PartyId,
    ) -> Result<Vec<OwnCount>, StoreError> {
        let statement = format!(
            "SELECT {COLUMNS} FROM own_count WHERE programme_id = ?1 AND party_id = ?2 ORDER BY month DESC"
        );
        let mut statement = self.0.prepare_cached(&statement).map_err(failed("read own counts"))?;
        let values = [programme.to_string(), party.to_string()];
        let rows = statement.query_map(values, read).map_err(failed("read own counts"))?;
        rows.map(|row| Ok(told(row.map_err(failed("read own counts"))?)?.document)).collect()
    }

    /// Keeps the attested document, so that it is the same bytes for ever.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn put_own_count_attested(&self, id: &OwnCountId, bytes: &[u8]) -> Result<(), StoreError> {
        let statement = "UPDATE own_count SET attested = ?2 WHERE id = ?1 AND attested IS NULL";
        let values = params![id.to_string(), bytes];
        self.0.execute(statement, values).map_err(failed("put own count"))?;
        Ok(())
    }
}
