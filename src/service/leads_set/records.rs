//! Sorted runs of records, in memory or in files, and their merge into one run without repetition.
//! What a record says is not known here.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use super::{ROW, Record};

/// Bytes that are read of a run at a time: whole records.
const READ_BYTES: u64 = 1_724 * super::RECORD as u64;

/// One sorted run.
pub(in crate::service) enum Run {
    /// In memory.
    Memory(std::vec::IntoIter<Record>),
    /// In a file.
    File(Records),
}

/// The records of a file, many at a time.
pub(in crate::service) struct Records {
    file: File,
    block: Vec<u8>,
    /// Where the next record of the block begins.
    at: usize,
}

impl Records {
    fn next(&mut self) -> io::Result<Option<Record>> {
        if self.at == self.block.len() {
            self.fill()?;
        }
        let Some(record) = self.block[self.at..].first_chunk() else { return Ok(None) };
        self.at += record.len();
        Ok(Some(*record))
    }

    fn fill(&mut self) -> io::Result<()> {
        self.block.clear();
        self.at = 0;
        (&self.file).take(READ_BYTES).read_to_end(&mut self.block)?;
        if self.block.len().is_multiple_of(super::RECORD) {
            return Ok(());
        }
        Err(io::ErrorKind::InvalidData.into())
    }
}

impl Run {
    /// The records of a file.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self::File(Records { file: File::open(path)?, block: Vec::new(), at: 0 }))
    }

    /// Sorts records into a run.
    pub(in crate::service) fn sorted(mut records: Vec<Record>) -> Self {
        records.sort_unstable();
        records.dedup_by_key(|record| row(record));
        Self::Memory(records.into_iter())
    }

    /// Records of a run in memory; of a file nobody knows.
    pub(super) fn held(&self) -> usize {
        match self {
            Self::Memory(records) => records.len(),
            Self::File(_) => 0,
        }
    }

    fn next(&mut self) -> io::Result<Option<Record>> {
        match self {
            Self::Memory(records) => Ok(records.next()),
            Self::File(records) => records.next(),
        }
    }
}

/// What tells two rows apart; of equal ones the first ordinal is kept.
fn row(record: &Record) -> [u8; ROW] {
    record[..ROW].try_into().expect("a record begins with its row")
}

/// Gives every row of some runs once, in order.
pub(super) fn merge<E: From<io::Error>>(
    mut runs: Vec<Run>,
    mut each: impl FnMut(&Record) -> Result<(), E>,
) -> Result<(), E> {
    if let [run] = &mut runs[..] {
        return alone(run, each);
    }
    let mut heads = BinaryHeap::with_capacity(runs.len());
    for (place, run) in runs.iter_mut().enumerate() {
        heads.extend(run.next()?.map(|record| Reverse((record, place))));
    }
    let mut last = None;
    while let Some(mut head) = heads.peek_mut() {
        let Reverse((record, place)) = &mut *head;
        if last != Some(row(record)) {
            each(record)?;
            last = Some(row(record));
        }
        let next = runs.get_mut(*place).map(Run::next).transpose()?.flatten();
        match next {
            Some(next) => *record = next,
            None => drop(PeekMut::pop(head)),
        }
    }
    Ok(())
}

/// The same of one run, which has nothing to be compared with.
fn alone<E: From<io::Error>>(
    run: &mut Run,
    mut each: impl FnMut(&Record) -> Result<(), E>,
) -> Result<(), E> {
    let mut last = None;
    while let Some(record) = run.next()? {
        if last.replace(row(&record)) != Some(row(&record)) {
            each(&record)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::io::Write as _;

    use proptest::prelude::*;

    use super::*;

    fn record(n: u8) -> Record {
        let mut record = [n / 2; super::super::RECORD];
        record[33] = n;
        record
    }

    fn merged(runs: Vec<Run>) -> io::Result<Vec<Record>> {
        let mut all = Vec::new();
        merge(runs, |record| {
            all.push(*record);
            Ok::<_, io::Error>(())
        })?;
        Ok(all)
    }

    proptest! {
        #[test]
        fn runs_become_one_set(runs in prop::collection::vec(prop::collection::vec(0..40_u8, 0..30), 0..6)) {
            let expected: BTreeSet<Record> = runs.iter().flatten().map(|n| record(*n)).collect();
            let folder = tempfile::tempdir()?;
            let run = |(place, run): (usize, &Vec<u8>)| {
                let records: Vec<Record> = run.iter().map(|n| record(*n)).collect();
                if place % 2 == 0 {
                    return Run::sorted(records);
                }
                let path = folder.path().join(place.to_string());
                let mut sorted: Vec<Record> = records;
                sorted.sort_unstable();
                File::create(&path).and_then(|mut f| f.write_all(sorted.as_flattened())).expect("writes");
                Run::open(&path).expect("opens")
            };
            let found = merged(runs.iter().enumerate().map(run).collect())?;
            prop_assert_eq!(found, expected.into_iter().collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_cut_file_is_an_error() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("run");
        for length in [1, 37, 39, 75] {
            std::fs::write(&path, vec![0; length]).expect("writes");
            let found = merged(vec![Run::open(&path).expect("opens")]);
            assert_eq!(found.map_err(|e| e.kind()), Err(io::ErrorKind::InvalidData), "{length}");
        }
    }
}
