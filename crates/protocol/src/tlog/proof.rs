//! A proof that one entry is in the ledger, complete in itself: position, Merkle path and signed
//! checkpoint in one text.
//!
//! Specified by <https://c2sp.org/tlog-proof>. The optional `extra` line is refused: nothing would
//! authenticate it, and ours must break when any byte changes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tlog_tiles::{Hash, record_hash};

use super::checkpoint::{Checkpoint, CheckpointError, LedgerVerifier};

/// A tree with less than 2^64 entries has no longer path.
pub const PROOF_HASHES_MAX: usize = 64;

const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// A proof of inclusion with the checkpoint that it leads to. Nothing in it is true before
/// [`LedgerProof::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerProof {
    index: u64,
    path: Vec<[u8; 32]>,
    checkpoint: Vec<u8>,
}

impl LedgerProof {
    /// Puts a proof together: position of the entry, path from the sibling of its leaf upwards
    /// (RFC 6962, section 2.1.1), and the bytes of the signed checkpoint.
    ///
    /// # Errors
    /// [`ProofError::Malformed`] for a path longer than [`PROOF_HASHES_MAX`] or a checkpoint that
    /// is not text.
    pub fn new(index: u64, path: Vec<[u8; 32]>, checkpoint: Vec<u8>) -> Result<Self, ProofError> {
        if path.len() > PROOF_HASHES_MAX || std::str::from_utf8(&checkpoint).is_err() {
            return Err(ProofError::Malformed);
        }
        Ok(Self { index, path, checkpoint })
    }

    /// The position of the entry, 0 for the first.
    #[must_use]
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// The bytes of the signed checkpoint.
    #[must_use]
    pub fn checkpoint_bytes(&self) -> &[u8] {
        &self.checkpoint
    }

    /// The text of the proof.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut text = format!("{HEADER}\nindex {}\n", self.index);
        for hash in &self.path {
            text.push_str(&STANDARD.encode(hash));
            text.push('\n');
        }
        text.push('\n');
        [text.as_bytes(), &self.checkpoint].concat()
    }

    /// Reads a proof, in the one spelling that [`LedgerProof::encode`] writes.
    ///
    /// # Errors
    /// [`ProofError::Malformed`] for anything else.
    pub fn parse(bytes: &[u8]) -> Result<Self, ProofError> {
        let text = std::str::from_utf8(bytes).map_err(|_| ProofError::Malformed)?;
        let (head, checkpoint) = text.split_once("\n\n").ok_or(ProofError::Malformed)?;
        let mut lines = head.split('\n');
        if lines.next() != Some(HEADER) {
            return Err(ProofError::Malformed);
        }
        let index = lines.next().and_then(|l| l.strip_prefix("index "));
        let index = index.and_then(|i| i.parse().ok()).ok_or(ProofError::Malformed)?;
        let mut path = Vec::new();
        for line in lines.take(PROOF_HASHES_MAX + 1) {
            let Hash(hash) = Hash::parse_hash(line).map_err(|_| ProofError::Malformed)?;
            path.push(hash);
        }
        let proof = Self::new(index, path, checkpoint.as_bytes().to_vec())?;
        if proof.encode() == bytes { Ok(proof) } else { Err(ProofError::Malformed) }
    }

    /// Verifies that the entry with these bytes stands in the ledger of `verifier`, under a checkpoint
    /// that enough of its witnesses cosigned, and returns that checkpoint.
    ///
    /// # Errors
    /// [`ProofError`] for another entry, another position, another ledger or any changed byte.
    pub fn verify(
        &self,
        entry: &[u8],
        verifier: &LedgerVerifier,
    ) -> Result<Checkpoint, ProofError> {
        let (checkpoint, _) = verifier.verify_witnessed(&self.checkpoint)?;
        if self.index >= checkpoint.size() {
            return Err(ProofError::Index);
        }
        let path = self.path.iter().map(|h| Hash(*h)).collect();
        let root = Hash(*checkpoint.root());
        tlog_tiles::check_record(&path, checkpoint.size(), root, self.index, record_hash(entry))
            .map_err(|_| ProofError::Path)?;
        Ok(checkpoint)
    }
}

/// Why a proof proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// Not the text of a proof in canonical form.
    #[error("the ledger proof is malformed")]
    Malformed,
    /// The checkpoint in it does not verify.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The position is beyond the checkpoint.
    #[error("the ledger proof is for an entry beyond its checkpoint")]
    Index,
    /// The path does not lead from the entry to the root.
    #[error("the ledger proof is not for this entry")]
    Path,
}

impl ProofError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "ledger.proof.malformed",
            Self::Checkpoint(cause) => cause.code(),
            Self::Index => "ledger.proof.index",
            Self::Path => "ledger.proof.path",
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::model::Model;
    use super::super::mutations::single_byte;
    use super::*;

    #[test]
    fn a_proof_is_refused_after_any_change() {
        for size in [1, 2, 7, 20] {
            let model = Model::of_acts(size);
            for index in 0..size {
                let proof = model.prove(index);
                let entry = model.entry(index);
                let text = proof.encode();
                assert_eq!(LedgerProof::parse(&text), Ok(proof.clone()));
                assert_eq!(proof.verify(entry, model.verifier()).unwrap().size(), size);
                let wrong = (0..size).filter(|&i| i != index).map(|i| model.entry(i));
                for other in wrong {
                    assert_eq!(proof.verify(other, model.verifier()), Err(ProofError::Path));
                }
                // All positions at the last index, every ninth byte elsewhere.
                let step = if index + 1 == size { 1 } else { 9 };
                for mutant in single_byte(&text, step) {
                    let verified = LedgerProof::parse(&mutant)
                        .and_then(|proof| proof.verify(entry, model.verifier()));
                    assert!(verified.is_err());
                }
            }
        }
    }

    #[test]
    fn every_changed_entry_is_refused() {
        let model = Model::of_acts(20);
        let proof = model.prove(13);
        for mutant in single_byte(model.entry(13), 1) {
            assert_eq!(proof.verify(&mutant, model.verifier()), Err(ProofError::Path));
        }
    }

    #[test]
    fn an_extra_line_and_long_paths_are_refused() {
        let text = String::from_utf8(Model::of_acts(5).prove(2).encode()).unwrap();
        let extra = text.replace("\nindex", "\nextra AAAA\nindex");
        assert_eq!(LedgerProof::parse(extra.as_bytes()), Err(ProofError::Malformed));
        let long = LedgerProof::new(0, vec![[0; 32]; PROOF_HASHES_MAX + 1], Vec::new());
        assert_eq!(long, Err(ProofError::Malformed));
        let mut lines = format!("{HEADER}\nindex 0\n");
        for _ in 0..=PROOF_HASHES_MAX {
            lines.push_str(&format!("{}\n", STANDARD.encode([0; 32])));
        }
        lines.push_str("\nx");
        assert_eq!(LedgerProof::parse(lines.as_bytes()), Err(ProofError::Malformed));
    }

    #[test]
    fn a_position_beyond_the_checkpoint_is_refused() {
        let model = Model::of_acts(1);
        let proof = LedgerProof::new(1, Vec::new(), model.prove(0).checkpoint).unwrap();
        assert_eq!(proof.verify(model.entry(0), model.verifier()), Err(ProofError::Index));
    }
}
