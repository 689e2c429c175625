//! `tiers report`: a principal asks what a report would cost, asks for it, lists and reads
//! releases. What arrives is written only after its certificate was verified under the pinned
//! keys.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde::Deserialize as _;
use serde_json::{Value, json};
use tiers_protocol::canonical;
use tiers_protocol::certificate;
use tiers_protocol::ids::ProgrammeId;
use tiers_protocol::policy::SectionId;
use tiers_protocol::programme::Programme;
use tiers_protocol::report::{Period, PeriodError, Report};
use tiers_protocol::trust::Trust;
use tiers_protocol::wire::{AccountInfo, PlanRequest, ReleaseInfo, ReportRequest};

use super::args::Remote;
use super::certificate::Language as Lang;
use super::client::Client;
use super::context::Context;
use super::error::{CliError, Compared};
use super::figures::{self, Plan};
use super::files::{self, Staged};
use super::output::{Outcome, aside};
use super::sections;
use super::table::{Align, Table};
use super::words;
use crate::disclosure::{Trend, recompute};

/// The `report` commands.
#[derive(Debug, Subcommand)]
pub enum ReportCommand {
    /// List what the programme's policy allows to ask for, and what it costs.
    Templates(TemplatesArgs),
    /// Say what a report would cost, how precise it would be and what would probably be hidden, without
    /// asking for it.
    #[command(
        after_help = "Examples:\n  tiers report plan --programme programme.json --period 2024-05 --monthly \\\n    \
        --guess C24-NOEL=120 --guess C24-ETE=40 --to https://certifier.example --credentials brand.json\n\n\
        Campaigns without a guess are taken as in the last released months. It costs nothing."
    )]
    Plan(PlanArgs),
    /// Ask for reports: one for each month of sales.
    #[command(
        after_help = "Example:\n  tiers report request --programme programme.json --period 2024-03..2024-08 \\\n    \
        --to https://certifier.example --credentials brand.json --out reports\n\n\
        The same question is answered from the store at no cost. With several months, --out gets a\n\
        directory for each."
    )]
    Request(RequestArgs),
    /// List releases, and what is left of each month's budget.
    List(ListArgs),
    /// Put the months of a section side by side, with the year before, from stored reports.
    #[command(
        after_help = "Example:\n  tiers report trend --programme programme.json --section delay/1@all \\\n    \
        --to https://certifier.example --credentials brand.json\n\nIt costs nothing."
    )]
    Trend(TrendArgs),
    /// Print a report with its intervals, all sections drawn.
    Show(ShowArgs),
}

/// What is asked.
#[derive(Debug, Args)]
pub struct AskArgs {
    /// The programme file.
    #[arg(long, value_name = "FILE")]
    programme: PathBuf,
    /// Month of the sales, 2024-05, or a range, 2024-03..2025-05; may be repeated.
    #[arg(long, required = true, value_parser = months, value_name = "MONTH")]
    period: Vec<Months>,
    /// Ask for these templates, such as conversion/1 or network/1@all; may be repeated. Without any,
    /// those that the policy tells by itself. `tiers report templates` lists them.
    #[arg(long)]
    template: Vec<String>,
    /// Ask for the usual month: conversions, revenue, delays, dealers and segments.
    #[arg(long, conflicts_with = "template")]
    monthly: bool,
    #[command(flatten)]
    remote: Remote,
}

/// What the usual month is made of.
const MONTHLY: [&str; 5] =
    ["conversion/1", "revenue/1", "delay/1@all", "network/1@all", "segments/1@all"];

/// Words of `report templates`.
#[derive(Debug, Args)]
pub struct TemplatesArgs {
    /// The programme file.
    #[arg(long, value_name = "FILE")]
    programme: PathBuf,
}

/// Words of `report plan`.
#[derive(Debug, Args)]
pub struct PlanArgs {
    #[command(flatten)]
    ask: AskArgs,
    /// How many conversions you expect of a campaign; may be repeated.
    #[arg(long = "guess", value_name = "CAMPAIGN=CONVERSIONS", value_parser = guess)]
    guesses: Vec<(String, u64)>,
}

/// Words of `report trend`.
#[derive(Debug, Args)]
pub struct TrendArgs {
    /// The programme file.
    #[arg(long, value_name = "FILE")]
    programme: PathBuf,
    /// Template and margin.
    #[arg(long, default_value = "conversion/1")]
    section: String,
    /// Write a page with drawings as well.
    #[arg(long, value_name = "FILE")]
    page: Option<PathBuf>,
    /// Language of the page.
    #[arg(long, default_value = "fr", requires = "page")]
    lang: Lang,
    #[command(flatten)]
    remote: Remote,
}

/// Words of `report request`.
#[derive(Debug, Args)]
pub struct RequestArgs {
    #[command(flatten)]
    ask: AskArgs,
    /// Ask an earlier snapshot: answered from the store or not at all.
    #[arg(long)]
    snapshot: Option<u64>,
    /// Ask for totals without noise as well: nothing protects anybody in them. Once for each month, under a
    /// policy that gives them, and only if every partner agreed.
    #[arg(long)]
    exact: bool,
    /// Directory to write.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Words of `report list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// The programme file.
    #[arg(long, value_name = "FILE")]
    programme: PathBuf,
    #[command(flatten)]
    remote: Remote,
}

/// Words of `report show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// A report.json, or the directory that holds it.
    path: PathBuf,
}

/// One month, or all months of a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Months(Vec<Period>);

/// No range is longer: ten years.
const MONTHS_MAX: usize = 120;

fn months(text: &str) -> Result<Months, PeriodError> {
    let (first, last) = text.split_once("..").unwrap_or((text, text));
    let first = Period::try_from(first.to_owned())?;
    let last = Period::try_from(last.to_owned())?;
    let mut months = vec![first.clone()];
    let mut month = first;
    while month < last && months.len() <= MONTHS_MAX {
        month = next(&month)?;
        months.push(month.clone());
    }
    if month == last && months.len() <= MONTHS_MAX { Ok(Months(months)) } else { Err(PeriodError) }
}

/// The month after.
fn next(month: &Period) -> Result<Period, PeriodError> {
    let (year, number) = month.as_str().split_once('-').ok_or(PeriodError)?;
    let year: u16 = year.parse().map_err(|_| PeriodError)?;
    let number: u8 = number.parse().map_err(|_| PeriodError)?;
    let text = if number == 12 {
        format!("{:04}-01", year + 1)
    } else {
        format!("{year:04}-{:02}", number + 1)
    };
    Period::try_from(text)
}

/// Runs a `report` command.
///
/// # Errors
/// [`CliError`].
pub fn run(command: &ReportCommand, context: &Context) -> Result<Outcome, CliError> {
    match command {
        ReportCommand::Templates(args) => templates(args, context),
        ReportCommand::Plan(args) => plan(args, context),
        ReportCommand::Trend(args) => trend(args, context),
        ReportCommand::Request(args) => request(args, context),
        ReportCommand::List(args) => list(args, context),
        ReportCommand::Show(args) => show(&args.path, context),
    }
}

impl AskArgs {
    fn periods(&self) -> impl Iterator<Item = String> + '_ {
        self.period.iter().flat_map(|months| &months.0).map(|month| month.as_str().to_owned())
    }

    fn templates(&self) -> Option<Vec<String>> {
        if self.monthly {
            return Some(MONTHLY.map(str::to_owned).into());
        }
        (!self.template.is_empty()).then(|| self.template.clone())
    }

    fn open(&self) -> Result<(Programme, Client), CliError> {
        let programme = files::read_programme(&self.programme)?;
        let (client, _) = Client::with_credentials(&self.remote.to, &self.remote.credentials)?;
        Ok((programme, client))
    }
}

fn guess(text: &str) -> Result<(String, u64), String> {
    let parts = text.rsplit_once('=').and_then(|(name, number)| Some((name, number.parse().ok()?)));
    let (name, number) = parts.ok_or("a guess is CAMPAIGN=CONVERSIONS, such as C24-NOEL=120")?;
    Ok((name.to_owned(), number))
}

fn templates(args: &TemplatesArgs, context: &Context) -> Result<Outcome, CliError> {
    let programme = files::read_programme(&args.programme)?;
    let policy = &programme.policy;
    let mut table =
        Table::new(&[("template", Align::Left), ("cost", Align::Right), ("told", Align::Left)]);
    let mut listed = Vec::new();
    for priced in policy.allowed() {
        let name = priced.section().name();
        let cost = priced.cost_nrho().value();
        let by_itself = policy.templates().iter().any(|one| one.section() == priced.section());
        let told = if by_itself { "by itself" } else { "on request" };
        table.row(vec![name.clone(), words::mega(cost), told.to_owned()]);
        listed.push(json!({ "template": name, "cost_nrho": cost, "by_itself": by_itself }));
    }
    let text = format!(
        "{}\n  {}",
        table.lines(context.style).join("\n"),
        context.style.dim(&format!(
            "a month's budget is {}; by model if the programme lists models, by area if the policy \
             lists areas.",
            words::mega(policy.cap_nrho().value()),
        )),
    );
    Ok(Outcome::new(text, json!({ "templates": listed, "cap_nrho": policy.cap_nrho().value() })))
}

fn trend(args: &TrendArgs, context: &Context) -> Result<Outcome, CliError> {
    let programme = files::read_programme(&args.programme)?;
    let (client, _) = Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    // Only names of the catalogue stand in the address.
    let section = SectionId::named(&args.section)
        .ok_or(CliError::Usage("no such template; `tiers report templates` lists them"))?;
    let path = format!("/v1/trend?programme={}&section={}", programme.id, section.name());
    let trend: Trend = client.json(&path)?;
    let text = sections::trend_text(&trend, context.style);
    if let Some(page) = &args.page {
        let drawn = crate::web::trend_page(&trend, &programme.name, args.lang.of_page());
        files::replace(page, drawn.as_bytes())?;
    }
    Ok(Outcome::new(text, serde_json::to_value(&trend).expect("a plain document")))
}

fn plan(args: &PlanArgs, context: &Context) -> Result<Outcome, CliError> {
    let (programme, client) = args.ask.open()?;
    let mut text = String::new();
    let mut plans = Vec::new();
    for period in args.ask.periods() {
        let ask = PlanRequest {
            programme: programme.id,
            period,
            templates: args.ask.templates(),
            guesses: args.guesses.iter().cloned().collect(),
            from_releases: true,
        };
        let answer: Value = client.post("/v1/reports/plan", &ask)?;
        let plan = Plan::deserialize(&answer).map_err(|_| CliError::Answer(200))?;
        text.push_str(&figures::plan_text(&ask.period, &plan, context.style));
        plans.push(json!({ "period": ask.period, "plan": answer }));
    }
    Ok(Outcome::new(text, json!({ "plans": plans })))
}

/// A release that arrived and holds.
struct Arrived {
    info: ReleaseInfo,
    report: Report,
    dir: PathBuf,
}

fn request(args: &RequestArgs, context: &Context) -> Result<Outcome, CliError> {
    let (programme, client) = args.ask.open()?;
    let (_, trust) = programme.registered()?;
    let request = |period| ReportRequest {
        programme: programme.id,
        period,
        templates: args.ask.templates(),
        snapshot: args.snapshot,
        exact: args.exact,
    };
    let asks: Vec<ReportRequest> = args.ask.periods().map(request).collect();
    let mut arrived = Vec::new();
    for ask in &asks {
        let dir = if asks.len() == 1 { args.out.clone() } else { args.out.join(&ask.period) };
        check_place(&dir)?;
        let info: ReleaseInfo = client.post("/v1/reports", ask)?;
        if asks.len() > 1 && !context.json {
            // If a later month is refused, the reader knows which ones were answered.
            aside(&format!("{}  answered", ask.period));
        }
        arrived.push(keep(&client, ask, info, trust, dir)?);
    }
    let mut text = String::new();
    for one in &arrived {
        text.push_str(&figures::report_text(&one.report, context.style));
        text.push_str(&sections::sections_text(&one.report, context.style));
        let paid = if one.info.from_store {
            "nothing: the same question was answered before, from the store".to_owned()
        } else {
            format!("{} nano-rho", words::mega(one.info.cost_nrho))
        };
        text.push_str(&format!(
            "Paid           {paid}\n\
             Verified       the certificate, under the certifier's pinned keys\n\
             Written        {}/: report.json, certificate.json, trust.json\n\n",
            one.dir.display(),
        ));
    }
    let releases: Vec<Value> = arrived
        .iter()
        .map(|one| json!({ "release": one.info, "report": one.report, "dir": one.dir }))
        .collect();
    Ok(Outcome::new(text, json!({ "releases": releases })))
}

/// An earlier report may be replaced; anything else may not.
fn check_place(dir: &Path) -> Result<(), CliError> {
    if files::is_free(dir) || dir.join("certificate.json").is_file() {
        Ok(())
    } else {
        Err(CliError::not_ours(dir, "directory of a report"))
    }
}

/// Fetches report and certificate, checks them, writes them.
fn keep(
    client: &Client,
    ask: &ReportRequest,
    info: ReleaseInfo,
    trust: &Trust,
    dir: PathBuf,
) -> Result<Arrived, CliError> {
    let report = client.bytes(&format!("/v1/releases/{}/report", info.release))?;
    let certificate = client.bytes(&format!("/v1/releases/{}/certificate", info.release))?;
    let attested = certificate::verify(&certificate, &report, trust)?;
    let document = &attested.document;
    let read: Report = canonical::from_slice(&report)?;
    recompute(&read)?;
    if document.release != info.release
        || document.programme.id != ask.programme
        || document.question.period != ask.period
        || document.question.exact != ask.exact
        || ask.templates.as_ref().is_some_and(|asked| !same(asked, &document.question.templates))
        || read.head.release != info.release
        || read.head.programme.id != ask.programme
        || read.head.period.as_str() != ask.period
    {
        return Err(CliError::Differs(Compared::Release));
    }
    let staged = Staged::begin(&dir)?;
    staged.file("report.json", &report)?;
    staged.file("certificate.json", &certificate)?;
    staged.file("trust.json", files::trust_text(trust).as_bytes())?;
    staged.commit()?;
    Ok(Arrived { info, report: read, dir })
}

/// Whether both name the same templates, in whatever order.
fn same(one: &[String], other: &[String]) -> bool {
    one.iter().all(|name| other.contains(name)) && other.iter().all(|name| one.contains(name))
}

/// What is left of the budget of each month of a programme.
///
/// # Errors
/// [`CliError`].
pub fn accounts(client: &Client, id: ProgrammeId) -> Result<Vec<AccountInfo>, CliError> {
    client.json(&format!("/v1/accounts?programme={id}"))
}

fn list(args: &ListArgs, context: &Context) -> Result<Outcome, CliError> {
    let programme = files::read_programme(&args.programme)?;
    let (client, _) = Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let releases: Vec<ReleaseInfo> =
        client.json(&format!("/v1/releases?programme={}", programme.id))?;
    let accounts = accounts(&client, programme.id)?;
    let mut table = Table::new(&[
        ("sales of", Align::Left),
        ("release", Align::Left),
        ("snapshot", Align::Right),
        ("cost", Align::Right),
        ("made (UTC)", Align::Left),
    ]);
    for one in &releases {
        table.row(vec![
            one.period.clone(),
            one.release.to_string(),
            one.snapshot.to_string(),
            words::mega(one.cost_nrho),
            one.released_at.trim_end_matches('Z').replace('T', " "),
        ]);
    }
    let mut text = table.lines(context.style).join("\n");
    text.push_str("\n\n");
    text.push_str(&figures::accounts_text(&accounts, context.style));
    Ok(Outcome::new(text, json!({ "releases": releases, "accounts": accounts })))
}

/// Reads a report.json and works every figure out again from the noisy values beside it.
///
/// # Errors
/// [`CliError`].
pub fn read_report(path: &Path) -> Result<Report, CliError> {
    let report = canonical::from_slice(&files::read_document(path)?)?;
    recompute(&report)?;
    Ok(report)
}

fn show(path: &Path, context: &Context) -> Result<Outcome, CliError> {
    let path = if path.is_dir() { path.join("report.json") } else { path.to_owned() };
    let report = read_report(&path)?;
    let mut text = figures::report_text(&report, context.style);
    text.push_str(&sections::sections_text(&report, context.style));
    text.push_str(
        "\nThe figures follow from the noisy values beside them; who vouches for those:\n",
    );
    text.push_str("`tiers certificate verify` on the certificate.json beside the report.");
    Ok(Outcome::new(text, serde_json::to_value(&report).expect("a plain document")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_holds_every_month_once() {
        let names = |text: &str| {
            let months = months(text).expect("a range").0;
            months.iter().map(|month| month.as_str().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(names("2024-05"), ["2024-05"]);
        assert_eq!(names("2024-11..2025-02"), ["2024-11", "2024-12", "2025-01", "2025-02"]);
        assert_eq!(names("2024-01..2024-12").len(), 12);
        for wrong in [
            "",
            "2024-13",
            "2024-05..2024-04",
            "2024-05..",
            "1900-01..2024-01",
            "..",
            "9999-12..10000-01",
        ] {
            assert!(months(wrong).is_err(), "{wrong}");
        }
    }
}
