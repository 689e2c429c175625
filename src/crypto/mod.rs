//! Secrets of the certifier: the keyring, the vault PRF chain, keys of segments, randomness.
//! Not here: the keys of parties and programmes, which the certifier never holds.

pub mod keyring;
pub mod random;
