//! The keys of a vault as they are held in memory: the links of the chain, the masters of the
//! segments, and by what the data directory recognises each of them. Not the chain itself.

use tiers_contact::labels;
use tiers_protocol::encoding::Bytes;
use zeroize::Zeroizing;

use super::file::{VaultKeys, secret};
use super::{Keyring, KeyringError};
use crate::crypto::chain::VaultChain;
use crate::crypto::hkdf::expand;

/// What a key of the vault is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyUse {
    /// A link of the chain.
    Chain,
    /// A master of the segments.
    Disk,
}

impl KeyUse {
    /// Stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Chain => "chain",
            Self::Disk => "disk",
        }
    }
}

/// By what the data directory recognises a key: a keyring that lacks one of these, or has another in
/// its place, is a wrong or an old copy. Says nothing of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyCheck {
    /// What the key is for.
    pub used_for: KeyUse,
    /// Its number, from 1.
    pub number: u32,
    /// A value derived from it.
    pub value: Bytes<16>,
}

impl KeyCheck {
    fn of(used_for: KeyUse, number: u32, key: &[u8; 32]) -> Self {
        let whole = expand(key, &[], &[labels::KEYRING_CHECK.as_bytes()]);
        let mut value = [0; 16];
        value.copy_from_slice(&whole[..16]);
        Self { used_for, number, value: Bytes::new(value) }
    }
}

/// A master of segments.
pub(super) struct Master {
    pub(super) number: u32,
    pub(super) key: Zeroizing<[u8; 32]>,
}

/// The masters, oldest first, at least one.
pub(super) struct Disk(Vec<Master>);

impl Disk {
    pub(super) fn of(keys: &VaultKeys) -> Result<Self, KeyringError> {
        let masters = keys.disk.iter().map(|disk| {
            let key = secret(&disk.key)?;
            Ok(Master { number: disk.number, key })
        });
        masters.collect::<Result<_, _>>().map(Self)
    }

    pub(super) fn newest(&self) -> &Master {
        self.0.last().expect("a document without a master is refused")
    }

    pub(super) fn find(&self, number: u32) -> Option<&[u8; 32]> {
        self.0.iter().find(|master| master.number == number).map(|master| &*master.key)
    }
}

/// The chains of one link, of two, ... of all.
pub(super) fn chains(keys: &[Zeroizing<[u8; 32]>]) -> Result<Vec<VaultChain>, KeyringError> {
    let prefix = |links: usize| VaultChain::new(keys.iter().take(links).map(|key| &**key));
    (1..=keys.len()).map(|links| prefix(links).map_err(|_| KeyringError::Damaged)).collect()
}

impl Keyring {
    /// Numbers of the masters of segments, oldest first.
    #[must_use]
    pub fn disk_keys(&self) -> Vec<u32> {
        self.disk.0.iter().map(|master| master.number).collect()
    }

    /// What the data directory is to remember of every key of the programmes' vault, by use and
    /// number.
    #[must_use]
    pub fn checks(&self) -> Vec<KeyCheck> {
        let links = (1..).zip(&self.links);
        let links = links.map(|(number, key)| KeyCheck::of(KeyUse::Chain, number, key));
        let masters = self.disk.0.iter();
        let masters = masters.map(|of| KeyCheck::of(KeyUse::Disk, of.number, &of.key));
        links.chain(masters).collect()
    }
}
