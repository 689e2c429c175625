//! `tiers breach`: files of breaches, kept by the operator and the officers; the clocks run from the
//! moment of awareness.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;
use tiers_protocol::ids::ActId;

use super::args::Remote;
use super::client::Client;
use super::context::Context;
use super::error::CliError;
use super::files::{self, Reserved};
use super::output::Outcome;
use super::table::{Align, Table};
use crate::governance::breach::{Breach, Clock, ClockState};
use crate::governance::view::BreachInfo;

/// The commands.
#[derive(Debug, Subcommand)]
pub enum BreachCommand {
    /// Write a file to start from, on this machine.
    Template(TemplateArgs),
    /// Open the file of a breach; what is not known yet follows later.
    Open(OpenArgs),
    /// Save the next version of a file.
    Update(UpdateArgs),
    /// The register of breaches, with every version and the clocks.
    List(ListArgs),
}

/// Words of `breach template`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tiers breach template --out breach.json")]
pub struct TemplateArgs {
    /// Where to write it.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Words of `breach open`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tiers breach open breach.json --to https://certifier.example \
    --credentials operator.json")]
pub struct OpenArgs {
    /// The file; `aware` alone is enough to begin.
    file: PathBuf,
    #[command(flatten)]
    remote: Remote,
}

/// Words of `breach update`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tiers breach update evt_... breach.json --to https://certifier.example \
    --credentials operator.json"
)]
pub struct UpdateArgs {
    /// Which breach.
    breach: ActId,
    /// The whole file, with what is new.
    file: PathBuf,
    #[command(flatten)]
    remote: Remote,
}

/// Words of `breach list`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tiers breach list --from https://certifier.example \
    --credentials officer.json")]
pub struct ListArgs {
    #[command(flatten)]
    remote: Remote,
}

const FILE: &str = "file of `tiers breach template`";

/// Runs a `breach` command.
///
/// # Errors
/// [`CliError`].
pub fn run(command: &BreachCommand, context: &Context) -> Result<Outcome, CliError> {
    match command {
        BreachCommand::Template(args) => template(args),
        BreachCommand::Open(args) => save(&args.remote, "/v1/breaches", &args.file),
        BreachCommand::Update(args) => {
            save(&args.remote, &format!("/v1/breaches/{}", args.breach), &args.file)
        }
        BreachCommand::List(args) => list(args, context),
    }
}

fn template(args: &TemplateArgs) -> Result<Outcome, CliError> {
    let sample = json!({
        "aware": "2000-01-01T08:00:00Z", "incident": "other", "controllers": [],
        "own_data": false,
        "nature": null, "persons": null, "persons_about": null, "records": null,
        "records_about": null, "dpo": null, "consequences": null, "measures": null,
        "controllers_told": null, "authority_told": null, "late_because": null,
        "not_notified_because": null, "facts": null, "effects": null, "remedies": null,
        "decision": null, "closed": null,
    });
    Reserved::make(&args.out)?.fill(&files::pretty(&sample))?;
    let text = format!("Written        {}: begin with `aware`, in UTC", args.out.display());
    Ok(Outcome::new(text, json!({ "written": args.out })))
}

fn save(remote: &Remote, path: &str, file: &std::path::Path) -> Result<Outcome, CliError> {
    let file: Breach = files::read_json(file, FILE)?;
    let (client, _) = Client::with_credentials(&remote.to, &remote.credentials)?;
    let saved: BreachInfo = client.post(path, &file)?;
    let unknown =
        if saved.missing.is_empty() { "nothing".to_owned() } else { saved.missing.join(", ") };
    let text = format!(
        "Breach         {id}, version {version}\n\
         Controllers    {controllers}\n\
         Authority      {authority}\n\
         Not known yet  {unknown}",
        id = saved.breach,
        version = saved.version,
        controllers = words(&saved.controllers),
        authority = words(&saved.authority),
    );
    Ok(Outcome::new(text, json!({ "breach": saved })))
}

fn words(clock: &Clock) -> String {
    match clock.state {
        ClockState::NotOwed => "not to be told".to_owned(),
        ClockState::Running => format!("until {}, {} h left", clock.until, clock.hours_left),
        ClockState::InTime => "told in time".to_owned(),
        ClockState::Late => format!("told after {}", clock.until),
        ClockState::Overdue => format!("OVERDUE since {}", clock.until),
    }
}

fn list(args: &ListArgs, context: &Context) -> Result<Outcome, CliError> {
    let (client, _) = Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let breaches: Vec<BreachInfo> = client.json("/v1/breaches")?;
    let mut table = Table::new(&[
        ("breach", Align::Left),
        ("version", Align::Right),
        ("aware (UTC)", Align::Left),
        ("controllers", Align::Left),
        ("authority", Align::Left),
        ("closed", Align::Left),
    ]);
    for breach in &breaches {
        table.row(vec![
            breach.breach.clone(),
            breach.version.to_string(),
            breach.document.aware.to_string(),
            words(&breach.controllers),
            words(&breach.authority),
            breach.document.closed.map_or_else(String::new, |at| at.to_string()),
        ]);
    }
    Ok(Outcome::new(table.lines(context.style).join("\n"), json!({ "breaches": breaches })))
}
