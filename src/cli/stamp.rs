//! `tiers ledger stamp` and the check of its history: checkpoints that a time stamp authority has dated
//! (RFC 3161), kept one by one. The operator's own `openssl ts` makes the question and checks the answer:
//! the same tool that an inspector has. Specified by `docs/checking-a-proof.md`.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::Args;
use jiff::Timestamp;
use jiff::civil::DateTime;
use serde_json::json;
use tiers_protocol::tlog::{Checkpoint, LedgerFault, LedgerVerifier};

use super::client;
use super::context::Context;
use super::error::CliError;
use super::files;
use super::ledger::Source;
use super::output::Outcome;

/// The longest answer of an authority.
const REPLY_BYTES_MAX: usize = 1 << 20;

/// Words of `ledger stamp`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  tiers ledger stamp https://certifier.example --trust trust.json --history stamps \\\n    \
    --tsa http://tsa.example --tsa-ca tsa-root.pem\n  tiers ledger verify https://certifier.example --trust trust.json \
    --history stamps --tsa-ca tsa-root.pem\n\n\
    Run it once a day. It needs `openssl`. Only the digest of the signed checkpoint goes to the authority."
)]
pub struct StampArgs {
    /// A directory with the ledger or a copy, or the address of a certifier.
    #[arg(value_name = "DIR|URL")]
    source: String,
    /// The certifier's public keys; otherwise trust.json in or above DIR.
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
    /// Directory where dated checkpoints are kept.
    #[arg(long, value_name = "DIR")]
    history: PathBuf,
    /// Certificates of the authority's roots (PEM).
    #[arg(long, value_name = "FILE")]
    tsa_ca: PathBuf,
    /// Address of the authority (RFC 3161 over HTTP).
    #[arg(long, value_name = "URL", required_unless_present = "tsa_command")]
    tsa: Option<String>,
    /// A command that reads the question on standard input and writes the answer to standard output.
    #[arg(long, value_name = "COMMAND", conflicts_with = "tsa")]
    tsa_command: Option<String>,
}

/// A checkpoint with the time at which an authority saw it.
#[derive(Debug)]
pub(super) struct Stamped {
    /// The checkpoint.
    pub(super) checkpoint: Checkpoint,
    /// When.
    pub(super) at: Timestamp,
    /// Under which policy of the authority.
    pub(super) policy: String,
}

fn failed(code: &'static str, message: &str) -> CliError {
    CliError::Certifier { code, message: message.to_owned() }
}

/// Asks for a time stamp of the published checkpoint, checks it, and keeps both.
pub(super) fn stamp(args: &StampArgs, context: &Context) -> Result<Outcome, CliError> {
    let source = Source::open(&args.source, args.trust.as_deref())?;
    let signed = source.checkpoint()?;
    let checkpoint =
        source.verifier()?.verify_checkpoint(&signed).map_err(LedgerFault::Checkpoint)?;
    files::make_dir(&args.history)?;
    let name = |end: &str| args.history.join(format!("{:012}.{end}", checkpoint.size()));
    let (note, answer, question) = (name("checkpoint"), name("tsr"), name("tsq"));
    if note.exists() && answer.exists() {
        let text = format!("Stamped        {} already", note.display());
        return Ok(Outcome::new(text, json!({ "size": checkpoint.size(), "new": false })));
    }
    files::replace(&note, &signed)?;
    let made = openssl(&[
        "ts".as_ref(),
        "-query".as_ref(),
        "-sha256".as_ref(),
        "-cert".as_ref(),
        "-data".as_ref(),
        note.as_os_str(),
        "-out".as_ref(),
        question.as_os_str(),
    ])?;
    let asked = fs::read(&question).ok().filter(|_| made.0);
    let asked = asked.ok_or_else(|| failed("stamp.openssl", "`openssl ts` made no question"))?;
    let reply = match (&args.tsa, &args.tsa_command) {
        (Some(url), _) => client::ask_authority(url, &asked)?,
        (None, command) => run(command.as_deref().unwrap_or_default(), &asked)?,
    };
    if reply.len() > REPLY_BYTES_MAX {
        return Err(failed("stamp.answer", "the authority's answer is too long"));
    }
    files::replace(&answer, &reply)?;
    let checked = check(&note, &answer, &args.tsa_ca, Some(&question));
    let _ = fs::remove_file(&question);
    let (at, policy) = checked.inspect_err(|_| {
        // What does not hold is not kept.
        let _ = fs::remove_file(&answer);
        let _ = fs::remove_file(&note);
    })?;
    let text = format!(
        "{word}        {size} entries, at {at} (policy {policy})\nKept           {note}, {answer}",
        word = context.style.good("Stamped"),
        size = checkpoint.size(),
        note = note.display(),
        answer = answer.display(),
    );
    let json = json!({
        "size": checkpoint.size(), "new": true, "at": at.to_string(), "policy": policy,
        "checkpoint": note, "answer": answer,
    });
    Ok(Outcome::new(text, json))
}

/// Every dated checkpoint of a history, checked: signed by the ledger, dated by the authority.
pub(super) fn history(
    dir: &Path,
    ca: &Path,
    verifier: &LedgerVerifier,
) -> Result<Vec<Stamped>, CliError> {
    let listed = fs::read_dir(dir).map_err(|_| failed("stamp.history", "no history is there"))?;
    let mut notes: Vec<PathBuf> = listed.filter_map(|entry| Some(entry.ok()?.path())).collect();
    notes.retain(|path| path.extension().is_some_and(|end| end == "checkpoint"));
    notes.sort();
    let mut stamped = Vec::new();
    for note in notes {
        let signed = files::read_document(&note)?;
        let checkpoint = verifier.verify_checkpoint(&signed).map_err(LedgerFault::Checkpoint)?;
        let (at, policy) = check(&note, &note.with_extension("tsr"), ca, None)?;
        stamped.push(Stamped { checkpoint, at, policy });
    }
    Ok(stamped)
}

/// When the authority saw a file, and under which policy; its certificate has to be good at that time.
fn check(
    file: &Path,
    answer: &Path,
    ca: &Path,
    question: Option<&Path>,
) -> Result<(Timestamp, String), CliError> {
    let refused = || failed("stamp.refused", "a time stamp does not hold");
    let (good, text) = openssl(&[
        "ts".as_ref(),
        "-reply".as_ref(),
        "-text".as_ref(),
        "-in".as_ref(),
        answer.as_os_str(),
    ])?;
    let field = |name: &str| {
        text.lines().find_map(|line| line.trim().strip_prefix(name)).map(|t| t.trim().to_owned())
    };
    let at = field("Time stamp:").filter(|_| good).ok_or_else(refused)?;
    let at = moment(&at).ok_or_else(refused)?;
    let epoch = at.as_second().to_string();
    let mut words = vec!["ts".as_ref(), "-verify".as_ref(), "-in".as_ref(), answer.as_os_str()];
    words.extend(["-CAfile".as_ref(), ca.as_os_str(), "-attime".as_ref(), epoch.as_ref()]);
    match question {
        Some(question) => words.extend(["-queryfile".as_ref(), question.as_os_str()]),
        None => words.extend(["-data".as_ref(), file.as_os_str()]),
    }
    let (good, _) = openssl(&words)?;
    let policy = field("Policy OID:").ok_or_else(refused)?;
    if good { Ok((at, policy)) } else { Err(refused()) }
}

/// `Nov 22 09:29:35 2026 GMT`, with or without parts of a second.
fn moment(text: &str) -> Option<Timestamp> {
    let text = text.strip_suffix("GMT")?.trim();
    let parsed = DateTime::strptime("%b %e %H:%M:%S%.f %Y", text).ok()?;
    parsed.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|at| at.timestamp())
}

/// Whether it said yes, and what it printed.
fn openssl(words: &[&std::ffi::OsStr]) -> Result<(bool, String), CliError> {
    let run = Command::new("openssl")
        .args(words)
        // Names of policies that this machine knows would be printed in place of their numbers.
        .env("OPENSSL_CONF", "/dev/null")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .map_err(|_| failed("stamp.openssl", "`openssl` cannot be run"))?;
    Ok((run.status.success(), String::from_utf8_lossy(&run.stdout).into_owned()))
}

fn run(command: &str, question: &[u8]) -> Result<Vec<u8>, CliError> {
    let refused = || failed("stamp.answer", "the authority gave no answer");
    let mut child = Command::new("sh")
        .args(["-c", command])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .map_err(|_| refused())?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(question).map_err(|_| refused())?;
    }
    let done = child.wait_with_output().map_err(|_| refused())?;
    if done.status.success() { Ok(done.stdout) } else { Err(refused()) }
}
