//! The bytes of a spooled body before they were sealed: read once from the disk, hashed on the way, opened
//! chunk by chunk where they lie. What they say, and whether they are packed, is not known here.
//! The sealed stream is specified in `docs/formats/body.md`.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use ring::digest;
use tiers_protocol::encoding::Bytes;
use tiers_protocol::manifest::Manifest;
use tiers_protocol::seal::{CHUNK, HEADER, Opener};
use zeroize::Zeroizing;

use crate::crypto::keyring::Keyring;
use crate::service::error::file_error;
use crate::service::{Refusal, ServiceError};

/// A body on its way out of the spool.
pub(super) struct Sealed {
    file: File,
    digest: digest::Context,
    opener: Opener,
    /// What was opened for a reader of few bytes at a time.
    opened: Zeroizing<Vec<u8>>,
    given: usize,
    at_end: bool,
    /// Why a reader that knows only errors of the system got one.
    fault: Option<ServiceError>,
}

impl Sealed {
    /// Begins to read.
    ///
    /// # Errors
    /// [`Refusal::BodyUnreadable`], or [`Refusal::BodyAltered`] when that is why.
    pub(super) fn open(
        spool: &Path,
        manifest: &Manifest,
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
                opened: Zeroizing::new(Vec::new()),
                given: 0,
                at_end: false,
                fault: None,
            }),
            _ => {
                compare(file, digest, manifest)?;
                Err(Refusal::BodyUnreadable.into())
            }
        }
    }

    /// Opens the next chunk in `room`, which takes a sealed one; how many bytes it has.
    pub(super) fn chunk(&mut self, room: &mut [u8]) -> Result<usize, ServiceError> {
        let length = fill(&mut self.file, room)?;
        let sealed = &mut room[..length];
        self.digest.update(sealed);
        self.at_end = length < Opener::SEALED_CHUNK;
        let opened = self.opener.chunk_in_place(sealed, self.at_end);
        Ok(opened.map_err(|_| Refusal::BodyUnreadable)?)
    }

    /// Whether the last chunk was opened.
    pub(super) const fn is_at_end(&self) -> bool {
        self.at_end
    }

    /// Takes the reason for the last error that [`Read`] gave.
    pub(super) const fn fault(&mut self) -> Option<ServiceError> {
        self.fault.take()
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

impl Read for Sealed {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.given == self.opened.len() && !self.at_end {
            let mut opened = std::mem::replace(&mut self.opened, Zeroizing::new(Vec::new()));
            opened.resize(Opener::SEALED_CHUNK, 0);
            let length = self.chunk(&mut opened).map_err(|error| {
                self.fault = Some(error);
                io::Error::from(io::ErrorKind::InvalidData)
            })?;
            opened.truncate(length);
            (self.opened, self.given) = (opened, 0);
        }
        let rest = self.opened.get(self.given..).unwrap_or_default();
        let length = rest.len().min(out.len());
        out[..length].copy_from_slice(&rest[..length]);
        self.given += length;
        Ok(length)
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
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(file_error("the spool")(error)),
        }
    }
    Ok(length)
}
