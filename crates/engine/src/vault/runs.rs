//! Sorted runs of one kind, in memory and in the scratch file, merged into one.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, binary_heap::PeekMut},
};

use super::{
    VaultError,
    scratch::{Scratch, SpilledRun},
    sorted::Packed,
};

/// The runs of one kind.
#[derive(Default)]
pub(super) struct Runs {
    pub memory: Vec<Vec<Packed>>,
    pub spilled: Vec<SpilledRun>,
}

impl Runs {
    /// Rows of all runs.
    pub fn rows(&self) -> u64 {
        let memory: usize = self.memory.iter().map(Vec::len).sum();
        memory as u64 + self.spilled.iter().map(SpilledRun::rows).sum::<u64>()
    }

    /// Moves what is in memory to the scratch file, as one run.
    pub fn spill(&mut self, scratch: &mut Scratch) -> Result<(), VaultError> {
        if !self.memory.is_empty() {
            let memory = std::mem::take(&mut self.memory);
            let mut merge = Merge::new(Self { memory, spilled: Vec::new() }, None)?;
            self.spilled.push(scratch.spill(|| merge.next())?);
        }
        Ok(())
    }
}

/// Where the rows of a run come from.
enum Source {
    Memory(std::vec::IntoIter<Packed>),
    /// The block at hand is in reverse.
    Spilled {
        run: SpilledRun,
        block: u64,
        bytes: Vec<u8>,
        rows: Vec<Packed>,
    },
}

impl Source {
    fn next(&mut self, scratch: Option<&Scratch>) -> Result<Option<Packed>, VaultError> {
        match self {
            Self::Memory(rows) => Ok(rows.next()),
            Self::Spilled { run, block, bytes, rows } => {
                if let (true, Some(scratch)) = (rows.is_empty(), scratch) {
                    scratch.read_block(run, *block, bytes, rows)?;
                    *block += 1;
                }
                Ok(rows.pop())
            }
        }
    }
}

/// The rows of several runs in order.
pub(super) struct Merge<'a> {
    sources: Vec<Source>,
    scratch: Option<&'a Scratch>,
    heads: BinaryHeap<Reverse<(Packed, usize)>>,
}

impl<'a> Merge<'a> {
    /// Opens all runs; those that were spilled lie in `scratch`.
    pub fn new(runs: Runs, scratch: Option<&'a Scratch>) -> Result<Self, VaultError> {
        let memory = runs.memory.into_iter().map(|rows| Source::Memory(rows.into_iter()));
        let spilled = runs.spilled.into_iter().map(|run| Source::Spilled {
            run,
            block: 0,
            bytes: Vec::new(),
            rows: Vec::new(),
        });
        let mut sources: Vec<_> = memory.chain(spilled).collect();
        let mut heads = BinaryHeap::with_capacity(sources.len());
        for (place, source) in sources.iter_mut().enumerate() {
            heads.extend(source.next(scratch)?.map(|row| Reverse((row, place))));
        }
        Ok(Self { sources, scratch, heads })
    }

    /// The next row; `None` at the end.
    pub fn next(&mut self) -> Result<Option<Packed>, VaultError> {
        let Some(mut head) = self.heads.peek_mut() else { return Ok(None) };
        let Reverse((row, place)) = *head;
        match self.sources[place].next(self.scratch)? {
            Some(next) => head.0.0 = next,
            None => {
                PeekMut::pop(head);
            }
        }
        Ok(Some(row))
    }
}
