//! What both sides of the wire share: ids, canonical encoding, keys, sealing, signatures, the
//! documents that travel (programme, manifest, receipt, report, certificate, trust) and their
//! offline verification. Native and wasm32, so no `ring`, no files and no sockets here; the raw
//! contacts stand in `tiers_contact` and never come this far.

pub mod access;
pub mod attested;
pub mod canonical;
pub mod certificate;
mod cipher;
pub mod consent;
pub mod deletion;
pub mod deposit;
pub mod dossier;
pub mod encoding;
pub mod entropy;
pub mod exchange;
pub mod ids;
pub mod keystore;
pub mod lift;
pub mod manifest;
#[cfg(feature = "openapi")]
pub mod openapi;
pub mod own_count;
pub mod pages;
pub mod party;
pub mod passphrase;
pub mod policy;
pub mod programme;
pub mod programme_key;
pub mod receipt;
pub mod report;
pub mod request;
pub mod rights_key;
pub mod seal;
pub mod sign;
pub mod text_set;
pub mod tlog;
pub mod trust;
pub mod webhook;
pub mod wire;
