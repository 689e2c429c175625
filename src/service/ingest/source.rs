//! A spooled body as blocks of whole lines: read once from the disk, hashed on the way, opened where
//! it lies. What a line says is not known here (`lines.rs`), nor who reads which block.
//! The sealed stream is specified in `docs/formats/body.md`.

use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::Path;

use ring::digest;
use tiers_protocol::encoding::Bytes;
use tiers_protocol::manifest::Manifest;
use tiers_protocol::seal::{CHUNK, HEADER, Opener};
use zeroize::Zeroizing;

use crate::crypto::keyring::Keyring;
use crate::limits;
use crate::service::error::file_error;
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

/// The body on its way out of the spool.
pub(super) struct Source {
    file: File,
    digest: digest::Context,
    opener: Opener,
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
    /// Begins to read.
    ///
    /// # Errors
    /// [`Refusal::BodyUnreadable`], or [`Refusal::BodyAltered`] when that is why.
    pub(super) fn open(
        spool: &Path,
        manifest: &Manifest,
        heading: Vec<u8>,
        keyring: &Keyring,
    ) -> Result<Self, ServiceError> {
        let mut file = File::open(spool).map_err(file_error("the spool"))?;
        let mut digest = digest::Context::new(&digest::SHA256);
        let mut header = [0; HEADER];
        let length = fill(&mut file, &mut header)?;
        digest.update(&header[..length]);
        match Opener::new(&keyring.sealing, &manifest.seal_info(), &header) {
            Ok(opener) if length == HEADER => Ok(Self {
                file,
                digest,
                opener,
                heading: Some(heading),
                rest: Zeroizing::new(Vec::with_capacity(limits::LINE_BYTES)),
                rows: 0,
                blocks: 0,
                fault: None,
                at_end: false,
            }),
            _ => {
                compare(file, digest, manifest)?;
                Err(Refusal::BodyUnreadable.into())
            }
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
            let end = self.fill(&mut buffer.0)?;
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

    /// Fills the buffer with the unfinished line and the next chunks; how far.
    fn fill(&mut self, buffer: &mut [u8]) -> Result<usize, ServiceError> {
        let mut end = self.rest.len();
        buffer[..end].copy_from_slice(&self.rest);
        self.rest.clear();
        while let Some(room) = buffer.get_mut(end..end + Opener::SEALED_CHUNK) {
            let length = fill(&mut self.file, room)?;
            let sealed = &mut room[..length];
            self.digest.update(sealed);
            self.at_end = length < Opener::SEALED_CHUNK;
            let opened = self.opener.chunk_in_place(sealed, self.at_end);
            end += opened.map_err(|_| Refusal::BodyUnreadable)?;
            if self.at_end {
                break;
            }
        }
        Ok(end)
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

    /// Reads to the end of the spool, whatever went before, and compares its digest: that it was
    /// altered explains every other fault.
    ///
    /// # Errors
    /// [`Refusal::BodyAltered`].
    pub(super) fn finish(self, manifest: &Manifest) -> Result<(), ServiceError> {
        compare(self.file, self.digest, manifest)
    }
}

fn compare(
    mut file: File,
    mut digest: digest::Context,
    manifest: &Manifest,
) -> Result<(), ServiceError> {
    let expected = manifest.body.sealed.as_ref().ok_or(Refusal::Unsealed)?.sha256;
    let mut buffer = vec![0; CHUNK];
    loop {
        let length = fill(&mut file, &mut buffer)?;
        if length == 0 {
            break;
        }
        digest.update(&buffer[..length]);
    }
    let found: [u8; 32] = digest.finish().as_ref().try_into().expect("SHA-256 yields 32 bytes");
    if Bytes::new(found) == expected { Ok(()) } else { Err(Refusal::BodyAltered.into()) }
}

/// Reads until the buffer is full or the file ends; how many bytes.
fn fill(file: &mut File, buffer: &mut [u8]) -> Result<usize, ServiceError> {
    let mut length = 0;
    while length < buffer.len() {
        match file.read(&mut buffer[length..]) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(file_error("the spool")(error)),
        }
    }
    Ok(length)
}
