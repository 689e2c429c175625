//! `tiers own`: as a partner, how many of the principal's leads bought from it. What arrives is shown and written only
//! after its signature and its proof were verified under the keys that the programme file pins.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;
use tiers_protocol::attested::{Attested, AttestedError};
use tiers_protocol::own_count::{AskOwnCount, OwnCount, OwnCountPlan};
use tiers_protocol::programme::Programme;

use super::args::Remote;
use super::certificate::{Pinned, dir_of};
use super::client::Client;
use super::context::Context;
use super::error::CliError;
use super::files;
use super::output::Outcome;
use super::table::{Align, Table};
use super::words;

/// The `own` commands.
#[derive(Debug, Subcommand)]
pub enum OwnCommand {
    /// Say how precise the answer would be, what it costs and until when sales can count, without asking for it.
    #[command(
        after_help = "Example:\n  tiers own plan --programme programme.json --month 2024-05 \\\n    \
        --to https://certifier.example --credentials dealer.json"
    )]
    Plan(AskArgs),
    /// Ask how many persons among the leads of a month bought from you: once for each month.
    #[command(
        after_help = "Example:\n  tiers own ask --programme programme.json --month 2024-05 --out may.json \\\n    \
        --to https://certifier.example --credentials dealer.json\n\n\
        A month is told once. Asked again, the same answer comes, whatever you deposited since: deposit all sales\n\
        first. The figure has noise, so that nobody can find out of one person whether it is among the leads."
    )]
    Ask(TellArgs),
    /// List what you were told.
    #[command(
        after_help = "Example:\n  tiers own list --programme programme.json --to https://certifier.example \
        --credentials dealer.json"
    )]
    List(ListArgs),
    /// Check an answer that was written with --out, without the certifier.
    #[command(after_help = "Example:\n  tiers own check may.json --trust trust.json")]
    Check(CheckArgs),
}

/// Words of `own plan`.
#[derive(Debug, Args)]
pub struct AskArgs {
    /// The programme file.
    #[arg(long, value_name = "FILE")]
    programme: PathBuf,
    /// Month in which the leads were made, YYYY-MM; it must be over.
    #[arg(long, value_name = "MONTH")]
    month: String,
    #[command(flatten)]
    remote: Remote,
}

/// Words of `own ask`.
#[derive(Debug, Args)]
pub struct TellArgs {
    #[command(flatten)]
    ask: AskArgs,
    /// File to write the attested answer to.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Words of `own list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// The programme file.
    #[arg(long, value_name = "FILE")]
    programme: PathBuf,
    #[command(flatten)]
    remote: Remote,
}

/// Words of `own check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The answer.
    file: PathBuf,
    /// The certifier's public keys, had by another channel.
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
}

/// Runs an `own` command.
///
/// # Errors
/// [`CliError`].
pub fn run(command: &OwnCommand, context: &Context) -> Result<Outcome, CliError> {
    match command {
        OwnCommand::Plan(args) => plan(args),
        OwnCommand::Ask(args) => ask(args, context),
        OwnCommand::List(args) => list(args, context),
        OwnCommand::Check(args) => check(args, context),
    }
}

fn open(programme: &Path, remote: &Remote) -> Result<(Programme, Client), CliError> {
    let programme = files::read_programme(programme)?;
    let (client, _) = Client::with_credentials(&remote.to, &remote.credentials)?;
    Ok((programme, client))
}

impl AskArgs {
    fn request(&self, programme: &Programme) -> AskOwnCount {
        AskOwnCount { programme: programme.id, month: self.month.clone() }
    }
}

fn plan(args: &AskArgs) -> Result<Outcome, CliError> {
    let (programme, client) = open(&args.programme, &args.remote)?;
    let plan: OwnCountPlan = client.post("/v1/own-counts/plan", &args.request(&programme))?;
    let mut lines = vec![
        format!("Leads of       {}", plan.month.as_str()),
        format!("Sales count    until {}", plan.sales_until),
        format!("Precision      ± {} persons, 95 times of 100", words::grouped(plan.half_width)),
        format!("Shown          noisy figures of {} and more", plan.shown_from),
        format!(
            "Cost           {} of {} left for all partners",
            words::mega(plan.cost_nrho),
            words::mega(plan.left_nrho)
        ),
    ];
    lines.push(format!(
        "Leads stand    until {} if they were deposited in their month",
        plan.leads_until
    ));
    lines.push(match plan.told {
        Some(told) => {
            format!("Told already   {told}: asked again, the same answer comes, at no cost")
        }
        None => "Once           a month is told once: deposit all your sales first".to_owned(),
    });
    Ok(Outcome::new(lines.join("\n"), json!({ "plan": plan })))
}

fn ask(args: &TellArgs, context: &Context) -> Result<Outcome, CliError> {
    args.out.as_deref().map_or(Ok(()), files::must_not_exist)?;
    let (programme, client) = open(&args.ask.programme, &args.ask.remote)?;
    let (_, trust) = programme.registered()?;
    let told: Attested<OwnCount> = client.post("/v1/own-counts", &args.ask.request(&programme))?;
    let bytes = told.to_vec();
    let told = Attested::<OwnCount>::verify(&bytes, trust)?.document;
    // A genuine answer to another question is none to this one.
    if (told.programme.id, told.month.as_str()) != (programme.id, args.ask.month.as_str()) {
        return Err(AttestedError::Entry.into());
    }
    let mut text = figure(&told, context);
    text.push_str("\nVerified       signature, entry and proof, under the certifier's pinned keys");
    if let Some(out) = &args.out {
        files::replace(out, &bytes)?;
        text.push_str(&format!("\nWritten        {}", out.display()));
    }
    Ok(Outcome::new(text, json!({ "own_count": told, "file": args.out })))
}

/// An answer in lines.
fn figure(told: &OwnCount, context: &Context) -> String {
    let said = match (told.persons, told.interval()) {
        (Some(persons), Some((low, high))) => format!(
            "{} persons, between {} and {} 95 times of 100",
            context.style.bold(&words::grouped(persons)),
            words::grouped(low),
            words::grouped(high),
        ),
        _ => {
            format!("hidden: the noisy figure (± {}) is below {}", told.half_width, told.shown_from)
        }
    };
    let mut text = format!(
        "Leads of       {}, in {}\nBought from    {}\nThat is        {said}\nPaid           {}, {} left for all partners",
        told.month.as_str(),
        told.programme.name,
        told.partner.name,
        words::mega(told.account.cost_nrho),
        words::mega(told.account.left_nrho),
    );
    if told.late {
        text.push_str("\nNote           asked when leads of the month may have come to their term");
    }
    if told.early {
        text.push_str(
            "\nNote           asked while sales could still count: later ones are not in it",
        );
    }
    text
}

fn list(args: &ListArgs, context: &Context) -> Result<Outcome, CliError> {
    let (programme, client) = open(&args.programme, &args.remote)?;
    let told: Vec<OwnCount> = client.json(&format!("/v1/own-counts?programme={}", programme.id))?;
    let mut table = Table::new(&[
        ("leads of", Align::Left),
        ("persons", Align::Right),
        ("between", Align::Right),
        ("and", Align::Right),
        ("told", Align::Left),
    ]);
    for one in &told {
        let words = |value: Option<u64>| value.map_or_else(|| "hidden".to_owned(), words::grouped);
        let ends = one.interval();
        table.row(vec![
            one.month.as_str().to_owned(),
            words(one.persons),
            ends.map_or_else(String::new, |(low, _)| words(Some(low))),
            ends.map_or_else(String::new, |(_, high)| words(Some(high))),
            one.released_at.clone(),
        ]);
    }
    let text = if told.is_empty() {
        "You were told of no month yet: tiers own ask.".to_owned()
    } else {
        table.lines(context.style).join("\n")
    };
    Ok(Outcome::new(text, json!({ "own_counts": told })))
}

fn check(args: &CheckArgs, context: &Context) -> Result<Outcome, CliError> {
    let pinned = Pinned::find(args.trust.as_deref(), &[dir_of(&args.file)], &args.file)?;
    let bytes = files::read_document(&args.file)?;
    let told = Attested::<OwnCount>::verify(&bytes, &pinned.trust)?.document;
    let verified = context.style.good("Verified");
    let mut text = format!("{verified}       signature, entry and proof of an own count\n");
    text.push_str(&figure(&told, context));
    text.push('\n');
    text.push_str(&pinned.lines(context.style));
    let json = json!({
        "verified": true, "pinned": pinned.pinned, "own_count": told,
        "fingerprints": pinned.trust.fingerprints(),
    });
    Ok(Outcome::new(text, json))
}
