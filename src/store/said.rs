//! What a transaction changes about persons, row by row, so that it can be kept beside the database before it is
//! committed, and put back into an older copy of it. Triggers of the connection see every change, whichever use case
//! makes it; nothing of this stays in the file.

use std::fmt::Write as _;
use std::io;
use std::sync::Arc;

use rusqlite::{Connection, params_from_iter};

use super::column::{signed, unsigned};
use super::db::failed;
use super::{StoreError, Tx};

mod rows;

pub use rows::{Cell, Change, Rows, from_bytes, to_bytes};

/// Tables whose changes are kept: what persons said, who may say it for them, and the entries that commit to it.
pub const TABLES: [&str; 23] = [
    "party",
    "credential",
    "person",
    "passkey",
    "outbox",
    "detail",
    "act_index",
    "tick_leaf",
    "tick_opening",
    "tick",
    "consent_form",
    "collection",
    "submission",
    "batch_number",
    "consent_batch",
    "consent_event",
    "consent_end",
    "opposition_batch",
    "opposition",
    "rights_fact",
    "supplier_suspension",
    "notice",
    "person_request",
];

/// The table whose rows come by [`Tx::insert_events`] alone, which tells of them itself: for each of a million rows a
/// trigger costs more than the row.
pub(super) const TOLD: &str = "consent_event";

/// Its columns, those of the key first.
const TOLD_COLUMNS: [&str; 5] = ["token", "number", "form", "at", "flags"];

/// The same of the archive.
pub const ARCHIVE_TABLES: [&str; 2] = ["archived", "archived_person"];

/// The widest table has fewer columns.
const WIDTH: usize = 20;

/// Keeps what transactions change.
pub trait Keeper: Send + Sync {
    /// Makes the changes of transaction `number` durable, before it is committed; those of the archive, which has
    /// no numbers, without one.
    ///
    /// # Errors
    /// What the disk said; then the transaction does not happen.
    fn keep(&self, number: Option<u64>, changes: Vec<Rows>) -> io::Result<()>;
}

/// A keeper with the tables that it is told of.
pub(super) struct Watched {
    keeper: Arc<dyn Keeper>,
    tables: Vec<Shape>,
}

/// A table as it is.
struct Shape {
    table: &'static str,
    keys: usize,
    columns: Vec<String>,
}

impl Shape {
    fn of(connection: &Connection, table: &'static str) -> Result<Self, StoreError> {
        let statement = "SELECT name, pk FROM pragma_table_info(?1) ORDER BY pk = 0, pk, cid";
        let mut statement = connection.prepare(statement).map_err(failed("read columns"))?;
        let rows = statement
            .query_map([table], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))
            .map_err(failed("read columns"))?;
        let rows: Vec<(String, i64)> =
            rows.collect::<Result<_, _>>().map_err(failed("read columns"))?;
        let keys = rows.iter().filter(|(_, place)| *place > 0).count();
        let columns: Vec<String> = rows.into_iter().map(|(name, _)| name).collect();
        if keys == 0 || columns.len() > WIDTH || (table == TOLD && columns != TOLD_COLUMNS) {
            return Err(StoreError::Corrupt { column: "sqlite_master" });
        }
        Ok(Self { table, keys, columns })
    }

    /// The triggers that write down what happens to its rows, beyond what is told.
    fn triggers(&self, place: usize) -> String {
        let Self { table, keys, columns } = self;
        let mut text = String::new();
        for (code, (verb, row)) in
            [("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")].into_iter().enumerate()
        {
            if verb == "INSERT" && *table == TOLD {
                continue;
            }
            let told = if verb == "DELETE" { *keys } else { columns.len() };
            let names: Vec<String> = (0..told).map(|at| format!("c{at}")).collect();
            let values: Vec<String> =
                columns.iter().take(told).map(|name| format!("{row}.\"{name}\"")).collect();
            let _ = write!(
                text,
                "CREATE TEMP TRIGGER kept_{verb}_{table} AFTER {verb} ON main.{table} BEGIN \
                 INSERT INTO changed (place, code, {names}) VALUES ({place}, {code}, {values}); END;",
                names = names.join(", "),
                values = values.join(", "),
            );
        }
        text
    }
}

impl Watched {
    /// Begins to watch tables on a connection.
    pub(super) fn begin(
        connection: &Connection,
        tables: &[&'static str],
        keeper: Arc<dyn Keeper>,
    ) -> Result<Self, StoreError> {
        // What is said of persons is not spilled to a file of its own.
        connection.pragma_update(None, "temp_store", "MEMORY").map_err(failed("watch"))?;
        let shapes = tables.iter().map(|table| Shape::of(connection, table));
        let tables: Vec<Shape> = shapes.collect::<Result<_, _>>()?;
        let cells: Vec<String> = (0..WIDTH).map(|at| format!("c{at}")).collect();
        let mut text = format!(
            "CREATE TEMP TABLE changed (n INTEGER PRIMARY KEY, place INTEGER, code INTEGER, {});",
            cells.join(", ")
        );
        for (place, shape) in tables.iter().enumerate() {
            text.push_str(&shape.triggers(place));
        }
        connection.execute_batch(&text).map_err(failed("watch"))?;
        Ok(Self { keeper, tables })
    }

    /// Hands over what the transaction has changed so far, after what it told of; `number` is asked for only if that is
    /// anything.
    pub(super) fn hand_over(
        &self,
        connection: &Connection,
        mut changes: Vec<Rows>,
        number: impl FnOnce() -> Result<Option<u64>, StoreError>,
    ) -> Result<(), StoreError> {
        self.read_changes(connection, &mut changes)?;
        if changes.is_empty() {
            return Ok(());
        }
        connection.execute("DELETE FROM temp.changed", []).map_err(failed("watch"))?;
        self.keeper.keep(number()?, changes).map_err(|source| StoreError::Kept { source })
    }

    /// Appends what the triggers wrote down.
    fn read_changes(
        &self,
        connection: &Connection,
        changes: &mut Vec<Rows>,
    ) -> Result<(), StoreError> {
        const COLUMN: StoreError = StoreError::Corrupt { column: "changed" };

        let mut statement = connection
            .prepare_cached("SELECT * FROM temp.changed ORDER BY n")
            .map_err(failed("read changes"))?;
        let mut found = statement.query([]).map_err(failed("read changes"))?;
        while let Some(row) = found.next().map_err(failed("read changes"))? {
            let place: i64 = row.get(1).map_err(failed("read changes"))?;
            let shape = usize::try_from(place).ok().and_then(|place| self.tables.get(place));
            let shape = shape.ok_or(COLUMN)?;
            let (change, told) = match row.get::<_, i64>(2).map_err(failed("read changes"))? {
                0 => (Change::Came, shape.columns.len()),
                1 => (Change::Changed, shape.columns.len()),
                _ => (Change::Went, shape.keys),
            };
            let cells =
                (0..told).map(|at| Cell::of(row.get_ref(at + 3).map_err(failed("read changes"))?));
            let cells = cells.collect::<Result<Vec<Cell>, StoreError>>()?;
            match changes.last_mut() {
                Some(last) if last.table == shape.table && last.change == change => {
                    last.rows.push(cells);
                }
                _ => changes.push(Rows {
                    table: shape.table.to_owned(),
                    change,
                    keys: shape.keys,
                    columns: shape.columns.iter().take(told).cloned().collect(),
                    rows: vec![cells],
                }),
            }
        }
        Ok(())
    }
}

/// Rows of [`TOLD`] that came.
pub(super) fn came(rows: Vec<Vec<Cell>>) -> Rows {
    let columns = TOLD_COLUMNS.iter().map(|name| (*name).to_owned()).collect();
    Rows { table: TOLD.to_owned(), change: Change::Came, keys: 2, columns, rows }
}

/// Puts rows into a table, in place of those of the same key.
pub(super) fn put(connection: &Connection, rows: &Rows) -> Result<(), StoreError> {
    let shape = shape_of(connection, &rows.table)?;
    let known: Vec<(usize, &String)> =
        rows.columns.iter().enumerate().filter(|(_, name)| shape.columns.contains(name)).collect();
    let names: Vec<String> = known.iter().map(|(_, name)| format!("\"{name}\"")).collect();
    let marks: Vec<String> = (1..=names.len()).map(|at| format!("?{at}")).collect();
    let set: Vec<String> =
        names.iter().skip(rows.keys).map(|name| format!("{name} = excluded.{name}")).collect();
    let rest = if set.is_empty() {
        "NOTHING".to_owned()
    } else {
        format!("UPDATE SET {}", set.join(", "))
    };
    let statement = format!(
        "INSERT INTO {} ({}) VALUES ({}) ON CONFLICT ({}) DO {rest}",
        shape.table,
        names.join(", "),
        marks.join(", "),
        names.iter().take(rows.keys).cloned().collect::<Vec<_>>().join(", "),
    );
    let mut statement = connection.prepare_cached(&statement).map_err(failed("put back"))?;
    for row in &rows.rows {
        let values = known.iter().map(|(at, _)| row.get(*at).unwrap_or(&Cell::Null));
        statement.execute(params_from_iter(values)).map_err(failed("put back"))?;
    }
    Ok(())
}

/// Takes those rows out of a table whose key is meant; how many.
pub(super) fn take_out(
    connection: &Connection,
    table: &str,
    meant: &dyn Fn(&[Cell]) -> bool,
) -> Result<u64, StoreError> {
    let shape = shape_of(connection, table)?;
    let keys: Vec<String> =
        shape.columns.iter().take(shape.keys).map(|name| format!("\"{name}\"")).collect();
    let mut gone = Vec::new();
    {
        let statement = format!("SELECT {} FROM {}", keys.join(", "), shape.table);
        let mut statement = connection.prepare(&statement).map_err(failed("take out"))?;
        let mut rows = statement.query([]).map_err(failed("take out"))?;
        while let Some(row) = rows.next().map_err(failed("take out"))? {
            let key =
                (0..keys.len()).map(|at| Cell::of(row.get_ref(at).map_err(failed("take out"))?));
            let key = key.collect::<Result<Vec<Cell>, StoreError>>()?;
            if meant(&key) {
                gone.push(key);
            }
        }
    }
    let wanted: Vec<String> =
        keys.iter().enumerate().map(|(at, name)| format!("{name} = ?{}", at + 1)).collect();
    let statement = format!("DELETE FROM {} WHERE {}", shape.table, wanted.join(" AND "));
    let mut statement = connection.prepare_cached(&statement).map_err(failed("take out"))?;
    for key in &gone {
        statement.execute(params_from_iter(key)).map_err(failed("take out"))?;
    }
    Ok(gone.len() as u64)
}

/// A table that is kept, as it is now.
fn shape_of(connection: &Connection, table: &str) -> Result<Shape, StoreError> {
    let known = TABLES.iter().chain(&ARCHIVE_TABLES).find(|known| **known == table);
    Shape::of(connection, known.ok_or(StoreError::Corrupt { column: "said" })?)
}

impl Tx<'_> {
    /// The number of the last transaction that was kept.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn last_said(&self) -> Result<u64, StoreError> {
        let last = self.0.query_row("SELECT last FROM said", [], |row| row.get(0));
        unsigned(last.map_err(failed("last said"))?, "said.last")
    }

    /// Says up to which number transactions are kept.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn put_last_said(&self, last: u64) -> Result<(), StoreError> {
        let last = signed(last, "said.last")?;
        self.0.execute("UPDATE said SET last = ?1", [last]).map(drop).map_err(failed("last said"))
    }

    /// Puts rows back, in place of those of the same key.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn put_back(&self, rows: &Rows) -> Result<(), StoreError> {
        put(&self.0, rows)
    }

    /// Takes those rows out of a table whose key is meant; how many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn take_rows_out(
        &self,
        table: &str,
        meant: &dyn Fn(&[Cell]) -> bool,
    ) -> Result<u64, StoreError> {
        take_out(&self.0, table, meant)
    }
}
