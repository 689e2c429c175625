//! The rows of an uploaded body, opened one after the other from the spool: rights tokens, a sealed
//! record, its sealed evidence. What lies on the disk stays sealed to the certifier; tokens live in memory only.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use tiers_protocol::exchange::transfer::{sealed_bytes, upload_info, upload_row};
use tiers_protocol::exchange::{BatchHead, Leaf, Tokens};
use tiers_protocol::seal::{HEADER, Opener, SealingSecret};
use zeroize::Zeroizing;

use crate::service::error::file_error;
use crate::service::{Refusal, ServiceError};

/// One row; what is sealed in it is sealed to others than this certifier.
pub(super) struct UploadedRow<'a> {
    pub(super) tokens: Tokens,
    pub(super) sealed: &'a [u8],
    pub(super) evidence: &'a [u8],
}

impl UploadedRow<'_> {
    /// Its leaf in the tree that the sender signed.
    pub(super) fn leaf(&self, position: u64) -> Leaf {
        Leaf::of(position, &self.tokens.digest(), (self.sealed, self.evidence))
    }
}

/// Reads the rows of one body.
pub(super) struct Rows {
    file: BufReader<File>,
    opener: Opener,
    /// What was opened and not given yet.
    opened: Zeroizing<Vec<u8>>,
    given: usize,
    row: usize,
    sealed: usize,
    left: u64,
    at_end: bool,
}

impl Rows {
    /// Begins.
    pub(super) fn open(
        spool: &Path,
        head: &BatchHead,
        secret: &SealingSecret,
    ) -> Result<Self, ServiceError> {
        let file = File::open(spool).map_err(file_error("a body of an exchange"))?;
        let mut file = BufReader::with_capacity(1 << 20, file);
        let mut header = [0; HEADER];
        file.read_exact(&mut header).map_err(|_| Refusal::BatchAltered)?;
        let opener =
            Opener::new(secret, &upload_info(head), &header).map_err(|_| Refusal::BatchAltered)?;
        Ok(Self {
            file,
            opener,
            opened: Zeroizing::new(Vec::new()),
            given: 0,
            row: upload_row(head),
            sealed: sealed_bytes(head),
            left: head.records,
            at_end: false,
        })
    }

    /// The next row; `None` behind the last, where nothing may follow.
    pub(super) fn next_row(&mut self) -> Result<Option<UploadedRow<'_>>, ServiceError> {
        if self.left == 0 {
            let clean = self.at_end && self.given == self.opened.len();
            return if clean { Ok(None) } else { Err(Refusal::BatchAltered.into()) };
        }
        self.left -= 1;
        while self.opened.len() - self.given < self.row {
            self.open_chunk()?;
        }
        if self.left == 0 && !self.at_end {
            // The last chunk may be empty.
            self.open_chunk()?;
        }
        let from = self.given;
        self.given += self.row;
        let row = &self.opened[from..self.given];
        let (tokens, rest) = Tokens::read(row).ok_or(Refusal::BatchAltered)?;
        let (sealed, evidence) = rest.split_at(self.sealed);
        Ok(Some(UploadedRow { tokens, sealed, evidence }))
    }

    fn open_chunk(&mut self) -> Result<(), ServiceError> {
        if self.at_end {
            return Err(Refusal::BatchAltered.into());
        }
        // What is left of the chunk before goes in front.
        let keep = self.opened.len() - self.given;
        let mut room = Zeroizing::new(vec![0; keep + Opener::SEALED_CHUNK]);
        room[..keep].copy_from_slice(&self.opened[self.given..]);
        let length = fill(&mut self.file, &mut room[keep..])?;
        self.at_end = length < Opener::SEALED_CHUNK;
        let plain = self
            .opener
            .chunk_in_place(&mut room[keep..keep + length], self.at_end)
            .map_err(|_| Refusal::BatchAltered)?;
        room.truncate(keep + plain);
        (self.opened, self.given) = (room, 0);
        Ok(())
    }
}

/// Reads until the buffer is full or the file ends; how many bytes.
fn fill(file: &mut impl Read, buffer: &mut [u8]) -> Result<usize, ServiceError> {
    let mut length = 0;
    while length < buffer.len() {
        match file.read(&mut buffer[length..]) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(file_error("a body of an exchange")(error)),
        }
    }
    Ok(length)
}
