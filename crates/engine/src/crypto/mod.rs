//! Secrets of the certifier: the keyring, the vault PRF chain, the keys of segments, randomness.
//! Protocol keys (signing, sealing) are `tiers_protocol`'s; here is only what the certifier alone
//! holds. Specified in `docs/formats/keys.md` and `docs/formats/segment-v1.md`.

pub mod chain;
pub mod export_key;
pub mod keyring;
pub mod passkey;
pub mod random;
pub mod segment_key;

mod hkdf;
