//! The Merkle tree of a whole ledger, rebuilt from its entries alone.
//!
//! Linear and in memory: 32 bytes an entry. Specified by RFC 6962, section 2.1, and
//! <https://c2sp.org/tlog-tiles>.

use tlog_tiles::{EMPTY_HASH, Hash, node_hash, record_hash};

use super::path::{TILE_WIDTH, TileKind, TilePath};

/// The hashes of every tile level: `levels[0]` those of the entries, and each hash of a level is
/// the subtree of 256 hashes of the level below.
pub(super) struct Tree {
    levels: Vec<Vec<Hash>>,
}

impl Tree {
    pub(super) fn new() -> Self {
        Self { levels: vec![Vec::new()] }
    }

    /// Appends one entry.
    pub(super) fn push(&mut self, entry: &[u8]) {
        let mut hash = record_hash(entry);
        for level in 0.. {
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            let hashes = &mut self.levels[level];
            hashes.push(hash);
            if !hashes.len().is_multiple_of(usize::from(TILE_WIDTH)) {
                return;
            }
            hash = subtree(&hashes[hashes.len() - usize::from(TILE_WIDTH)..]);
        }
    }

    /// The root of the tree of the first `size` entries; `None` when there are fewer.
    pub(super) fn root(&self, size: u64) -> Option<Hash> {
        let leaves = self.levels[0].get(..usize::try_from(size).ok()?)?;
        Some(if leaves.is_empty() { EMPTY_HASH } else { subtree(leaves) })
    }

    /// The bytes of a hash tile; `None` when the tree has no such tile.
    pub(super) fn tile(&self, path: TilePath) -> Option<Vec<u8>> {
        let TileKind::Hashes { level } = path.kind() else { return None };
        let first = usize::try_from(path.first_element()).ok()?;
        let hashes = self.levels.get(usize::from(level))?;
        let hashes = hashes.get(first..first + usize::from(path.width()))?;
        Some(hashes.iter().flat_map(|h| h.0).collect())
    }
}

/// The root over `leaves`, of which there is at least one.
pub(super) fn subtree(leaves: &[Hash]) -> Hash {
    if let [leaf] = leaves {
        return *leaf;
    }
    // The largest power of two below the number of leaves goes to the left (RFC 6962, 2.1).
    let split = leaves.len().next_power_of_two() / 2;
    let (left, right) = leaves.split_at(split);
    node_hash(subtree(left), subtree(right))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::Write as _;

    use ct_merkle::mem_backed_tree::MemoryBackedTree;
    use sha2::Sha256;
    use tlog_tiles::{check_record, check_tree};

    use super::super::model::{Model, full};
    use super::*;

    #[test]
    fn roots_inclusion_and_consistency_equal_an_independent_tree() {
        let sizes = if full() { 1_100 } else { 600 };
        let model = Model::of_acts(sizes);
        let mut oracle = MemoryBackedTree::<Sha256, Vec<u8>>::new();
        let mut tree = Tree::new();
        let (mut included, mut consistent) = (0_u64, 0_u64);
        for size in 0..=sizes {
            let root = tree.root(size).unwrap();
            assert_eq!(root.0.as_slice(), oracle.root().as_bytes().as_slice(), "{size}");
            assert_eq!(tree.root(size + 1), None);
            // Short form: a spread of positions of each size; full form: every one.
            let step = if full() { 1 } else { 13 };
            for index in (0..size).step_by(step) {
                let proof = oracle.prove_inclusion(usize::try_from(index).unwrap());
                let path = hashes(proof.as_bytes());
                let leaf = record_hash(model.entry(index));
                check_record(&path, size, root, index, leaf).unwrap();
                included += 1;
            }
            for old in (1..=size).step_by(step) {
                let added = usize::try_from(size - old).unwrap();
                let proof = hashes(oracle.prove_consistency(added).as_bytes());
                check_tree(&proof, size, root, old, tree.root(old).unwrap()).unwrap();
                consistent += 1;
            }
            if size < sizes {
                tree.push(model.entry(size));
                oracle.push(model.entry(size).to_vec());
            }
        }
        assert!(consistent >= 5_000);
        let said = format!(
            "sizes 0 to {sizes} against ct-merkle, {included} inclusion and {consistent} consistency proofs: \
             0 differences"
        );
        writeln!(std::io::stdout(), "\nA2: {said}").unwrap();
    }

    /// Test vectors of the reference implementation of RFC 6962.
    #[test]
    fn roots_equal_the_certificate_transparency_vectors() {
        let leaves: [&[u8]; 8] = [
            b"",
            b"\x00",
            b"\x10",
            b"\x20\x21",
            b"\x30\x31",
            b"\x40\x41\x42\x43",
            b"\x50\x51\x52\x53\x54\x55\x56\x57",
            b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
        ];
        let roots = [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        let mut tree = Tree::new();
        for (leaf, expected) in leaves.iter().zip(roots) {
            tree.push(leaf);
            let size = u64::try_from(tree.levels[0].len()).unwrap();
            let root = tree.root(size).unwrap();
            assert_eq!(root.0.iter().map(|b| format!("{b:02x}")).collect::<String>(), expected);
        }
    }

    fn hashes(bytes: &[u8]) -> Vec<Hash> {
        bytes.chunks(32).map(|h| Hash(h.try_into().unwrap())).collect()
    }
}
