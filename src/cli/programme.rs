//! `tiers programme`: the file of a collaboration, its registration, its partners, its approval.
//! The programme's key has a module of its own, [`super::programme_key`].

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;
use tiers_protocol::entropy::System;
use tiers_protocol::ids::{PartyId, ProgrammeId};
use tiers_protocol::policy::{Policy, Tick};
use tiers_protocol::programme::{
    CAMPAIGNS_EXPECTED, Campaign, Programme, ProgrammeError, epoch_end,
};
use tiers_protocol::trust::Trust;
use tiers_protocol::wire::{AddPartner, ApprovePolicy, ProgrammePartner, RegisterProgramme};
use ureq::http::Method;

use super::args::Remote;
use super::client::Client;
use super::context::Context;
use super::declare::{self, DeclareArgs};
use super::error::{CliError, Compared};
use super::files;
use super::output::Outcome;
use super::programme_key::{self, KeyCommand};
use super::programme_text::{fingerprint_lines, show};
use super::table::{Align, Table};
use super::words;

/// The policy that a new programme begins with.
pub(super) const STANDARD_POLICY: &str = include_str!("../../policies/disclosure/standard.toml");

/// The `programme` commands.
#[derive(Debug, Subcommand)]
pub enum ProgrammeCommand {
    /// Write a programme file: what it is for, its campaigns, its policy.
    #[command(after_help = "Example:\n  tiers programme new --name \"Showroom 2025\" \\\n    \
        --purpose \"Measure which campaigns led to sales\" --campaigns campaigns.csv --out programme.json\n\n\
        campaigns.csv has two columns, campaign,cost_eur; lists as spreadsheets save them\n\
        (semicolons or tabs, a comma before the cents) are read too")]
    New(NewArgs),
    /// Register it at a certifier, whose public keys are then pinned in the file.
    Register(RegisterArgs),
    /// Print a programme file.
    Show(ShowArgs),
    /// Fetch the file of a programme that you belong to.
    Fetch(FetchArgs),
    /// Approve releases under the programme's policy, as a compliance officer.
    Approve(ApproveArgs),
    /// The programme's partners.
    #[command(subcommand)]
    Partner(PartnerCommand),
    /// List the programme's partners.
    Partners(PartnersArgs),
    /// Declare your size and region, and what you agree to, as a partner.
    #[command(
        after_help = "Examples:\n  tiers programme declare programme.json --size 420 --named \\\n    \
        --to https://certifier.example --credentials dealer.json\n\n\
        Without --size it shows what you have declared. A declaration without --named takes an earlier agreement back."
    )]
    Declare(DeclareArgs),
    /// The programme's token key.
    #[command(subcommand)]
    Key(KeyCommand),
}

/// When things take effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TickWord {
    /// As soon as they arrive: for demonstrations only.
    AtOnce,
    /// Once a day.
    Daily,
}

/// Words of `programme new`.
#[derive(Debug, Args)]
pub struct NewArgs {
    /// Fill in what is missing with an example.
    #[arg(long)]
    sample: bool,
    /// What people call it.
    #[arg(long)]
    name: Option<String>,
    /// The one purpose of the data.
    #[arg(long)]
    purpose: Option<String>,
    /// Campaigns with what was spent on each (name and cost in euros a line).
    #[arg(long, value_name = "FILE")]
    campaigns: Option<PathBuf>,
    /// A family of models that sales are told apart by, such as `Clio`; once for each, at most 32.
    #[arg(long = "model", value_name = "NAME")]
    models: Vec<String>,
    /// A policy instead of the standard one.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// When arrivals and releases take effect, instead of what the policy says.
    #[arg(long)]
    tick: Option<TickWord>,
    /// File to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Words of `programme register`.
#[derive(Debug, Args)]
pub struct RegisterArgs {
    /// The programme file; it is rewritten with the key id and the certifier's public keys.
    file: PathBuf,
    /// The programme key; it stays here, only its id and canary tokens are sent.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The certifier's trust.json, when it was had by another channel.
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
    #[command(flatten)]
    remote: Remote,
}

/// Words of `programme show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The programme file.
    file: PathBuf,
}

/// Words of `programme fetch`.
#[derive(Debug, Args)]
pub struct FetchArgs {
    /// The programme's id, prg_….
    id: ProgrammeId,
    #[command(flatten)]
    remote: Remote,
    /// File to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Words of `programme approve`.
#[derive(Debug, Args)]
pub struct ApproveArgs {
    /// The programme file that you read.
    file: PathBuf,
    /// Approve without being asked.
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    remote: Remote,
}

/// The `programme partner` commands.
#[derive(Debug, Subcommand)]
pub enum PartnerCommand {
    /// Add an enrolled partner to the programme, as the principal.
    Add(PartnerAddArgs),
}

/// Words of `programme partner add`.
#[derive(Debug, Args)]
pub struct PartnerAddArgs {
    /// The programme file.
    file: PathBuf,
    /// The partner's id, pty_….
    #[arg(long)]
    party: PartyId,
    /// Sales a year as the partner declares them.
    #[arg(long)]
    declared_size: u32,
    #[command(flatten)]
    remote: Remote,
}

/// Words of `programme partners`.
#[derive(Debug, Args)]
pub struct PartnersArgs {
    /// The programme file.
    file: PathBuf,
    #[command(flatten)]
    remote: Remote,
}

/// Runs a `programme` command.
///
/// # Errors
/// [`CliError`].
pub fn run(command: &ProgrammeCommand, context: &Context) -> Result<Outcome, CliError> {
    match command {
        ProgrammeCommand::New(args) => new(args, context),
        ProgrammeCommand::Register(args) => register(args),
        ProgrammeCommand::Show(args) => Ok(show(&files::read_programme(&args.file)?, context)),
        ProgrammeCommand::Fetch(args) => fetch(args, context),
        ProgrammeCommand::Approve(args) => approve(args, context),
        ProgrammeCommand::Partner(PartnerCommand::Add(args)) => add_partner(args),
        ProgrammeCommand::Partners(args) => partners(args, context),
        ProgrammeCommand::Declare(args) => declare::run(args),
        ProgrammeCommand::Key(command) => programme_key::run(command, context),
    }
}

fn new(args: &NewArgs, context: &Context) -> Result<Outcome, CliError> {
    files::must_not_exist(&args.out)?;
    let name =
        text_of(args.name.as_ref(), args.sample, SAMPLE_NAME, "Name of the programme?", context)?;
    let purpose = text_of(
        args.purpose.as_ref(),
        args.sample,
        SAMPLE_PURPOSE,
        "The one purpose of the data?",
        context,
    )?;
    let campaigns = match &args.campaigns {
        Some(path) => read_campaigns(path)?,
        None if args.sample => sample_campaigns()?,
        None => {
            return Err(CliError::Usage(
                "name the campaigns with --campaigns FILE, or use --sample",
            ));
        }
    };
    let policy = policy_of(args)?;
    let ends = epoch_end(context.today);
    let mut programme = Programme::new(name, purpose, campaigns, policy, ends, &mut System);
    programme.models.clone_from(&args.models);
    programme.validate()?;
    files::replace(&args.out, programme.to_json().as_bytes())?;
    let text = format!(
        "Programme      {id}\n\
         Written        {out}: read it, then `tiers programme key new` and `tiers programme register`.",
        id = programme.id,
        out = args.out.display(),
    );
    Ok(Outcome::new(text, json!({ "programme": programme.id, "file": args.out })))
}

const SAMPLE_NAME: &str = "Showroom";
const SAMPLE_PURPOSE: &str = "Measure which campaigns led to sales at the dealers";

/// Those of the sample network, so that its files can be prepared for a sample programme.
fn sample_campaigns() -> Result<Vec<Campaign>, CliError> {
    campaigns(super::demo::CAMPAIGNS, Path::new("the sample campaigns"))
}

fn text_of(
    given: Option<&String>,
    sample: bool,
    example: &str,
    question: &str,
    context: &Context,
) -> Result<String, CliError> {
    match given {
        Some(text) => Ok(text.clone()),
        None if sample => Ok(example.to_owned()),
        None => context.ask(question, "give --name and --purpose, or use --sample"),
    }
}

fn policy_of(args: &NewArgs) -> Result<Policy, CliError> {
    let policy = match &args.policy {
        None => Policy::from_toml(STANDARD_POLICY)?,
        Some(path) => {
            let bytes = files::read_document(path)?;
            let text =
                String::from_utf8(bytes).map_err(|_| CliError::not_a(path, "policy in TOML"))?;
            Policy::from_toml(&text)?
        }
    };
    let Some(tick) = args.tick else { return Ok(policy) };
    let tick = match tick {
        TickWord::AtOnce => Tick::AtOnce,
        TickWord::Daily => Tick::Daily,
    };
    let mut document = serde_json::to_value(&policy).expect("a policy is a plain document");
    document["tick"] = serde_json::to_value(tick).expect("a word");
    Ok(serde_json::from_value(document).expect("the tick depends on no other value"))
}

/// Reads a list of campaigns and what was spent on each.
fn read_campaigns(path: &Path) -> Result<Vec<Campaign>, CliError> {
    campaigns(&files::read_document(path)?, path)
}

fn campaigns(bytes: &[u8], path: &Path) -> Result<Vec<Campaign>, CliError> {
    let wrong = |line| CliError::Line { path: path.to_owned(), line, expected: CAMPAIGNS_EXPECTED };
    tiers_protocol::programme::read_campaigns(bytes).map_err(wrong)
}

fn register(args: &RegisterArgs) -> Result<Outcome, CliError> {
    let programme = files::read_programme(&args.file)?;
    let key = files::read_programme_key(&args.key)?;
    let (client, _) = Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let request = RegisterProgramme::with_key(programme, &key);
    let registered: Programme = client.post("/v1/programmes", &request)?;
    let trust = request.pinned(&registered).map_err(|fault| match fault {
        ProgrammeError::Other => CliError::Differs(Compared::Programme),
        fault => fault.into(),
    })?;
    if let Some(path) = &args.trust
        && files::read_trust(path)? != *trust
    {
        return Err(CliError::Differs(Compared::Trust));
    }
    files::replace(&args.file, registered.to_json().as_bytes())?;
    let text = format!(
        "Registered     {id} (\"{name}\")\n\
         Pinned in      {file}\n{prints}\
         Compare these fingerprints with those that the certifier publishes.",
        id = registered.id,
        name = registered.name,
        file = args.file.display(),
        prints = fingerprint_lines(trust),
    );
    let prints = registered.certifier.as_ref().map(Trust::fingerprints);
    Ok(Outcome::new(text, json!({ "programme": registered.id, "fingerprints": prints })))
}

fn fetch(args: &FetchArgs, context: &Context) -> Result<Outcome, CliError> {
    files::must_not_exist(&args.out)?;
    let (client, _) = Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let programme: Programme = client.json(&format!("/v1/programmes/{}", args.id))?;
    programme.validate()?;
    if programme.id != args.id {
        return Err(CliError::Differs(Compared::Programme));
    }
    programme.registered()?;
    files::replace(&args.out, programme.to_json().as_bytes())?;
    let mut outcome = show(&programme, context);
    let _ = write!(outcome.text, "\nWritten        {}", args.out.display());
    Ok(outcome)
}

fn approve(args: &ApproveArgs, context: &Context) -> Result<Outcome, CliError> {
    let programme = files::read_programme(&args.file)?;
    let (client, _) = Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    if !args.yes {
        super::output::aside(&show(&programme, context).text);
        let question = "Approve all releases under this policy? Type yes:";
        let answer = context.ask(question, "read the policy, then give --yes")?;
        if answer != "yes" {
            return Err(CliError::Declined);
        }
    }
    let approval = ApprovePolicy { policy_sha256: programme.policy_digest() };
    let path = format!("/v1/programmes/{}/approval", programme.id);
    client.tell(Method::POST, &path, &approval)?;
    let text = format!(
        "Approved       releases of {} under policy {}\nPolicy digest  {}",
        programme.id,
        programme.policy.name(),
        approval.policy_sha256,
    );
    let json = json!({ "programme": programme.id, "policy_sha256": approval.policy_sha256 });
    Ok(Outcome::new(text, json))
}

fn add_partner(args: &PartnerAddArgs) -> Result<Outcome, CliError> {
    let programme = files::read_programme(&args.file)?;
    let (client, _) = Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let partner = AddPartner { party: args.party, declared_size: args.declared_size };
    client.tell(Method::POST, &format!("/v1/programmes/{}/partners", programme.id), &partner)?;
    let text = format!(
        "Added          {} to {}\nNext           `tiers programme key wrap` gives it the key.",
        args.party, programme.id,
    );
    Ok(Outcome::new(text, json!({ "programme": programme.id, "party": args.party })))
}

/// The partners of a programme as the certifier lists them.
///
/// # Errors
/// [`CliError`].
pub fn partners_of(client: &Client, id: ProgrammeId) -> Result<Vec<ProgrammePartner>, CliError> {
    client.json(&format!("/v1/programmes/{id}/partners"))
}

fn partners(args: &PartnersArgs, context: &Context) -> Result<Outcome, CliError> {
    let programme = files::read_programme(&args.file)?;
    let (client, _) = Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let partners = partners_of(&client, programme.id)?;
    let mut table = Table::new(&[
        ("partner", Align::Left),
        ("SIREN", Align::Left),
        ("sales a year", Align::Right),
        ("key", Align::Left),
        ("name", Align::Left),
    ]);
    for one in &partners {
        table.row(vec![
            one.party.to_string(),
            one.siren.clone(),
            words::grouped(u64::from(one.declared_size)),
            if one.key_wrapped { "wrapped" } else { "missing" }.to_owned(),
            one.name.clone(),
        ]);
    }
    let text = table.lines(context.style).join("\n");
    Ok(Outcome::new(text, json!({ "programme": programme.id, "partners": partners })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_policy_is_a_policy_and_its_tick_can_be_changed() {
        let args = NewArgs {
            sample: true,
            name: None,
            purpose: None,
            campaigns: None,
            models: Vec::new(),
            policy: None,
            tick: Some(TickWord::AtOnce),
            out: PathBuf::new(),
        };
        assert_eq!(policy_of(&args).expect("standard").tick(), Tick::AtOnce);
    }
}
