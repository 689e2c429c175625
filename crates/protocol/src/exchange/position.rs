//! The cipher of everything in a batch that is sealed by its position: one encapsulation, a key and a nonce
//! exported from its context, each position under the nonce XOR its number.
//!
//! HPKE (RFC 9180, base mode: DHKEM X25519, HKDF-SHA256, ChaCha20-Poly1305) is not used to seal, because it
//! would open in its own order only, and records may be held back: two secrets are exported from its context
//! (section 5.3), and position `p` is sealed under the nonce XOR `p`, as HPKE does with its own sequence
//! numbers (section 5.2). Positions are below 2^32, so no nonce is used twice; the head is in the `info`, the
//! position is associated data. What is sealed is the matter of [`super::batch`] and [`super::evidence`].
//! Specified in `docs/formats/exchange-batch.md`.

use hpke::{Deserializable as _, Serializable as _};
use zeroize::Zeroizing;

use super::BatchHead;
use super::batch::{BatchError, MAX_RECORDS, TAG};
use crate::canonical;
use crate::cipher::{Cipher, NONCE};
use crate::encoding::Bytes;
use crate::entropy::{Adapter, Entropy};
use crate::seal::{Aead, Kdf, Kem, SealingPublic, SealingSecret};

/// The names under which one kind of content is sealed.
pub(super) struct Names {
    /// Label of the `info`.
    pub(super) info: &'static str,
    /// Exporter context of the key.
    pub(super) key: &'static str,
    /// Exporter context of the nonce.
    pub(super) nonce: &'static str,
}

impl Names {
    fn info(&self, head: &BatchHead) -> Vec<u8> {
        let mut info = self.info.as_bytes().to_vec();
        info.push(b'\n');
        info.extend(canonical::to_vec(head));
        info
    }
}

/// The cipher of one batch; its key is wiped when dropped. It can be used by several threads at once.
pub(super) struct ByPosition {
    cipher: Cipher,
    nonce: [u8; NONCE],
    bytes: usize,
    count: u64,
}

impl ByPosition {
    /// Begins to seal pieces of one length; gives the encapsulated key that the statement carries.
    pub(super) fn sender(
        to: &SealingPublic,
        (names, head, bytes): (&Names, &BatchHead, usize),
        entropy: &mut impl Entropy,
    ) -> Result<(Self, Bytes<32>), BatchError> {
        let (enc, sender) = hpke::setup_sender_with_rng::<Aead, Kdf, Kem>(
            &hpke::OpModeS::Base,
            &to.key().map_err(|_| BatchError::Key)?,
            &names.info(head),
            &mut Adapter(entropy),
        )
        .map_err(|_| BatchError::Key)?;
        let cipher = Self::of((names, bytes, head.records), |name, out| sender.export(name, out))?;
        Ok((cipher, Bytes::new(enc.to_bytes().into())))
    }

    /// Begins to open with the encapsulated key of the statement.
    pub(super) fn receiver(
        secret: &SealingSecret,
        (names, head, bytes): (&Names, &BatchHead, usize),
        enc: &Bytes<32>,
    ) -> Result<Self, BatchError> {
        let enc = <Kem as hpke::Kem>::EncappedKey::from_bytes(enc.as_bytes())
            .map_err(|_| BatchError::Altered)?;
        let receiver = hpke::setup_receiver::<Aead, Kdf, Kem>(
            &hpke::OpModeR::Base,
            &secret.key(),
            &enc,
            &names.info(head),
        )
        .map_err(|_| BatchError::Altered)?;
        Self::of((names, bytes, head.records), |name, out| receiver.export(name, out))
    }

    fn of(
        (names, bytes, count): (&Names, usize, u64),
        export: impl Fn(&[u8], &mut [u8]) -> Result<(), hpke::HpkeError>,
    ) -> Result<Self, BatchError> {
        let mut key = Zeroizing::new([0; 32]);
        let mut nonce = [0; NONCE];
        export(names.key.as_bytes(), key.as_mut()).map_err(|_| BatchError::Key)?;
        export(names.nonce.as_bytes(), &mut nonce).map_err(|_| BatchError::Key)?;
        Ok(Self { cipher: Cipher::new(key), nonce, bytes, count })
    }

    fn nonce_at(&self, position: u64) -> Result<[u8; NONCE], BatchError> {
        if position >= self.count || position >= MAX_RECORDS {
            return Err(BatchError::Position);
        }
        let mut nonce = self.nonce;
        for (byte, mask) in nonce[NONCE - 8..].iter_mut().zip(position.to_be_bytes()) {
            *byte ^= mask;
        }
        Ok(nonce)
    }

    /// Seals a padded piece; every position once, and never another piece at the same.
    pub(super) fn seal(&self, position: u64, padded: &[u8]) -> Result<Vec<u8>, BatchError> {
        let nonce = self.nonce_at(position)?;
        let mut sealed = Vec::with_capacity(padded.len() + TAG);
        sealed.extend_from_slice(padded);
        let tag = self.cipher.seal(nonce, &position.to_be_bytes(), &mut sealed);
        sealed.extend_from_slice(&tag.ok_or(BatchError::Key)?);
        Ok(sealed)
    }

    /// Opens a padded piece.
    pub(super) fn open(
        &self,
        position: u64,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, BatchError> {
        let nonce = self.nonce_at(position)?;
        let (text, tag) = sealed.split_last_chunk::<TAG>().ok_or(BatchError::Altered)?;
        if text.len() != self.bytes {
            return Err(BatchError::Altered);
        }
        let mut padded = Zeroizing::new(text.to_vec());
        let opened = self.cipher.open(nonce, &position.to_be_bytes(), (&mut padded, tag));
        opened.ok_or(BatchError::Altered)?;
        Ok(padded)
    }
}
