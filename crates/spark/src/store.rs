//! Where exports lie while a cluster reads them: a folder that the certifier and every worker have under the same
//! name. A folder belongs to one certifier.

use std::path::Path;

use object_store::{ObjectStoreExt as _, local::LocalFileSystem, path::Path as Name};
use tiers_engine::vault::ExportFile;
use tokio::runtime::Runtime;

use crate::ClusterError;
use crate::folder::{Folder, PREFIX};

/// A folder of exports.
pub(crate) struct Store {
    objects: LocalFileSystem,
    folder: Folder,
    runtime: Runtime,
}

impl Store {
    /// The folder of `file:///FOLDER`, which is there. What a certifier that was killed left there is removed: nobody has its
    /// key any more.
    pub fn open(url: &str) -> Result<Self, ClusterError> {
        let root = url.strip_prefix("file://").map(Path::new).filter(|path| path.is_absolute());
        let root = root.and_then(|path| path.canonicalize().ok()).filter(|path| path.is_dir());
        let root = root.ok_or(ClusterError::BadStore)?;
        let objects =
            LocalFileSystem::new_with_prefix(&root).map_err(|_| ClusterError::BadStore)?;
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let runtime = runtime.map_err(|_| ClusterError::Store)?;
        let objects = objects.with_automatic_cleanup(true);
        Ok(Self { objects, folder: Folder::hold(root)?, runtime })
    }

    /// Puts a file of an export where it belongs.
    pub fn put(&self, export: &str, file: ExportFile) -> Result<(), ClusterError> {
        let name = Name::from(format!("{PREFIX}{export}/{}", file.name));
        let put = self.objects.put(&name, file.bytes.into());
        self.runtime.block_on(put).map(|_| ()).map_err(|_| ClusterError::Store)
    }

    /// The address of a table of an export, for whoever reads it.
    pub fn address(&self, export: &str, table: &str) -> Result<String, ClusterError> {
        let path = self.folder.root().join(format!("{PREFIX}{export}")).join(table);
        path.to_str().map(|path| format!("file://{path}")).ok_or(ClusterError::BadStore)
    }

    /// Removes an export.
    pub fn remove(&self, export: &str) -> Result<(), ClusterError> {
        self.folder.remove(export)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str) -> ExportFile {
        ExportFile { name: name.to_owned(), bytes: vec![1, 2, 3], rows: 1 }
    }

    #[test]
    fn an_export_comes_and_goes_and_others_files_stay() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("file://{}", folder.path().display());
        let store = Store::open(&url).unwrap();
        std::fs::write(folder.path().join("somebody's"), "else").unwrap();
        store.put("a", file("sales/part-000000.parquet")).unwrap();
        store.put("a", file("leads/part-000000.parquet")).unwrap();
        store.put("b", file("sales/part-000000.parquet")).unwrap();
        let address = store.address("a", "sales").unwrap();
        let path = Path::new(address.strip_prefix("file://").unwrap()).join("part-000000.parquet");
        assert_eq!(std::fs::read(path).unwrap(), [1, 2, 3]);
        store.remove("a").unwrap();
        assert!(!folder.path().join("export-a").exists());
        assert!(folder.path().join("export-b/sales").exists());
        // A certifier that starts removes what one that was killed left.
        drop(store);
        let _ = Store::open(&url).unwrap();
        let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(left.len(), 2, "the file of somebody else, and the lock");
    }

    #[test]
    fn what_is_no_folder_is_refused() {
        for url in ["s3://bucket/exports", "file://relative", "/tmp", "file:///nowhere/at/all", ""]
        {
            assert_eq!(Store::open(url).err(), Some(ClusterError::BadStore), "{url}");
        }
    }
}
