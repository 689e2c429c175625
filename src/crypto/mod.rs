//! Secrets of the certifier: the keyring, the vault PRF chain, sealed cells.

pub mod chain;
pub mod segment_key;
