//! A directory as the source of a ledger to be verified.
//!
//! It trusts nothing that it finds and decides nothing; the check itself is in
//! `tiers_protocol::tlog`.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use tiers_protocol::tlog::{FILE_BYTES_MAX, SourceError, TileSource};

/// The files of a ledger in a directory. A `trust.json` at its top is not part of the ledger and is
/// not listed; every other file is.
#[derive(Clone, Debug)]
pub struct DirSource {
    dir: PathBuf,
}

impl DirSource {
    /// Reads from `dir`.
    #[must_use]
    pub fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }
}

impl TileSource for DirSource {
    fn read(&self, path: &str) -> Result<Vec<u8>, SourceError> {
        let file = File::open(self.dir.join(path)).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => SourceError::NotFound,
            _ => SourceError::Unavailable,
        })?;
        let mut bytes = Vec::new();
        let read = file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes);
        read.map_err(|_| SourceError::Unavailable)?;
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if length > FILE_BYTES_MAX { Err(SourceError::TooLong) } else { Ok(bytes) }
    }

    fn list(&self) -> Result<Option<Vec<String>>, SourceError> {
        let mut names = Vec::new();
        walk(&self.dir, "", &mut names).map_err(|_| SourceError::Unavailable)?;
        names.retain(|name| name != TRUST_FILE);
        names.sort();
        Ok(Some(names))
    }
}

/// Lists files below `dir` by their names from the top, whose part so far is `prefix`.
fn walk(dir: &Path, prefix: &str, names: &mut Vec<String>) -> io::Result<()> {
    for item in fs::read_dir(dir)? {
        let item = item?;
        let name = format!("{prefix}{}", item.file_name().to_string_lossy());
        // A link is listed as a file under its own name: no ledger has one among its directories.
        if item.file_type()?.is_dir() && name.split('/').count() < DEPTH_MAX {
            walk(&item.path(), &format!("{name}/"), names)?;
        } else {
            names.push(name);
        }
    }
    Ok(())
}

/// The file with the keys that a party trusts, which may lie beside the ledger's own.
const TRUST_FILE: &str = "trust.json";

/// `tile`, the level, seven groups of three digits and the width: no name of a ledger is deeper.
const DEPTH_MAX: usize = 10;
