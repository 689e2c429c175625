//! Sealing the records of a batch, each by its position, to the recipient's pinned key.
//!
//! One HPKE encapsulation (RFC 9180, base mode: DHKEM X25519, HKDF-SHA256, ChaCha20-Poly1305) serves
//! the batch. Its context is not used to seal, because it would open records in their order only, and
//! records may be held back: two secrets are exported from it (section 5.3), a key and a nonce, and the
//! record at position `p` is sealed under the nonce XOR `p`, as HPKE does with its own sequence numbers
//! (section 5.2). Positions are below 2^32, so no nonce is used twice; the head (exchange, batch, both
//! parties, size class, count) is in the `info`, the position is associated data. Who sealed is proven
//! by the signature on the [`super::BatchStatement`], not here.

use chacha20poly1305::aead::AeadInOut as _;
use chacha20poly1305::{ChaCha20Poly1305, Key, KeyInit as _, Nonce, Tag};
use hpke::{Deserializable as _, Serializable as _};
use thiserror::Error;
use tiers_contact::labels;
use zeroize::Zeroizing;

use super::{BatchHead, PlainRecord, RecordError, SizeClass};
use crate::canonical;
use crate::encoding::Bytes;
use crate::entropy::{Adapter, Entropy};
use crate::seal::{Aead, Kdf, Kem, SealingPublic, SealingSecret};

/// Bytes by which a sealed record is longer than its padded plain form.
pub const TAG: usize = 16;
const NONCE: usize = 12;

/// The greatest number of records of one batch.
pub const MAX_RECORDS: u64 = 1 << 32;

/// Why a record is not sealed, or does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BatchError {
    /// Not a key to which anything can be sealed.
    #[error("not a usable X25519 public key")]
    Key,
    /// The batch is sealed to somebody else.
    #[error("the batch is sealed to another key than this one")]
    OtherRecipient,
    /// The position is not one of the batch.
    #[error("the batch has no record at this position")]
    Position,
    /// Changed, moved to another position, or of another batch.
    #[error("a sealed record was changed, moved, or belongs to another batch")]
    Altered,
    /// What was sealed is not a record.
    #[error(transparent)]
    Record(#[from] RecordError),
}

impl BatchError {
    /// The stable code of this refusal.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Key => "batch.key",
            Self::OtherRecipient => "batch.other_recipient",
            Self::Position => "batch.position",
            Self::Altered => "batch.altered",
            Self::Record(error) => error.code(),
        }
    }
}

/// The cipher of one batch; wiped when dropped. It can be used by several threads at once.
struct Records {
    cipher: ChaCha20Poly1305,
    nonce: [u8; NONCE],
    class: SizeClass,
    count: u64,
}

impl Records {
    fn of(
        head: &BatchHead,
        export: impl Fn(&[u8], &mut [u8]) -> Result<(), hpke::HpkeError>,
    ) -> Result<Self, BatchError> {
        let mut key = Zeroizing::new([0; 32]);
        let mut nonce = [0; NONCE];
        export(labels::EXCHANGE_RECORD_KEY.as_bytes(), key.as_mut())
            .map_err(|_| BatchError::Key)?;
        export(labels::EXCHANGE_RECORD_NONCE.as_bytes(), &mut nonce)
            .map_err(|_| BatchError::Key)?;
        let cipher = ChaCha20Poly1305::new(&Key::from(*key));
        Ok(Self { cipher, nonce, class: head.size_class, count: head.records })
    }

    fn nonce_at(&self, position: u64) -> Result<Nonce, BatchError> {
        if position >= self.count || position >= MAX_RECORDS {
            return Err(BatchError::Position);
        }
        let mut nonce = self.nonce;
        for (byte, mask) in nonce[NONCE - 8..].iter_mut().zip(position.to_be_bytes()) {
            *byte ^= mask;
        }
        Ok(nonce.into())
    }
}

fn info(head: &BatchHead) -> Vec<u8> {
    let mut info = labels::EXCHANGE_BATCH.as_bytes().to_vec();
    info.push(b'\n');
    info.extend(canonical::to_vec(head));
    info
}

/// Seals the records of one batch.
pub struct BatchSealer(Records);

impl BatchSealer {
    /// Begins a batch; gives the encapsulated key that its statement carries.
    ///
    /// # Errors
    /// [`BatchError::Key`]; [`BatchError::OtherRecipient`] if the head names another key.
    pub fn new(
        to: &SealingPublic,
        head: &BatchHead,
        entropy: &mut impl Entropy,
    ) -> Result<(Self, Bytes<32>), BatchError> {
        if head.sealed_to != *to {
            return Err(BatchError::OtherRecipient);
        }
        let (enc, sender) = hpke::setup_sender_with_rng::<Aead, Kdf, Kem>(
            &hpke::OpModeS::Base,
            &to.key().map_err(|_| BatchError::Key)?,
            &info(head),
            &mut Adapter(entropy),
        )
        .map_err(|_| BatchError::Key)?;
        let records = Records::of(head, |context, out| sender.export(context, out))?;
        Ok((Self(records), Bytes::new(enc.to_bytes().into())))
    }

    /// Seals the record at `position`; every position once, and never another record at the same.
    ///
    /// # Errors
    /// [`BatchError::Position`], [`BatchError::Record`].
    pub fn seal(
        &self,
        position: u64,
        record: &PlainRecord,
        entropy: &mut impl Entropy,
    ) -> Result<Vec<u8>, BatchError> {
        let nonce = self.0.nonce_at(position)?;
        let padded = record.pad(self.0.class, entropy)?;
        let mut sealed = Vec::with_capacity(padded.len() + TAG);
        sealed.extend_from_slice(&padded);
        let tag = self
            .0
            .cipher
            .encrypt_inout_detached(&nonce, &position.to_be_bytes(), sealed.as_mut_slice().into())
            .map_err(|_| BatchError::Key)?;
        sealed.extend_from_slice(&tag);
        Ok(sealed)
    }
}

/// Opens the records of one batch, in any order.
pub struct BatchOpener(Records);

impl BatchOpener {
    /// Begins with the encapsulated key of the statement.
    ///
    /// # Errors
    /// [`BatchError::OtherRecipient`], [`BatchError::Altered`], [`BatchError::Key`].
    pub fn new(
        secret: &SealingSecret,
        head: &BatchHead,
        enc: &Bytes<32>,
    ) -> Result<Self, BatchError> {
        if head.sealed_to != secret.public() {
            return Err(BatchError::OtherRecipient);
        }
        let enc = <Kem as hpke::Kem>::EncappedKey::from_bytes(enc.as_bytes())
            .map_err(|_| BatchError::Altered)?;
        let receiver = hpke::setup_receiver::<Aead, Kdf, Kem>(
            &hpke::OpModeR::Base,
            &secret.key(),
            &enc,
            &info(head),
        )
        .map_err(|_| BatchError::Altered)?;
        Records::of(head, |context, out| receiver.export(context, out)).map(Self)
    }

    /// Opens the record at `position`.
    ///
    /// # Errors
    /// [`BatchError::Position`], [`BatchError::Altered`], [`BatchError::Record`].
    pub fn open(&self, position: u64, sealed: &[u8]) -> Result<PlainRecord, BatchError> {
        let nonce = self.0.nonce_at(position)?;
        let (text, tag) = sealed.split_last_chunk::<TAG>().ok_or(BatchError::Altered)?;
        if text.len() != self.0.class.bytes() {
            return Err(BatchError::Altered);
        }
        let mut padded = Zeroizing::new(text.to_vec());
        self.0
            .cipher
            .decrypt_inout_detached(
                &nonce,
                &position.to_be_bytes(),
                padded.as_mut_slice().into(),
                &Tag::from(*tag),
            )
            .map_err(|_| BatchError::Altered)?;
        PlainRecord::unpad(&padded).map_err(Into::into)
    }
}
