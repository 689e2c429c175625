//! The paths of some leaves of a tree that is made in one pass: nothing is kept of the others, so that a
//! sample of a batch of millions takes the memory of the sample. The tree itself is [`super::tree`].

use tlog_tiles::{Hash, node_hash};

use super::{Leaf, RootOf};
use crate::encoding::Bytes;

/// A perfect subtree: its root, the position of its first leaf, and how many it has.
type Perfect = (Hash, u64, u64);

/// Takes all leaves in their order and keeps the paths of some.
pub struct PathsOf {
    wanted: Vec<u64>,
    paths: Vec<Vec<Bytes<32>>>,
    perfect: Vec<Perfect>,
    count: u64,
}

impl PathsOf {
    /// For these positions, in rising order.
    #[must_use]
    pub fn of(wanted: Vec<u64>) -> Self {
        let paths = vec![Vec::new(); wanted.len()];
        Self { wanted, paths, perfect: Vec::new(), count: 0 }
    }

    /// Adds the next leaf.
    pub fn push(&mut self, leaf: Leaf) {
        let mut tree = (Hash(*leaf.digest().as_bytes()), self.count, 1);
        let mut size = self.count;
        while size & 1 == 1 {
            let left = self.perfect.pop().expect("one subtree for each bit of the count");
            tree = self.join(left, tree);
            size >>= 1;
        }
        self.perfect.push(tree);
        self.count += 1;
    }

    /// One tree of two neighbours: each is the sibling of the other's leaves.
    fn join(&mut self, left: Perfect, right: Perfect) -> Perfect {
        for (own, other) in [(left, right), (right, left)] {
            let from = self.wanted.partition_point(|position| *position < own.1);
            let until = self.wanted.partition_point(|position| *position < own.1 + own.2);
            for path in &mut self.paths[from..until] {
                path.push(Bytes::new(other.0.0));
            }
        }
        (node_hash(left.0, right.0), left.1, left.2 + right.2)
    }

    /// The path of each wanted position, the sibling of the leaf first, and the root.
    #[must_use]
    pub fn finish(mut self) -> (Vec<Vec<Bytes<32>>>, Bytes<32>) {
        let Some(mut right) = self.perfect.pop() else {
            return (self.paths, RootOf::new().root());
        };
        while let Some(left) = self.perfect.pop() {
            right = self.join(left, right);
        }
        (self.paths, Bytes::new(right.0.0))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tree::path_of;
    use super::*;
    use crate::encoding::sha256;

    proptest! {
        #[test]
        fn the_paths_made_in_one_pass_are_those_of_the_whole_tree(
            count in 1_u64..300,
            wanted in proptest::collection::btree_set(0_u64..300, 0..40),
        ) {
            let leaves: Vec<Leaf> =
                (0..count).map(|n| Leaf::received(sha256(&n.to_be_bytes()))).collect();
            let wanted: Vec<u64> = wanted.into_iter().filter(|at| *at < count).collect();
            let (mut paths, mut root) = (PathsOf::of(wanted.clone()), RootOf::new());
            for leaf in &leaves {
                paths.push(*leaf);
                root.push(*leaf);
            }
            let (found, end) = paths.finish();
            prop_assert_eq!(end, root.root());
            let expected: Vec<_> =
                wanted.iter().map(|at| path_of(&leaves, *at).expect("a place")).collect();
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn no_leaf_gives_the_root_of_none() {
        assert_eq!(PathsOf::of(Vec::new()).finish(), (Vec::new(), RootOf::new().root()));
    }
}
