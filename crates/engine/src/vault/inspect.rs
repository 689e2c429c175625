//! What a stored deposit is made of, and a copy of it without encryption for an auditor. Looking at
//! the structure never yields a token; the copy is nothing but tokens.
//!
//! Specified in `docs/formats/segment-v1.md`, "Inspection and export".

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use tiers_contact::Kind;

use super::{
    Batch, Batches as _, Columns, Segments as _, StoredDeposit, TokenRange, VaultError,
    encode::write_plain, files, sorted::Packed,
};

/// What one segment is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentShape {
    /// Kind of identifier.
    pub kind: Kind,
    /// Tokens.
    pub rows: u32,
    /// Row groups of the file.
    pub row_groups: usize,
    /// Pages of each column.
    pub pages: usize,
    /// Length of the file.
    pub bytes: u64,
}

impl StoredDeposit {
    /// The shape of each segment, in the fixed order of kinds.
    pub fn shapes(&self) -> impl Iterator<Item = SegmentShape> + '_ {
        self.segments.iter().map(|index| SegmentShape {
            kind: index.kind,
            rows: index.rows,
            row_groups: index.row_groups,
            pages: index.pages.len(),
            bytes: index.file_bytes,
        })
    }

    /// Writes each segment into the folder `into`, which is made, as a Parquet file that is not
    /// encrypted; the files. Nothing is overwritten; after an error none is left. They hold every token of the deposit: whoever has the programme key and
    /// the keyring can compare them with people.
    ///
    /// # Errors
    /// [`VaultError::Altered`] and [`VaultError::Read`] of reading; [`VaultError::Write`].
    pub fn export(&self, into: &Path) -> Result<Vec<PathBuf>, VaultError> {
        files::make_dir(into)?;
        let mut written = Vec::new();
        for index in &self.segments {
            let path = files::segment_file(into, index.kind);
            let file = files::create(&path).inspect(|_| written.push(path));
            if let Err(error) = file.and_then(|file| self.export_segment(index.kind, &file)) {
                // The first error is the one to tell.
                written.iter().for_each(|path| drop(fs::remove_file(path)));
                return Err(error);
            }
        }
        Ok(written)
    }

    fn export_segment(&self, kind: Kind, file: &File) -> Result<(), VaultError> {
        let mut reader = self.segment(kind, TokenRange::ALL, Columns::ALL)?;
        let (mut batch, mut place) = (Batch::new(), 0);
        let next = || {
            if place == batch.len() {
                place = 0;
                if !reader.next(&mut batch)? {
                    return Ok(None);
                }
            }
            place += 1;
            batch.row(place - 1).map(|row| Packed::new(&row)).transpose()
        };
        // Every segment has rows, and so a side.
        let side = self.side().ok_or(VaultError::Altered)?;
        let rows = u32::try_from(self.rows(kind)).map_err(|_| VaultError::TooManyRows)?;
        write_plain(file, &self.name, side, kind, rows, next)
    }
}
