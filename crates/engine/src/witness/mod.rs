//! An independent witness of ledgers: a key of its own, the logs that it was told of, and for each the
//! last checkpoint that it cosigned, on its own disk.
//!
//! Anybody can run one (`tiers witness`), best somebody who gains nothing from a forged ledger. It sees
//! checkpoints only: sizes and roots, never an entry. Not its HTTP, which is `api`'s. The decision
//! itself is `tiers_protocol::tlog::judge`; what is here makes it safe to lose power at any moment.
//! Specified by <https://c2sp.org/tlog-witness> and `docs/formats/witness.md`.

mod ask;
mod key;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use tiers_protocol::encoding::{encode, sha256};
use tiers_protocol::tlog::{
    AddCheckpoint, Checkpoint, LedgerVerifier, WitnessKey, WitnessRefusal, WitnessSigner, judge,
};

use crate::durable::{self, Access, DurableError};
use crate::time::Moment;

pub use ask::{AskWitness, NoWitnesses, WitnessAnswer};
pub use key::{read_key, write_key};

/// A running witness.
pub struct Witness {
    dir: PathBuf,
    signer: WitnessSigner,
    logs: HashMap<String, LedgerVerifier>,
    /// Held from the reading of the last checkpoint to the keeping of the next.
    turn: Mutex<()>,
    _alone: File,
}

impl Witness {
    /// Makes the directory of a witness with a new key.
    ///
    /// # Errors
    /// [`WitnessError`].
    pub fn create(dir: &Path, name: &str, seed: &[u8; 32]) -> Result<WitnessKey, WitnessError> {
        let signer = WitnessSigner::from_seed(name, seed).map_err(|_| WitnessError::Name)?;
        durable::create_dir(dir, Access::Private)?;
        for folder in [LOGS, SEEN] {
            durable::create_dir(&dir.join(folder), Access::Private)?;
        }
        if key_file(dir).exists() {
            return Err(WitnessError::Exists);
        }
        durable::write(&key_file(dir), write_key(name, seed).as_bytes(), Access::Private)?;
        Ok(signer.public().clone())
    }

    /// Opens the directory; one process at a time.
    ///
    /// # Errors
    /// [`WitnessError`].
    pub fn open(dir: &Path) -> Result<Self, WitnessError> {
        let alone = File::open(dir).map_err(WitnessError::Unreadable)?;
        match alone.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Err(WitnessError::InUse),
            Err(fs::TryLockError::Error(cause)) => return Err(WitnessError::Unreadable(cause)),
        }
        let text = zeroize::Zeroizing::new(
            fs::read_to_string(key_file(dir)).map_err(WitnessError::Unreadable)?,
        );
        let signer = read_key(&text).ok_or(WitnessError::Key)?;
        let mut logs = HashMap::new();
        for item in fs::read_dir(dir.join(LOGS)).map_err(WitnessError::Unreadable)? {
            let path = item.map_err(WitnessError::Unreadable)?.path();
            if path.extension().is_some_and(|e| e == "vkey") {
                let vkey = fs::read_to_string(path).map_err(WitnessError::Unreadable)?;
                let log =
                    LedgerVerifier::from_vkey(vkey.trim_end()).map_err(|_| WitnessError::Log)?;
                logs.insert(log.origin().to_owned(), log);
            }
        }
        Ok(Self { dir: dir.to_owned(), signer, logs, turn: Mutex::default(), _alone: alone })
    }

    /// Tells the witness of a log. A log of that name with another key is refused: whoever wants
    /// that starts another witness.
    ///
    /// # Errors
    /// [`WitnessError`].
    pub fn add_log(&mut self, vkey: &str) -> Result<(), WitnessError> {
        let log = LedgerVerifier::from_vkey(vkey).map_err(|_| WitnessError::Log)?;
        if self.logs.get(log.origin()).is_some_and(|known| *known != log) {
            return Err(WitnessError::OtherKey);
        }
        let file = self.dir.join(LOGS).join(format!("{}.vkey", file_name(log.origin())));
        durable::write(&file, format!("{vkey}\n").as_bytes(), Access::Private)?;
        self.logs.insert(log.origin().to_owned(), log);
        Ok(())
    }

    /// The public key.
    #[must_use]
    pub const fn key(&self) -> &WitnessKey {
        self.signer.public()
    }

    /// The logs it was told of, with the size that it has seen of each.
    ///
    /// # Errors
    /// [`WitnessError`].
    pub fn logs(&self) -> Result<Vec<(String, u64)>, WitnessError> {
        let mut logs = Vec::new();
        for (origin, verifier) in &self.logs {
            logs.push((origin.clone(), self.seen(verifier)?.map_or(0, |seen| seen.size())));
        }
        logs.sort();
        Ok(logs)
    }

    /// Answers a request `add-checkpoint` with the cosignature line, or with why not. The checkpoint
    /// is on the disk before the line exists.
    ///
    /// # Errors
    /// [`WitnessError::Refused`], or a failure of the disk; then nothing is cosigned.
    pub fn add_checkpoint(&self, body: &[u8], now: Moment) -> Result<Vec<u8>, WitnessError> {
        let request = AddCheckpoint::parse(body).ok_or(WitnessRefusal::Malformed)?;
        let origin = request.origin().ok_or(WitnessRefusal::Malformed)?;
        let verifier = self.logs.get(origin).ok_or(WitnessRefusal::UnknownLog)?;
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let held = self.seen(verifier)?;
        let accepted = judge(&request, verifier, held.as_ref())?;
        if held.as_ref() != Some(&accepted.checkpoint) {
            durable::write(&self.seen_file(origin), &accepted.signed, Access::Private)?;
        }
        Ok(accepted.cosign(&self.signer, now.timestamp()))
    }

    fn seen_file(&self, origin: &str) -> PathBuf {
        self.dir.join(SEEN).join(format!("{}.checkpoint", file_name(origin)))
    }

    fn seen(&self, verifier: &LedgerVerifier) -> Result<Option<Checkpoint>, WitnessError> {
        match fs::read(self.seen_file(verifier.origin())) {
            // Never taken for "nothing seen": that would cosign a fork.
            Ok(signed) => {
                verifier.verify_checkpoint(&signed).map(Some).map_err(|_| WitnessError::Damaged)
            }
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(WitnessError::Unreadable(cause)),
        }
    }
}

const LOGS: &str = "logs";
const SEEN: &str = "seen";

fn key_file(dir: &Path) -> PathBuf {
    dir.join("key")
}

/// A log's name may hold any printable character, a file's name may not.
fn file_name(origin: &str) -> String {
    encode(sha256(origin.as_bytes()).as_bytes())
}

/// Why a witness does not do what it is asked.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    /// The request is refused, as the protocol says.
    #[error(transparent)]
    Refused(#[from] WitnessRefusal),
    /// A name that no key can have.
    #[error("a witness's name has no space and no plus, and at most 255 bytes")]
    Name,
    /// There is a key already.
    #[error("this directory has a key already")]
    Exists,
    /// Another process runs on the directory.
    #[error("another process runs this witness")]
    InUse,
    /// The key file.
    #[error("the key of the witness cannot be read")]
    Key,
    /// A log's key.
    #[error("a log's key cannot be read")]
    Log,
    /// A log of that name is known under another key.
    #[error("this log is known under another key")]
    OtherKey,
    /// What was seen cannot be read; nothing is cosigned until somebody has looked at it.
    #[error("the checkpoint that this witness saw last is damaged")]
    Damaged,
    /// A file.
    #[error("a file of the witness cannot be read")]
    Unreadable(#[source] io::Error),
    /// The disk.
    #[error(transparent)]
    Durable(#[from] DurableError),
}

impl WitnessError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Refused(_) => "witness.refused",
            Self::Name => "witness.name",
            Self::Exists => "witness.exists",
            Self::InUse => "witness.in_use",
            Self::Key => "witness.key",
            Self::Log => "witness.log",
            Self::OtherKey => "witness.other_key",
            Self::Damaged => "witness.damaged",
            Self::Unreadable(_) => "witness.unreadable",
            Self::Durable(cause) => cause.code(),
        }
    }
}
