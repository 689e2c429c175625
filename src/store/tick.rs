//! Leaves of ticks: what concerns one person, until it enters the ledger and after. What opens a leaf lies
//! apart from it and goes with what it names; the leaf keeps its hash, so that its neighbours stay provable.

use rusqlite::{OptionalExtension as _, Row, params};
use tiers_protocol::consent::proof::salted_leaf;
use tiers_protocol::exchange::tree::Leaf;
use tiers_protocol::tlog::LeafType;
use tiers_protocol::tlog::Salted;

use super::column::{parse, signed, unsigned};
use super::db::failed;
use super::{StoreError, Tx};

/// What an act that enters with a tick says beside its entry.
#[derive(Debug, Clone)]
pub struct LeafAct {
    /// Who did it.
    pub actor: String,
    /// What the entry commits to.
    pub detail: Vec<u8>,
    /// On what.
    pub object: String,
    /// When, in seconds since 1970.
    pub at: i64,
}

/// What opens a leaf.
#[derive(Debug, Clone)]
pub struct Opening {
    /// What it is.
    pub kind: LeafType,
    /// What the leaf commits to.
    pub document: Vec<u8>,
    /// Under which salt.
    pub salt: [u8; 32],
    /// Of an act.
    pub act: Option<LeafAct>,
}

/// A leaf.
#[derive(Debug, Clone)]
pub struct TickLeaf {
    /// Its number.
    pub number: u64,
    /// The leaf in its tree.
    pub leaf: Leaf,
    /// Index of the entry of its tick, and the place in its tree; neither before the tick.
    pub closed: Option<(u64, u64)>,
    /// What opens it, unless erased.
    pub opening: Option<Opening>,
}

impl Opening {
    fn leaf(&self) -> Leaf {
        salted_leaf(&Salted::with(&self.salt), &self.document)
    }
}

/// Columns of a leaf with its opening, in the order that [`raw`] reads.
const COLUMNS: &str = "tick_leaf.number, entry, place, hash, kind, document, salt, \
                                  actor, detail, object, at";

type Texts = (Option<String>, Option<String>, Option<String>);
type Bytes = (Option<Vec<u8>>, Option<[u8; 32]>, Option<Vec<u8>>);

/// What a row holds.
pub(super) struct Raw {
    numbers: (i64, Option<i64>, Option<i64>, Option<i64>),
    hash: Option<[u8; 32]>,
    texts: Texts,
    bytes: Bytes,
}

/// Reads number, entry, place, hash, kind, document, salt, actor, detail, object and time.
pub(super) fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok(Raw {
        numbers: (row.get(0)?, row.get(1)?, row.get(2)?, row.get(10)?),
        hash: row.get(3)?,
        texts: (row.get(4)?, row.get(7)?, row.get(9)?),
        bytes: (row.get(5)?, row.get(6)?, row.get(8)?),
    })
}

/// The leaf of a row.
pub(super) fn leaf(raw: Raw) -> Result<TickLeaf, StoreError> {
    let wrong = StoreError::Corrupt { column: "tick_opening" };
    let Raw { numbers: (number, entry, place, at), hash, texts, bytes } = raw;
    let closed = entry.zip(place).map(|(entry, place)| {
        Ok::<_, StoreError>((
            unsigned(entry, "tick_leaf.entry")?,
            unsigned(place, "tick_leaf.place")?,
        ))
    });
    let opening = match (texts, bytes) {
        ((Some(kind), actor, object), (Some(document), Some(salt), detail)) => {
            let act = match (actor, detail, object, at) {
                (Some(actor), Some(detail), Some(object), Some(at)) => {
                    Some(LeafAct { actor, detail, object, at })
                }
                _ => None,
            };
            let kind = parse(&kind, "tick_opening.kind")?;
            Some(Opening { kind, document, salt, act })
        }
        _ => None,
    };
    let leaf = match (&opening, hash) {
        (Some(opening), _) => opening.leaf(),
        (None, Some(hash)) => Leaf::received(tiers_protocol::encoding::Bytes::new(hash)),
        (None, None) => return Err(wrong),
    };
    let number = unsigned(number, "tick_leaf.number")?;
    Ok(TickLeaf { number, leaf, closed: closed.transpose()?, opening })
}

impl Tx<'_> {
    /// Adds a leaf to the tick that ends this day; its number.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn insert_tick_leaf(&self, day: u64, opening: &Opening) -> Result<u64, StoreError> {
        let day = signed(day, "tick_leaf.day")?;
        self.0
            .execute("INSERT INTO tick_leaf (day) VALUES (?1)", [day])
            .map_err(failed("insert leaf"))?;
        let number = self.0.last_insert_rowid();
        let statement = "INSERT INTO tick_opening \
                         (number, kind, document, salt, at, object, actor, detail, party) \
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, \
                         (SELECT party_id FROM credential WHERE actor_id = ?7))";
        let act = opening.act.as_ref();
        let values = params![
            number,
            opening.kind.as_str(),
            opening.document,
            opening.salt,
            act.map(|act| act.at),
            act.map(|act| &act.object),
            act.map(|act| &act.actor),
            act.map(|act| &act.detail),
        ];
        self.0.execute(statement, values).map_err(failed("insert leaf"))?;
        unsigned(number, "tick_leaf.number")
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
        let statement = format!(
            "SELECT {COLUMNS} FROM tick_leaf LEFT JOIN tick_opening USING (number) WHERE {condition}"
        );
        let mut statement = self.0.prepare_cached(&statement).map_err(failed("read leaves"))?;
        let rows = statement.query_map(values, raw).map_err(failed("read leaves"))?;
        rows.map(|row| leaf(row.map_err(failed("read leaves"))?)).collect()
    }

    /// The leaves of days before `day` that no tick has taken, in their order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn waiting_leaves(&self, day: u64) -> Result<Vec<TickLeaf>, StoreError> {
        let day = signed(day, "tick_leaf.day")?;
        self.tick_leaves_where("entry IS NULL AND day < ?1 ORDER BY tick_leaf.number", [day])
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
        Ok(self.tick_leaves_where("tick_leaf.number = ?1", [number])?.pop())
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

    /// Whether ticks have begun: with the first form, or the first leaf.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn has_ticks(&self) -> Result<bool, StoreError> {
        let statement = "SELECT EXISTS (SELECT 1 FROM consent_form) \
                         OR EXISTS (SELECT 1 FROM tick_leaf)";
        let found = self.0.query_row(statement, [], |row| row.get(0));
        found.map_err(failed("read forms"))
    }

    /// Erases what opens a leaf. The leaf keeps its hash: nobody can link it to anything, and what stands beside
    /// it in its tick is proven as before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn forget_leaf(&self, number: u64) -> Result<(), StoreError> {
        let Some(TickLeaf { leaf, opening: Some(_), .. }) = self.tick_leaf(number)? else {
            return Ok(());
        };
        let number = signed(number, "tick_leaf.number")?;
        let statement = "UPDATE tick_leaf SET hash = ?2 WHERE number = ?1";
        self.0
            .execute(statement, params![number, leaf.digest().as_bytes()])
            .and_then(|_| self.0.execute("DELETE FROM tick_opening WHERE number = ?1", [number]))
            .map_err(failed("forget leaf"))?;
        Ok(())
    }

    /// Erases what opens the leaves of acts about an object.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) fn forget_leaves_about(&self, object: &str) -> Result<(), StoreError> {
        let statement = "SELECT number FROM tick_opening WHERE object = ?1";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("forget leaves"))?;
        let rows = statement.query_map([object], |row| row.get::<_, i64>(0));
        let numbers: Result<Vec<i64>, _> = rows.map_err(failed("forget leaves"))?.collect();
        for number in numbers.map_err(failed("forget leaves"))? {
            self.forget_leaf(unsigned(number, "tick_leaf.number")?)?;
        }
        Ok(())
    }

    /// Index of the entry with which a leaf entered the ledger.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn entry_of_leaf(&self, number: u64) -> Result<Option<u64>, StoreError> {
        let number = signed(number, "tick_leaf.number")?;
        let statement = "SELECT entry FROM tick_leaf WHERE number = ?1";
        let found = self.0.query_row(statement, [number], |row| row.get::<_, Option<i64>>(0));
        let entry = found.optional().map_err(failed("read leaf"))?.flatten();
        entry.map(|entry| unsigned(entry, "tick_leaf.entry")).transpose()
    }
}
