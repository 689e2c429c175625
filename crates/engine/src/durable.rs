//! Files that survive a power cut: written beside, flushed, renamed, and the directory flushed.
//!
//! Not a store and not a cache: it knows nothing of what the files say. A reader sees the old file
//! or the new one, never a part. One process writes a given file at a time; the callers see to it.
//! The order of the steps is that of <https://lwn.net/Articles/457667/>.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Who may read a file or enter a directory, besides its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody on the machine: mode 0644, directories 0755.
    Public,
    /// The owner alone: mode 0600, directories 0700.
    Private,
}

/// Writes a file whole, or not at all.
///
/// # Errors
/// [`DurableError`] names the step that failed; up to the rename the old file, if any, stands.
pub fn write(path: &Path, bytes: &[u8], access: Access) -> Result<(), DurableError> {
    stage(path, bytes, access)?.commit()
}

/// Writes and flushes the bytes beside the file, under its name with `.tmp` added. A leftover of an
/// earlier attempt is overwritten.
///
/// # Errors
/// [`DurableError`] names the step that failed.
pub fn stage(path: &Path, bytes: &[u8], access: Access) -> Result<Staged, DurableError> {
    let staged = beside(path)?;
    let mut file = options(access).open(&staged).map_err(DurableError::Create)?;
    file.write_all(bytes).map_err(DurableError::Write)?;
    file.sync_all().map_err(DurableError::Flush)?;
    Ok(Staged { staged, path: path.to_owned() })
}

/// A file that is written piece by piece, and is there whole or not at all. Dropped before that, it
/// leaves nothing.
#[derive(Debug)]
pub struct Writer {
    out: io::BufWriter<File>,
    staged: Option<PathBuf>,
    path: PathBuf,
}

impl Writer {
    /// Begins beside the file, as [`stage`] does.
    ///
    /// # Errors
    /// [`DurableError`] names the step that failed.
    pub fn create(path: &Path, access: Access) -> Result<Self, DurableError> {
        let staged = beside(path)?;
        let file = options(access).open(&staged).map_err(DurableError::Create)?;
        let out = io::BufWriter::with_capacity(WRITE_BYTES, file);
        Ok(Self { out, staged: Some(staged), path: path.to_owned() })
    }

    /// Puts the file under its name; when this returns, it is there for good.
    ///
    /// # Errors
    /// [`DurableError`] names the step that failed.
    pub fn commit(mut self) -> Result<(), DurableError> {
        self.out.flush().map_err(DurableError::Write)?;
        self.out.get_ref().sync_all().map_err(DurableError::Flush)?;
        self.rename()?;
        flush_parent(&self.path)
    }

    /// Puts the file under its name for as long as this process runs: nothing is flushed.
    ///
    /// # Errors
    /// [`DurableError`] names the step that failed.
    pub fn finish(mut self) -> Result<(), DurableError> {
        self.out.flush().map_err(DurableError::Write)?;
        self.rename()
    }

    fn rename(&mut self) -> Result<(), DurableError> {
        if let Some(staged) = &self.staged {
            fs::rename(staged, &self.path).map_err(DurableError::Rename)?;
        }
        self.staged = None;
        Ok(())
    }
}

impl io::Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if let Some(staged) = &self.staged {
            // What cannot be removed is overwritten by the next attempt.
            let _ = fs::remove_file(staged);
        }
    }
}

/// A file that is written and flushed, but not yet under its name.
#[derive(Debug)]
#[must_use = "a staged file is not there before it is committed"]
pub struct Staged {
    staged: PathBuf,
    path: PathBuf,
}

impl Staged {
    /// Puts the file under its name; when this returns, it is there for good.
    ///
    /// # Errors
    /// [`DurableError`] names the step that failed.
    pub fn commit(self) -> Result<(), DurableError> {
        fs::rename(&self.staged, &self.path).map_err(DurableError::Rename)?;
        flush_parent(&self.path)
    }
}

/// Creates a directory and those above it that are missing, each flushed into the one above.
/// Directories that exist stay as they are.
///
/// # Errors
/// [`DurableError`] names the step that failed.
pub fn create_dir(path: &Path, access: Access) -> Result<(), DurableError> {
    if path.as_os_str().is_empty() || path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        create_dir(parent, access)?;
    }
    match new_dir(path, access) {
        Err(e) if e.kind() != io::ErrorKind::AlreadyExists => Err(DurableError::Create(e)),
        _ => flush_parent(path),
    }
}

/// Removes a file, if it is there, for good.
///
/// # Errors
/// [`DurableError`] names the step that failed.
pub fn remove(path: &Path) -> Result<(), DurableError> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(DurableError::Remove(e)),
        _ => flush_parent(path),
    }
}

/// Where a file is written before it has its name.
fn beside(path: &Path) -> Result<PathBuf, DurableError> {
    let (Some(name), Some(_)) = (path.file_name(), path.parent()) else {
        return Err(DurableError::NoName);
    };
    let mut name: OsString = name.to_owned();
    name.push(STAGED_SUFFIX);
    Ok(path.with_file_name(name))
}

fn flush_parent(path: &Path) -> Result<(), DurableError> {
    let parent = path.parent().ok_or(DurableError::NoName)?;
    let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    flush_dir(parent).map_err(DurableError::FlushDirectory)
}

#[cfg(unix)]
fn flush_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// Elsewhere a directory cannot be opened as a file; the rename is as durable as the system makes it.
#[cfg(not(unix))]
fn flush_dir(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn options(access: Access) -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;

    let mode = if access == Access::Private { 0o600 } else { 0o644 };
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(mode);
    options
}

#[cfg(not(unix))]
fn options(_: Access) -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    options
}

#[cfg(unix)]
fn new_dir(path: &Path, access: Access) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;

    let mode = if access == Access::Private { 0o700 } else { 0o755 };
    fs::DirBuilder::new().mode(mode).create(path)
}

#[cfg(not(unix))]
fn new_dir(path: &Path, _: Access) -> io::Result<()> {
    fs::create_dir(path)
}

/// What a staged file has after its name.
const STAGED_SUFFIX: &str = ".tmp";

/// Bytes that a [`Writer`] gathers before it writes.
const WRITE_BYTES: usize = 1 << 16;

/// The step at which making a file durable failed.
#[derive(Debug, thiserror::Error)]
pub enum DurableError {
    /// The path has no file name or no directory above it.
    #[error("the path does not name a file")]
    NoName,
    /// The file or directory could not be created.
    #[error("the file cannot be created")]
    Create(#[source] io::Error),
    /// The bytes could not be written; the disk may be full.
    #[error("the file cannot be written")]
    Write(#[source] io::Error),
    /// The bytes could not be flushed to the disk.
    #[error("the file cannot be flushed to the disk")]
    Flush(#[source] io::Error),
    /// The file could not be put under its name.
    #[error("the file cannot be renamed")]
    Rename(#[source] io::Error),
    /// The file could not be removed.
    #[error("the file cannot be removed")]
    Remove(#[source] io::Error),
    /// The directory could not be flushed to the disk.
    #[error("the directory cannot be flushed to the disk")]
    FlushDirectory(#[source] io::Error),
}

impl DurableError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoName => "durable.no_name",
            Self::Create(_) => "durable.create",
            Self::Write(_) => "durable.write",
            Self::Flush(_) => "durable.flush",
            Self::Rename(_) => "durable.rename",
            Self::Remove(_) => "durable.remove",
            Self::FlushDirectory(_) => "durable.flush_directory",
        }
    }

    /// What the system said, as far as it was asked.
    #[must_use]
    pub fn kind(&self) -> Option<io::ErrorKind> {
        match self {
            Self::NoName => None,
            Self::Create(error)
            | Self::Write(error)
            | Self::Flush(error)
            | Self::Rename(error)
            | Self::Remove(error)
            | Self::FlushDirectory(error) => Some(error.kind()),
        }
    }
}

/// What room a file system has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Bytes that this user may still write.
    pub free: u64,
    /// Bytes that there are.
    pub whole: u64,
    /// Files that may still be made; `None` where the file system does not count them.
    pub files: Option<u64>,
    /// Whether nothing may be written.
    pub read_only: bool,
}

/// The room of the file system that holds `path`.
///
/// # Errors
/// What the system says.
#[cfg(unix)]
pub fn room(path: &Path) -> io::Result<Room> {
    let found = rustix::fs::statvfs(path)?;
    Ok(Room {
        free: found.f_bavail.saturating_mul(found.f_frsize),
        whole: found.f_blocks.saturating_mul(found.f_frsize),
        files: (found.f_files > 0).then_some(found.f_favail),
        read_only: found.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY),
    })
}

/// Why a disk did not do what it was asked to: the operator has to see to it, and the same request
/// succeeds afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// There is no room: a full disk, a quota, a limit on the length of a file.
    NoRoom,
    /// It may not be written or read: permissions, a read-only or absent file system, a fault of it.
    Refused,
}

impl Trouble {
    /// What the system's answer says; `None` when it speaks of what lies in a file, or of our own
    /// mistake.
    #[must_use]
    pub const fn of(kind: io::ErrorKind) -> Option<Self> {
        match kind {
            io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::FileTooLarge => Some(Self::NoRoom),
            io::ErrorKind::InvalidData
            | io::ErrorKind::InvalidInput
            | io::ErrorKind::UnexpectedEof
            | io::ErrorKind::AlreadyExists
            | io::ErrorKind::Other => None,
            _ => Some(Self::Refused),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_file_is_old_or_new_and_never_between() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        write(&path, b"old", Access::Public).unwrap();
        let staged = stage(&path, b"new and longer", Access::Public).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"old");
        // The process dies here and starts again: the leftover is in nobody's way.
        drop(staged);
        let again = stage(&path, b"new", Access::Public).unwrap();
        again.commit().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_written_in_pieces_is_whole_or_not_there() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        let begun = |text: &[u8]| {
            let mut writer = Writer::create(&path, Access::Private).unwrap();
            text.chunks(1_000).for_each(|piece| writer.write_all(piece).unwrap());
            writer
        };
        drop(begun(&[b'x'; 100_000]));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
        begun(&[b'y'; 100_000]).commit().unwrap();
        drop(begun(b"never"));
        assert_eq!(fs::read(&path).unwrap(), [b'y'; 100_000]);
        begun(b"z").finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"z");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    #[cfg(unix)]
    fn private_files_and_directories_are_the_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;

        let dir = tempfile::tempdir().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o077;
        let (inner, file) = (dir.path().join("x/y"), dir.path().join("x/y/key"));
        create_dir(&inner, Access::Private).unwrap();
        write(&file, b"secret", Access::Private).unwrap();
        for path in [&dir.path().join("x"), &inner, &file] {
            assert_eq!(mode(path), 0);
        }
    }

    #[test]
    fn directories_and_removals_may_be_repeated() {
        let dir = tempfile::tempdir().unwrap();
        let inner = dir.path().join("x/y/z");
        for _ in 0..2 {
            create_dir(&inner, Access::Public).unwrap();
            remove(&inner.join("absent")).unwrap();
        }
        write(&inner.join("a"), b"", Access::Public).unwrap();
        remove(&inner.join("a")).unwrap();
        assert_eq!(fs::read_dir(&inner).unwrap().count(), 0);
    }

    #[test]
    fn errors_name_the_step() {
        let dir = tempfile::tempdir().unwrap();
        let code = |path: &Path| write(path, b"", Access::Public).unwrap_err().code();
        assert_eq!(code(Path::new("/")), "durable.no_name");
        assert_eq!(code(&dir.path().join("absent/a")), "durable.create");
        fs::create_dir(dir.path().join("taken")).unwrap();
        assert_eq!(code(&dir.path().join("taken")), "durable.rename");
        write(&dir.path().join("file"), b"", Access::Public).unwrap();
        let under_file = create_dir(&dir.path().join("file/x"), Access::Public).unwrap_err();
        assert_eq!(under_file.code(), "durable.create");
    }
}
