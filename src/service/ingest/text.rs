//! The text of a body, whatever it was packed with before it was sealed. Packed text may grow without
//! end when it is unpacked; who reads it sees to it that it has the announced rows, of a bounded length.
//! The encodings are specified in `docs/formats/body.md`, "Packed text".

use std::io::{BufReader, ErrorKind, Read};

use flate2::read::MultiGzDecoder;
use tiers_protocol::manifest::{BodyEncoding, Manifest};
use tiers_protocol::seal::Opener;
use zstd::stream::read::Decoder as ZstdDecoder;

use super::sealed::Sealed;
use crate::service::error::file_error;
use crate::service::{Refusal, ServiceError};

/// The greatest window that a Zstandard frame may ask for, as a power of two (8 MiB): what RFC 8878, section 3.1.1.1.2
/// wants every decoder to have, and no more.
const WINDOW_LOG_MAX: u32 = 23;

/// The text on its way out of the seal.
pub(super) enum Text {
    /// As it is: opened where it is read.
    Plain(Box<Sealed>),
    /// Packed as RFC 1952 says.
    Gzip(Box<MultiGzDecoder<Sealed>>),
    /// Packed as RFC 8878 says.
    Zstd(Box<ZstdDecoder<'static, BufReader<Sealed>>>),
}

impl Text {
    /// # Errors
    /// There is no memory for what unpacks it.
    pub(super) fn new(sealed: Sealed, encoding: BodyEncoding) -> Result<Self, ServiceError> {
        Ok(match encoding {
            BodyEncoding::Csv => Self::Plain(Box::new(sealed)),
            BodyEncoding::CsvGzip => Self::Gzip(Box::new(MultiGzDecoder::new(sealed))),
            BodyEncoding::CsvZstd => {
                let mut decoder =
                    ZstdDecoder::new(sealed).map_err(file_error("the packed body"))?;
                decoder.window_log_max(WINDOW_LOG_MAX).map_err(file_error("the packed body"))?;
                Self::Zstd(Box::new(decoder))
            }
        })
    }

    /// Fills `room` from `start` on; where what is in it ends, and whether that is the end of the text.
    pub(super) fn fill(
        &mut self,
        room: &mut [u8],
        start: usize,
    ) -> Result<(usize, bool), ServiceError> {
        match self {
            Self::Plain(sealed) => open(sealed, room, start),
            Self::Gzip(decoder) => unpack(decoder.as_mut(), MultiGzDecoder::get_mut, room, start),
            Self::Zstd(decoder) => {
                unpack(decoder.as_mut(), |it| it.get_mut().get_mut(), room, start)
            }
        }
    }

    /// As [`Sealed::finish`].
    pub(super) fn finish(self, manifest: &Manifest) -> Result<(), ServiceError> {
        match self {
            Self::Plain(sealed) => sealed.finish(manifest),
            Self::Gzip(decoder) => decoder.into_inner().finish(manifest),
            Self::Zstd(decoder) => decoder.finish().into_inner().finish(manifest),
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

/// `sealed` leads to what is unpacked, which knows why it could not be read.
fn unpack<D: Read>(
    decoder: &mut D,
    sealed: impl Fn(&mut D) -> &mut Sealed,
    room: &mut [u8],
    start: usize,
) -> Result<(usize, bool), ServiceError> {
    let mut end = start;
    while end < room.len() {
        match decoder.read(&mut room[end..]) {
            Ok(0) => return Ok((end, true)),
            Ok(length) => end += length,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => {
                let fault = sealed(decoder).fault();
                return Err(fault.unwrap_or_else(|| Refusal::BodyUnreadable.into()));
            }
        }
    }
    Ok((end, false))
}
