//! Batches: the sealed part that stands beside the rows, with tokens at rest, acts and evidence, packed. Its
//! leaves are those of `proof`. Specified by `docs/formats/consent.md`, "At the certifier".

use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde::{Deserialize, Serialize};
use tiers_protocol::consent::{Evidence, Siren, State};
use tiers_protocol::encoding::Bytes;
use zeroize::Zeroizing;

use crate::service::Certifier;
use crate::store::StoreError;

/// One event as it lies in the sealed part.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Packed {
    /// Tokens at rest.
    pub(super) tokens: Vec<Bytes<16>>,
    /// When.
    pub(super) at: i64,
    /// Where it left the choice.
    pub(super) state: State,
    /// Whose act it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) entity: Option<Siren>,
    /// What shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) evidence: Option<Evidence>,
    /// Whether it holds for all recipients.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub(super) all: bool,
}

/// Packs lines.
pub(super) fn pack(lines: &[u8]) -> Vec<u8> {
    let mut packer = DeflateEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(lines).expect("memory takes all bytes");
    packer.finish().expect("memory takes all bytes")
}

/// The longest line-by-line text of a batch once it is unpacked: what a request may hold, and room.
const UNPACKED_MAX: u64 = 64 << 20;

impl Certifier {
    /// Seals packed lines under the name of a batch.
    pub(super) fn seal_packed(&self, prefix: &[u8; 12], packed: &[u8]) -> Vec<u8> {
        self.keyring.rights.seal(&cell(prefix), packed.to_vec(), &mut self.random())
    }

    /// Opens the sealed part of a batch.
    pub(super) fn open_lines(
        &self,
        prefix: &[u8; 12],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let wrong = StoreError::Corrupt { column: "consent_batch.evidence" };
        let Some(packed) = self.keyring.rights.open(&cell(prefix), sealed) else {
            return Err(wrong);
        };
        let mut lines = Zeroizing::new(Vec::new());
        let read =
            DeflateDecoder::new(packed.as_slice()).take(UNPACKED_MAX).read_to_end(&mut lines);
        read.map(|_| lines).map_err(|_| wrong)
    }
}

fn cell(prefix: &[u8; 12]) -> String {
    format!("consent/{}", Bytes::new(*prefix))
}

/// Reads the line of one place.
pub(super) fn line(lines: &[u8], place: u64) -> Result<Packed, StoreError> {
    let wrong = || StoreError::Corrupt { column: "consent_batch.evidence" };
    let place = usize::try_from(place).map_err(|_| wrong())?;
    let line = lines.split(|byte| *byte == b'\n').nth(place).ok_or_else(wrong)?;
    serde_json::from_slice(line).map_err(|_| wrong())
}
