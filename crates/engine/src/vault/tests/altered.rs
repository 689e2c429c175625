//! Changed, added, removed and exchanged bytes and files: always the same refusal, never a panic.

use std::path::PathBuf;

use super::*;

/// Writes `bytes` in place of the file, demands a refusal, puts the file back.
fn refused_with(dir: &Path, path: &Path, bytes: &[u8], what: &str) {
    let good = fs::read(path).unwrap();
    fs::write(path, bytes).unwrap();
    assert_eq!(open_and_read(dir).err(), Some(VaultError::Altered), "{what}");
    fs::write(path, good).unwrap();
}

fn full() -> bool {
    std::env::var_os("TIERS_FULL").is_some()
}

/// Rows of one single kind and one near kind; in the full form, of all that `some_sales` has.
fn few_sales() -> Vec<VaultRow> {
    let mut rows = some_sales(9);
    if !full() {
        for row in &mut rows {
            row.near.retain(|(kind, _)| *kind == Kind::NearNameTown);
            let email = row.tokens[Kind::Email.index()];
            row.tokens = [None; 7];
            row.tokens[Kind::Email.index()] = email;
        }
    }
    rows
}

fn kinds() -> usize {
    if full() { 5 } else { 2 }
}

#[test]
fn every_changed_byte_is_refused() {
    let dir = tempdir().unwrap();
    assert_eq!(write(dir.path(), few_sales()).unwrap().segments().count(), kinds());
    // Control: unaltered, it is read.
    assert!(open_and_read(dir.path()).is_ok());
    for path in files_of(dir.path()) {
        let good = fs::read(&path).unwrap();
        for place in 0..good.len() {
            let mut bytes = good.clone();
            bytes[place] ^= 1 << (place % 8);
            refused_with(dir.path(), &path, &bytes, &format!("flipped {place}"));
        }
        let step = if full() { 1 } else { 11 };
        for place in (0..=good.len()).step_by(step).chain([good.len()]) {
            let more = [&good[..place], &[0], &good[place..]].concat();
            refused_with(dir.path(), &path, &more, &format!("inserted {place}"));
            refused_with(dir.path(), &path, &good[..place.min(good.len() - 1)], "cut");
        }
    }
    assert!(open_and_read(dir.path()).is_ok());
}

#[test]
fn hostile_lengths_are_refused_before_anything_is_allocated() {
    // Every four bytes in turn become the largest lengths there are: module lengths, the footer's, those
    // inside. A reader that believed one would ask for gigabytes and be killed.
    let dir = tempdir().unwrap();
    assert_eq!(write(dir.path(), few_sales()).unwrap().segments().count(), kinds());
    for path in files_of(dir.path()) {
        let good = fs::read(&path).unwrap();
        let step = if full() { 1 } else { 7 };
        for place in (0..good.len() - 4).step_by(step).chain([good.len() - 8, good.len() - 4]) {
            for length in [u32::MAX, 0x7FFF_FFFF, 0] {
                let mut bytes = good.clone();
                bytes[place..place + 4].copy_from_slice(&length.to_le_bytes());
                if bytes != good {
                    refused_with(dir.path(), &path, &bytes, &format!("length at {place}"));
                }
            }
        }
    }
}

/// Another deposit in the same vault, with the same rows.
fn neighbour(dir: &Path) -> (PathBuf, SegmentKey) {
    let name = "deposit-2";
    let key = SegmentKey::derive(&[3; 32], name);
    write_deposit(dir, name, some_sales(20), &key, Faults::none()).unwrap();
    (dir.join(name), key)
}

#[test]
fn a_missing_added_swapped_or_foreign_file_is_refused() {
    let dir = tempdir().unwrap();
    write(dir.path(), some_sales(20)).unwrap();
    let deposit = dir.path().join(ID);
    let (other, its_key) = neighbour(dir.path());
    let mut kinds = 0;
    for kind in Kind::ALL {
        let path = files::segment_file(&deposit, kind);
        if !path.exists() {
            // The neighbour's seal knows no such file, nor does this one's.
            fs::write(&path, fs::read(files::segment_file(&deposit, Kind::Email)).unwrap())
                .unwrap();
            assert_eq!(open_and_read(dir.path()).err(), Some(VaultError::Altered), "{kind} added");
            fs::remove_file(&path).unwrap();
            continue;
        }
        kinds += 1;
        for from in Kind::ALL.into_iter().filter(|from| *from != kind) {
            if let Ok(bytes) = fs::read(files::segment_file(&deposit, from)) {
                refused_with(dir.path(), &path, &bytes, &format!("{from} as {kind}"));
            }
        }
        let foreign = fs::read(files::segment_file(&other, kind)).unwrap();
        refused_with(dir.path(), &path, &foreign, "another deposit's file");
        let good = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        assert_eq!(open_and_read(dir.path()).err(), Some(VaultError::Altered), "{kind} removed");
        fs::write(&path, good).unwrap();
    }
    assert!(kinds > 3);
    let seal = files::seal_file(&deposit);
    refused_with(dir.path(), &seal, &fs::read(files::seal_file(&other)).unwrap(), "its seal");
    assert!(open_and_read(dir.path()).is_ok());

    fs::remove_file(seal).unwrap();
    assert_eq!(open(dir.path()).err(), Some(VaultError::Altered));
    fs::remove_dir_all(&deposit).unwrap();
    assert_eq!(open(dir.path()).err(), Some(VaultError::NotThere));
    fs::rename(other, &deposit).unwrap();
    assert_eq!(open(dir.path()).err(), Some(VaultError::Altered));
    assert_eq!(StoredDeposit::open(dir.path(), ID, its_key).err(), Some(VaultError::Altered));
}

#[test]
fn an_earlier_file_of_the_same_deposit_is_refused() {
    // The same name, key and rows, written twice: each file's modules are bound to the file.
    let dir = tempdir().unwrap();
    write(dir.path(), some_sales(20)).unwrap();
    let path = files::segment_file(&dir.path().join(ID), Kind::Email);
    let earlier = fs::read(&path).unwrap();
    remove(dir.path(), ID).unwrap();
    write(dir.path(), some_sales(20)).unwrap();
    let later = fs::read(&path).unwrap();
    assert_eq!(earlier.len(), later.len());
    refused_with(dir.path(), &path, &earlier, "the earlier file");
    // Its pages alone, behind the later footer: they lie at the same places.
    let pages = 4..later.len() / 3;
    let mut mixed = later.clone();
    mixed[pages.clone()].copy_from_slice(&earlier[pages]);
    refused_with(dir.path(), &path, &mixed, "the earlier file's pages");
}

#[test]
fn pages_of_one_file_cannot_be_exchanged() {
    // Two pages of one column have the same length; only their number sets them apart.
    let dir = tempdir().unwrap();
    let rows = 3 * u32::try_from(schema::PAGE_ROWS).unwrap();
    let row = |n: u32| sale([None, None, Some(n), None, None, None, None], 0, 1);
    write(dir.path(), (0..rows).map(row).collect()).unwrap();
    let path = files::segment_file(&dir.path().join(ID), Kind::Email);
    let deposit = open(dir.path()).unwrap();
    for column in 0..schema::COLUMNS {
        let places = |page: usize| deposit.segments[0].pages[page].places[column];
        let ((one, length), (other, same)) = (places(0), places(1));
        let [one, other] = [one, other].map(|place| usize::try_from(place).unwrap());
        if length != same {
            continue;
        }
        let good = fs::read(&path).unwrap();
        let mut bytes = good.clone();
        bytes[one..one + length].copy_from_slice(&good[other..other + length]);
        bytes[other..other + length].copy_from_slice(&good[one..one + length]);
        refused_with(dir.path(), &path, &bytes, &format!("pages of column {column}"));
    }
    assert!(deposit.segments[0].pages.len() == 3 && open_and_read(dir.path()).is_ok());
}

#[test]
fn an_altered_page_is_refused_when_it_is_read() {
    let dir = tempdir().unwrap();
    let rows = 4 * u32::try_from(schema::PAGE_ROWS).unwrap();
    let row = |n: u32| sale([None, None, Some(n), None, None, None, None], 0, 1);
    write(dir.path(), (0..rows).map(row).collect()).unwrap();
    let deposit = open(dir.path()).unwrap();
    let page = &deposit.segments[0].pages[2];
    let path = files::segment_file(&dir.path().join(ID), Kind::Email);
    let mut bytes = fs::read(&path).unwrap();
    bytes[usize::try_from(page.places[0].0).unwrap() + 300] ^= 4;
    fs::write(&path, bytes).unwrap();
    let read = |range| read_segment(&deposit, Kind::Email, range).map(|rows| rows.len());
    assert_eq!(read(TokenRange::ALL), Err(VaultError::Altered));
    assert_eq!(read(TokenRange { from: page.from, to: page.from }), Err(VaultError::Altered));
    let before = TokenRange { from: 0, to: page.from - 1 };
    assert_eq!(read(before), Ok(2 * schema::PAGE_ROWS));
    // After the refusal the reader yields nothing more.
    let mut reader = deposit.segment(Kind::Email, TokenRange::ALL, Columns::TOKENS).unwrap();
    let mut batch = Batch::new();
    let outcomes: Vec<_> = (0..5).map(|_| reader.next(&mut batch)).collect();
    let refused = Err(VaultError::Altered);
    assert_eq!(outcomes, [Ok(true), Ok(true), refused, Ok(false), Ok(false)]);
    assert!(batch.is_empty());
}

#[test]
fn another_key_is_refused() {
    let dir = tempdir().unwrap();
    write(dir.path(), some_sales(3)).unwrap();
    let keys = [SegmentKey::derive(&[4; 32], ID), SegmentKey::derive(&[3; 32], "deposit-2")];
    for key in keys {
        assert_eq!(StoredDeposit::open(dir.path(), ID, key).err(), Some(VaultError::Altered));
    }
}
