//! The text of a body as blocks of whole lines. What a line says is not known here (`lines.rs`), nor who
//! reads which block.

use std::ops::Range;

use tiers_protocol::manifest::Manifest;
use tiers_protocol::seal::{CHUNK, Opener};
use zeroize::Zeroizing;

use super::text::Text;
use crate::limits;
use crate::service::{Refusal, ServiceError};

/// Room for one block, for the line that the block before it left unfinished, and for the tag of the
/// chunk that is being opened. Wiped when dropped.
pub(super) struct Buffer(Zeroizing<Vec<u8>>);

impl Buffer {
    pub(super) fn new(chunks: usize) -> Self {
        let room = limits::LINE_BYTES + (chunks - 1) * CHUNK + Opener::SEALED_CHUNK;
        Self(Zeroizing::new(vec![0; room]))
    }

    /// The lines of a block that was read into this buffer.
    pub(super) fn lines(&self, block: &Block) -> &[u8] {
        self.0.get(block.text.clone()).unwrap_or_default()
    }
}

/// A block of whole lines.
pub(super) struct Block {
    /// Its place among the blocks, from 0.
    pub(super) place: u64,
    /// Ordinal of its first row, from 0; the heading is none.
    pub(super) first_row: u64,
    text: Range<usize>,
}

/// The text on its way to the threads.
pub(super) struct Source {
    text: Text,
    heading: Option<Vec<u8>>,
    /// What stands behind the last line end; longer than a line is refused.
    rest: Zeroizing<Vec<u8>>,
    rows: u64,
    blocks: u64,
    /// What follows the last block that was given.
    fault: Option<Refusal>,
    at_end: bool,
}

impl Source {
    /// Begins to read a text that has this heading.
    pub(super) fn new(text: Text, heading: Vec<u8>) -> Self {
        Self {
            text,
            heading: Some(heading),
            rest: Zeroizing::new(Vec::with_capacity(limits::LINE_BYTES)),
            rows: 0,
            blocks: 0,
            fault: None,
            at_end: false,
        }
    }

    /// The next block; none behind the last, nor after [`Source::stop`].
    ///
    /// # Errors
    /// The refusals that the stream and the cutting into lines know.
    pub(super) fn next(&mut self, buffer: &mut Buffer) -> Result<Option<Block>, ServiceError> {
        loop {
            if let Some(fault) = self.fault.take() {
                return Err(fault.into());
            }
            if self.at_end {
                return Ok(None);
            }
            let start = self.rest.len();
            buffer.0[..start].copy_from_slice(&self.rest);
            self.rest.clear();
            let (end, at_end) = self.text.fill(&mut buffer.0, start)?;
            self.at_end = at_end;
            let filled = buffer.0.get(..end).unwrap_or_default();
            let cut = memchr::memrchr(b'\n', filled).map_or(0, |at| at + 1);
            let start = self.heading(&filled[..cut])?;
            let rest = &filled[cut..];
            if rest.len() > limits::LINE_BYTES || (self.at_end && !rest.is_empty()) {
                // The lines before it may have faults of their own, which come first.
                self.fault = Some(Refusal::BadLine);
            } else {
                self.rest.extend_from_slice(rest);
            }
            let rows = memchr::memchr_iter(b'\n', &filled[start..cut]).count() as u64;
            if rows > 0 {
                let block = Block { place: self.blocks, first_row: self.rows, text: start..cut };
                (self.blocks, self.rows) = (self.blocks + 1, self.rows + rows);
                return Ok(Some(block));
            }
        }
    }

    /// Where the rows of a block begin: behind the heading, if that was still to come.
    fn heading(&mut self, lines: &[u8]) -> Result<usize, Refusal> {
        let (Some(heading), Some(end)) = (&self.heading, memchr::memchr(b'\n', lines)) else {
            return Ok(0);
        };
        if &lines[..end] != heading.as_slice() {
            return Err(Refusal::UnknownColumn);
        }
        self.heading = None;
        Ok(end + 1)
    }

    /// Gives no further block.
    pub(super) const fn stop(&mut self) {
        self.fault = None;
        self.at_end = true;
    }

    /// Blocks given: the place of the next one.
    pub(super) const fn blocks(&self) -> u64 {
        self.blocks
    }

    /// Rows seen.
    pub(super) const fn rows(&self) -> u64 {
        self.rows
    }

    /// As [`super::sealed::Sealed::finish`].
    pub(super) fn finish(self, manifest: &Manifest) -> Result<(), ServiceError> {
        self.text.finish(manifest)
    }
}
