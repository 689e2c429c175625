//! Sorted lines that wait to be merged: in memory up to a budget, then in scratch files, so that memory does
//! not follow the number of rows. What a line says is no matter here.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use tiers_contact::{Lines, MemoryRun, Merge, Run};

use super::super::files::Staged;
use super::CliError;

/// Runs of lines, some of them on the disk.
pub struct Runs<'a> {
    staged: &'a Staged,
    /// Where the deposit will be, for refusals.
    target: &'a Path,
    budget_bytes: usize,
    memory: Vec<Lines>,
    memory_bytes: usize,
    spilled: Vec<FileRun>,
    lines: u64,
}

impl<'a> Runs<'a> {
    /// No runs yet; in memory they take up to `budget_bytes`.
    #[must_use]
    pub const fn new(staged: &'a Staged, target: &'a Path, budget_bytes: usize) -> Self {
        Self {
            staged,
            target,
            budget_bytes,
            memory: Vec::new(),
            memory_bytes: 0,
            spilled: Vec::new(),
            lines: 0,
        }
    }

    /// Adds a run.
    ///
    /// # Errors
    /// [`CliError::Write`] when it has to go to the disk and cannot.
    pub fn push(&mut self, lines: Lines) -> Result<(), CliError> {
        self.lines += lines.len() as u64;
        self.memory_bytes += lines.bytes();
        self.memory.push(lines);
        if self.memory_bytes > self.budget_bytes { self.spill() } else { Ok(()) }
    }

    /// Lines of all runs.
    #[must_use]
    pub const fn lines(&self) -> u64 {
        self.lines
    }

    /// Runs that lie on the disk.
    #[cfg(test)]
    const fn spilled(&self) -> usize {
        self.spilled.len()
    }

    /// The runs as one.
    #[must_use]
    pub fn merge(self) -> Merge<AnyRun> {
        let memory = self.memory.into_iter().map(|lines| AnyRun::Memory(lines.into_run()));
        Merge::new(memory.chain(self.spilled.into_iter().map(AnyRun::File)).collect())
    }

    /// Merges what is in memory into one run on the disk.
    fn spill(&mut self) -> Result<(), CliError> {
        let failed = |cause: io::Error| CliError::write(self.target, &cause);
        let mut file = self.staged.scratch()?;
        let mut pending = Vec::with_capacity(2 * WINDOW_BYTES);
        let runs = self.memory.drain(..).map(|lines| AnyRun::Memory(lines.into_run()));
        Merge::new(runs.collect()).each(|line, source| {
            pending.extend_from_slice(&source.to_le_bytes());
            pending.extend_from_slice(&u32::try_from(line.len()).unwrap_or(0).to_le_bytes());
            pending.extend_from_slice(line);
            if pending.len() >= WINDOW_BYTES {
                file.write_all(&pending).map_err(failed)?;
                pending.clear();
            }
            Ok::<(), CliError>(())
        })?;
        file.write_all(&pending).and_then(|()| file.rewind()).map_err(failed)?;
        self.memory_bytes = 0;
        self.spilled.push(FileRun::begin(file, self.target)?);
        Ok(())
    }
}

/// A run, wherever it lies.
pub enum AnyRun {
    /// In memory.
    Memory(MemoryRun<Lines>),
    /// In a scratch file.
    File(FileRun),
}

impl Run for AnyRun {
    type Error = CliError;

    fn head(&self) -> Option<(&[u8], u64)> {
        match self {
            Self::Memory(run) => run.head(),
            Self::File(run) => run.head(),
        }
    }

    fn advance(&mut self) -> Result<(), CliError> {
        match self {
            Self::Memory(run) => {
                let Ok(()) = run.advance();
                Ok(())
            }
            Self::File(run) => run.advance(),
        }
    }
}

/// Bytes of a scratch file that are in memory.
const WINDOW_BYTES: usize = 256 * 1024;

/// A run in a scratch file: for each line eight bytes of its row and four of its length, then the line.
pub struct FileRun {
    file: File,
    target: PathBuf,
    window: Vec<u8>,
    /// The head in the window.
    start: usize,
    end: usize,
    source: u64,
}

impl FileRun {
    fn begin(file: File, target: &Path) -> Result<Self, CliError> {
        let target = target.to_owned();
        let mut run = Self { file, target, window: Vec::new(), start: 0, end: 0, source: 0 };
        run.advance()?;
        Ok(run)
    }

    fn head(&self) -> Option<(&[u8], u64)> {
        (self.end > self.start).then(|| (&self.window[self.start..self.end], self.source))
    }

    fn advance(&mut self) -> Result<(), CliError> {
        while !self.find() {
            self.window.drain(..self.end);
            (self.start, self.end) = (0, 0);
            let before = self.window.len();
            let mut more = (&self.file).take(WINDOW_BYTES as u64);
            let read = more.read_to_end(&mut self.window);
            read.map_err(|cause| CliError::read(&self.target, &cause))?;
            if self.window.len() == before {
                // Nothing more: `head` says so.
                return Ok(());
            }
        }
        Ok(())
    }

    /// Moves the head to the next line of the window; false when it is not whole.
    fn find(&mut self) -> bool {
        let rest = &self.window[self.end..];
        let Some((source, rest)) = rest.split_first_chunk() else { return false };
        let Some((length, rest)) = rest.split_first_chunk() else { return false };
        let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
        if rest.len() < length {
            return false;
        }
        self.source = u64::from_le_bytes(*source);
        self.start = self.window.len() - rest.len();
        self.end = self.start + length;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use tiers_contact::{FileKind, Kind, PrepareOptions, Tokeniser, read_and_normalise};

    fn run(first: u64) -> Lines {
        let options = PrepareOptions {
            kinds: vec![Kind::Email, Kind::Mobile],
            ..super::super::tests::options(FileKind::Customers)
        };
        let rows: String = (first..first + 50).map(|row| format!("a{}@b.fr\n", row % 60)).collect();
        let prepared = read_and_normalise("a", format!("email\n{rows}").as_bytes(), &options);
        let prepared = prepared.unwrap_or_else(|error| panic!("{error}"));
        let mut lines = prepared.lines(0..50, &Tokeniser::new(&[1; 32], "runs"));
        lines.shift(first);
        lines
    }

    fn merged(budget_bytes: usize) -> (usize, Vec<(Vec<u8>, u64)>) {
        let dir = tempfile::tempdir().expect("a directory");
        let target = dir.path().join("deposit");
        let staged = Staged::begin(&target).expect("begins");
        let mut runs = Runs::new(&staged, &target, budget_bytes);
        for first in 0..200 {
            runs.push(run(first * 50)).expect("room on the disk");
        }
        assert_eq!(runs.lines(), 10_000);
        let spilled = runs.spilled();
        let mut lines = Vec::new();
        let taken = runs.merge().each(|line, source| {
            lines.push((line.to_vec(), source));
            Ok::<(), CliError>(())
        });
        taken.expect("the disk gives back");
        drop(staged);
        assert_eq!(std::fs::read_dir(dir.path()).expect("list").count(), 0, "nothing is left");
        (spilled, lines)
    }

    #[test]
    fn lines_are_the_same_wherever_they_waited() {
        let (none, expected) = merged(usize::MAX);
        assert_eq!((none, expected.len()), (0, 10_000));
        assert!(expected.is_sorted());
        for (budget, spilled) in [(0, 200), (30_000, 1), (600_000, 0)] {
            let (found, lines) = merged(budget);
            assert!(found >= spilled, "{budget}: {found}");
            assert!(lines == expected, "{budget}");
        }
    }

    #[test]
    fn a_scratch_file_has_no_name() {
        let dir = tempfile::tempdir().expect("a directory");
        let target = dir.path().join("deposit");
        let staged = Staged::begin(&target).expect("begins");
        let mut runs = Runs::new(&staged, &target, 0);
        runs.push(run(0)).expect("room on the disk");
        assert_eq!(runs.spilled(), 1);
        for entry in std::fs::read_dir(dir.path()).expect("list") {
            let inside = std::fs::read_dir(entry.expect("an entry").path()).expect("list");
            assert_eq!(inside.count(), 0);
        }
    }
}
