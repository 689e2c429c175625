//! `tiers demo`: the whole story on an invented network. An operator, a brand, 14 dealers and a
//! compliance officer each run this same program as processes of their own; this module only
//! directs and narrates. It prints and writes no figure that was not released.

mod actor;
mod cast;
mod consents;
mod doors;
mod network;
mod paperwork;
mod place;
mod plot;
mod scenes;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::mpsc;
use std::time::Instant;

use clap::Args;
use serde_json::{Value, json};
use tiers_protocol::report::{Cell, Report, Row};
use tiers_protocol::wire::AccountInfo;

use super::context::Context;
use super::error::CliError;
use super::figures;
use super::files;
use super::output::{self, Outcome};
use super::words;
use actor::{Refused, Stage};
use cast::Cast;
pub use network::CAMPAIGNS;
use place::Place;
use plot::Bar;

/// Words of `demo`.
#[derive(Debug, Args)]
#[command(
    after_help = "Plays on this machine only, with people that nobody ever met, in under a minute.\n\
    At a terminal it goes on serving until you press Ctrl-C."
)]
pub struct DemoArgs {
    /// End when the story is told, also at a terminal.
    #[arg(long)]
    once: bool,
    /// Directory for the files that it leaves.
    #[arg(long, default_value = "demo-out", value_name = "DIR")]
    out: PathBuf,
}

/// Cells that a demonstration must at least be able to show.
const CELLS_MIN: usize = 10;

/// Plays the story.
///
/// # Errors
/// [`CliError::Actor`] says who failed at what.
pub fn run(args: &DemoArgs, context: &Context) -> Result<Outcome, CliError> {
    let interrupted = interruptions();
    let place = Place::clear(&args.out)?;
    let stage = Stage::build()?;
    let narrator = Narrator::new(context);
    let (cast, outcome) = play(&stage, &place, &narrator).map_err(|error| {
        // Ctrl-C reaches the actors too: that one of them failed is then no news.
        if interrupted.try_recv().is_ok() { CliError::Interrupted } else { error }
    })?;
    files::replace(&place.path("commands.txt"), stage.commands().as_bytes())?;
    narrator.say(&where_next(args, &stage, &cast, context));
    if context.terminal && !args.once && !context.json {
        narrator.say(&doors::text(&doors::open(&cast)?, &cast, context));
        narrator.say(&format!("Serving at {} until you press Ctrl-C.", cast.url()));
        let _ = interrupted.recv();
        narrator.say("Stopped; the certifier's directory and the homes are removed.");
    }
    Ok(Outcome::new(String::new(), outcome))
}

/// Waits for Ctrl-C in a thread of its own, so that the certifier's directory is always removed: an
/// interrupted actor ends with an error, and the story ends with it.
fn interruptions() -> mpsc::Receiver<()> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let Ok(runtime) = runtime else { return };
        if runtime.block_on(tokio::signal::ctrl_c()).is_ok() {
            let _ = sender.send(());
        }
    });
    receiver
}

/// Tells the story to standard output, unless a script reads it.
struct Narrator<'a> {
    context: &'a Context,
    begun: Instant,
}

impl<'a> Narrator<'a> {
    fn new(context: &'a Context) -> Self {
        Self { context, begun: Instant::now() }
    }

    fn say(&self, text: &str) {
        if !self.context.json {
            output::line(text);
        }
    }

    /// A heading with the seconds since the beginning.
    fn scene(&self, title: &str) {
        let elapsed = self.begun.elapsed();
        let clock = format!("{:>3}.{} s", elapsed.as_secs(), elapsed.subsec_millis() / 100);
        let style = self.context.style;
        self.say(&format!("\n{}  {}", style.dim(&clock), style.bold(title)));
    }

    fn fact(&self, text: &str) {
        self.say(&format!("         {text}"));
    }

    fn held(&self, text: &str) {
        self.fact(&format!("{} {text}", self.context.style.good("✓")));
    }

    fn refused(&self, what: &str, refusal: &Refused) {
        let style = self.context.style;
        self.fact(&format!("{} {what}", style.warn("✗")));
        let mut said = format!("{}. {} [{}]", refusal.message, refusal.advice, refusal.code);
        if let Some(first) = said.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        for line in wrapped(&said, 78) {
            self.fact(&format!("  {}", style.dim(&line)));
        }
    }
}

/// Lines of at most `width` characters.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is always a line");
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(word.to_owned());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

fn play(stage: &Stage, place: &Place, tell: &Narrator<'_>) -> Result<(Cast, Value), CliError> {
    let (cast, programme) = assemble(stage, tell)?;
    deposit(&cast, &programme, place, tell)?;

    tell.scene("The brand asks: one report for each month of sales");
    let reports = scenes::ask(&cast, place)?;
    let best = best_month(&reports)?;
    let cells = shown(&reports);
    if cells.len() < CELLS_MIN {
        return Err(CliError::Story("too few figures could be shown"));
    }
    figures_of(&reports, best, &cells, tell);

    let period = best.head.period.as_str();
    tell.scene("The brand asks again, and asks for too much");
    scenes::ask_again(&cast, place, period)?;
    tell.held(&format!("{period} again: the stored answer, byte for byte, at no cost"));
    let unknown = scenes::ask_the_unknown(&cast, period)?;
    tell.refused("a list of buyers: refused, no policy has such a question", &unknown);
    let (again, spent) = scenes::ask_too_often(&cast, period)?;
    let title =
        format!("{period} once more, each time a file arrives: refused at question {}", again + 1);
    tell.refused(&title, &spent);

    tell.scene("A dealer's customers say what the brand may do with their address");
    let gathered = consents::gather(&cast)?;
    tell.held(&format!(
        "{} on one form, one of them a withdrawal; persons are tokens to the certifier",
        words::count(gathered.events, "choice", "choices"),
    ));
    tell.held(&format!(
        "{} without evidence: recorded, and it permits nothing",
        words::count(gathered.quarantined, "choice", "choices"),
    ));
    paperwork::file(&cast)?;
    tell.held("one of them asked the dealer what is held: the answer is due within a month");

    tell.scene("What may still be learned");
    let accounts: Vec<AccountInfo> = serde_json::from_value(scenes::accounts(&cast)?)
        .map_err(|_| CliError::Story("the accounts cannot be read"))?;
    tell.say(&budget(&accounts, tell.context));

    tell.scene("Everybody checks");
    let checked = scenes::check(&cast, place, period)?;
    tell.held("certificate.json and report.json hold, offline, under the pinned keys");
    tell.refused("one digit of the report changed: refused", &checked.forged);
    tell.held(&format!(
        "the ledger holds: {}, every hash and the signed checkpoint",
        words::count(checked.entries, "entry", "entries"),
    ));
    tell.held(&format!(
        "the officer read {}; the reading is an act itself",
        words::count(checked.acts, "act", "acts"),
    ));
    let outcome = json!({
        "cells_shown": cells.len(), "period": period, "ledger_entries": checked.entries,
        "refusals": [unknown.code, spent.code, checked.forged.code],
        "seconds": tell.begun.elapsed().as_secs(),
    });
    Ok((cast, outcome))
}

/// From an empty directory to an approved programme.
fn assemble(stage: &Stage, tell: &Narrator<'_>) -> Result<(Cast, String), CliError> {
    tell.say(&tell.context.style.bold("tiers demo"));
    tell.say(
        "A brand wants to know which campaigns sold cars. Fourteen dealers know who bought, and\n\
         will not say. Between them stands a certifier that neither has to take on faith. Every\n\
         actor is a process of its own with a directory of its own; nobody in the data exists.",
    );
    tell.scene("The operator makes a certifier and starts it");
    let cast = Cast::open(stage)?;
    tell.held("its keyring lies beside its data, never inside");
    tell.held(&format!("it listens on {}", cast.url()));
    tell.scene("Companies make their keys; the operator enrols them");
    cast.enrol()?;
    tell.held("1 brand, 14 dealers, 1 compliance officer");
    tell.held("each fingerprint was compared before it was enrolled");
    tell.scene("The brand founds a programme");
    let programme = cast.found_programme()?;
    tell.held(
        "its key was made at the brand and wrapped to each dealer; the certifier cannot open it",
    );
    tell.scene("The compliance officer reads the policy");
    cast.approve(&programme)?;
    tell.held("releases under it are approved");
    Ok((cast, programme))
}

fn deposit(
    cast: &Cast,
    programme: &str,
    place: &Place,
    tell: &Narrator<'_>,
) -> Result<(), CliError> {
    tell.scene("Dealers turn what their software exports into tokens, and deposit them");
    scenes::dealers_deposit(cast, programme, place, |one| {
        tell.held(&format!(
            "{:<15} {:<26} {:>4} sales, {:>2} left out",
            one.dealer.file, one.shape, one.rows, one.rejects,
        ));
    })?;
    tell.scene("The brand deposits its leads");
    let rows = scenes::brand_deposits(cast, place)?;
    tell.held(&format!("{} leads; 15 receipts, each with its proof", words::grouped(rows)));
    Ok(())
}

/// Conversions by campaign.
fn rows(report: &Report) -> &[Row] {
    report.campaigns().map_or(&[], |section| &section.rows)
}

/// The month with the most figures, the earliest of those.
fn best_month(reports: &[Report]) -> Result<&Report, CliError> {
    let count = |report: &Report| {
        rows(report).iter().filter(|row| row.figures.units.figure().is_some()).count()
    };
    let best = reports.iter().rev().max_by_key(|report| count(report));
    best.ok_or(CliError::Story("no report was released"))
}

/// One bar for each campaign and month that is shown.
fn shown(reports: &[Report]) -> Vec<Bar> {
    let mut bars = Vec::new();
    for report in reports {
        for row in rows(report) {
            if let Cell::Shown(figure) = row.figures.units {
                let label = format!("{}  {}", report.head.period.as_str(), row.campaign());
                bars.push(Bar { label, value: figure.value, low: figure.low, high: figure.high });
            }
        }
    }
    bars
}

fn figures_of(reports: &[Report], best: &Report, cells: &[Bar], tell: &Narrator<'_>) {
    tell.held(&format!(
        "{} reports; the certificate of each was verified on arrival",
        reports.len()
    ));
    tell.say(&format!("\n{}", figures::report_text(best, tell.context.style).trim_end()));
    let title = "Conversions by month of sale and campaign, [low, high] at 95 %";
    tell.say(&format!("\n{}", tell.context.style.bold(title)));
    for line in plot::lines(cells, tell.context.style) {
        tell.say(&line);
    }
    let all: usize = reports.iter().map(|report| rows(report).len()).sum();
    let threshold = best.campaigns().map_or(0, |section| section.threshold);
    let note = format!(
        "  {} of {all} cells are shown; the other {} are hidden: noisy counts below {threshold}.",
        cells.len(),
        all - cells.len(),
    );
    tell.say(&tell.context.style.dim(&note));
}

/// Months with the same account on one line.
fn budget(accounts: &[AccountInfo], context: &Context) -> String {
    let mut groups: Vec<(String, AccountInfo)> = Vec::new();
    for one in accounts {
        match groups.last_mut() {
            Some((to, group)) if group.spent_nrho == one.spent_nrho => to.clone_from(&one.month),
            _ => groups.push((one.month.clone(), one.clone())),
        }
    }
    let lines: Vec<AccountInfo> = groups
        .into_iter()
        .map(|(to, mut group)| {
            if to != group.month {
                group.month = format!("each of {} to {to}", group.month);
            }
            group
        })
        .collect();
    let mut text = figures::accounts_text(&lines, context.style);
    let note = "  nano-rho of zCDP, one account for each month of sales; it is never refilled.";
    text.push('\n');
    text.push_str(&context.style.dim(note));
    text
}

fn where_next(args: &DemoArgs, stage: &Stage, cast: &Cast, context: &Context) -> String {
    let style = context.style;
    let mut places: Vec<(String, &str)> = [
        ("certificate.html", "the certificate as a page to read and print"),
        ("report.json", "the figures, with their noise and thresholds"),
        ("certificate.json", "what the certifier vouches for: tiers certificate verify"),
        ("ledger", "the public log: tiers ledger verify"),
        ("reports", "the other months"),
        ("commands.txt", "every command that every actor ran"),
        ("deposits", "what each company sent (preview.csv), and what it kept to itself"),
    ]
    .iter()
    .map(|(name, what)| (args.out.join(name), *what))
    .filter(|(path, _)| path.exists())
    .map(|(path, what)| (path.display().to_string(), what))
    .collect();
    if context.terminal && !args.once {
        places.push((stage.root().display().to_string(), "homes of the actors, until you stop"));
        places.push((format!("{}/openapi.json", cast.url()), "the API's description"));
    }
    let width = places.iter().map(|(path, _)| path.chars().count()).max().unwrap_or(0);
    let mut text = format!("\n{}\n", style.bold("Where to look next"));
    for (path, what) in places {
        let gap = " ".repeat(width - path.chars().count());
        let _ = writeln!(text, "  {path}{gap}  {}", style.dim(what));
    }
    text
}

#[cfg(test)]
mod tests {
    use tiers_protocol::wire::AccountSide;

    use super::*;

    #[test]
    fn long_messages_are_wrapped_between_words() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("", 7), [""]);
        assert_eq!(wrapped("unbreakable", 3), ["unbreakable"]);
    }

    #[test]
    fn equal_accounts_share_a_line() {
        let account = |month: &str, spent: u64| AccountInfo {
            account: "acc_AAAAAAAAAAAAAAAAAAAAAA".parse().expect("an id"),
            month: month.to_owned(),
            side: AccountSide::Sales,
            cap_nrho: 300,
            spent_nrho: spent,
            left_nrho: 300 - spent,
        };
        let accounts = [account("2024-03", 82), account("2024-04", 82), account("2024-05", 247)];
        let context = Context {
            today: jiff::civil::date(2026, 1, 1),
            style: output::Style::PLAIN,
            interactive: false,
            terminal: false,
            json: false,
        };
        let text = budget(&accounts, &context);
        assert!(text.contains("each of 2024-03 to 2024-04"), "{text}");
        assert!(text.contains("2024-05"), "{text}");
        assert_eq!(text.lines().count(), 5, "{text}");
    }
}
