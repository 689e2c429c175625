//! Proofs of inclusion from the published files.
//!
//! It reads only, needs no key but the public one, and may run beside the sequencer: a published
//! checkpoint keeps its tiles for good.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tiers_protocol::tlog::{
    CHECKPOINT_PATH, Checkpoint, CheckpointError, LedgerProof, LedgerVerifier, WITNESSED_PATH,
};

use super::tiles::{DiskTiles, TilesError};

/// Makes proofs from the ledger in one directory.
#[derive(Clone, Debug)]
pub struct Prover {
    dir: PathBuf,
    verifier: LedgerVerifier,
}

impl Prover {
    /// Reads the ledger in `dir`, signed by the key of `verifier`.
    #[must_use]
    pub fn new(dir: &Path, verifier: LedgerVerifier) -> Self {
        Self { dir: dir.to_owned(), verifier }
    }

    /// The published checkpoint, with the bytes of its file.
    ///
    /// # Errors
    /// [`ProveError`] when there is none yet or it does not verify.
    pub fn checkpoint(&self) -> Result<(Checkpoint, Vec<u8>), ProveError> {
        let signed = self.read(CHECKPOINT_PATH)?;
        // Lines of witnesses who are no longer of the policy are left out.
        let signed = self.verifier.with_cosignatures(&signed, b"").unwrap_or(signed);
        Ok((self.verifier.verify_checkpoint(&signed)?, signed))
    }

    /// The last checkpoint that enough witnesses cosigned, with the bytes of its file; where nobody
    /// witnesses the ledger, the published one.
    ///
    /// # Errors
    /// [`ProveError`] when there is none yet or it does not verify.
    pub fn witnessed(&self) -> Result<(Checkpoint, Vec<u8>), ProveError> {
        if !self.verifier.witnesses().asks_for_any() {
            return self.checkpoint();
        }
        let signed = self.read(WITNESSED_PATH)?;
        Ok((self.verifier.verify_witnessed(&signed)?.0, signed))
    }

    /// The proof that `checkpoint`, which was published, continues the ledger's first `old` entries.
    ///
    /// # Errors
    /// [`ProveError`].
    pub fn consistency(
        &self,
        checkpoint: &Checkpoint,
        old: u64,
    ) -> Result<Vec<[u8; 32]>, ProveError> {
        if old == 0 || old == checkpoint.size() {
            return Ok(Vec::new());
        }
        if old > checkpoint.size() {
            return Err(ProveError::NotYet);
        }
        let proof = DiskTiles::new(&self.dir).consistency(checkpoint, old)?;
        Ok(proof.into_iter().map(|hash| hash.0).collect())
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, ProveError> {
        fs::read(self.dir.join(name)).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => ProveError::NotYet,
            _ => ProveError::Unreadable,
        })
    }

    /// Proves that an entry stands at position `index`, under the last checkpoint that enough
    /// witnesses cosigned.
    ///
    /// # Errors
    /// [`ProveError::NotYet`] when no published checkpoint covers the position; the sequencer has
    /// still to advance.
    pub fn prove(&self, index: u64) -> Result<LedgerProof, ProveError> {
        let (checkpoint, signed) = self.witnessed()?;
        if index >= checkpoint.size() {
            return Err(ProveError::NotYet);
        }
        let path = DiskTiles::new(&self.dir).path(&checkpoint, index)?;
        let path = path.into_iter().map(|hash| hash.0).collect();
        Ok(LedgerProof::new(index, path, signed).expect("a path of a tree and a verified text"))
    }
}

/// Why there is no proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProveError {
    /// The entry is not published yet.
    #[error("the entry is not in the published ledger yet")]
    NotYet,
    /// The published checkpoint does not verify.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// Published files are missing or altered.
    #[error("the published files are not those of the ledger")]
    FilesDisagree,
    /// The disk failed.
    #[error("the files of the ledger cannot be read")]
    Unreadable,
}

impl ProveError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotYet => "ledger.not_yet_published",
            Self::Checkpoint(cause) => cause.code(),
            Self::FilesDisagree => "ledger.files_disagree",
            Self::Unreadable => "ledger.unreadable",
        }
    }
}

impl From<TilesError> for ProveError {
    fn from(error: TilesError) -> Self {
        match error {
            TilesError::Disagree => Self::FilesDisagree,
            TilesError::Unreadable => Self::Unreadable,
        }
    }
}
