//! Keys of the segment files: one for each deposit, derived from the vault's master key.
//!
//! Because each deposit has its own key, one deposit's files can never be read as another's, and what
//! a deposit's key protects ends with its files. Which key wraps the master is the keyring's matter.
//! Specified in `docs/formats/segment-v1.md`, "Keys"; HKDF is RFC 5869.

use ring::hkdf;
use tiers_contact::labels;
use zeroize::{ZeroizeOnDrop, Zeroizing};

/// The key of one deposit's segments (32 bytes). Wiped on drop; opaque.
#[derive(ZeroizeOnDrop)]
pub struct SegmentKey([u8; 32]);

impl SegmentKey {
    /// Derives the key of `deposit_id` from the vault's master key.
    #[must_use]
    pub fn derive(master: &[u8; 32], deposit_id: &str) -> Self {
        let info = [labels::SEGMENT_KEY_PREFIX.as_bytes(), deposit_id.as_bytes()];
        Self(*expand(master, &info))
    }

    /// The AES-256 key of the Parquet modules.
    pub(crate) fn body(&self) -> Zeroizing<[u8; 32]> {
        expand(&self.0, &[labels::SEGMENT_BODY.as_bytes()])
    }

    /// The HMAC-SHA-256 key of the seal.
    pub(crate) fn seal(&self) -> Zeroizing<[u8; 32]> {
        expand(&self.0, &[labels::SEGMENT_SEAL.as_bytes()])
    }
}

/// HKDF-SHA-256 without salt: 32 bytes of `info` under `key`.
fn expand(key: &[u8; 32], info: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    let mut out = Zeroizing::new([0; 32]);
    hkdf::Salt::new(hkdf::HKDF_SHA256, &[])
        .extract(key)
        .expand(info, hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(&mut *out))
        .expect("32 bytes are one block of HKDF-SHA-256");
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_master_deposit_and_use_has_its_own_key() {
        let mut seen = BTreeSet::new();
        for master in [[1; 32], [2; 32]] {
            for deposit in ["a", "b", "ab"] {
                let key = SegmentKey::derive(&master, deposit);
                for derived in [key.0, *key.body(), *key.seal()] {
                    assert!(seen.insert(derived));
                }
            }
        }
    }
}
