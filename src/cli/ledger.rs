//! `tiers ledger`: checks the whole public ledger with its public key only, from a server or from a
//! copy, and makes copies. It never asks the certifier to vouch for itself.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};
use tiers_protocol::encoding::encode;
use tiers_protocol::tlog::{
    CHECKPOINT_PATH, Checkpoint, FILE_BYTES_MAX, FileName, LedgerFault, LedgerSummary,
    LedgerVerifier, SourceError, TileSource, WITNESSED_PATH, required_tiles, verify_consistent,
    verify_history,
};
use tiers_protocol::trust::Trust;

use super::certificate::Pinned;
use super::certifier::{beside, service_error, witnesses};
use super::client::Client;
use super::context::Context;
use super::error::CliError;
use super::files;
use super::ledger_progress::Watched;
use super::ledger_proof::{self, ProofArgs, held_checkpoint};
use super::output::Outcome;
use super::stamp::{self, StampArgs};
use super::table::{Align, Table};
use super::unlock::UnlockArgs;
use super::words;
use crate::service::{Certifier, Dependencies};

/// The `ledger` commands.
#[derive(Debug, Subcommand)]
pub enum LedgerCommand {
    /// Check every entry, tile and checkpoint of a ledger.
    #[command(
        after_help = "Examples:\n  tiers ledger verify https://certifier.example --trust trust.json\n  \
        tiers ledger verify ledger --held receipt.json"
    )]
    Verify(VerifyArgs),
    /// Have a time stamp authority date the published checkpoint (RFC 3161), and keep both.
    Stamp(StampArgs),
    /// Copy a ledger, so that it can be checked offline and compared later.
    Mirror(MirrorArgs),
    /// Take a receipt, a certificate or another proof apart into files that public tools can check.
    #[command(after_help = "Example:\n  tiers ledger proof receipt.json --out proof")]
    Proof(ProofArgs),
    /// Repair a certifier whose database was restored from a backup, from a copy of its ledger.
    #[command(
        after_help = "The copy must be newer than the database: a mirror, the ledger of a static server, or\n\
        the directory DIR/ledger itself where only the database was restored.\n\n\
        Example:\n  tiers ledger repair --dir certifier --from mirror"
    )]
    Repair(RepairArgs),
}

/// Words of `ledger verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// A directory with a copy, or the address of a certifier.
    #[arg(value_name = "DIR|URL")]
    source: String,
    /// The certifier's public keys; otherwise trust.json in or above DIR.
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
    /// A receipt, certificate or other proof that you hold: the ledger has to continue its checkpoint. May be
    /// given more than once.
    #[arg(long, value_name = "FILE")]
    held: Vec<PathBuf>,
    /// Directory of dated checkpoints (`ledger stamp`): the ledger has to continue each of them.
    #[arg(long, value_name = "DIR", requires = "tsa_ca")]
    history: Option<PathBuf>,
    /// Certificates of the roots of the authority that dated them (PEM).
    #[arg(long, value_name = "FILE", requires = "history")]
    tsa_ca: Option<PathBuf>,
}

/// Words of `ledger mirror`.
#[derive(Debug, Args)]
pub struct MirrorArgs {
    /// Address of the certifier.
    #[arg(value_name = "URL")]
    url: String,
    /// Directory to write; an older copy in it is brought up to date.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The certifier's public keys.
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
}

/// Words of `ledger repair`.
#[derive(Debug, Args)]
pub struct RepairArgs {
    /// Directory of the certifier, which must not be running.
    #[arg(long, default_value = "certifier", value_name = "DIR")]
    dir: PathBuf,
    /// Directory of the keyring; DIR.keyring if not given.
    #[arg(long, value_name = "DIR")]
    keyring: Option<PathBuf>,
    /// A directory with a copy of the ledger, or the address of a server that has one.
    #[arg(long, value_name = "DIR|URL")]
    from: String,
    #[command(flatten)]
    unlock: UnlockArgs,
}

/// Runs a `ledger` command.
///
/// # Errors
/// [`CliError`].
pub fn run(command: &LedgerCommand, context: &Context) -> Result<Outcome, CliError> {
    match command {
        LedgerCommand::Verify(args) => verify(args, context),
        LedgerCommand::Stamp(args) => stamp::stamp(args, context),
        LedgerCommand::Mirror(args) => mirror(args),
        LedgerCommand::Proof(args) => ledger_proof::run(args, context),
        LedgerCommand::Repair(args) => repair(args, context),
    }
}

/// A copy of a ledger in a directory.
struct Directory(PathBuf);

impl TileSource for Directory {
    fn read(&self, path: &str) -> Result<Vec<u8>, SourceError> {
        let path = self.0.join(path);
        let meta = fs::metadata(&path).map_err(|cause| source_error(&cause))?;
        if meta.len() > FILE_BYTES_MAX {
            return Err(SourceError::TooLong);
        }
        fs::read(&path).map_err(|cause| source_error(&cause))
    }

    fn list(&self) -> Result<Option<Vec<String>>, SourceError> {
        let mut names = Vec::new();
        // trust.json may lie in the directory; it is no file of the ledger.
        list_files(&self.0, "", &mut names).map_err(|_| SourceError::Unavailable)?;
        names.retain(|name| name != "trust.json");
        Ok(Some(names))
    }
}

fn source_error(cause: &io::Error) -> SourceError {
    match cause.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => SourceError::NotFound,
        _ => SourceError::Unavailable,
    }
}

fn list_files(dir: &Path, prefix: &str, names: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            list_files(&entry.path(), &format!("{name}/"), names)?;
        } else {
            names.push(name);
        }
    }
    Ok(())
}

fn is_url(source: &str) -> bool {
    source.starts_with("https://") || source.starts_with("http://")
}

fn verify(args: &VerifyArgs, context: &Context) -> Result<Outcome, CliError> {
    let source = Source::open(&args.source, args.trust.as_deref())?;
    let (verifier, pinned) = (source.verifier()?, &source.pinned);
    let stamped = match (&args.history, &args.tsa_ca) {
        (Some(dir), Some(ca)) => stamp::history(dir, ca, &verifier)?,
        _ => Vec::new(),
    };
    let documents = args.held.iter().map(|path| held_checkpoint(path, &pinned.trust));
    let documents = documents.collect::<Result<Vec<_>, _>>()?;
    let dated = stamped.iter().map(|of| of.checkpoint.clone());
    let held: Vec<Checkpoint> = dated.chain(documents).collect();
    let watched = Watched::over(source.tiles.as_ref());
    let summary = verify_history(&watched, &verifier, &held)?;
    drop(watched);
    let mut text = summary_text(&summary, context);
    if let (Some(first), Some(last)) = (stamped.first(), stamped.last()) {
        let _ = writeln!(
            text,
            "Dated          {count}, all continued: from {from} to {to} (the first {entries})",
            count = words::count(stamped.len() as u64, "checkpoint", "checkpoints"),
            from = first.at,
            to = last.at,
            entries = words::count(last.checkpoint.size(), "entry", "entries"),
        );
    }
    if !args.held.is_empty() {
        let documents = words::count(args.held.len() as u64, "document", "documents");
        let _ = writeln!(
            text,
            "Held           {documents}: no act before them is dropped, moved or altered"
        );
    }
    text.push_str(&pinned.lines(context.style));
    let mut json = summary_json(&summary, pinned);
    json["held"] = json!(args.held.len());
    json["stamps"] = stamped
        .iter()
        .map(|of| {
            let (size, at) = (of.checkpoint.size(), of.at.to_string());
            json!({ "size": size, "at": at, "policy": of.policy })
        })
        .collect();
    Ok(Outcome::new(text, json))
}

/// Where a ledger is read from, and the keys that check it.
pub(super) struct Source {
    tiles: Box<dyn TileSource>,
    pinned: Pinned,
}

impl Source {
    /// Of a directory or an address.
    pub(super) fn open(place: &str, trust: Option<&Path>) -> Result<Self, CliError> {
        if is_url(place) {
            let client = Client::public(place)?;
            let pinned = match trust {
                Some(path) => Pinned { trust: files::read_trust(path)?, pinned: true },
                None => Pinned { trust: client.json::<Trust>("/v1/trust")?, pinned: false },
            };
            return Ok(Self { tiles: Box::new(client), pinned });
        }
        let dir = PathBuf::from(place);
        let pinned = Pinned::find(trust, &in_and_above(&dir), &dir)?;
        Ok(Self { tiles: Box::new(Directory(dir)), pinned })
    }

    /// Where its files are read.
    pub(super) fn tiles(&self) -> &dyn TileSource {
        self.tiles.as_ref()
    }

    /// Its checkpoint, as it is signed.
    pub(super) fn checkpoint(&self) -> Result<Vec<u8>, CliError> {
        let unreadable = |cause| LedgerFault::Unreadable { file: FileName::Checkpoint, cause };
        Ok(self.tiles.read(CHECKPOINT_PATH).map_err(unreadable)?)
    }

    /// What checks it.
    pub(super) fn verifier(&self) -> Result<LedgerVerifier, CliError> {
        verifier_of(&self.pinned.trust)
    }
}

/// What checks the ledger that the trust file names.
fn verifier_of(trust: &Trust) -> Result<LedgerVerifier, CliError> {
    LedgerVerifier::from_vkey(&trust.ledger)?;
    trust.ledger_verifier().ok_or(CliError::Differs(super::error::Compared::Trust))
}

/// A copy of a ledger: a directory, or where one is served.
pub(super) fn source_of(from: &str) -> Result<Box<dyn TileSource>, CliError> {
    Ok(if is_url(from) {
        Box::new(Client::public(from)?)
    } else {
        Box::new(Directory(PathBuf::from(from)))
    })
}

/// Gives a restored database back what a copy of its ledger knows.
fn repair(args: &RepairArgs, context: &Context) -> Result<Outcome, CliError> {
    let folder = args.keyring.clone().unwrap_or_else(|| beside(&args.dir, ".keyring"));
    let keyring = args.unlock.open(&folder, context)?;
    let source = source_of(&args.from)?;
    let with = Dependencies { witnesses: witnesses(None)?, ..Dependencies::default() };
    let repaired = Certifier::repair(&args.dir, keyring, source.as_ref(), with);
    let (_, repaired) = repaired.map_err(|error| service_error(&error))?;
    let text = format!(
        "Repaired       {entries} put back, from {from} to {to}\n\
         Accounts       {accounts} had debits that were lost; their years stay closed\n\
         Lost           what came after the backup and is not in a ledger: deposits (their parties may\n\
         \x20              send them again), reports, details of acts",
        entries = words::count(repaired.to - repaired.from, "entry", "entries"),
        from = repaired.from,
        to = repaired.to,
        accounts = words::grouped(repaired.accounts.len() as u64),
    );
    let json = json!({
        "from": repaired.from, "to": repaired.to, "accounts": repaired.accounts,
    });
    Ok(Outcome::new(text, json))
}

/// A directory and the one above it.
fn in_and_above(dir: &Path) -> Vec<PathBuf> {
    let above = fs::canonicalize(dir).ok().and_then(|full| full.parent().map(Path::to_owned));
    std::iter::once(dir.to_owned()).chain(above).collect()
}

fn summary_text(summary: &LedgerSummary, context: &Context) -> String {
    let time = |at: Option<tiers_protocol::tlog::ActTime>| {
        at.map_or_else(|| "none".to_owned(), |at| at.timestamp().to_string())
    };
    let mut text = format!(
        "{verified}       every entry, tile and the signed checkpoint\n\
         Ledger         {origin}\n\
         Entries        {size}, from {first} to {last}\n\
         Root           {root}\n",
        verified = context.style.good("Verified"),
        origin = summary.checkpoint.origin(),
        size = words::grouped(summary.checkpoint.size()),
        first = time(summary.first),
        last = time(summary.last),
        root = encode(summary.checkpoint.root()),
    );
    text.push_str(&witnessed_text(summary, context));
    if summary.steps_back > 0 {
        let _ = writeln!(
            text,
            "{}           {} earlier than the entry before",
            context.style.warn("Time"),
            words::count(summary.steps_back, "entry is", "entries are"),
        );
    }
    let mut table = Table::new(&[("act", Align::Left), ("entries", Align::Right)]);
    for (act, number) in &summary.counts {
        table.row(vec![act.as_str().to_owned(), words::grouped(*number)]);
    }
    text.push_str(&table.lines(context.style).join("\n"));
    text.push('\n');
    text
}

/// Up to where who vouches for the ledger, beside its own key.
fn witnessed_text(summary: &LedgerSummary, context: &Context) -> String {
    let Some(witnessed) = &summary.witnessed else {
        let word = context.style.warn("Witnesses");
        return format!("{word}      none: only the ledger's own key vouches for it\n");
    };
    let by = witnessed.by.iter().map(|by| format!("{} at {}", by.witness, by.at));
    format!(
        "Witnesses      {}: the first {}\n",
        by.collect::<Vec<_>>().join(", "),
        words::count(witnessed.size, "entry", "entries"),
    )
}

fn summary_json(summary: &LedgerSummary, pinned: &Pinned) -> Value {
    let counts: Map<String, Value> =
        summary.counts.iter().map(|(act, n)| (act.as_str().to_owned(), json!(n))).collect();
    let spent: Map<String, Value> = summary
        .spent_nrho
        .iter()
        .map(|(account, nrho)| (account.as_str().to_owned(), json!(nrho)))
        .collect();
    let witnesses: Vec<Value> = summary
        .witnessed
        .iter()
        .flat_map(|witnessed| &witnessed.by)
        .map(|by| json!({ "name": by.witness, "at": by.at.to_string() }))
        .collect();
    json!({
        "witnesses": witnesses,
        "witnessed_size": summary.witnessed.as_ref().map(|witnessed| witnessed.size),
        "verified": true, "pinned": pinned.pinned, "origin": summary.checkpoint.origin(),
        "size": summary.checkpoint.size(), "root": encode(summary.checkpoint.root()),
        "counts": counts, "spent_nrho": spent, "steps_back": summary.steps_back,
        "fingerprints": pinned.trust.fingerprints(),
    })
}

/// Copies the checkpoint and the tiles that it needs, the checkpoint last, so that a copy that was
/// interrupted never claims more than it holds.
fn mirror(args: &MirrorArgs) -> Result<Outcome, CliError> {
    let client = Client::public(&args.url)?;
    let trust = match &args.trust {
        Some(path) => files::read_trust(path)?,
        None => client.json("/v1/trust")?,
    };
    let verifier = verifier_of(&trust)?;
    // Before the checkpoint, which covers it then. A server that has none serves no such file.
    let witnessed = match verifier.witnesses().asks_for_any() {
        true => Some(fetch(&client, WITNESSED_PATH)?),
        false => None,
    };
    let signed = fetch(&client, CHECKPOINT_PATH)?;
    let checkpoint = verifier.verify_checkpoint(&signed).map_err(LedgerFault::Checkpoint)?;
    if let Ok(held) = fs::read(args.out.join(CHECKPOINT_PATH)) {
        // A ledger that shrank or forked since the last copy must not replace the evidence.
        let held = verifier.verify_checkpoint(&held).map_err(LedgerFault::Checkpoint)?;
        verify_consistent(&client, &verifier, &held)?;
    }
    let mut files_written = 1_u64;
    for tile in required_tiles(checkpoint.size()) {
        let name = tile.to_string();
        let path = args.out.join(&name);
        if tile.is_full() && path.is_file() {
            continue;
        }
        let bytes = fetch(&client, &name)?;
        if let Some(parent) = path.parent() {
            files::make_dir(parent)?;
        }
        files::replace(&path, &bytes)?;
        files_written += 1;
    }
    files::make_dir(&args.out)?;
    files::replace(&args.out.join(CHECKPOINT_PATH), &signed)?;
    if let Some(witnessed) = witnessed {
        files::replace(&args.out.join(WITNESSED_PATH), &witnessed)?;
    }
    let text = format!(
        "Copied         {entries} of ledger {origin} to {out} ({count})\n\
         Next           `tiers ledger verify {out}` checks the copy.",
        entries = words::count(checkpoint.size(), "entry", "entries"),
        origin = checkpoint.origin(),
        out = args.out.display(),
        count = words::count(files_written, "new file", "new files"),
    );
    Ok(Outcome::new(text, json!({ "size": checkpoint.size(), "dir": args.out })))
}

fn fetch(client: &Client, name: &str) -> Result<Vec<u8>, CliError> {
    client.bytes(&format!("/ledger/{name}"))
}
