//! `tiers governance`: records that the law asks for before data may flow. Templates to fill in and the
//! linter of notices work on this machine alone; the rest talks to the certifier.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;
use tiers_protocol::ids::PartyId;
use tiers_protocol::programme::Programme;

use super::args::Remote;
use super::client::Client;
use super::context::Context;
use super::error::CliError;
use super::files::{self, Reserved};
use super::governance_samples as samples;
use super::output::Outcome;
use super::table::{Align, Table};
use crate::governance::Record;
use crate::governance::notice::{Collected, NoticeText};
use crate::governance::view::{FlagInstruction, GovernanceView, RecordInfo};

/// The commands.
#[derive(Debug, Subcommand)]
pub enum GovernanceCommand {
    /// Write a record to start from, on this machine.
    Template(TemplateArgs),
    /// Go through a notice item by item (GDPR art. 13, 14), on this machine.
    Lint(LintArgs),
    /// Write a record at the certifier; it replaces its earlier version.
    Record(RecordArgs),
    /// Show what stands for a programme, and what keeps it out of production.
    Status(StatusArgs),
    /// As operator or officer: hold an instruction for unlawful; nothing runs on it any more.
    Flag(FlagArgs),
    /// As the principal: open production.
    Production(StatusArgs),
}

/// Which record.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Sample {
    /// Who a legal entity is.
    Identity,
    /// Purposes, bases, roles.
    Activity,
    /// A controller's contract with the certifier.
    Contract,
    /// An instruction of a controller.
    Instruction,
    /// A sub-processor.
    Subprocessor,
    /// The arrangement of joint controllers.
    Arrangement,
    /// The record of an information notice.
    Notice,
    /// The impact assessment.
    Dpia,
    /// Who could identify the persons: partner, certifier, brand, host.
    Identifiability,
    /// The text of a notice under art. 13, for `lint`.
    Article13,
    /// The text of a notice under art. 14, for `lint`.
    Article14,
}

/// Words of `governance template`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tiers governance template activity --out activity.json\n\n\
    Texts between < and > are for you to fill in. A record is complete when the certifier takes it;\n\
    whether it is lawful, your officer says.")]
pub struct TemplateArgs {
    /// Which record.
    sample: Sample,
    /// Where to write it.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Words of `governance lint`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tiers governance template article14 --out notice.json\n  \
    tiers governance lint notice.json")]
pub struct LintArgs {
    /// The notice, item by item.
    notice: PathBuf,
}

/// Words of `governance record`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tiers governance record notice.json --programme p.json \
    --to https://certifier.example --credentials dealer.json")]
pub struct RecordArgs {
    /// The record.
    record: PathBuf,
    /// Its programme; an identity has none.
    #[arg(long, value_name = "FILE")]
    programme: Option<PathBuf>,
    #[command(flatten)]
    remote: Remote,
}

/// Words of `governance status` and `governance production`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tiers governance status --programme p.json \
    --from https://certifier.example --credentials brand.json")]
pub struct StatusArgs {
    /// The programme.
    #[arg(long, value_name = "FILE")]
    programme: PathBuf,
    #[command(flatten)]
    remote: Remote,
}

/// Words of `governance flag`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tiers governance flag --programme p.json --party pty_... --instruction 1 \
    --reason \"asks for names\" --to https://certifier.example --credentials operator.json"
)]
pub struct FlagArgs {
    /// The programme.
    #[arg(long, value_name = "FILE")]
    programme: PathBuf,
    /// The controller that gave the instruction.
    #[arg(long)]
    party: PartyId,
    /// Its number, as `status` shows it.
    #[arg(long, value_name = "NUMBER")]
    instruction: u64,
    /// Why it infringes the law; the controller reads it.
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    remote: Remote,
}

/// Runs a `governance` command.
///
/// # Errors
/// [`CliError`].
pub fn run(command: &GovernanceCommand, context: &Context) -> Result<Outcome, CliError> {
    match command {
        GovernanceCommand::Template(args) => template(args),
        GovernanceCommand::Lint(args) => lint(args),
        GovernanceCommand::Record(args) => record(args),
        GovernanceCommand::Status(args) => status(args, context),
        GovernanceCommand::Flag(args) => flag(args),
        GovernanceCommand::Production(args) => production(args),
    }
}

fn template(args: &TemplateArgs) -> Result<Outcome, CliError> {
    let document = match args.sample {
        Sample::Identity => samples::identity(),
        Sample::Activity => samples::activity(),
        Sample::Contract => samples::contract(),
        Sample::Instruction => samples::instruction(),
        Sample::Subprocessor => samples::subprocessor(),
        Sample::Arrangement => samples::arrangement(),
        Sample::Notice => samples::notice(),
        Sample::Dpia => samples::dpia(),
        Sample::Identifiability => samples::identifiability(),
        Sample::Article13 => samples::notice_text(Collected::FromPerson),
        Sample::Article14 => samples::notice_text(Collected::Elsewhere),
    };
    Reserved::make(&args.out)?.fill(&files::pretty(&document))?;
    let text =
        format!("Written        {}: fill in what stands between < and >", args.out.display());
    Ok(Outcome::new(text, json!({ "written": args.out })))
}

fn lint(args: &LintArgs) -> Result<Outcome, CliError> {
    let notice: NoticeText =
        files::read_json(&args.notice, "notice of `tiers governance template`")?;
    let missing: Vec<_> = notice.missing();
    if let Some((item, what)) = missing.first() {
        let more = missing.len() - 1;
        return Err(CliError::Notice { path: args.notice.clone(), item, what, more });
    }
    if !notice.unknown().is_empty() {
        return Err(CliError::not_a(&args.notice, "notice with the items of its article only"));
    }
    let count = notice.items.len();
    let text = format!("Complete       all {count} items are said; how well, a person must judge");
    Ok(Outcome::new(text, json!({ "items": count })))
}

fn record(args: &RecordArgs) -> Result<Outcome, CliError> {
    let record: Record = files::read_json(&args.record, "record of `tiers governance template`")?;
    let (client, _) = Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let path = match (&record, &args.programme) {
        (Record::Identity(_), _) => "/v1/identity".to_owned(),
        (_, Some(file)) => address(&files::read_programme(file)?, "governance"),
        (_, None) => return Err(CliError::Usage("this record needs --programme FILE")),
    };
    let written: RecordInfo = client.post(&path, &record)?;
    Ok(said(&written))
}

fn said(written: &RecordInfo) -> Outcome {
    let text = format!(
        "Recorded       {kind}, version {version}\n\
         Ledger         entry {entry}\n\
         Kept           until {kept} once it is replaced",
        kind = written.kind.as_str(),
        version = written.version,
        entry = written.entry,
        kept = written.kept_until,
    );
    let json = json!({
        "kind": written.kind, "subject": written.subject, "version": written.version,
        "entry": written.entry, "kept_until": written.kept_until,
    });
    Outcome::new(text, json)
}

fn address(programme: &Programme, what: &str) -> String {
    format!("/v1/programmes/{}/{what}", programme.id)
}

fn status(args: &StatusArgs, context: &Context) -> Result<Outcome, CliError> {
    let programme = files::read_programme(&args.programme)?;
    let (client, _) = Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let view: GovernanceView = client.json(&address(&programme, "governance"))?;
    let mut lines = vec![if view.production {
        context.style.good("Production")
    } else {
        context.style.warn("Sandbox: invented data only, whatever is deposited here")
    }];
    for gap in &view.gaps {
        lines.push(format!("  missing: {} [{}]\n           {}", gap.title, gap.code, gap.advice));
    }
    let mut table = Table::new(&[
        ("record", Align::Left),
        ("of", Align::Left),
        ("version", Align::Right),
        ("when (UTC)", Align::Left),
        ("entry", Align::Right),
    ]);
    for record in &view.records {
        table.row(vec![
            record.kind.as_str().to_owned(),
            record.subject.clone(),
            record.version.to_string(),
            record.recorded_at.trim_end_matches('Z').replace('T', " "),
            record.entry.to_string(),
        ]);
    }
    lines.extend(table.lines(context.style));
    Ok(Outcome::new(lines.join("\n"), json!({ "governance": view })))
}

fn flag(args: &FlagArgs) -> Result<Outcome, CliError> {
    let programme = files::read_programme(&args.programme)?;
    let (client, _) = Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let reason = args.reason.clone();
    let flag = FlagInstruction { party: args.party, version: args.instruction, reason };
    let written: RecordInfo = client.post(&address(&programme, "governance/flags"), &flag)?;
    Ok(said(&written))
}

fn production(args: &StatusArgs) -> Result<Outcome, CliError> {
    let programme = files::read_programme(&args.programme)?;
    let (client, _) = Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let written: RecordInfo = client.post(&address(&programme, "production"), &json!({}))?;
    Ok(said(&written))
}
