//! The certifier's keyring: one folder beside the data directory, never inside it, so that a copy of
//! the data alone is worth nothing. `keys/README.md` is the inventory.
//!
//! The folder is 0700 and its one file 0600. Sealing it under a passphrase, a systemd credential or
//! a KMS is not done here yet; `docs/threats.md` says what that means.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use ring::hmac;
use serde::{Deserialize, Serialize};
use tiers_contact::labels;
use tiers_protocol::encoding::{Bytes, decode, encode, sha256};
use tiers_protocol::entropy::Entropy;
use tiers_protocol::seal::SealingSecret;
use tiers_protocol::sign::SigningSecret;
use tiers_protocol::tlog::LedgerSigner;
use tiers_protocol::trust::Trust;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::chain::VaultChain;
use super::segment_key::SegmentKey;

/// Why a keyring cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyringError {
    /// The folder or file is not there, or cannot be read.
    #[error("the keyring cannot be read")]
    Unreadable,
    /// A keyring is there already.
    #[error("there is a keyring already; it is never overwritten")]
    Exists,
    /// The folder lies inside the data directory.
    #[error("the keyring must lie beside the data directory, never inside it")]
    Inside,
    /// Others than the owner may read it.
    #[error("others may read the keyring: set the folder to 0700 and its file to 0600")]
    Permissions,
    /// Not a keyring, or a damaged one.
    #[error("not a keyring of format tiers-keyring/1, or a damaged one")]
    Damaged,
    /// It could not be written.
    #[error("the keyring could not be written")]
    Unwritable,
}

impl KeyringError {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unreadable => "keyring.unreadable",
            Self::Exists => "keyring.exists",
            Self::Inside => "keyring.inside_data",
            Self::Permissions => "keyring.permissions",
            Self::Damaged => "keyring.damaged",
            Self::Unwritable => "keyring.unwritable",
        }
    }
}

/// All secrets of one certifier. Opaque: no `Debug`, no `Clone`.
pub struct Keyring {
    id: String,
    /// Signs receipts and certificates.
    pub signing: SigningSecret,
    /// Opens deposits.
    pub sealing: SealingSecret,
    /// Re-keys tokens before they touch the disk.
    pub vault: VaultChain,
    ledger: Zeroizing<[u8; 32]>,
    segments: Zeroizing<[u8; 32]>,
    leads: hmac::Key,
    origin: String,
    folder: PathBuf,
}

/// The file. Every secret in it is wiped when the value is dropped.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
struct File {
    format: String,
    id: String,
    origin: String,
    signing: String,
    sealing: String,
    ledger: String,
    vault: Vec<String>,
    segments: String,
    leads: String,
}

const FORMAT: &str = "tiers-keyring/1";
const FILE: &str = "keyring.json";

impl Keyring {
    /// Makes a new keyring in `folder`, for a data directory elsewhere.
    ///
    /// # Errors
    /// [`KeyringError`]; an existing keyring is never touched.
    pub fn create(
        folder: &Path,
        data: &Path,
        origin: &str,
        entropy: &mut impl Entropy,
    ) -> Result<Self, KeyringError> {
        if real(folder).starts_with(real(data)) {
            return Err(KeyringError::Inside);
        }
        let mut fresh = || encode(Zeroizing::new(entropy.array::<32>()).as_ref());
        let file = File {
            format: FORMAT.to_owned(),
            id: fresh(),
            origin: origin.to_owned(),
            signing: fresh(),
            sealing: fresh(),
            ledger: fresh(),
            vault: vec![fresh()],
            segments: fresh(),
            leads: fresh(),
        };
        write_new(folder, &file)?;
        Self::from_file(&file, folder)
    }

    /// Opens the keyring in `folder`.
    ///
    /// # Errors
    /// [`KeyringError`].
    pub fn open(folder: &Path) -> Result<Self, KeyringError> {
        let path = folder.join(FILE);
        for (path, allowed) in [(folder, 0o700), (path.as_path(), 0o600)] {
            let metadata = fs::metadata(path).map_err(|_| KeyringError::Unreadable)?;
            if metadata.permissions().mode() & 0o777 & !allowed != 0 {
                return Err(KeyringError::Permissions);
            }
        }
        let bytes = Zeroizing::new(fs::read(&path).map_err(|_| KeyringError::Unreadable)?);
        let file: File = serde_json::from_slice(&bytes).map_err(|_| KeyringError::Damaged)?;
        Self::from_file(&file, folder)
    }

    /// Whether the keyring lies inside a data directory, where a copy of the data would take it along.
    #[must_use]
    pub fn lies_inside(&self, data: &Path) -> bool {
        self.folder.starts_with(real(data))
    }

    fn from_file(file: &File, folder: &Path) -> Result<Self, KeyringError> {
        if file.format != FORMAT {
            return Err(KeyringError::Damaged);
        }
        let vault: Vec<Zeroizing<[u8; 32]>> =
            file.vault.iter().map(|text| secret(text)).collect::<Result<_, _>>()?;
        Ok(Self {
            id: public_id(&file.id),
            signing: SigningSecret::from_seed(&secret(&file.signing)?),
            sealing: SealingSecret::from_seed(&secret(&file.sealing)?),
            ledger: readable_ledger_key(&file.origin, &file.ledger)?,
            vault: VaultChain::new(vault.iter().map(|key| &**key))
                .map_err(|_| KeyringError::Damaged)?,
            segments: secret(&file.segments)?,
            leads: hmac::Key::new(hmac::HMAC_SHA256, secret(&file.leads)?.as_ref()),
            origin: file.origin.clone(),
            folder: real(folder),
        })
    }

    /// What the data directory remembers of the keyring it belongs to.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What signs checkpoints.
    #[must_use]
    pub fn ledger_signer(&self) -> LedgerSigner {
        LedgerSigner::from_seed(&self.origin, &self.ledger)
            .expect("the origin was checked when the keyring was read")
    }

    /// Name of the ledger.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Key of one deposit's segments.
    #[must_use]
    pub fn segment_key(&self, deposit: &str) -> SegmentKey {
        SegmentKey::derive(&self.segments, deposit)
    }

    /// Keyed digest of one row of leads: equal rows have equal digests, and nobody without the
    /// keyring can make one.
    #[must_use]
    pub fn leads_row(&self, row: &[u8]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.leads);
        context.update(labels::LEADS_ROW.as_bytes());
        context.update(&[0]);
        context.update(row);
        context.sign().as_ref().try_into().expect("HMAC-SHA-256 yields 32 bytes")
    }

    /// The public keys, for everybody.
    #[must_use]
    pub fn trust(&self) -> Trust {
        Trust::new(
            self.origin.clone(),
            self.ledger_signer().verifier().vkey(),
            self.signing.public(),
            self.sealing.public(),
        )
    }
}

fn secret(text: &str) -> Result<Zeroizing<[u8; 32]>, KeyringError> {
    let bytes = Zeroizing::new(decode(text).ok_or(KeyringError::Damaged)?);
    let mut out = Zeroizing::new([0; 32]);
    if bytes.len() != out.len() {
        return Err(KeyringError::Damaged);
    }
    out.copy_from_slice(&bytes);
    Ok(out)
}

fn readable_ledger_key(origin: &str, text: &str) -> Result<Zeroizing<[u8; 32]>, KeyringError> {
    let seed = secret(text)?;
    LedgerSigner::from_seed(origin, &seed).map_err(|_| KeyringError::Damaged)?;
    Ok(seed)
}

fn public_id(text: &str) -> String {
    let digest: Bytes<32> = sha256(text.as_bytes());
    encode(&digest.as_bytes()[..12])
}

/// The path without links and dots, as far as it exists.
fn real(path: &Path) -> PathBuf {
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

fn write_new(folder: &Path, file: &File) -> Result<(), KeyringError> {
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
    let bytes = Zeroizing::new(serde_json::to_vec(file).expect("a plain document"));
    let mut out = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
        .map_err(|_| KeyringError::Unwritable)?;
    out.write_all(&bytes).and_then(|()| out.sync_all()).map_err(|_| KeyringError::Unwritable)?;
    // A folder that was there already may have been open to others.
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
        .and_then(|()| fs::File::open(folder))
        .and_then(|f| f.sync_all())
        .map_err(|_| KeyringError::Unwritable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::random::OsRandom;

    #[test]
    fn pse_04_the_keyring_lies_beside_the_data_and_reads_back() {
        let root = tempfile::tempdir().expect("a folder");
        let data = root.path().join("data");
        fs::create_dir(&data).expect("a folder");
        let mut random = OsRandom::default();
        let inside = Keyring::create(&data.join("keys"), &data, "certifier.example", &mut random);
        assert_eq!(inside.err(), Some(KeyringError::Inside));
        let round_about = root.path().join("other/../data/keys");
        let inside = Keyring::create(&round_about, &data, "certifier.example", &mut random);
        assert_eq!(inside.err(), Some(KeyringError::Inside));

        let folder = root.path().join("data.keyring");
        let made = Keyring::create(&folder, &data, "certifier.example", &mut random)
            .unwrap_or_else(|error| panic!("{error}"));
        let again = Keyring::create(&folder, &data, "certifier.example", &mut random);
        assert_eq!(again.err(), Some(KeyringError::Exists));
        let opened = Keyring::open(&folder).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(opened.trust(), made.trust());
        assert_eq!(opened.id(), made.id());
        assert_eq!(opened.leads_row(b"row"), made.leads_row(b"row"));
        assert_ne!(opened.leads_row(b"row"), made.leads_row(b"roe"));

        fs::set_permissions(folder.join(FILE), fs::Permissions::from_mode(0o640)).expect("mode");
        assert_eq!(Keyring::open(&folder).err(), Some(KeyringError::Permissions));
    }
}
