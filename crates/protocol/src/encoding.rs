//! Bytes as text: base64url without padding (RFC 4648 section 5), strict, so that one value has one
//! spelling and a changed character never decodes to the same bytes.

use base64::DecodeSliceError;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Public bytes of a fixed length: a digest, a public key, a salt of an opened commitment.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes<const N: usize>([u8; N]);

impl<const N: usize> Bytes<N> {
    /// Wraps public bytes.
    #[must_use]
    pub const fn new(bytes: [u8; N]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; N] {
        &self.0
    }

    /// Reads base64url; `None` unless it spells exactly `N` bytes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut room = [0; SHORT];
        match URL_SAFE_NO_PAD.decode_slice(text, &mut room) {
            Ok(length) => room.get(..length)?.try_into().ok().map(Self),
            Err(DecodeSliceError::OutputSliceTooSmall) => decode(text)?.try_into().ok().map(Self),
            Err(DecodeSliceError::DecodeError(_)) => None,
        }
    }
}

impl<const N: usize> core::fmt::Display for Bytes<N> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&encode(&self.0))
    }
}

impl<const N: usize> core::fmt::Debug for Bytes<N> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        core::fmt::Display::fmt(self, f)
    }
}

/// Text of this many characters is made and read without memory of its own: a signature has 86.
const SHORT: usize = 128;

impl<const N: usize> Serialize for Bytes<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut room = [0; SHORT];
        let short = URL_SAFE_NO_PAD.encode_slice(self.0, &mut room).ok();
        match short.and_then(|length| core::str::from_utf8(room.get(..length)?).ok()) {
            Some(text) => serializer.serialize_str(text),
            None => serializer.serialize_str(&encode(&self.0)),
        }
    }
}

impl<'de, const N: usize> Deserialize<'de> for Bytes<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Spelled::<N>)
    }
}

/// Reads the text of `N` bytes where it stands.
struct Spelled<const N: usize>;

impl<const N: usize> Visitor<'_> for Spelled<N> {
    type Value = Bytes<N>;

    fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{N} bytes in base64url")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Bytes<N>, E> {
        Bytes::parse(text).ok_or_else(|| E::custom(format_args!("expected {N} bytes in base64url")))
    }
}

/// Encodes bytes as base64url without padding.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Decodes base64url without padding; `None` for anything that [`encode`] would not have written.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// SHA-256 (FIPS 180-4) of public bytes.
#[must_use]
pub fn sha256(bytes: &[u8]) -> Bytes<32> {
    use sha2::Digest as _;
    Bytes(sha2::Sha256::digest(bytes).into())
}

/// SHA-256 of parts one after the other; whoever calls it sees to it that their lengths are fixed, or
/// that only the last varies, so that no two lists of parts share a digest.
#[must_use]
pub fn sha256_of(parts: &[&[u8]]) -> Bytes<32> {
    use sha2::Digest as _;
    let hash = parts.iter().fold(sha2::Sha256::new(), sha2::Digest::chain_update);
    Bytes(hash.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_has_one_spelling() {
        let value = Bytes::new([0xfe; 32]);
        let text = value.to_string();
        assert_eq!(Bytes::<32>::parse(&text), Some(value));
        for position in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[position] = if changed[position] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).expect("ASCII");
            assert_ne!(Bytes::<32>::parse(&changed), Some(value), "position {position}");
        }
        assert_eq!(Bytes::<32>::parse(&format!("{text}=")), None);
        assert_eq!(Bytes::<32>::parse(&format!(" {text}")), None);
    }
}
