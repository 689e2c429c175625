//! A keystore at rest: key files under an AEAD whose key a passkey's secret or a passphrase gives.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use hkdf::Hkdf;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use tiers_contact::labels;
use zeroize::Zeroizing;

use super::KeystoreError;
use crate::cipher::{Cipher, NONCE, TAG};
use crate::encoding::{Bytes, decode, encode};
use crate::passphrase::is_strong;

/// Bytes of the salt: also what the passkey's pseudorandom function is applied to.
pub const SALT: usize = 32;

/// RFC 9106, section 4, second recommended option: KiB of memory, passes, lanes.
const ARGON2: (u32, u32, u32) = (64 * 1024, 3, 4);

/// What opens a keystore. Opaque and wiped.
pub enum StoreSecret {
    /// What the passkey's pseudorandom function gives for the salt.
    Prf(Zeroizing<[u8; 32]>),
    /// Words that a person knows.
    Passphrase(Zeroizing<String>),
}

impl StoreSecret {
    const fn by(&self) -> By {
        match self {
            Self::Prf(_) => By::Prf,
            Self::Passphrase(_) => By::Passphrase,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum By {
    Prf,
    Passphrase,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Format {
    #[serde(rename = "tiers-keystore/1")]
    V1,
}

/// What the browser stores; public but for whoever has the secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedKeystore {
    format: Format,
    by: By,
    salt: Bytes<SALT>,
    sealed: String,
}

impl SealedKeystore {
    /// Seals a text. One key seals once: each salt is new.
    pub(super) fn seal(
        text: &[u8],
        secret: &StoreSecret,
        salt: [u8; SALT],
    ) -> Result<Self, KeystoreError> {
        if matches!(secret, StoreSecret::Passphrase(words) if !is_strong(words)) {
            return Err(KeystoreError::Weak);
        }
        let (by, salt) = (secret.by(), Bytes::new(salt));
        let mut room = Zeroizing::new(Vec::with_capacity(text.len() + TAG));
        room.extend_from_slice(text);
        let cipher = Cipher::new(key(secret, &salt)?);
        let tag = cipher.seal([0; NONCE], &head(by, &salt), &mut room);
        room.extend_from_slice(&tag.ok_or(KeystoreError::Full)?);
        Ok(Self { format: Format::V1, by, salt, sealed: encode(&room) })
    }

    pub(super) fn open(&self, secret: &StoreSecret) -> Result<Zeroizing<Vec<u8>>, KeystoreError> {
        if secret.by() != self.by {
            return Err(KeystoreError::Secret);
        }
        let mut room = Zeroizing::new(decode(&self.sealed).ok_or(KeystoreError::Damaged)?);
        let length = room.len().checked_sub(TAG).ok_or(KeystoreError::Damaged)?;
        let (text, tag) = room.split_at_mut(length);
        let tag: &[u8; TAG] = (&*tag).try_into().map_err(|_| KeystoreError::Damaged)?;
        let cipher = Cipher::new(key(secret, &self.salt)?);
        let opened = cipher.open([0; NONCE], &head(self.by, &self.salt), (text, tag));
        opened.ok_or(KeystoreError::Secret)?;
        room.truncate(length);
        Ok(room)
    }
}

/// What is authenticated beside the text: label, what opens it, salt.
fn head(by: By, salt: &Bytes<SALT>) -> Vec<u8> {
    let by = match by {
        By::Prf => "prf",
        By::Passphrase => "passphrase",
    };
    [labels::KEYSTORE.as_bytes(), b"\0", by.as_bytes(), b"\0", salt.as_bytes()].concat()
}

fn key(secret: &StoreSecret, salt: &Bytes<SALT>) -> Result<Zeroizing<[u8; 32]>, KeystoreError> {
    let root = match secret {
        StoreSecret::Prf(output) => output.clone(),
        StoreSecret::Passphrase(words) => stretched(words, salt)?,
    };
    let mut key = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(Some(salt.as_bytes()), root.as_ref())
        .expand(labels::KEYSTORE.as_bytes(), key.as_mut())
        .map_err(|_| KeystoreError::Damaged)?;
    Ok(key)
}

fn stretched(words: &str, salt: &Bytes<SALT>) -> Result<Zeroizing<[u8; 32]>, KeystoreError> {
    let (memory, passes, lanes) = ARGON2;
    let params =
        Params::new(memory, passes, lanes, Some(32)).map_err(|_| KeystoreError::Damaged)?;
    let mut root = Zeroizing::new([0; 32]);
    // Our own memory, so that it is wiped.
    let mut blocks = Zeroizing::new(vec![Block::new(); params.block_count()]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(
            words.trim().as_bytes(),
            salt.as_bytes(),
            root.as_mut(),
            blocks.as_mut_slice(),
        )
        .map_err(|_| KeystoreError::Damaged)?;
    Ok(root)
}
