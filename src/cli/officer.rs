//! `tiers officer`: the operator enrols compliance officers of the certifier.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;
use tiers_protocol::wire::{Credentials, NewOfficer};

use super::args::Remote;
use super::client::Client;
use super::context::Context;
use super::error::CliError;
use super::files::Reserved;
use super::output::Outcome;
use super::party::write_credentials;

/// The `officer` commands.
#[derive(Debug, Subcommand)]
pub enum OfficerCommand {
    /// Enrol a compliance officer, as the operator.
    Add(AddArgs),
}

/// Words of `officer add`.
#[derive(Debug, Args)]
pub struct AddArgs {
    #[command(flatten)]
    remote: Remote,
    /// Where to write the officer's credentials; hand them over and delete them.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Runs an `officer` command.
///
/// # Errors
/// [`CliError`].
pub fn run(command: &OfficerCommand, _context: &Context) -> Result<Outcome, CliError> {
    let OfficerCommand::Add(args) = command;
    let (client, _) = Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let out = Reserved::make(&args.out)?;
    let credentials: Credentials = client.post("/v1/officers", &NewOfficer {})?;
    write_credentials(out, &credentials)?;
    let text = format!(
        "Enrolled       an officer, known in the ledger as {actor}\n\
         Credentials    {out}: hand them over, then delete them here; the key is not shown again.",
        actor = credentials.actor,
        out = args.out.display(),
    );
    Ok(Outcome::new(text, json!({ "actor": credentials.actor, "credentials": args.out })))
}
