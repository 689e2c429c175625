//! ChaCha20-Poly1305 (RFC 8439) over one piece: ring's on a machine, where it is several times as fast on records
//! of a few hundred bytes, and the one that HPKE brings where ring is not built for, in a browser. Both give the
//! same bytes; a test holds that (`docs/decisions/0076-records-are-sealed-by-ring.md`).

use zeroize::Zeroizing;

use super::batch::TAG;

/// Bytes of a nonce.
pub(super) const NONCE: usize = 12;

/// A key of the cipher; wiped when dropped.
pub(super) struct Cipher(Zeroizing<[u8; 32]>);

impl Cipher {
    /// Takes a key.
    pub(super) const fn new(key: Zeroizing<[u8; 32]>) -> Self {
        Self(key)
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl Cipher {
    /// Seals a text in its place; gives the tag. `None` for a text that is longer than the cipher's limit.
    pub(super) fn seal(
        &self,
        nonce: [u8; NONCE],
        aad: &[u8],
        text: &mut [u8],
    ) -> Option<[u8; TAG]> {
        let nonce = ring::aead::Nonce::assume_unique_for_key(nonce);
        let aad = ring::aead::Aad::from(aad);
        let tag = self.key().seal_in_place_separate_tag(nonce, aad, text).ok()?;
        tag.as_ref().try_into().ok()
    }

    /// Opens a text in its place; `None` if it or what goes with it was changed.
    pub(super) fn open(
        &self,
        nonce: [u8; NONCE],
        aad: &[u8],
        (text, tag): (&mut [u8], &[u8; TAG]),
    ) -> Option<()> {
        let nonce = ring::aead::Nonce::assume_unique_for_key(nonce);
        let (aad, tag) = (ring::aead::Aad::from(aad), ring::aead::Tag::from(*tag));
        self.key().open_in_place_separate_tag(nonce, aad, tag, text, 0..).ok().map(drop)
    }

    /// The key as ring wants it: a copy on the stack, for ring wipes none.
    fn key(&self) -> ring::aead::LessSafeKey {
        let key = ring::aead::UnboundKey::new(&ring::aead::CHACHA20_POLY1305, self.0.as_slice());
        ring::aead::LessSafeKey::new(key.expect("32 bytes are a key"))
    }
}

#[cfg(target_arch = "wasm32")]
impl Cipher {
    /// Seals a text in its place; gives the tag. `None` for a text that is longer than the cipher's limit.
    pub(super) fn seal(
        &self,
        nonce: [u8; NONCE],
        aad: &[u8],
        text: &mut [u8],
    ) -> Option<[u8; TAG]> {
        use chacha20poly1305::aead::AeadInOut as _;
        let tag = self.cipher().encrypt_inout_detached(&nonce.into(), aad, text.into());
        tag.ok().map(Into::into)
    }

    /// Opens a text in its place; `None` if it or what goes with it was changed.
    pub(super) fn open(
        &self,
        nonce: [u8; NONCE],
        aad: &[u8],
        (text, tag): (&mut [u8], &[u8; TAG]),
    ) -> Option<()> {
        use chacha20poly1305::aead::AeadInOut as _;
        let tag = chacha20poly1305::Tag::from(*tag);
        self.cipher().decrypt_inout_detached(&nonce.into(), aad, text.into(), &tag).ok()
    }

    fn cipher(&self) -> chacha20poly1305::ChaCha20Poly1305 {
        use chacha20poly1305::KeyInit as _;
        chacha20poly1305::ChaCha20Poly1305::new(&chacha20poly1305::Key::from(*self.0))
    }
}

#[cfg(test)]
mod tests {
    use chacha20poly1305::aead::AeadInOut as _;
    use chacha20poly1305::{ChaCha20Poly1305, KeyInit as _};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn both_ciphers_give_the_same_bytes(
            (key, nonce) in (any::<[u8; 32]>(), any::<[u8; NONCE]>()),
            aad in proptest::collection::vec(any::<u8>(), 0..20),
            text in proptest::collection::vec(any::<u8>(), 0..1100),
            flipped in any::<prop::sample::Index>(),
        ) {
            let cipher = Cipher::new(Zeroizing::new(key));
            let (mut sealed, mut other) = (text.clone(), text.clone());
            let tag = cipher.seal(nonce, &aad, &mut sealed).unwrap();
            let peer = ChaCha20Poly1305::new(&key.into());
            let theirs = peer.encrypt_inout_detached(&nonce.into(), &aad, other.as_mut_slice().into());
            prop_assert_eq!(tag, <[u8; TAG]>::from(theirs.unwrap()));
            prop_assert_eq!(&sealed, &other);
            let mut opened = sealed.clone();
            prop_assert_eq!(cipher.open(nonce, &aad, (&mut opened, &tag)), Some(()));
            prop_assert_eq!(opened, text);
            // One byte of tag or text, and it does not open.
            let mut tag = tag;
            match flipped.index(TAG + sealed.len()) {
                at if at < TAG => tag[at] ^= 1,
                at => sealed[at - TAG] ^= 1,
            }
            prop_assert_eq!(cipher.open(nonce, &aad, (&mut sealed, &tag)), None);
        }
    }
}
