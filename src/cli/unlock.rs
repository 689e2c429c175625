//! Where the secret that unlocks a keyring comes from: a person at the terminal, a file, a credential
//! of the service manager, or a command. Never an argument and never the environment, which other
//! processes can read. What is done with it is `crypto::keyring`'s.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::Args;
use zeroize::{Zeroize as _, Zeroizing};

use super::config::UnlockConfig;
use super::context::Context;
use super::error::CliError;
use super::files;
use crate::crypto::keyring::{Keyring, KeyringError, SealedBy, Unlock};

/// Name of the credential under `$CREDENTIALS_DIRECTORY`, where systemd puts it.
const CREDENTIAL: &str = "tiers-keyring";

/// What a command may print: a key has 43 characters.
const SECRET_BYTES_MAX: usize = 4096;

const NOBODY: &str = "the keyring is sealed under a passphrase and nobody can be asked: give --passphrase-file FILE, \
                      or the credential `tiers-keyring`";

/// How to unlock a keyring that exists.
#[derive(Debug, Clone, Default, Args)]
pub struct UnlockArgs {
    /// File with the keyring's passphrase (0600), in place of asking.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// File with the keyring's unlocking key (0600).
    #[arg(long, value_name = "FILE", conflicts_with = "passphrase_file")]
    unlock_key: Option<PathBuf>,
    /// Command (for `sh -c`) that prints the keyring's unlocking key, from a KMS or a TPM.
    #[arg(long, value_name = "COMMAND", conflicts_with_all = ["passphrase_file", "unlock_key"])]
    unlock_command: Option<String>,
}

impl UnlockArgs {
    /// These words; without any, what the configuration says.
    #[must_use]
    pub fn or(&self, config: &UnlockConfig) -> Self {
        if self.given() {
            return self.clone();
        }
        Self {
            passphrase_file: config.passphrase_file.clone(),
            unlock_key: config.key_file.clone(),
            unlock_command: config.command.clone(),
        }
    }

    const fn given(&self) -> bool {
        self.passphrase_file.is_some() || self.unlock_key.is_some() || self.unlock_command.is_some()
    }

    /// Opens the keyring in `folder`. Without any word the credential of the service manager is
    /// taken, if there is one; otherwise a person is asked.
    ///
    /// # Errors
    /// [`CliError`].
    pub fn open(&self, folder: &Path, context: &Context) -> Result<Keyring, CliError> {
        let by = Keyring::sealed_by(folder).map_err(keyring_error)?;
        if by == SealedBy::Nothing {
            return if self.given() {
                Err(keyring_error(KeyringError::WrongKey))
            } else {
                Keyring::open(folder).map_err(keyring_error)
            };
        }
        let unlock = self.unlock(by, context)?;
        Keyring::unlock(folder, &unlock).map_err(keyring_error)
    }

    fn unlock(&self, by: SealedBy, context: &Context) -> Result<Unlock, CliError> {
        if let Some(given) = given(
            self.passphrase_file.as_deref(),
            self.unlock_key.as_deref(),
            self.unlock_command.as_deref(),
        )? {
            return Ok(given);
        }
        if let Some(path) = credential() {
            // The service manager sees to who may read it; its modes are not those of a user's file.
            let bytes = Zeroizing::new(files::read_document(&path)?);
            let text = std::str::from_utf8(&bytes).map_err(|_| CliError::not_a(&path, "text"))?;
            return match by {
                SealedBy::Passphrase => Ok(Unlock::passphrase(first_line(text))),
                _ => Unlock::key(text).map_err(keyring_error),
            };
        }
        match by {
            SealedBy::Passphrase => {
                let typed = context.ask_secret("Passphrase of the keyring:", NOBODY)?;
                Ok(Unlock::passphrase(&typed))
            }
            _ => Err(keyring_error(KeyringError::Locked)),
        }
    }
}

/// How a keyring is to be sealed.
#[derive(Debug, Default, Args)]
#[group(multiple = false)]
pub struct SealArgs {
    /// Seal the keyring under the passphrase in this file (0600).
    #[arg(long, value_name = "FILE")]
    seal_passphrase_file: Option<PathBuf>,
    /// Seal it under the key in this file, made with `tiers keyring key` (0600).
    #[arg(long, value_name = "FILE")]
    seal_key: Option<PathBuf>,
    /// Seal it under the key that this command prints (for `sh -c`).
    #[arg(long, value_name = "COMMAND")]
    seal_command: Option<String>,
    /// Do not seal it: whoever reads the file has every key.
    #[arg(long)]
    unsealed: bool,
}

impl SealArgs {
    /// What the keyring is to be sealed under; `None` for nothing, which only happens when somebody
    /// asked for it or nobody was there to choose. At a terminal a passphrase is asked for, twice.
    ///
    /// # Errors
    /// [`CliError`].
    pub fn chosen(&self, context: &Context) -> Result<Option<Unlock>, CliError> {
        let given = given(
            self.seal_passphrase_file.as_deref(),
            self.seal_key.as_deref(),
            self.seal_command.as_deref(),
        )?;
        if given.is_some() || self.unsealed || !context.interactive {
            return Ok(given);
        }
        let first = context.ask_secret("New passphrase of the keyring:", NOBODY)?;
        let second = context.ask_secret("The same once more:", NOBODY)?;
        if *first == *second {
            Ok(Some(Unlock::passphrase(&first)))
        } else {
            Err(CliError::Usage("the two passphrases differ; nothing was done"))
        }
    }

    /// Whether a way of sealing was named.
    pub const fn named(&self) -> bool {
        self.unsealed
            || self.seal_passphrase_file.is_some()
            || self.seal_key.is_some()
            || self.seal_command.is_some()
    }
}

fn given(
    passphrase: Option<&Path>,
    key: Option<&Path>,
    command: Option<&str>,
) -> Result<Option<Unlock>, CliError> {
    match (passphrase, key, command) {
        (Some(path), _, _) => {
            Ok(Some(Unlock::passphrase(first_line(&files::read_secret_text(path)?))))
        }
        (None, Some(path), _) => {
            Unlock::key(&files::read_secret_text(path)?).map(Some).map_err(keyring_error)
        }
        (None, None, Some(command)) => printed_key(command).map(Some),
        (None, None, None) => Ok(None),
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// The file in which the service manager hands over the credential. One that cannot be looked at is not taken for none: the
/// reading of it says why.
fn credential() -> Option<PathBuf> {
    let path = Path::new(&env::var_os("CREDENTIALS_DIRECTORY")?).join(CREDENTIAL);
    (!matches!(path.try_exists(), Ok(false))).then_some(path)
}

/// Runs the operator's own command; what it says on standard error goes through.
fn printed_key(command: &str) -> Result<Unlock, CliError> {
    let failed = || CliError::Certifier {
        code: "keyring.unlock_command",
        message: "the unlocking command failed".to_owned(),
    };
    let run = Command::new("sh")
        .args(["-c", command])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|_| failed())?;
    let mut printed = Zeroizing::new(run.stdout);
    if !run.status.success() || printed.len() > SECRET_BYTES_MAX {
        return Err(failed());
    }
    let unlock = std::str::from_utf8(&printed).map_err(|_| KeyringError::NotAKey);
    let unlock = unlock.and_then(Unlock::key).map_err(keyring_error);
    printed.zeroize();
    unlock
}

/// An error of the keyring in the words of the command line.
pub fn keyring_error(error: KeyringError) -> CliError {
    CliError::Certifier { code: error.code(), message: error.to_string() }
}
