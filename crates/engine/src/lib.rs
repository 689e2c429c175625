//! What a certifier computes and keeps: keys, the vault, matching, the gate, decisions on consent, the
//! ledger, the register. No database, no wire and no command line: those are the crate `tiers`, which
//! names these modules as its own.
//!
//! Folders are the nouns of the domain. Imports go downward only; `tests/it/shape.rs` holds the table.

pub mod consent;
pub mod crypto;
pub mod disclosure;
pub mod durable;
pub mod governance;
pub mod invoice;
pub mod journal;
pub mod ledger;
pub mod limits;
pub mod markup;
pub mod matching;
pub mod paper;
pub mod parallel;
pub mod statistics;
pub mod time;
pub mod vault;
pub mod witness;
