//! Use cases: one file a verb, one named transaction, one ledger entry in that same transaction.
//! The edges call these; they know no HTTP, and what may be refused stands in [`Refusal`].

pub mod accept_deposit;
pub mod alert;
pub mod approve_policy;
pub mod backup;
pub mod certify_deletion;
pub mod consent;
pub mod declare;
pub mod doctor;
pub mod enrol_party;
pub mod erase;
pub mod exchange;
pub mod faults;
pub mod figures;
pub mod governance;
pub mod ingest;
pub mod journal;
pub mod leads_set;
pub mod notice;
pub mod open_deposit;
pub mod plan_report;
pub mod portal;
pub mod read_acts;
pub mod read_release;
pub mod ready;
pub mod receive_body;
pub mod recover;
pub mod register_programme;
pub mod repair;
mod report_cells;
pub mod request;
mod request_report;
pub mod retain;
pub mod rotate;
mod rounds;
pub mod search_acts;
pub mod upkeep;
pub mod wrap_key;

mod act;
mod admission;
mod attest;
mod certifier;
mod cosign;
mod error;
mod find_person;
mod generation;
mod refusal;
mod siren;
mod snapshot;

pub use certifier::{Certifier, Dependencies, Layout};
pub use cosign::{Standing, WitnessAge, Witnesses, Witnessing};
pub use error::ServiceError;
pub use refusal::{Class, Refusal};
