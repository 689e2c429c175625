//! A body sealed as it comes, into a file, with the length and digest that the manifest names. The format is
//! that of `tiers_protocol::seal`, specified in `docs/formats/body.md`.

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
    out: Sink,
    digest: Sha256,
    bytes: u64,
    recipient: Bytes<8>,
}

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
        let mut sealing = Self {
            sealer,
            pending: Vec::with_capacity(CHUNK),
            out,
            digest: Sha256::new(),
            bytes: 0,
            recipient: trust.sealing.id(),
        };
        sealing.write(&header)?;
        Ok(sealing)
    }

    /// Seals the next piece of the body.
    ///
    /// # Errors
    /// [`CliError::Seal`], [`CliError::Write`].
    pub fn put(&mut self, mut plain: &[u8]) -> Result<(), CliError> {
        while !plain.is_empty() {
            // Whole chunks need not be gathered first.
            if self.pending.is_empty()
                && let Some((chunk, rest)) = plain.split_at_checked(CHUNK)
            {
                let sealed = self.sealer.chunk(chunk, false)?;
                self.write(&sealed)?;
                plain = rest;
                continue;
            }
            let (piece, rest) = plain.split_at(plain.len().min(CHUNK - self.pending.len()));
            self.pending.extend_from_slice(piece);
            plain = rest;
            if self.pending.len() == CHUNK {
                let sealed = self.sealer.chunk(&self.pending, false)?;
                self.pending.clear();
                self.write(&sealed)?;
            }
        }
        Ok(())
    }

    /// Seals what is left, and waits until the file is on the disk.
    ///
    /// # Errors
    /// [`CliError::Seal`], [`CliError::Write`].
    pub fn finish(mut self) -> Result<SealedDescription, CliError> {
        let sealed = self.sealer.chunk(&self.pending, true)?;
        self.write(&sealed)?;
        self.out.finish()?;
        let sha256 = Bytes::new(self.digest.finalize().into());
        Ok(SealedDescription { bytes: self.bytes, sha256, recipient: self.recipient })
    }

    fn write(&mut self, sealed: &[u8]) -> Result<(), CliError> {
        self.digest.update(sealed);
        self.bytes += sealed.len() as u64;
        self.out.put(sealed)
    }
}
