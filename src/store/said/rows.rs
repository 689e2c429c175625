//! Rows that changed, as they are handed over and as they lie in a frame (`docs/formats/backup.md`, "What persons
//! said since").

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use serde::{Deserialize, Serialize};

use crate::store::StoreError;

/// What happened to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It came.
    Came,
    /// It changed.
    Changed,
    /// It went.
    Went,
}

impl Change {
    const ALL: [Self; 3] = [Self::Came, Self::Changed, Self::Went];

    const fn code(self) -> u8 {
        match self {
            Self::Came => 0,
            Self::Changed => 1,
            Self::Went => 2,
        }
    }
}

/// One value of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Cell {
    /// Nothing.
    Null,
    /// A number.
    Number(i64),
    /// A text.
    Text(String),
    /// Bytes.
    Bytes {
        /// In JSON in the encoding of the protocol.
        #[serde(with = "text")]
        b: Vec<u8>,
    },
}

/// Bytes as text.
mod text {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};
    use tiers_protocol::encoding::{decode, encode};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        decode(&String::deserialize(from)?).ok_or_else(|| D::Error::custom("expected base64url"))
    }
}

/// Rows of one table to which the same happened, one after another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rows {
    /// Which table.
    pub table: String,
    /// What happened.
    pub change: Change,
    /// How many columns make the key; they come first.
    pub keys: usize,
    /// The columns.
    pub columns: Vec<String>,
    /// Their values; of rows that went the key only.
    pub rows: Vec<Vec<Cell>>,
}

impl Cell {
    pub(super) fn of(value: ValueRef<'_>) -> Result<Self, StoreError> {
        match value {
            ValueRef::Null => Ok(Self::Null),
            ValueRef::Integer(number) => Ok(Self::Number(number)),
            ValueRef::Text(text) => String::from_utf8(text.to_vec())
                .map(Self::Text)
                .map_err(|_| StoreError::Corrupt { column: "changed" }),
            ValueRef::Blob(bytes) => Ok(Self::Bytes { b: bytes.to_vec() }),
            ValueRef::Real(_) => Err(StoreError::Corrupt { column: "changed" }),
        }
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Null => out.push(NULL),
            Self::Number(number) => {
                out.push(NUMBER);
                // Zigzag: what is near zero is short, whatever its sign.
                put(out, (number.cast_unsigned() << 1) ^ (number >> 63).cast_unsigned());
            }
            Self::Text(text) => {
                out.push(TEXT);
                put_bytes(out, text.as_bytes());
            }
            Self::Bytes { b } => {
                out.push(BYTES);
                put_bytes(out, b);
            }
        }
    }
}

impl ToSql for Cell {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Number(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes { b } => ValueRef::Blob(b),
        }))
    }
}

const NULL: u8 = 0;
const NUMBER: u8 = 1;
const TEXT: u8 = 2;
const BYTES: u8 = 3;

/// Rows as a frame has them. Nothing is packed: most of it is tokens and what is sealed already.
#[must_use]
pub fn to_bytes(changes: &[Rows]) -> Vec<u8> {
    let mut out = Vec::with_capacity(room(changes));
    put(&mut out, changes.len() as u64);
    for rows in changes {
        put_bytes(&mut out, rows.table.as_bytes());
        out.push(rows.change.code());
        put(&mut out, rows.keys as u64);
        put(&mut out, rows.columns.len() as u64);
        rows.columns.iter().for_each(|column| put_bytes(&mut out, column.as_bytes()));
        put(&mut out, rows.rows.len() as u64);
        for row in &rows.rows {
            put(&mut out, row.len() as u64);
            row.iter().for_each(|cell| cell.write(&mut out));
        }
    }
    out
}

/// Reads them back; `None` for what [`to_bytes`] would not have written.
#[must_use]
pub fn from_bytes(bytes: &[u8]) -> Option<Vec<Rows>> {
    let mut rest = Rest(bytes);
    let count = rest.count()?;
    let changes = (0..count).map(|_| rest.rows()).collect::<Option<_>>()?;
    rest.0.is_empty().then_some(changes)
}

/// At least the bytes of rows, so that what they hold is not copied while room is made.
fn room(changes: &[Rows]) -> usize {
    let cell = |cell: &Cell| match cell {
        Cell::Null => 1,
        Cell::Number(_) => 11,
        Cell::Text(text) => 11 + text.len(),
        Cell::Bytes { b } => 11 + b.len(),
    };
    let of = |rows: &Rows| {
        let names: usize = rows.columns.iter().map(|name| name.len() + 10).sum();
        let cells: usize =
            rows.rows.iter().map(|row| 10 + row.iter().map(cell).sum::<usize>()).sum();
        rows.table.len() + 41 + names + cells
    };
    10 + changes.iter().map(of).sum::<usize>()
}

/// A number in groups of seven bits, the lowest first, as LEB128 has it.
fn put(out: &mut Vec<u8>, mut number: u64) {
    loop {
        let low = number.to_le_bytes()[0];
        number >>= 7;
        if number == 0 {
            out.push(low & 0x7f);
            return;
        }
        out.push(low | 0x80);
    }
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// What is still to read.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let low = u64::from(byte & 0x7f);
            let shifted = low << shift;
            if shifted >> shift != low {
                return None;
            }
            number |= shifted;
            if byte & 0x80 == 0 {
                // One number has one spelling.
                return (byte != 0 || shift == 0).then_some(number);
            }
        }
        None
    }

    /// How many things follow, each of which has a byte at least.
    fn count(&mut self) -> Option<usize> {
        usize::try_from(self.number()?).ok().filter(|count| *count <= self.0.len())
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = self.count()?;
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }

    fn text(&mut self) -> Option<String> {
        String::from_utf8(self.bytes()?.to_vec()).ok()
    }

    fn rows(&mut self) -> Option<Rows> {
        let table = self.text()?;
        let change = *Change::ALL.get(usize::from(self.byte()?))?;
        let keys = usize::try_from(self.number()?).ok()?;
        let columns = self.count()?;
        let columns = (0..columns).map(|_| self.text()).collect::<Option<_>>()?;
        let count = self.count()?;
        let rows = (0..count).map(|_| self.row()).collect::<Option<_>>()?;
        Some(Rows { table, change, keys, columns, rows })
    }

    fn row(&mut self) -> Option<Vec<Cell>> {
        let count = self.count()?;
        (0..count).map(|_| self.cell()).collect()
    }

    fn cell(&mut self) -> Option<Cell> {
        Some(match self.byte()? {
            NULL => Cell::Null,
            NUMBER => {
                let number = self.number()?;
                Cell::Number((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
            }
            TEXT => Cell::Text(self.text()?),
            BYTES => Cell::Bytes { b: self.bytes()?.to_vec() },
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cell() -> impl Strategy<Value = Cell> {
        prop_oneof![
            Just(Cell::Null),
            any::<i64>().prop_map(Cell::Number),
            (-70_i64..70).prop_map(Cell::Number),
            ".{0,9}".prop_map(Cell::Text),
            proptest::collection::vec(any::<u8>(), 0..40).prop_map(|b| Cell::Bytes { b }),
        ]
    }

    fn rows() -> impl Strategy<Value = Rows> {
        let names = proptest::collection::vec("[a-z_]{1,6}", 0..5);
        let change = proptest::sample::select(&Change::ALL[..]);
        let row = proptest::collection::vec(cell(), 0..5);
        ("[a-z_]{1,9}", change, 0_usize..4, names, proptest::collection::vec(row, 0..200)).prop_map(
            |(table, change, keys, columns, rows)| Rows { table, change, keys, columns, rows },
        )
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(changes in proptest::collection::vec(rows(), 0..4)) {
            let bytes = to_bytes(&changes);
            prop_assert!(bytes.len() <= room(&changes));
            let read = from_bytes(&bytes).unwrap();
            prop_assert_eq!(&read, &changes);
            // Frames from before hold the same as JSON.
            let json = serde_json::to_vec(&changes).unwrap();
            prop_assert_eq!(serde_json::from_slice::<Vec<Rows>>(&json).unwrap(), changes);
        }

        #[test]
        fn bytes_are_of_one_list_of_rows_or_of_none(
            changes in proptest::collection::vec(rows(), 0..3),
            (at, with) in (any::<prop::sample::Index>(), any::<u8>()),
        ) {
            let mut bytes = to_bytes(&changes);
            let at = at.index(bytes.len());
            bytes[at] = with;
            if let Some(read) = from_bytes(&bytes) {
                prop_assert_eq!(&to_bytes(&read), &bytes);
            }
            bytes.truncate(at);
            if let Some(read) = from_bytes(&bytes) {
                prop_assert_eq!(&to_bytes(&read), &bytes);
            }
        }
    }

    #[test]
    fn numbers_have_one_spelling_and_counts_a_bound() {
        assert_eq!(from_bytes(&[0]), Some(Vec::new()));
        assert_eq!(from_bytes(&[0x80, 0]), None);
        assert_eq!(from_bytes(&[0xff, 0xff, 0xff, 0x7f]), None);
        assert_eq!(from_bytes(&[0, 0]), None);
        assert_eq!(from_bytes(&[]), None);
    }
}
