//! SQLite: opening, migrations, named transactions; one file an aggregate. No rules live here: a
//! function of an aggregate reads or writes rows and says what the schema says.
//!
//! The schema is documented per column in `migrations/`. Times are seconds in UTC.

pub mod access;
pub mod account;
pub mod act_search;
pub mod admission;
pub mod alert;
pub mod archive;
pub mod certifier;
pub mod consent;
pub mod consent_end;
pub mod copy;
pub mod credential;
pub mod declaration;
pub mod deposit;
pub mod erasure;
pub mod exchange;
pub mod figures;
pub mod generation;
pub mod governance;
pub mod invoice;
pub mod journal;
pub mod lift;
pub mod notice;
pub mod opposition;
pub mod outbox;
pub mod own_count;
pub mod party;
pub mod person;
pub mod programme;
pub mod release;
pub mod request;
pub mod restored;
pub mod retention;
pub mod said;
pub mod sample;
pub mod session;
pub mod terms;
pub mod tick;
pub mod vault_key;
pub mod webhook;
pub mod webhook_delivery;
pub mod witness;

pub mod collection;
mod column;
mod db;
mod readers;

pub use db::{Db, StoreError, Tx};
