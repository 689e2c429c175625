//! `tiers people`: who works in a browser on the side of whoever has these credentials.

use clap::{Args, Subcommand};
use serde_json::json;
use tiers_protocol::ids::ActorId;
use tiers_protocol::wire::{Invitation, NewInvitation, PersonInfo};

use super::args::Remote;
use super::client::Client;
use super::context::Context;
use super::error::CliError;
use super::output::Outcome;
use super::words;
use ureq::http::Method;

/// The `people` commands.
#[derive(Debug, Subcommand)]
pub enum PeopleCommand {
    /// Invite somebody to do in a browser what these credentials allow.
    Invite(InviteArgs),
    /// List who was invited, with the last sign-ins.
    List(ListArgs),
    /// Let somebody in no more.
    Revoke(RevokeArgs),
}

/// Words of `people invite`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tiers people invite --name 'Anne Martin' --to https://certifier.example \\\n    \
    --credentials credentials.json\n\nThe link is shown once, works once and for seven days: hand it over in person \
    or by a safe channel.\nA person who lost the passkey is invited again with --again."
)]
pub struct InviteArgs {
    /// How the person is called.
    #[arg(long, value_name = "NAME")]
    name: String,
    /// Invite a known person anew; the old passkey and its sessions end when the link is used.
    #[arg(long, value_name = "ID")]
    again: Option<ActorId>,
    #[command(flatten)]
    remote: Remote,
}

/// Words of `people list`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tiers people list --to https://certifier.example --credentials credentials.json"
)]
pub struct ListArgs {
    #[command(flatten)]
    remote: Remote,
}

/// Words of `people revoke`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tiers people revoke act_... --to https://certifier.example --credentials credentials.json"
)]
pub struct RevokeArgs {
    /// The person, as `people list` shows it.
    person: ActorId,
    /// The person knew keys of this side: they open nothing but their replacement (`tiers access replace`).
    #[arg(long)]
    knew_keys: bool,
    #[command(flatten)]
    remote: Remote,
}

/// Runs a `people` command.
///
/// # Errors
/// [`CliError`].
pub fn run(command: &PeopleCommand, _context: &Context) -> Result<Outcome, CliError> {
    match command {
        PeopleCommand::Invite(args) => invite(args),
        PeopleCommand::List(args) => list(args),
        PeopleCommand::Revoke(args) => revoke(args),
    }
}

fn invite(args: &InviteArgs) -> Result<Outcome, CliError> {
    let (client, _) = Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let new = NewInvitation { name: args.name.clone(), again: args.again };
    let made: Invitation = client.post("/v1/invitations", &new)?;
    let link = format!("{}{}", args.remote.to.trim_end_matches('/'), made.path);
    let text = format!(
        "Invited        {name}, known in the ledger as {actor}\n\
         Link           {link}\n\
         \x20              secret, shown once; it is good until {expires}",
        name = args.name,
        actor = made.actor,
        expires = made.expires_at,
    );
    let json = json!({ "actor": made.actor, "link": link, "path": made.path,
        "expires_at": made.expires_at });
    Ok(Outcome::new(text, json))
}

fn list(args: &ListArgs) -> Result<Outcome, CliError> {
    let (client, _) = Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let people: Vec<PersonInfo> = client.json("/v1/people")?;
    let mut text = words::count(people.len() as u64, "person", "people");
    for one in &people {
        let state = match (one.revoked, &one.last_sign_in) {
            (true, _) => "revoked".to_owned(),
            (false, Some(at)) => format!("last sign-in {at}"),
            (false, None) => "never signed in".to_owned(),
        };
        text.push_str(&format!("\n{}  {}, {state}", one.actor, one.name));
    }
    Ok(Outcome::new(text, json!({ "people": people })))
}

fn revoke(args: &RevokeArgs) -> Result<Outcome, CliError> {
    let (client, _) = Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let path = format!("/v1/people/{}/revocation?knew_keys={}", args.person, args.knew_keys);
    client.tell(Method::POST, &path, &json!({}))?;
    let mut text = format!("Revoked        {}: let in no more", args.person);
    if args.knew_keys {
        text.push_str(
            "\nKeys           of this side have to be changed now: tiers access list, then replace",
        );
    }
    Ok(Outcome::new(text, json!({ "revoked": args.person, "knew_keys": args.knew_keys })))
}
