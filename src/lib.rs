//! `tiers`: a third party between reluctant partners and a principal.
//!
//! What it computes and keeps is the crate `tiers-engine`, whose modules stand here under their own
//! names; this crate adds the database, the use cases, the API, the pages and the command line.
//! Imports go downward only, over both crates; `tests/it/shape.rs` holds the table.

pub use tiers_engine::{
    consent, crypto, disclosure, durable, governance, invoice, journal, ledger, limits, markup,
    matching, paper, parallel, statistics, time, vault, witness,
};

pub mod api;
pub mod cli;
pub mod service;
pub mod store;
pub mod web;
