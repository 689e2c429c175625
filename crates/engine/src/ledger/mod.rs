//! The append-only public ledger, writing side: from entries in the outbox to signed checkpoints
//! and tiles on disk.
//!
//! It knows no SQL: a business transaction inserts its entry into the [`Outbox`], and the
//! [`Sequencer`] takes entries from there. It decides nothing about what an entry says. What
//! everybody needs to check a ledger is in `tiers_protocol::tlog`. Files and order of the steps:
//! `docs/formats/ledger-tiles.md`.

pub mod faults;
mod growth;
mod outbox;
mod prover;
mod sequencer;
mod source;
mod tiles;

#[cfg(test)]
mod flips;
#[cfg(test)]
pub(crate) mod memory;
#[cfg(test)]
mod tests;

pub use outbox::{Outbox, OutboxError};
pub use prover::{ProveError, Prover};
pub use sequencer::{BATCH_ENTRIES, Sequencer, SequencerError};
pub use source::DirSource;
