//! `tiers retention`: what is due and when, the purge of the day, the archive.

use clap::{Args, Subcommand};
use jiff::civil::Date;
use serde_json::json;

use super::acts::escaped;
use super::args::Remote;
use super::client::Client;
use super::context::Context;
use super::error::CliError;
use super::output::Outcome;
use super::table::{Align, Table};
use super::words;
use crate::governance::view::{ArchivedInfo, DueInfo, Phase, Purged};

/// The commands.
#[derive(Debug, Subcommand)]
pub enum RetentionCommand {
    /// As an officer or the operator: what goes to the archive or is deleted, and on which day.
    #[command(
        after_help = "Example:\n  tiers retention due --until 2026-12-31 --from https://certifier.example \
        --credentials officer.json"
    )]
    Due(DueArgs),
    /// As the operator: do now what is due today.
    #[command(after_help = "Example:\n  tiers retention purge --to https://certifier.example \
        --credentials operator.json\n\nThe certifier does the same by itself, about once a minute.")]
    Purge(PurgeArgs),
    /// As an officer: what lies in the intermediate archive.
    #[command(
        after_help = "Example:\n  tiers retention archive --programme PROGRAMME --reason \"litigation 12\" \
        --from https://certifier.example --credentials officer.json"
    )]
    Archive(ArchiveArgs),
}

/// Words of `retention due`.
#[derive(Debug, Args)]
pub struct DueArgs {
    /// Last day of the calendar; 30 days from now if not given.
    #[arg(long, value_name = "DAY")]
    until: Option<Date>,
    #[command(flatten)]
    remote: Remote,
}

/// Words of `retention purge`.
#[derive(Debug, Args)]
pub struct PurgeArgs {
    #[command(flatten)]
    remote: Remote,
}

/// Words of `retention archive`.
#[derive(Debug, Args)]
pub struct ArchiveArgs {
    /// Why you look; it goes into the record of this look.
    #[arg(long)]
    reason: String,
    /// Of this programme only.
    #[arg(long, value_name = "ID")]
    programme: Option<String>,
    /// This thing only, by its id in `retention due`.
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

/// Runs a `retention` command.
///
/// # Errors
/// [`CliError`].
pub fn run(command: &RetentionCommand, context: &Context) -> Result<Outcome, CliError> {
    match command {
        RetentionCommand::Due(args) => due(args, context),
        RetentionCommand::Purge(args) => purge(args),
        RetentionCommand::Archive(args) => archive(args, context),
    }
}

fn due(args: &DueArgs, context: &Context) -> Result<Outcome, CliError> {
    let (client, _) = Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let until = args.until.map_or_else(String::new, |day| format!("?until={day}"));
    let due: Vec<DueInfo> = client.json(&format!("/v1/retention{until}"))?;
    let mut table = Table::new(&[
        ("day", Align::Left),
        ("what becomes of it", Align::Left),
        ("object", Align::Left),
        ("id", Align::Left),
    ]);
    for of in &due {
        let becomes = match (of.phase, &of.moves_on) {
            (Phase::Active, Some(_)) => "to the archive",
            _ => "deleted",
        };
        let day = of.next_day().to_owned();
        table.row(vec![day, becomes.to_owned(), of.object.clone(), of.id.clone()]);
    }
    let mut lines = table.lines(context.style);
    lines.push(words::count(due.len() as u64, "thing is due", "things are due"));
    Ok(Outcome::new(lines.join("\n"), json!({ "due": due })))
}

fn purge(args: &PurgeArgs) -> Result<Outcome, CliError> {
    let (client, _) = Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let done: Purged = client.post("/v1/retention/purge", &json!({}))?;
    let text = format!(
        "Erased         {}\nArchived       {}\nDeleted        {}",
        words::count(done.erased as u64, "deposit", "deposits"),
        words::count(done.archived as u64, "record", "records"),
        words::count(done.deleted as u64, "record", "records"),
    );
    Ok(Outcome::new(text, json!({ "purged": done })))
}

fn archive(args: &ArchiveArgs, context: &Context) -> Result<Outcome, CliError> {
    let (client, _) = Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let mut address = format!("/v1/archive?reason={}", escaped(&args.reason));
    for (name, value) in [("programme", &args.programme), ("id", &args.id)] {
        if let Some(value) = value {
            address = format!("{address}&{name}={}", escaped(value));
        }
    }
    let things: Vec<ArchivedInfo> = client.json(&address)?;
    let mut table = Table::new(&[
        ("archived", Align::Left),
        ("kept until", Align::Left),
        ("object", Align::Left),
        ("id", Align::Left),
    ]);
    for of in &things {
        table.row(vec![
            of.archived_on.clone(),
            of.kept_until.clone(),
            of.object.clone(),
            of.id.clone(),
        ]);
    }
    let text = table.lines(context.style).join("\n");
    Ok(Outcome::new(text, json!({ "archive": things })))
}
