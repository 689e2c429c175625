//! The Merkle tree over the sealed records of a batch (RFC 6962, section 2.1), made in one pass over
//! its leaves in a few hundred bytes of memory.
//!
//! A recipient that is not given a record is given its leaf instead, so that the root which the sender
//! signed still comes out. Specified in `docs/formats/exchange-batch.md`.

use tlog_tiles::{EMPTY_HASH, Hash, node_hash};

use crate::encoding::{Bytes, sha256, sha256_of};

/// The leaf of one record: a digest over its position, its rights tokens, its sealed bytes and its sealed
/// evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Leaf(Bytes<32>);

impl Leaf {
    /// The leaf of the record at `position`; `tokens` is the digest of its rights tokens.
    #[must_use]
    pub fn of(position: u64, tokens: &Bytes<32>, (sealed, evidence): (&[u8], &[u8])) -> Self {
        Self::of_digests(position, tokens, [&sha256(sealed), &sha256(evidence)])
    }

    /// The same from the digests of the sealed record and of the sealed evidence: whoever is shown the
    /// evidence alone checks it without the record.
    #[must_use]
    pub fn of_digests(
        position: u64,
        tokens: &Bytes<32>,
        [sealed, evidence]: [&Bytes<32>; 2],
    ) -> Self {
        let digests = [tokens.as_bytes(), sealed.as_bytes(), evidence.as_bytes()];
        // The zero byte in front is RFC 6962's mark of a leaf.
        Self(sha256_of(&[&[0], &position.to_be_bytes(), digests[0], digests[1], digests[2]]))
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

/// The path from a leaf to the root (RFC 6962, section 2.1.1), the sibling of the leaf first; `None` for
/// a place beyond the leaves.
#[must_use]
pub fn path_of(leaves: &[Leaf], place: u64) -> Option<Vec<Bytes<32>>> {
    let place = usize::try_from(place).ok().filter(|place| *place < leaves.len())?;
    let mut path = Vec::new();
    let (mut rest, mut place) = (leaves, place);
    while rest.len() > 1 {
        let (left, right) = rest.split_at(split(rest.len()));
        let (own, other) = if place < left.len() { (left, right) } else { (right, left) };
        place -= if place < left.len() { 0 } else { left.len() };
        let mut root = RootOf::new();
        other.iter().for_each(|leaf| root.push(*leaf));
        path.push(root.root());
        rest = own;
    }
    path.reverse();
    Some(path)
}

/// The root that a leaf at `place` of `size` leaves and its path give; `None` where they cannot belong
/// together.
#[must_use]
pub fn root_from(leaf: Leaf, place: u64, size: u64, path: &[Bytes<32>]) -> Option<Bytes<32>> {
    if place >= size {
        return None;
    }
    // Which side each sibling stands on, from the root down.
    let (mut sides, mut place, mut size) = (Vec::new(), place, size);
    while size > 1 {
        let left = 1 << (size - 1).ilog2();
        sides.push(place < left);
        (place, size) = if place < left { (place, left) } else { (place - left, size - left) };
    }
    if sides.len() != path.len() {
        return None;
    }
    let mut hash = Hash(*leaf.0.as_bytes());
    for (is_left, sibling) in sides.iter().rev().zip(path) {
        let sibling = Hash(*sibling.as_bytes());
        hash = if *is_left { node_hash(hash, sibling) } else { node_hash(sibling, hash) };
    }
    Some(Bytes::new(hash.0))
}

/// The largest power of two below a length of at least two.
const fn split(length: usize) -> usize {
    1 << (length - 1).ilog2()
}

#[cfg(test)]
mod tests {
    use ct_merkle::mem_backed_tree::MemoryBackedTree;
    use sha2::Sha256;

    use super::*;

    /// The leaf of the independent tree is SHA-256 of a zero byte and the item.
    fn item(position: u64, tokens: &Bytes<32>, (sealed, evidence): (&[u8], &[u8])) -> Vec<u8> {
        let digests = [sha256(sealed), sha256(evidence)];
        let [sealed, evidence] = digests.each_ref().map(Bytes::as_bytes);
        [&position.to_be_bytes()[..], tokens.as_bytes(), sealed, evidence].concat()
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
            ours.push(Leaf::of(position, &tokens, (&sealed, b"shown")));
            oracle.push(item(position, &tokens, (&sealed, b"shown")));
        }
    }

    #[test]
    fn every_path_leads_to_the_root_and_no_other_leaf_does() {
        for size in 1..70_u64 {
            let leaves: Vec<Leaf> = (0..size)
                .map(|n| Leaf::received(crate::encoding::sha256(&n.to_be_bytes())))
                .collect();
            let mut root = RootOf::new();
            leaves.iter().for_each(|leaf| root.push(*leaf));
            for place in 0..size {
                let path = path_of(&leaves, place).expect("a place");
                let at = |leaf: u64, place| {
                    root_from(leaves[usize::try_from(leaf).expect("small")], place, size, &path)
                };
                assert_eq!(at(place, place), Some(root.root()));
                let other = (place + 1) % size;
                assert!(size == 1 || at(other, place) != Some(root.root()));
                assert!(size == 1 || at(place, other) != Some(root.root()));
                let short = &path[..path.len().saturating_sub(1)];
                let cut = root_from(leaves[0], 0, size, short);
                assert!(size == 1 || cut != Some(root.root()));
            }
            assert_eq!(path_of(&leaves, size), None);
            assert_eq!(root_from(leaves[0], size, size, &[]), None);
        }
    }

    #[test]
    fn a_leaf_depends_on_position_tokens_and_bytes() {
        let tokens = Bytes::new([1; 32]);
        let leaf = Leaf::of(3, &tokens, (b"sealed", b"shown"));
        assert_ne!(leaf, Leaf::of(4, &tokens, (b"sealed", b"shown")));
        assert_ne!(leaf, Leaf::of(3, &Bytes::new([2; 32]), (b"sealed", b"shown")));
        assert_ne!(leaf, Leaf::of(3, &tokens, (b"sealer", b"shown")));
        assert_ne!(leaf, Leaf::of(3, &tokens, (b"sealed", b"shows")));
        assert_eq!(leaf, Leaf::received(*leaf.digest()));
    }
}
