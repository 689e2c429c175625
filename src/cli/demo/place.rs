//! Where the demonstration leaves its files: a directory that it marks as its own and replaces only
//! when it bears that mark.

use std::fs;
use std::path::{Path, PathBuf};

use super::super::error::CliError;
use super::super::files;

/// Tells a directory of an earlier demonstration from anything else.
const MARK: &str = ".tiers-demo";
const MARK_TEXT: &[u8] =
    b"Made by `tiers demo`, which replaces this directory when it runs again.\n";

/// The directory of `--out`.
pub struct Place {
    dir: PathBuf,
}

impl Place {
    /// Makes the directory, in place of that of an earlier demonstration.
    ///
    /// # Errors
    /// [`CliError::NotOurs`] if it holds anything else, and those of writing.
    pub fn clear(dir: &Path) -> Result<Self, CliError> {
        if !files::is_free(dir) {
            if !dir.join(MARK).is_file() {
                return Err(CliError::not_ours(dir, "directory of an earlier demonstration"));
            }
            fs::remove_dir_all(dir).map_err(|cause| CliError::write(dir, &cause))?;
        }
        files::make_dir(dir)?;
        files::replace(&dir.join(MARK), MARK_TEXT)?;
        // Processes of actors run in their own homes, so the path must not depend on ours.
        let dir = fs::canonicalize(dir).map_err(|cause| CliError::read(dir, &cause))?;
        Ok(Self { dir })
    }

    /// A path in it.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Copies a file into it.
    ///
    /// # Errors
    /// [`CliError`].
    pub fn copy(&self, from: &Path, name: &str) -> Result<(), CliError> {
        files::replace(&self.path(name), &files::read(from)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_earlier_demonstration_is_replaced() {
        let dir = tempfile::tempdir().expect("a directory");
        let out = dir.path().join("out");
        let place = Place::clear(&out).expect("new");
        files::replace(&place.path("report.json"), b"{}").expect("writes");
        Place::clear(&out).expect("ours");
        assert!(!out.join("report.json").exists());
        fs::remove_file(out.join(MARK)).expect("there");
        files::replace(&out.join("thesis.odt"), b"x").expect("writes");
        assert!(matches!(Place::clear(&out), Err(CliError::NotOurs { .. })));
        assert!(out.join("thesis.odt").exists());
    }
}
