//! What a use case answers when it does not succeed.

use super::Refusal;
use super::authority::AuthorityError;
use super::backup::BackupError;
use crate::crypto::keyring::KeyringError;
use crate::disclosure::GateError;
use crate::durable::Trouble;
use crate::journal::JournalError;
use crate::ledger::{OutboxError, ProveError, SequencerError};
use crate::matching::MatchError;
use crate::statistics::StatisticsError;
use crate::store::StoreError;
use crate::vault::VaultError;

/// A refusal, or a failure of ours. The edge tells the caller the refusal in full, of a failure only
/// the code; the failure itself goes to the log.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServiceError {
    /// The caller asked for what the rules do not allow.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The segments.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] SequencerError),
    /// A proof from the ledger.
    #[error(transparent)]
    Proof(ProveError),
    /// The keyring of another data directory.
    #[error("this keyring does not belong to this data directory")]
    OtherKeyring,
    /// A copy of the keyring that lacks a key, or has another in its place.
    #[error("this keyring lacks a key that the data needs; use its newest copy")]
    OldKeyring,
    /// The witnesses have seen more than this database has: it was restored from a backup.
    #[error(
        "the witnesses of the ledger have seen {held} entries, more than this database has: it is an \
         older copy; repair it from a copy of the ledger"
    )]
    RolledBack {
        /// What a witness has seen.
        held: u64,
    },
    /// The ledger has another history elsewhere.
    #[error("the ledger has another history, in a copy or with its witnesses")]
    Forked,
    /// Too few witnesses say that the database is the newest.
    #[error("too few witnesses of the ledger confirm that this database is the newest")]
    Unconfirmed,
    /// A copy of the ledger that does not verify.
    #[error("the copy of the ledger does not verify")]
    Copy,
    /// The copy of the ledger is older than the backup, so that it does not say what came since.
    #[error("the copy of the ledger is older than the database")]
    OldLedger,
    /// The copy of the ledger is there and cannot be read.
    #[error(
        "the copy of the ledger cannot be read: check the path, and that you may read every file of it"
    )]
    CopyUnread,
    /// Nobody made a certifier here.
    #[error(
        "no certifier is in this directory: mount the disk that it lies on, or make one with `tiers init`"
    )]
    NoCertifier,
    /// A restore that was not finished left this directory.
    #[error("a restore into this directory was interrupted: run the same `tiers restore` again")]
    RestoreUnfinished,
    /// Nobody says what came after a backup.
    #[error("nothing says what came after this backup: give a copy of the ledger")]
    NoLedger,
    /// Erasures were ordered after a backup, and the orders are not there.
    #[error("{orders} orders to erase came after this backup and were not kept")]
    ErasureLost {
        /// How many.
        orders: usize,
    },
    /// Of what persons said after a backup something is not there.
    #[error(
        "what persons said after this backup was not kept, or not all of it: the ledger or the kept numbers show {acts} \
         acts more"
    )]
    SaidLost {
        /// How many acts of the ledger nothing is known of, or transactions that are left out.
        acts: usize,
    },
    /// What is kept beside the database is newer than it.
    #[error(
        "what is kept of persons beside this database is newer than it: it is an old copy; restore the newest backup, or \
         repair it from the ledger"
    )]
    SaidNewer,
    /// A backup, or what is kept for one.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// The copy of the ledger has no more than the database.
    #[error("the copy of the ledger has nothing that this database lacks")]
    NothingToRepair,
    /// The gate.
    #[error(transparent)]
    Gate(#[from] GateError),
    /// The matching.
    #[error(transparent)]
    Match(#[from] MatchError),
    /// The exact tables.
    #[error(transparent)]
    Statistics(#[from] StatisticsError),
    /// The policies of authorization.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// The keyring.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// Another process has the data directory.
    #[error("another process works on this data directory; stop it first")]
    InUse,
    /// A file of the data directory.
    #[error("{what} could not be read or written")]
    File {
        /// Which.
        what: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// A use case panicked; its transaction was rolled back.
    #[error("a use case stopped unexpectedly")]
    Panicked,
    /// A fault that a test asked for.
    #[error("a planned fault")]
    Planned,
}

impl ServiceError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::Store(error) => error.code(),
            Self::Vault(error) => error.code(),
            Self::Ledger(error) => error.code(),
            Self::Proof(error) => error.code(),
            Self::OtherKeyring => "keyring.other",
            Self::OldKeyring => "keyring.outdated",
            Self::RolledBack { .. } => "ledger.rolled_back",
            Self::Forked => "ledger.forked",
            Self::Unconfirmed => "ledger.unconfirmed",
            Self::Copy => "ledger.copy",
            Self::CopyUnread => "ledger.copy_unread",
            Self::NoCertifier => "certifier.none",
            Self::RestoreUnfinished => "restore.unfinished",
            Self::OldLedger => "restore.old_ledger",
            Self::NoLedger => "restore.no_ledger",
            Self::ErasureLost { .. } => "restore.erasure_lost",
            Self::SaidLost { .. } => "restore.said_lost",
            Self::SaidNewer => "restore.said_newer",
            Self::Backup(error) => error.code(),
            Self::NothingToRepair => "ledger.nothing_to_repair",
            Self::Gate(error) => error.code(),
            Self::Match(error) => error.code(),
            Self::Statistics(error) => error.code(),
            Self::Authority(error) => error.code(),
            Self::Keyring(error) => error.code(),
            Self::Journal(error) => error.code(),
            Self::InUse => "certifier.in_use",
            Self::File { .. } => "certifier.file",
            Self::Panicked => "certifier.panicked",
            Self::Planned => "certifier.planned_fault",
        }
    }

    /// Whether the disk is why: then the same request succeeds once the operator has seen to it.
    #[must_use]
    pub fn trouble(&self) -> Option<Trouble> {
        match self {
            Self::Store(error) => error.trouble(),
            Self::Vault(error) => error.trouble(),
            Self::Ledger(SequencerError::Durable(error)) => error.kind().and_then(Trouble::of),
            Self::Ledger(SequencerError::Outbox(OutboxError::Disk(trouble))) => Some(*trouble),
            Self::Journal(error) => Trouble::of(error.kind()),
            Self::File { source, .. } | Self::Backup(BackupError::File { source, .. }) => {
                Trouble::of(source.kind())
            }
            Self::Backup(BackupError::Durable(error)) => error.kind().and_then(Trouble::of),
            _ => None,
        }
    }

    /// Whether a test stopped the work where a kill would have: nothing is tidied up then.
    pub(super) const fn is_planned(&self) -> bool {
        matches!(self, Self::Planned | Self::Vault(VaultError::Injected))
    }
}

/// Names the file for an I/O error.
pub(super) fn file_error(what: &'static str) -> impl Fn(std::io::Error) -> ServiceError {
    move |source| ServiceError::File { what, source }
}
