//! Whether a certifier that runs can work: asked by whoever sends requests its way, so quick and without
//! effect. What is amiss, and what to do, `tiers doctor` says.

use std::fs;

use super::error::file_error;
use super::{Certifier, ServiceError};

/// Entries that wait for their checkpoint: seconds of work. More means that publishing fails.
const UNPUBLISHED: u64 = 10_000;

/// Bytes without which the next deposit is likely to be refused.
const ROOM_BYTES: u64 = 256 << 20;

/// Why a certifier cannot work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unready {
    /// The database does not answer.
    Database,
    /// The folder where deposits lie cannot be looked at.
    Storage,
    /// Less than 256 MiB are free there.
    Room,
    /// Ten thousand entries wait for their checkpoint.
    Ledger,
}

impl Unready {
    /// In words, without a figure: anybody may ask.
    #[must_use]
    pub const fn why(self) -> &'static str {
        match self {
            Self::Database => "The database does not answer.",
            Self::Storage => "The folder where deposits lie cannot be looked at.",
            Self::Room => "Less than 256 MiB are free where deposits lie.",
            Self::Ledger => "Entries of the ledger are not published.",
        }
    }
}

impl Certifier {
    /// Reads the database, looks for room on the disk, and compares the ledger with what is published.
    ///
    /// # Errors
    /// [`Unready`].
    pub fn ready(&self) -> Result<(), Unready> {
        let figures = self.figures().map_err(|error| {
            tracing::warn!(code = error.code(), "not ready");
            Unready::Database
        })?;
        let room = self.room().map_err(|_| Unready::Storage)?;
        let unready = if room < ROOM_BYTES {
            Unready::Room
        } else if figures.unpublished() > UNPUBLISHED {
            Unready::Ledger
        } else {
            return Ok(());
        };
        tracing::warn!(unpublished = figures.unpublished(), room, "not ready");
        Err(unready)
    }

    /// Bytes that may still be written where spools and segments lie.
    pub(super) fn room(&self) -> Result<u64, ServiceError> {
        let folder = self.layout.spool();
        fs::metadata(&folder).map_err(file_error("the spool"))?;
        crate::durable::room(&folder).map(|room| room.free).map_err(file_error("the spool"))
    }
}
