//! The party's side of `tiers` in a browser: a file becomes a deposit in the page's own worker.
//!
//! Thin on purpose. Reading, normalising and tokenising is `tiers_contact`, sealing and signing is
//! `tiers_protocol`; nothing here decides anything about a contact. Bytes come in and go out: no
//! network, no storage, no clock (the page says which day it is), and randomness is the protocol's own
//! source, which asks `crypto.getRandomValues`. What the page may rely on and what it may not is said
//! in `docs/browser.md`.

mod account;
mod batch;
mod check;
mod edge;
mod edge_exchange;
mod edge_founding;
mod edge_ledger;
mod exchange;
mod fault;
mod founding;
mod job;
mod keys;
mod person;
mod proposal;
mod review;
mod rules;
mod submission;
mod timeline;

pub use edge::{
    Deposit, Keys, OpenedPackage, SealedSubmission, canaries, check_certificate, check_dossier,
    fingerprint, person_tokens, rule, say_of_exchange, tool, unwrap_key, wrap_key,
};
pub use edge_exchange::{
    SendingBatch, begin_agreement, check_agreement, key_fingerprint, show_sample, sign_agreement,
    sign_verdict,
};
pub use edge_founding::{Founding, read_campaigns};
pub use edge_ledger::LedgerCheck;
pub use fault::Fault;
pub use job::{Asked, Job, Progress};
