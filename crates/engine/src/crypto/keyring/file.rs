//! The keyring as a file: its document, and how it gets to the disk and back. Sealed or not, it is
//! 0600 in a folder of 0700, written whole or not at all. What the keys are for is `mod.rs`.
//! Specified in `docs/formats/keys.md`, "Keyring of the certifier".

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tiers_protocol::encoding::{decode, encode};
use tiers_protocol::entropy::Entropy;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::KeyringError;
use super::wrap::{Sealed, Wrap};
use crate::durable::{self, Access};

pub(super) const FORMAT: &str = "tiers-keyring/1";
pub(super) const FILE: &str = "keyring.json";
const LOCK: &str = "lock";

/// A keyring with a hundred rotations has a few KiB.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Taken at once, so that no half of a growing buffer stays behind unwiped.
const TEXT_BYTES: usize = 64 * 1024;

/// The document. Every secret in it is wiped when the value is dropped.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    pub(super) format: String,
    pub(super) id: String,
    pub(super) origin: String,
    pub(super) signing: String,
    pub(super) sealing: String,
    pub(super) ledger: String,
    pub(super) leads: String,
    /// The programmes' vault.
    pub(super) vault: VaultKeys,
    /// The vault of rights tokens.
    pub(super) rights: VaultKeys,
}

/// The keys of one vault.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub(super) struct VaultKeys {
    /// The chain, oldest first; a link is never removed.
    pub(super) chain: Vec<String>,
    /// Masters of the segments, oldest first; the last one is written with.
    pub(super) disk: Vec<DiskKey>,
}

/// A master of segments.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub(super) struct DiskKey {
    /// Counted from 1, never used again.
    pub(super) number: u32,
    pub(super) key: String,
}

impl VaultKeys {
    pub(super) fn fresh(entropy: &mut impl Entropy) -> Self {
        let disk = DiskKey { number: 1, key: fresh(entropy) };
        Self { chain: vec![fresh(entropy)], disk: vec![disk] }
    }

    /// Whether it can be worked with: a key of each sort, numbers that rise.
    fn is_sound(&self) -> bool {
        let rising = self.disk.is_sorted_by(|a, b| a.number < b.number);
        !self.chain.is_empty() && !self.disk.is_empty() && rising
    }
}

impl Document {
    pub(super) fn fresh(origin: &str, entropy: &mut impl Entropy) -> Self {
        Self {
            format: FORMAT.to_owned(),
            id: fresh(entropy),
            origin: origin.to_owned(),
            signing: fresh(entropy),
            sealing: fresh(entropy),
            ledger: fresh(entropy),
            leads: fresh(entropy),
            vault: VaultKeys::fresh(entropy),
            rights: VaultKeys::fresh(entropy),
        }
    }

    fn parse(bytes: &[u8]) -> Result<Self, KeyringError> {
        let document: Self = serde_json::from_slice(bytes).map_err(|_| KeyringError::Damaged)?;
        let vaults = [&document.vault, &document.rights];
        let sound = document.format == FORMAT && vaults.iter().all(|vault| vault.is_sound());
        if sound { Ok(document) } else { Err(KeyringError::Damaged) }
    }

    /// The bytes of the file, sealed if there is a wrap.
    fn bytes(&self, wrap: Option<&Wrap>, entropy: &mut impl Entropy) -> Zeroizing<Vec<u8>> {
        let mut plain = Zeroizing::new(Vec::with_capacity(TEXT_BYTES));
        serde_json::to_writer(&mut *plain, self).expect("a plain document");
        match wrap {
            None => plain,
            Some(wrap) => {
                let sealed = wrap.seal(&plain, entropy);
                Zeroizing::new(serde_json::to_vec(&sealed).expect("a plain document"))
            }
        }
    }
}

/// A fresh secret as text.
pub(super) fn fresh(entropy: &mut impl Entropy) -> String {
    encode(Zeroizing::new(entropy.array::<32>()).as_ref())
}

/// A secret of the document.
pub(super) fn secret(text: &str) -> Result<Zeroizing<[u8; 32]>, KeyringError> {
    let bytes = Zeroizing::new(decode(text).ok_or(KeyringError::Damaged)?);
    let mut out = Zeroizing::new([0; 32]);
    if bytes.len() != out.len() {
        return Err(KeyringError::Damaged);
    }
    out.copy_from_slice(&bytes);
    Ok(out)
}

/// What lies on the disk.
pub(super) enum Stored {
    Plain(Document),
    Sealed(Sealed),
}

/// Reads the file of a keyring, whatever it is sealed with.
pub(super) fn load(folder: &Path) -> Result<Stored, KeyringError> {
    let path = folder.join(FILE);
    for (path, allowed) in [(folder, 0o700), (path.as_path(), 0o600)] {
        let metadata = fs::metadata(path).map_err(|_| KeyringError::Unreadable)?;
        if metadata.permissions().mode() & 0o777 & !allowed != 0 {
            return Err(KeyringError::Permissions);
        }
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(TEXT_BYTES));
    fs::File::open(&path)
        .and_then(|file| file.take(FILE_BYTES_MAX).read_to_end(&mut bytes))
        .map_err(|_| KeyringError::Unreadable)?;
    match Sealed::parse(&bytes) {
        Ok(sealed) => Ok(Stored::Sealed(sealed)),
        Err(_) => Document::parse(&bytes).map(Stored::Plain),
    }
}

/// Opens what was sealed.
pub(super) fn open_sealed(sealed: &Sealed, wrap: &Wrap) -> Result<Document, KeyringError> {
    Document::parse(&wrap.open(sealed)?)
}

/// Writes a new keyring; an existing one is never touched.
pub(super) fn write_new(
    folder: &Path,
    document: &Document,
    wrap: Option<&Wrap>,
    entropy: &mut impl Entropy,
) -> Result<(), KeyringError> {
    let path = folder.join(FILE);
    if path.exists() {
        return Err(KeyringError::Exists);
    }
    if !folder.exists() {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(|_| KeyringError::Unwritable)?;
    }
    let mut out = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
        .map_err(|_| KeyringError::Unwritable)?;
    let bytes = document.bytes(wrap, entropy);
    out.write_all(&bytes).and_then(|()| out.sync_all()).map_err(|_| KeyringError::Unwritable)?;
    // A folder that was there already may have been open to others.
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
        .and_then(|()| fs::File::open(folder))
        .and_then(|f| f.sync_all())
        .map_err(|_| KeyringError::Unwritable)
}

/// Replaces a keyring in one step: the old file or the new one, never a part.
pub(super) fn replace(
    folder: &Path,
    document: &Document,
    wrap: Option<&Wrap>,
    entropy: &mut impl Entropy,
) -> Result<(), KeyringError> {
    durable::write(&folder.join(FILE), &document.bytes(wrap, entropy), Access::Private)
        .map_err(|_| KeyringError::Unwritable)
}

/// Held while a keyring is read, changed and written again: two changes would lose one key.
pub(super) fn lock(folder: &Path) -> Result<fs::File, KeyringError> {
    let file = fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(folder.join(LOCK))
        .map_err(|_| KeyringError::Unwritable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(KeyringError::Busy),
        Err(fs::TryLockError::Error(_)) => Err(KeyringError::Unwritable),
    }
}

/// The path without links and dots, as far as it exists.
pub(super) fn real(path: &Path) -> PathBuf {
    let mut missing = Vec::new();
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut rest = whole.as_path();
    loop {
        if let Ok(found) = rest.canonicalize() {
            let tail = missing.iter().rev();
            return tail.fold(found, |path, part: &std::ffi::OsString| match part.to_str() {
                Some("..") => path.parent().map_or_else(PathBuf::new, Path::to_owned),
                Some(".") => path,
                _ => path.join(part),
            });
        }
        let Some(last) = rest.components().next_back() else { return whole };
        missing.push(last.as_os_str().to_owned());
        let Some(parent) = rest.parent() else { return whole };
        rest = parent;
    }
}
