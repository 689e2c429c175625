//! A deposit directory: what `prepare` leaves and `deposit` sends. `manifest.json` and
//! `body.sealed` go to the certifier; `preview.csv`, `rows.csv` and `rejects.csv` never leave the
//! machine; `trust.json` pins the certifier; `receipt.json` comes back. Names and signature are
//! `tiers_protocol::deposit`'s, which a browser shares. Specified in `docs/formats/manifest.md`.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use indicatif::ProgressBar;
use sha2::Digest as _;
pub use tiers_protocol::deposit::{MANIFEST, PREVIEW, REJECTS, ROWS, SEALED, TRUST, sign};
use tiers_protocol::encoding::Bytes;
use tiers_protocol::manifest::{Manifest, SignedManifest};
use tiers_protocol::party::PartySecret;
use tiers_protocol::trust::Trust;

use super::error::{CliError, Compared};
use super::files::{self, Sink};
use super::sealing::Sealing;

/// The certifier's word that it holds the deposit.
pub const RECEIPT: &str = "receipt.json";

/// Seals a body that lies in a file, and says so in the manifest.
///
/// # Errors
/// [`CliError::Seal`], and those of reading and writing.
pub fn seal(
    manifest: &mut Manifest,
    body: &Path,
    trust: &Trust,
    party: &PartySecret,
    sealed: &Path,
    bar: &ProgressBar,
) -> Result<(), CliError> {
    let aside = files::sibling(sealed);
    let sealing = Sealing::begin(manifest, trust, party, Sink::create(&aside, sealed)?);
    let done = sealing.and_then(|mut sealing| {
        bar.set_length(manifest.body.plain_bytes);
        each_piece(body, |piece| {
            bar.inc(piece.len() as u64);
            sealing.put(piece)
        })?;
        let description = sealing.finish()?;
        fs::rename(&aside, sealed).map_err(|cause| CliError::write(sealed, &cause))?;
        Ok(description)
    });
    if done.is_err() {
        let _ = fs::remove_file(&aside);
    }
    manifest.body.sealed = Some(done?);
    Ok(())
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
    /// What a person sees while a body is sealed.
    pub bar: &'a ProgressBar,
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
            let plain = dir.join(PREVIEW);
            seal(&mut manifest.manifest, &plain, &trust, party, &body, finish.bar)?;
            manifest.signed = None;
            files::replace(&dir.join(TRUST), files::trust_text(&trust).as_bytes())?;
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

/// Length and SHA-256 of a file.
fn digest_of(path: &Path) -> Result<(u64, Bytes<32>), CliError> {
    let mut hasher = sha2::Sha256::new();
    let mut length = 0;
    each_piece(path, |piece| {
        hasher.update(piece);
        length += piece.len() as u64;
        Ok(())
    })?;
    Ok((length, Bytes::new(hasher.finalize().into())))
}

/// Reads a file piece by piece.
fn each_piece(
    path: &Path,
    mut take: impl FnMut(&[u8]) -> Result<(), CliError>,
) -> Result<(), CliError> {
    let failed = |cause: io::Error| CliError::read(path, &cause);
    let mut file = File::open(path).map_err(failed)?;
    let mut buffer = vec![0; PIECE_BYTES];
    loop {
        let read = file.read(&mut buffer).map_err(failed)?;
        if read == 0 {
            return Ok(());
        }
        take(&buffer[..read])?;
    }
}

/// Bytes of a file that are in memory at once.
const PIECE_BYTES: usize = 256 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    use tiers_protocol::encoding::sha256;

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
