//! Where a deposit lies on disk, and how it gets there and away in one step.
//!
//! `<dir>/<deposit id>/` holds a whole deposit, `<dir>/<deposit id>.<generation>/` a rewritten one; `<dir>/<deposit id>.part/` is work that was not
//! finished, a half-written or half-removed deposit, and may be deleted at any time when nobody
//! writes. Specified in `docs/formats/segment-v1.md`, "Files".

use std::{
    error::Error as _,
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use tiers_contact::Kind;

use super::VaultError;
use crate::durable::{self, Access, DurableError};

/// Suffix of unfinished work; a deposit id never contains a dot.
const PART: &str = ".part";

/// Longest deposit id that is taken as a file name.
const ID_LEN_MAX: usize = 64;

/// The ids of the deposits that lie whole in `dir`, sorted. Start-up compares them with the database
/// and removes those that no transaction committed. A directory that does not exist holds none.
///
/// # Errors
/// [`VaultError::Read`].
pub fn list(dir: &Path) -> Result<Vec<String>, VaultError> {
    let mut ids = names(dir)?;
    ids.retain(|name| is_safe(name));
    ids.sort_unstable();
    Ok(ids)
}

/// Removes a deposit for good: first it disappears in one step, then its files are deleted.
///
/// # Errors
/// [`VaultError::NotThere`] when there is none; [`VaultError::Write`].
pub fn remove(dir: &Path, deposit_id: &str) -> Result<(), VaultError> {
    let whole = deposit_dir(dir, deposit_id)?;
    let part = part_dir(dir, deposit_id)?;
    if !whole.exists() {
        return Err(VaultError::NotThere);
    }
    remove_tree(&part)?;
    fs::rename(&whole, &part).map_err(write_error)?;
    sync_dir(dir)?;
    remove_tree(&part)?;
    sync_dir(dir)
}

/// Deletes unfinished work; to be called at start, before anything is written.
///
/// # Errors
/// [`VaultError::Read`], [`VaultError::Write`].
pub fn sweep(dir: &Path) -> Result<(), VaultError> {
    for name in names(dir)? {
        if name.strip_suffix(PART).is_some_and(is_safe) {
            remove_tree(&dir.join(name))?;
        }
    }
    if dir.exists() { sync_dir(dir) } else { Ok(()) }
}

/// The directory of a whole deposit.
pub(super) fn deposit_dir(dir: &Path, deposit_id: &str) -> Result<PathBuf, VaultError> {
    if is_safe(deposit_id) { Ok(dir.join(deposit_id)) } else { Err(VaultError::UnsafeId) }
}

/// The directory in which a deposit is written or deleted.
pub(super) fn part_dir(dir: &Path, deposit_id: &str) -> Result<PathBuf, VaultError> {
    deposit_dir(dir, deposit_id)?;
    Ok(dir.join(format!("{deposit_id}{PART}")))
}

/// The file of one kind inside a deposit's directory.
pub(super) fn segment_file(deposit: &Path, kind: Kind) -> PathBuf {
    deposit.join(format!("{kind}.parquet"))
}

/// The seal inside a deposit's directory.
pub(super) fn seal_file(deposit: &Path) -> PathBuf {
    deposit.join("seal")
}

/// An empty directory at `path`, and whatever is above it; what lay there is deleted.
pub(super) fn fresh_dir(path: &Path) -> Result<(), VaultError> {
    remove_tree(path)?;
    make_dir(path)
}

/// A directory at `path`, and whatever is above it.
pub(super) fn make_dir(path: &Path) -> Result<(), VaultError> {
    durable::create_dir(path, Access::Private).map_err(|error| durable_error(&error))
}

/// A new file that only this user may read.
pub(super) fn create(path: &Path) -> Result<File, VaultError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true).mode(0o600).open(path).map_err(write_error)
}

/// Makes the entries of a directory durable.
pub(super) fn sync_dir(dir: &Path) -> Result<(), VaultError> {
    File::open(dir).and_then(|handle| handle.sync_all()).map_err(write_error)
}

/// Puts a finished directory in place in one durable step.
pub(super) fn put(part: &Path, whole: &Path, dir: &Path) -> Result<(), VaultError> {
    sync_dir(part)?;
    fs::rename(part, whole).map_err(write_error)?;
    sync_dir(dir)
}

// The signature that `map_err` wants.
#[expect(clippy::needless_pass_by_value)]
pub(super) fn write_error(error: io::Error) -> VaultError {
    VaultError::Write(error.kind())
}

#[expect(clippy::needless_pass_by_value)]
pub(super) fn read_error(error: io::Error) -> VaultError {
    VaultError::Read(error.kind())
}

fn durable_error(error: &DurableError) -> VaultError {
    let source = error.source().and_then(|source| source.downcast_ref::<io::Error>());
    VaultError::Write(source.map_or(io::ErrorKind::Other, io::Error::kind))
}

fn remove_tree(path: &Path) -> Result<(), VaultError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(write_error(error)),
        _ => Ok(()),
    }
}

/// Names in `dir`; other than UTF-8 is nobody's deposit and left alone.
fn names(dir: &Path) -> Result<Vec<String>, VaultError> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(read_error(error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        names.extend(entry.map_err(read_error)?.file_name().into_string());
    }
    Ok(names)
}

/// A deposit id, or a deposit id, a point and the number of a generation (from 1).
fn is_safe(name: &str) -> bool {
    let (id, generation) = name.split_once('.').unwrap_or((name, "1"));
    let fit = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let number = |text: &str| text.parse::<u32>().is_ok_and(|n| n > 0 && n.to_string() == text);
    !id.is_empty() && id.len() <= ID_LEN_MAX && id.bytes().all(fit) && number(generation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_cannot_leave_the_directory() {
        let long = "a".repeat(65);
        let unsafe_ids =
            ["", ".", "..", "a/b", "a.part", "é", "a\0", "a.0", "a.01", "a.+1", "a.1.1", ".1"];
        for id in unsafe_ids.into_iter().chain([long.as_str()]) {
            assert_eq!(deposit_dir(Path::new("v"), id), Err(VaultError::UnsafeId), "{id:?}");
        }
        for id in ["dep_A-1", "dep_A-1.1", "dep_A-1.4294967295"] {
            assert_eq!(deposit_dir(Path::new("v"), id), Ok(Path::new("v").join(id)));
        }
    }

    #[test]
    fn only_unfinished_work_is_swept() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        for name in ["a", "a.2", "a.2.part", "a.part", "b.part", "other.txt", "..part"] {
            fs::create_dir(dir.path().join(name)).expect("a directory");
        }
        sweep(dir.path()).expect("sweep");
        let mut left = names(dir.path()).expect("names");
        left.sort_unstable();
        assert_eq!(left, ["..part", "a", "a.2", "other.txt"]);
        assert_eq!(list(dir.path()), Ok(vec!["a".to_owned(), "a.2".to_owned()]));
        assert_eq!(list(&dir.path().join("nowhere")), Ok(Vec::new()));
        assert_eq!(sweep(&dir.path().join("nowhere")), Ok(()));
    }
}
