//! ChaCha20-Poly1305 (RFC 8439) over one piece: ring's on a machine, where it is several times as fast on records
//! of a few hundred bytes and half as fast again on the chunks of a body, and the one that HPKE brings where ring is
//! not built for, in a browser. Both give the same bytes; a test holds that
//! (`docs/decisions/0076-records-are-sealed-by-ring.md`).

use chacha20poly1305::aead::{self, consts, inout::InOutBuf};
use zeroize::Zeroizing;

/// Bytes of a nonce.
pub(crate) const NONCE: usize = 12;
/// Bytes of a tag.
pub(crate) const TAG: usize = 16;

/// A key of the cipher; wiped when dropped.
#[derive(Clone)]
pub(crate) struct Cipher(Zeroizing<[u8; 32]>);

/// The cipher as HPKE names it (RFC 9180 section 7.3).
pub(crate) struct ChaCha20Poly1305;

impl hpke::aead::Aead for ChaCha20Poly1305 {
    type AeadImpl = Cipher;

    const AEAD_ID: u16 = 0x0003;
}

impl aead::KeySizeUser for Cipher {
    type KeySize = consts::U32;
}

impl aead::KeyInit for Cipher {
    fn new(key: &aead::Key<Self>) -> Self {
        let mut own = Zeroizing::new([0; 32]);
        own.copy_from_slice(key);
        Self::new(own)
    }
}

impl aead::AeadCore for Cipher {
    type NonceSize = consts::U12;
    type TagSize = consts::U16;

    const TAG_POSITION: aead::TagPosition = aead::TagPosition::Postfix;
}

impl aead::AeadInOut for Cipher {
    fn encrypt_inout_detached(
        &self,
        nonce: &aead::Nonce<Self>,
        aad: &[u8],
        text: InOutBuf<'_, '_, u8>,
    ) -> aead::Result<aead::Tag<Self>> {
        let tag = self.seal((*nonce).into(), aad, text.into_out_with_copied_in());
        tag.map(Into::into).ok_or(aead::Error)
    }

    fn decrypt_inout_detached(
        &self,
        nonce: &aead::Nonce<Self>,
        aad: &[u8],
        text: InOutBuf<'_, '_, u8>,
        tag: &aead::Tag<Self>,
    ) -> aead::Result<()> {
        let tag: [u8; TAG] = (*tag).into();
        let text = text.into_out_with_copied_in();
        self.open((*nonce).into(), aad, (text, &tag)).ok_or(aead::Error)
    }
}

impl Cipher {
    /// Takes a key.
    pub(crate) const fn new(key: Zeroizing<[u8; 32]>) -> Self {
        Self(key)
    }

    /// Seals a text in its place; gives the tag. `None` for a text that is longer than the cipher's limit.
    pub(crate) fn seal(
        &self,
        nonce: [u8; NONCE],
        aad: &[u8],
        text: &mut [u8],
    ) -> Option<[u8; TAG]> {
        of_here::seal(&self.0, nonce, aad, text)
    }

    /// Opens a text in its place; `None` if it or what goes with it was changed.
    pub(crate) fn open(
        &self,
        nonce: [u8; NONCE],
        aad: &[u8],
        (text, tag): (&mut [u8], &[u8; TAG]),
    ) -> Option<()> {
        of_here::open(&self.0, nonce, aad, (text, tag))
    }
}

#[cfg(not(target_arch = "wasm32"))]
use of_ring as of_here;
#[cfg(target_arch = "wasm32")]
use portable as of_here;

/// With ring.
#[cfg(not(target_arch = "wasm32"))]
mod of_ring {
    use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, Tag, UnboundKey};

    use super::{NONCE, TAG};

    pub(super) fn seal(
        key: &[u8; 32],
        nonce: [u8; NONCE],
        aad: &[u8],
        text: &mut [u8],
    ) -> Option<[u8; TAG]> {
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = of(key).seal_in_place_separate_tag(nonce, Aad::from(aad), text).ok()?;
        tag.as_ref().try_into().ok()
    }

    pub(super) fn open(
        key: &[u8; 32],
        nonce: [u8; NONCE],
        aad: &[u8],
        (text, tag): (&mut [u8], &[u8; TAG]),
    ) -> Option<()> {
        let (nonce, tag) = (Nonce::assume_unique_for_key(nonce), Tag::from(*tag));
        of(key).open_in_place_separate_tag(nonce, Aad::from(aad), tag, text, 0..).ok().map(drop)
    }

    /// The key as ring wants it: a copy on the stack, for ring wipes none.
    fn of(key: &[u8; 32]) -> LessSafeKey {
        LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, key).expect("32 bytes are a key"))
    }
}

/// With what HPKE brings; here for the test too, which holds the one against the other.
#[cfg(any(test, target_arch = "wasm32"))]
mod portable {
    use chacha20poly1305::aead::AeadInOut as _;
    use chacha20poly1305::{ChaCha20Poly1305, KeyInit as _};

    use super::{NONCE, TAG};

    pub(super) fn seal(
        key: &[u8; 32],
        nonce: [u8; NONCE],
        aad: &[u8],
        text: &mut [u8],
    ) -> Option<[u8; TAG]> {
        let cipher = ChaCha20Poly1305::new(key.into());
        cipher.encrypt_inout_detached(&nonce.into(), aad, text.into()).ok().map(Into::into)
    }

    pub(super) fn open(
        key: &[u8; 32],
        nonce: [u8; NONCE],
        aad: &[u8],
        (text, tag): (&mut [u8], &[u8; TAG]),
    ) -> Option<()> {
        let cipher = ChaCha20Poly1305::new(key.into());
        cipher.decrypt_inout_detached(&nonce.into(), aad, text.into(), tag.into()).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn both_ciphers_give_the_same_bytes_and_open_no_others(
            (key, nonce) in (any::<[u8; 32]>(), any::<[u8; NONCE]>()),
            aad in proptest::collection::vec(any::<u8>(), 0..20),
            text in proptest::collection::vec(any::<u8>(), 0..1100),
            flipped in any::<prop::sample::Index>(),
        ) {
            let (mut sealed, mut other) = (text.clone(), text.clone());
            let tag = of_ring::seal(&key, nonce, &aad, &mut sealed).unwrap();
            prop_assert_eq!(portable::seal(&key, nonce, &aad, &mut other), Some(tag));
            prop_assert_eq!(&sealed, &other);
            for open in [of_ring::open, portable::open] {
                let mut opened = sealed.clone();
                prop_assert_eq!(open(&key, nonce, &aad, (&mut opened, &tag)), Some(()));
                prop_assert_eq!(&opened, &text);
                // One byte of tag or text, and it does not open.
                let (mut tag, mut changed) = (tag, sealed.clone());
                match flipped.index(TAG + sealed.len()) {
                    at if at < TAG => tag[at] ^= 1,
                    at => changed[at - TAG] ^= 1,
                }
                prop_assert_eq!(open(&key, nonce, &aad, (&mut changed, &tag)), None);
            }
        }
    }
}
