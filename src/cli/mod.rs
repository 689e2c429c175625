//! The command line: what people type and read. Each command parses its words, calls the crates
//! below or a certifier's API, and returns an `Outcome`. No rule of the domain is decided
//! here. The contract of commands, exit codes and `--json` stands in `docs/command-line.md`.

mod access;
mod acme_client;
mod acts;
mod alerts;
mod appearing;
mod args;
mod backup;
mod breach;
mod cells;
mod certificate;
mod certifier;
mod client;
mod config;
mod consent;
mod context;
mod declare;
mod demo;
mod deposit;
mod deposit_dir;
mod doctor;
mod erase;
mod error;
mod exchange;
mod figures;
mod files;
mod governance;
mod governance_samples;
mod heaps;
mod inspect;
mod journal;
mod keyring;
mod ledger;
mod ledger_progress;
mod ledger_proof;
mod lift;
mod link;
mod officer;
mod output;
mod own_count;
mod pages;
mod panic;
mod party;
mod people;
mod prepare;
mod preview;
mod programme;
mod programme_key;
mod programme_text;
mod reading;
mod register;
mod report;
mod retention;
mod sealing;
mod search;
mod sections;
mod shell;
mod source;
mod stamp;
mod subject;
mod table;
mod unlock;
mod webhook;
mod webhook_client;
mod witness;
mod witness_client;
mod words;

use std::process::ExitCode;

use clap::Parser as _;

pub use error::CliError;
pub use webhook_client::HttpWebhooks;

use args::{Cli, Command};
use context::Context;
use output::Outcome;

/// Runs the command that the process was started with.
///
/// Exit codes: 0 done, 1 a refusal or a failed verification, 2 wrong usage.
#[must_use]
pub fn main() -> ExitCode {
    panic::say_the_place_only();
    let cli = Cli::parse();
    let context = Context::of_process(cli.json);
    match run(cli.command, &context) {
        Ok(outcome) => {
            output::say(&outcome, cli.json);
            ExitCode::from(u8::from(outcome.amiss))
        }
        Err(error) => {
            output::complain(&error, cli.json);
            ExitCode::from(if error.is_usage() { 2 } else { 1 })
        }
    }
}

fn run(command: Command, context: &Context) -> Result<Outcome, CliError> {
    match command {
        Command::Demo(args) => demo::run(&args, context),
        Command::Init(args) => certifier::init(&args, context),
        Command::Serve(args) => certifier::serve(&args, context),
        Command::Backup(args) => backup::run(&args, context),
        Command::Restore(args) => backup::restore(&args, context),
        Command::Completions(args) => Ok(shell::completions(&args)),
        Command::Man(args) => shell::man(&args),
        Command::Doctor(args) => doctor::run(&args, context),
        Command::Keyring(command) => keyring::run(&command, context),
        Command::Party(command) => party::run(&command, context),
        Command::Officer(command) => officer::run(&command, context),
        Command::Access(command) => access::run(&command, context),
        Command::People(command) => people::run(&command, context),
        Command::Webhook(command) => webhook::run(&command, context),
        Command::Programme(command) => programme::run(&command, context),
        Command::Prepare(args) => prepare::run(&args, context),
        Command::Preview(args) => preview::run(&args, context),
        Command::Link(args) => link::run(&args, context),
        Command::Witness(command) => witness::run(&command, context),
        Command::Inspect(args) => inspect::run(&args, context),
        Command::Deposit(args) => deposit::run(&args, context),
        Command::Erase(command) => erase::run(&command, context),
        Command::Lift(command) => lift::run(&command, context),
        Command::Own(command) => own_count::run(&command, context),
        Command::Pages(command) => pages::run(&command, context),
        Command::Report(command) => report::run(&command, context),
        Command::Certificate(command) => certificate::run(&command, context),
        Command::Ledger(command) => ledger::run(&command, context),
        Command::Journal(command) => journal::run(&command, context),
        Command::Acts(args) => acts::run(&args, context),
        Command::Governance(command) => governance::run(&command, context),
        Command::Register(command) => register::run(&command, context),
        Command::Retention(command) => retention::run(&command, context),
        Command::Breach(command) => breach::run(&command, context),
        Command::Consent(command) => consent::run(&command, context),
        Command::Subject(command) => subject::run(&command),
        Command::Exchange(command) => exchange::run(&command, context),
    }
}
