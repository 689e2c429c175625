//! `tiers erase`: a party makes a file of tokens of persons on its own machine; the operator orders
//! the erasure at the certifier. The file holds tokens of key kinds and nothing else of the persons;
//! it is still personal data, so it is the owner's alone.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tiers_contact::Kind;
use tiers_protocol::attested::Attested;
use tiers_protocol::deletion::{Deletion, NewDeletion};
use tiers_protocol::encoding::Bytes;
use tiers_protocol::ids::{DepositId, PartyId, ProgrammeId};
use tiers_protocol::wire::{ErasureInfo, NewErasure, PersonToken};

use super::args::Remote;
use super::certificate::{Pinned, dir_of};
use super::client::Client;
use super::context::Context;
use super::error::CliError;
use super::files;
use super::link::Side;
use super::output::Outcome;
use super::words;

const FORMAT: &str = "tiers-erasure/1";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum EraseCommand {
    /// As a party, on its own machine: a file of the tokens of persons, out of a prepared directory.
    Tokens(TokensArgs),
    /// As the operator: erase every row of these persons in a programme.
    Persons(PersonsArgs),
    /// As the operator: erase one deposit.
    Deposit(DepositArgs),
    /// As the operator: erase everything that a party has deposited in a programme.
    Party(PartyArgs),
    /// As the operator: end the service of a programme; everything of it is erased, and it takes nothing more.
    Programme(ProgrammeArgs),
    /// Have it certified that everything of a party, or of a programme, is erased.
    Certify(CertifyArgs),
    /// Check a certificate of deletion, without the certifier.
    Check(CheckArgs),
}

/// Words of `erase tokens`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tiers prepare person.csv --programme p.json --key p.key --kind sales --out asked\n  \
    tiers erase tokens asked/person --programme p.json --out tokens.json\n\n\
    person.csv holds the contacts of those who asked, as the party knows them. Send tokens.json to\n\
    the certifier's operator by a confidential channel; no name is in it."
)]
pub struct TokensArgs {
    /// Directory that `tiers prepare` made.
    dir: PathBuf,
    /// The programme.
    #[arg(long, value_name = "FILE")]
    programme: PathBuf,
    /// Where to write the tokens (0600).
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Words of `erase persons`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tiers erase persons tokens.json --reason \"request 2026-17\" \
    --to https://certifier.example --credentials operator.json")]
pub struct PersonsArgs {
    /// The party's file of tokens.
    tokens: PathBuf,
    #[command(flatten)]
    order: Order,
}

/// Words of `erase deposit`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tiers erase deposit DEPOSIT --reason \"instruction of 3 March\" \
    --to https://certifier.example --credentials operator.json"
)]
pub struct DepositArgs {
    /// Its id.
    deposit: DepositId,
    #[command(flatten)]
    order: Order,
}

/// Words of `erase party`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tiers erase party PARTY --programme PROGRAMME --reason \"end of contract\" \\\n    \
    --to https://certifier.example --credentials operator.json"
)]
pub struct PartyArgs {
    /// Its id.
    party: PartyId,
    /// Id of the programme.
    #[arg(long, value_name = "ID")]
    programme: ProgrammeId,
    #[command(flatten)]
    order: Order,
}

/// Words of `erase programme`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tiers erase programme PROGRAMME --reason \"end of the service\" \\\n    \
    --to https://certifier.example --credentials operator.json\n\n\
    It cannot be undone. Reports, receipts and certificates stay; `tiers erase certify` says that the rest is gone."
)]
pub struct ProgrammeArgs {
    /// Its id.
    programme: ProgrammeId,
    #[command(flatten)]
    order: Order,
}

/// Words of `erase certify`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tiers erase certify --programme PROGRAMME --party PARTY --out gone.json \\\n    \
    --to https://certifier.example --credentials garage.json\n\n\
    Without --party: of the whole programme, which has to be closed."
)]
pub struct CertifyArgs {
    /// Id of the programme.
    #[arg(long, value_name = "ID")]
    programme: ProgrammeId,
    /// Id of the party.
    #[arg(long, value_name = "ID")]
    party: Option<PartyId>,
    /// Where to write the certificate.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    remote: Remote,
}

/// Words of `erase check`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tiers erase check gone.json --trust trust.json")]
pub struct CheckArgs {
    /// The certificate.
    file: PathBuf,
    /// The certifier's public keys; otherwise the trust.json beside it.
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
}

/// What both orders need.
#[derive(Debug, Args)]
struct Order {
    /// Why, 1 to 500 characters; it is recorded.
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    remote: Remote,
}

/// The file of tokens.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    format: String,
    programme: ProgrammeId,
    tokens: Vec<PersonToken>,
}

/// Runs an `erase` command.
///
/// # Errors
/// [`CliError`].
pub fn run(command: &EraseCommand, context: &Context) -> Result<Outcome, CliError> {
    match command {
        EraseCommand::Party(args) => {
            let (programme, party, reason) =
                (args.programme, args.party, args.order.reason.clone());
            order(&args.order, &NewErasure::Party { programme, party, reason })
        }
        EraseCommand::Programme(args) => {
            let (programme, reason) = (args.programme, args.order.reason.clone());
            order(&args.order, &NewErasure::Programme { programme, reason })
        }
        EraseCommand::Certify(args) => certify(args),
        EraseCommand::Check(args) => check(args, context),
        EraseCommand::Tokens(args) => tokens(args),
        EraseCommand::Persons(args) => {
            let (programme, tokens) = read_tokens(&args.tokens)?;
            let reason = args.order.reason.clone();
            order(&args.order, &NewErasure::Persons { programme, tokens, reason })
        }
        EraseCommand::Deposit(args) => {
            let (deposit, reason) = (args.deposit, args.order.reason.clone());
            order(&args.order, &NewErasure::Deposit { deposit, reason })
        }
    }
}

/// The programme and the tokens of a file that `erase tokens` made.
pub(super) fn read_tokens(path: &Path) -> Result<(ProgrammeId, Vec<PersonToken>), CliError> {
    let asked: Asked = files::read_json(path, FILE)?;
    if asked.format != FORMAT {
        return Err(CliError::not_a(path, FILE));
    }
    Ok((asked.programme, asked.tokens))
}

const FILE: &str = "file of tokens of `tiers erase tokens`";

fn tokens(args: &TokensArgs) -> Result<Outcome, CliError> {
    let programme = files::read_programme(&args.programme)?;
    let side = Side::open(&args.dir, &programme)?;
    let mut tokens = Vec::new();
    // Bridges are shared with others, whose rows are not asked for.
    for kind in programme.policy.kinds().filter(|kind: &Kind| kind.is_key()) {
        side.fields(kind, |_, field| {
            let token = Bytes::parse(field);
            let token = token.ok_or_else(|| CliError::not_a(&args.dir, "prepared directory"))?;
            tokens.push(PersonToken { kind, token });
            Ok(())
        })?;
    }
    let count = tokens.len();
    let asked = Asked { format: FORMAT.to_owned(), programme: programme.id, tokens };
    files::write_secret(&args.out, &files::pretty(&asked))?;
    let text = format!(
        "Tokens         {}: {count} tokens, no name; for the certifier's operator alone",
        args.out.display()
    );
    Ok(Outcome::new(text, json!({ "tokens": args.out, "count": count })))
}

fn certify(args: &CertifyArgs) -> Result<Outcome, CliError> {
    files::must_not_exist(&args.out)?;
    let (client, _) = Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let new = NewDeletion { programme: args.programme, party: args.party };
    let certificate: Attested<Deletion> = client.post("/v1/deletions", &new)?;
    files::replace(&args.out, &certificate.to_vec())?;
    let of = &certificate.document;
    let text = format!(
        "Written        {out}: {deposits}, {rows}, all erased\n\
         Check it       tiers erase check {out} --trust trust.json",
        out = args.out.display(),
        deposits = words::count(of.deposits.len() as u64, "deposit", "deposits"),
        rows = words::count(of.rows, "row", "rows"),
    );
    Ok(Outcome::new(text, json!({ "deletion": args.out, "certificate": of })))
}

fn check(args: &CheckArgs, context: &Context) -> Result<Outcome, CliError> {
    let dir = dir_of(&args.file);
    let pinned = Pinned::find(args.trust.as_deref(), std::slice::from_ref(&dir), &args.file)?;
    let bytes = files::read_document(&args.file)?;
    let held = Attested::<Deletion>::verify(&bytes, &pinned.trust)?;
    let of = &held.document;
    let mut text = format!(
        "{verified}       signature, entry and proof of a certificate of deletion\n\
         Certified      {at}\n\
         Programme      {programme}{sandbox}\n\
         Of             {whose}\n\
         Gone           {deposits}, {rows}\n",
        verified = context.style.good("Verified"),
        at = of.certified_at,
        programme = of.programme,
        sandbox = if of.sandbox { " (sandbox: invented data)" } else { "" },
        whose = of.party.map_or_else(|| "the whole programme".to_owned(), |id| id.to_string()),
        deposits = words::count(of.deposits.len() as u64, "deposit", "deposits"),
        rows = words::count(of.rows, "row", "rows"),
    );
    text.push_str(&pinned.lines(context.style));
    let json = json!({
        "verified": true, "pinned": pinned.pinned, "certificate": of,
        "fingerprints": pinned.trust.fingerprints(),
    });
    Ok(Outcome::new(text, json))
}

fn order(order: &Order, request: &NewErasure) -> Result<Outcome, CliError> {
    let (client, _) = Client::with_credentials(&order.remote.to, &order.remote.credentials)?;
    let made: ErasureInfo = client.post("/v1/erasures", request)?;
    let when = if made.done { "done" } else { "ordered, done at the next tick" };
    let text = format!(
        "Erasure        {id}: {when}\n\
         Snapshot       gone from {snapshot} on; the ledger has the act",
        id = made.erasure,
        snapshot = made.snapshot,
    );
    let json = json!({ "erasure": made.erasure, "snapshot": made.snapshot, "done": made.done });
    Ok(Outcome::new(text, json))
}
