//! A body sealed as it comes, into a file, with the length and digest that the manifest names. The format is
//! that of `tiers_protocol::seal`, specified in `docs/formats/body.md`.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use sha2::{Digest as _, Sha256};
use tiers_protocol::encoding::Bytes;
use tiers_protocol::entropy::System;
use tiers_protocol::manifest::{Manifest, SealedDescription};
use tiers_protocol::party::PartySecret;
use tiers_protocol::seal::{CHUNK, Sealer};
use tiers_protocol::trust::Trust;

use super::error::CliError;
use super::files::Sink;

/// A sealed body on its way into a file.
pub struct Sealing {
    sealer: Sealer,
    /// Less than a chunk.
    pending: Vec<u8>,
    /// Sealed, and not given to the writer yet.
    sealed: Vec<u8>,
    writer: Writer,
    recipient: Bytes<8>,
}

/// Sealed bytes that are written together.
const WRITTEN_BYTES: usize = 512 * 1024;
/// Pieces of them that wait.
const WAITING: usize = 2;

impl Sealing {
    /// Begins to seal to the certifier as the party's, and says so in the manifest.
    ///
    /// # Errors
    /// [`CliError::Seal`], [`CliError::Write`].
    pub fn begin(
        manifest: &mut Manifest,
        trust: &Trust,
        party: &PartySecret,
        out: Sink,
    ) -> Result<Self, CliError> {
        manifest.party = Some(party.public().fingerprint());
        let (sealer, header) = Sealer::new(&trust.sealing, &manifest.seal_info(), &mut System)?;
        Ok(Self {
            sealer,
            pending: Vec::with_capacity(CHUNK),
            sealed: header.to_vec(),
            writer: Writer::begin(out),
            recipient: trust.sealing.id(),
        })
    }

    /// Seals the next piece of the body.
    ///
    /// # Errors
    /// [`CliError::Seal`], [`CliError::Write`]; the latter some pieces later.
    pub fn put(&mut self, mut plain: &[u8]) -> Result<(), CliError> {
        while !plain.is_empty() {
            // Whole chunks need not be gathered first.
            if self.pending.is_empty()
                && let Some((chunk, rest)) = plain.split_at_checked(CHUNK)
            {
                self.sealer.chunk_onto(&mut self.sealed, chunk, false)?;
                plain = rest;
            } else {
                let (piece, rest) = plain.split_at(plain.len().min(CHUNK - self.pending.len()));
                self.pending.extend_from_slice(piece);
                plain = rest;
                if self.pending.len() == CHUNK {
                    self.sealer.chunk_onto(&mut self.sealed, &self.pending, false)?;
                    self.pending.clear();
                }
            }
            if self.sealed.len() >= WRITTEN_BYTES {
                self.writer.take(&mut self.sealed)?;
            }
        }
        Ok(())
    }

    /// Seals what is left, and waits until the file is on the disk.
    ///
    /// # Errors
    /// [`CliError::Seal`], [`CliError::Write`].
    pub fn finish(mut self) -> Result<SealedDescription, CliError> {
        self.sealer.chunk_onto(&mut self.sealed, &self.pending, true)?;
        self.writer.take(&mut self.sealed)?;
        let (bytes, sha256) = self.writer.finish()?;
        Ok(SealedDescription { bytes, sha256, recipient: self.recipient })
    }
}

/// Writes and digests on a thread of its own: together as much work as sealing.
struct Writer {
    pieces: SyncSender<Vec<u8>>,
    /// Pieces that are used up.
    free: Receiver<Vec<u8>>,
    /// `None` once it was waited for.
    thread: Option<JoinHandle<Done>>,
}

/// How many bytes were written, and their digest.
type Done = Result<(u64, Bytes<32>), CliError>;

impl Writer {
    fn begin(mut out: Sink) -> Self {
        let (pieces, to_write) = sync_channel::<Vec<u8>>(WAITING);
        let (used, free) = sync_channel(WAITING);
        let thread = thread::spawn(move || {
            let (mut bytes, mut digest) = (0, Sha256::new());
            for piece in to_write {
                digest.update(&piece);
                bytes += piece.len() as u64;
                out.put(&piece)?;
                // Nobody may want it any more.
                let _ = used.try_send(piece);
            }
            out.finish()?;
            Ok((bytes, Bytes::new(digest.finalize().into())))
        });
        Self { pieces, free, thread: Some(thread) }
    }

    /// Takes a piece, and leaves room for the next one.
    fn take(&mut self, sealed: &mut Vec<u8>) -> Result<(), CliError> {
        let mut next = self.free.try_recv().unwrap_or_default();
        next.clear();
        next.reserve(WRITTEN_BYTES + 2 * CHUNK);
        if self.pieces.send(std::mem::replace(sealed, next)).is_err() {
            // It tells why it is gone.
            Self::joined(self.thread.take())?;
        }
        Ok(())
    }

    /// Waits until all is on the disk.
    fn finish(self) -> Done {
        let Self { pieces, thread, .. } = self;
        drop(pieces);
        Self::joined(thread)
    }

    fn joined(thread: Option<JoinHandle<Done>>) -> Done {
        let thread = thread.expect("who is told why the writer is gone asks no more");
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}
