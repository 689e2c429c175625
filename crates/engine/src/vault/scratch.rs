//! Sorted runs that memory has no room for: one file without a name, encrypted under a key that only
//! this process ever has.
//!
//! The file is unlinked as soon as it is open, so that no crash leaves it; the bytes that a disk may
//! keep are ciphertext under a lost key. Not the segments themselves. Specified in
//! `docs/formats/segment-v1.md`, "Files".

use std::{
    fs::{self, File, OpenOptions},
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::Path,
};

use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    rand::{SecureRandom, SystemRandom},
};
use zeroize::Zeroizing;

use super::{
    VaultError,
    files::{read_error, write_error},
    sorted::{PACKED_LEN, Packed},
};

/// Rows of one block: what a run that is read back holds in memory.
pub(super) const BLOCK_ROWS: usize = 1 << 11;

/// The scratch file of one deposit that is being written.
pub(super) struct Scratch {
    file: File,
    key: LessSafeKey,
    /// Bytes written so far.
    end: u64,
    /// Blocks written so far: the nonce of the next one.
    blocks: u64,
}

/// A run in the scratch file.
pub(super) struct SpilledRun {
    offset: u64,
    first_block: u64,
    rows: u64,
}

impl SpilledRun {
    pub const fn rows(&self) -> u64 {
        self.rows
    }
}

impl Scratch {
    /// An empty file in `dir`.
    pub fn create(dir: &Path) -> Result<Self, VaultError> {
        let path = dir.join("scratch");
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .map_err(write_error)?;
        fs::remove_file(&path).map_err(write_error)?;
        let mut key = Zeroizing::new([0; 32]);
        SystemRandom::new().fill(&mut *key).map_err(|_| VaultError::Encode)?;
        let key = UnboundKey::new(&AES_256_GCM, &*key).map_err(|_| VaultError::Encode)?;
        Ok(Self { file, key: LessSafeKey::new(key), end: 0, blocks: 0 })
    }

    /// Writes a sorted run; `next` yields its rows.
    pub fn spill(
        &mut self,
        mut next: impl FnMut() -> Result<Option<Packed>, VaultError>,
    ) -> Result<SpilledRun, VaultError> {
        let mut run = SpilledRun { offset: self.end, first_block: self.blocks, rows: 0 };
        let mut block = Vec::with_capacity(BLOCK_ROWS * PACKED_LEN + AES_256_GCM.tag_len());
        loop {
            let row = next()?;
            if let Some(row) = row {
                block.extend_from_slice(&row.to_bytes());
                run.rows += 1;
            }
            if block.len() == BLOCK_ROWS * PACKED_LEN || (row.is_none() && !block.is_empty()) {
                self.write_block(&mut block)?;
            }
            if row.is_none() {
                return Ok(run);
            }
        }
    }

    fn write_block(&mut self, block: &mut Vec<u8>) -> Result<(), VaultError> {
        self.key
            .seal_in_place_append_tag(nonce(self.blocks), Aad::empty(), block)
            .map_err(|_| VaultError::Encode)?;
        self.file.write_all_at(block, self.end).map_err(write_error)?;
        self.blocks += 1;
        self.end += block.len() as u64;
        block.clear();
        Ok(())
    }

    /// Replaces `rows` by the block `place` of a run, in reverse, so that they can be popped; `false`
    /// beyond its end.
    pub fn read_block(
        &self,
        run: &SpilledRun,
        place: u64,
        bytes: &mut Vec<u8>,
        rows: &mut Vec<Packed>,
    ) -> Result<bool, VaultError> {
        rows.clear();
        let before = place * BLOCK_ROWS as u64;
        let Some(left) = run.rows.checked_sub(before).filter(|left| *left > 0) else {
            return Ok(false);
        };
        let count = usize::try_from(left).unwrap_or(usize::MAX).min(BLOCK_ROWS);
        let whole = (BLOCK_ROWS * PACKED_LEN + AES_256_GCM.tag_len()) as u64;
        bytes.resize(count * PACKED_LEN + AES_256_GCM.tag_len(), 0);
        self.file.read_exact_at(bytes, run.offset + place * whole).map_err(read_error)?;
        let plain = self
            .key
            .open_in_place(nonce(run.first_block + place), Aad::empty(), bytes)
            .map_err(|_| VaultError::Altered)?;
        rows.extend(plain.as_chunks().0.iter().rev().map(Packed::from_bytes));
        Ok(true)
    }
}

/// Each block has a number of its own, and each file a key of its own.
fn nonce(block: u64) -> Nonce {
    let mut bytes = [0; 12];
    bytes[..8].copy_from_slice(&block.to_le_bytes());
    Nonce::assume_unique_for_key(bytes)
}
