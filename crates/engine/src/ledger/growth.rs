//! The step from one checkpoint to the next: the new hashes, the new root and the new tiles.
//!
//! It signs nothing and publishes nothing. Every tile of a growth depends only on the entries, so
//! that writing one twice, before and after a crash, writes the same bytes.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::Path;

use tiers_protocol::tlog::{Checkpoint, Entry, TileKind, TilePath, encode_bundle};
use tlog_tiles::{EMPTY_HASH, Error, Hash, HashReader, Tile};
use tlog_tiles::{record_hash, stored_hash_index, stored_hashes, sub_tree_index, tree_hash};

use super::faults::{FaultPoint, Faults};
use super::outbox::Outbox;
use super::sequencer::{BATCH_ENTRIES, SequencerError};
use super::tiles::{DiskTiles, TILE_HEIGHT, TilesError, path_of};
use crate::durable::{self, Access};

/// The hashes that a ledger gains, with those of its right edge that they build on.
pub(super) struct Growth<'a> {
    disk: DiskTiles,
    old: Option<&'a Checkpoint>,
    size: u64,
    /// By the storage index of `tlog_tiles`.
    hashes: HashMap<u64, Hash>,
}

impl<'a> Growth<'a> {
    /// Starts from the published checkpoint `old`, `None` before the first, whose tiles stand in
    /// `dir`.
    pub(super) fn from(dir: &Path, old: Option<&'a Checkpoint>) -> Result<Self, SequencerError> {
        let disk = DiskTiles::new(dir);
        let mut hashes = HashMap::new();
        let size = old.map_or(0, Checkpoint::size);
        if let Some(old) = old.filter(|old| old.size() > 0) {
            let edge = sub_tree_index(0, size, Vec::new());
            let read = disk.hashes(old, &edge)?;
            hashes.extend(edge.into_iter().zip(read));
        }
        Ok(Self { disk, old, size, hashes })
    }

    /// Takes in entries of the outbox until there are `until`, or no more.
    pub(super) fn take(&mut self, outbox: &impl Outbox, until: u64) -> Result<(), SequencerError> {
        while self.size < until {
            let wanted = usize::try_from(until - self.size).unwrap_or(BATCH_ENTRIES);
            let batch = outbox.entries(self.size, wanted.min(BATCH_ENTRIES))?;
            if batch.is_empty() {
                break;
            }
            for entry in &batch {
                self.push(entry)?;
            }
        }
        Ok(())
    }

    fn push(&mut self, entry: &[u8]) -> Result<(), SequencerError> {
        let index = self.size;
        // Once it is signed, an entry that nobody can read would spoil the ledger for good.
        Entry::decode(entry).map_err(|cause| SequencerError::Entry { index, cause })?;
        let new = stored_hashes(index, entry, &Known(&self.hashes))
            .map_err(|_| SequencerError::FilesDisagree)?;
        self.hashes.extend((stored_hash_index(0, index)..).zip(new));
        self.size += 1;
        Ok(())
    }

    /// How many entries there are now.
    pub(super) const fn size(&self) -> u64 {
        self.size
    }

    /// The root over them.
    pub(super) fn root(&self) -> Result<[u8; 32], SequencerError> {
        if self.size == 0 {
            return Ok(EMPTY_HASH.0);
        }
        let Hash(root) = tree_hash(self.size, &Known(&self.hashes))
            .map_err(|_| SequencerError::FilesDisagree)?;
        Ok(root)
    }

    /// Refuses when the outbox no longer holds the entries of the bundle that is about to grow.
    pub(super) fn check_open_bundle(&self, outbox: &impl Outbox) -> Result<(), SequencerError> {
        let open = self.tiles().find(|tile| tile.level() == 0);
        open.map_or(Ok(()), |tile| self.bundle(&tile, outbox).map(|_| ()))
    }

    /// Writes every tile that the ledger needs at its new size and did not have at the old one.
    pub(super) fn write(
        &self,
        dir: &Path,
        outbox: &impl Outbox,
        faults: &impl Faults,
    ) -> Result<(), SequencerError> {
        for tile in self.tiles() {
            if tile.level() == 0 {
                let path =
                    TilePath::new(TileKind::Entries, tile.level_index(), path_of(&tile).width())
                        .expect("the entries of a tile of hashes");
                write_tile(dir, path, &self.bundle(&tile, outbox)?, faults)?;
            }
            let bytes = self.hash_tile(&tile)?;
            write_tile(dir, path_of(&tile), &bytes, faults)?;
        }
        Ok(())
    }

    fn tiles(&self) -> impl Iterator<Item = Tile> {
        Tile::new_tiles(TILE_HEIGHT, self.old.map_or(0, Checkpoint::size), self.size).into_iter()
    }

    /// The entries under a tile of level 0, compared with their hashes in the tree.
    fn bundle(&self, tile: &Tile, outbox: &impl Outbox) -> Result<Vec<u8>, SequencerError> {
        let first = tile.level_index() << TILE_HEIGHT;
        let width = usize::try_from(tile.width()).unwrap_or(usize::MAX);
        let mut entries = outbox.entries(first, width)?;
        while entries.len() < width {
            let from = (first..).nth(entries.len()).unwrap_or(u64::MAX);
            let more = outbox.entries(from, width - entries.len())?;
            if more.is_empty() {
                return Err(SequencerError::OutboxDisagrees { index: from });
            }
            entries.extend(more);
        }
        let hashes = self.hash_tile(tile)?;
        for ((index, entry), hash) in (first..).zip(&entries).zip(hashes.chunks(32)) {
            if record_hash(entry).0 != hash {
                return Err(SequencerError::OutboxDisagrees { index });
            }
        }
        encode_bundle(&entries).map_err(|_| SequencerError::OutboxDisagrees { index: first })
    }

    fn hash_tile(&self, tile: &Tile) -> Result<Vec<u8>, SequencerError> {
        let first = tile.level_index() << TILE_HEIGHT;
        let indexes: Vec<u64> = (first..first + u64::from(tile.width()))
            .map(|n| stored_hash_index(TILE_HEIGHT * tile.level(), n))
            .collect();
        let unknown: Vec<u64> =
            indexes.iter().copied().filter(|i| !self.hashes.contains_key(i)).collect();
        let read = match (self.old, unknown.is_empty()) {
            (_, true) => Vec::new(),
            (Some(old), false) => self.disk.hashes(old, &unknown)?,
            (None, false) => return Err(SequencerError::FilesDisagree),
        };
        let read: HashMap<u64, Hash> = unknown.into_iter().zip(read).collect();
        let hash = |i: &u64| self.hashes.get(i).or_else(|| read.get(i)).map(|h| h.0);
        let hashes: Option<Vec<_>> = indexes.iter().map(hash).collect();
        Ok(hashes.ok_or(SequencerError::FilesDisagree)?.concat())
    }
}

/// Writes one tile. A file that is there already must hold the same bytes: tiles never change.
fn write_tile(
    dir: &Path,
    path: TilePath,
    bytes: &[u8],
    faults: &impl Faults,
) -> Result<(), SequencerError> {
    let file = dir.join(path.to_string());
    match fs::read(&file) {
        Ok(there) if there != bytes => return Err(SequencerError::FilesDisagree),
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(SequencerError::Unreadable),
        _ => {}
    }
    if let Some(parent) = file.parent() {
        durable::create_dir(parent, Access::Public)?;
    }
    // Written even if it is there: a crash may have come between its rename and the flush.
    let staged = durable::stage(&file, bytes, Access::Public)?;
    faults.reach(FaultPoint::TileStaged)?;
    staged.commit()?;
    faults.reach(FaultPoint::TileWritten)?;
    Ok(())
}

/// Hashes in memory as `tlog_tiles` wants to read them.
struct Known<'a>(&'a HashMap<u64, Hash>);

impl HashReader for Known<'_> {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, Error> {
        let known = |i: &u64| self.0.get(i).copied().ok_or(Error::IndexesNotInTree);
        indexes.iter().map(known).collect()
    }
}

impl From<TilesError> for SequencerError {
    fn from(error: TilesError) -> Self {
        match error {
            TilesError::Disagree => Self::FilesDisagree,
            TilesError::Unreadable => Self::Unreadable,
        }
    }
}
