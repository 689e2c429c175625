//! Sorted lines that wait to be merged: in memory up to a budget, then in scratch files, so that memory does
//! not follow the number of rows. What a line says is no matter here.

use std::io::{self, Seek as _};
use std::path::Path;
use std::thread::{self, JoinHandle};

use tiers_contact::{Lines, Piece, Spooled, Written, spool};

use super::super::files::Staged;
use super::CliError;

/// Runs of lines, some of them on the disk.
pub struct Runs<'a> {
    staged: &'a Staged,
    /// Where the deposit will be, for refusals.
    target: &'a Path,
    budget_bytes: usize,
    memory: Vec<Lines>,
    /// Bytes of lines in memory, those on their way to the disk among them.
    memory_bytes: usize,
    spilled: Vec<Spooled>,
    spilled_bytes: usize,
    spilling: Option<Spilling>,
    lines: u64,
}

/// Lines on their way to the disk, while others are made.
struct Spilling {
    bytes: usize,
    thread: JoinHandle<io::Result<Spooled>>,
}

/// So many lines go to the disk together at least, and this share of what lies there: few runs to merge, however long
/// the file is, and no more of them than must.
const SPILL_BYTES: usize = 8 << 20;
const SPILL_SHARE: usize = 8;

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
            spilled_bytes: 0,
            spilling: None,
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
        let is_over = self.spilling.as_ref().is_some_and(|one| one.thread.is_finished());
        if is_over || self.memory_bytes > self.budget_bytes {
            self.settle()?;
        }
        // Begun before there is no room left, so that it is done by then.
        let enough = SPILL_BYTES.max(self.spilled_bytes / SPILL_SHARE).min(self.budget_bytes / 2);
        if self.spilling.is_none() && self.memory_bytes + enough > self.budget_bytes {
            self.spill(enough)?;
        }
        Ok(())
    }

    /// Lines of all runs.
    #[must_use]
    pub const fn lines(&self) -> u64 {
        self.lines
    }

    /// Runs that lie on the disk.
    #[cfg(test)]
    fn spilled(&self) -> usize {
        self.spilled.len() + usize::from(self.spilling.is_some())
    }

    /// Gives the body of all lines, piece by piece ([`tiers_contact::pieces`]).
    ///
    /// # Errors
    /// [`CliError::Read`] when the disk does not give back what it took.
    pub fn pieces(
        mut self,
        heading: &[u8],
        piece_bytes: usize,
        give: &mut dyn FnMut(Piece) -> Option<Piece>,
    ) -> Result<Written, CliError> {
        self.settle()?;
        let written = tiers_contact::pieces(heading, self.memory, self.spilled, piece_bytes, give);
        written.map_err(|cause| CliError::read(self.target, &cause))
    }

    /// Has a thread merge as many of the runs in memory as are `enough` into one on the disk.
    fn spill(&mut self, enough: usize) -> Result<(), CliError> {
        let mut file = self.staged.scratch()?;
        let (mut bytes, mut count) = (0, 0);
        while bytes <= enough && count < self.memory.len() {
            bytes += self.memory[count].bytes();
            count += 1;
        }
        let runs: Vec<Lines> = self.memory.drain(..count).collect();
        let thread = thread::spawn(move || {
            spool(runs, &mut file)?;
            file.rewind()?;
            Spooled::begin(Box::new(file))
        });
        self.spilling = Some(Spilling { bytes, thread });
        Ok(())
    }

    /// Waits until what is on its way is on the disk.
    fn settle(&mut self) -> Result<(), CliError> {
        let Some(Spilling { bytes, thread }) = self.spilling.take() else { return Ok(()) };
        let spooled = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        self.spilled.push(spooled.map_err(|cause| CliError::write(self.target, &cause))?);
        self.memory_bytes -= bytes;
        self.spilled_bytes += bytes;
        Ok(())
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

    /// What became of ten thousand rows: runs on the disk, the body, the table of rows, the numbers.
    fn merged(budget_bytes: usize) -> (usize, Vec<u8>, Vec<u8>, Written) {
        let dir = tempfile::tempdir().expect("a directory");
        let target = dir.path().join("deposit");
        let staged = Staged::begin(&target).expect("begins");
        let mut runs = Runs::new(&staged, &target, budget_bytes);
        for first in 0..200 {
            runs.push(run(first * 50)).expect("room on the disk");
        }
        assert_eq!(runs.lines(), 10_000);
        let spilled = runs.spilled();
        let (mut body, mut rows) = (Vec::new(), Vec::new());
        let mut give = |piece: Piece| {
            body.extend_from_slice(piece.text());
            piece.write_rows(",a,", &mut rows);
            Some(piece)
        };
        let written = runs.pieces(b"heading\n", 1 << 12, &mut give).expect("the disk gives back");
        drop(staged);
        assert_eq!(std::fs::read_dir(dir.path()).expect("list").count(), 0, "nothing is left");
        (spilled, body, rows, written)
    }

    #[test]
    fn lines_are_the_same_wherever_they_waited() {
        let (none, body, rows, written) = merged(usize::MAX);
        assert_eq!((none, written.lines, written.whole), (0, 10_000, true));
        assert_eq!(written.bytes, body.len() as u64);
        let lines: Vec<&[u8]> = body.split_inclusive(|byte| *byte == b'\n').collect();
        assert_eq!((lines[0], lines.len()), (&b"heading\n"[..], 10_001));
        assert!(lines[1..].is_sorted());
        // Sixty addresses, each of them many times.
        assert_eq!(written.duplicates, 10_000 - 60);
        let rows_text = std::str::from_utf8(&rows).expect("text");
        let numbers = rows_text.lines().enumerate().map(|(place, row)| {
            let (line, row) = row.split_once(",a,").expect("a row of the table");
            assert_eq!(line, (place + 1).to_string());
            row.parse().expect("a number")
        });
        let mut numbers: Vec<u64> = numbers.collect();
        numbers.sort_unstable();
        assert!(numbers.into_iter().eq(1..=10_000));
        for (budget, spilled) in [(0, 200), (30_000, 1), (600_000, 0)] {
            let (found, again, rows_again, numbers) = merged(budget);
            assert!(found >= spilled, "{budget}: {found}");
            assert!(again == body && rows_again == rows && numbers == written, "{budget}");
        }
    }

    #[test]
    fn nobody_wants_more() {
        let dir = tempfile::tempdir().expect("a directory");
        let target = dir.path().join("deposit");
        let staged = Staged::begin(&target).expect("begins");
        let mut runs = Runs::new(&staged, &target, usize::MAX);
        runs.push(run(0)).expect("room in memory");
        let mut given = 0;
        let mut give = |_| {
            given += 1;
            None
        };
        let written = runs.pieces(b"heading\n", 100, &mut give).expect("nothing to read");
        assert_eq!((given, written.whole), (1, false));
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
