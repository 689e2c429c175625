//! `tiers erase`: a party makes a file of tokens of persons on its own machine; the operator orders
//! the erasure at the certifier. The file holds tokens of key kinds and nothing else of the persons;
//! it is still personal data, so it is the owner's alone.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tiers_contact::Kind;
use tiers_protocol::encoding::Bytes;
use tiers_protocol::ids::{DepositId, ProgrammeId};
use tiers_protocol::wire::{ErasureInfo, NewErasure, PersonToken};

use super::args::Remote;
use super::client::Client;
use super::error::CliError;
use super::files;
use super::link::Side;
use super::output::Outcome;

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
pub fn run(command: &EraseCommand) -> Result<Outcome, CliError> {
    match command {
        EraseCommand::Tokens(args) => tokens(args),
        EraseCommand::Persons(args) => {
            let asked: Asked = files::read_json(&args.tokens, FILE)?;
            if asked.format != FORMAT {
                return Err(CliError::not_a(&args.tokens, FILE));
            }
            let reason = args.order.reason.clone();
            let (programme, tokens) = (asked.programme, asked.tokens);
            order(&args.order, &NewErasure::Persons { programme, tokens, reason })
        }
        EraseCommand::Deposit(args) => {
            let (deposit, reason) = (args.deposit, args.order.reason.clone());
            order(&args.order, &NewErasure::Deposit { deposit, reason })
        }
    }
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
