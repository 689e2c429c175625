//! Invoices of exchanges: drawn up from a draft that is checked by the business rules of EN 16931-1, and
//! written in its two syntaxes, UBL 2.1 and UN/CEFACT CII (D16B and later).
//!
//! An exchange of files is a double sale (BOI-TVA-BASE-10-20-30; Code de commerce art. L. 441-9): two
//! invoices, each in a series of its own. Pure: no numbers are given out here and nothing is stored. No
//! personal data of the exchanged file can stand in an invoice: lines name lots, never records.
//! Specified in `docs/formats/invoice.md`.

mod amount;
mod calendar;
mod cii;
mod draft;
mod rules;
mod terms;
#[cfg(test)]
mod tests;
mod ubl;
#[cfg(test)]
mod written;
mod xml;

pub use amount::{Cents, VatRate};
pub use calendar::electronic_from;
pub use draft::{Address, Company, Draft, Line, OperationCategory, SetOff};
pub use rules::{Broken, Rule};
pub use terms::{Invoice, Totals, VatGroup};
