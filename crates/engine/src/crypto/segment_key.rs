//! Keys of the segment files: one for each deposit, derived from the vault's master key.
//!
//! Because each deposit has its own key, one deposit's files can never be read as another's, and what
//! a deposit's key protects ends with its files. The vault of rights tokens derives under a label of
//! its own, from masters of its own. Which key wraps the masters is the keyring's matter.
//! Specified in `docs/formats/segment-v1.md`, "Keys"; HKDF is RFC 5869.

use tiers_contact::labels;
use zeroize::{ZeroizeOnDrop, Zeroizing};

use super::hkdf::expand;

/// The key of one deposit's segments (32 bytes). Wiped on drop; opaque.
#[derive(ZeroizeOnDrop)]
pub struct SegmentKey([u8; 32]);

impl SegmentKey {
    /// Derives the key of `deposit_id` from the vault's master key.
    #[must_use]
    pub fn derive(master: &[u8; 32], deposit_id: &str) -> Self {
        Self::under(labels::SEGMENT_KEY_PREFIX, master, deposit_id)
    }

    /// Derives the key of `deposit_id` in the vault of rights tokens.
    #[must_use]
    pub fn derive_rights(master: &[u8; 32], deposit_id: &str) -> Self {
        Self::under(labels::RIGHTS_SEGMENT_KEY_PREFIX, master, deposit_id)
    }

    fn under(label: &str, master: &[u8; 32], deposit_id: &str) -> Self {
        Self(*expand(master, &[], &[label.as_bytes(), deposit_id.as_bytes()]))
    }

    /// The AES-256 key of the Parquet modules.
    pub(crate) fn body(&self) -> Zeroizing<[u8; 32]> {
        expand(&self.0, &[], &[labels::SEGMENT_BODY.as_bytes()])
    }

    /// The HMAC-SHA-256 key of the seal.
    pub(crate) fn seal(&self) -> Zeroizing<[u8; 32]> {
        expand(&self.0, &[], &[labels::SEGMENT_SEAL.as_bytes()])
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_master_vault_deposit_and_use_has_its_own_key() {
        let mut seen = BTreeSet::new();
        for master in [[1; 32], [2; 32]] {
            for deposit in ["a", "b", "ab"] {
                let both = [SegmentKey::derive, SegmentKey::derive_rights];
                for key in both.map(|derive| derive(&master, deposit)) {
                    for derived in [key.0, *key.body(), *key.seal()] {
                        assert!(seen.insert(derived));
                    }
                }
            }
        }
        assert_eq!(seen.len(), 2 * 3 * 2 * 3);
    }
}
