//! The Merkle tree over the sealed records of a batch (RFC 6962, section 2.1), made in one pass over
//! its leaves in a few hundred bytes of memory.
//!
//! A recipient that is not given a record is given its leaf instead, so that the root which the sender
//! signed still comes out. Specified in `docs/formats/exchange-batch.md`.

use tlog_tiles::{EMPTY_HASH, Hash, node_hash};

use crate::encoding::{Bytes, sha256_of};

/// The leaf of one record: a digest over its position, its rights tokens and its sealed bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Leaf(Bytes<32>);

impl Leaf {
    /// The leaf of the record at `position`; `tokens` is the digest of its rights tokens.
    #[must_use]
    pub fn of(position: u64, tokens: &Bytes<32>, sealed: &[u8]) -> Self {
        // The zero byte in front is RFC 6962's mark of a leaf.
        Self(sha256_of(&[&[0], &position.to_be_bytes(), tokens.as_bytes(), sealed]))
    }

    /// The leaf as it was received in place of a record.
    #[must_use]
    pub const fn received(bytes: Bytes<32>) -> Self {
        Self(bytes)
    }

    /// The digest.
    #[must_use]
    pub const fn digest(&self) -> &Bytes<32> {
        &self.0
    }
}

/// The root over leaves that come in their order.
#[derive(Debug, Default)]
pub struct RootOf {
    /// Roots of perfect subtrees, the largest first; their sizes are the bits of `count`.
    perfect: Vec<Hash>,
    count: u64,
}

impl RootOf {
    /// Before any leaf.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next leaf.
    pub fn push(&mut self, leaf: Leaf) {
        let mut hash = Hash(*leaf.0.as_bytes());
        let mut size = self.count;
        while size & 1 == 1 {
            let left = self.perfect.pop().expect("one subtree for each bit of the count");
            hash = node_hash(left, hash);
            size >>= 1;
        }
        self.perfect.push(hash);
        self.count += 1;
    }

    /// How many leaves were added.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The root over all leaves so far.
    #[must_use]
    pub fn root(&self) -> Bytes<32> {
        let all = self.perfect.iter().rev().copied();
        Bytes::new(all.reduce(|right, left| node_hash(left, right)).unwrap_or(EMPTY_HASH).0)
    }
}

#[cfg(test)]
mod tests {
    use ct_merkle::mem_backed_tree::MemoryBackedTree;
    use sha2::Sha256;

    use super::*;

    /// The leaf of the independent tree is SHA-256 of a zero byte and the item.
    fn item(position: u64, tokens: &Bytes<32>, sealed: &[u8]) -> Vec<u8> {
        [&position.to_be_bytes()[..], tokens.as_bytes(), sealed].concat()
    }

    #[test]
    fn the_root_equals_an_independent_tree_at_every_size() {
        let mut oracle = MemoryBackedTree::<Sha256, Vec<u8>>::new();
        let mut ours = RootOf::new();
        for position in 0..1_100_u64 {
            assert_eq!(ours.root().as_bytes().as_slice(), oracle.root().as_bytes().as_slice());
            assert_eq!(ours.count(), position);
            let tokens = crate::encoding::sha256(&position.to_le_bytes());
            let sealed = vec![7; usize::try_from(position % 40).expect("small")];
            ours.push(Leaf::of(position, &tokens, &sealed));
            oracle.push(item(position, &tokens, &sealed));
        }
    }

    #[test]
    fn a_leaf_depends_on_position_tokens_and_bytes() {
        let tokens = Bytes::new([1; 32]);
        let leaf = Leaf::of(3, &tokens, b"sealed");
        assert_ne!(leaf, Leaf::of(4, &tokens, b"sealed"));
        assert_ne!(leaf, Leaf::of(3, &Bytes::new([2; 32]), b"sealed"));
        assert_ne!(leaf, Leaf::of(3, &tokens, b"sealer"));
        assert_eq!(leaf, Leaf::received(*leaf.digest()));
    }
}
