//! `tiers access`: the keys with which machines and operators call a certifier. None expires; they are changed
//! when somebody may have one who should not, or when somebody who knew one has left.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;
use tiers_protocol::access::{AccessInfo, ChangeAccess, ChangeBecause};
use tiers_protocol::ids::ActorId;
use tiers_protocol::wire::Credentials;
use ureq::http::Method;

use super::args::Remote;
use super::client::Client;
use super::context::Context;
use super::error::CliError;
use super::files::Reserved;
use super::output::Outcome;
use super::party::write_credentials;
use super::table::{Align, Table};

/// The `access` commands.
#[derive(Debug, Subcommand)]
pub enum AccessCommand {
    /// List the accesses of one's own side; as the operator all of them.
    #[command(after_help = "Example:\n  tiers access list --to https://certifier.example \
        --credentials operator.json\n\nNo key expires. Exit code 1 while a key has to be changed.")]
    List(Remote),
    /// Replace a key: the old one ends at once.
    #[command(
        after_help = "Example:\n  tiers access replace act_… --because left --out new.json \\\n    \
        --to https://certifier.example --credentials old.json"
    )]
    Replace(ReplaceArgs),
    /// End an access at once, without another in its place.
    #[command(after_help = "Example:\n  tiers access revoke act_… --because compromised \\\n    \
        --to https://certifier.example --credentials operator.json")]
    Revoke(ChangeArgs),
    /// Have a key changed: until then it opens nothing but its own replacement.
    #[command(after_help = "Example:\n  tiers access flag act_… --because compromised \\\n    \
        --to https://certifier.example --credentials operator.json\n\n\
        A key that may be in other hands is not replaced with itself: the operator, or another key of\n\
        the same side, replaces it. Sessions of that side end.")]
    Flag(ChangeArgs),
}

/// Why a key is changed.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Why {
    /// Somebody may have it who should not.
    Compromised,
    /// Somebody who knew it has left.
    Left,
    /// The company wants it so.
    Wanted,
}

/// Words of `access revoke` and `access flag`.
#[derive(Debug, Args)]
pub struct ChangeArgs {
    /// The account, as `access list` shows it.
    account: ActorId,
    /// Why.
    #[arg(long)]
    because: Why,
    #[command(flatten)]
    remote: Remote,
}

/// Words of `access replace`.
#[derive(Debug, Args)]
pub struct ReplaceArgs {
    #[command(flatten)]
    change: ChangeArgs,
    /// Where to write the new credentials.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Runs an `access` command.
///
/// # Errors
/// [`CliError`].
pub fn run(command: &AccessCommand, context: &Context) -> Result<Outcome, CliError> {
    match command {
        AccessCommand::List(remote) => list(remote, context),
        AccessCommand::Replace(args) => replace(args),
        AccessCommand::Revoke(args) => change(args, "revocation", "Revoked        "),
        AccessCommand::Flag(args) => change(args, "flag", "To be changed  "),
    }
}

impl ChangeArgs {
    fn because(&self) -> ChangeAccess {
        let because = match self.because {
            Why::Compromised => ChangeBecause::Compromised,
            Why::Left => ChangeBecause::Left,
            Why::Wanted => ChangeBecause::Wanted,
        };
        ChangeAccess { because }
    }

    fn path(&self, what: &str) -> String {
        format!("/v1/accesses/{}/{what}", self.account)
    }

    fn client(&self) -> Result<Client, CliError> {
        Ok(Client::with_credentials(&self.remote.to, &self.remote.credentials)?.0)
    }
}

fn list(remote: &Remote, context: &Context) -> Result<Outcome, CliError> {
    let (client, _) = Client::with_credentials(&remote.to, &remote.credentials)?;
    let accesses: Vec<AccessInfo> = client.json("/v1/accesses")?;
    let mut table = Table::new(&[
        ("account", Align::Left),
        ("role", Align::Left),
        ("party", Align::Left),
        ("made", Align::Left),
        ("state", Align::Left),
    ]);
    let due = |one: &AccessInfo| one.ended_at.is_none() && one.change_since.is_some();
    for one in &accesses {
        let state = match (&one.ended_at, one.change_because) {
            (Some(at), _) => format!("ended {at}"),
            (None, Some(because)) => format!("to be changed ({because})"),
            (None, None) => "in use".to_owned(),
        };
        table.row(vec![
            one.account.to_string(),
            one.role.as_str().to_owned(),
            one.party.map_or_else(String::new, |party| party.to_string()),
            one.made_at.clone(),
            state,
        ]);
    }
    let text = table.lines(context.style).join("\n");
    let amiss = accesses.iter().any(due);
    let mut outcome = Outcome::new(text, json!({ "accesses": accesses }));
    outcome.amiss = amiss;
    Ok(outcome)
}

fn replace(args: &ReplaceArgs) -> Result<Outcome, CliError> {
    let client = args.change.client()?;
    let out = Reserved::make(&args.out)?;
    let path = args.change.path("replacement");
    let credentials: Credentials = client.post(&path, &args.change.because())?;
    write_credentials(out, &credentials)?;
    let text = format!(
        "Replaced       {old} by {new}: the old key opens nothing any more\n\
         Credentials    {out}: the key is not shown again.",
        old = args.change.account,
        new = credentials.actor,
        out = args.out.display(),
    );
    let json = json!({
        "replaced": args.change.account, "actor": credentials.actor, "credentials": args.out,
    });
    Ok(Outcome::new(text, json))
}

fn change(args: &ChangeArgs, what: &str, said: &str) -> Result<Outcome, CliError> {
    args.client()?.tell(Method::POST, &args.path(what), &args.because())?;
    let text = format!("{said}{}", args.account);
    Ok(Outcome::new(text, json!({ "account": args.account, "done": what })))
}
