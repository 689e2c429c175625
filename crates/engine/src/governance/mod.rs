//! What the law asks of a collaboration before data may flow, as objects that refuse what it refuses:
//! who is what, one legal basis a purpose, the processor's contract, instructions, notices, the impact
//! assessment, breaches, terms of retention, the register.
//!
//! Pure: no database, no clock, no network; the day and the moment are parameters. It gives no legal
//! advice, and a record that passes here is complete, not lawful. Specified by
//! `docs/governance.md`; what it cannot decide is the work of the parties and of their officers.

pub mod activity;
pub mod acts;
pub mod breach;
pub mod contract;
pub mod dossier;
pub mod dpia;
pub mod eea;
pub mod gap;
pub mod gate;
pub mod identifiability;
pub mod notice;
pub mod page;
pub mod record;
pub mod register;
pub mod retention;
pub mod rights;
pub mod view;

#[cfg(test)]
mod tests;

pub use gap::Gap;
pub use gate::Standing;
pub use record::{Document, Kind, Record};
