//! Hash tiles on disk, read back with proof that they belong to a checkpoint.
//!
//! It reads only; tiles are written by [`super::growth`]. The layout is that of
//! `docs/formats/ledger-tiles.md`, which differs from the names that `tlog_tiles` gives.

use std::cell::Cell;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tiers_protocol::tlog::{Checkpoint, TILE_WIDTH, TileKind, TilePath};
use tlog_tiles::stored_hash_index;
use tlog_tiles::{Error, HASH_SIZE, Hash, HashReader, Tile, TileHashReader, TileReader};

/// log2 of [`TILE_WIDTH`].
pub(super) const TILE_HEIGHT: u8 = 8;

/// The name that our layout gives to a hash tile.
pub(super) fn path_of(tile: &Tile) -> TilePath {
    let width = u16::try_from(tile.width()).unwrap_or(TILE_WIDTH);
    TilePath::new(TileKind::Hashes { level: tile.level() }, tile.level_index(), width)
        .expect("a tile of a tree is a tile of our layout")
}

/// The tiles of a directory.
pub(super) struct DiskTiles {
    dir: PathBuf,
    /// Whether a read failed for another reason than what the files say; `tlog_tiles` has no error
    /// for that.
    unreadable: Cell<bool>,
}

impl DiskTiles {
    pub(super) fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), unreadable: Cell::new(false) }
    }

    /// Reads hashes at the right edge of the tree of `checkpoint`, from the tiles that also hold the
    /// nodes of [`tlog_tiles::sub_tree_index`]; each is proven to lead to the root.
    pub(super) fn hashes(
        &self,
        checkpoint: &Checkpoint,
        indexes: &[u64],
    ) -> Result<Vec<Hash>, TilesError> {
        let root = Hash(*checkpoint.root());
        self.under(&TileHashReader::new(checkpoint.size(), root, self), |r| r.read_hashes(indexes))
    }

    /// The Merkle path of the entry at `index`, which is below the size of `checkpoint`.
    pub(super) fn path(
        &self,
        checkpoint: &Checkpoint,
        index: u64,
    ) -> Result<Vec<Hash>, TilesError> {
        let (size, root) = (checkpoint.size(), Hash(*checkpoint.root()));
        // `TileHashReader` 0.2.0 proves the tiles of the right edge, but leaves out some of the
        // others when several nodes of the edge share a tile; so the path is checked as a whole.
        self.under(&TileHashReader::new(size, root, self), |reader| {
            let path = tlog_tiles::prove_record(size, index, reader)?;
            let leaf = reader.read_hashes(&[stored_hash_index(0, index)])?;
            let leaf = leaf.first().copied().ok_or(Error::BadMath)?;
            tlog_tiles::check_record(&path, size, root, index, leaf)?;
            Ok(path)
        })
    }

    /// The proof that the tree of `checkpoint` continues that of its first `old` entries, 1 at least.
    pub(super) fn consistency(
        &self,
        checkpoint: &Checkpoint,
        old: u64,
    ) -> Result<Vec<Hash>, TilesError> {
        let (size, root) = (checkpoint.size(), Hash(*checkpoint.root()));
        self.under(&TileHashReader::new(size, root, self), |reader| {
            let proof = tlog_tiles::prove_tree(size, old, reader)?;
            // As a whole, for the reason given in `path`.
            let held = tlog_tiles::tree_hash(old, reader)?;
            tlog_tiles::check_tree(&proof, size, root, old, held)?;
            Ok(proof)
        })
    }

    fn under<T>(
        &self,
        reader: &TileHashReader<'_>,
        read: impl FnOnce(&TileHashReader<'_>) -> Result<T, Error>,
    ) -> Result<T, TilesError> {
        self.unreadable.set(false);
        read(reader).map_err(|_| {
            if self.unreadable.get() { TilesError::Unreadable } else { TilesError::Disagree }
        })
    }

    fn read(&self, tile: &Tile) -> Result<Vec<u8>, Error> {
        let bytes = fs::read(self.dir.join(path_of(tile).to_string())).map_err(|e| {
            self.unreadable.set(e.kind() != io::ErrorKind::NotFound);
            Error::InvalidTile
        })?;
        let expected =
            usize::try_from(tile.width()).unwrap_or(usize::MAX).saturating_mul(HASH_SIZE);
        if bytes.len() == expected { Ok(bytes) } else { Err(Error::InvalidTile) }
    }
}

impl TileReader for DiskTiles {
    fn height(&self) -> u8 {
        TILE_HEIGHT
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, Error> {
        tiles.iter().map(|tile| self.read(tile)).collect()
    }

    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}

/// Why hashes could not be read back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TilesError {
    /// The files are there or not, and are not those of the checkpoint.
    Disagree,
    /// The disk failed.
    Unreadable,
}
