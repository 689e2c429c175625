//! The keys of the vault of rights tokens (consents, oppositions, requests of persons): a chain and a
//! master of its own, which open nothing of the programmes' vault and are opened by nothing of it.
//! What lies in that vault is the consent register's matter.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use tiers_contact::Token;
use tiers_protocol::encoding::sha256_of;
use tiers_protocol::entropy::Entropy;
use zeroize::Zeroizing;

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

    /// 16 bytes that nobody without the keyring can make: a keyed digest of `parts` under `label`.
    #[must_use]
    pub fn digest(&self, label: &str, parts: &[u8]) -> [u8; 16] {
        let whole = sha256_of(&[label.as_bytes(), &[0], parts]);
        *self.chain.rekey(&Token::from_bytes(*whole.as_bytes())).as_bytes()
    }

    /// Seals what stands beside rights tokens in the database, under a key of its `name` alone: nonce,
    /// then ciphertext.
    #[must_use]
    pub fn seal(&self, name: &str, mut plain: Vec<u8>, entropy: &mut impl Entropy) -> Vec<u8> {
        let nonce: [u8; NONCE_LEN] = entropy.array();
        self.cell(name)
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut plain)
            .expect("a cell is far shorter than the cipher's limit");
        [&nonce[..], &plain].concat()
    }

    /// Opens what [`Self::seal`] sealed under this name; `None` if it is another's or was altered.
    #[must_use]
    pub fn open(&self, name: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, rest) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let mut plain = Zeroizing::new(rest.to_vec());
        let length = self
            .cell(name)
            .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::empty(), &mut plain)
            .ok()?
            .len();
        plain.truncate(length);
        Some(plain)
    }

    fn cell(&self, name: &str) -> LessSafeKey {
        let key = self.segment_key(name).body();
        let key = UnboundKey::new(&AES_256_GCM, &*key).expect("the key has 32 bytes");
        LessSafeKey::new(key)
    }
}
