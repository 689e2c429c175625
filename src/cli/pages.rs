//! `tiers pages`: which scripts, styles and program a certifier serves to browsers, compared with a build of one's own and
//! with the ledger.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;
use tiers_protocol::encoding::sha256;
use tiers_protocol::pages::{SERVED_PATH, Served};
use tiers_protocol::tlog::{EntryType, visit_ledger};

use super::client::Client;
use super::context::Context;
use super::error::CliError;
use super::ledger::Source;
use super::ledger_progress::Watched;
use super::output::Outcome;
use crate::web::served_with;

/// The `pages` commands.
#[derive(Debug, Subcommand)]
pub enum PagesCommand {
    /// Print what this program would serve: the name of all, and each file with its digest.
    #[command(
        after_help = "Example:\n  bash tests/wasm --build && tiers pages show --browser target/web"
    )]
    Show(ShowArgs),
    /// Fetch what a certifier serves, and compare it with what it says, with the ledger and with this program.
    #[command(
        after_help = "Example:\n  tiers pages check https://certifier.example --browser target/web --trust trust.json\n\n\
        Build the same version from its source first, so that `this program` is what you read. What is served to\n\
        somebody else, or at another time, is not seen here: the ledger says what was served when."
    )]
    Check(CheckArgs),
}

/// Words of `pages show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Directory of the browser's program (target/web).
    #[arg(long, value_name = "DIR")]
    browser: PathBuf,
}

/// Words of `pages check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Address of the certifier.
    url: String,
    /// Directory of a browser's program of your own build (target/web).
    #[arg(long, value_name = "DIR")]
    browser: PathBuf,
    /// Its public keys, as you know them; those that it gives if not given.
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
}

/// Runs a `pages` command.
///
/// # Errors
/// [`CliError`].
pub fn run(command: &PagesCommand, context: &Context) -> Result<Outcome, CliError> {
    match command {
        PagesCommand::Show(args) => Ok(show(&served_with(&args.browser))),
        PagesCommand::Check(args) => check(args, context),
    }
}

fn show(served: &Served) -> Outcome {
    let lines = served.files.iter().map(|(path, digest)| format!("\n{digest}  {path}"));
    let text = format!("Pages          {}{}", served.pages, lines.collect::<String>());
    Outcome::new(text, json!(served))
}

fn check(args: &CheckArgs, context: &Context) -> Result<Outcome, CliError> {
    let client = Client::public(&args.url)?;
    let said: Served = client.json(SERVED_PATH)?;
    let own = served_with(&args.browser);
    let mut wrong = Vec::new();
    for (path, digest) in said.files.iter() {
        if sha256(&client.bytes(path)?) != *digest {
            wrong.push(format!("{path} is not what the certifier says that it serves"));
        }
    }
    for (path, digest) in own.files.iter() {
        if said.files.digest(path) != Some(digest) {
            wrong.push(format!("{path} is not that of this program"));
        }
    }
    let more = said.files.iter().filter(|(path, _)| own.files.digest(path).is_none());
    wrong.extend(more.map(|(path, _)| format!("{path} is not in this program")));
    let recorded = recorded(args)?;
    let last = recorded.last().map(|(pages, _)| pages.as_str());
    if said.files.id() != said.pages || last != Some(said.pages.to_string().as_str()) {
        wrong.push("the ledger does not name these files as those that are served".to_owned());
    }
    if !wrong.is_empty() {
        return Err(CliError::Certifier { code: "pages.differ", message: wrong.join("; ") });
    }
    let since = recorded.iter().rev().take_while(|(pages, _)| Some(pages.as_str()) == last).last();
    let since = since.map(|(_, at)| at.clone()).unwrap_or_default();
    let text = format!(
        "{good}        what is served is what this program has: {count} files\n\
         Pages          {pages}\n\
         Ledger         names them since {since}",
        good = context.style.good("The same"),
        count = said.files.iter().count(),
        pages = said.pages,
    );
    Ok(Outcome::new(text, json!({ "pages": said.pages, "files": said.files, "since": since })))
}

/// What the ledger says was served, in its order: names and times. The whole ledger is checked for it.
fn recorded(args: &CheckArgs) -> Result<Vec<(String, String)>, CliError> {
    let source = Source::open(&args.url, args.trust.as_deref())?;
    let watched = Watched::over(source.tiles());
    let mut found = Vec::new();
    visit_ledger(&watched, &source.verifier()?, &mut |_, entry| {
        if entry.entry_type() == EntryType::PagesServed {
            let at = entry.at().timestamp().to_string();
            found.push((entry.object().as_str().to_owned(), at));
        }
    })?;
    Ok(found)
}
