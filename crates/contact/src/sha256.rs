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

/// A block of what is hashed.
pub(crate) type Block = [u8; BLOCK_LEN];

/// Lays out texts, one after the other, as the blocks of one message; how many there are.
///
/// What was just written in small pieces cannot be read back in large ones until it has left the processor, and
/// what went before has to leave first: a block that is hashed as soon as it is laid out waits for the hash
/// before it. Blocks that were laid out before, many together, are hashed side by side.
pub(crate) fn lay_out(parts: &[&[u8]], blocks: &mut Vec<Block>) -> usize {
    let len = parts.iter().map(|part| part.len()).sum::<usize>();
    let (start, used) = (blocks.len(), (len + BLOCK_LEN - ONE_BLOCK_MAX - 1) / BLOCK_LEN + 1);
    blocks.resize(start + used, [0; BLOCK_LEN]);
    let message = blocks[start..].as_flattened_mut();
    let mut place = 0;
    for part in parts {
        message[place..place + part.len()].copy_from_slice(part);
        place += part.len();
    }
    message[len] = 0x80;
    let end = message.len() - 8;
    message[end..].copy_from_slice(&(len as u64).wrapping_mul(8).to_be_bytes());
    used
}

/// SHA-256 of a message that was laid out.
pub(crate) fn digest_of_blocks(blocks: &[Block]) -> [u8; 32] {
    let mut state = START;
    compress256(&mut state, blocks);
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

    /// MACs of many digests, each under a key of its own, added to `macs` in their order. `blocks` is room for the
    /// work, and wiped.
    ///
    /// The halves of one MAC follow each other; those of several messages do not wait for each other where their
    /// blocks were laid out before ([`lay_out`]).
    pub(crate) fn macs<'a, 'd>(
        messages: impl Iterator<Item = (&'a Self, &'d [u8; 32])>,
        blocks: &mut Vec<(&'a Self, Block)>,
        macs: &mut Vec<[u8; 32]>,
    ) {
        let first = macs.len();
        blocks.clear();
        blocks.extend(messages.map(|(key, digest)| (key, after_a_block(digest))));
        macs.extend(blocks.iter().map(|(key, block)| end_of_block(key.inner, block)));
        // Both halves are as long, so that only the message is another.
        for ((_, block), inner) in blocks.iter_mut().zip(&macs[first..]) {
            block[..32].copy_from_slice(inner);
        }
        for ((key, block), mac) in blocks.iter().zip(&mut macs[first..]) {
            *mac = end_of_block(key.outer, block);
        }
        blocks.iter_mut().for_each(|(_, block)| *block = [0; BLOCK_LEN]);
        optimization_barrier(blocks.as_slice());
    }

    fn inner<const N: usize>(&self, message: &[u8; N]) -> [u8; 32] {
        end_of(self.inner, message)
    }

    fn outer(&self, inner: &[u8; 32]) -> [u8; 32] {
        end_of(self.outer, inner)
    }
}

/// The hash of which `state` is what the first block left behind, and `end` the rest.
fn end_of<const N: usize>(state: [u32; 8], end: &[u8; N]) -> [u8; 32] {
    let mut block = after_a_block(end);
    let hash = end_of_block(state, &block);
    block = [0; BLOCK_LEN];
    optimization_barrier(&block);
    hash
}

fn end_of_block(mut state: [u32; 8], block: &Block) -> [u8; 32] {
    compress256(&mut state, std::slice::from_ref(block));
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
            let mut blocks = vec![[7; BLOCK_LEN]];
            let used = lay_out(&[one, b"", rest], &mut blocks);
            assert_eq!(used + 1, blocks.len());
            assert_eq!(digest_of_blocks(&blocks[1..]), expected, "{end} bytes in blocks");
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
