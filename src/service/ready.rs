//! Whether a certifier that runs can work: asked by whoever sends requests its way, so quick and without
//! effect. What is amiss, and what to do, `tiers doctor` says.

use std::fs;

use super::error::file_error;
use super::{Certifier, Refusal, ServiceError};

/// Entries that wait for their checkpoint: seconds of work. More means that publishing fails.
const UNPUBLISHED: u64 = 10_000;

/// Bytes without which the next deposit is likely to be refused.
const ROOM_BYTES: u64 = 256 << 20;

impl Certifier {
    /// Reads the database, looks for room on the disk, and compares the ledger with what is published.
    ///
    /// # Errors
    /// [`Refusal::NotReady`].
    pub fn ready(&self) -> Result<(), ServiceError> {
        let figures = self.figures().map_err(|error| {
            tracing::warn!(code = error.code(), "not ready");
            Refusal::NotReady
        })?;
        let room = self.room().map_err(|_| Refusal::NotReady)?;
        if figures.unpublished() > UNPUBLISHED || room < ROOM_BYTES {
            tracing::warn!(unpublished = figures.unpublished(), room, "not ready");
            return Err(Refusal::NotReady.into());
        }
        Ok(())
    }

    /// Bytes that may still be written where spools and segments lie.
    pub(super) fn room(&self) -> Result<u64, ServiceError> {
        let folder = self.layout.spool();
        fs::metadata(&folder).map_err(file_error("the spool"))?;
        crate::durable::room(&folder).map(|room| room.free).map_err(file_error("the spool"))
    }
}
