//! The red team: attacks on what leaves the certifier, by a principal that chooses its leads, by
//! captive partners, by who reads the ledger, and by who steals a disk. Each plays against the product
//! and against a control, an exact oracle with suppression below 11 (or the rule that it defeats), where
//! it must succeed nearly always: an attack that beats nobody proves nothing. Bars follow from the
//! policy's costs (`docs/privacy.md`, "Attacks", whose table these tests hold).
//!
//! `TIERS_FULL=1 cargo test --release --workspace --test redteam -- --nocapture` plays the stated
//! counts and prints the rows of the table; without it the counts are short and the slack is wide.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
#![allow(clippy::print_stdout, reason = "the rows of the table")]

#[path = "../it/harness/mod.rs"]
#[allow(dead_code, reason = "shared with the integration tests, which use all of it")]
mod harness;

mod attacks;
mod bench;
mod product;
