//! Ed25519 signatures (RFC 8032) over canonical documents, each under a label of its own, so that a
//! signature made for one kind of document never serves another.

use crate::canonical;
use crate::encoding::Bytes;
use ed25519_dalek::{Signature as DalekSignature, Signer as _, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// A secret signing key; wiped when dropped, never printed.
pub struct SigningSecret(SigningKey);

impl SigningSecret {
    /// From 32 secret bytes.
    #[must_use]
    pub fn from_seed(seed: &Zeroizing<[u8; 32]>) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> SigningPublic {
        SigningPublic(Bytes::new(self.0.verifying_key().to_bytes()))
    }

    /// Signs bytes as they are: for formats of others, under a key that signs nothing else.
    pub(crate) fn sign_bytes(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }

    /// Signs `label`, a zero byte and the canonical form of `document`.
    #[must_use]
    pub fn sign<T: Serialize>(&self, label: &str, document: &T) -> Signature {
        Signature(Bytes::new(self.0.sign(&message(label, document)).to_bytes()))
    }
}

/// A public key that checks signatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SigningPublic(Bytes<32>);

impl SigningPublic {
    /// From the encoded point, if that may be used as a key.
    pub(crate) fn from_bytes(bytes: [u8; 32]) -> Option<Self> {
        Some(Self(Bytes::new(bytes))).filter(Self::is_valid)
    }

    /// Checks, strictly, a signature over bytes as they are.
    pub(crate) fn verifies_bytes(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        let Ok(key) = VerifyingKey::from_bytes(self.as_bytes()) else { return false };
        key.verify_strict(message, &DalekSignature::from_bytes(signature)).is_ok()
    }

    /// The encoded point.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// Whether the bytes are a point that may be used as a key.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        VerifyingKey::from_bytes(self.as_bytes()).is_ok_and(|key| !key.is_weak())
    }

    /// Checks a signature strictly (no small-order points, no second spelling).
    #[must_use]
    pub fn verifies<T: Serialize>(&self, label: &str, document: &T, signature: &Signature) -> bool {
        let Ok(key) = VerifyingKey::from_bytes(self.as_bytes()) else { return false };
        let signature = DalekSignature::from_bytes(signature.0.as_bytes());
        key.verify_strict(&message(label, document), &signature).is_ok()
    }
}

/// A signature of 64 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Signature(Bytes<64>);

fn message<T: Serialize>(label: &str, document: &T) -> Vec<u8> {
    let mut message = label.as_bytes().to_vec();
    message.push(0);
    message.extend_from_slice(&canonical::to_vec(document));
    message
}
