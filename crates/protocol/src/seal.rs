//! Sealing to a key (HPKE, RFC 9180: DHKEM X25519, HKDF-SHA256, ChaCha20-Poly1305): whole bodies as
//! a stream of chunks, and short secrets such as a wrapped programme key.
//!
//! The grammar of the stream stands in `docs/formats/body.md`.

use crate::encoding::{Bytes, sha256};
use crate::entropy::{Adapter, Entropy};
use hpke::{Deserializable as _, Kem as _, OpModeR, OpModeS, Serializable as _};
use serde::{Deserialize, Serialize};
use tiers_contact::labels;
use zeroize::Zeroizing;

pub(crate) type Aead = crate::cipher::ChaCha20Poly1305;
pub(crate) type Kdf = hpke::kdf::HkdfSha256;
pub(crate) type Kem = hpke::kem::X25519HkdfSha256;
type Receiver = hpke::aead::AeadCtxR<Aead, Kdf, Kem>;
type Sender = hpke::aead::AeadCtxS<Aead, Kdf, Kem>;

/// Plain bytes in a full chunk.
pub const CHUNK: usize = 64 * 1024;
const TAG: usize = 16;
const MAGIC: &[u8] = b"tiers-sealed/1\n";
const KEY_ID: usize = 8;
const ENC: usize = 32;
/// Bytes before the first chunk: magic, recipient's key id, encapsulated key.
pub const HEADER: usize = MAGIC.len() + KEY_ID + ENC;
const MORE: &[u8] = b"more";
const LAST: &[u8] = b"last";

/// Why something does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// Not a sealed stream of a version that this program reads.
    #[error("not a sealed body of format tiers-sealed/1")]
    Format,
    /// Sealed to somebody else's key.
    #[error("sealed to another key than this one")]
    OtherRecipient,
    /// Changed, cut, reordered, or bound to other circumstances than these.
    #[error("the sealed bytes were changed or cut, or belong to another manifest")]
    Altered,
    /// Not a key to which anything can be sealed.
    #[error("not a usable X25519 public key")]
    Key,
}

impl SealError {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Format => "seal.format",
            Self::OtherRecipient => "seal.other_recipient",
            Self::Altered => "seal.altered",
            Self::Key => "seal.key",
        }
    }
}

/// A public key to which things are sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SealingPublic(Bytes<32>);

impl SealingPublic {
    /// The encoded u-coordinate.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// Eight bytes that tell keys apart in the header of a sealed stream.
    #[must_use]
    pub fn id(&self) -> Bytes<8> {
        let mut input = labels::SEALING_KEY_ID.as_bytes().to_vec();
        input.push(0);
        input.extend_from_slice(self.as_bytes());
        let mut id = [0; KEY_ID];
        id.copy_from_slice(&sha256(&input).as_bytes()[..KEY_ID]);
        Bytes::new(id)
    }

    pub(crate) fn key(&self) -> Result<<Kem as hpke::Kem>::PublicKey, SealError> {
        <Kem as hpke::Kem>::PublicKey::from_bytes(self.as_bytes()).map_err(|_| SealError::Key)
    }
}

/// The secret that opens what was sealed; wiped when dropped.
pub struct SealingSecret(Zeroizing<[u8; 32]>);

impl SealingSecret {
    /// From 32 secret bytes.
    #[must_use]
    pub fn from_seed(seed: &Zeroizing<[u8; 32]>) -> Self {
        Self(seed.clone())
    }

    pub(crate) fn key(&self) -> <Kem as hpke::Kem>::PrivateKey {
        <Kem as hpke::Kem>::PrivateKey::from_bytes(self.0.as_ref())
            .expect("any 32 bytes are an X25519 private key")
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> SealingPublic {
        let bytes: [u8; 32] = Kem::sk_to_pk(&self.key()).to_bytes().into();
        SealingPublic(Bytes::new(bytes))
    }
}

/// Length of the sealed stream of `plain` bytes.
#[must_use]
pub const fn sealed_len(plain: u64) -> u64 {
    let chunks = plain / CHUNK as u64 + 1;
    HEADER as u64 + plain + chunks * TAG as u64
}

/// Seals a stream piece by piece, so that a party needs no more than a chunk of it in memory.
pub struct Sealer {
    sender: Sender,
}

impl Sealer {
    /// Begins a stream, and gives its header; `info` binds it to what the manifest says of it.
    ///
    /// # Errors
    /// [`SealError::Key`].
    pub fn new(
        to: &SealingPublic,
        info: &[u8],
        entropy: &mut impl Entropy,
    ) -> Result<(Self, [u8; HEADER]), SealError> {
        let (enc, sender) = hpke::setup_sender_with_rng::<Aead, Kdf, Kem>(
            &OpModeS::Base,
            &to.key()?,
            info,
            &mut Adapter(entropy),
        )
        .map_err(|_| SealError::Key)?;
        let mut header = [0; HEADER];
        let (magic, rest) = header.split_at_mut(MAGIC.len());
        let (id, key) = rest.split_at_mut(KEY_ID);
        magic.copy_from_slice(MAGIC);
        id.copy_from_slice(to.id().as_bytes());
        key.copy_from_slice(&enc.to_bytes());
        Ok((Self { sender }, header))
    }

    /// Seals the next chunk: exactly [`CHUNK`] bytes, or fewer for the last, which there always is, empty if
    /// need be, so that a cut shows.
    ///
    /// # Errors
    /// [`SealError::Format`] for a chunk of another length; [`SealError::Key`] behind 2^64 chunks.
    pub fn chunk(&mut self, plain: &[u8], last: bool) -> Result<Vec<u8>, SealError> {
        let mut sealed = Vec::with_capacity(plain.len() + TAG);
        self.chunk_onto(&mut sealed, plain, last)?;
        Ok(sealed)
    }

    /// As [`Sealer::chunk`], behind what was sealed before.
    ///
    /// # Errors
    /// Those of [`Sealer::chunk`]; nothing is added then.
    pub fn chunk_onto(
        &mut self,
        sealed: &mut Vec<u8>,
        plain: &[u8],
        last: bool,
    ) -> Result<(), SealError> {
        if last == (plain.len() >= CHUNK) || plain.len() > CHUNK {
            return Err(SealError::Format);
        }
        let aad = if last { LAST } else { MORE };
        let start = sealed.len();
        sealed.extend_from_slice(plain);
        let text = hpke::inout::InOutBuf::from(&mut sealed[start..]);
        let Ok(tag) = self.sender.seal_inout_detached(text, aad) else {
            sealed.truncate(start);
            return Err(SealError::Key);
        };
        sealed.extend_from_slice(&tag.to_bytes());
        Ok(())
    }
}

/// Seals a whole body; `info` binds it to what the manifest says of it.
///
/// # Errors
/// [`SealError::Key`].
pub fn seal_body(
    to: &SealingPublic,
    info: &[u8],
    body: &[u8],
    entropy: &mut impl Entropy,
) -> Result<Vec<u8>, SealError> {
    let (mut sealer, header) = Sealer::new(to, info, entropy)?;
    let mut out = Vec::with_capacity(HEADER + body.len() + (body.len() / CHUNK + 1) * TAG);
    out.extend_from_slice(&header);
    let full = body.len() / CHUNK * CHUNK;
    for chunk in body[..full].chunks(CHUNK) {
        sealer.chunk_onto(&mut out, chunk, false)?;
    }
    sealer.chunk_onto(&mut out, &body[full..], true)?;
    Ok(out)
}

/// Opens a sealed stream piece by piece, so that a certifier needs no more than a chunk of it.
pub struct Opener {
    receiver: Receiver,
}

impl Opener {
    /// Reads the header.
    ///
    /// # Errors
    /// [`SealError::Format`], [`SealError::OtherRecipient`], [`SealError::Altered`].
    pub fn new(
        secret: &SealingSecret,
        info: &[u8],
        header: &[u8; HEADER],
    ) -> Result<Self, SealError> {
        let rest = header.strip_prefix(MAGIC).ok_or(SealError::Format)?;
        let (id, enc) = rest.split_at(KEY_ID);
        if id != secret.public().id().as_bytes() {
            return Err(SealError::OtherRecipient);
        }
        let enc =
            <Kem as hpke::Kem>::EncappedKey::from_bytes(enc).map_err(|_| SealError::Format)?;
        let receiver =
            hpke::setup_receiver::<Aead, Kdf, Kem>(&OpModeR::Base, &secret.key(), &enc, info)
                .map_err(|_| SealError::Altered)?;
        Ok(Self { receiver })
    }

    /// Opens the next sealed chunk: `CHUNK + 16` bytes, or fewer for the last.
    ///
    /// # Errors
    /// [`SealError::Altered`].
    pub fn chunk(&mut self, sealed: &[u8], last: bool) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let aad = if last { LAST } else { MORE };
        self.receiver.open(sealed, aad).map(Zeroizing::new).map_err(|_| SealError::Altered)
    }

    /// Opens the next sealed chunk where it lies, and says how many plain bytes stand there now; its
    /// tag stays behind them.
    ///
    /// # Errors
    /// [`SealError::Altered`].
    pub fn chunk_in_place(&mut self, sealed: &mut [u8], last: bool) -> Result<usize, SealError> {
        let aad = if last { LAST } else { MORE };
        let plain = sealed.len().checked_sub(TAG).ok_or(SealError::Altered)?;
        let (text, tag) = sealed.split_at_mut(plain);
        let tag = hpke::aead::AeadTag::<Aead>::from_bytes(tag).map_err(|_| SealError::Altered)?;
        self.receiver
            .open_inout_detached(hpke::inout::InOutBuf::from(text), aad, &tag)
            .map_err(|_| SealError::Altered)?;
        Ok(plain)
    }

    /// Sealed bytes of a full chunk.
    pub const SEALED_CHUNK: usize = CHUNK + TAG;
}

/// Opens a whole sealed body in memory.
///
/// # Errors
/// As [`Opener`].
pub fn open_body(
    secret: &SealingSecret,
    info: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let (header, rest) = sealed.split_first_chunk::<HEADER>().ok_or(SealError::Format)?;
    let mut opener = Opener::new(secret, info, header)?;
    let mut out = Zeroizing::new(Vec::with_capacity(rest.len()));
    let mut chunks = rest.chunks(Opener::SEALED_CHUNK).peekable();
    while let Some(chunk) = chunks.next() {
        let last = chunks.peek().is_none();
        if last && chunk.len() == Opener::SEALED_CHUNK {
            return Err(SealError::Altered);
        }
        out.extend_from_slice(&opener.chunk(chunk, last)?);
    }
    if rest.is_empty() { Err(SealError::Altered) } else { Ok(out) }
}

/// Seals a short secret in one piece: encapsulated key, then ciphertext.
///
/// # Errors
/// [`SealError::Key`].
pub fn seal_secret(
    to: &SealingPublic,
    info: &[u8],
    secret: &[u8],
    entropy: &mut impl Entropy,
) -> Result<Vec<u8>, SealError> {
    let (enc, sealed) = hpke::single_shot_seal_with_rng::<Aead, Kdf, Kem>(
        &OpModeS::Base,
        &to.key()?,
        info,
        secret,
        &[],
        &mut Adapter(entropy),
    )
    .map_err(|_| SealError::Key)?;
    let mut out = enc.to_bytes().to_vec();
    out.extend(sealed);
    Ok(out)
}

/// Opens what [`seal_secret`] sealed.
///
/// # Errors
/// [`SealError::Format`], [`SealError::Altered`].
pub fn open_secret(
    secret: &SealingSecret,
    info: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let (enc, rest) = sealed.split_first_chunk::<ENC>().ok_or(SealError::Format)?;
    let enc = <Kem as hpke::Kem>::EncappedKey::from_bytes(enc).map_err(|_| SealError::Format)?;
    hpke::single_shot_open::<Aead, Kdf, Kem>(&OpModeR::Base, &secret.key(), &enc, info, rest, &[])
        .map(Zeroizing::new)
        .map_err(|_| SealError::Altered)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::System;

    fn pair(byte: u8) -> (SealingSecret, SealingPublic) {
        let secret = SealingSecret::from_seed(&Zeroizing::new([byte; 32]));
        let public = secret.public();
        (secret, public)
    }

    #[test]
    fn a_body_opens_for_its_recipient_and_circumstances_only() {
        let (secret, public) = pair(1);
        for size in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK] {
            let body = vec![0x5a; size];
            let sealed = seal_body(&public, b"info", &body, &mut System).expect("seals");
            assert_eq!(sealed.len() as u64, sealed_len(size as u64));
            assert_eq!(*open_body(&secret, b"info", &sealed).expect("opens"), body);
            assert_eq!(open_body(&secret, b"other", &sealed), Err(SealError::Altered));
            assert_eq!(open_body(&pair(2).0, b"info", &sealed), Err(SealError::OtherRecipient));
        }
    }

    #[test]
    fn chunks_of_another_length_are_not_sealed() {
        let (mut sealer, _) = Sealer::new(&pair(1).1, b"i", &mut System).expect("begins");
        for (length, last) in [(0, false), (CHUNK - 1, false), (CHUNK, true), (CHUNK + 1, false)] {
            let refused = sealer.chunk(&vec![1; length], last);
            assert_eq!(refused, Err(SealError::Format), "{length}, {last}");
        }
    }

    #[test]
    fn chunks_open_where_they_lie_as_they_do_beside() {
        let (secret, public) = pair(1);
        let body: Vec<u8> =
            (0..2 * CHUNK + 77).map(|n| u8::try_from(n % 251).expect("below 251")).collect();
        let sealed = seal_body(&public, b"i", &body, &mut System).expect("seals");
        let (header, rest) = sealed.split_first_chunk::<HEADER>().expect("a header");
        for spoilt in [None, Some(CHUNK + 100), Some(rest.len() - 1)] {
            let mut rest = rest.to_vec();
            spoilt.into_iter().for_each(|at| rest[at] ^= 1);
            let mut opener = Opener::new(&secret, b"i", header).expect("begins");
            let mut plain = Vec::new();
            let chunks = rest.chunks_mut(Opener::SEALED_CHUNK);
            let done = chunks.into_iter().try_for_each(|chunk| {
                let last = chunk.len() < Opener::SEALED_CHUNK;
                let length = opener.chunk_in_place(chunk, last)?;
                plain.extend_from_slice(&chunk[..length]);
                Ok(())
            });
            let expected = if spoilt.is_some() { Err(SealError::Altered) } else { Ok(()) };
            assert_eq!(done, expected);
            assert!(spoilt.is_some() || plain == body);
        }
        let mut opener = Opener::new(&secret, b"i", header).expect("begins");
        assert_eq!(opener.chunk_in_place(&mut [0; TAG - 1], true), Err(SealError::Altered));
    }

    #[test]
    fn every_cut_and_every_changed_byte_is_found() {
        let (secret, public) = pair(1);
        let sealed = seal_body(&public, b"i", &[7; 300], &mut System).expect("seals");
        for end in 0..sealed.len() {
            assert!(open_body(&secret, b"i", &sealed[..end]).is_err(), "cut at {end}");
        }
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(open_body(&secret, b"i", &changed).is_err(), "changed at {at}");
        }
        let two = seal_body(&public, b"i", &vec![7; 2 * CHUNK], &mut System).expect("seals");
        let at_a_chunk = HEADER + Opener::SEALED_CHUNK;
        assert_eq!(open_body(&secret, b"i", &two[..at_a_chunk]), Err(SealError::Altered));
    }

    #[test]
    fn a_secret_opens_for_its_recipient_only() {
        let (secret, public) = pair(1);
        let sealed = seal_secret(&public, b"i", b"key", &mut System).expect("seals");
        assert_eq!(open_secret(&secret, b"i", &sealed).expect("opens").as_slice(), b"key");
        assert_eq!(open_secret(&pair(2).0, b"i", &sealed), Err(SealError::Altered));
    }
}
