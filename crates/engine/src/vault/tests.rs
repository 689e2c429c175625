//! Tests of the vault as a whole: what is written is read, and nothing else is.
#![allow(clippy::unwrap_used)]

use std::{fs, path::Path};

use proptest::prelude::*;
use tempfile::tempdir;
use tiers_contact::{Kind, Token};

use super::*;
use crate::crypto::{
    chain::{VaultChain, VaultToken},
    segment_key::SegmentKey,
};

mod altered;
mod frozen;
mod ranges;
mod writer;

const ID: &str = "deposit-1";

fn key() -> SegmentKey {
    SegmentKey::derive(&[3; 32], ID)
}

fn token(seed: u32) -> VaultToken {
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&seed.to_le_bytes());
    VaultChain::new([&[5; 32]]).unwrap().rekey(&Token::from_bytes(bytes))
}

/// A sale with the given seeds of identifiers, one for each kind of `Kind::SINGLE` that it has; an odd
/// last one brings near tokens too.
fn sale(seeds: [Option<u32>; Kind::SINGLE.len()], date: i32, amount_cents: u64) -> VaultRow {
    let tokens = seeds.map(|seed| seed.map(token));
    let of = |kind: Kind, seed| (0..3).map(move |n| (kind, token(seed * 3 + n)));
    let seed = seeds[Kind::Landline.index()].filter(|seed| seed % 2 == 1);
    let near = seed.into_iter().flat_map(|seed| {
        of(Kind::NearNameBirth, seed).chain(of(Kind::NearNameTown, seed / 2)).collect::<Vec<_>>()
    });
    let near = near.collect();
    let place = |shift: u32| u8::try_from(amount_cents >> shift & 31).ok().filter(|at| *at < 30);
    let traits = Traits::new(place(0), place(5));
    let value = Value::Sale { amount_cents, traits };
    VaultRow { tokens, near, date: Day::from_epoch_days(date), value }
}

fn some_sales(count: u32) -> Vec<VaultRow> {
    let row = |n: u32| {
        let email = (!n.is_multiple_of(3)).then_some(n * 7 % 101);
        let landline = n.is_multiple_of(2).then_some(n / 2);
        let seeds = [None, None, email, Some(n / 2), None, None, landline];
        sale(seeds, i32::try_from(n).unwrap() - 5, u64::from(n) * 1_000)
    };
    (0..count).map(row).collect()
}

fn write(dir: &Path, rows: Vec<VaultRow>) -> Result<SegmentSet, VaultError> {
    write_deposit(dir, ID, rows, &key(), Faults::none())
}

/// A row of a segment as a comparable value.
type Plain = ([u8; 16], u32, bool, i32, u64);

fn plain(row: &SegmentRow) -> Plain {
    let value = match row.value {
        Value::Sale { amount_cents, traits } => traits.pack(amount_cents).unwrap(),
        Value::Lead { campaign } => u64::from(campaign),
        Value::Known => 0,
    };
    (*row.token.as_bytes(), row.row, row.first, row.date.epoch_days(), value)
}

fn read_segment(
    deposit: &impl Segments,
    kind: Kind,
    range: TokenRange,
) -> Result<Vec<Plain>, VaultError> {
    let mut reader = deposit.segment(kind, range, Columns::ALL)?;
    let (mut batch, mut rows) = (Batch::new(), Vec::new());
    while reader.next(&mut batch)? {
        assert!(!batch.is_empty());
        rows.extend((0..batch.len()).map(|place| plain(&batch.row(place).unwrap())));
    }
    assert!(batch.is_empty());
    Ok(rows)
}

fn read_all(deposit: &impl Segments) -> Result<Vec<Vec<Plain>>, VaultError> {
    let read = |kind| read_segment(deposit, kind, TokenRange::ALL);
    Kind::ALL.into_iter().map(read).collect()
}

fn open(dir: &Path) -> Result<StoredDeposit, VaultError> {
    StoredDeposit::open(dir, ID, key())
}

fn open_and_read(dir: &Path) -> Result<Vec<Vec<Plain>>, VaultError> {
    read_all(&open(dir)?)
}

/// What the segments of `rows` must be, straight from the definition.
fn expected(rows: &[VaultRow]) -> Vec<Vec<Plain>> {
    let of = |kind: Kind| {
        let mut segment = Vec::new();
        for (ordinal, row) in rows.iter().enumerate() {
            let before = &row.tokens[..kind.index().min(Kind::SINGLE.len())];
            let value = match row.value {
                Value::Sale { amount_cents, traits } => traits.pack(amount_cents).unwrap(),
                Value::Lead { campaign } => u64::from(campaign),
                Value::Known => 0,
            };
            let first = kind.is_key() && before.iter().all(Option::is_none);
            let ordinal = u32::try_from(ordinal).unwrap();
            let near = row.near.iter().filter(|(of, _)| *of == kind).map(|(_, token)| *token);
            let single = row.tokens.get(kind.index()).copied().flatten();
            for token in single.into_iter().chain(near) {
                segment.push((*token.as_bytes(), ordinal, first, row.date.epoch_days(), value));
            }
        }
        segment.sort_unstable();
        segment
    };
    Kind::ALL.into_iter().map(of).collect()
}

#[test]
fn a_deposit_is_read_as_it_was_written() {
    // More rows than one batch of the reader and of the writer.
    for count in [1, 2, 100, 70_000] {
        let dir = tempdir().unwrap();
        let rows = some_sales(count);
        let expected = expected(&rows);
        let set = write(dir.path(), rows).unwrap();
        assert_eq!(set.rows(), count);
        let deposit = open(dir.path()).unwrap();
        assert_eq!(deposit.row_count(), count);
        let read = read_all(&deposit).unwrap();
        assert!(read == expected, "{count} rows");
        for (kind, rows) in set.segments() {
            assert_eq!(read[kind.index()].len(), usize::try_from(rows).unwrap());
        }
        assert_eq!(list(dir.path()).unwrap(), [ID]);
    }
}

fn any_row() -> impl Strategy<Value = ([Option<u32>; 7], i32, u32)> {
    (prop::array::uniform7(prop::option::of(0..6_u32)), any::<i32>(), any::<u32>())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_deposit_is_read_as_it_was_written(
        drawn in prop::collection::vec(any_row(), 0..40),
        side in 0..3,
    ) {
        let mut rows: Vec<_> =
            drawn.into_iter().map(|(seeds, date, value)| sale(seeds, date, value.into())).collect();
        for (row, campaign) in rows.iter_mut().zip([0, 1, u16::MAX].into_iter().cycle()) {
            match side {
                0 => {}
                1 => row.value = Value::Lead { campaign },
                _ => row.value = Value::Known,
            }
        }
        let dir = tempdir().unwrap();
        let expected = expected(&rows);
        prop_assert!(read_all(&rows).unwrap() == expected);
        write(dir.path(), rows).unwrap();
        prop_assert!(open_and_read(dir.path()).unwrap() == expected);
    }
}

#[test]
fn an_empty_deposit_has_empty_segments() {
    let dir = tempdir().unwrap();
    assert_eq!(write(dir.path(), Vec::new()).unwrap().segments().count(), 0);
    assert_eq!(open_and_read(dir.path()).unwrap().concat().len(), 0);
    // Rows without any identifier are counted and lead to no segment.
    remove(dir.path(), ID).unwrap();
    assert_eq!(write(dir.path(), vec![sale([None; 7], 0, 1)]).unwrap().segments().count(), 0);
    assert_eq!(open(dir.path()).unwrap().row_count(), 1);
}

/// Every file of the deposit.
fn files_of(dir: &Path) -> Vec<std::path::PathBuf> {
    fs::read_dir(dir.join(ID)).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn no_file_holds_a_token_in_clear() {
    let dir = tempdir().unwrap();
    let rows = some_sales(500);
    let needles: Vec<_> =
        rows.iter().flat_map(|row| row.tokens).flatten().map(|t| *t.as_bytes()).collect();
    let holds = |bytes: &[u8]| {
        // The first eight bytes of a token would already be a find.
        needles.iter().any(|needle| bytes.windows(8).any(|window| window == &needle[..8]))
    };
    write(dir.path(), rows).unwrap();
    for path in files_of(dir.path()) {
        let mut bytes = fs::read(&path).unwrap();
        assert!(!holds(&bytes));
        // Control: the search finds a planted token.
        let middle = bytes.len() / 2;
        bytes.splice(middle..middle, needles[77]);
        assert!(holds(&bytes));
    }
}

#[test]
fn rows_that_the_vault_does_not_take_leave_nothing() {
    let dir = tempdir().unwrap();
    let mut mixed = some_sales(3);
    mixed[2].value = Value::Lead { campaign: 0 };
    assert_eq!(write(dir.path(), mixed).err(), Some(VaultError::MixedRows));
    let mut large = some_sales(3);
    large[1].value = Value::Sale { amount_cents: u64::MAX, traits: Traits::OTHER };
    assert_eq!(write(dir.path(), large).err(), Some(VaultError::AmountTooLarge));
    assert_eq!(list(dir.path()).unwrap().len(), 0);
    // The failed attempt does not stand in the way of a good one.
    write(dir.path(), some_sales(3)).unwrap();
    assert_eq!(write(dir.path(), some_sales(3)).err(), Some(VaultError::AlreadyThere));
}

#[test]
fn removal_is_for_good() {
    let dir = tempdir().unwrap();
    assert_eq!(remove(dir.path(), ID), Err(VaultError::NotThere));
    write(dir.path(), some_sales(3)).unwrap();
    remove(dir.path(), ID).unwrap();
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    assert_eq!(remove(dir.path(), "../x"), Err(VaultError::UnsafeId));
}
