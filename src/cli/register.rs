//! `tiers register`: the register of processing activities (GDPR art. 30) of the caller's legal entity.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;

use super::args::Remote;
use super::client::Client;
use super::context::Context;
use super::error::CliError;
use super::files;
use super::output::Outcome;
use super::table::{Align, Table};
use crate::governance::register::{Issued, Language};

/// The commands.
#[derive(Debug, Subcommand)]
pub enum RegisterCommand {
    /// Show the register as it stands, and what it lacks.
    Show(ShowArgs),
    /// Write it to a file: JSON, workbook, PDF, or the map of who gives what to whom.
    Export(ExportArgs),
}

/// Words of `register show`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tiers register show --from https://certifier.example \
    --credentials brand.json")]
pub struct ShowArgs {
    /// An earlier version, as it was.
    #[arg(long, value_name = "NUMBER")]
    at: Option<u64>,
    #[command(flatten)]
    remote: Remote,
}

/// The form of an export.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Format {
    /// Canonical JSON.
    Json,
    /// A workbook (OpenDocument).
    Ods,
    /// Pages.
    Pdf,
    /// The map, as a picture.
    Svg,
}

/// The language of the labels.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Labels {
    /// French.
    Fr,
    /// English.
    En,
}

impl Labels {
    const fn word(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::En => "en",
        }
    }
}

impl From<Labels> for Language {
    fn from(labels: Labels) -> Self {
        match labels {
            Labels::Fr => Self::Fr,
            Labels::En => Self::En,
        }
    }
}

/// Words of `register export`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tiers register export --format pdf --out register.pdf \
    --from https://certifier.example --credentials brand.json\n\n\
    Operators and officers get the certifier's register, companies their own. A new version is\n\
    written when the content has changed; --at NUMBER gets an earlier one.")]
pub struct ExportArgs {
    /// The form.
    #[arg(long, value_enum)]
    format: Format,
    /// The language of its labels.
    #[arg(long, value_enum, default_value = "fr")]
    language: Labels,
    /// Where to write it.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// An earlier version, as it was.
    #[arg(long, value_name = "NUMBER")]
    at: Option<u64>,
    #[command(flatten)]
    remote: Remote,
}

/// Runs a `register` command.
///
/// # Errors
/// [`CliError`].
pub fn run(command: &RegisterCommand, context: &Context) -> Result<Outcome, CliError> {
    match command {
        RegisterCommand::Show(args) => show(args, context),
        RegisterCommand::Export(args) => export(args),
    }
}

fn address(format: &str, language: &str, at: Option<u64>) -> String {
    let version = at.map_or_else(String::new, |version| format!("&version={version}"));
    format!("/v1/register?format={format}&language={language}{version}")
}

fn show(args: &ShowArgs, context: &Context) -> Result<Outcome, CliError> {
    let (client, _) = Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let issued: Issued = client.json(&address("json", "fr", args.at))?;
    let register = &issued.register;
    let mut lines = vec![format!(
        "{}\n  version {}, issued {}, SHA-256 {}",
        context.style.bold(&register.entity.name),
        issued.version,
        issued.issued_at,
        issued.sha256
    )];
    let mut table =
        Table::new(&[("as", Align::Left), ("processing", Align::Left), ("with", Align::Left)]);
    for entry in &register.as_controller {
        let joint: Vec<&str> = entry.joint.iter().map(|joint| joint.name.as_str()).collect();
        table.row(vec!["controller".to_owned(), entry.name.clone(), joint.join(", ")]);
    }
    for entry in &register.as_processor {
        table.row(vec!["processor".to_owned(), entry.name.clone(), entry.controller.name.clone()]);
    }
    lines.extend(table.lines(context.style));
    for missing in register.warnings() {
        let reference = &missing.reference;
        lines.push(format!("  wanted where possible: art. {} of {reference}", missing.item));
    }
    Ok(Outcome::new(lines.join("\n"), json!({ "register": issued })))
}

fn export(args: &ExportArgs) -> Result<Outcome, CliError> {
    files::must_not_exist(&args.out)?;
    let (client, _) = Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let format = match args.format {
        Format::Json => "json",
        Format::Ods => "ods",
        Format::Pdf => "pdf",
        Format::Svg => "svg",
    };
    let language = args.language.word();
    let bytes = client.bytes(&address(format, language, args.at))?;
    files::replace(&args.out, &bytes)?;
    let text = format!("Written        {}", args.out.display());
    Ok(Outcome::new(text, json!({ "written": args.out, "bytes": bytes.len() })))
}
