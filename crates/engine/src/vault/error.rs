//! Why the vault refuses or fails. No variant carries a token, a count or a path: file names hold
//! deposit ids only, and the edge that logs knows which deposit it asked for.

use thiserror::Error;

use crate::durable::Trouble;

/// Errors of the vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum VaultError {
    /// A deposit id that could leave its directory: only 1 to 64 of `A-Z a-z 0-9 _ -` are taken.
    #[error("the deposit id is not fit to be a file name")]
    UnsafeId,
    /// A deposit with this id is already there; segments are written once.
    #[error("the deposit is already in the vault")]
    AlreadyThere,
    /// No deposit with this id.
    #[error("the deposit is not in the vault")]
    NotThere,
    /// More rows than a segment can number.
    #[error("the deposit has more rows than the vault takes")]
    TooManyRows,
    /// An amount above what a segment can hold (2^63 - 1 cents).
    #[error("an amount is larger than the vault takes")]
    AmountTooLarge,
    /// A deposit is of sales or of leads, never of both.
    #[error("the deposit mixes sales and leads")]
    MixedRows,
    /// A byte was changed, added or removed, a file is missing or foreign, or the key is another's.
    #[error("the segment was altered or belongs to another key")]
    Altered,
    /// The file system refused to read.
    #[error("the vault cannot be read: {0}")]
    Read(std::io::ErrorKind),
    /// The file system refused to write.
    #[error("the vault cannot be written: {0}")]
    Write(std::io::ErrorKind),
    /// The Parquet library refused rows that it should take: our bug.
    #[error("the segment could not be encoded")]
    Encode,
    /// A test stopped the vault at a fault point.
    #[error("stopped by a fault point")]
    Injected,
}

impl VaultError {
    /// Every variant, with one example kind where it carries one.
    pub const ALL: [Self; 11] = [
        Self::UnsafeId,
        Self::AlreadyThere,
        Self::NotThere,
        Self::TooManyRows,
        Self::AmountTooLarge,
        Self::MixedRows,
        Self::Altered,
        Self::Read(std::io::ErrorKind::Other),
        Self::Write(std::io::ErrorKind::Other),
        Self::Encode,
        Self::Injected,
    ];

    /// Stable code of the error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnsafeId => "vault.unsafe_id",
            Self::AlreadyThere => "vault.already_there",
            Self::NotThere => "vault.not_there",
            Self::TooManyRows => "vault.too_many_rows",
            Self::AmountTooLarge => "vault.amount_too_large",
            Self::MixedRows => "vault.mixed_rows",
            Self::Altered => "vault.altered",
            Self::Read(_) => "vault.read",
            Self::Write(_) => "vault.write",
            Self::Encode => "vault.encode",
            Self::Injected => "vault.injected",
        }
    }

    /// Whether the disk is why.
    #[must_use]
    pub const fn trouble(&self) -> Option<Trouble> {
        match self {
            Self::Read(kind) | Self::Write(kind) => Trouble::of(*kind),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct_and_of_this_module() {
        let mut codes: Vec<_> = VaultError::ALL.iter().map(VaultError::code).collect();
        assert!(codes.iter().all(|code| code.starts_with("vault.")));
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), VaultError::ALL.len());
    }
}
