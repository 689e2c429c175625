//! The Merkle tree hash of RFC 9162 section 2.1.1, leaf by leaf: the memory is that of one path.

use ring::digest;

/// A tree that is still growing.
#[derive(Default)]
pub(in crate::service) struct Root {
    /// Roots of whole subtrees, the largest first, and the binary logarithms of their sizes.
    whole: Vec<(u32, [u8; 32])>,
}

impl Root {
    /// Adds the next leaf.
    pub(in crate::service) fn push(&mut self, leaf: &[u8]) {
        let (mut height, mut node) = (0, hash(&[&[0], leaf]));
        while let Some((_, left)) = self.whole.pop_if(|(same, _)| *same == height) {
            node = hash(&[&[1], &left, &node]);
            height += 1;
        }
        self.whole.push((height, node));
    }

    /// The root over all leaves.
    pub(in crate::service) fn finish(self) -> [u8; 32] {
        let mut parts = self.whole.into_iter().rev().map(|(_, node)| node);
        let smallest = parts.next().unwrap_or_else(|| hash(&[]));
        parts.fold(smallest, |right, left| hash(&[&[1], &left, &right]))
    }
}

fn hash(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    parts.iter().for_each(|part| context.update(part));
    context.finish().as_ref().try_into().expect("SHA-256 yields 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_that_of_the_standard() {
        let mut oracle =
            ct_merkle::mem_backed_tree::MemoryBackedTree::<sha2::Sha256, Vec<u8>>::new();
        let mut leaves: Vec<Vec<u8>> = Vec::new();
        for leaf in 0..150u8 {
            let mut root = Root::default();
            leaves.iter().for_each(|leaf| root.push(leaf));
            let expected: [u8; 32] = oracle.root().as_bytes()[..].try_into().expect("32 bytes");
            assert_eq!(root.finish(), expected, "{leaf} leaves");
            oracle.push(vec![leaf]);
            leaves.push(vec![leaf]);
        }
    }
}
