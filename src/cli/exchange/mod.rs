//! `tiers exchange`: an agreement is proposed, accepted and approved; the sender's machine seals its
//! records to the recipient and sends them; the recipient's machine checks and opens what passes; both
//! state values and get invoices. Everything that is of a person happens on the machine of a party.

mod agreement;
mod calls;
mod fault;
mod file;
mod open;
mod parcel;
mod review;
mod send;
mod settle;
mod suppress;
mod view;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use tiers_protocol::ids::ExchangeId;

use super::args::Remote;
use super::client::Client;
use super::context::Context;
use super::error::CliError;
use super::files;
use super::output::Outcome;
use super::table::{Align, Table};

pub use fault::ExchangeFault;

/// The commands.
#[derive(Debug, Subcommand)]
pub enum ExchangeCommand {
    /// Write an agreement to start from, on this machine.
    Template(agreement::TemplateArgs),
    /// Sign an agreement and propose it.
    Propose(agreement::ProposeArgs),
    /// As the other party: accept an agreement as it stands.
    Accept(agreement::AcceptArgs),
    /// As a signatory of either party: approve.
    Approve(agreement::SayArgs),
    /// As a data protection officer: advise; it approves nothing.
    Advise(agreement::WordsArgs),
    /// As either party: end an exchange.
    End(agreement::EndArgs),
    /// Show an exchange, its batches and what is due.
    Show(OneArgs),
    /// List the exchanges of your company.
    List(ListArgs),
    /// Seal the agreed fields of a file to the recipient, and send them.
    Send(Box<send::SendArgs>),
    /// As the recipient's data protection officer: look at the proofs of a sample, then give the verdict.
    Review(review::ReviewArgs),
    /// As the recipient's data protection officer: open the proof of one record.
    Evidence(review::EvidenceArgs),
    /// As the sender: hand a batch over; every record is decided about now.
    HandOver(settle::BatchArgs),
    /// As the recipient: fetch a batch, check it and open it.
    Open(open::OpenArgs),
    /// As the recipient: say that the persons of a batch were informed.
    Informed(settle::BatchArgs),
    /// State the value of what you gave; the second statement closes the exchange.
    Close(settle::CloseArgs),
    /// Download the invoices of an exchange.
    Invoices(settle::InvoicesArgs),
    /// Say that your approved platform has an invoice, or the report of its payment.
    Filed(settle::FiledArgs),
    /// Invoices of the electronic form that no platform has yet, with their days.
    Unfiled(ListArgs),
    /// Fetch and check the proof of one decision.
    Proof(settle::ProofArgs),
    /// As an officer: exchanges that were carried out and have no invoices.
    Uninvoiced(ListArgs),
}

/// Words of `exchange show`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tiers exchange show EXCHANGE --from https://certifier.example \
    --credentials brand.json"
)]
pub struct OneArgs {
    /// Which exchange.
    exchange: ExchangeId,
    /// Write the signed agreement here.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    remote: Remote,
}

/// Words of `exchange list`, `exchange uninvoiced` and `exchange unfiled`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tiers exchange list --from https://certifier.example \
    --credentials brand.json")]
pub struct ListArgs {
    #[command(flatten)]
    remote: Remote,
}

/// Runs an `exchange` command.
///
/// # Errors
/// [`CliError`].
pub fn run(command: &ExchangeCommand, context: &Context) -> Result<Outcome, CliError> {
    match command {
        ExchangeCommand::Template(args) => agreement::template(args),
        ExchangeCommand::Propose(args) => agreement::propose(args),
        ExchangeCommand::Accept(args) => agreement::accept(args),
        ExchangeCommand::Approve(args) => agreement::approve(args),
        ExchangeCommand::Advise(args) => agreement::advise(args),
        ExchangeCommand::End(args) => agreement::end(args),
        ExchangeCommand::Show(args) => view::show(args, context),
        ExchangeCommand::List(args) => view::list(args, context),
        ExchangeCommand::Send(args) => send::run(args, context),
        ExchangeCommand::Review(args) => review::run(args),
        ExchangeCommand::Evidence(args) => review::evidence(args),
        ExchangeCommand::HandOver(args) => settle::hand_over(args),
        ExchangeCommand::Open(args) => open::run(args, context),
        ExchangeCommand::Informed(args) => settle::informed(args),
        ExchangeCommand::Close(args) => settle::close(args),
        ExchangeCommand::Invoices(args) => settle::invoices(args),
        ExchangeCommand::Filed(args) => settle::filed(args),
        ExchangeCommand::Unfiled(args) => settle::unfiled(args),
        ExchangeCommand::Proof(args) => settle::proof(args),
        ExchangeCommand::Uninvoiced(args) => view::uninvoiced(args, context),
    }
}
