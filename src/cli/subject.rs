//! `tiers subject`: requests of persons. The contact becomes tokens here, under the rights key and under
//! the key of each programme; the answer is written as JSON, and as a letter where one is asked for.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde_json::json;
use tiers_contact::Tokeniser;
use tiers_protocol::ids::{PartyId, RequestId};
use tiers_protocol::request::{
    NewRequest, ProgrammeTokens, RequestAnswer, RequestInfo, RequestKind, RequestStep,
};
use tiers_protocol::rights_key::person_tokens;
use tiers_protocol::wire::PersonToken;
use zeroize::Zeroizing;

use super::args::Remote;
use super::client::Client;
use super::consent::{read_contact, read_key};
use super::error::CliError;
use super::files::{self, Reserved};
use super::output::Outcome;
use crate::consent::letter::{self, Facts, Letter};
use crate::time::{Clock as _, SystemClock};

/// The commands.
#[derive(Debug, Subcommand)]
pub enum SubjectCommand {
    /// What is held of a person (GDPR art. 15).
    Access(AskArgs),
    /// That it is corrected (art. 16): correct your own file and hand it in again.
    Rectify(AskArgs),
    /// That it goes (art. 17); in files of programmes an officer has it done.
    Erase(AskArgs),
    /// That it stops, everywhere, for good (art. 21).
    Object(AskArgs),
    /// That it is kept and not used (art. 18).
    Restrict(AskArgs),
    /// That a restriction ends; the person was told before (art. 18(3)).
    Lift(LiftArgs),
    /// What the person gave, to take along (art. 20).
    Portability(AskArgs),
    /// Your requests, with their last days.
    List(ListArgs),
    /// Say that the person was answered.
    Answered(StepArgs),
    /// Two months more, told to the person with the reasons.
    Extend(ReasonArgs),
    /// Refuse, with the reasons.
    Refuse(ReasonArgs),
    /// A fee, for a request that is manifestly unfounded or excessive.
    Fee(FeeArgs),
    /// Ask for more about who asks; only on a reasonable doubt, which the person is told.
    Identity(DoubtArgs),
    /// As the officer: pass the request on to the controllers, who answer.
    PassOn(PassOnArgs),
}

/// Words of the requests.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  echo ada@example.com | tiers subject access --contact - --key rights.key \
    --programme p.json:p.key --out answer.json --letter answer.txt \
    --to https://certifier.example --credentials dealer.json\n\n\
    Without --contact nobody can tell who asks; the letter then says how to be identified.\n\
    The contact stays on this machine. A code sent to the address is the proof of identity to prefer."
)]
pub struct AskArgs {
    /// File with the person's e-mail address and numbers, one a line; - for standard input.
    #[arg(long, value_name = "FILE")]
    contact: Option<PathBuf>,
    /// The rights key.
    #[arg(long, value_name = "FILE", requires = "contact")]
    key: Option<PathBuf>,
    /// A programme and its key; may be given several times, once for each key that still lives.
    #[arg(long = "programme", value_name = "FILE:KEY", requires = "contact")]
    programmes: Vec<String>,
    /// When the person asked, such as 2026-03-01T08:30:00Z; now when absent.
    #[arg(long)]
    received: Option<Timestamp>,
    /// Where to write the answer (0600).
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Where to write the letter.
    #[arg(long, value_name = "FILE")]
    letter: Option<PathBuf>,
    /// The letter in English; French when absent.
    #[arg(long)]
    english: bool,
    #[command(flatten)]
    remote: Remote,
}

/// Words of `subject lift`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  echo ada@example.com | tiers subject lift --contact - --key rights.key \
    --told 2026-03-01T08:30:00Z --out lifted.json --to https://certifier.example --credentials dealer.json"
)]
pub struct LiftArgs {
    /// When the person was told.
    #[arg(long)]
    told: Timestamp,
    #[command(flatten)]
    ask: AskArgs,
}

/// Words of `subject list`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tiers subject list --from https://certifier.example \
    --credentials dealer.json")]
pub struct ListArgs {
    #[command(flatten)]
    remote: Remote,
}

/// Words of `subject answered`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tiers subject answered req_... --to https://certifier.example \
    --credentials dealer.json"
)]
pub struct StepArgs {
    /// The request.
    request: RequestId,
    #[command(flatten)]
    remote: Remote,
}

/// Words of `subject extend` and `subject refuse`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tiers subject extend req_... --reasons \"many requests at once\" \
    --letter delay.txt --to https://certifier.example --credentials dealer.json"
)]
pub struct ReasonArgs {
    #[command(flatten)]
    step: StepArgs,
    /// Why; the person reads it.
    #[arg(long)]
    reasons: String,
    /// Where to write the letter.
    #[arg(long, value_name = "FILE")]
    letter: Option<PathBuf>,
    /// The letter in English; French when absent.
    #[arg(long)]
    english: bool,
}

/// Words of `subject fee`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tiers subject fee req_... --cents 1500 --justification \"the tenth \
    identical request this month\" --to https://certifier.example --credentials dealer.json"
)]
pub struct FeeArgs {
    #[command(flatten)]
    step: StepArgs,
    /// How much.
    #[arg(long)]
    cents: u32,
    /// Why the request is manifestly unfounded or excessive; the proof is yours.
    #[arg(long)]
    justification: String,
}

/// Words of `subject identity`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tiers subject identity req_... --doubt \"the code was sent to an address that \
    the person says is not theirs\" --letter doubt.txt --to https://certifier.example --credentials dealer.json\n\n\
    A code sent to the address is the proof to prefer. Nothing takes a copy of a paper: look, and delete."
)]
pub struct DoubtArgs {
    #[command(flatten)]
    step: StepArgs,
    /// Which doubt; the person reads it.
    #[arg(long)]
    doubt: String,
    /// Where to write the letter.
    #[arg(long, value_name = "FILE")]
    letter: Option<PathBuf>,
    /// The letter in English; French when absent.
    #[arg(long)]
    english: bool,
}

/// Words of `subject pass-on`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tiers subject pass-on req_... --controller pty_... --letter passed-on.txt \
    --to https://certifier.example --credentials officer.json\n\n\
    `tiers subject access` names the companies that what was found comes from. Each gets a request of its own,\n\
    with the day on which the person asked. Send who asks to them yourself: the certifier does not know."
)]
pub struct PassOnArgs {
    #[command(flatten)]
    step: StepArgs,
    /// A controller; may be given several times.
    #[arg(long = "controller", value_name = "PARTY", required = true)]
    controllers: Vec<PartyId>,
    /// Where to write the letter to the person.
    #[arg(long, value_name = "FILE")]
    letter: Option<PathBuf>,
    /// The letter in English; French when absent.
    #[arg(long)]
    english: bool,
}

/// Runs a `subject` command.
///
/// # Errors
/// [`CliError`].
pub fn run(command: &SubjectCommand) -> Result<Outcome, CliError> {
    match command {
        SubjectCommand::Access(args) => ask(args, RequestKind::Access, None),
        SubjectCommand::Rectify(args) => ask(args, RequestKind::Rectification, None),
        SubjectCommand::Erase(args) => ask(args, RequestKind::Erasure, None),
        SubjectCommand::Object(args) => ask(args, RequestKind::Objection, None),
        SubjectCommand::Restrict(args) => ask(args, RequestKind::Restriction, None),
        SubjectCommand::Lift(args) => ask(&args.ask, RequestKind::Lift, Some(args.told)),
        SubjectCommand::Portability(args) => ask(args, RequestKind::Portability, None),
        SubjectCommand::List(args) => list(args),
        SubjectCommand::Answered(args) => {
            step(args, &RequestStep::Answered {}).map(|info| said(&info))
        }
        SubjectCommand::Extend(args) => {
            let reasons = args.reasons.clone();
            told(args, &RequestStep::Extend { reasons }, Letter::Extended)
        }
        SubjectCommand::Refuse(args) => {
            let reasons = args.reasons.clone();
            told(args, &RequestStep::Refuse { reasons }, Letter::Refused)
        }
        SubjectCommand::Fee(args) => {
            let justification = args.justification.clone();
            let fee = RequestStep::Fee { cents: args.cents, justification };
            step(&args.step, &fee).map(|info| said(&info))
        }
        SubjectCommand::Identity(args) => doubt(args),
        SubjectCommand::PassOn(args) => pass_on(args),
    }
}

/// The tokens of a contact under one key.
fn tokens(tokeniser: &Tokeniser, contact: &str) -> Vec<PersonToken> {
    let (addresses, numbers): (Vec<_>, Vec<_>) =
        contact.lines().map(str::trim).partition(|line| line.contains('@'));
    let numbers = Zeroizing::new(numbers.join(" ; "));
    person_tokens(tokeniser, addresses.first().copied().unwrap_or_default(), &numbers)
}

fn in_programme(words: &str, contact: &str) -> Result<ProgrammeTokens, CliError> {
    let (file, key) = words
        .rsplit_once(':')
        .ok_or(CliError::Usage("--programme takes the programme file and its key as FILE:KEY"))?;
    let programme = files::read_programme(Path::new(file))?;
    let key = files::read_programme_key(Path::new(key))?;
    let kinds: Vec<_> = programme.policy.kinds().collect();
    let mut tokens = tokens(&key.tokeniser(&programme.id), contact);
    tokens.retain(|token| kinds.contains(&token.kind));
    Ok(ProgrammeTokens { programme: programme.id, tokens })
}

fn ask(args: &AskArgs, kind: RequestKind, told: Option<Timestamp>) -> Result<Outcome, CliError> {
    files::must_not_exist(&args.out)?;
    let contact = args.contact.as_deref().map(read_contact).transpose()?;
    let contact = contact.as_ref().map_or("", |text| text.as_str());
    let rights = match &args.key {
        Some(key) => tokens(&read_key(key)?.tokeniser(), contact),
        None => Vec::new(),
    };
    let programmes = args.programmes.iter().map(|words| in_programme(words, contact));
    let now = SystemClock.now().timestamp();
    let new = NewRequest {
        kind,
        received_at: args.received.unwrap_or(now).as_second(),
        rights,
        programmes: programmes.collect::<Result<_, _>>()?,
        told_at: told.map(Timestamp::as_second),
    };
    let (client, _) = Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let answer: RequestAnswer = client.post("/v1/requests", &new)?;
    files::write_secret(&args.out, &files::pretty(&answer))?;
    if let Some(path) = &args.letter {
        let letter = match (kind, answer.finding.as_str()) {
            (RequestKind::Lift, _) => Letter::Lifted,
            (_, "cannot_identify") => Letter::CannotIdentify,
            (_, "nothing_held") => Letter::NothingHeld,
            _ => Letter::Held,
        };
        let annex = annex(&answer);
        write_letter(path, letter, &answer.request, ("", &annex), args.english)?;
    }
    let text = format!(
        "Request        {}: {}\nFinding        {}\nDone           {}\nAnswer by      {}\n\
         Written        {}: personal data; keep it to yourself and to the person",
        answer.request.request,
        kind.as_str(),
        answer.finding,
        if answer.done.is_empty() { "nothing to do".to_owned() } else { answer.done.join(", ") },
        answer.request.due_on,
        args.out.display(),
    );
    let json = json!({
        "request": answer.request.request, "finding": answer.finding, "done": answer.done,
        "due_on": answer.request.due_on, "file": args.out, "letter": args.letter,
    });
    Ok(Outcome::new(text, json))
}

/// What is held, line by line.
fn annex(answer: &RequestAnswer) -> String {
    let mut lines = Vec::new();
    for held in &answer.deposits {
        lines.push(format!(
            "- {} ({}): {}, {}; {} - {}",
            held.source,
            held.siren,
            held.purpose,
            held.legal_basis,
            held.received_at,
            held.kept_until
        ));
    }
    for event in &answer.consents.events {
        let to: Vec<String> = event.recipients.iter().map(ToString::to_string).collect();
        let at =
            Timestamp::from_second(event.at).map_or_else(|_| String::new(), |at| at.to_string());
        lines.push(format!(
            "- {at}: {} {} ({}), {} -> {}",
            event.state,
            event.purpose,
            event.channel,
            event.controller,
            to.join(", ")
        ));
    }
    for made in &answer.disclosures {
        lines.push(format!("- {}: {} ({}), {}", made.at, made.recipient, made.siren, made.what));
    }
    lines.join("\n")
}

fn write_letter(
    path: &Path,
    letter: Letter,
    request: &RequestInfo,
    (reasons, annex): (&str, &str),
    english: bool,
) -> Result<(), CliError> {
    let received = request.received_at.split('T').next().unwrap_or_default();
    let id = request.request.to_string();
    let facts = Facts { request: &id, received, due: &request.due_on, reasons, annex };
    Reserved::make(path)?.fill(&letter::write(letter, &facts, !english))
}

fn step(args: &StepArgs, step: &RequestStep) -> Result<RequestInfo, CliError> {
    let (client, _) = Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    client.post(&format!("/v1/requests/{}", args.request), step)
}

fn told(args: &ReasonArgs, taken: &RequestStep, letter: Letter) -> Result<Outcome, CliError> {
    let info = step(&args.step, taken)?;
    if let Some(path) = &args.letter {
        write_letter(path, letter, &info, (&args.reasons, ""), args.english)?;
    }
    Ok(said(&info))
}

fn doubt(args: &DoubtArgs) -> Result<Outcome, CliError> {
    let info = step(&args.step, &RequestStep::Identity { doubt: args.doubt.clone() })?;
    if let Some(path) = &args.letter {
        write_letter(path, Letter::Doubt, &info, (&args.doubt, ""), args.english)?;
    }
    Ok(said(&info))
}

fn pass_on(args: &PassOnArgs) -> Result<Outcome, CliError> {
    let info = step(&args.step, &RequestStep::PassOn { controllers: args.controllers.clone() })?;
    let (client, _) =
        Client::with_credentials(&args.step.remote.to, &args.step.remote.credentials)?;
    let all: Vec<RequestInfo> = client.json("/v1/requests")?;
    let passed = all.into_iter().filter(|one| one.passed_from == Some(info.request));
    let passed: Vec<RequestInfo> = passed.collect();
    let names = passed.iter().filter_map(|one| one.controller.as_ref());
    let names: Vec<String> = names.map(|of| format!("- {} ({})", of.name, of.siren)).collect();
    if let Some(path) = &args.letter {
        write_letter(path, Letter::PassedOn, &info, ("", &names.join("\n")), args.english)?;
    }
    let text = format!(
        "Request        {}: {}\nAnswer by      {}\nController     {}",
        info.request,
        info.state,
        info.due_on,
        names.join("\n               "),
    );
    Ok(Outcome::new(
        text,
        json!({ "request": info.request, "state": info.state, "passed": passed }),
    ))
}

fn said(info: &RequestInfo) -> Outcome {
    let text =
        format!("Request        {}: {}\nAnswer by      {}", info.request, info.state, info.due_on);
    Outcome::new(
        text,
        json!({ "request": info.request, "state": info.state, "due_on": info.due_on }),
    )
}

fn list(args: &ListArgs) -> Result<Outcome, CliError> {
    let (client, _) = Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let requests: Vec<RequestInfo> = client.json("/v1/requests")?;
    let line = |one: &RequestInfo| {
        let mut line = format!(
            "{}  {:<13} {:<9} by {}",
            one.request,
            one.kind.as_str(),
            one.state,
            one.due_on
        );
        if let Some(of) = one.controller.as_ref().filter(|_| one.passed_from.is_some()) {
            line.push_str(&format!("; passed on to {}", of.name));
        }
        if let Some(day) = &one.pass_on_by {
            let late = if one.pass_on_late { ", late" } else { "" };
            line.push_str(&format!("; pass on by {day}{late}"));
        }
        line
    };
    let lines: Vec<String> = requests.iter().map(line).collect();
    let text = if lines.is_empty() { "No request".to_owned() } else { lines.join("\n") };
    Ok(Outcome::new(text, json!({ "requests": requests })))
}
