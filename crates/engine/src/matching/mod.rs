//! Merge of sorted streams: the units of the sales and the leads they find.
//!
//! [`Matching::units`] is the engine: it shows every unit and what its sales have found to visitors, range
//! by range, in memory that does not grow. [`attribute`] is made of it: for each unit that counts in a
//! month, a [`UnitMonth`], whether it converted, by which campaign, when, where and for how much, what it bought
//! and whether leads or other partners know it. Each is a function of
//! that unit's rows, of the leads and of the months that counted it before, and of nobody else's rows;
//! bounds and sums are the statistics' matter, noise is the gate's. Tokens go nowhere but to the
//! [`Admission`] and to visitors.
//! The rule itself stands in [`naive`], short and slow; [`attribute`] is the same by linear merges.
//! Specified in `docs/matching.md`.

mod admission;
mod arms;
mod attribute;
mod block;
mod found;
mod in_order;
mod known;
mod left_out;
pub mod link;
mod mirrored;
pub mod naive;
mod partners;
mod pick;
mod rows;
mod rules;
mod sought;
pub(crate) mod sql;
#[cfg(test)]
mod tests;
mod unit;
mod units;
#[cfg(test)]
pub(crate) mod worlds;

pub use admission::{Admission, AdmittedMonths};
pub use arms::{ARMED_CAMPAIGNS_MAX, Arm, Armed, ArmedReader, Arms};
pub use attribute::{Attribution, MatchError, attribute, attribute_armed};
pub use left_out::left_out;
pub use mirrored::leads_that_bought;
pub use partners::Partners;
pub use rules::MatchRules;
pub use unit::{Attributed, Bought, UnitMonth, UnitSale};
pub use units::{Effort, Finding, Matching, UnitVisitor};
