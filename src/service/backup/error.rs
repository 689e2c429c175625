//! Why a backup was not made, is not sound, or cannot be restored.

use std::io;

use crate::durable::DurableError;
use crate::store::StoreError;

/// What went wrong. Never carries what a file holds.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// A key that is no recipient of age.
    #[error("not a public key of a backup (age1...)")]
    Recipient,
    /// A text that is no identity of age.
    #[error("not a key that opens backups (AGE-SECRET-KEY-1...)")]
    Identity,
    /// The backup is for others.
    #[error("this key does not open the backup")]
    WrongKey,
    /// Another process works on the folder.
    #[error("another process works on this folder of backups")]
    InUse,
    /// There is no backup, or none of this name.
    #[error("the folder has no such backup")]
    NoSnapshot,
    /// Files went while they were copied, again and again.
    #[error("the data directory changed too often while it was copied")]
    Moving,
    /// A file of the backup is missing, cut or altered.
    #[error("a file of the backup is missing or damaged")]
    Damaged,
    /// The manifest is not one that this certifier signed.
    #[error("the backup was not made by the certifier of this keyring")]
    Foreign,
    /// A file of the folder or the data directory.
    #[error("{what} could not be read or written")]
    File {
        /// Which.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// A file could not be made durable.
    #[error(transparent)]
    Durable(#[from] DurableError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl BackupError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Recipient => "backup.recipient",
            Self::Identity => "backup.identity",
            Self::WrongKey => "backup.wrong_key",
            Self::InUse => "backup.in_use",
            Self::NoSnapshot => "backup.no_snapshot",
            Self::Moving => "backup.moving",
            Self::Damaged => "backup.damaged",
            Self::Foreign => "backup.foreign",
            Self::File { .. } => "backup.file",
            Self::Durable(cause) => cause.code(),
            Self::Store(cause) => cause.code(),
        }
    }
}

/// Names the file for an I/O error.
pub(super) fn file(what: &'static str) -> impl Fn(io::Error) -> BackupError {
    move |source| BackupError::File { what, source }
}
