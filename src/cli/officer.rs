//! `tiers officer`: the operator enrols compliance officers of the certifier; they and the parties search acts.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;
use tiers_protocol::wire::{Credentials, NewOfficer};

use super::alerts;
use super::args::Remote;
use super::client::Client;
use super::context::Context;
use super::error::CliError;
use super::files::Reserved;
use super::output::Outcome;
use super::party::write_credentials;
use super::search;

/// The `officer` commands.
#[derive(Debug, Subcommand)]
pub enum OfficerCommand {
    /// Enrol a compliance officer, as the operator.
    Add(AddArgs),
    /// Search acts: as an officer of the certifier any, as a party those that concern it.
    #[command(
        after_help = "Example:\n  tiers officer search --about prg_… --since 2026-03-01 --reason \"quarterly audit\" \\\n    \
        --to https://certifier.example --credentials officer.json"
    )]
    Search(search::SearchArgs),
    /// Fetch the dossier of an object, with proofs that hold without the certifier.
    Dossier(search::DossierArgs),
    /// Check a dossier, without the certifier.
    Check(search::CheckArgs),
    /// As one of the certifier's people: what is unusual in how it is used.
    Alerts(alerts::AlertsArgs),
    /// Close an alert with what it was.
    CloseAlert(alerts::CloseArgs),
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
pub fn run(command: &OfficerCommand, context: &Context) -> Result<Outcome, CliError> {
    match command {
        OfficerCommand::Add(args) => add(args),
        OfficerCommand::Search(args) => search::search(args, context),
        OfficerCommand::Dossier(args) => search::dossier(args),
        OfficerCommand::Check(args) => search::check(args, context),
        OfficerCommand::Alerts(args) => alerts::list(args, context),
        OfficerCommand::CloseAlert(args) => alerts::close(args),
    }
}

fn add(args: &AddArgs) -> Result<Outcome, CliError> {
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
