//! `tiers journal`: checks the files of a certifier's journal with its public key only. Nothing shows what
//! the lines say: they serve security, and whoever may read the files has tools for text.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;

use super::certificate::{Pinned, dir_of};
use super::context::Context;
use super::error::CliError;
use super::output::Outcome;
use super::words;
use crate::journal;

/// The `journal` commands.
#[derive(Debug, Subcommand)]
pub enum JournalCommand {
    /// Check every line: that it follows the one before it, and that the certifier signed it.
    #[command(
        after_help = "Example:\n  tiers journal verify certifier.journal --trust trust.json\n\n\
        The ends of closed files stand in the public ledger (`journal.sealed`): a file that is missing\n\
        from a copy is found by comparing with those acts."
    )]
    Verify(VerifyArgs),
}

/// Words of `journal verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Folder of the journal.
    dir: PathBuf,
    /// The certifier's public keys; otherwise trust.json in DIR or beside it.
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
}

/// Runs a `journal` command.
///
/// # Errors
/// [`CliError`].
pub fn run(command: &JournalCommand, context: &Context) -> Result<Outcome, CliError> {
    let JournalCommand::Verify(args) = command;
    let places = [args.dir.clone(), dir_of(&args.dir)];
    let pinned = Pinned::find(args.trust.as_deref(), &places, &args.dir)?;
    let failed = |error: journal::JournalError| CliError::Certifier {
        code: error.code(),
        message: error.to_string(),
    };
    let names = journal::list(&args.dir).map_err(failed)?;
    let length = |name: &journal::Name| {
        std::fs::metadata(args.dir.join(name.to_string())).map_or(0, |found| found.len())
    };
    let bar = context.bytes_bar("Checking", names.iter().map(length).sum());
    let found = journal::verify(&args.dir, &pinned.trust.signing, |bytes| bar.inc(bytes));
    bar.finish_and_clear();
    let found = found.map_err(failed)?;
    if let Some(first) = found.altered.first() {
        return Err(CliError::Certifier { code: first.code(), message: first.to_string() });
    }
    let text = format!(
        "{verified}       {lines} lines in {files} files: each follows the one before it and is signed\n{keys}",
        verified = context.style.good("Verified"),
        lines = words::grouped(found.lines),
        files = words::grouped(found.files),
        keys = pinned.lines(context.style),
    );
    let json = json!({
        "verified": true, "pinned": pinned.pinned, "files": found.files, "lines": found.lines,
        "fingerprints": pinned.trust.fingerprints(),
    });
    Ok(Outcome::new(text, json))
}
