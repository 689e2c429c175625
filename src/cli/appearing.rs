//! A long file that its owner alone may read and that is there whole or not at all: written piece by piece under
//! another name, it takes its own when everything is on the disk.

use std::fs;
use std::path::{Path, PathBuf};

use super::error::CliError;
use super::files::{Sink, must_not_exist, sibling};

/// Bytes that wait to be written together.
const PENDING_BYTES: usize = 1 << 20;

/// A file on its way. Unless it is finished, it is removed.
pub struct Appearing {
    sink: Option<Sink>,
    pending: Vec<u8>,
    aside: PathBuf,
    path: PathBuf,
}

impl Appearing {
    /// Begins a file; refuses to overwrite.
    ///
    /// # Errors
    /// [`CliError::Exists`], [`CliError::Write`].
    pub fn begin(path: &Path) -> Result<Self, CliError> {
        must_not_exist(path)?;
        let aside = sibling(path);
        let sink = Some(Sink::create(&aside, path)?);
        let pending = Vec::with_capacity(PENDING_BYTES);
        Ok(Self { sink, pending, aside, path: path.to_owned() })
    }

    /// Writes what comes next.
    ///
    /// # Errors
    /// [`CliError::Write`].
    pub fn put(&mut self, bytes: &[u8]) -> Result<(), CliError> {
        if self.pending.len() + bytes.len() > PENDING_BYTES {
            self.flush()?;
        }
        self.pending.extend_from_slice(bytes);
        Ok(())
    }

    /// Waits for the disk and gives the file its name.
    ///
    /// # Errors
    /// [`CliError::Write`]; the file is then not there.
    pub fn finish(mut self) -> Result<(), CliError> {
        self.flush()?;
        let finished = self.sink.take().map_or(Ok(()), Sink::finish);
        let named = finished.and_then(|()| {
            let renamed = fs::rename(&self.aside, &self.path);
            renamed.map_err(|cause| CliError::write(&self.path, &cause))
        });
        if named.is_err() {
            let _ = fs::remove_file(&self.aside);
        }
        named
    }

    fn flush(&mut self) -> Result<(), CliError> {
        if let Some(sink) = &mut self.sink {
            sink.put(&self.pending)?;
        }
        self.pending.clear();
        Ok(())
    }
}

impl Drop for Appearing {
    fn drop(&mut self) {
        if self.sink.is_some() {
            let _ = fs::remove_file(&self.aside);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_there_whole_or_not_at_all() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("long.csv");
        let names = || fs::read_dir(folder.path()).expect("a folder").count();
        let mut left = Appearing::begin(&path).expect("room");
        left.put(b"half").expect("room");
        drop(left);
        assert_eq!(names(), 0);
        let mut whole = Appearing::begin(&path).expect("room");
        let line = [b'x'; 1_000];
        (0..3_000).for_each(|_| whole.put(&line).expect("room"));
        assert!(!path.exists());
        whole.finish().expect("room");
        assert!(fs::read(&path).expect("it is there") == line.repeat(3_000));
        assert_eq!(names(), 1);
        assert!(matches!(Appearing::begin(&path), Err(CliError::Exists(_))));
    }
}
