//! Ranges of tokens and choices of columns; and the Parquet library reads the same.

use arrow_array::{cast::AsArray, types};
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};

use super::*;

/// What the library's own reader makes of a segment, encrypted or exported.
fn read_by_library(folder: &Path, kind: Kind, encrypted: bool) -> Vec<Plain> {
    let Ok(file) = fs::File::open(files::segment_file(folder, kind)) else {
        return Vec::new();
    };
    let mut options = ArrowReaderOptions::new();
    if encrypted {
        let keys = schema::decryption(ID, kind, &key()).unwrap();
        options = options.with_file_decryption_properties(keys);
    }
    let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file, options).unwrap();
    let mut rows = Vec::new();
    for batch in builder.build().unwrap() {
        let batch = batch.unwrap();
        let tokens = batch.column(0).as_fixed_size_binary();
        let ordinals = batch.column(1).as_primitive::<types::Int32Type>();
        let firsts = batch.column(2).as_boolean();
        let dates = batch.column(3).as_primitive::<types::Date32Type>();
        let amounts = batch.column(4).as_primitive_opt::<types::Int64Type>();
        let campaigns = batch.column(4).as_primitive_opt::<types::Int32Type>();
        for place in 0..batch.num_rows() {
            let value = amounts.map_or_else(
                || i64::from(campaigns.unwrap().value(place)),
                |amounts| amounts.value(place),
            );
            rows.push((
                tokens.value(place).try_into().unwrap(),
                u32::try_from(ordinals.value(place)).unwrap(),
                firsts.value(place),
                dates.value(place),
                u64::try_from(value).unwrap(),
            ));
        }
    }
    rows
}

#[test]
fn the_library_reads_the_same() {
    let mut leads = some_sales(5_000);
    for (n, row) in (0..).zip(&mut leads) {
        row.value = Value::Lead { campaign: n };
    }
    for rows in [some_sales(30_000), leads] {
        let dir = tempdir().unwrap();
        let expected = expected(&rows);
        write(dir.path(), rows).unwrap();
        let stored = open(dir.path()).unwrap();
        let copy = dir.path().join("copy");
        assert_eq!(stored.export(&copy).unwrap().len(), stored.shapes().count());
        for kind in Kind::ALL {
            let expected = &expected[kind.index()];
            let encrypted = read_by_library(&dir.path().join(ID), kind, true);
            assert!(encrypted == *expected, "{kind}");
            assert!(read_by_library(&copy, kind, false) == *expected, "{kind} exported");
        }
        // Nothing is overwritten.
        let exists = std::io::ErrorKind::AlreadyExists;
        assert_eq!(stored.export(&copy), Err(VaultError::Write(exists)));
    }
}

#[test]
fn an_export_that_fails_leaves_nothing() {
    let dir = tempdir().unwrap();
    write(dir.path(), some_sales(100)).unwrap();
    let stored = open(dir.path()).unwrap();
    let last = files::segment_file(&dir.path().join(ID), stored.segments.last().unwrap().kind);
    let mut bytes = fs::read(&last).unwrap();
    bytes[200] ^= 1;
    fs::write(last, bytes).unwrap();
    let copy = dir.path().join("copy");
    assert_eq!(stored.export(&copy), Err(VaultError::Altered));
    assert_eq!(fs::read_dir(copy).unwrap().count(), 0);
}

#[test]
fn the_shape_of_a_deposit_says_what_was_written() {
    let dir = tempdir().unwrap();
    let rows = 2 * u32::try_from(schema::PAGE_ROWS).unwrap() + 1;
    let set = write(dir.path(), some_sales(rows)).unwrap();
    let stored = open(dir.path()).unwrap();
    let shapes: Vec<_> = stored.shapes().collect();
    assert!(set.segments().eq(shapes.iter().map(|shape| (shape.kind, shape.rows))));
    let mobile = shapes.iter().find(|shape| shape.kind == Kind::Mobile).unwrap();
    assert_eq!((mobile.rows, mobile.row_groups, mobile.pages), (rows, 1, 3));
    let file = files::segment_file(&dir.path().join(ID), Kind::Mobile);
    assert_eq!(mobile.bytes, fs::metadata(file).unwrap().len());
    assert_eq!(stored.side(), Some(Side::Sales));
}

#[test]
fn ranges_together_are_the_segment() {
    let dir = tempdir().unwrap();
    let rows = some_sales(20_000);
    write(dir.path(), rows.clone()).unwrap();
    let stored = open(dir.path()).unwrap();
    for kind in [Kind::Email, Kind::Mobile, Kind::NearNameTown, Kind::Card] {
        let whole = read_segment(&stored, kind, TokenRange::ALL).unwrap();
        assert_eq!(whole.len() as u64, stored.rows(kind));
        assert_eq!(Segments::rows(&rows, kind), stored.rows(kind));
        for count in [1, 2, 3, 17, 1_000] {
            let (mut ours, mut memory) = (Vec::new(), Vec::new());
            for part in TokenRange::parts(count) {
                let read = read_segment(&stored, kind, part).unwrap();
                let inside = |row: &Plain| part.contains(&VaultToken::from_bytes(row.0));
                assert!(read.iter().all(inside), "{kind} in {count} parts");
                ours.extend(read);
                if count < 20 {
                    memory.extend(read_segment(&rows, kind, part).unwrap());
                }
            }
            assert!(ours == whole && (count >= 20 || memory == whole), "{kind} in {count} parts");
        }
    }
}

#[test]
fn the_days_of_a_segment_are_those_of_its_rows() {
    let dir = tempdir().unwrap();
    let mut rows = some_sales(9_000);
    for (n, row) in (0..).zip(&mut rows) {
        // The first and the last lie in pages of their own, and are not those of every kind.
        row.date = Day::from_epoch_days(20_000 + (n * 7_919) % 365 - i32::from(n % 8_999 == 1));
    }
    write(dir.path(), rows.clone()).unwrap();
    let stored = open(dir.path()).unwrap();
    let mut seen = 0;
    for kind in Kind::ALL {
        let days = |of: Option<(Day, Day)>| of.map(|(a, b)| (a.epoch_days(), b.epoch_days()));
        let (known, expected) = (days(stored.days(kind)), days(rows.days(kind)));
        assert_eq!(known, expected, "{kind}");
        let Some((first, last)) = expected else { continue };
        let rows_of = |from, to| {
            stored.rows_of(kind, Some((Day::from_epoch_days(from), Day::from_epoch_days(to))))
        };
        let all = stored.rows(kind);
        assert_eq!([rows_of(first - 9, first - 1), rows_of(last + 1, last + 9)], [0, 0]);
        assert_eq!([rows_of(first - 9, first), rows_of(last, last + 9)], [all, all]);
        assert_eq!([rows_of(first - 9, last + 9), stored.rows_of(kind, None)], [all, all]);
        seen += 1;
    }
    assert!(seen > 3, "{seen}");
}

#[test]
fn readers_beyond_the_files_that_stay_open_read_the_same() {
    let dir = tempdir().unwrap();
    write(dir.path(), some_sales(10_000)).unwrap();
    let stored = open(dir.path()).unwrap();
    let whole = read_segment(&stored, Kind::Mobile, TokenRange::ALL).unwrap();
    let reader = || (stored.segment(Kind::Mobile, TokenRange::ALL, Columns::ALL).unwrap(), 0);
    let mut readers: Vec<_> = (0..300).map(|_| reader()).collect();
    let mut batch = Batch::new();
    let pages = whole.len().div_ceil(schema::PAGE_ROWS);
    // All are open at once, and take turns with one batch.
    for turn in 0..=pages {
        for (reader, read) in &mut readers {
            assert_eq!(reader.next(&mut batch).unwrap(), turn < pages);
            for place in 0..batch.len() {
                assert!(plain(&batch.row(place).unwrap()) == whole[*read + place]);
            }
            *read += batch.len();
        }
    }
    assert!(readers.iter().all(|(_, read)| *read == whole.len()));
}

#[test]
fn narrow_ranges_end_at_the_token() {
    // The bounds of ranges meet the bounds of pages and the tokens themselves.
    let dir = tempdir().unwrap();
    write(dir.path(), some_sales(20_000)).unwrap();
    let stored = open(dir.path()).unwrap();
    let whole = read_segment(&stored, Kind::Mobile, TokenRange::ALL).unwrap();
    let head = |row: &Plain| u64::from_be_bytes(*row.0.first_chunk().unwrap());
    let page = schema::PAGE_ROWS;
    for place in [0, 1, page - 1, page, page + 1, whole.len() - 1] {
        let at = head(&whole[place]);
        for (from, to) in [(at, at), (at, u64::MAX), (0, at), (at + 1, u64::MAX), (0, at - 1)] {
            let range = TokenRange { from, to };
            let expected: Vec<_> =
                whole.iter().filter(|row| (from..=to).contains(&head(row))).copied().collect();
            assert!(read_segment(&stored, Kind::Mobile, range).unwrap() == expected, "{place}");
        }
    }
}

#[test]
fn only_the_asked_columns_are_filled() {
    let dir = tempdir().unwrap();
    let rows = some_sales(300);
    write(dir.path(), rows.clone()).unwrap();
    let stored = open(dir.path()).unwrap();
    let whole = read_segment(&stored, Kind::Mobile, TokenRange::ALL).unwrap();
    let flags = |bits: u32| Columns {
        rows: bits & 1 != 0,
        firsts: bits & 2 != 0,
        days: bits & 4 != 0,
        values: bits & 8 != 0,
    };
    let range = TokenRange { from: 1 << 62, to: u64::MAX - (1 << 62) };
    let expected: Vec<_> =
        whole.iter().filter(|row| range.contains(&VaultToken::from_bytes(row.0))).collect();
    assert!(expected.len() < whole.len());
    // The same batch for all: what an earlier reader left in it must be gone.
    let mut batch = Batch::new();
    for columns in (0..16).rev().map(flags) {
        let mut filled = (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut memory = filled.clone();
        let mut take =
            |reader: &mut dyn Batches, into: &mut (Vec<_>, Vec<_>, Vec<_>, Vec<_>, Vec<_>)| {
                while reader.next(&mut batch).unwrap() {
                    into.0.extend(batch.tokens.iter().map(|token| *token.as_bytes()));
                    into.1.extend_from_slice(&batch.rows);
                    into.2.extend_from_slice(&batch.firsts);
                    into.3.extend(batch.days.iter().map(|day| day.epoch_days()));
                    let Values::Sales(amounts) = &batch.values else { panic!("sales") };
                    into.4.extend_from_slice(amounts);
                }
            };
        take(&mut stored.segment(Kind::Mobile, range, columns).unwrap(), &mut filled);
        take(&mut rows.segment(Kind::Mobile, range, columns).unwrap(), &mut memory);
        assert!(filled == memory, "{columns:?}");
        let of = |asked: bool| if asked { expected.len() } else { 0 };
        assert!(filled.0 == expected.iter().map(|row| row.0).collect::<Vec<_>>());
        assert_eq!(filled.1.len(), of(columns.rows));
        assert_eq!(filled.2.len(), of(columns.firsts));
        assert_eq!(filled.3.len(), of(columns.days));
        assert_eq!(filled.4.len(), of(columns.values));
    }
}

#[test]
fn deposits_opened_side_by_side_come_in_order_or_with_the_first_error() {
    let dir = tempdir().unwrap();
    let names: Vec<String> = (0..9).map(|n| format!("deposit-{n}")).collect();
    let key = |name: &str| SegmentKey::derive(&[3; 32], name);
    for (n, name) in (1..).zip(&names) {
        write_deposit(dir.path(), name, some_sales(n), &key(name), Faults::none()).unwrap();
    }
    let open = |threads| {
        let named = names.iter().map(|name| (dir.path(), name.clone(), key(name)));
        StoredDeposit::open_all(named.collect(), threads)
    };
    for threads in [0, 1, 2, 20] {
        let opened = open(threads).unwrap();
        let there = opened.iter().map(|deposit| (deposit.name.as_str(), deposit.row_count()));
        assert!(there.eq(names.iter().map(String::as_str).zip(1..)), "{threads}");
    }
    fs::write(files::seal_file(&dir.path().join(&names[7])), b"").unwrap();
    fs::remove_dir_all(dir.path().join(&names[4])).unwrap();
    for threads in [1, 3] {
        assert_eq!(open(threads).err(), Some(VaultError::NotThere));
    }
    assert!(StoredDeposit::open_all(Vec::new(), 2).unwrap().is_empty());
}
