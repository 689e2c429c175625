//! What every attack is played on: scenes, oracles, the laws of chance, and the table of verdicts.

pub mod catalogue;
pub mod chance;
pub mod engine;
pub mod exact;
pub mod oracle;
pub mod play;
pub mod scene;

use tiers_protocol::policy::Policy;

pub use crate::harness::{Dice, full};

/// The policy whose costs give the bars.
pub fn standard() -> Policy {
    Policy::from_toml(include_str!("../../../policies/disclosure/standard.toml")).unwrap()
}

/// The stated count, or the short one.
pub fn count(long: usize, short: usize) -> usize {
    if full() { long } else { short }
}
