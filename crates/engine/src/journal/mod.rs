//! The journal: the technical log. Who did what, when, on which object, with which result; a line for each
//! request and each act of the background, in files of a folder of its own.
//!
//! Not the ledger: the journal is kept for some months and goes, the ledger stays; it says what was asked,
//! the ledger what was done. Lines are chained by their digests and signed, files are only ever appended to,
//! and whole files go when their term is over. What reads them here checks the chain and shows nothing.
//! Specified by `docs/journal.md`.

mod check;
mod files;
mod line;
mod recent;
pub mod unusual;
mod write;

#[cfg(test)]
mod tests;

pub use check::{Alteration, Checked, Mark, Verified, check, verify};
pub use files::{FileState, Name, Term, TermError, list, remove};
pub use line::{Note, Object};
pub use recent::Recent;
pub use write::{Health, Journal};

/// The folder or a file of the journal cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("the journal cannot be read or written")]
pub struct JournalError(#[source] std::io::Error);

impl JournalError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "journal.file"
    }

    /// What the system said.
    #[must_use]
    pub fn kind(&self) -> std::io::ErrorKind {
        self.0.kind()
    }
}

impl From<std::io::Error> for JournalError {
    fn from(error: std::io::Error) -> Self {
        Self(error)
    }
}

impl From<crate::durable::DurableError> for JournalError {
    fn from(error: crate::durable::DurableError) -> Self {
        let kind = error.kind().unwrap_or(std::io::ErrorKind::Other);
        Self(std::io::Error::new(kind, error))
    }
}
