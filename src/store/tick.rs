//! Leaves of ticks: what persons did, until it enters the ledger and after.

use rusqlite::{OptionalExtension as _, params};

use super::column::{signed, unsigned};
use super::db::failed;
use super::{StoreError, Tx};

/// A leaf.
#[derive(Debug, Clone)]
pub struct TickLeaf {
    /// Its number.
    pub number: u64,
    /// What it commits to.
    pub document: Vec<u8>,
    /// Under which salt.
    pub salt: [u8; 32],
    /// Index of the entry of its tick, and the place in its tree; neither before the tick.
    pub closed: Option<(u64, u64)>,
}

/// Number, document, salt, entry, place.
type Raw = (i64, Vec<u8>, [u8; 32], Option<i64>, Option<i64>);

fn leaf((number, document, salt, entry, place): Raw) -> Result<TickLeaf, StoreError> {
    let closed = entry.zip(place).map(|(entry, place)| {
        Ok::<_, StoreError>((
            unsigned(entry, "tick_leaf.entry")?,
            unsigned(place, "tick_leaf.place")?,
        ))
    });
    let number = unsigned(number, "tick_leaf.number")?;
    Ok(TickLeaf { number, document, salt, closed: closed.transpose()? })
}

impl Tx<'_> {
    /// Adds a leaf to the tick that ends this day; its number.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn insert_tick_leaf(
        &self,
        day: u64,
        document: &[u8],
        salt: &[u8; 32],
    ) -> Result<u64, StoreError> {
        let statement = "INSERT INTO tick_leaf (day, document, salt) VALUES (?1, ?2, ?3)";
        let values = params![signed(day, "tick_leaf.day")?, document, salt];
        self.0.execute(statement, values).map_err(failed("insert leaf"))?;
        unsigned(self.0.last_insert_rowid(), "tick_leaf.number")
    }

    /// The day that the last tick began.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn last_tick(&self) -> Result<Option<u64>, StoreError> {
        let last = self.0.query_row("SELECT max(day) FROM tick", [], |row| row.get(0));
        let last: Option<i64> = last.map_err(failed("last tick"))?;
        last.map(|day| unsigned(day, "tick.day")).transpose()
    }

    fn tick_leaves_where<P: rusqlite::Params>(
        &self,
        condition: &str,
        values: P,
    ) -> Result<Vec<TickLeaf>, StoreError> {
        let statement =
            format!("SELECT number, document, salt, entry, place FROM tick_leaf WHERE {condition}");
        let mut statement = self.0.prepare_cached(&statement).map_err(failed("read leaves"))?;
        let rows = statement
            .query_map(values, |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
            })
            .map_err(failed("read leaves"))?;
        rows.map(|row| leaf(row.map_err(failed("read leaves"))?)).collect()
    }

    /// The leaves of days before `day` that no tick has taken, in their order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn waiting_leaves(&self, day: u64) -> Result<Vec<TickLeaf>, StoreError> {
        let day = signed(day, "tick_leaf.day")?;
        self.tick_leaves_where("entry IS NULL AND day < ?1 ORDER BY number", [day])
    }

    /// The leaves that entered with an entry, in the order of the tree.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn leaves_of(&self, entry: u64) -> Result<Vec<TickLeaf>, StoreError> {
        let entry = signed(entry, "tick_leaf.entry")?;
        self.tick_leaves_where("entry = ?1 ORDER BY place", [entry])
    }

    /// A leaf by its number.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn tick_leaf(&self, number: u64) -> Result<Option<TickLeaf>, StoreError> {
        let number = signed(number, "tick_leaf.number")?;
        Ok(self.tick_leaves_where("number = ?1", [number])?.pop())
    }

    /// Closes the tick that began `day` with an entry, over leaves in the order of their tree.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn close_tick(&self, day: u64, entry: u64, leaves: &[TickLeaf]) -> Result<(), StoreError> {
        let entry = signed(entry, "tick.entry")?;
        let statement = "INSERT INTO tick (day, entry) VALUES (?1, ?2)";
        let values = params![signed(day, "tick.day")?, entry];
        self.0.execute(statement, values).map_err(failed("close tick"))?;
        let statement = "UPDATE tick_leaf SET entry = ?2, place = ?3 WHERE number = ?1";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("close tick"))?;
        for (leaf, place) in leaves.iter().zip(0_i64..) {
            let values = params![signed(leaf.number, "tick_leaf.number")?, entry, place];
            statement.execute(values).map_err(failed("close tick"))?;
        }
        Ok(())
    }

    /// Whether any form was ever published here: before, there is nothing that ticks are for.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn has_forms(&self) -> Result<bool, StoreError> {
        let found = self.0.query_row("SELECT 1 FROM consent_form LIMIT 1", [], |_| Ok(()));
        Ok(found.optional().map_err(failed("read forms"))?.is_some())
    }
}
