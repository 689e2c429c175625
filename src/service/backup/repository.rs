//! A folder of backups: objects under the digest of what they hold, manifests of snapshots, and beside each
//! the list of its objects, so that what nobody needs any more can go without the key.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::{self, File, TryLockError};
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use age::secrecy::ExposeSecret as _;
use age::x25519::{Identity, Recipient};
use age::{DecryptError, Decryptor, Encryptor};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::BackupError;
use super::error::file;
use crate::durable::{self, Access, Writer};
use crate::time::Moment;

/// Bytes that are read at a time.
const PIECE: usize = 1 << 16;

/// A manifest is longer than this only if it is none: 100 bytes a file.
const MANIFEST_BYTES: u64 = 256 << 20;

/// Makes a key that opens backups; its secret and its public text.
#[must_use]
pub fn fresh_identity() -> (Zeroizing<String>, String) {
    let identity = Identity::generate();
    let secret = Zeroizing::new(identity.to_string().expose_secret().to_owned());
    (secret, identity.to_public().to_string())
}

/// Whether every text is a public key.
///
/// # Errors
/// [`BackupError::Recipient`].
pub fn readable_recipients(texts: &[String]) -> Result<(), BackupError> {
    recipients(texts).map(drop)
}

fn recipients(texts: &[String]) -> Result<Vec<Recipient>, BackupError> {
    let read = |text: &String| text.parse().map_err(|_| BackupError::Recipient);
    let recipients: Vec<Recipient> = texts.iter().map(read).collect::<Result<_, _>>()?;
    if recipients.is_empty() { Err(BackupError::Recipient) } else { Ok(recipients) }
}

/// When a snapshot was made, which is its name: `20260301T083000Z`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SnapshotName(String);

impl SnapshotName {
    /// When it was made, in seconds of Unix time.
    #[must_use]
    pub fn made_at(&self) -> i64 {
        let read = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", &self.0);
        let at = read.and_then(|at| at.to_zoned(jiff::tz::TimeZone::UTC));
        at.map_or(0, |at| at.timestamp().as_second())
    }

    pub(super) fn of(at: Moment) -> Self {
        Self(at.timestamp().strftime("%Y%m%dT%H%M%SZ").to_string())
    }
}

impl fmt::Display for SnapshotName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for SnapshotName {
    type Err = BackupError;

    fn from_str(text: &str) -> Result<Self, BackupError> {
        let digits = |range: std::ops::Range<usize>| {
            text.get(range).is_some_and(|part| part.bytes().all(|b| b.is_ascii_digit()))
        };
        let shaped = text.len() == 16 && digits(0..8) && digits(9..15);
        let marked = text.get(8..9) == Some("T") && text.get(15..) == Some("Z");
        if shaped && marked { Ok(Self(text.to_owned())) } else { Err(BackupError::NoSnapshot) }
    }
}

/// What a verification found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checked {
    /// Snapshots.
    pub snapshots: u64,
    /// Objects that they need.
    pub objects: u64,
}

/// A folder of backups, held by this process.
pub struct Repository {
    dir: PathBuf,
    _alone: File,
}

impl Repository {
    /// Opens a folder; makes it if it is to be written.
    ///
    /// # Errors
    /// [`BackupError`].
    pub fn open(dir: &Path, make: bool) -> Result<Self, BackupError> {
        if make {
            for folder in [dir.to_owned(), dir.join("objects"), dir.join("snapshots")] {
                durable::create_dir(&folder, Access::Private)?;
            }
        } else if !dir.join("snapshots").is_dir() {
            return Err(BackupError::NoSnapshot);
        }
        // The folder itself is locked, which leaves no file in it.
        let alone = File::open(dir).map_err(file("the folder of backups"))?;
        match alone.try_lock() {
            Ok(()) => Ok(Self { dir: dir.to_owned(), _alone: alone }),
            Err(TryLockError::WouldBlock) => Err(BackupError::InUse),
            Err(TryLockError::Error(source)) => Err(file("the folder of backups")(source)),
        }
    }

    fn object(&self, digest: &str) -> PathBuf {
        let (front, _) = digest.split_at_checked(2).unwrap_or(("", ""));
        self.dir.join("objects").join(front).join(format!("{digest}.age"))
    }

    fn manifest(&self, name: &SnapshotName) -> PathBuf {
        self.dir.join("snapshots").join(format!("{name}.age"))
    }

    fn list(&self, name: &SnapshotName) -> PathBuf {
        self.dir.join("snapshots").join(format!("{name}.list"))
    }

    /// The snapshots, oldest first. One without its list was not finished, and is none.
    ///
    /// # Errors
    /// [`BackupError::File`].
    pub fn snapshots(&self) -> Result<Vec<SnapshotName>, BackupError> {
        let mut names = Vec::new();
        let folder = self.dir.join("snapshots");
        for entry in fs::read_dir(folder).map_err(file("the snapshots"))? {
            let name = entry.map_err(file("the snapshots"))?.file_name();
            let name = name.to_str().and_then(|name| name.strip_suffix(".list")?.parse().ok());
            names.extend(name.filter(|name| self.manifest(name).exists()));
        }
        names.sort();
        Ok(names)
    }

    /// Stores what `path` holds, unless it is there already; its digest, its length, and whether it is new.
    pub(super) fn store(
        &self,
        path: &Path,
        keys: &[String],
    ) -> Result<(String, u64, bool), BackupError> {
        let (digest, bytes) = digest(path).map_err(file("a file of the data directory"))?;
        if self.object(&digest).exists() {
            return Ok((digest, bytes, false));
        }
        // A journal may have grown since: what is written is what is named.
        let source = File::open(path).map_err(file("a file of the data directory"))?;
        let aside = self.dir.join("objects").join("incoming");
        let writer = Writer::create(&aside, Access::Private)?;
        let (digest, bytes, writer) = encrypted(source, writer, &recipients(keys)?)?;
        let target = self.object(&digest);
        if let Some(folder) = target.parent() {
            durable::create_dir(folder, Access::Private)?;
        }
        writer.commit()?;
        fs::rename(&aside, &target).map_err(file("an object"))?;
        durable_folder(&target)?;
        Ok((digest, bytes, true))
    }

    /// Writes the manifest, and last the list that makes it a snapshot.
    pub(super) fn finish(
        &self,
        name: &SnapshotName,
        manifest: &[u8],
        objects: &BTreeSet<String>,
        keys: &[String],
    ) -> Result<(), BackupError> {
        let writer = Writer::create(&self.manifest(name), Access::Private)?;
        let (_, _, writer) = encrypted(manifest, writer, &recipients(keys)?)?;
        writer.commit()?;
        let list: String = objects.iter().map(|digest| format!("{digest}\n")).collect();
        durable::write(&self.list(name), list.as_bytes(), Access::Private)?;
        Ok(())
    }

    fn objects_of(&self, name: &SnapshotName) -> Result<BTreeSet<String>, BackupError> {
        let list = fs::read_to_string(self.list(name)).map_err(file("a list"))?;
        let named = |line: &str| line.len() == 64 && line.bytes().all(|b| b.is_ascii_hexdigit());
        if !list.lines().all(named) {
            return Err(BackupError::Damaged);
        }
        Ok(list.lines().map(str::to_owned).collect())
    }

    /// Removes the snapshots from before `oldest`, but never the newest, and the objects that no
    /// snapshot needs; how many snapshots went, and when the oldest that stays was made.
    pub(super) fn prune(
        &self,
        oldest: &SnapshotName,
    ) -> Result<(usize, Option<SnapshotName>), BackupError> {
        let names = self.snapshots()?;
        let Some((newest, older)) = names.split_last() else { return Ok((0, None)) };
        let (gone, kept): (Vec<_>, Vec<_>) = older.iter().partition(|name| *name < oldest);
        for name in &gone {
            // Without its list it is no snapshot any more.
            durable::remove(&self.list(name))?;
            durable::remove(&self.manifest(name))?;
        }
        let mut needed = BTreeSet::new();
        for name in kept.iter().copied().chain([newest]) {
            needed.extend(self.objects_of(name)?);
        }
        self.sweep(&needed)?;
        Ok((gone.len(), kept.first().copied().or(Some(newest)).cloned()))
    }

    fn sweep(&self, needed: &BTreeSet<String>) -> Result<(), BackupError> {
        let folders = fs::read_dir(self.dir.join("objects")).map_err(file("the objects"))?;
        for folder in folders {
            let folder = folder.map_err(file("the objects"))?.path();
            let Ok(entries) = fs::read_dir(&folder) else { continue };
            for entry in entries {
                let path = entry.map_err(file("the objects"))?.path();
                let digest = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
                if !needed.contains(digest) {
                    durable::remove(&path)?;
                }
            }
        }
        Ok(())
    }

    /// Whether everything that the snapshots need is there; with a key, whether each opens and holds what
    /// it is named after.
    ///
    /// # Errors
    /// [`BackupError`].
    pub fn verify(
        &self,
        identity: Option<&str>,
        mut progress: impl FnMut(u64),
    ) -> Result<Checked, BackupError> {
        let (names, mut needed) = (self.snapshots()?, BTreeSet::new());
        for name in &names {
            needed.extend(self.objects_of(name)?);
            if let Some(identity) = identity {
                self.read_manifest(name, identity)?;
            }
        }
        for digest in &needed {
            match identity {
                None => {
                    let found = fs::metadata(self.object(digest));
                    if !found.is_ok_and(|found| found.len() > 0) {
                        return Err(BackupError::Damaged);
                    }
                }
                Some(identity) => self.fetch(digest, identity, io::sink())?,
            }
            progress(1);
        }
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        Ok(Checked { snapshots: count(names.len()), objects: count(needed.len()) })
    }

    /// How many objects there are to verify.
    ///
    /// # Errors
    /// [`BackupError`].
    pub fn objects(&self) -> Result<u64, BackupError> {
        let mut needed = BTreeSet::new();
        for name in self.snapshots()? {
            needed.extend(self.objects_of(&name)?);
        }
        Ok(u64::try_from(needed.len()).unwrap_or(u64::MAX))
    }

    /// The bytes of a manifest.
    pub(super) fn read_manifest(
        &self,
        name: &SnapshotName,
        identity: &str,
    ) -> Result<Vec<u8>, BackupError> {
        let file = File::open(self.manifest(name)).map_err(|_| BackupError::NoSnapshot)?;
        let mut bytes = Vec::new();
        decrypted(file, identity)?
            .take(MANIFEST_BYTES)
            .read_to_end(&mut bytes)
            .map_err(|_| BackupError::Damaged)?;
        Ok(bytes)
    }

    /// Decrypts an object into `out`; refused at its end if it is another one than its name says.
    pub(super) fn fetch(
        &self,
        digest: &str,
        identity: &str,
        mut out: impl Write,
    ) -> Result<(), BackupError> {
        let object = File::open(self.object(digest)).map_err(|_| BackupError::Damaged)?;
        let mut reader = decrypted(object, identity)?;
        let (mut hash, mut piece) = (Sha256::new(), vec![0; PIECE]);
        loop {
            match reader.read(&mut piece).map_err(|_| BackupError::Damaged)? {
                0 => break,
                n => {
                    let read = piece.get(..n).unwrap_or_default();
                    hash.update(read);
                    out.write_all(read).map_err(file("a restored file"))?;
                }
            }
        }
        if hex(&hash.finalize()) == digest { Ok(()) } else { Err(BackupError::Damaged) }
    }
}

fn decrypted(file: File, identity: &str) -> Result<impl Read, BackupError> {
    let identity: Identity = identity.trim().parse().map_err(|_| BackupError::Identity)?;
    let decryptor =
        Decryptor::new_buffered(BufReader::new(file)).map_err(|_| BackupError::Damaged)?;
    decryptor.decrypt(std::iter::once(&identity as _)).map_err(|error| match error {
        DecryptError::NoMatchingKeys | DecryptError::DecryptionFailed => BackupError::WrongKey,
        _ => BackupError::Damaged,
    })
}

/// Encrypts while it digests.
fn encrypted(
    mut source: impl Read,
    writer: Writer,
    keys: &[Recipient],
) -> Result<(String, u64, Writer), BackupError> {
    let encryptor = Encryptor::with_recipients(keys.iter().map(|key| key as _));
    let encryptor = encryptor.map_err(|_| BackupError::Recipient)?;
    let mut out = encryptor.wrap_output(writer).map_err(file("an object"))?;
    let (mut hash, mut bytes, mut piece) = (Sha256::new(), 0_u64, vec![0; PIECE]);
    loop {
        match source.read(&mut piece).map_err(file("a file of the data directory"))? {
            0 => break,
            n => {
                let read = piece.get(..n).unwrap_or_default();
                hash.update(read);
                bytes += read.len() as u64;
                out.write_all(read).map_err(file("an object"))?;
            }
        }
    }
    let writer = out.finish().map_err(file("an object"))?;
    Ok((hex(&hash.finalize()), bytes, writer))
}

fn digest(path: &Path) -> io::Result<(String, u64)> {
    let mut source = File::open(path)?;
    let (mut hash, mut bytes, mut piece) = (Sha256::new(), 0, vec![0; PIECE]);
    loop {
        match source.read(&mut piece)? {
            0 => return Ok((hex(&hash.finalize()), bytes)),
            n => {
                hash.update(piece.get(..n).unwrap_or_default());
                bytes += n as u64;
            }
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The entry of a renamed file survives a power cut.
fn durable_folder(path: &Path) -> Result<(), BackupError> {
    let Some(folder) = path.parent() else { return Ok(()) };
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(file("the objects"))
}
