//! What can be wrong with a ledger, and where.
//!
//! Faults name files and positions, never what an entry says. The check itself is in
//! [`super::verify`].

use std::fmt;

use super::bundle::BundleError;
use super::checkpoint::CheckpointError;
use super::entry::EntryError;
use super::path::{CHECKPOINT_PATH, TilePath, WITNESSED_PATH};

/// Why a source has no bytes for a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// There is no such file.
    #[error("there is no such file")]
    NotFound,
    /// The file is longer than any file of a ledger.
    #[error("the file is too long")]
    TooLong,
    /// The file may exist, but reading failed.
    #[error("the file cannot be read")]
    Unavailable,
}

/// A file that a ledger must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileName {
    /// The signed checkpoint.
    Checkpoint,
    /// The last checkpoint that enough witnesses cosigned.
    Witnessed,
    /// A tile.
    Tile(TilePath),
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Checkpoint => f.write_str(CHECKPOINT_PATH),
            Self::Witnessed => f.write_str(WITNESSED_PATH),
            Self::Tile(path) => path.fmt(f),
        }
    }
}

/// What is wrong with a ledger, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LedgerFault {
    /// A file that must be there cannot be read.
    #[error("{file}: {cause}")]
    Unreadable {
        /// The file.
        file: FileName,
        /// Why.
        cause: SourceError,
    },
    /// The checkpoint does not verify.
    #[error("checkpoint: {0}")]
    Checkpoint(CheckpointError),
    /// The source failed to say which files it has.
    #[error("the files of the ledger cannot be listed")]
    Unlisted,
    /// A file that no ledger of this size has.
    #[error("file number {position} of the listing does not belong to the ledger")]
    Unexpected {
        /// Its position in the listing of the source, 0 for the first.
        position: usize,
    },
    /// A bundle does not hold the entries that its name promises.
    #[error("{path}: {cause}")]
    Bundle {
        /// The bundle.
        path: TilePath,
        /// Why.
        cause: BundleError,
    },
    /// An entry is not one.
    #[error("entry {index}: {cause}")]
    Entry {
        /// Its position, 0 for the first.
        index: u64,
        /// Why.
        cause: EntryError,
    },
    /// The entries are not those that the checkpoint was signed for.
    #[error("the entries do not add up to the signed root")]
    Root,
    /// A hash tile differs from what the entries give.
    #[error("{path}: the hashes are not those of the entries")]
    HashTile {
        /// The tile.
        path: TilePath,
    },
    /// A partial bundle of an earlier checkpoint differs from the entries.
    #[error("{path}: the entries are not those of the ledger")]
    OlderBundle {
        /// The bundle.
        path: TilePath,
    },
    /// A debit does not continue the account: spent before, plus cost, is not spent after.
    #[error("entry {index}: the debit does not continue its account")]
    Debit {
        /// The position of the entry.
        index: u64,
    },
    /// The ledger has fewer entries than a checkpoint held from earlier.
    #[error("the ledger has {size} entries, and had {held}")]
    Shrunk {
        /// Entries now.
        size: u64,
        /// Entries at the held checkpoint.
        held: u64,
    },
    /// The ledger is not a continuation of a checkpoint held from earlier.
    #[error("the first {held} entries are not those of the checkpoint held from earlier")]
    Forked {
        /// Entries at the held checkpoint.
        held: u64,
    },
}

impl LedgerFault {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unreadable { cause: SourceError::NotFound, .. } => "ledger.file.missing",
            Self::Unreadable { cause: SourceError::TooLong, .. } => "ledger.file.too_long",
            Self::Unreadable { cause: SourceError::Unavailable, .. } => "ledger.file.unavailable",
            Self::Unlisted => "ledger.file.unlisted",
            Self::Unexpected { .. } => "ledger.file.unexpected",
            Self::Checkpoint(cause) => cause.code(),
            Self::Bundle { cause, .. } => cause.code(),
            Self::Entry { cause, .. } => cause.code(),
            Self::Root => "ledger.root",
            Self::HashTile { .. } => "ledger.tile.hashes",
            Self::OlderBundle { .. } => "ledger.tile.older_entries",
            Self::Debit { .. } => "ledger.debit.broken",
            Self::Shrunk { .. } => "ledger.shrunk",
            Self::Forked { .. } => "ledger.forked",
        }
    }
}
