//! The certifier's keyring: one folder beside the data directory, never inside it, so that a copy of
//! the data alone is worth nothing. `keys/README.md` is the inventory.
//!
//! The folder is 0700 and its one file 0600, sealed under a passphrase or a key that a machine hands
//! over ([`Unlock`]), or not sealed where somebody asked for that. Who asks for the passphrase and
//! where a key comes from is not known here. Specified in `docs/formats/keys.md`.

use std::path::{Path, PathBuf};

use ring::hmac;
use tiers_contact::labels;
use tiers_protocol::encoding::{Bytes, encode, sha256};
use tiers_protocol::entropy::Entropy;
use tiers_protocol::ids::AccountId;
use tiers_protocol::seal::SealingSecret;
use tiers_protocol::sign::SigningSecret;
use tiers_protocol::tlog::LedgerSigner;
use tiers_protocol::trust::Trust;
use zeroize::Zeroizing;

use super::chain::VaultChain;
use super::segment_key::SegmentKey;

mod change;
mod error;
mod file;
mod rights;
#[cfg(test)]
mod tests;
mod vault;
mod wrap;

pub use error::KeyringError;
pub use rights::RightsKeys;
pub use vault::{KeyCheck, KeyUse};
pub use wrap::{SealedBy, Unlock};

use file::{Document, Stored, real, secret};
use vault::Disk;
use wrap::Wrap;

/// All secrets of one certifier. Opaque: no `Debug`, no `Clone`.
pub struct Keyring {
    id: String,
    /// Signs receipts and certificates.
    pub signing: SigningSecret,
    /// Opens deposits.
    pub sealing: SealingSecret,
    /// The keys of the vault of rights tokens.
    pub rights: RightsKeys,
    /// The chains of one link, of two, ... of all: a rotation that is under way still needs the
    /// shorter one.
    chains: Vec<VaultChain>,
    links: Vec<Zeroizing<[u8; 32]>>,
    disk: Disk,
    ledger: Zeroizing<[u8; 32]>,
    leads: hmac::Key,
    origin: String,
    folder: PathBuf,
    wrap: Option<Wrap>,
}

impl Keyring {
    /// Makes a new keyring in `folder`, for a data directory elsewhere; its file is not sealed.
    ///
    /// # Errors
    /// [`KeyringError`]; an existing keyring is never touched.
    pub fn create(
        folder: &Path,
        data: &Path,
        origin: &str,
        entropy: &mut impl Entropy,
    ) -> Result<Self, KeyringError> {
        Self::create_with(folder, data, origin, None, entropy)
    }

    /// Makes a new keyring that `unlock` opens.
    ///
    /// # Errors
    /// [`KeyringError`]; an existing keyring is never touched.
    pub fn create_sealed(
        folder: &Path,
        data: &Path,
        origin: &str,
        unlock: &Unlock,
        entropy: &mut impl Entropy,
    ) -> Result<Self, KeyringError> {
        let wrap = Wrap::new(unlock, entropy)?;
        Self::create_with(folder, data, origin, Some(wrap), entropy)
    }

    fn create_with(
        folder: &Path,
        data: &Path,
        origin: &str,
        wrap: Option<Wrap>,
        entropy: &mut impl Entropy,
    ) -> Result<Self, KeyringError> {
        if real(folder).starts_with(real(data)) {
            return Err(KeyringError::Inside);
        }
        let document = Document::fresh(origin, entropy);
        // Nothing is written that could not be read.
        let keyring = Self::of(&document, folder, wrap)?;
        file::write_new(folder, &document, keyring.wrap.as_ref(), entropy)?;
        Ok(Self { folder: real(folder), ..keyring })
    }

    /// What the keyring in `folder` is sealed with.
    ///
    /// # Errors
    /// [`KeyringError`].
    pub fn sealed_by(folder: &Path) -> Result<SealedBy, KeyringError> {
        Ok(match file::load(folder)? {
            Stored::Plain(_) => SealedBy::Nothing,
            Stored::Sealed(sealed) => sealed.sealed_by(),
        })
    }

    /// Opens the keyring in `folder`, which is not sealed.
    ///
    /// # Errors
    /// [`KeyringError`]; [`KeyringError::Locked`] when it is sealed.
    pub fn open(folder: &Path) -> Result<Self, KeyringError> {
        match file::load(folder)? {
            Stored::Plain(document) => Self::of(&document, folder, None),
            Stored::Sealed(_) => Err(KeyringError::Locked),
        }
    }

    /// Opens the sealed keyring in `folder`.
    ///
    /// # Errors
    /// [`KeyringError`]; [`KeyringError::WrongKey`] also when it is not sealed: who gives a
    /// passphrase relies on its being asked for.
    pub fn unlock(folder: &Path, unlock: &Unlock) -> Result<Self, KeyringError> {
        let Stored::Sealed(sealed) = file::load(folder)? else {
            return Err(KeyringError::WrongKey);
        };
        let wrap = sealed.unlock(unlock)?;
        Self::of(&file::open_sealed(&sealed, &wrap)?, folder, Some(wrap))
    }

    /// Whether the keyring lies inside a data directory, where a copy of the data would take it along.
    #[must_use]
    pub fn lies_inside(&self, data: &Path) -> bool {
        self.folder.starts_with(real(data))
    }

    fn of(document: &Document, folder: &Path, wrap: Option<Wrap>) -> Result<Self, KeyringError> {
        let chain: Vec<Zeroizing<[u8; 32]>> =
            document.vault.chain.iter().map(|text| secret(text)).collect::<Result<_, _>>()?;
        Ok(Self {
            id: public_id(&document.id),
            signing: SigningSecret::from_seed(&secret(&document.signing)?),
            sealing: SealingSecret::from_seed(&secret(&document.sealing)?),
            rights: RightsKeys::of(&document.rights)?,
            chains: vault::chains(&chain)?,
            links: chain,
            disk: Disk::of(&document.vault)?,
            ledger: readable_ledger_key(&document.origin, &document.ledger)?,
            leads: hmac::Key::new(hmac::HMAC_SHA256, secret(&document.leads)?.as_ref()),
            origin: document.origin.clone(),
            folder: real(folder),
            wrap,
        })
    }

    /// What the data directory remembers of the keyring it belongs to.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What signs checkpoints.
    #[must_use]
    pub fn ledger_signer(&self) -> LedgerSigner {
        LedgerSigner::from_seed(&self.origin, &self.ledger)
            .expect("the origin was checked when the keyring was read")
    }

    /// Name of the ledger.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// What its file is sealed with.
    #[must_use]
    pub const fn is_sealed_by(&self) -> SealedBy {
        match &self.wrap {
            None => SealedBy::Nothing,
            Some(wrap) => wrap.sealed_by(),
        }
    }

    /// The chain of all links: where a rotation leads. What is in force is [`Self::chain`].
    #[must_use]
    pub fn vault(&self) -> &VaultChain {
        self.chains.last().expect("a keyring has a chain")
    }

    /// The chain of the first `links` links, if the keyring has so many. How many every token at rest
    /// has passed, the data directory knows.
    #[must_use]
    pub fn chain(&self, links: usize) -> Option<&VaultChain> {
        self.chains.get(links.checked_sub(1)?)
    }

    /// How many links there are.
    #[must_use]
    pub const fn links(&self) -> usize {
        self.chains.len()
    }

    /// Key of one deposit's segments under the newest master.
    #[must_use]
    pub fn segment_key(&self, deposit: &str) -> SegmentKey {
        SegmentKey::derive(&self.disk.newest().key, deposit)
    }

    /// Key of one deposit's segments under the master `number`, if the keyring has that.
    #[must_use]
    pub fn segment_key_under(&self, number: u32, deposit: &str) -> Option<SegmentKey> {
        self.disk.find(number).map(|master| SegmentKey::derive(master, deposit))
    }

    /// Number of the master that new segments are written under.
    #[must_use]
    pub fn newest_disk_key(&self) -> u32 {
        self.disk.newest().number
    }

    /// Keyed digest of one row of leads: equal rows have equal digests, and nobody without the
    /// keyring can make one.
    #[must_use]
    pub fn leads_row(&self, row: &[u8]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.leads);
        context.update(labels::LEADS_ROW.as_bytes());
        context.update(&[0]);
        context.update(row);
        context.sign().as_ref().try_into().expect("HMAC-SHA-256 yields 32 bytes")
    }

    /// Id of the privacy account of a principal group and a month: whoever has lost the account finds
    /// it again, and nobody without the keyring can tell whose it is.
    #[must_use]
    pub fn account_id(&self, group: &str, month: &str) -> AccountId {
        let mut context = hmac::Context::with_key(&self.leads);
        for part in [labels::ACCOUNT_ID, group, month] {
            context.update(part.as_bytes());
            context.update(&[0]);
        }
        let mut id = [0; 16];
        id.copy_from_slice(&context.sign().as_ref()[..16]);
        AccountId::from_bytes(id)
    }

    /// A key of its own for what `label` names: the same for as long as the keyring lasts.
    #[must_use]
    pub fn key_for(&self, label: &str) -> Zeroizing<[u8; 32]> {
        let mut context = hmac::Context::with_key(&self.leads);
        context.update(label.as_bytes());
        context.update(&[0]);
        let mut key = Zeroizing::new([0; 32]);
        key.copy_from_slice(context.sign().as_ref());
        key
    }

    /// The public keys, for everybody.
    #[must_use]
    pub fn trust(&self) -> Trust {
        Trust::new(
            self.origin.clone(),
            self.ledger_signer().verifier().vkey(),
            self.signing.public(),
            self.sealing.public(),
        )
    }
}

fn readable_ledger_key(origin: &str, text: &str) -> Result<Zeroizing<[u8; 32]>, KeyringError> {
    let seed = secret(text)?;
    LedgerSigner::from_seed(origin, &seed).map_err(|_| KeyringError::Damaged)?;
    Ok(seed)
}

fn public_id(text: &str) -> String {
    let digest: Bytes<32> = sha256(text.as_bytes());
    encode(&digest.as_bytes()[..12])
}
