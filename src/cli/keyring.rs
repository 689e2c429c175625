//! `tiers keyring`: how the certifier's secrets are sealed, and their rotation. What a rotation does
//! to the data is `service`'s; here the keyring gets its new key.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;

use super::certifier::{beside, service_error, witnesses};
use super::context::Context;
use super::error::CliError;
use super::files;
use super::output::Outcome;
use super::programme_text::fingerprint_lines;
use super::unlock::{SealArgs, UnlockArgs, keyring_error};
use crate::crypto::keyring::{Keyring, SealedBy, Unlock};
use crate::crypto::random::OsRandom;
use crate::service::rotate::Step;
use crate::service::{Certifier, Dependencies, ServiceError};

/// The commands on a keyring.
#[derive(Debug, Subcommand)]
pub enum KeyringCommand {
    /// How a keyring is sealed and which keys it has; never a key.
    Show(ShowArgs),
    /// Seal a keyring, or change its passphrase or key.
    Seal(SealCommand),
    /// Add a key: a longer chain for tokens, or another master for segments.
    Rotate(RotateArgs),
    /// Make a key that can unlock a keyring, for a service manager, a KMS or a TPM to keep.
    Key(KeyArgs),
}

/// Which keyring.
#[derive(Debug, Args)]
pub struct Which {
    /// Directory of the certifier.
    #[arg(long, default_value = "certifier", value_name = "DIR")]
    dir: PathBuf,
    /// Directory of the keyring; DIR.keyring if not given.
    #[arg(long, value_name = "DIR")]
    keyring: Option<PathBuf>,
    #[command(flatten)]
    unlock: UnlockArgs,
}

impl Which {
    fn folder(&self) -> PathBuf {
        self.keyring.clone().unwrap_or_else(|| beside(&self.dir, ".keyring"))
    }

    fn open(&self, context: &Context) -> Result<Keyring, CliError> {
        self.unlock.open(&self.folder(), context)
    }
}

/// Words of `keyring show`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tiers keyring show --dir certifier")]
pub struct ShowArgs {
    #[command(flatten)]
    which: Which,
}

/// Words of `keyring seal`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  tiers keyring seal --dir certifier                      # asks for a new passphrase\n  \
    tiers keyring seal --dir certifier --seal-key unlock.key\n  \
    tiers keyring seal --dir certifier --passphrase-file old.txt --seal-passphrase-file new.txt\n\n\
    The file is replaced in one step. A copy that was made before opens as it did before: if\n\
    somebody may have one, rotate the keys as well."
)]
pub struct SealCommand {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    seal: SealArgs,
}

/// Words of `keyring rotate`.
#[derive(Debug, Args)]
#[command(
    group = clap::ArgGroup::new("what").required(true),
    after_help = "Examples:\n  tiers keyring rotate --disk --dir certifier\n  \
    tiers keyring rotate --chain --now --dir certifier     # while the certifier is stopped\n\n\
    The keyring gets the new key at once; a certifier takes it up at its next start and rewrites\n\
    its segments while it serves. Matches stay right throughout; a kill loses nothing. Make a new\n\
    backup of the keyring: the old one will not open the data any more."
)]
pub struct RotateArgs {
    #[command(flatten)]
    which: Which,
    /// Add a link to the chain that every token passes.
    #[arg(long, group = "what")]
    chain: bool,
    /// Add a master under which segments are encrypted; the old one is dropped when nothing needs it.
    #[arg(long, group = "what")]
    disk: bool,
    /// Rewrite the segments now; the certifier must not run.
    #[arg(long)]
    now: bool,
}

/// Words of `keyring key`.
#[derive(Debug, Args)]
#[command(after_help = "Example, for systemd:\n  tiers keyring key --out unlock.key\n  \
    tiers keyring seal --dir certifier --seal-key unlock.key\n  \
    systemd-creds encrypt --name=tiers-keyring unlock.key /etc/credstore.encrypted/tiers-keyring\n  \
    shred -u unlock.key\n\n\
    With `LoadCredentialEncrypted=tiers-keyring` in its unit, `tiers serve` finds the key by itself.")]
pub struct KeyArgs {
    /// Where to write the key (0600).
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Runs a `keyring` command.
///
/// # Errors
/// [`CliError`].
pub fn run(command: &KeyringCommand, context: &Context) -> Result<Outcome, CliError> {
    match command {
        KeyringCommand::Show(args) => show(args, context),
        KeyringCommand::Seal(args) => seal(args, context),
        KeyringCommand::Rotate(args) => rotate(args, context),
        KeyringCommand::Key(args) => key(&args.out),
    }
}

fn show(args: &ShowArgs, context: &Context) -> Result<Outcome, CliError> {
    let keyring = args.which.open(context)?;
    let (folder, trust) = (args.which.folder(), keyring.trust());
    let sealed = keyring.is_sealed_by().as_str();
    let disk = keyring.disk_keys();
    let numbers: Vec<String> = disk.iter().map(u32::to_string).collect();
    let text = format!(
        "Keyring        {folder}\n\
         Certifier      {origin}\n\
         Sealed by      {sealed}\n\
         Chain          {links} links\n\
         Disk keys      {numbers}\n\
         Public keys\n{prints}",
        folder = folder.display(),
        origin = trust.origin,
        links = keyring.links(),
        numbers = numbers.join(", "),
        prints = fingerprint_lines(&trust),
    );
    let json = json!({
        "keyring": folder, "origin": trust.origin, "sealed_by": sealed,
        "links": keyring.links(), "disk_keys": disk, "fingerprints": trust.fingerprints(),
    });
    Ok(Outcome::new(text, json))
}

fn seal(args: &SealCommand, context: &Context) -> Result<Outcome, CliError> {
    if !args.seal.named() && !context.interactive {
        return Err(CliError::Usage(
            "say how to seal it: --seal-passphrase-file, --seal-key, --seal-command or --unsealed",
        ));
    }
    let mut keyring = args.which.open(context)?;
    let unlock = args.seal.chosen(context)?;
    keyring.seal(unlock.as_ref(), &mut OsRandom::default()).map_err(keyring_error)?;
    let by = keyring.is_sealed_by();
    let folder = args.which.folder();
    let advice = if by == SealedBy::Nothing {
        ""
    } else {
        "\nNext           try that it opens: `tiers keyring show`; \
        a lost passphrase or key is a lost keyring"
    };
    let text = format!("Sealed by      {}, {}{advice}", by.as_str(), folder.display());
    Ok(Outcome::new(text, json!({ "keyring": folder, "sealed_by": by.as_str() })))
}

fn rotate(args: &RotateArgs, context: &Context) -> Result<Outcome, CliError> {
    let keyring = args.which.open(context)?;
    let random = &mut OsRandom::default();
    let (what, number) = if args.chain {
        ("chain", keyring.add_link(random).map_err(keyring_error)?)
    } else {
        ("disk", keyring.add_disk_key(random).map_err(keyring_error)? as usize)
    };
    drop(keyring);
    if args.now {
        rewrite(args, context)?;
    }
    let next = if args.now {
        "done: every segment is under it"
    } else {
        "start the certifier again: it rewrites its segments while it serves"
    };
    let text = format!(
        "Added          {what} key {number}\n\
         Backup         make a new one of the keyring, apart from the data\n\
         Next           {next}"
    );
    Ok(Outcome::new(text, json!({ "rotated": what, "number": number, "done": args.now })))
}

/// Does the whole work that a serving certifier would do beside.
fn rewrite(args: &RotateArgs, context: &Context) -> Result<(), CliError> {
    let failed = |error: ServiceError| service_error(&error);
    let keyring = args.which.open(context)?;
    let with = Dependencies { witnesses: witnesses(None)?, ..Dependencies::default() };
    let certifier = Certifier::open(&args.which.dir, keyring, with);
    let certifier = certifier.map_err(failed)?;
    let bar = context.steps_bar(certifier.rotation().map_err(failed)?.1.of as u64);
    loop {
        match certifier.upkeep().map_err(failed)? {
            Step::Rekeyed(progress) | Step::Encrypted(progress) => {
                bar.set_length(progress.of as u64);
                bar.set_position(progress.done as u64);
            }
            Step::InForce(_) | Step::Dropped(_) => {}
            Step::Idle => break,
        }
    }
    bar.finish_and_clear();
    Ok(())
}

fn key(out: &Path) -> Result<Outcome, CliError> {
    let key = Unlock::fresh_key(&mut OsRandom::default());
    files::write_secret(out, &key)?;
    let text = format!(
        "Key            {}: whoever has it opens the keyring that is sealed under it",
        out.display()
    );
    Ok(Outcome::new(text, json!({ "key": out })))
}
