//! Why a keyring cannot be used. No variant says more about a secret than that it did not fit.

/// Why a keyring cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyringError {
    /// The folder or file is not there, or cannot be read.
    #[error("the keyring cannot be read")]
    Unreadable,
    /// A keyring is there already.
    #[error("there is a keyring already; it is never overwritten")]
    Exists,
    /// The folder lies inside the data directory.
    #[error("the keyring must lie beside the data directory, never inside it")]
    Inside,
    /// Others than the owner may read it.
    #[error("others may read the keyring: set the folder to 0700 and its file to 0600")]
    Permissions,
    /// Not a keyring, or a damaged one.
    #[error("not a keyring of format tiers-keyring/1, or a damaged one")]
    Damaged,
    /// It could not be written.
    #[error("the keyring could not be written")]
    Unwritable,
    /// Sealed, and nothing was given to open it.
    #[error("the keyring is sealed and nothing was given to unlock it")]
    Locked,
    /// What was given does not open it. Whether the passphrase is wrong or the file was altered,
    /// nobody can tell.
    #[error("this passphrase or key does not open the keyring, or the keyring was altered")]
    WrongKey,
    /// The passphrase is too short to stand alone.
    #[error(
        "the passphrase is too weak: seven random words, or 14 characters with capitals and digits, or 12 with others as well"
    )]
    WeakPassphrase,
    /// Not 32 bytes in base64url.
    #[error("not an unlocking key: 32 bytes in base64url, as `tiers keyring key` makes it")]
    NotAKey,
    /// Another process is changing it.
    #[error("another process is changing the keyring")]
    Busy,
}

impl KeyringError {
    /// Every variant.
    pub const ALL: [Self; 11] = [
        Self::Unreadable,
        Self::Exists,
        Self::Inside,
        Self::Permissions,
        Self::Damaged,
        Self::Unwritable,
        Self::Locked,
        Self::WrongKey,
        Self::WeakPassphrase,
        Self::NotAKey,
        Self::Busy,
    ];

    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unreadable => "keyring.unreadable",
            Self::Exists => "keyring.exists",
            Self::Inside => "keyring.inside_data",
            Self::Permissions => "keyring.permissions",
            Self::Damaged => "keyring.damaged",
            Self::Unwritable => "keyring.unwritable",
            Self::Locked => "keyring.locked",
            Self::WrongKey => "keyring.wrong_key",
            Self::WeakPassphrase => "keyring.weak_passphrase",
            Self::NotAKey => "keyring.not_a_key",
            Self::Busy => "keyring.busy",
        }
    }
}
