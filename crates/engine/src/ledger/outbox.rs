//! What the sequencer asks of the database: entries in their order, and one row with the head.
//!
//! The interface only; the store implements it. The head comes before the files: a checkpoint that
//! is not the head was never signed for anybody, which is what makes forks impossible
//! (<https://github.com/FiloSottile/sunlight>, "lock backend").

use crate::durable::Trouble;

/// Entries waiting for the ledger, and the signed checkpoint that was reached.
pub trait Outbox {
    /// The bytes of the last signed checkpoint, `None` before the first.
    ///
    /// # Errors
    /// [`OutboxError`] when the database does not answer.
    fn head(&self) -> Result<Option<Vec<u8>>, OutboxError>;

    /// The bytes of at most `max` entries from position `from` on, without a gap, in the order of
    /// commit. Fewer, down to none, when there are no more. What was returned once for a position
    /// never changes.
    ///
    /// # Errors
    /// [`OutboxError`] when the database does not answer.
    fn entries(&self, from: u64, max: usize) -> Result<Vec<Vec<u8>>, OutboxError>;

    /// Makes `new` the head if `expected` is the head, in one step; durable when it returns `true`.
    /// `false` when another head is there.
    ///
    /// # Errors
    /// [`OutboxError`] when the database does not answer; the head may then be either.
    fn swap_head(&self, expected: Option<&[u8]>, new: &[u8]) -> Result<bool, OutboxError>;
}

/// Why the outbox gave no answer. The store logs the cause; the sequencer tries again later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutboxError {
    /// Another transaction holds the database for too long.
    #[error("the database is busy")]
    Busy,
    /// The disk under the database failed.
    #[error("the disk under the database failed")]
    Disk(Trouble),
    /// The database failed.
    #[error("the database failed")]
    Failed,
}
