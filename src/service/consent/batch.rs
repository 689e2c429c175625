//! Batches: the sealed part that stands beside the rows, with tokens at rest, acts and evidence, packed. Its
//! leaves are those of `proof`. Specified by `docs/formats/consent.md`, "At the certifier".

use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde::{Deserialize, Serialize};
use tiers_protocol::consent::{Evidence, Siren, State};
use tiers_protocol::encoding::Bytes;
use tiers_protocol::exchange::tree::Leaf;
use tiers_protocol::tlog::Salted;
use zeroize::Zeroizing;

use super::proof::leaf;
use crate::crypto::chain::VaultToken;
use crate::service::Certifier;
use crate::store::StoreError;
use crate::store::consent::ConsentBatch;

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

/// A line of the sealed part.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Line {
    /// An event whose proof is here.
    Here(Packed),
    /// One whose proof has gone.
    Gone(Gone),
}

/// What stays of an event when its proof has gone, so that the others of its batch can still be proven.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Gone {
    /// Its leaf.
    pub(super) leaf: Leaf,
    /// Whether its proof lies in the archive.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub(super) archived: bool,
    /// Tokens at rest, while the proof lies in the archive and the person is not erased: the link of the record
    /// goes on taking back whatever was chosen since.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) tokens: Vec<Bytes<16>>,
}

impl Line {
    /// The tokens at rest; none once nothing is kept of the event.
    pub(super) fn tokens(&self) -> impl Iterator<Item = VaultToken> {
        let tokens = match self {
            Self::Here(event) => &event.tokens,
            Self::Gone(gone) => &gone.tokens,
        };
        tokens.iter().map(|token| VaultToken::from_bytes(*token.as_bytes()))
    }

    /// Whether its proof is kept, here or in the archive.
    pub(super) const fn is_kept(&self) -> bool {
        matches!(self, Self::Here(_) | Self::Gone(Gone { archived: true, .. }))
    }

    /// The event, if its proof is here.
    pub(super) const fn event(&self) -> Option<&Packed> {
        match self {
            Self::Here(event) => Some(event),
            Self::Gone(_) => None,
        }
    }

    /// Its leaf among those of its batch.
    pub(super) fn leaf(&self, salt: &Salted, place: u64) -> Leaf {
        match self {
            Self::Here(event) => leaf(salt, place, event),
            Self::Gone(gone) => gone.leaf,
        }
    }
}

/// Packs lines.
pub(super) fn pack(lines: &[u8]) -> Vec<u8> {
    let mut packer = DeflateEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(lines).expect("memory takes all bytes");
    packer.finish().expect("memory takes all bytes")
}

/// Packs some of the lines of a batch: what is packed of all, one after another, is what [`pack`] would have made, or
/// another packing of the same lines.
pub(super) fn pack_part(lines: &[u8], last: bool) -> Vec<u8> {
    if last {
        return pack(lines);
    }
    let mut packer = DeflateEncoder::new(Vec::new(), Compression::fast());
    // A flush ends at a whole byte, and a block is not the last one.
    packer.write_all(lines).and_then(|()| packer.flush()).expect("memory takes all bytes");
    std::mem::take(packer.get_mut())
}

/// The longest line-by-line text of a batch once it is unpacked: what a request may hold, and room.
const UNPACKED_MAX: u64 = 64 << 20;

impl Certifier {
    /// The lines of a batch.
    pub(super) fn lines(&self, batch: &ConsentBatch) -> Result<Vec<Line>, StoreError> {
        let lines = self.open_lines(&batch.prefix, &batch.evidence)?;
        let lines = lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let lines = lines.map(serde_json::from_slice).collect::<Result<_, _>>();
        lines.map_err(|_| StoreError::Corrupt { column: "consent_batch.evidence" })
    }

    /// Lines as they lie in the sealed part.
    pub(super) fn seal_lines(&self, prefix: &[u8; 12], lines: &[Line]) -> Vec<u8> {
        let mut text = Zeroizing::new(Vec::new());
        for line in lines {
            serde_json::to_writer(&mut *text, line).expect("memory takes all bytes");
            text.push(b'\n');
        }
        self.seal_packed(prefix, &pack(&text))
    }

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
pub(super) fn line(lines: &[u8], place: u64) -> Result<Line, StoreError> {
    let wrong = || StoreError::Corrupt { column: "consent_batch.evidence" };
    let place = usize::try_from(place).map_err(|_| wrong())?;
    let line = lines.split(|byte| *byte == b'\n').nth(place).ok_or_else(wrong)?;
    serde_json::from_slice(line).map_err(|_| wrong())
}
