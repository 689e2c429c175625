//! Merge of sorted streams: the units of one month of sales and the leads they find.
//!
//! What leaves is a list of [`UnitMonth`]s: for each unit that counts in the month, whether it
//! converted, by which campaign and for how much. Each is a function of that unit's rows, of the
//! leads and of the months that counted it before, and of nobody else's rows; bounds and sums are the
//! statistics' matter, noise is the gate's. Tokens go nowhere but to the [`Admission`].
//! The rule itself stands in [`naive`], short and slow; [`attribute`] is the same by linear merges.
//! Specified in `docs/matching.md`.

mod admission;
mod attribute;
pub mod link;
mod merge;
pub mod naive;
mod pick;
mod rules;
#[cfg(test)]
mod tests;
mod unit;
#[cfg(test)]
pub(crate) mod worlds;

pub use admission::{Admission, AdmittedMonths};
pub use attribute::{MatchError, attribute};
pub use rules::MatchRules;
pub use unit::{Attributed, UnitMonth};
