//! Sealing a keyring: an AEAD over its text, under a key that a passphrase or 32 random bytes give.
//!
//! A passphrase goes through Argon2id with the second recommended parameters of RFC 9106 (64 MiB, 3
//! passes, 4 lanes). What comes out, or the random key itself, is the root; each writing derives a
//! key of its own from the root and a fresh salt, so that no nonce can be used twice. The head of the
//! file is authenticated as it stands. Where a passphrase or key comes from (a terminal, a file, a
//! service manager, a command) is the command line's matter. Specified in `docs/formats/keys.md`.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use serde::{Deserialize, Serialize};
use tiers_contact::labels;
use tiers_protocol::encoding::{Bytes, decode, encode};
use tiers_protocol::entropy::Entropy;
use tiers_protocol::passphrase::is_strong;
use zeroize::Zeroizing;

use super::KeyringError;
use crate::crypto::hkdf::expand;

/// First field of a sealed keyring.
const SEALED_FORMAT: &str = "tiers-keyring-sealed/1";

/// RFC 9106, section 4, second recommended option.
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 4;

/// A file that asks for more than this was not written by this program.
const MEMORY_KIB_MAX: u32 = 4 * 1024 * 1024;
const PASSES_MAX: u32 = 64;
const LANES_MAX: u32 = 64;

/// What unlocks a keyring. Opaque and wiped.
pub enum Unlock {
    /// Words that a person knows.
    Passphrase(Zeroizing<String>),
    /// 32 random bytes that a machine hands over: a credential of the service manager, a KMS, a TPM.
    Key(Zeroizing<[u8; 32]>),
}

impl Unlock {
    /// A passphrase as somebody typed it; the end of the line does not belong to it.
    #[must_use]
    pub fn passphrase(typed: &str) -> Self {
        Self::Passphrase(Zeroizing::new(typed.trim_end_matches(['\r', '\n']).to_owned()))
    }

    /// A key as a file or command gives it: base64url, white space around it forgiven.
    ///
    /// # Errors
    /// [`KeyringError::NotAKey`].
    pub fn key(text: &str) -> Result<Self, KeyringError> {
        let bytes = Zeroizing::new(decode(text.trim()).ok_or(KeyringError::NotAKey)?);
        let mut key = Zeroizing::new([0; 32]);
        if bytes.len() != key.len() {
            return Err(KeyringError::NotAKey);
        }
        key.copy_from_slice(&bytes);
        Ok(Self::Key(key))
    }

    /// The text of a fresh key.
    #[must_use]
    pub fn fresh_key(entropy: &mut impl Entropy) -> Zeroizing<String> {
        Zeroizing::new(encode(Zeroizing::new(entropy.array::<32>()).as_ref()))
    }
}

/// What a keyring is sealed with; says nothing of the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealedBy {
    /// Nothing: whoever reads the file has the keys.
    Nothing,
    /// A passphrase.
    Passphrase,
    /// A key of 32 bytes.
    Key,
}

impl SealedBy {
    /// Stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Passphrase => "passphrase",
            Self::Key => "key",
        }
    }
}

/// How the root is made.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case", deny_unknown_fields)]
enum Method {
    Passphrase { memory_kib: u32, passes: u32, lanes: u32, salt: Bytes<16> },
    Key {},
}

/// The head of a sealed keyring: public, authenticated.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    format: String,
    unlock: Method,
    salt: Bytes<32>,
    nonce: Bytes<12>,
}

/// A sealed keyring: head and ciphertext.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sealed {
    head: Head,
    sealed: String,
}

/// How a keyring is sealed, with the root: what rewriting it takes. Opaque, wiped.
pub(super) struct Wrap {
    method: Method,
    root: Zeroizing<[u8; 32]>,
}

impl Wrap {
    /// For a new sealing.
    pub(super) fn new(unlock: &Unlock, entropy: &mut impl Entropy) -> Result<Self, KeyringError> {
        let method = match unlock {
            Unlock::Passphrase(words) if !is_strong(words) => {
                return Err(KeyringError::WeakPassphrase);
            }
            Unlock::Passphrase(_) => Method::Passphrase {
                memory_kib: MEMORY_KIB,
                passes: PASSES,
                lanes: LANES,
                salt: Bytes::new(entropy.array()),
            },
            Unlock::Key(_) => Method::Key {},
        };
        let root = root(&method, unlock)?;
        Ok(Self { method, root })
    }

    /// How it is sealed.
    pub(super) const fn sealed_by(&self) -> SealedBy {
        self.method.sealed_by()
    }

    /// Seals a text.
    pub(super) fn seal(&self, plain: &[u8], entropy: &mut impl Entropy) -> Sealed {
        let head = Head {
            format: SEALED_FORMAT.to_owned(),
            unlock: self.method.clone(),
            salt: Bytes::new(entropy.array()),
            nonce: Bytes::new(entropy.array()),
        };
        let mut bytes = Zeroizing::new(Vec::with_capacity(plain.len() + AES_256_GCM.tag_len()));
        bytes.extend_from_slice(plain);
        let nonce = Nonce::assume_unique_for_key(*head.nonce.as_bytes());
        let tag = self
            .aead(&head)
            .seal_in_place_separate_tag(nonce, Aad::from(head.bytes()), &mut bytes)
            .expect("a keyring is far shorter than AES-GCM allows");
        bytes.extend_from_slice(tag.as_ref());
        Sealed { sealed: encode(&bytes), head }
    }

    /// Opens what this wrap has sealed.
    pub(super) fn open(&self, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, KeyringError> {
        let mut bytes = Zeroizing::new(decode(&sealed.sealed).ok_or(KeyringError::Damaged)?);
        let nonce = Nonce::assume_unique_for_key(*sealed.head.nonce.as_bytes());
        let plain = self
            .aead(&sealed.head)
            .open_in_place(nonce, Aad::from(sealed.head.bytes()), &mut bytes)
            .map_err(|_| KeyringError::WrongKey)?
            .len();
        bytes.truncate(plain);
        Ok(bytes)
    }

    fn aead(&self, head: &Head) -> LessSafeKey {
        let key = expand(&self.root, head.salt.as_bytes(), &[labels::KEYRING_WRAP.as_bytes()]);
        LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &*key).expect("a key of 32 bytes"))
    }
}

impl Sealed {
    /// Reads the file; checks nothing but its shape.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, KeyringError> {
        let sealed: Self = serde_json::from_slice(bytes).map_err(|_| KeyringError::Damaged)?;
        if sealed.head.format == SEALED_FORMAT { Ok(sealed) } else { Err(KeyringError::Damaged) }
    }

    /// What it is sealed with.
    pub(super) const fn sealed_by(&self) -> SealedBy {
        self.head.unlock.sealed_by()
    }

    /// Finds the root that opens it.
    pub(super) fn unlock(&self, unlock: &Unlock) -> Result<Wrap, KeyringError> {
        let method = self.head.unlock.clone();
        let root = root(&method, unlock)?;
        Ok(Wrap { method, root })
    }
}

impl Head {
    fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a plain document")
    }
}

impl Method {
    const fn sealed_by(&self) -> SealedBy {
        match self {
            Self::Passphrase { .. } => SealedBy::Passphrase,
            Self::Key {} => SealedBy::Key,
        }
    }
}

/// The root that `unlock` gives under `method`.
fn root(method: &Method, unlock: &Unlock) -> Result<Zeroizing<[u8; 32]>, KeyringError> {
    match (method, unlock) {
        (Method::Key {}, Unlock::Key(key)) => Ok(key.clone()),
        (Method::Passphrase { memory_kib, passes, lanes, salt }, Unlock::Passphrase(words)) => {
            if *memory_kib > MEMORY_KIB_MAX || *passes > PASSES_MAX || *lanes > LANES_MAX {
                return Err(KeyringError::Damaged);
            }
            let params = Params::new(*memory_kib, *passes, *lanes, Some(32))
                .map_err(|_| KeyringError::Damaged)?;
            let mut root = Zeroizing::new([0; 32]);
            // Our own memory, so that it is wiped.
            let mut memory = Zeroizing::new(vec![Block::new(); params.block_count()]);
            Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
                .hash_password_into_with_memory(
                    words.as_bytes(),
                    salt.as_bytes(),
                    &mut *root,
                    memory.as_mut_slice(),
                )
                .map_err(|_| KeyringError::Damaged)?;
            Ok(root)
        }
        _ => Err(KeyringError::WrongKey),
    }
}
