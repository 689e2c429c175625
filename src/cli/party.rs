//! `tiers party`: keys that are made on the company's own machine, and their enrolment by the
//! operator after the fingerprint was confirmed by another channel.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;
use tiers_protocol::entropy::System;
use tiers_protocol::party::{Fingerprint, PartySecret};
use tiers_protocol::wire::{Credentials, NewParty, PartyInfo, Role};

use super::args::Remote;
use super::client::Client;
use super::context::Context;
use super::error::{CliError, Compared};
use super::files::{self, Reserved};
use super::output::Outcome;
use super::table::{Align, Table};

/// The `party` commands.
#[derive(Debug, Subcommand)]
pub enum PartyCommand {
    /// The company's own keys.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Print the fingerprint of a company's keys, to be read out by telephone.
    Show(ShowArgs),
    /// Enrol a company, as the operator.
    #[command(after_help = "Example:\n  tiers party add --role partner --name \"Garage Martin\" \
        --siren 732829320 \\\n    --keys party.pub --fingerprint 1f0a-… --to https://certifier.example \
        \\\n    --credentials operator.json --out garage-martin.json")]
    Add(AddArgs),
    /// List the companies that are enrolled, as the operator.
    List(Remote),
}

/// The `party key` commands.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Make signing and sealing keys on this machine.
    #[command(after_help = "Example:\n  tiers party key new --out keys\n\n\
        keys/party.key stays on this machine; keys/party.pub goes to the certifier's operator,\n\
        who has its fingerprint read to him by telephone.")]
    New(NewArgs),
}

/// Words of `party key new`.
#[derive(Debug, Args)]
pub struct NewArgs {
    /// Directory to make.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Words of `party show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Directory with party.pub.
    dir: PathBuf,
}

/// What a company can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PartyRole {
    /// Dealer, shop, agency.
    Partner,
    /// Brand.
    Principal,
}

/// Words of `party add`.
#[derive(Debug, Args)]
pub struct AddArgs {
    /// What the company is.
    #[arg(long)]
    role: PartyRole,
    /// Its name.
    #[arg(long)]
    name: String,
    /// Its SIREN, nine digits.
    #[arg(long)]
    siren: String,
    /// SIREN of the head of its group; principals of one group share their budgets.
    #[arg(long)]
    group_siren: Option<String>,
    /// Its party.pub.
    #[arg(long, value_name = "FILE")]
    keys: PathBuf,
    /// The fingerprint that the company read to you.
    #[arg(long)]
    fingerprint: Fingerprint,
    #[command(flatten)]
    remote: Remote,
    /// Where to write the company's credentials; hand them over and delete them.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Runs a `party` command.
///
/// # Errors
/// [`CliError`].
pub fn run(command: &PartyCommand, context: &Context) -> Result<Outcome, CliError> {
    match command {
        PartyCommand::Key(KeyCommand::New(args)) => new_keys(&args.out),
        PartyCommand::Show(args) => show(&args.dir),
        PartyCommand::Add(args) => add(args),
        PartyCommand::List(remote) => list(remote, context),
    }
}

fn new_keys(out: &Path) -> Result<Outcome, CliError> {
    if !files::is_free(out) {
        return Err(CliError::Exists(out.to_owned()));
    }
    let secret = PartySecret::generate(&mut System);
    let public = secret.public();
    files::make_dir(out)?;
    files::write_secret(&out.join("party.key"), &secret.to_file())?;
    files::replace(&out.join("party.pub"), files::pretty(&public).as_bytes())?;
    let fingerprint = public.fingerprint();
    let text = format!(
        "Keys made in {dir}\n\
         \x20 party.key    secret: it stays on this machine; keep a copy in a safe\n\
         \x20 party.pub    for the certifier's operator\n\
         Fingerprint    {fingerprint}\n\
         Read it to the operator by telephone; he compares it with the file you sent.",
        dir = out.display(),
    );
    Ok(Outcome::new(text, json!({ "dir": out, "fingerprint": fingerprint })))
}

fn show(dir: &Path) -> Result<Outcome, CliError> {
    let fingerprint = files::read_party_public(&dir.join("party.pub"))?.fingerprint();
    Ok(Outcome::new(format!("Fingerprint    {fingerprint}"), json!({ "fingerprint": fingerprint })))
}

fn add(args: &AddArgs) -> Result<Outcome, CliError> {
    let keys = files::read_party_public(&args.keys)?;
    if keys.fingerprint() != args.fingerprint {
        return Err(CliError::Differs(Compared::Fingerprint));
    }
    let (client, _) = Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let out = Reserved::make(&args.out)?;
    let request = NewParty {
        role: match args.role {
            PartyRole::Partner => Role::Partner,
            PartyRole::Principal => Role::Principal,
        },
        name: args.name.clone(),
        siren: args.siren.clone(),
        group_siren: args.group_siren.clone(),
        keys,
    };
    let credentials: Credentials = client.post("/v1/parties", &request)?;
    write_credentials(out, &credentials)?;
    let party = credentials.party.ok_or(CliError::NoParty)?;
    let text = format!(
        "Enrolled       {name} ({siren}) as {role}\n\
         Party          {party}\n\
         Credentials    {out}: hand them over, then delete them here; the key is not shown again.",
        name = args.name,
        siren = args.siren,
        role = request.role.as_str(),
        out = args.out.display(),
    );
    Ok(Outcome::new(text, json!({ "party": party, "credentials": args.out })))
}

/// Writes credentials into the file that waits for them.
///
/// # Errors
/// [`CliError::Write`].
pub fn write_credentials(to: Reserved, credentials: &Credentials) -> Result<(), CliError> {
    to.fill(&zeroize::Zeroizing::new(files::pretty(credentials)))
}

fn list(remote: &Remote, context: &Context) -> Result<Outcome, CliError> {
    let (client, _) = Client::with_credentials(&remote.to, &remote.credentials)?;
    let parties: Vec<PartyInfo> = client.json("/v1/parties")?;
    let mut table = Table::new(&[
        ("party", Align::Left),
        ("role", Align::Left),
        ("SIREN", Align::Left),
        ("name", Align::Left),
    ]);
    for one in &parties {
        table.row(vec![
            one.party.to_string(),
            one.role.as_str().to_owned(),
            one.siren.clone(),
            one.name.clone(),
        ]);
    }
    let text = table.lines(context.style).join("\n");
    Ok(Outcome::new(text, json!({ "parties": parties })))
}
