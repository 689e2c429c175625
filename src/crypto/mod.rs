//! Secrets of the certifier: the keyring, the vault PRF chain, sealed cells.
