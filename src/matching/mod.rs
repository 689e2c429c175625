//! Merge of sorted streams: units and the leads they find. No token leaves this folder.
//!
//! What leaves is a list of [`UnitMonth`]s: for each unit and each month that it enters, whether it
//! converted, by which campaign and for how much. Each is a function of that unit's rows and of the
//! leads, and of nobody else's; bounds and sums are the statistics' matter, noise is the gate's.
//! The rule itself stands in [`naive`], short and slow; [`attribute`] is the same by linear merges.
//! Specified in `docs/matching.md`.

mod attribute;
mod merge;
pub mod naive;
mod pick;
mod rules;
#[cfg(test)]
mod tests;
mod unit;
#[cfg(test)]
pub(crate) mod worlds;

pub use attribute::{MatchError, attribute};
pub use rules::MatchRules;
pub use unit::{Attributed, UnitMonth};
