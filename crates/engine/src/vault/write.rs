//! Writes a deposit in bounded memory: all its segments and the seal, or nothing.

use std::{
    io::Write,
    num::NonZero,
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use tiers_contact::Kind;

use super::{
    FaultPoint, Faults, Side, Sorted, VaultError, VaultRow,
    encode::{Target, write_segment},
    files::{self, write_error},
    row::segment_rows,
    runs::{Merge, Runs},
    scratch::Scratch,
    seal::{Seal, SealedSegment},
    sorted::PACKED_LEN,
};
use crate::crypto::segment_key::SegmentKey;

/// What was written. The counts are the party's own file's; they are no result of a match.
pub struct SegmentSet {
    seal: Seal,
}

impl SegmentSet {
    /// Rows of the deposit, those without any identifier included.
    #[must_use]
    pub const fn rows(&self) -> u32 {
        self.seal.rows
    }

    /// The kinds that have a segment, with the number of its rows, in the fixed order.
    pub fn segments(&self) -> impl Iterator<Item = (Kind, u32)> + '_ {
        self.seal.segments.iter().map(|segment| (segment.kind, segment.rows))
    }
}

/// A deposit that is being written. Dropped, it leaves nothing.
pub struct DepositWriter<'k> {
    dir: PathBuf,
    name: String,
    part: Part,
    side: Side,
    key: &'k SegmentKey,
    memory_bytes_max: usize,
    faults: Faults,
    runs: [Runs; Kind::ALL.len()],
    memory_bytes: usize,
    scratch: Option<Scratch>,
}

/// The folder of unfinished work.
struct Part {
    path: PathBuf,
    /// Whether it is to be left as it is.
    left: bool,
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.left {
            // What cannot be removed now is swept at the next start.
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}

impl<'k> DepositWriter<'k> {
    /// Begins the deposit `name` under `dir`. Of the rows that are pushed about `memory_bytes_max`
    /// are held in memory, the others wait encrypted in a file without a name. [`Self::finish`] takes
    /// about 30 MiB for each kind that is written at a time on top of it, as many as processors.
    ///
    /// # Errors
    /// [`VaultError::AlreadyThere`]: segments are written once. [`VaultError::UnsafeId`],
    /// [`VaultError::Write`].
    pub fn begin(
        dir: &Path,
        name: &str,
        side: Side,
        key: &'k SegmentKey,
        memory_bytes_max: usize,
        faults: Faults,
    ) -> Result<Self, VaultError> {
        let whole = files::deposit_dir(dir, name)?;
        let part = files::part_dir(dir, name)?;
        if whole.exists() {
            return Err(VaultError::AlreadyThere);
        }
        files::fresh_dir(&part)?;
        // A point that is to be passed is: as if memory were full at once.
        let spills = faults == Faults::at(FaultPoint::AfterSpill);
        let mut writer = Self {
            dir: dir.to_owned(),
            name: name.to_owned(),
            part: Part { path: part, left: false },
            side,
            key,
            memory_bytes_max: if spills { 0 } else { memory_bytes_max },
            faults,
            runs: std::array::from_fn(|_| Runs::default()),
            memory_bytes: 0,
            scratch: None,
        };
        writer.pass(FaultPoint::BeforeSegments)?;
        Ok(writer)
    }

    /// Takes a run of rows of `kind`. Runs may come in any order.
    ///
    /// # Errors
    /// [`VaultError::MixedRows`] for rows of the other side; [`VaultError::Write`].
    pub fn push(&mut self, kind: Kind, run: Sorted) -> Result<(), VaultError> {
        match run.side {
            None => return Ok(()),
            Some(side) if side != self.side => return Err(VaultError::MixedRows),
            Some(_) => {}
        }
        self.memory_bytes += run.rows.len() * PACKED_LEN;
        self.runs[kind.index()].memory.push(run.rows);
        if self.memory_bytes > self.memory_bytes_max { self.spill() } else { Ok(()) }
    }

    /// Moves all rows to the scratch file.
    fn spill(&mut self) -> Result<(), VaultError> {
        let scratch = match &mut self.scratch {
            Some(scratch) => scratch,
            none => none.insert(Scratch::create(&self.part.path)?),
        };
        for runs in &mut self.runs {
            runs.spill(scratch)?;
        }
        self.memory_bytes = 0;
        self.pass(FaultPoint::AfterSpill)
    }

    /// Merges the runs of each kind into its segment, seals them, and puts the deposit of `rows` rows
    /// (those without any identifier included) in place, durably and in one step: afterwards the whole
    /// deposit is there, or nothing that [`super::list`] shows.
    ///
    /// # Errors
    /// [`VaultError::TooManyRows`]; [`VaultError::Write`] when the file system fails.
    pub fn finish(mut self, rows: u32) -> Result<SegmentSet, VaultError> {
        let runs = std::mem::replace(&mut self.runs, std::array::from_fn(|_| Runs::default()));
        let segments = self.segments(runs)?;
        let seal = Seal { deposit: self.name.clone(), rows, segments };
        // Rows are given back before the flushing.
        self.scratch = None;
        self.pass(FaultPoint::BeforeSeal)?;
        let mut file = files::create(&files::seal_file(&self.part.path))?;
        file.write_all(&seal.encode(self.key))
            .and_then(|()| file.sync_all())
            .map_err(write_error)?;
        self.pass(FaultPoint::BeforeRename)?;
        files::put(&self.part.path, &files::deposit_dir(&self.dir, &self.name)?, &self.dir)?;
        self.part.left = true;
        self.pass(FaultPoint::AfterRename)?;
        Ok(SegmentSet { seal })
    }

    /// Writes the segments, several at once where there are processors for it.
    fn segments(&self, runs: [Runs; Kind::ALL.len()]) -> Result<Vec<SealedSegment>, VaultError> {
        let work: Vec<_> = Kind::ALL
            .into_iter()
            .zip(runs)
            .filter(|(_, runs)| runs.rows() > 0)
            .map(|(kind, runs)| (kind, Mutex::new((Some(runs), None))))
            .collect();
        let taken = AtomicUsize::new(0);
        let one = || {
            while let Some((kind, slot)) = work.get(taken.fetch_add(1, Ordering::Relaxed)) {
                // Nobody else has this place; the lock is held so that its rows end with it.
                let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
                slot.1 = slot.0.take().map(|runs| self.segment(*kind, runs));
            }
        };
        let processors = thread::available_parallelism().map_or(1, NonZero::get);
        thread::scope(|scope| {
            (1..processors.min(work.len())).for_each(|_| {
                scope.spawn(one);
            });
            one();
        });
        let done = |(_, slot): (Kind, Mutex<(Option<Runs>, _)>)| {
            slot.into_inner().unwrap_or_else(PoisonError::into_inner).1
        };
        // A thread that panicked has ended the scope with it: each place has its result.
        work.into_iter().filter_map(done).collect()
    }

    fn segment(&self, kind: Kind, runs: Runs) -> Result<SealedSegment, VaultError> {
        let target = Target {
            dir: &self.part.path,
            deposit: &self.name,
            side: self.side,
            kind,
            key: self.key,
            rows: runs.rows(),
        };
        let mut merge = Merge::new(runs, self.scratch.as_ref())?;
        write_segment(&target, || merge.next())
    }

    /// Passes a fault point. Stopped at one, the disk stays as a power cut would leave it.
    fn pass(&mut self, point: FaultPoint) -> Result<(), VaultError> {
        let passed = self.faults.pass(point);
        self.part.left |= passed.is_err();
        passed
    }
}

/// Writes the segments of a deposit under `dir` from rows that are in memory, as [`DepositWriter`]
/// does.
///
/// # Errors
/// Those of [`DepositWriter`] and [`Sorted::new`].
// The rows are consumed: no copy of a deposit outlives its writing.
#[expect(clippy::needless_pass_by_value)]
pub fn write_deposit(
    dir: &Path,
    deposit_id: &str,
    rows: Vec<VaultRow>,
    key: &SegmentKey,
    faults: Faults,
) -> Result<SegmentSet, VaultError> {
    let side = rows.first().map_or(Side::Sales, |row| Side::of(row.value));
    if rows.iter().any(|row| Side::of(row.value) != side) {
        return Err(VaultError::MixedRows);
    }
    let count = u32::try_from(rows.len()).map_err(|_| VaultError::TooManyRows)?;
    let mut writer = DepositWriter::begin(dir, deposit_id, side, key, usize::MAX, faults)?;
    for kind in Kind::ALL {
        writer.push(kind, Sorted::new(segment_rows(&rows, kind)?)?)?;
    }
    writer.finish(count)
}
