//! `tiers`: a third party between reluctant partners and a principal.
//!
//! Folders are the nouns of the domain. Imports go downward in the order of this list only;
//! `tests/it/shape.rs` holds the table.

pub mod time;
pub mod limits;
pub mod durable;
pub mod crypto;
pub mod vault;
pub mod matching;
pub mod statistics;
pub mod disclosure;
pub mod ledger;
pub mod store;
pub mod service;
pub mod api;
pub mod web;
pub mod cli;
