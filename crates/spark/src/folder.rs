//! The folder of exports as this process holds it: locked for one cluster, and swept of what an earlier process left.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::ClusterError;

/// How the folders of exports begin.
pub(crate) const PREFIX: &str = "export-";

/// The file that a holder locks; it stays, empty, since a name that goes can be locked twice.
const LOCK: &str = "exports.lock";

/// A folder that nobody else holds. The lock goes with it, and with the process.
pub(crate) struct Folder {
    root: PathBuf,
    _lock: File,
}

impl Folder {
    /// Locks a folder that is there and removes every export in it, whole or half-written: nobody has its key any more.
    pub fn hold(root: PathBuf) -> Result<Self, ClusterError> {
        let lock =
            OpenOptions::new().create(true).truncate(false).write(true).open(root.join(LOCK));
        let lock = lock.map_err(|_| ClusterError::Store)?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => ClusterError::FolderInUse,
            TryLockError::Error(_) => ClusterError::Store,
        })?;
        let folder = Self { root, _lock: lock };
        folder.sweep()?;
        Ok(folder)
    }

    /// Where it is.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Removes an export with everything in it; one that is not there is removed.
    pub fn remove(&self, export: &str) -> Result<(), ClusterError> {
        match fs::remove_dir_all(self.root.join([PREFIX, export].concat())) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(ClusterError::Store),
            _ => Ok(()),
        }
    }

    fn sweep(&self) -> Result<(), ClusterError> {
        let entries = fs::read_dir(&self.root).map_err(|_| ClusterError::Store)?;
        for entry in entries {
            let entry = entry.map_err(|_| ClusterError::Store)?;
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if let (true, Some(name)) = (is_folder, entry.file_name().to_str())
                && let Some(export) = name.strip_prefix(PREFIX)
            {
                self.remove(export)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holds_a_folder_and_half_written_parts_go_at_the_next_start() {
        let folder = tempfile::tempdir().unwrap();
        let hold = || Folder::hold(folder.path().to_owned());
        let first = hold().unwrap();
        let part = folder.path().join("export-a/sales");
        fs::create_dir_all(&part).unwrap();
        // What object_store calls a part until it is whole; its own listing hides it.
        fs::write(part.join("part-000000.parquet#1"), "half").unwrap();
        fs::write(folder.path().join("export-of-somebody"), "a file").unwrap();
        assert_eq!(hold().err(), Some(ClusterError::FolderInUse));
        assert!(part.exists(), "who is refused removes nothing");
        drop(first);
        let next = hold().unwrap();
        assert!(!folder.path().join("export-a").exists());
        assert!(folder.path().join("export-of-somebody").exists());
        assert_eq!(next.remove("never"), Ok(()));
    }
}
