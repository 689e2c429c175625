//! `tiers`: a third party between reluctant partners and a principal.
//!
//! Folders are the nouns of the domain. Imports go downward in the order of this list only;
//! `tests/it/shape.rs` holds the table.

pub mod api;
pub mod cli;
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
pub mod service;
pub mod statistics;
pub mod store;
pub mod time;
pub mod vault;
pub mod web;
pub mod witness;
