//! Templates: bounded contributions of units, exact tables that stay inside the certifier.
//!
//! A template turns what the units contribute into one table for one month of sales, a cell for each
//! public key ([`Layout`]), and declares how far one unit can move it ([`bounds`]). Noise, accounts and display are
//! the gate's: an [`ExactTable`] opens through one door, [`ExactTable::into_exact`], which only the
//! gate may use. Specified in `docs/statistics.md`.

pub mod bounds;
#[cfg(test)]
mod catalogue_tests;
#[cfg(test)]
mod desks;
mod error;
#[cfg(test)]
mod histories;
mod layout;
pub mod lift;
mod segments;
#[cfg(test)]
mod sensitivity_tests;
mod sql;
mod table;
mod templates;

pub use error::StatisticsError;
pub use layout::{CampaignCount, Layout};
pub use segments::{AMOUNT_SHARES, FREQUENCY_SALES, RECENCY_DAYS};
pub use sql::{Query, Sum};
pub use table::{ExactTable, Sensitivity};
pub use templates::MonthlyTables;
