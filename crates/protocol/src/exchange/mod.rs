//! Records that pass from one party to another, sealed so that the certifier in between can neither
//! read, add, replace nor reorder them: the padded [`record`], the [`batch`] that seals records by
//! their position, the [`tree`] over all of them, and the [`statement`] that the sender signs.
//!
//! Not here: who may pass what to whom (the agreement, and the decision for each record at hand-over).
//! Specified in `docs/formats/exchange-batch.md`.

pub mod batch;
pub mod record;
pub mod statement;
pub mod tree;

#[cfg(test)]
mod tests;

pub use batch::{BatchError, BatchOpener, BatchSealer};
pub use record::{Field, PlainRecord, RecordError, SizeClass};
pub use statement::{BatchHead, BatchStatement, StatementError};
pub use tree::{Leaf, RootOf};
