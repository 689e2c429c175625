//! A deposit directory: what `prepare` leaves and `deposit` sends. `manifest.json` and
//! `body.sealed` go to the certifier; `preview.csv`, `rows.csv` and `rejects.csv` never leave the
//! machine; `trust.json` pins the certifier; `receipt.json` comes back. What the files hold is
//! `tiers_protocol::deposit`, which a browser shares. Specified in `docs/formats/manifest.md`.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use sha2::Digest as _;
use tiers_contact::{Body, Prepared};
use tiers_protocol::deposit;
pub use tiers_protocol::deposit::{MANIFEST, PREVIEW, REJECTS, ROWS, SEALED, TRUST, sign};
use tiers_protocol::encoding::Bytes;
use tiers_protocol::entropy::System;
use tiers_protocol::manifest::{Manifest, SignedManifest};
use tiers_protocol::party::PartySecret;
use tiers_protocol::trust::Trust;

use super::error::{CliError, Compared};
use super::files::{self, Staged};

/// The certifier's word that it holds the deposit.
pub const RECEIPT: &str = "receipt.json";

/// Seals a body to the certifier as the party's, and says so in the manifest.
///
/// # Errors
/// [`CliError::Seal`].
pub fn seal(
    manifest: &mut Manifest,
    body: &[u8],
    trust: &Trust,
    party: &PartySecret,
) -> Result<Vec<u8>, CliError> {
    Ok(deposit::seal(manifest, body, (trust, party), &mut System)?)
}

/// What goes into a new deposit directory.
pub struct Contents<'a> {
    /// The manifest.
    pub manifest: &'a SignedManifest,
    /// The sealed body, if the programme is registered.
    pub sealed: Option<&'a [u8]>,
    /// The certifier, if the programme is registered.
    pub trust: Option<&'a Trust>,
    /// The plain body.
    pub body: &'a Body,
    /// The file it was made from, read and normalised.
    pub prepared: &'a Prepared,
    /// Name of that file.
    pub source: &'a str,
}

impl Contents<'_> {
    /// Writes the directory, whole or not at all.
    ///
    /// # Errors
    /// [`CliError::Write`].
    pub fn write(&self, dir: &Path) -> Result<(), CliError> {
        let staged = Staged::begin(dir)?;
        staged.file(PREVIEW, &self.body.csv)?;
        staged.file(ROWS, deposit::rows_csv(self.source, self.body).as_bytes())?;
        staged.file(REJECTS, deposit::rejects_csv(self.prepared).as_bytes())?;
        if let Some(trust) = self.trust {
            staged.file(TRUST, files::trust_text(trust).as_bytes())?;
        }
        if let Some(sealed) = self.sealed {
            staged.file(SEALED, sealed)?;
        }
        staged.file(MANIFEST, &self.manifest.to_vec())?;
        staged.commit()
    }
}

/// Refuses a place that holds something, unless `force` and it holds an earlier deposit.
///
/// # Errors
/// [`CliError::Exists`], [`CliError::NotOurs`].
pub fn check_place(dir: &Path, force: bool) -> Result<(), CliError> {
    if files::is_free(dir) {
        Ok(())
    } else if !force {
        Err(CliError::Exists(dir.to_owned()))
    } else if dir.join(MANIFEST).is_file() && dir.join(PREVIEW).is_file() {
        Ok(())
    } else {
        Err(CliError::not_ours(dir, "deposit directory"))
    }
}

/// A deposit directory that is ready to be sent.
pub struct Ready {
    /// The signed manifest.
    pub manifest: SignedManifest,
    /// Path of the sealed body.
    pub body: PathBuf,
    /// The certifier it is sealed to.
    pub trust: Trust,
}

/// What `deposit` may use to finish what `prepare` could not.
pub struct Finish<'a> {
    /// The party's keys, to sign with.
    pub party: Option<&'a PartySecret>,
    /// The certifier of a programme file that was registered since, to seal to.
    pub trust: Option<&'a Trust>,
}

impl Ready {
    /// Opens a directory; seals and signs what is not sealed or signed yet.
    ///
    /// # Errors
    /// [`CliError::Unsealed`], [`CliError::Unsigned`], [`CliError::Differs`] when the body is not
    /// the one that the manifest describes, and those of reading and writing.
    pub fn open(dir: &Path, finish: &Finish<'_>) -> Result<Self, CliError> {
        let path = dir.join(MANIFEST);
        let mut manifest = SignedManifest::from_slice(&files::read_document(&path)?)?;
        let body = dir.join(SEALED);
        if manifest.manifest.body.sealed.is_none() {
            let trust = match finish.trust {
                Some(trust) => trust.clone(),
                None => files::read_trust(&dir.join(TRUST)).map_err(|_| CliError::Unsealed)?,
            };
            let party = finish.party.ok_or(CliError::Unsigned)?;
            let body = files::read(&dir.join(PREVIEW))?;
            let sealed = seal(&mut manifest.manifest, &body, &trust, party)?;
            manifest.signed = None;
            files::replace(&dir.join(TRUST), files::trust_text(&trust).as_bytes())?;
            files::replace(&dir.join(SEALED), &sealed)?;
        }
        if manifest.signed.is_none() {
            let party = finish.party.ok_or(CliError::Unsigned)?;
            manifest = manifest.manifest.sign(party);
            files::replace(&path, &manifest.to_vec())?;
        }
        let trust = files::read_trust(&dir.join(TRUST))?;
        let described = manifest.manifest.body.sealed.as_ref().ok_or(CliError::Unsealed)?;
        let (bytes, digest) = digest_of(&body)?;
        if (bytes, digest, trust.sealing.id())
            != (described.bytes, described.sha256, described.recipient)
        {
            return Err(CliError::Differs(Compared::Body));
        }
        Ok(Self { manifest, body, trust })
    }
}

/// Length and SHA-256 of a file, read piece by piece.
fn digest_of(path: &Path) -> Result<(u64, Bytes<32>), CliError> {
    let failed = |cause: io::Error| CliError::read(path, &cause);
    let mut file = File::open(path).map_err(failed)?;
    let mut hasher = sha2::Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    let mut length = 0;
    loop {
        let read = file.read(&mut buffer).map_err(failed)?;
        if read == 0 {
            return Ok((length, Bytes::new(hasher.finalize().into())));
        }
        hasher.update(&buffer[..read]);
        length += read as u64;
    }
}

#[cfg(test)]
mod tests {
    use tiers_protocol::encoding::sha256;

    use super::*;

    #[test]
    fn only_an_earlier_deposit_is_replaced_and_only_when_asked() {
        let dir = tempfile::tempdir().expect("a directory");
        let place = dir.path();
        assert!(check_place(place, false).is_ok());
        assert!(check_place(&place.join("new"), false).is_ok());
        files::replace(&place.join("photo.jpg"), b"x").expect("writes");
        assert!(matches!(check_place(place, false), Err(CliError::Exists(_))));
        assert!(matches!(check_place(place, true), Err(CliError::NotOurs { .. })));
        files::replace(&place.join(MANIFEST), b"{}").expect("writes");
        files::replace(&place.join(PREVIEW), b"").expect("writes");
        assert!(check_place(place, true).is_ok());
        assert!(matches!(check_place(place, false), Err(CliError::Exists(_))));
    }

    #[test]
    fn a_digest_does_not_depend_on_pieces() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("body");
        for length in [0, 1, 64 * 1024 - 1, 64 * 1024, 200_000] {
            let bytes = vec![7; length];
            files::replace(&path, &bytes).expect("writes");
            assert_eq!(digest_of(&path).expect("reads"), (length as u64, sha256(&bytes)));
        }
    }
}
