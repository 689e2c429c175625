//! `tiers backup` and `tiers restore`: what the words mean and what is said at the end. How a backup is made
//! and taken back is `service::backup`'s.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;
use tiers_protocol::ids::ActId;

use super::certifier::{service_error, witnesses};
use super::config::Config;
use super::context::Context;
use super::error::CliError;
use super::files::{self, Reserved};
use super::ledger::source_of;
use super::output::Outcome;
use super::unlock::UnlockArgs;
use super::words;
use crate::service::backup::{
    self, BackupError, Latest, Orders, Repository, SnapshotName, readable_recipients,
};
use crate::service::{Certifier, Dependencies, Layout};
use crate::time::{Clock as _, SystemClock};

/// Words of `backup`.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "The certifier may be serving. A backup is encrypted for its recipients and holds no key of the\n\
    keyring: copy the sealed keyring as well, to another place. What earlier backups in the folder have\n\
    is not stored twice; those older than keep_days go, the newest never.\n\nExamples:\n  \
    tiers backup key --out backup.key        on another machine: prints the recipient\n  \
    tiers backup /mnt/backup/tiers --dir certifier --recipient age1...\n  \
    tiers backup --config /etc/tiers/tiers.toml\n  \
    tiers backup verify /mnt/backup/tiers --identity backup.key"
)]
pub struct BackupArgs {
    #[command(subcommand)]
    command: Option<BackupCommand>,
    #[command(flatten)]
    make: MakeArgs,
}

/// The `backup` commands besides making one.
#[derive(Debug, Subcommand)]
pub enum BackupCommand {
    /// Make a key that opens backups; keep it away from the certifier.
    Key(KeyArgs),
    /// Check that everything is there; with the key, that everything opens and is what it was.
    Verify(VerifyArgs),
}

/// Words of `backup key`.
#[derive(Debug, Args)]
pub struct KeyArgs {
    /// Where to write the key.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Words of `backup verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Folder of the backups.
    folder: PathBuf,
    /// File with the key that opens them (0600).
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
}

/// Words of making a backup.
#[derive(Debug, Args)]
pub struct MakeArgs {
    /// Folder of the backups; that of the configuration if not given.
    folder: Option<PathBuf>,
    /// Configuration file (TOML).
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Directory of the certifier; that of the configuration if not given.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Directory of the keyring; DIR.keyring if not given.
    #[arg(long, value_name = "DIR")]
    keyring: Option<PathBuf>,
    /// Public key of who can open it; several times for several.
    #[arg(long = "recipient", value_name = "KEY")]
    recipients: Vec<String>,
    /// Days that a backup is kept; those of the configuration if not given.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u16).range(1..))]
    keep_days: Option<u16>,
    #[command(flatten)]
    unlock: UnlockArgs,
}

/// Words of `restore`.
#[derive(Debug, Args)]
#[command(
    after_help = "DIR must be free, and the keyring be there in its newest copy. The ledger says what came after the\n\
    backup: name the newest mirror of it, or the old directory's own. Erasures that were ordered since\n\
    are done again from DIR.erasures; one whose order is lost stops everything unless somebody answers\n\
    for it by name (and orders it again from the party's file). What persons said since comes back from\n\
    DIR.said; where the ledger knows of more than is there, everything stops as well.\n\nExample:\n  \
    tiers restore /mnt/backup/tiers --dir certifier --identity backup.key --ledger mirror"
)]
pub struct RestoreArgs {
    /// Folder of the backups.
    folder: PathBuf,
    /// Directory to make.
    #[arg(long, default_value = "certifier", value_name = "DIR")]
    dir: PathBuf,
    /// Directory of the keyring; DIR.keyring if not given.
    #[arg(long, value_name = "DIR")]
    keyring: Option<PathBuf>,
    /// File with the key that opens the backup (0600).
    #[arg(long, value_name = "FILE")]
    identity: PathBuf,
    /// The newest copy of the ledger: a directory, or the address of a mirror.
    #[arg(long, value_name = "DIR|URL")]
    ledger: Option<String>,
    /// Which backup; the newest if not given.
    #[arg(long, value_name = "NAME")]
    snapshot: Option<String>,
    /// Folder of the orders to erase; DIR.erasures if not given.
    #[arg(long, value_name = "DIR")]
    erasures: Option<PathBuf>,
    /// An order to erase that is lost, and that is ordered again at once.
    #[arg(long = "give-up-erasure", value_name = "ID")]
    given_up: Vec<String>,
    /// Go on although some of what persons said since the backup was not kept in DIR.said: companies hand their
    /// consents, withdrawals and objections of that time in again, before anything is handed over.
    #[arg(long = "give-up-said")]
    give_up_said: bool,
    #[command(flatten)]
    unlock: UnlockArgs,
}

fn failed(error: &BackupError) -> CliError {
    CliError::Certifier { code: error.code(), message: error.to_string() }
}

/// Runs a `backup` command.
///
/// # Errors
/// [`CliError`].
pub fn run(args: &BackupArgs, context: &Context) -> Result<Outcome, CliError> {
    match &args.command {
        Some(BackupCommand::Key(args)) => key(args),
        Some(BackupCommand::Verify(args)) => verify(args, context),
        None => make(&args.make, context),
    }
}

fn key(args: &KeyArgs) -> Result<Outcome, CliError> {
    let reserved = Reserved::make(&args.out)?;
    let (secret, public) = backup::fresh_identity();
    reserved.fill(&format!("{}\n", secret.as_str()))?;
    let out = &args.out;
    let text = format!(
        "Key            {out}: keep it away from the certifier; without it no backup opens\n\
         Recipient      {public}",
        out = out.display(),
    );
    Ok(Outcome::new(text, json!({ "key": out, "recipient": public })))
}

fn verify(args: &VerifyArgs, context: &Context) -> Result<Outcome, CliError> {
    let repository = Repository::open(&args.folder, false).map_err(|error| failed(&error))?;
    let identity = args.identity.as_deref().map(files::read_secret_text).transpose()?;
    let bar = context.steps_bar(repository.objects().map_err(|error| failed(&error))?);
    let checked = repository
        .verify(identity.as_ref().map(|text| text.as_str()), |steps| bar.inc(steps))
        .map_err(|error| failed(&error))?;
    bar.finish_and_clear();
    let opened = identity.is_some();
    let how = if opened { "opened, and is what it was" } else { "there; not opened without a key" };
    let text = format!(
        "{verified}       {snapshots} need {objects}: each is {how}",
        verified = context.style.good("Verified"),
        snapshots = words::count(checked.snapshots, "backup", "backups"),
        objects = words::count(checked.objects, "file", "files"),
    );
    let json = json!({
        "verified": true, "opened": opened, "snapshots": checked.snapshots, "objects": checked.objects,
    });
    Ok(Outcome::new(text, json))
}

fn make(args: &MakeArgs, context: &Context) -> Result<Outcome, CliError> {
    let mut config = Config::load(args.config.as_deref())?;
    if let Some(dir) = &args.dir {
        config.dir.clone_from(dir);
    }
    config.keyring = args.keyring.clone().or(config.keyring);
    if !args.recipients.is_empty() {
        config.backup.recipients.clone_from(&args.recipients);
    }
    let folder = args.folder.clone().or_else(|| config.backup.to.clone());
    let folder = folder.ok_or(CliError::Usage("name the folder of the backups"))?;
    if config.backup.recipients.is_empty() {
        return Err(CliError::Usage("name who can open the backup with --recipient"));
    }
    readable_recipients(&config.backup.recipients).map_err(|error| failed(&error))?;
    let keyring = args.unlock.or(&config.unlock).open(&config.keyring(), context)?;
    let repository = Repository::open(&folder, true).map_err(|error| failed(&error))?;
    let keep = args.keep_days.unwrap_or(config.backup.keep_days);
    let layout = Layout::new(&config.dir);
    let recipients = &config.backup.recipients;
    let made = backup::make((&layout, &keyring), &repository, recipients, keep, SystemClock.now())
        .map_err(|error| failed(&error))?;
    let text = format!(
        "Backup         {name}: {files}, {bytes} MiB, of which {new} MiB are new\n\
         Ledger         {entries} are in it\n\
         Older          {pruned} went",
        name = made.snapshot,
        files = words::count(made.files, "file", "files"),
        bytes = made.bytes >> 20,
        new = made.new_bytes >> 20,
        entries = words::count(made.entries, "entry", "entries"),
        pruned = words::count(made.pruned, "backup", "backups"),
    );
    let json = json!({
        "snapshot": made.snapshot.to_string(), "files": made.files, "bytes": made.bytes,
        "new_bytes": made.new_bytes, "entries": made.entries, "pruned": made.pruned,
    });
    Ok(Outcome::new(text, json))
}

/// Runs `restore`.
///
/// # Errors
/// [`CliError`].
pub fn restore(args: &RestoreArgs, context: &Context) -> Result<Outcome, CliError> {
    let layout = Layout::new(&args.dir);
    if !files::is_free(&args.dir) && !layout.restoring().exists() {
        return Err(CliError::Exists(args.dir.clone()));
    }
    let folder =
        args.keyring.clone().unwrap_or_else(|| super::certifier::beside(&args.dir, ".keyring"));
    let open = || args.unlock.open(&folder, context);
    let identity = files::read_secret_text(&args.identity)?;
    let snapshot = args.snapshot.as_deref().map(str::parse::<SnapshotName>).transpose();
    let snapshot = snapshot.map_err(|error| failed(&error))?;
    let parsed = args.given_up.iter().map(|id| id.parse::<ActId>());
    let given_up: Vec<ActId> = parsed
        .collect::<Result<_, _>>()
        .map_err(|_| CliError::Usage("--give-up-erasure takes the id of an order"))?;
    let orders = args.erasures.as_deref().map_or_else(|| Orders::beside(&layout), Orders::new);
    let source = args.ledger.as_deref().map(source_of).transpose()?;
    let repository = Repository::open(&args.folder, false).map_err(|error| failed(&error))?;
    let keyring = open()?;
    let unpacked =
        backup::unpack(&repository, snapshot.as_ref(), (identity.as_str(), &keyring), &layout)
            .map_err(|error| failed(&error))?;
    let latest = Latest {
        ledger: source.as_deref(),
        orders: &orders,
        given_up: &given_up,
        give_up_said: args.give_up_said,
    };
    let with = Dependencies { witnesses: witnesses(None)?, ..Dependencies::default() };
    let restored = Certifier::open_restored(&args.dir, keyring, &latest, with);
    let (_, restored) = restored.map_err(|error| {
        // What could not be proven is not left to be served by mistake.
        let aside = files::sibling(&args.dir);
        let _ = std::fs::rename(&args.dir, &aside).and_then(|()| std::fs::remove_dir_all(&aside));
        service_error(&error)
    })?;
    let text = format!(
        "Restored       {name}: {files} into {dir}\n\
         Ledger         {entries} came after the backup and are back, without what they committed to\n\
         Erasures       {erasures} ordered since were done again\n\
         Persons        {said} in which something about persons changed are back with what they changed\n\
         Exchanges      {exchanges} had gone on and are where the ledger leaves them\n\
         Accounts       {accounts} had debits that were lost; their years stay closed\n\
         Next           `tiers doctor --dir {dir}`, then `tiers serve`",
        name = unpacked.snapshot,
        files = words::count(unpacked.files, "file", "files"),
        dir = args.dir.display(),
        entries = words::count(restored.to - restored.from, "entry", "entries"),
        erasures = words::grouped(restored.erasures),
        said = words::count(restored.said, "transaction", "transactions"),
        exchanges = words::grouped(restored.exchanges),
        accounts = words::grouped(restored.accounts.len() as u64),
    );
    let json = json!({
        "snapshot": unpacked.snapshot.to_string(), "files": unpacked.files, "from": restored.from,
        "to": restored.to, "accounts": restored.accounts, "erasures": restored.erasures,
        "exchanges": restored.exchanges, "said": restored.said,
    });
    Ok(Outcome::new(text, json))
}
