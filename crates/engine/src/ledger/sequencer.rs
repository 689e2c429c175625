//! The one writer of the ledger: batch, sign, swap the head, write tiles, publish.
//!
//! Recovery is no separate path: each step first brings the files up to the head, which does nothing
//! in ordinary life. Nothing is lost when any step stops, because entries stay in the outbox and the
//! head is durable before any file says so. The order is that of
//! <https://github.com/FiloSottile/sunlight>; the files are described in
//! `docs/formats/ledger-tiles.md`.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tiers_protocol::tlog::{
    CHECKPOINT_PATH, Checkpoint, CheckpointError, EntryError, LedgerSigner, LedgerVerifier,
    WITNESSED_PATH,
};

use super::faults::{FaultPoint, Faults, NoFaults, Stopped};
use super::growth::Growth;
use super::outbox::{Outbox, OutboxError};
use crate::durable::{self, Access, DurableError};

/// The most entries that one checkpoint adds: 16 full bundles, so that a backlog is signed in steps
/// of about a megabyte and never held in memory whole.
pub const BATCH_ENTRIES: usize = 4_096;

/// Writes the ledger in one directory with one key.
#[derive(Debug)]
pub struct Sequencer<F = NoFaults> {
    dir: PathBuf,
    signer: LedgerSigner,
    faults: F,
}

impl<F: Faults> Sequencer<F> {
    /// Opens the ledger in `dir`, which is created if need be. Call [`Sequencer::advance`] before
    /// anything else, so that the files are those of the head.
    ///
    /// # Errors
    /// [`SequencerError::Durable`] when the directory cannot be made.
    pub fn open(dir: &Path, signer: LedgerSigner, faults: F) -> Result<Self, SequencerError> {
        durable::create_dir(dir, Access::Public)?;
        Ok(Self { dir: dir.to_owned(), signer, faults })
    }

    /// The public key of the ledger.
    #[must_use]
    pub const fn verifier(&self) -> &LedgerVerifier {
        self.signer.verifier()
    }

    /// Finishes what an earlier run left unfinished, then publishes one checkpoint over at most
    /// [`BATCH_ENTRIES`] waiting entries. Returns the checkpoint that is newly published, `None`
    /// when nothing was waiting; call again until then.
    ///
    /// # Errors
    /// [`SequencerError`]. After any error the call may be repeated; what was published stays valid.
    pub fn advance(&self, outbox: &impl Outbox) -> Result<Option<Checkpoint>, SequencerError> {
        // Held until the end: two processes on one directory take turns.
        let _turn = self.turn()?;
        let (head, recovered) = self.recover(outbox)?;
        let (signed, checkpoint) = head.as_ref().map_or((None, None), |(s, c)| (Some(s), Some(c)));

        let mut growth = Growth::from(&self.dir, checkpoint)?;
        let size = growth.size();
        growth.take(outbox, size.saturating_add(BATCH_ENTRIES as u64))?;
        if growth.size() == size {
            return Ok(recovered.then(|| checkpoint.cloned()).flatten());
        }
        growth.check_open_bundle(outbox)?;
        let new = self.signer.sign(growth.size(), growth.root()?);
        self.faults.reach(FaultPoint::Signed)?;
        if !outbox.swap_head(signed.map(Vec::as_slice), &new)? {
            return Err(SequencerError::HeadMoved);
        }
        self.faults.reach(FaultPoint::HeadSwapped)?;
        self.publish(&growth, outbox, &new)?;
        Ok(Some(self.verified_head(&new)?))
    }

    /// Brings the files up to the head. Returns the head, and whether there was anything to do.
    fn recover(&self, outbox: &impl Outbox) -> Result<(Option<Signed>, bool), SequencerError> {
        let published = self.published()?;
        let Some(bytes) = outbox.head()? else {
            return match published {
                Some(_) => Err(SequencerError::AheadOfDatabase),
                None => Ok((None, false)),
            };
        };
        let head = self.verified_head(&bytes)?;
        let reached = published.as_ref().map_or(0, Checkpoint::size);
        if reached > head.size() {
            return Err(SequencerError::AheadOfDatabase);
        }
        let unfinished = published.as_ref() != Some(&head);
        if unfinished {
            let mut growth = Growth::from(&self.dir, published.as_ref())?;
            growth.take(outbox, head.size())?;
            if growth.size() != head.size() {
                return Err(SequencerError::OutboxDisagrees { index: growth.size() });
            }
            if growth.root()? != *head.root() {
                return Err(SequencerError::HeadDisagrees);
            }
            self.publish(&growth, outbox, &bytes)?;
        }
        Ok((Some((bytes, head)), unfinished))
    }

    /// Writes the tiles, and only then the checkpoint that promises them.
    fn publish(
        &self,
        growth: &Growth<'_>,
        outbox: &impl Outbox,
        signed: &[u8],
    ) -> Result<(), SequencerError> {
        growth.write(&self.dir, outbox, &self.faults)?;
        self.faults.reach(FaultPoint::TilesComplete)?;
        let file = self.dir.join(CHECKPOINT_PATH);
        let staged = durable::stage(&file, signed, Access::Public)?;
        self.faults.reach(FaultPoint::CheckpointStaged)?;
        staged.commit()?;
        self.faults.reach(FaultPoint::Published)?;
        Ok(())
    }

    /// Keeps the checkpoint `signed`, which is or was the published one, with the cosignatures that it
    /// now carries: as the last one that enough witnesses saw, and in the place of the published one if
    /// it still is that.
    ///
    /// # Errors
    /// [`SequencerError`]; what is published stays valid.
    pub fn keep_witnessed(&self, signed: &[u8]) -> Result<(), SequencerError> {
        let verified = self.verifier().verify_witnessed(signed);
        let (new, _) = verified.map_err(SequencerError::Published)?;
        let _turn = self.turn()?;
        let file = self.dir.join(WITNESSED_PATH);
        let held = self.own_checkpoint(&file)?;
        if held.is_none_or(|held| held.size() <= new.size()) {
            durable::write(&file, signed, Access::Public)?;
        }
        if self.published()?.is_some_and(|published| published == new) {
            durable::write(&self.dir.join(CHECKPOINT_PATH), signed, Access::Public)?;
        }
        Ok(())
    }

    fn published(&self) -> Result<Option<Checkpoint>, SequencerError> {
        self.own_checkpoint(&self.dir.join(CHECKPOINT_PATH))
    }

    /// A checkpoint that this key signed; who cosigned it, under which policy, is no matter here.
    fn own_checkpoint(&self, file: &Path) -> Result<Option<Checkpoint>, SequencerError> {
        match fs::read(file) {
            Ok(signed) => {
                let own = self.verifier().signed_by_log(&signed).unwrap_or(signed);
                let verified = self.verifier().verify_checkpoint(&own);
                verified.map(Some).map_err(SequencerError::Published)
            }
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(_) => Err(SequencerError::Unreadable),
        }
    }

    fn verified_head(&self, signed: &[u8]) -> Result<Checkpoint, SequencerError> {
        self.verifier().verify_checkpoint(signed).map_err(SequencerError::Head)
    }

    /// Waits for the lock on the directory itself, which leaves no file in the public ledger.
    fn turn(&self) -> Result<Turn, SequencerError> {
        let dir = File::open(&self.dir).map_err(|_| SequencerError::Unreadable)?;
        dir.lock().map_err(|_| SequencerError::Unreadable)?;
        Ok(Turn(dir))
    }
}

/// The lock while it is held. Given back by itself: where the file cannot be closed it must not stay, or the next
/// turn would wait for ever.
struct Turn(File);

impl Drop for Turn {
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}

/// A checkpoint with the bytes that were signed.
type Signed = (Vec<u8>, Checkpoint);

/// Why the ledger did not advance.
#[derive(Debug, thiserror::Error)]
pub enum SequencerError {
    /// The published checkpoint covers more than the head: the database was rolled back. Nothing is
    /// written until the database is repaired from the ledger.
    #[error("the published ledger is ahead of the database")]
    AheadOfDatabase,
    /// Published files are missing, altered, or belong to another history.
    #[error("the published files are not those of the ledger")]
    FilesDisagree,
    /// The outbox does not hold the entry that the ledger has at this position.
    #[error("entry {index} of the database is not that of the ledger")]
    OutboxDisagrees {
        /// The position of the entry.
        index: u64,
    },
    /// The head was not signed for the entries of the outbox, or not for the published files.
    #[error("the head of the ledger was not signed for these entries")]
    HeadDisagrees,
    /// An entry of the outbox is not one; it was not signed.
    #[error("entry {index} of the database is not an entry: {cause}")]
    Entry {
        /// The position of the entry.
        index: u64,
        /// Why.
        cause: EntryError,
    },
    /// The head does not verify with this key.
    #[error("the head of the ledger: {0}")]
    Head(CheckpointError),
    /// The published checkpoint does not verify with this key.
    #[error("the published checkpoint: {0}")]
    Published(CheckpointError),
    /// Another sequencer swapped the head first; nothing was written.
    #[error("another sequencer advanced the ledger")]
    HeadMoved,
    /// A file of the ledger could not be read.
    #[error("the files of the ledger cannot be read")]
    Unreadable,
    /// A file of the ledger could not be written.
    #[error(transparent)]
    Durable(#[from] DurableError),
    /// The database gave no answer.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
    /// A test stopped the work.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

impl SequencerError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::AheadOfDatabase => "ledger.ahead_of_database",
            Self::FilesDisagree => "ledger.files_disagree",
            Self::OutboxDisagrees { .. } => "ledger.outbox_disagrees",
            Self::HeadDisagrees => "ledger.head_disagrees",
            Self::Entry { .. } => "ledger.entry_refused",
            Self::Head(_) => "ledger.head_unverified",
            Self::Published(_) => "ledger.published_unverified",
            Self::HeadMoved => "ledger.head_moved",
            Self::Unreadable => "ledger.unreadable",
            Self::Durable(cause) => cause.code(),
            Self::Outbox(OutboxError::Busy) => "ledger.outbox_busy",
            Self::Outbox(OutboxError::Failed | OutboxError::Disk(_)) => "ledger.outbox_failed",
            Self::Stopped(_) => "ledger.stopped",
        }
    }
}
