//! Makes a snapshot of a certifier that may be serving: first a copy of the database, then the files that
//! this copy speaks of. Files are never changed, but may go when a deposit is erased or rewritten
//! meanwhile; then all begins again with a newer copy.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tiers_contact::labels;
use tiers_protocol::canonical;
use tiers_protocol::sign::Signature;

use super::error::file;
use super::orders::Orders;
use super::repository::readable_recipients;
use super::said::Said;
use super::{BackupError, Repository, SnapshotName};
use crate::crypto::keyring::Keyring;
use crate::durable;
use crate::service::{Layout, admission, exchange, generation};
use crate::store::exchange::Batch;
use crate::store::{Db, StoreError};
use crate::time::Moment;

/// First field of a manifest.
pub(super) const FORMAT: &str = "tiers-backup/1";

/// The database inside a snapshot.
pub(super) const DATABASE: &str = "tiers.sqlite";

/// The intermediate archive inside a snapshot.
const ARCHIVE: &str = "archive/archive.sqlite";

/// Folders that a snapshot may hold.
pub(super) const FOLDERS: [&str; 7] =
    ["vault", "admitted", "rights", "leads", "journal", "archive", "exchanges"];

/// How often a copy is begun again.
const ATTEMPTS: u32 = 5;

/// One file of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Item {
    /// Where it lies, from the data directory.
    pub(super) path: String,
    /// Its length.
    pub(super) bytes: u64,
    /// Its digest, in hexadecimal, under which its object lies.
    pub(super) sha256: String,
}

/// What a snapshot is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    pub(super) format: String,
    pub(super) origin: String,
    pub(super) keyring: String,
    pub(super) made_at: i64,
    pub(super) version: String,
    pub(super) entries: u64,
    pub(super) files: Vec<Item>,
}

/// The manifest with the certifier's signature.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SignedManifest {
    pub(super) backup: Manifest,
    pub(super) signature: Signature,
}

/// What was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Its name.
    pub snapshot: SnapshotName,
    /// Files that it has.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Bytes of those that earlier snapshots did not have.
    pub new_bytes: u64,
    /// Entries of the ledger that its database has.
    pub entries: u64,
    /// Older snapshots that went.
    pub pruned: u64,
}

/// Makes a snapshot for those who have one of `recipients`' keys, and removes those from before
/// `keep_days`.
///
/// # Errors
/// [`BackupError`]; earlier snapshots stay what they are.
pub fn make(
    (layout, keyring): (&Layout, &Keyring),
    repository: &Repository,
    recipients: &[String],
    keep_days: u16,
    now: Moment,
) -> Result<Made, BackupError> {
    readable_recipients(recipients)?;
    Said::expect_backups(layout)?;
    let mut attempt = 1;
    let (manifest, new_bytes) = loop {
        match copied((layout, keyring), repository, recipients, now) {
            Err(BackupError::File { source, .. })
                if source.kind() == io::ErrorKind::NotFound && attempt < ATTEMPTS =>
            {
                attempt += 1;
            }
            Err(BackupError::File { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                return Err(BackupError::Moving);
            }
            other => break other?,
        }
    };
    let snapshot = SnapshotName::of(now);
    let objects: BTreeSet<String> = manifest.files.iter().map(|item| item.sha256.clone()).collect();
    let signature = keyring.signing.sign(labels::SIGN_BACKUP, &manifest);
    let (files, entries) = (manifest.files.len(), manifest.entries);
    let bytes = manifest.files.iter().map(|item| item.bytes).sum();
    let signed = canonical::to_vec(&SignedManifest { backup: manifest, signature });
    repository.finish(&snapshot, &signed, &objects, recipients)?;
    let from = now.seconds().saturating_sub(i64::from(keep_days) * 86_400);
    let oldest = Moment::from_seconds(from).unwrap_or(now);
    let (pruned, kept) = repository.prune(&SnapshotName::of(oldest))?;
    if let Some(kept) = kept {
        Orders::beside(layout).forget_before(&kept)?;
        Said::forget_before(layout, &kept)?;
    }
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    Ok(Made { snapshot, files: count(files), bytes, new_bytes, entries, pruned: count(pruned) })
}

/// One attempt: the manifest, and how many bytes are new.
fn copied(
    (layout, keyring): (&Layout, &Keyring),
    repository: &Repository,
    recipients: &[String],
    now: Moment,
) -> Result<(Manifest, u64), BackupError> {
    let copy = Copy::of(layout, &layout.database(), "backup.sqlite")?;
    let db = Db::beside(&copy.0)?;
    let (bound, entries, standing, units, batches) = db.read("look at a copy", |tx| {
        let (standing, units) = (tx.standing()?, tx.units_files()?);
        let (bound, entries) = (tx.bound_keyring()?, tx.next_entry()?);
        Ok::<_, StoreError>((bound, entries, standing, units, tx.batches(None)?))
    })?;
    if bound.as_deref() != Some(keyring.id()) {
        return Err(BackupError::Foreign);
    }
    drop(db);
    // The archive after the database: what moved in between is in both, and never in neither.
    let archive = Copy::of(layout, &layout.archived(), "backup-archive.sqlite")?;
    let mut paths =
        vec![(DATABASE.to_owned(), copy.0.clone()), (ARCHIVE.to_owned(), archive.0.clone())];
    for name in standing.iter().flat_map(generation::names) {
        let folder = layout.vault().join(&name);
        let found = files_below(&folder, &format!("vault/{name}"))?;
        if found.is_empty() {
            return Err(file("a deposit")(io::ErrorKind::NotFound.into()));
        }
        paths.extend(found);
    }
    for name in units.iter().map(|file| admission::name(&file.id)) {
        paths.push((format!("admitted/{name}"), layout.admitted().join(name)));
    }
    for (folder, name) in
        [(layout.rights(), "rights"), (layout.leads(), "leads"), (layout.journal(), "journal")]
    {
        paths.extend(files_below(&folder, name)?);
    }
    paths.extend(of_exchanges(layout, &batches)?);
    // Decisions of archived exchanges lie beside the archive; the database itself is copied above.
    let beside = files_below(&layout.archive(), "archive")?;
    paths.extend(beside.into_iter().filter(|(name, _)| !name.starts_with(ARCHIVE)));
    let (mut files, mut new_bytes) = (Vec::new(), 0);
    for (path, from) in paths {
        let (sha256, bytes, new) = repository.store(&from, recipients)?;
        new_bytes += if new { bytes } else { 0 };
        files.push(Item { path, bytes, sha256 });
    }
    let manifest = Manifest {
        format: FORMAT.to_owned(),
        origin: keyring.origin().to_owned(),
        keyring: keyring.id().to_owned(),
        made_at: now.seconds(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        entries,
        files,
    };
    Ok((manifest, new_bytes))
}

/// What the batches of a copy need: sealed bodies that wait for their recipients, and what was decided.
/// An upload under way is begun again.
fn of_exchanges(layout: &Layout, batches: &[Batch]) -> Result<Vec<(String, PathBuf)>, BackupError> {
    let mut found = Vec::new();
    for batch in batches {
        let files = exchange::files(batch);
        for (name, needed) in [(files.body, true), (files.decisions, false)] {
            let Some(name) = name else { continue };
            let path = layout.exchanges().join(&name);
            if path.is_file() {
                found.push((format!("exchanges/{name}"), path));
            } else if needed {
                return Err(file("a batch of an exchange")(io::ErrorKind::NotFound.into()));
            }
        }
    }
    Ok(found)
}

/// A copy of a database in the spool, where a start removes what nobody knows.
struct Copy(PathBuf);

impl Copy {
    fn of(layout: &Layout, from: &Path, name: &str) -> Result<Self, BackupError> {
        let path = layout.spool().join(name);
        durable::remove(&path)?;
        let copy = Self(path);
        Db::beside(from)?.copy_to(&copy.0)?;
        Ok(copy)
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            let mut name = self.0.clone().into_os_string();
            name.push(suffix);
            let _ = fs::remove_file(name);
        }
    }
}

/// Every file below a folder that may not be there, with its path in the snapshot. What is being written
/// beside its name is left out.
fn files_below(folder: &Path, name: &str) -> Result<Vec<(String, PathBuf)>, BackupError> {
    let mut found = Vec::new();
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
        Err(error) => return Err(file("a folder of the data directory")(error)),
    };
    for entry in entries {
        let entry = entry.map_err(file("a folder of the data directory"))?;
        let Some(own) = entry.file_name().to_str().map(str::to_owned) else { continue };
        if own.starts_with('.') || own.ends_with(".tmp") {
            continue;
        }
        let inner = format!("{name}/{own}");
        let kind = entry.file_type().map_err(file("a folder of the data directory"))?;
        if kind.is_dir() {
            found.extend(files_below(&entry.path(), &inner)?);
        } else {
            found.push((inner, entry.path()));
        }
    }
    found.sort();
    Ok(found)
}
