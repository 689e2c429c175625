//! Writing in bounded memory, stopping anywhere, and rewriting.

use super::*;

/// Pushes the rows in runs of `run_rows`, in whatever order the runs come.
fn write_in_runs(
    dir: &Path,
    rows: &[VaultRow],
    run_rows: usize,
    memory_bytes_max: usize,
    faults: Faults,
) -> Result<SegmentSet, VaultError> {
    let side = rows.first().map_or(Side::Sales, |row| Side::of(row.value));
    let key = key();
    let mut writer = DepositWriter::begin(dir, ID, side, &key, memory_bytes_max, faults)?;
    for kind in Kind::ALL {
        let segment = row::segment_rows(rows, kind)?;
        // Neither sorted nor in the order of rows.
        let mut runs: Vec<Vec<SegmentRow>> = vec![Vec::new(); segment.len().div_ceil(run_rows)];
        for (place, row) in segment.iter().enumerate() {
            let count = runs.len();
            runs[place * 7 % count].insert(0, *row);
        }
        for run in runs {
            writer.push(kind, Sorted::new(run)?)?;
        }
    }
    writer.finish(u32::try_from(rows.len()).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn runs_that_wait_on_the_disk_are_merged_into_the_same(
        drawn in prop::collection::vec(any_row(), 0..120),
        run_rows in 1..40_usize,
        memory_bytes_max in prop_oneof![Just(0), Just(100), Just(3_000), Just(usize::MAX)],
        leads in any::<bool>(),
    ) {
        let mut rows: Vec<_> =
            drawn.into_iter().map(|(seeds, date, value)| sale(seeds, date, value.into())).collect();
        if leads {
            for (row, campaign) in rows.iter_mut().zip((0..=u16::MAX).cycle()) {
                row.value = Value::Lead { campaign };
            }
        }
        let dir = tempdir().unwrap();
        let set =
            write_in_runs(dir.path(), &rows, run_rows, memory_bytes_max, Faults::none()).unwrap();
        prop_assert_eq!(usize::try_from(set.rows()).unwrap(), rows.len());
        prop_assert!(open_and_read(dir.path()).unwrap() == expected(&rows));
    }
}

#[test]
fn runs_longer_than_a_block_are_merged_into_the_same() {
    let rows = some_sales(3 * u32::try_from(scratch::BLOCK_ROWS).unwrap() + 5);
    for (run_rows, memory) in [(5_000, 100_000), (900, 80_000), (4_096, 0)] {
        let dir = tempdir().unwrap();
        write_in_runs(dir.path(), &rows, run_rows, memory, Faults::none()).unwrap();
        assert!(open_and_read(dir.path()).unwrap() == expected(&rows), "{run_rows} {memory}");
    }
}

#[test]
fn several_row_groups_are_read_as_they_were_written() {
    // One token in every third row: it fills pages and row groups of its own.
    let rows = u32::try_from(2 * schema::ROW_GROUP_ROWS + 7).unwrap();
    let mut dice = 1_u64;
    let mut row = |row: u32| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut bytes = [7; 16];
        if !row.is_multiple_of(3) {
            bytes[..8].copy_from_slice(&dice.to_be_bytes());
        }
        let drawn = u16::try_from(dice >> 48).unwrap();
        let date = Day::from_epoch_days(i32::from(drawn) - 9_000);
        let value = Value::Lead { campaign: drawn };
        SegmentRow {
            token: VaultToken::from_bytes(bytes),
            row,
            first: row.is_multiple_of(2),
            date,
            value,
        }
    };
    let all: Vec<SegmentRow> = (0..rows).map(&mut row).collect();
    let mut expected: Vec<Plain> = all.iter().map(plain).collect();
    expected.sort_unstable();
    let dir = tempdir().unwrap();
    let key = key();
    let mut writer =
        DepositWriter::begin(dir.path(), ID, Side::Leads, &key, 4 << 20, Faults::none()).unwrap();
    for run in all.chunks(100_000) {
        writer.push(Kind::Card, Sorted::new(run.to_vec()).unwrap()).unwrap();
    }
    writer.finish(rows).unwrap();
    let stored = open(dir.path()).unwrap();
    let shape = stored.shapes().next().unwrap();
    assert_eq!((shape.rows, shape.row_groups), (rows, 3));
    assert!(read_segment(&stored, Kind::Card, TokenRange::ALL).unwrap() == expected);
    let mut parts = Vec::new();
    for part in TokenRange::parts(7) {
        parts.extend(read_segment(&stored, Kind::Card, part).unwrap());
    }
    assert!(parts == expected);
}

#[test]
fn stopped_anywhere_a_deposit_is_whole_or_absent() {
    for point in FaultPoint::ALL {
        for spilling in [true, false] {
            let dir = tempdir().unwrap();
            let rows = some_sales(9);
            let expected = expected(&rows);
            let memory = if spilling { 0 } else { usize::MAX };
            let stopped = write_in_runs(dir.path(), &rows, 2, memory, Faults::at(point));
            assert_eq!(stopped.err(), Some(VaultError::Injected));
            if point == FaultPoint::AfterRename {
                assert!(open_and_read(dir.path()).unwrap() == expected);
                remove(dir.path(), ID).unwrap();
            } else {
                assert_eq!(open(dir.path()).err(), Some(VaultError::NotThere));
                assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
                sweep(dir.path()).unwrap();
            }
            assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
            write(dir.path(), rows).unwrap();
            assert!(open_and_read(dir.path()).unwrap() == expected);
        }
    }
}

#[test]
fn a_writer_that_is_dropped_leaves_nothing() {
    let dir = tempdir().unwrap();
    let key = key();
    let mut writer =
        DepositWriter::begin(dir.path(), ID, Side::Sales, &key, 0, Faults::none()).unwrap();
    let rows = row::segment_rows(&some_sales(50), Kind::Mobile).unwrap();
    writer.push(Kind::Mobile, Sorted::new(rows).unwrap()).unwrap();
    // It has spilled: the scratch file has no name.
    let part = files::part_dir(dir.path(), ID).unwrap();
    assert_eq!(fs::read_dir(part).unwrap().count(), 0);
    drop(writer);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn rows_of_the_other_side_are_refused() {
    let dir = tempdir().unwrap();
    let key = key();
    let begin = |side| DepositWriter::begin(dir.path(), ID, side, &key, 0, Faults::none()).unwrap();
    let rows = || Sorted::new(row::segment_rows(&some_sales(2), Kind::Mobile).unwrap()).unwrap();
    assert_eq!(begin(Side::Leads).push(Kind::Mobile, rows()), Err(VaultError::MixedRows));
    assert_eq!(begin(Side::Sales).push(Kind::Mobile, rows()), Ok(()));
}

#[test]
fn a_rewritten_deposit_is_what_was_kept_sorted_anew() {
    let dir = tempdir().unwrap();
    let rows = some_sales(10_000);
    write(dir.path(), rows.clone()).unwrap();
    let before = open_and_read(dir.path()).unwrap();
    let stored = open(dir.path()).unwrap();
    let name = format!("{ID}.2");
    let key = || SegmentKey::derive(&[9; 32], &name);
    let turned = |token: [u8; 16]| token.map(|byte| !byte.rotate_left(3));
    let kept = |kind: Kind, row: u32| !row.is_multiple_of(5) || kind == Kind::Landline;
    for memory_bytes_max in [0, usize::MAX] {
        let target = key();
        let to = Rewritten { dir: dir.path(), name: &name, key: &target, memory_bytes_max };
        let change = |kind: Kind, row: &mut SegmentRow| {
            row.token = VaultToken::from_bytes(turned(*row.token.as_bytes()));
            kept(kind, row.row)
        };
        let set = rewrite(&stored, &to, Faults::none(), change).unwrap();
        assert_eq!(set.rows(), stored.row_count());
        let after = read_all(&StoredDeposit::open(dir.path(), &name, key()).unwrap()).unwrap();
        for kind in Kind::ALL {
            let old = before[kind.index()].iter().filter(|row| kept(kind, row.1));
            let mut expected: Vec<_> =
                old.map(|row| (turned(row.0), row.1, row.2, row.3, row.4)).collect();
            expected.sort_unstable();
            assert!(after[kind.index()] == expected, "{kind}");
        }
        assert_eq!(list(dir.path()), Ok(vec![ID.to_owned(), name.clone()]));
        remove(dir.path(), &name).unwrap();
    }
    // The old one is as it was; a stopped rewrite is swept.
    assert!(open_and_read(dir.path()).unwrap() == before);
    let target = key();
    let to = Rewritten { dir: dir.path(), name: &name, key: &target, memory_bytes_max: 0 };
    let stopped = rewrite(&stored, &to, Faults::at(FaultPoint::BeforeSeal), |_, _| true);
    assert_eq!(stopped.err(), Some(VaultError::Injected));
    sweep(dir.path()).unwrap();
    assert_eq!(list(dir.path()), Ok(vec![ID.to_owned()]));
}
