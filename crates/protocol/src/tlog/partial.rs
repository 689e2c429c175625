//! Some entries of a ledger checked against its checkpoint by the hash tiles that lead from them to the root:
//! for whoever looks at a page of acts and does not fetch the whole ledger, as [`super::verify_ledger`] does. The
//! same tiles show that the ledger continues an earlier checkpoint.
//!
//! Nothing here has to be believed: each full tile is held against the hash that stands for it one level up, and
//! the tiles at the right edge against the signed root. Specified by <https://c2sp.org/tlog-tiles>.

use std::collections::{BTreeMap, BTreeSet};

use tlog_tiles::{EMPTY_HASH, Hash, record_hash};

use super::checkpoint::Checkpoint;
use super::fault::{FileName, LedgerFault};
use super::path::{TILE_WIDTH, TileKind, TilePath, elements};
use super::tree::subtree;
use super::verify::TileSource;

/// The levels that a tree with less than 2^64 entries has.
const LEVELS: u8 = 8;

/// A ledger of which some tiles are known, all of them under its checkpoint.
pub struct PartialTree {
    size: u64,
    tiles: BTreeMap<TilePath, Vec<Hash>>,
}

const fn hashes(level: u8) -> TileKind {
    TileKind::Hashes { level }
}

/// The tile of a level that holds an element, in a tree of `size` entries.
fn tile_of(level: u8, element: u64, size: u64) -> Option<TilePath> {
    let (index, all) = (element >> 8, elements(hashes(level), size));
    let left = all.checked_sub(index << 8).filter(|_| element < all)?;
    let width = u16::try_from(left).map_or(TILE_WIDTH, |left| left.min(TILE_WIDTH));
    TilePath::new(hashes(level), index, width).ok()
}

/// The elements that stand at the right edge of a tree: for each level its last ones that fill no tile.
fn edge(size: u64) -> impl Iterator<Item = (u8, u64)> {
    (0..LEVELS).filter_map(move |level| {
        let all = elements(hashes(level), size);
        (all & 0xff != 0).then(|| (level, all - 1))
    })
}

/// The files beside the checkpoint that check these entries, and that a ledger of `size` entries continues the
/// checkpoints of these sizes. Positions and sizes beyond the ledger need none.
#[must_use]
pub fn partial_tiles(size: u64, entries: &[u64], held: &[u64]) -> BTreeSet<TilePath> {
    let own = entries.iter().map(|entry| (0, *entry));
    let held = held.iter().filter(|held| **held <= size).flat_map(|held| edge(*held));
    let mut tiles = BTreeSet::new();
    for (level, element) in own.chain(held).chain(edge(size)) {
        let (mut level, mut element) = (level, element);
        // Up to a tile at the right edge, which the root itself checks.
        while let Some(path) = tile_of(level, element, size) {
            tiles.insert(path);
            if !path.is_full() {
                break;
            }
            (level, element) = (level + 1, path.index());
        }
    }
    tiles
}

impl PartialTree {
    /// Reads the tiles of [`partial_tiles`] and checks each of them.
    ///
    /// # Errors
    /// [`LedgerFault::Unreadable`], [`LedgerFault::HashTile`], [`LedgerFault::Root`].
    pub fn read(
        source: &dyn TileSource,
        checkpoint: &Checkpoint,
        (entries, held): (&[u64], &[u64]),
    ) -> Result<Self, LedgerFault> {
        let size = checkpoint.size();
        let mut read = Self { size, tiles: BTreeMap::new() };
        for path in partial_tiles(size, entries, held) {
            let bytes = source
                .read(&path.to_string())
                .map_err(|cause| LedgerFault::Unreadable { file: FileName::Tile(path), cause })?;
            let (all, rest) = bytes.as_chunks::<32>();
            if all.len() != usize::from(path.width()) || !rest.is_empty() {
                return Err(LedgerFault::HashTile { path });
            }
            read.tiles.insert(path, all.iter().map(|hash| Hash(*hash)).collect());
        }
        if read.root(size) != Some(*checkpoint.root()) {
            return Err(LedgerFault::Root);
        }
        for (path, tile) in read.tiles.iter().filter(|(path, _)| path.is_full()) {
            let TileKind::Hashes { level } = path.kind() else { continue };
            if read.hash(level + 1, path.index()) != Some(subtree(tile)) {
                return Err(LedgerFault::HashTile { path: *path });
            }
        }
        Ok(read)
    }

    fn hash(&self, level: u8, element: u64) -> Option<Hash> {
        let path = tile_of(level, element, self.size)?;
        self.tiles.get(&path)?.get(usize::try_from(element & 0xff).ok()?).copied()
    }

    /// Whether an entry with these bytes stands at a position.
    #[must_use]
    pub fn has(&self, index: u64, entry: &[u8]) -> bool {
        self.hash(0, index) == Some(record_hash(entry))
    }

    /// The root of the ledger when it had `size` entries; `None` beyond its size, and for a size whose tiles were
    /// not asked for.
    #[must_use]
    pub fn root(&self, size: u64) -> Option<[u8; 32]> {
        if size > self.size {
            return None;
        }
        let mut below: Option<Hash> = None;
        for (level, last) in edge(size) {
            let mut row = (last & !0xff..=last)
                .map(|element| self.hash(level, element))
                .collect::<Option<Vec<Hash>>>()?;
            // What lies below the edge of this level is the last and smallest part of the tree.
            row.extend(below);
            below = Some(subtree(&row));
        }
        Some(below.unwrap_or(EMPTY_HASH).0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::model::Model;
    use super::super::mutations::single_byte;
    use super::super::path::CHECKPOINT_PATH;
    use super::*;

    fn checkpoint(model: &Model) -> Checkpoint {
        model.verifier().verify_checkpoint(&model.files[CHECKPOINT_PATH]).unwrap()
    }

    #[test]
    fn entries_and_earlier_roots_are_those_of_the_whole_tree() {
        for size in [1, 2, 7, 255, 256, 257, 300, 511, 512, 513, 700] {
            let model = Model::of_acts(size);
            let signed = checkpoint(&model);
            for held in [0, 1, 3, 255, 256, 257, 300, 512, size - 1, size] {
                let entries = [0, size / 2, size - 1];
                let tree = PartialTree::read(&model, &signed, (&entries, &[held])).unwrap();
                for index in entries {
                    assert!(tree.has(index, model.entry(index)), "{index} of {size}");
                    let other = (index + 1) % size;
                    assert_eq!(tree.has(index, model.entry(other)), other == index);
                }
                let expected = (held <= size).then(|| {
                    let entries = model.entries()[..usize::try_from(held).unwrap()].to_vec();
                    *checkpoint(&Model::of_entries(entries, &[held])).root()
                });
                assert_eq!(tree.root(held), expected, "{held} of {size}");
            }
            let tree = PartialTree::read(&model, &signed, (&[0], &[])).unwrap();
            assert!(!tree.has(size, model.entry(0)), "beyond the end");
        }
    }

    #[test]
    fn log_12_a_changed_byte_of_any_tile_that_is_needed_is_found() {
        let model = Model::of_acts(700);
        let signed = checkpoint(&model);
        let (entries, held) = ([3, 299, 650], [520]);
        let needed = partial_tiles(700, &entries, &held);
        // Three tiles of entries' hashes, of which two are full, and the one above.
        assert_eq!(needed.len(), 4);
        for path in needed {
            let name = path.to_string();
            for mutant in single_byte(&model.files[&name], 13) {
                let mut changed = model.clone();
                changed.files.insert(name.clone(), mutant);
                let read = PartialTree::read(&changed, &signed, (&entries, &held));
                assert!(read.is_err(), "{name}");
            }
            let mut changed = model.clone();
            changed.files.remove(&name);
            let fault = PartialTree::read(&changed, &signed, (&entries, &held)).err().unwrap();
            assert_eq!(fault.code(), "ledger.file.missing");
        }
        let other = checkpoint(&Model::of_acts(699));
        assert!(PartialTree::read(&model, &other, (&entries, &held)).is_err());
    }
}
