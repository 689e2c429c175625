//! `tiers programme key`: the key that turns contacts into tokens. It is made by the principal,
//! wrapped to partners whose fingerprints were confirmed, and never printed, sent bare or put into
//! an argument.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;
use tiers_protocol::encoding::{decode, encode};
use tiers_protocol::entropy::System;
use tiers_protocol::ids::PartyId;
use tiers_protocol::party::Fingerprint;
use tiers_protocol::programme_key::{ProgrammeKey, ProgrammeKeyError};
use tiers_protocol::seal::SealError;
use tiers_protocol::wire::WrappedKey;
use ureq::http::Method;

use super::args::Remote;
use super::client::Client;
use super::context::Context;
use super::error::CliError;
use super::files;
use super::output::Outcome;
use super::programme::partners_of;
use super::words;

/// The `programme key` commands.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Make a programme key on this machine.
    New(NewArgs),
    /// Print the public id of a programme key, never the key.
    Show(ShowArgs),
    /// Wrap the key to partners whose fingerprints you confirmed, as the principal.
    #[command(
        after_help = "Example:\n  tiers programme key wrap programme.json --key programme.key \\\n    \
        --fingerprints confirmed.csv --to https://certifier.example --credentials brand.json\n\n\
        confirmed.csv has two columns: party,fingerprint"
    )]
    Wrap(WrapArgs),
    /// Fetch and open the key that was wrapped to you, as a partner.
    Unwrap(UnwrapArgs),
}

/// Words of `programme key new`.
#[derive(Debug, Args)]
pub struct NewArgs {
    /// File to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Words of `programme key show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The key file.
    file: PathBuf,
}

/// Words of `programme key wrap`.
#[derive(Debug, Args)]
pub struct WrapArgs {
    /// The programme file.
    file: PathBuf,
    /// The programme key.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// One partner.
    #[arg(long, requires = "fingerprint", conflicts_with = "fingerprints")]
    party: Option<PartyId>,
    /// The fingerprint that this partner read to you.
    #[arg(long, requires = "party")]
    fingerprint: Option<Fingerprint>,
    /// Several partners with the fingerprints they read to you (columns party,fingerprint).
    #[arg(long, value_name = "FILE", required_unless_present = "party")]
    fingerprints: Option<PathBuf>,
    #[command(flatten)]
    remote: Remote,
}

/// Words of `programme key unwrap`.
#[derive(Debug, Args)]
pub struct UnwrapArgs {
    /// The programme file.
    file: PathBuf,
    /// Directory with your party.key.
    #[arg(long, value_name = "DIR")]
    party_key: PathBuf,
    #[command(flatten)]
    remote: Remote,
    /// File to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Runs a `programme key` command.
///
/// # Errors
/// [`CliError`].
pub fn run(command: &KeyCommand, _context: &Context) -> Result<Outcome, CliError> {
    match command {
        KeyCommand::New(args) => new(&args.out),
        KeyCommand::Show(args) => show(&args.file),
        KeyCommand::Wrap(args) => wrap(args),
        KeyCommand::Unwrap(args) => unwrap(args),
    }
}

fn new(out: &Path) -> Result<Outcome, CliError> {
    let key = ProgrammeKey::generate(&mut System);
    files::write_secret(out, &key.to_file())?;
    let text = format!(
        "Key id         {id}\n\
         Written        {out}: secret. Keep a copy in a safe; nobody can make it again.",
        id = key.id(),
        out = out.display(),
    );
    Ok(Outcome::new(text, json!({ "key_id": key.id(), "file": out })))
}

fn show(file: &Path) -> Result<Outcome, CliError> {
    let id = files::read_programme_key(file)?.id();
    Ok(Outcome::new(format!("Key id         {id}"), json!({ "key_id": id })))
}

fn wrap(args: &WrapArgs) -> Result<Outcome, CliError> {
    let programme = files::read_programme(&args.file)?;
    let (key_id, _) = programme.registered()?;
    let key = files::read_programme_key(&args.key)?.expect_id(key_id)?;
    let confirmed = match (&args.fingerprints, args.party, args.fingerprint) {
        (Some(path), ..) => read_fingerprints(path)?,
        (None, Some(party), Some(print)) => BTreeMap::from([(party, print)]),
        _ => {
            return Err(CliError::Usage("give --party with --fingerprint, or --fingerprints FILE"));
        }
    };
    let (client, _) = Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let partners = partners_of(&client, programme.id)?;
    // Every fingerprint is compared before the first key is wrapped.
    for party in confirmed.keys() {
        if !partners.iter().any(|partner| partner.party == *party) {
            return Err(CliError::UnknownPartner(*party));
        }
    }
    let mut waiting = Vec::new();
    for partner in &partners {
        let Some(print) = confirmed.get(&partner.party) else { continue };
        let shown = partner.keys.fingerprint();
        if shown != *print {
            let party = partner.party;
            return Err(CliError::OtherKeys { party, shown, confirmed: *print });
        }
        waiting.push(partner);
    }
    for partner in &waiting {
        let sealed = key.wrap(&partner.keys.sealing, &programme.id, &partner.party, &mut System)?;
        let path = format!("/v1/programmes/{}/keys/{}", programme.id, partner.party);
        client.tell(Method::PUT, &path, &WrappedKey { wrapped: encode(&sealed) })?;
    }
    let unconfirmed: Vec<PartyId> = partners
        .iter()
        .filter(|partner| !partner.key_wrapped && !confirmed.contains_key(&partner.party))
        .map(|partner| partner.party)
        .collect();
    let wrapped: Vec<PartyId> = waiting.iter().map(|partner| partner.party).collect();
    let mut text =
        format!("Wrapped        to {}", words::count(wrapped.len() as u64, "partner", "partners"));
    for party in &unconfirmed {
        text.push_str(&format!("\nStill without  {party}: its fingerprint was not given"));
    }
    Ok(Outcome::new(text, json!({ "wrapped": wrapped, "unconfirmed": unconfirmed })))
}

/// Reads `party,fingerprint`.
fn read_fingerprints(path: &Path) -> Result<BTreeMap<PartyId, Fingerprint>, CliError> {
    let bytes = files::read_document(path)?;
    let wrong =
        |line| CliError::Line { path: path.to_owned(), line, expected: "party,fingerprint" };
    let text = std::str::from_utf8(&bytes).map_err(|_| wrong(1))?;
    let mut lines = text.lines().enumerate();
    if lines.next().map(|(_, heading)| heading.trim()) != Some("party,fingerprint") {
        return Err(wrong(1));
    }
    let mut confirmed = BTreeMap::new();
    for (at, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        let read = line.split_once(',').and_then(|(party, print)| {
            Some((party.trim().parse::<PartyId>().ok()?, print.parse::<Fingerprint>().ok()?))
        });
        let (party, print) = read.ok_or_else(|| wrong(at + 1))?;
        // Two lines for one partner would let the last one win unseen.
        if confirmed.insert(party, print).is_some() {
            return Err(wrong(at + 1));
        }
    }
    Ok(confirmed)
}

fn unwrap(args: &UnwrapArgs) -> Result<Outcome, CliError> {
    files::must_not_exist(&args.out)?;
    let programme = files::read_programme(&args.file)?;
    let (key_id, _) = programme.registered()?;
    let secret = files::read_party_key(&args.party_key)?;
    let (client, credentials) =
        Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let party = credentials.party.ok_or(CliError::NoParty)?;
    let answer: WrappedKey = client.json(&format!("/v1/programmes/{}/key", programme.id))?;
    let sealed = decode(&answer.wrapped).ok_or(ProgrammeKeyError::Wrapped(SealError::Format))?;
    let key = ProgrammeKey::unwrap(&sealed, &secret.sealing(), &programme.id, &party)?;
    let key = key.expect_id(key_id)?;
    files::write_secret(&args.out, &key.to_file())?;
    let text = format!(
        "Key id         {id}, as the programme file says\n\
         Written        {out}: secret; it never leaves this machine.",
        id = key.id(),
        out = args.out.display(),
    );
    Ok(Outcome::new(text, json!({ "key_id": key.id(), "file": args.out })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tiers_protocol::party::PartySecret;

    #[test]
    fn a_partner_listed_twice_is_refused() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("confirmed.csv");
        let party = PartyId::random(&mut System);
        let line = |secret: &PartySecret| format!("{party},{}\n", secret.public().fingerprint());
        let one = line(&PartySecret::generate(&mut System));
        let two = line(&PartySecret::generate(&mut System));
        files::replace(&path, format!("party,fingerprint\n{one}\n").as_bytes()).expect("writes");
        assert_eq!(read_fingerprints(&path).expect("reads").len(), 1);
        for wrong in [
            format!("party,fingerprint\n{one}{two}"),
            format!("party,fingerprint\n{party}\n"),
            format!("party;fingerprint\n{one}"),
            format!("party,fingerprint\n{}", one.replace('-', "+")),
        ] {
            files::replace(&path, wrong.as_bytes()).expect("writes");
            assert!(matches!(read_fingerprints(&path), Err(CliError::Line { .. })), "{wrong}");
        }
    }
}
