//! SHA-256 of short texts and HMAC-SHA-256 of a digest or a stored token, block by block.
//!
//! An identifier nearly always fits one block of 64 bytes, and the HMAC of a digest is always two. The
//! general hashers of `sha2` and `hmac` buffer, count and copy around each block, which costs more than
//! the block. Here the blocks are laid out by hand and given to the same compression function, which
//! finds the processor's instructions by itself. The padding is that of FIPS 180-4 section 5.1.1, the
//! MAC that of RFC 2104; `docs/formats/normalisation-v1.md`, "Token", says what is hashed. No other use
//! of hashing belongs here.

use sha2::block_api::compress256;
use zeroize::{Zeroize, ZeroizeOnDrop, optimization_barrier};

/// State before the first block (FIPS 180-4 section 5.3.3).
const START: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

const BLOCK_LEN: usize = 64;

/// Most bytes of a text that fit one block together with the mark and the length.
const ONE_BLOCK_MAX: usize = BLOCK_LEN - 9;

/// SHA-256 of a text. What the text leaves in memory is wiped.
pub(crate) fn digest(text: &[u8]) -> [u8; 32] {
    let mut state = START;
    let (whole, rest) = text.as_chunks::<BLOCK_LEN>();
    if !whole.is_empty() {
        compress256(&mut state, whole);
    }
    let mut blocks = [[0_u8; BLOCK_LEN]; 2];
    let bits = (text.len() as u64).wrapping_mul(8).to_be_bytes();
    // A text that leaves no room for the length has it in a block of its own.
    let used = if rest.len() > ONE_BLOCK_MAX { 2 } else { 1 };
    blocks[0][..rest.len()].copy_from_slice(rest);
    blocks[0][rest.len()] = 0x80;
    blocks[used - 1][BLOCK_LEN - 8..].copy_from_slice(&bits);
    compress256(&mut state, &blocks[..used]);
    let digest = bytes(&state);
    blocks[0] = [0; BLOCK_LEN];
    optimization_barrier(&blocks);
    digest
}

/// SHA-256 of several texts, one after the other.
pub(crate) fn digest_of_parts(parts: &[&[u8]]) -> [u8; 32] {
    let len = parts.iter().map(|part| part.len()).sum::<usize>();
    if len > BLOCK_LEN + ONE_BLOCK_MAX {
        return digest(&zeroize::Zeroizing::new(parts.concat()));
    }
    let mut blocks = [[0_u8; BLOCK_LEN]; 2];
    let used = if len > ONE_BLOCK_MAX { 2 } else { 1 };
    let mut place = 0;
    for part in parts {
        blocks.as_flattened_mut()[place..place + part.len()].copy_from_slice(part);
        place += part.len();
    }
    blocks.as_flattened_mut()[len] = 0x80;
    blocks[used - 1][BLOCK_LEN - 8..].copy_from_slice(&(len as u64 * 8).to_be_bytes());
    let mut state = START;
    compress256(&mut state, &blocks[..used]);
    blocks = [[0; BLOCK_LEN]; 2];
    optimization_barrier(&blocks);
    bytes(&state)
}

/// A key of HMAC-SHA-256 as the two states that it leaves behind its first blocks: a message of 16 or 32
/// bytes then costs two compressions and nothing else. Wiped on drop, without `Debug`.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Keyed {
    inner: [u32; 8],
    outer: [u32; 8],
}

impl Keyed {
    /// Takes a key of exactly 32 bytes: nothing of it needs hashing.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        let state = |pad: u8| {
            let mut block = [pad; BLOCK_LEN];
            block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
            let mut state = START;
            compress256(&mut state, &[block]);
            block.zeroize();
            state
        };
        Self { inner: state(0x36), outer: state(0x5c) }
    }

    /// HMAC-SHA-256 of a digest.
    #[must_use]
    pub fn mac(&self, digest: &[u8; 32]) -> [u8; 32] {
        self.mac_of(digest)
    }

    /// HMAC-SHA-256 of a token that was cut to 16 bytes.
    #[must_use]
    pub fn mac_of_short(&self, short: &[u8; 16]) -> [u8; 32] {
        self.mac_of(short)
    }

    fn mac_of<const N: usize>(&self, message: &[u8; N]) -> [u8; 32] {
        self.outer(&self.inner(message))
    }

    /// The inner hash of a message: the first half of its MAC.
    ///
    /// Halves of several messages do not wait for each other: a processor that reads ahead computes them side by
    /// side, whereas both halves of one message follow each other. Hence the two steps of
    /// [`crate::Tokeniser::tokens_of_digests`].
    pub(crate) fn inner<const N: usize>(&self, message: &[u8; N]) -> [u8; 32] {
        end_of(self.inner, message)
    }

    /// The MAC of a message whose inner hash this is.
    pub(crate) fn outer(&self, inner: &[u8; 32]) -> [u8; 32] {
        end_of(self.outer, inner)
    }
}

/// The hash of which `state` is what the first block left behind, and `end` the rest.
fn end_of<const N: usize>(mut state: [u32; 8], end: &[u8; N]) -> [u8; 32] {
    let mut block = after_a_block(end);
    compress256(&mut state, std::slice::from_ref(&block));
    block = [0; BLOCK_LEN];
    optimization_barrier(&block);
    bytes(&state)
}

/// The last block of a message of 64 bytes and these, of which the first 64 went before.
fn after_a_block<const N: usize>(end: &[u8; N]) -> [u8; BLOCK_LEN] {
    const { assert!(N <= ONE_BLOCK_MAX) };
    let bits = ((BLOCK_LEN + N) as u64 * 8).to_be_bytes();
    let mut block = [0; BLOCK_LEN];
    block[..N].copy_from_slice(end);
    block[N] = 0x80;
    block[BLOCK_LEN - 8..].copy_from_slice(&bits);
    block
}

fn bytes(state: &[u32; 8]) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (place, word) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(state) {
        *place = word.to_be_bytes();
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use hmac::{Hmac, KeyInit, Mac};
    use sha2::{Digest, Sha256};

    #[test]
    fn every_length_is_hashed_as_the_library_does() {
        let text: Vec<u8> = (0..400_u32).map(|n| (n * 37 % 251) as u8).collect();
        for end in 0..text.len() {
            let expected: [u8; 32] = Sha256::digest(&text[..end]).into();
            assert_eq!(digest(&text[..end]), expected, "{end} bytes");
            let (one, rest) = text[..end].split_at(end / 3);
            assert_eq!(digest_of_parts(&[one, b"", rest]), expected, "{end} bytes in parts");
        }
    }

    #[test]
    fn known_answers() {
        // FIPS 180-4, example of one block and of two.
        let hex = |bytes: [u8; 32]| bytes.map(|byte| format!("{byte:02x}")).concat();
        assert_eq!(
            hex(digest(b"abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(
            hex(digest(b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        );
    }

    #[test]
    fn macs_are_those_of_the_library() {
        let mut key = [0_u8; 32];
        for round in 0..200_u32 {
            key = digest(&[&key[..], &round.to_le_bytes()].concat());
            let message = digest(&key);
            let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("any length");
            mac.update(&message);
            let expected: [u8; 32] = mac.finalize().into_bytes().into();
            assert_eq!(Keyed::new(&key).mac(&message), expected);
            let short = message.first_chunk::<16>().expect("32 bytes hold 16");
            let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("any length");
            mac.update(short);
            let expected: [u8; 32] = mac.finalize().into_bytes().into();
            assert_eq!(Keyed::new(&key).mac_of_short(short), expected);
        }
    }
}
