//! The keys of the vault of rights tokens (consents, oppositions, requests of persons): a chain and a
//! master of its own, which open nothing of the programmes' vault and are opened by nothing of it.
//! What lies in that vault is the consent register's matter.

use super::KeyringError;
use super::file::{VaultKeys, secret};
use super::vault::{Disk, chains};
use crate::crypto::chain::VaultChain;
use crate::crypto::segment_key::SegmentKey;

/// Keys of the rights vault. Opaque.
pub struct RightsKeys {
    chain: VaultChain,
    disk: Disk,
}

impl RightsKeys {
    pub(super) fn of(keys: &VaultKeys) -> Result<Self, KeyringError> {
        let links = keys.chain.iter().map(|text| secret(text)).collect::<Result<Vec<_>, _>>()?;
        let chain = chains(&links)?.pop().ok_or(KeyringError::Damaged)?;
        Ok(Self { chain, disk: Disk::of(keys)? })
    }

    /// Re-keys rights tokens before they touch the disk.
    #[must_use]
    pub const fn chain(&self) -> &VaultChain {
        &self.chain
    }

    /// Key of one set of rights segments, under a label that programmes never derive with.
    #[must_use]
    pub fn segment_key(&self, name: &str) -> SegmentKey {
        SegmentKey::derive_rights(&self.disk.newest().key, name)
    }
}
