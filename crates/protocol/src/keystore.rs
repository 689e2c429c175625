//! The keys that a browser keeps for a company: its own, the rights key of its group, those of programmes that it
//! made. At rest they are sealed under the secret that a passkey gives (WebAuthn's PRF extension), or under a
//! passphrase where there is none; open, they are in the memory of the page's worker and nowhere else. Specified
//! in `docs/formats/keystore-v1.md`.

mod sealed;

use zeroize::Zeroizing;

use crate::entropy::Entropy;
use crate::party::{PartyKeyError, PartySecret};
use crate::programme_key::{KeyId, ProgrammeKey, ProgrammeKeyError};
use crate::rights_key::{RightsKey, RightsKeyError};

pub use sealed::{SALT, SealedKeystore, StoreSecret};

/// Keys of programmes that are kept at most.
pub const PROGRAMMES_MAX: usize = 64;

/// Why keys cannot be kept, or what is kept cannot be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeystoreError {
    /// Not a keystore of this version, or a damaged one.
    #[error("what this browser keeps is no keystore, or a damaged one")]
    Damaged,
    /// It does not open with this secret, or was changed.
    #[error("the keys do not open with this passkey or passphrase")]
    Secret,
    /// A passphrase that could be guessed.
    #[error("choose at least seven words, or twelve characters of all kinds")]
    Weak,
    /// A file that is none of the keys that are kept.
    #[error("this is no party key, rights key or programme key")]
    NoKey,
    /// More programmes than are kept.
    #[error("a browser keeps the keys of 64 programmes at most")]
    Full,
    /// A damaged party key.
    #[error(transparent)]
    Party(#[from] PartyKeyError),
    /// A damaged rights key.
    #[error(transparent)]
    Rights(#[from] RightsKeyError),
    /// A damaged programme key.
    #[error(transparent)]
    Programme(#[from] ProgrammeKeyError),
}

impl KeystoreError {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Damaged => "keystore.damaged",
            Self::Secret => "keystore.secret",
            Self::Weak => "keystore.weak",
            Self::NoKey => "keystore.no_key",
            Self::Full => "keystore.full",
            Self::Party(cause) => cause.code(),
            Self::Rights(cause) => cause.code(),
            Self::Programme(cause) => cause.code(),
        }
    }
}

/// The keys of one company, open. Each wipes itself; none can be printed.
#[derive(Default)]
pub struct Keystore {
    party: Option<PartySecret>,
    rights: Option<RightsKey>,
    programmes: Vec<ProgrammeKey>,
}

/// Beginnings of key files, by which a file says what it is.
const PARTY_TAG: &str = "TIERS-PARTY-KEY-";
const RIGHTS_TAG: &str = "TIERS-RIGHTS-KEY-";
const PROGRAMME_TAG: &str = "TIERS-PROGRAMME-KEY-";

impl Keystore {
    /// Makes a company's own keys, in place of those that were here.
    pub fn make_party(&mut self, entropy: &mut impl Entropy) {
        self.party = Some(PartySecret::generate(entropy));
    }

    /// Takes the text of a key file, whichever it is; a key of the same use is replaced by it, a programme's key that
    /// is here already stays once.
    ///
    /// # Errors
    /// [`KeystoreError::NoKey`], [`KeystoreError::Full`], or what is wrong with the key.
    pub fn add(&mut self, file: &str) -> Result<(), KeystoreError> {
        let text = file.trim_start_matches('\u{feff}').trim_start();
        if text.starts_with(PARTY_TAG) {
            self.party = Some(PartySecret::from_file(text)?);
        } else if text.starts_with(RIGHTS_TAG) {
            self.rights = Some(RightsKey::from_file(text)?);
        } else if text.starts_with(PROGRAMME_TAG) {
            let key = ProgrammeKey::from_file(text)?;
            if self.programme(&key.id()).is_none() {
                if self.programmes.len() == PROGRAMMES_MAX {
                    return Err(KeystoreError::Full);
                }
                self.programmes.push(key);
            }
        } else {
            return Err(KeystoreError::NoKey);
        }
        Ok(())
    }

    /// The company's own keys.
    #[must_use]
    pub const fn party(&self) -> Option<&PartySecret> {
        self.party.as_ref()
    }

    /// The rights key of its group.
    #[must_use]
    pub const fn rights(&self) -> Option<&RightsKey> {
        self.rights.as_ref()
    }

    /// The key of a programme, by its public name.
    #[must_use]
    pub fn programme(&self, id: &KeyId) -> Option<&ProgrammeKey> {
        self.programmes.iter().find(|key| key.id() == *id)
    }

    /// The public names of the programmes' keys, in the order in which they came.
    #[must_use]
    pub fn programmes(&self) -> Vec<KeyId> {
        self.programmes.iter().map(ProgrammeKey::id).collect()
    }

    /// Seals all of it under `secret`, which a passkey gives for this `salt`, or a person knows.
    ///
    /// # Errors
    /// [`KeystoreError::Weak`].
    pub fn seal(
        &self,
        secret: &StoreSecret,
        salt: [u8; SALT],
    ) -> Result<SealedKeystore, KeystoreError> {
        SealedKeystore::seal(&self.lines(), secret, salt)
    }

    /// Opens what was sealed.
    ///
    /// # Errors
    /// [`KeystoreError::Secret`], [`KeystoreError::Damaged`].
    pub fn open(sealed: &SealedKeystore, secret: &StoreSecret) -> Result<Self, KeystoreError> {
        let text = sealed.open(secret)?;
        let text = core::str::from_utf8(&text).map_err(|_| KeystoreError::Damaged)?;
        let mut keys = Self::default();
        for line in text.lines().filter(|line| !line.is_empty()) {
            keys.add(line).map_err(|_| KeystoreError::Damaged)?;
        }
        Ok(keys)
    }

    /// The key files, one on each line.
    fn lines(&self) -> Zeroizing<Vec<u8>> {
        let files = [
            self.party.as_ref().map(PartySecret::to_file),
            self.rights.as_ref().map(RightsKey::to_file),
        ];
        let files: Vec<Zeroizing<String>> = files
            .into_iter()
            .flatten()
            .chain(self.programmes.iter().map(ProgrammeKey::to_file))
            .collect();
        // Room for all at once: a buffer that grows leaves copies behind.
        let mut all = Zeroizing::new(Vec::with_capacity(files.iter().map(|file| file.len()).sum()));
        for file in &files {
            all.extend_from_slice(file.as_bytes());
        }
        all
    }
}

#[cfg(test)]
mod tests;
