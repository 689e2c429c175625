//! Files that people keep: secrets readable by their owner only, documents written whole or not at
//! all, nothing overwritten that was not meant to be. Knows no command.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use serde::Serialize;
use serde::de::DeserializeOwned;
use tiers_contact::Tokeniser;
use tiers_protocol::encoding::encode;
use tiers_protocol::entropy::{Entropy as _, System};
use tiers_protocol::party::{PartyPublic, PartySecret};
use tiers_protocol::programme::Programme;
use tiers_protocol::programme_key::ProgrammeKey;
use tiers_protocol::rights_key::RightsKey;
use tiers_protocol::trust::Trust;
use tiers_protocol::wire::Credentials;
use zeroize::Zeroizing;

use super::error::CliError;

const OWNER_ONLY: u32 = 0o600;
const OWNER_ONLY_DIR: u32 = 0o700;
/// No document that this program reads whole is longer: a policy, a certificate, a report.
const DOCUMENT_BYTES_MAX: u64 = 16 << 20;

/// Reads a whole file.
///
/// # Errors
/// [`CliError::Read`].
pub fn read(path: &Path) -> Result<Vec<u8>, CliError> {
    fs::read(path).map_err(|cause| CliError::read(path, &cause))
}

/// Reads a document of ordinary size.
///
/// # Errors
/// [`CliError::Read`], [`CliError::NotA`] when it is too long to be one.
pub fn read_document(path: &Path) -> Result<Vec<u8>, CliError> {
    let file = File::open(path).map_err(|cause| CliError::read(path, &cause))?;
    let mut bytes = Vec::new();
    let mut limited = file.take(DOCUMENT_BYTES_MAX + 1);
    limited.read_to_end(&mut bytes).map_err(|cause| CliError::read(path, &cause))?;
    if bytes.len() as u64 > DOCUMENT_BYTES_MAX {
        return Err(CliError::not_a(path, "document of this program"));
    }
    Ok(bytes)
}

/// Reads a JSON document; `what` names it in the refusal.
///
/// # Errors
/// [`CliError::Read`], [`CliError::NotA`].
pub fn read_json<T: DeserializeOwned>(path: &Path, what: &'static str) -> Result<T, CliError> {
    let bytes = read_document(path)?;
    serde_json::from_slice(&bytes).map_err(|_| CliError::not_a(path, what))
}

/// Reads a secret text; refuses one that other users of the machine may read.
fn read_secret(path: &Path) -> Result<Zeroizing<String>, CliError> {
    let meta = fs::metadata(path).map_err(|cause| CliError::read(path, &cause))?;
    if meta.permissions().mode() & 0o077 != 0 {
        return Err(CliError::Exposed(path.to_owned()));
    }
    let bytes = Zeroizing::new(read_document(path)?);
    let text = std::str::from_utf8(&bytes)
        .map_err(|_| CliError::not_a(path, "text file with a secret"))?;
    Ok(Zeroizing::new(text.to_owned()))
}

/// Reads a short secret text, such as a passphrase: a pipe or a file of the owner's alone.
///
/// # Errors
/// [`CliError::Read`], [`CliError::Exposed`], [`CliError::NotA`].
pub fn read_secret_text(path: &Path) -> Result<Zeroizing<String>, CliError> {
    read_secret(path)
}

/// Reads a credentials file.
///
/// # Errors
/// [`CliError::Read`], [`CliError::Exposed`], [`CliError::NotA`].
pub fn read_credentials(path: &Path) -> Result<Credentials, CliError> {
    let text = read_secret(path)?;
    serde_json::from_str(&text).map_err(|_| CliError::not_a(path, "credentials file"))
}

/// Reads `party.key` in a directory of party keys.
///
/// # Errors
/// [`CliError::Read`], [`CliError::Exposed`], [`CliError::PartyKey`].
pub fn read_party_key(dir: &Path) -> Result<PartySecret, CliError> {
    Ok(PartySecret::from_file(&read_secret(&dir.join("party.key"))?)?)
}

/// Reads `party.pub`.
///
/// # Errors
/// [`CliError::Read`], [`CliError::NotA`].
pub fn read_party_public(path: &Path) -> Result<PartyPublic, CliError> {
    read_json(path, "file of a party's public keys")
}

/// Reads a programme key.
///
/// # Errors
/// [`CliError::Read`], [`CliError::Exposed`], [`CliError::ProgrammeKey`].
pub fn read_programme_key(path: &Path) -> Result<ProgrammeKey, CliError> {
    Ok(ProgrammeKey::from_file(&read_secret(path)?)?)
}

/// Reads a programme file.
///
/// # Errors
/// [`CliError::Read`], [`CliError::Programme`].
pub fn read_programme(path: &Path) -> Result<Programme, CliError> {
    Ok(Programme::from_json(&read_document(path)?)?)
}

/// Reads a trust file.
///
/// # Errors
/// [`CliError::Read`], [`CliError::NotA`].
pub fn read_trust(path: &Path) -> Result<Trust, CliError> {
    read_json(path, "trust file (tiers-trust/1)")
}

/// The text of a trust file.
#[must_use]
pub fn trust_text(trust: &Trust) -> String {
    pretty(trust)
}

/// A document laid out for people.
pub fn pretty<T: Serialize>(document: &T) -> String {
    let mut text = serde_json::to_string_pretty(document).expect("a plain document");
    text.push('\n');
    text
}

/// Writes a new file that only its owner may read; refuses to overwrite.
///
/// # Errors
/// [`CliError::Exists`], [`CliError::Write`].
pub fn write_secret(path: &Path, text: &str) -> Result<(), CliError> {
    Reserved::make(path)?.fill(text)
}

/// A new file that only its owner may read, made before the secret exists that it is for: what a
/// certifier says once must not be lost for want of a place to write it. Unless it is filled, it is
/// removed.
pub struct Reserved {
    path: PathBuf,
    file: Option<File>,
}

impl Reserved {
    /// Makes the empty file; refuses to overwrite.
    ///
    /// # Errors
    /// [`CliError::Exists`], [`CliError::Write`].
    pub fn make(path: &Path) -> Result<Self, CliError> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(OWNER_ONLY);
        let file = options.open(path).map_err(|cause| match cause.kind() {
            io::ErrorKind::AlreadyExists => CliError::Exists(path.to_owned()),
            _ => CliError::write(path, &cause),
        })?;
        Ok(Self { path: path.to_owned(), file: Some(file) })
    }

    /// Writes the secret.
    ///
    /// # Errors
    /// [`CliError::Write`].
    pub fn fill(mut self, text: &str) -> Result<(), CliError> {
        let mut file = self.file.take().expect("a file is filled once");
        let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
        written.map_err(|cause| CliError::write(&self.path, &cause))
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        if self.file.is_some() {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Writes a file that only its owner may read, whole or not at all, in place of an older one.
///
/// # Errors
/// [`CliError::Write`].
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    let aside = sibling(path);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(OWNER_ONLY);
    let written = options.open(&aside).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&aside, path)
    });
    written.map_err(|cause| {
        let _ = fs::remove_file(&aside);
        CliError::write(path, &cause)
    })
}

/// Refuses before any work is done what [`write_secret`] would refuse after it.
///
/// # Errors
/// [`CliError::Exists`].
pub fn must_not_exist(path: &Path) -> Result<(), CliError> {
    if path.symlink_metadata().is_ok() { Err(CliError::Exists(path.to_owned())) } else { Ok(()) }
}

/// Makes a directory that only its owner may enter, with those above it.
///
/// # Errors
/// [`CliError::Write`].
pub fn make_dir(path: &Path) -> Result<(), CliError> {
    use std::os::unix::fs::DirBuilderExt as _;
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true).mode(OWNER_ONLY_DIR);
    builder.create(path).map_err(|cause| CliError::write(path, &cause))
}

/// Whether nothing is at a path, or an empty directory.
#[must_use]
pub fn is_free(path: &Path) -> bool {
    match fs::read_dir(path) {
        Ok(mut entries) => entries.next().is_none(),
        Err(cause) => cause.kind() == io::ErrorKind::NotFound,
    }
}

/// A name beside `path` that nobody uses.
#[must_use]
pub fn sibling(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}", encode(&System.array::<9>())));
    path.with_file_name(name)
}

/// A file that is written piece by piece and that only its owner may read. A long one goes to the disk while
/// it is written, so that nobody waits for all of it at the end.
pub struct Sink {
    file: File,
    /// How the file will be called, for refusals.
    shown: PathBuf,
    /// Bytes that may not be on their way to the disk yet.
    waiting_bytes: usize,
    flusher: Option<(SyncSender<()>, JoinHandle<io::Result<()>>)>,
}

/// Bytes of a file after which the disk is set to work.
const FLUSH_BYTES: usize = 16 << 20;

impl Sink {
    /// Makes the empty file.
    ///
    /// # Errors
    /// [`CliError::Write`].
    pub fn create(path: &Path, shown: &Path) -> Result<Self, CliError> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(OWNER_ONLY);
        let file = options.open(path).map_err(|cause| CliError::write(shown, &cause))?;
        Ok(Self { file, shown: shown.to_owned(), waiting_bytes: 0, flusher: None })
    }

    /// Writes the next piece; pieces should be large.
    ///
    /// # Errors
    /// [`CliError::Write`].
    pub fn put(&mut self, bytes: &[u8]) -> Result<(), CliError> {
        self.file.write_all(bytes).map_err(|cause| CliError::write(&self.shown, &cause))?;
        self.waiting_bytes += bytes.len();
        if self.waiting_bytes >= FLUSH_BYTES {
            self.waiting_bytes = 0;
            self.flush_meanwhile();
        }
        Ok(())
    }

    /// Has a thread flush what is written so far; while it is at work nobody waits for it.
    fn flush_meanwhile(&mut self) {
        if self.flusher.is_none()
            && let Ok(file) = self.file.try_clone()
        {
            let (sender, asked) = sync_channel(1);
            let flush = move || asked.iter().try_for_each(|()| file.sync_data());
            self.flusher = Some((sender, thread::spawn(flush)));
        }
        if let Some((sender, _)) = &self.flusher {
            let _ = sender.try_send(());
        }
    }

    /// Waits until the file is on the disk.
    ///
    /// # Errors
    /// [`CliError::Write`].
    pub fn finish(self) -> Result<(), CliError> {
        // The system tells a failure once: the thread may be the one that was told.
        let meanwhile = self.flusher.map_or(Ok(()), |(sender, thread)| {
            drop(sender);
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        });
        let flushed = meanwhile.and_then(|()| self.file.sync_all());
        flushed.map_err(|cause| CliError::write(&self.shown, &cause))
    }
}

/// Makes a new file that only its owner reads.
///
/// # Errors
/// [`CliError::Write`].
pub fn create_private(path: &Path) -> Result<File, CliError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(OWNER_ONLY);
    options.open(path).map_err(|cause| CliError::write(path, &cause))
}

/// Reads the rights key, as what makes rights tokens.
///
/// # Errors
/// [`CliError::Read`], [`CliError::Exposed`], [`CliError::RightsKey`].
pub fn read_rights_key(path: &Path) -> Result<Tokeniser, CliError> {
    Ok(RightsKey::from_file(&read_secret(path)?)?.tokeniser())
}

/// A directory that appears under its name only when all its files are written.
pub struct Staged {
    aside: PathBuf,
    target: PathBuf,
}

impl Staged {
    /// Begins a directory that is to stand at `target`.
    ///
    /// # Errors
    /// [`CliError::Write`].
    pub fn begin(target: &Path) -> Result<Self, CliError> {
        if let Some(parent) = target.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            make_dir(parent)?;
        }
        let aside = sibling(target);
        make_dir(&aside)?;
        Ok(Self { aside, target: target.to_owned() })
    }

    /// Writes one of its files.
    ///
    /// # Errors
    /// [`CliError::Write`].
    pub fn file(&self, name: &str, bytes: &[u8]) -> Result<(), CliError> {
        let mut sink = self.create(name)?;
        sink.put(bytes)?;
        sink.finish()
    }

    /// Begins one of its files, to be written piece by piece.
    ///
    /// # Errors
    /// [`CliError::Write`].
    pub fn create(&self, name: &str) -> Result<Sink, CliError> {
        Sink::create(&self.aside.join(name), &self.target.join(name))
    }

    /// Begins one of its files anew.
    ///
    /// # Errors
    /// [`CliError::Write`].
    pub fn create_again(&self, name: &str) -> Result<Sink, CliError> {
        let path = self.aside.join(name);
        match fs::remove_file(&path) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
                Err(CliError::write(&self.target.join(name), &cause))
            }
            _ => self.create(name),
        }
    }

    /// A file without a name beside them, for what does not fit into memory: it is gone when it is closed,
    /// whatever ends the process.
    ///
    /// # Errors
    /// [`CliError::Write`].
    pub fn scratch(&self) -> Result<File, CliError> {
        let path = sibling(&self.aside.join("scratch"));
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true).mode(OWNER_ONLY);
        let file = options.open(&path).and_then(|file| fs::remove_file(&path).map(|()| file));
        file.map_err(|cause| CliError::write(&self.target, &cause))
    }

    /// Puts the directory in its place. What stood there must be empty, or ours to replace.
    ///
    /// # Errors
    /// [`CliError::Write`]; what stood there is then still there.
    pub fn commit(self) -> Result<(), CliError> {
        let failed = |cause: io::Error| CliError::write(&self.target, &cause);
        let old = sibling(&self.target);
        let had_old = match fs::rename(&self.target, &old) {
            Ok(()) => true,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => false,
            Err(cause) => return Err(failed(cause)),
        };
        if let Err(cause) = fs::rename(&self.aside, &self.target) {
            if had_old {
                let _ = fs::rename(&old, &self.target);
            }
            return Err(failed(cause));
        }
        if had_old { fs::remove_dir_all(&old).map_err(failed) } else { Ok(()) }
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        // After a commit the name is gone and there is nothing to remove.
        let _ = fs::remove_dir_all(&self.aside);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_overwritten_nor_read_when_exposed() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("key");
        write_secret(&path, "one").expect("new");
        assert!(matches!(write_secret(&path, "two"), Err(CliError::Exists(_))));
        assert_eq!(read_secret(&path).expect("ours").as_str(), "one");
        for mode in [0o640, 0o604, 0o644, 0o610] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("mode");
            assert!(matches!(read_secret(&path), Err(CliError::Exposed(_))), "{mode:o}");
        }
    }

    #[test]
    fn a_reserved_file_that_is_not_filled_goes_away() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("credentials.json");
        drop(Reserved::make(&path).expect("new"));
        assert!(!path.exists());
        let reserved = Reserved::make(&path).expect("new");
        assert!(matches!(Reserved::make(&path), Err(CliError::Exists(_))));
        reserved.fill("x").expect("fills");
        assert_eq!(fs::read_to_string(&path).expect("there"), "x");
    }

    #[test]
    fn a_staged_directory_appears_whole_or_not_at_all() {
        let dir = tempfile::tempdir().expect("a directory");
        let target = dir.path().join("deposit");
        let staged = Staged::begin(&target).expect("begins");
        staged.file("a", b"1").expect("writes");
        assert!(is_free(&target));
        drop(staged);
        assert_eq!(fs::read_dir(dir.path()).expect("list").count(), 0);

        for content in [b"1", b"2"] {
            let staged = Staged::begin(&target).expect("begins");
            staged.file("a", content).expect("writes");
            staged.commit().expect("commits");
            assert_eq!(fs::read(target.join("a")).expect("there"), content);
            assert_eq!(fs::read_dir(dir.path()).expect("list").count(), 1);
        }
        let mode = fs::metadata(target.join("a")).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, OWNER_ONLY);
    }
}
