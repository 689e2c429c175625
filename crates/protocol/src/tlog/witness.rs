//! What a witness decides: whether a checkpoint continues the one that it cosigned last.
//!
//! The message `add-checkpoint` and the answer to it, as bytes and as a decision. Not the witness's
//! memory, which has to be durable, and not its HTTP. Specified by <https://c2sp.org/tlog-witness>.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use tlog_tiles::Hash;

use super::checkpoint::{Checkpoint, LedgerVerifier, split_note};
use super::cosignature::WitnessSigner;

/// A tree with less than 2^64 entries has no longer consistency proof that a witness has to accept.
const PROOF_HASHES_MAX: usize = 63;

/// Bytes of a request: 63 hashes and a checkpoint with many cosignatures.
pub const ADD_CHECKPOINT_BYTES_MAX: usize = 64 * 1024;

/// A request `add-checkpoint`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// The size that the log believes the witness has seen; 0 for none.
    pub old: u64,
    /// The consistency proof from there to the checkpoint (RFC 6962, section 2.1.2).
    pub proof: Vec<[u8; 32]>,
    /// The signed checkpoint.
    pub checkpoint: Vec<u8>,
}

impl AddCheckpoint {
    /// The body of the request.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut text = format!("old {}\n", self.old);
        for hash in &self.proof {
            text.push_str(&STANDARD.encode(hash));
            text.push('\n');
        }
        text.push('\n');
        [text.as_bytes(), &self.checkpoint].concat()
    }

    /// Reads a request; `None` for what is none.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > ADD_CHECKPOINT_BYTES_MAX {
            return None;
        }
        let text = std::str::from_utf8(bytes).ok()?;
        let (head, checkpoint) = text.split_once("\n\n")?;
        let mut lines = head.split('\n');
        let old = lines.next()?.strip_prefix("old ")?.parse().ok()?;
        let mut proof = Vec::new();
        for line in lines {
            let Hash(hash) = Hash::parse_hash(line).ok()?;
            proof.push(hash);
        }
        if proof.len() > PROOF_HASHES_MAX {
            return None;
        }
        let read = Self { old, proof, checkpoint: checkpoint.as_bytes().to_vec() };
        (read.encode() == bytes).then_some(read)
    }

    /// The name of the log that the checkpoint is of, as it says itself.
    #[must_use]
    pub fn origin(&self) -> Option<&str> {
        std::str::from_utf8(&self.checkpoint).ok()?.lines().next()
    }
}

/// Why a witness does not cosign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WitnessRefusal {
    /// Not a request, or its old size is above that of its checkpoint.
    #[error("the request is malformed")]
    Malformed,
    /// A log that this witness was not told of.
    #[error("this log is not witnessed here")]
    UnknownLog,
    /// Not signed by the log's key.
    #[error("the checkpoint is not signed by the log's key")]
    Signature,
    /// The witness has seen another size, or another root of the same size.
    #[error("the witness has seen {held} entries")]
    Conflict {
        /// Its size.
        held: u64,
    },
    /// The proof does not lead from what the witness has seen to the checkpoint.
    #[error("the consistency proof does not hold")]
    Proof,
}

impl WitnessRefusal {
    /// The HTTP status of the specification.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Malformed => 400,
            Self::UnknownLog => 404,
            Self::Signature => 403,
            Self::Conflict { .. } => 409,
            Self::Proof => 422,
        }
    }
}

/// Decides about a request, given the log's key and the checkpoint that was cosigned last, if any.
/// Whoever calls it keeps the accepted checkpoint for good before anybody sees the cosignature.
///
/// # Errors
/// [`WitnessRefusal`].
pub fn judge(
    request: &AddCheckpoint,
    verifier: &LedgerVerifier,
    held: Option<&Checkpoint>,
) -> Result<Accepted, WitnessRefusal> {
    let signed = verifier.signed_by_log(&request.checkpoint).ok_or(WitnessRefusal::Signature)?;
    let new = verifier.verify_checkpoint(&signed).map_err(|_| WitnessRefusal::Signature)?;
    let size = held.map_or(0, Checkpoint::size);
    if request.old > new.size() {
        return Err(WitnessRefusal::Malformed);
    }
    if request.old != size {
        return Err(WitnessRefusal::Conflict { held: size });
    }
    match held.filter(|held| held.size() > 0) {
        None if !request.proof.is_empty() => return Err(WitnessRefusal::Proof),
        None => {}
        Some(held) if held.size() == new.size() => {
            if held.root() != new.root() {
                return Err(WitnessRefusal::Conflict { held: size });
            }
            if !request.proof.is_empty() {
                return Err(WitnessRefusal::Proof);
            }
        }
        Some(held) => check_consistency(&request.proof, held, &new)?,
    }
    Ok(Accepted { checkpoint: new, signed })
}

fn check_consistency(
    proof: &[[u8; 32]],
    old: &Checkpoint,
    new: &Checkpoint,
) -> Result<(), WitnessRefusal> {
    let proof = proof.iter().map(|h| Hash(*h)).collect();
    let (root, held) = (Hash(*new.root()), Hash(*old.root()));
    tlog_tiles::check_tree(&proof, new.size(), root, old.size(), held)
        .map_err(|_| WitnessRefusal::Proof)
}

/// A checkpoint that deserves a cosignature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// What it says.
    pub checkpoint: Checkpoint,
    /// Its bytes with the log's signature alone, to be kept.
    pub signed: Vec<u8>,
}

impl Accepted {
    /// The cosignature line, once the checkpoint is kept for good.
    #[must_use]
    pub fn cosign(&self, signer: &WitnessSigner, at: Timestamp) -> Vec<u8> {
        let (text, _) = split_note(&self.signed).expect("it was verified");
        signer.cosign(text, at)
    }
}
