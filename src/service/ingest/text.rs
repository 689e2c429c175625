//! The text of a body, whatever it was packed with before it was sealed. Packed text may grow without
//! end when it is unpacked; who reads it sees to it that it has the announced rows, of a bounded length.
//! The encodings are specified in `docs/formats/body.md`, "Packed text".

use std::io::Read;

use flate2::read::MultiGzDecoder;
use tiers_protocol::manifest::{BodyEncoding, Manifest};
use tiers_protocol::seal::Opener;

use super::sealed::Sealed;
use crate::service::{Refusal, ServiceError};

/// The text on its way out of the seal.
pub(super) enum Text {
    /// As it is: opened where it is read.
    Plain(Box<Sealed>),
    /// Packed as RFC 1952 says.
    Gzip(Box<MultiGzDecoder<Sealed>>),
}

impl Text {
    pub(super) fn new(sealed: Sealed, encoding: BodyEncoding) -> Self {
        match encoding {
            BodyEncoding::Csv => Self::Plain(Box::new(sealed)),
            BodyEncoding::CsvGzip => Self::Gzip(Box::new(MultiGzDecoder::new(sealed))),
        }
    }

    /// Fills `room` from `start` on; where what is in it ends, and whether that is the end of the text.
    pub(super) fn fill(
        &mut self,
        room: &mut [u8],
        start: usize,
    ) -> Result<(usize, bool), ServiceError> {
        match self {
            Self::Plain(sealed) => open(sealed, room, start),
            Self::Gzip(decoder) => unpack(decoder, room, start),
        }
    }

    /// As [`Sealed::finish`].
    pub(super) fn finish(self, manifest: &Manifest) -> Result<(), ServiceError> {
        match self {
            Self::Plain(sealed) => sealed.finish(manifest),
            Self::Gzip(decoder) => decoder.into_inner().finish(manifest),
        }
    }
}

/// Chunk after chunk, as long as the next is sure to find room.
fn open(sealed: &mut Sealed, room: &mut [u8], start: usize) -> Result<(usize, bool), ServiceError> {
    let mut end = start;
    while let Some(room) = room.get_mut(end..end + Opener::SEALED_CHUNK) {
        end += sealed.chunk(room)?;
        if sealed.is_at_end() {
            break;
        }
    }
    Ok((end, sealed.is_at_end()))
}

fn unpack(
    decoder: &mut MultiGzDecoder<Sealed>,
    room: &mut [u8],
    start: usize,
) -> Result<(usize, bool), ServiceError> {
    let mut end = start;
    while end < room.len() {
        match decoder.read(&mut room[end..]) {
            Ok(0) => return Ok((end, true)),
            Ok(length) => end += length,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => {
                let fault = decoder.get_mut().fault();
                return Err(fault.unwrap_or_else(|| Refusal::BodyUnreadable.into()));
            }
        }
    }
    Ok((end, false))
}
