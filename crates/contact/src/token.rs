//! From a normalised identifier to its token.
//!
//! `d = SHA-256(normalised)`, `t = HMAC-SHA-256(HKDF-SHA-256(key, "tiers/v1/" + domain + "/" + kind), d)`
//! (RFC 2104, RFC 5869; `docs/formats/normalisation-v1.md`, "Token"). What happens to a token at the certifier
//! (re-keying at rest) is not here.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, optimization_barrier};

use crate::{
    kind::Kind,
    labels,
    sha256::{self, Block, Keyed},
};

/// Length in bytes of a token.
pub const TOKEN_LEN: usize = 32;

/// Length in characters of a token in base64url without padding.
pub const TOKEN_TEXT_LEN: usize = 43;

/// Keyed pseudonym of one identifier: still personal data. Wiped on drop; it has no `Debug` and no
/// `PartialEq`, so that it cannot slip into a log or be compared by an early exit.
#[derive(Zeroize)]
pub struct Token([u8; TOKEN_LEN]);

impl Drop for Token {
    fn drop(&mut self) {
        // As sure as writing each byte on its own, and at once.
        self.0 = [0; TOKEN_LEN];
        optimization_barrier(self);
    }
}

impl ZeroizeOnDrop for Token {}

impl Token {
    /// Takes the 32 bytes of a token that was read from a body.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; TOKEN_LEN]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; TOKEN_LEN] {
        &self.0
    }

    /// Base64url without padding (RFC 4648 section 5), 43 characters.
    #[must_use]
    pub fn to_base64url(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// Writes what [`Token::to_base64url`] gives of these bytes at the end of a text.
    pub(crate) fn append(token: &[u8; TOKEN_LEN], text: &mut Vec<u8>) {
        let mut written = [0; TOKEN_TEXT_LEN];
        let (groups, end) = written.as_chunks_mut::<4>();
        let (bytes, end_bytes) = token.as_chunks::<3>();
        for (group, [first, second, third]) in groups.iter_mut().zip(bytes) {
            let value = u32::from_be_bytes([0, *first, *second, *third]);
            group.copy_from_slice(pairs(value).as_flattened());
        }
        if let [first, second] = end_bytes {
            let value = u32::from_be_bytes([0, *first, *second, 0]);
            end.copy_from_slice(&pairs(value).as_flattened()[..3]);
        }
        text.extend_from_slice(&written);
    }

    /// Reads exactly what [`Token::to_base64url`] writes; any other spelling is `None`, so that one
    /// token has one text.
    #[must_use]
    pub fn from_base64url(text: impl AsRef<[u8]>) -> Option<Self> {
        let text: &[u8; TOKEN_TEXT_LEN] = text.as_ref().try_into().ok()?;
        let mut token = Self([0; TOKEN_LEN]);
        let (groups, end) = text.as_chunks::<4>();
        let (bytes, end_bytes) = token.0.as_chunks_mut::<3>();
        let mut seen = 0;
        for (group, bytes) in groups.iter().zip(bytes) {
            let value = bits(group);
            seen |= value;
            let [_, first, second, third] = value.to_be_bytes();
            *bytes = [first, second, third];
        }
        let value = bits(end);
        seen |= value;
        let [_, first, second, spare] = value.to_be_bytes();
        end_bytes.copy_from_slice(&[first, second]);
        // The last two bits stand for nothing: set, they would be another spelling.
        (seen < NOT_BASE64URL && spare == 0).then_some(token)
    }
}

/// Marks a character outside the alphabet, above the 24 bits of a group.
const NOT_BASE64URL: u32 = 1 << 24;

/// What each byte stands for, at each of the four places of a group.
static BITS: [[u32; 256]; 4] = {
    let mut bits = [[NOT_BASE64URL; 256]; 4];
    let mut place = 0;
    while place < 4 {
        let mut value = 0;
        while value < 64 {
            bits[place][ALPHABET[value as usize] as usize] = value << (18 - 6 * place);
            value += 1;
        }
        place += 1;
    }
    bits
};

/// The characters of 24 bits.
#[inline]
fn pairs(value: u32) -> [[u8; 2]; 2] {
    let pair = |bits: u32| PAIRS[(bits & 0xfff) as usize];
    [pair(value >> 12), pair(value)]
}

/// The two characters of each 12 bits.
static PAIRS: [[u8; 2]; 4096] = {
    let mut pairs = [[0; 2]; 4096];
    let mut value = 0;
    while value < 4096 {
        pairs[value] = [ALPHABET[value >> 6], ALPHABET[value & 63]];
        value += 1;
    }
    pairs
};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The bits of up to four characters. Everything is read, whatever it is.
#[inline]
fn bits(characters: &[u8]) -> u32 {
    let bits = BITS.iter().zip(characters).map(|(bits, byte)| bits[usize::from(*byte)]);
    bits.fold(0, |all, one| all | one)
}

/// Makes the tokens of one domain under one programme key. Its derived keys are wiped on drop.
pub struct Tokeniser {
    /// One keyed MAC per kind, in the order of [`Kind::ALL`].
    macs: [Keyed; Kind::ALL.len()],
}

impl Tokeniser {
    /// Derives the keys of all kinds for `domain` (the programme's token domain) from the programme
    /// key.
    #[must_use]
    pub fn new(key: &[u8; 32], domain: &str) -> Self {
        let derivation = Hkdf::<Sha256>::new(None, key);
        let macs = Kind::ALL.map(|kind| {
            let mut derived = [0_u8; 32];
            let info = [labels::TOKEN_PREFIX, domain, "/", kind.as_str()];
            let info = info.map(str::as_bytes);
            derivation
                .expand_multi_info(&info, &mut derived)
                .expect("32 bytes are below HKDF's limit of 255 blocks");
            let mac = Keyed::new(&derived);
            derived.zeroize();
            mac
        });
        Self { macs }
    }

    /// The token of a normalised identifier.
    #[must_use]
    pub fn token(&self, kind: Kind, normalised: &str) -> Token {
        let mut digest = sha256::digest(normalised.as_bytes());
        let token = self.token_of_digest(kind, &digest);
        digest.zeroize();
        token
    }

    /// The token of an identifier of which only `d`, its SHA-256, is at hand.
    #[must_use]
    pub fn token_of_digest(&self, kind: Kind, digest: &[u8; 32]) -> Token {
        Token(self.macs[kind.index()].mac(digest))
    }

    /// The tokens of many identifiers at once, in their order: as [`Tokeniser::token_of_digest`] of each, and
    /// quicker, because no MAC waits for another.
    pub(crate) fn tokens_of_digests<'a, 'd>(
        &'a self,
        digests: impl Iterator<Item = (Kind, &'d [u8; 32])>,
        batch: &mut Batch<'a>,
    ) {
        let messages = digests.map(|(kind, digest)| (&self.macs[kind.index()], digest));
        batch.wipe();
        batch.reserve();
        Keyed::macs(messages, &mut batch.blocks, &mut batch.tokens);
    }
}

/// Tokens that are made together, and the room for it; wiped when it goes and before it is filled again.
#[derive(Default)]
pub(crate) struct Batch<'a> {
    blocks: Vec<(&'a Keyed, Block)>,
    tokens: Vec<[u8; TOKEN_LEN]>,
}

/// Tokens for which there is room from the beginning: what is moved to more room is not wiped.
const BATCH_ROOM: usize = 96;

impl Batch<'_> {
    fn reserve(&mut self) {
        if self.tokens.capacity() == 0 {
            self.blocks.reserve_exact(BATCH_ROOM);
            self.tokens.reserve_exact(BATCH_ROOM);
        }
    }

    /// The bytes of the tokens, in their order.
    pub(crate) const fn tokens(&self) -> &[[u8; TOKEN_LEN]] {
        self.tokens.as_slice()
    }

    /// Puts them into the order of their bytes.
    pub(crate) fn sort(&mut self) {
        self.tokens.sort_unstable();
    }

    fn wipe(&mut self) {
        self.tokens.fill([0; TOKEN_LEN]);
        optimization_barrier(self.tokens.as_slice());
        self.tokens.clear();
    }
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        self.wipe();
    }
}

#[cfg(test)]
mod tests {
    use sha2::Digest;

    use super::*;

    const KEY: [u8; 32] = [7; 32];

    /// The definition, written out with HMAC alone (RFC 2104 for MAC, RFC 5869 for HKDF).
    fn by_definition(domain: &str, kind: &str, normalised: &str) -> [u8; 32] {
        let hmac = |key: &[u8], parts: &[&[u8]]| -> [u8; 32] {
            let mut inner_key = [0x36_u8; 64];
            let mut outer_key = [0x5c_u8; 64];
            for (place, byte) in key.iter().enumerate() {
                inner_key[place] ^= byte;
                outer_key[place] ^= byte;
            }
            let mut inner = Sha256::new();
            inner.update(inner_key);
            parts.iter().for_each(|part| inner.update(part));
            let mut outer = Sha256::new();
            outer.update(outer_key);
            outer.update(inner.finalize());
            outer.finalize().into()
        };
        let extracted = hmac(&[0; 32], &[&KEY]);
        let info = format!("tiers/v1/{domain}/{kind}");
        let derived = hmac(&extracted, &[info.as_bytes(), &[1]]);
        let digest: [u8; 32] = Sha256::digest(normalised.as_bytes()).into();
        hmac(&derived, &[&digest])
    }

    #[test]
    fn tokens_follow_the_definition() {
        let tokeniser = Tokeniser::new(&KEY, "example");
        for kind in Kind::ALL {
            let token = tokeniser.token(kind, "jean.dupont@example.org");
            let expected = by_definition("example", kind.as_str(), "jean.dupont@example.org");
            assert!(token.as_bytes() == &expected, "{kind}");
        }
    }

    #[test]
    fn pse_07_distinct_keys_per_programme() {
        let mut seen = std::collections::BTreeSet::new();
        for (key, domain) in [(KEY, "a"), (KEY, "b"), ([8; 32], "a"), (KEY, "a/email")] {
            let tokeniser = Tokeniser::new(&key, domain);
            for kind in Kind::ALL {
                assert!(seen.insert(tokeniser.token(kind, "+33612345678").to_base64url()));
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn texts_are_read_as_the_engine_reads_them(
            bytes: [u8; 32],
            spoilt in proptest::option::of((0..43_usize, proptest::prelude::any::<u8>())),
        ) {
            let mut text = URL_SAFE_NO_PAD.encode(bytes).into_bytes();
            if let Some((place, byte)) = spoilt {
                text[place] = byte;
            }
            let found = Token::from_base64url(&text).map(|token| *token.as_bytes());
            let expected = URL_SAFE_NO_PAD.decode(&text).ok();
            proptest::prop_assert_eq!(found.map(|token| token.to_vec()), expected);
        }
    }

    proptest::proptest! {
        #[test]
        fn many_tokens_are_those_of_each(
            wanted in proptest::collection::vec((0..Kind::ALL.len(), proptest::prelude::any::<[u8; 32]>()), 0..20),
        ) {
            let tokeniser = Tokeniser::new(&KEY, "example");
            let wanted: Vec<_> = wanted.iter().map(|(kind, digest)| (Kind::ALL[*kind], digest)).collect();
            let mut batch = Batch::default();
            for _ in 0..2 {
                tokeniser.tokens_of_digests(wanted.iter().copied(), &mut batch);
            }
            let tokens = batch.tokens();
            proptest::prop_assert_eq!(tokens.len(), wanted.len());
            let mut text = Vec::new();
            for (token, (kind, digest)) in tokens.iter().zip(wanted) {
                let expected = tokeniser.token_of_digest(kind, digest);
                proptest::prop_assert!(token == expected.as_bytes());
                text.clear();
                Token::append(token, &mut text);
                let expected = URL_SAFE_NO_PAD.encode(expected.as_bytes()).into_bytes();
                proptest::prop_assert_eq!(&text, &expected);
            }
        }
    }

    #[test]
    fn one_token_has_one_text() {
        let token = Tokeniser::new(&KEY, "a").token(Kind::Email, "x@example.org");
        let text = token.to_base64url();
        assert_eq!(text.len(), TOKEN_TEXT_LEN);
        let read = Token::from_base64url(&text).expect("own text reads back");
        assert!(read.as_bytes() == token.as_bytes());
        assert!(Token::from_base64url(format!("{text}=")).is_none());
        assert!(Token::from_base64url(&text[..42]).is_none());
        // 43 characters carry 258 bits: the two spare ones must be zero.
        let mut readings = 0;
        for last in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/".chars() {
            let other = format!("{}{last}", &text[..42]);
            readings += u32::from(Token::from_base64url(&other).is_some());
        }
        assert_eq!(readings, 16);
    }
}
