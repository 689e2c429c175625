//! `tiers consent record` and `object`: one event of one person, an objection of one person, or those of
//! a list.

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use serde_json::json;
use tiers_protocol::consent::wire::{
    ListSource, NewConsents, NewEvent, NewOppositions, Objection, RecordedConsents,
    RecordedOppositions,
};
use tiers_protocol::consent::{Channel, Siren, State};
use tiers_protocol::ids::FormId;

use super::import::Sender;
use super::table::Table;
use super::{Who, read_key};
use crate::cli::args::Remote;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::files;
use crate::cli::output::Outcome;
use crate::cli::words;
use crate::limits;
use crate::time::{Clock as _, SystemClock};

/// Words of `consent record`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  echo ada@example.com | tiers consent record --form frm_... --state given \
    --evidence evidence.json --key rights.key --contact - --to https://certifier.example \
    --credentials dealer.json\n\n\
    An agreement without complete evidence is recorded and permits nothing. The answer holds the\n\
    person's withdrawal link."
)]
pub struct RecordArgs {
    /// On which form.
    #[arg(long)]
    form: FormId,
    /// What the person said: given, refused, reconfirmed, withdrawn, or another state.
    #[arg(long)]
    state: State,
    /// What shows it, as JSON (docs/formats/consent.md).
    #[arg(long, value_name = "FILE")]
    evidence: Option<PathBuf>,
    /// When, such as 2026-03-01T08:30:00Z; now when absent.
    #[arg(long)]
    at: Option<Timestamp>,
    /// Ends the choice for all recipients, of whatever form.
    #[arg(long)]
    all_recipients: bool,
    #[command(flatten)]
    who: Who,
    #[command(flatten)]
    remote: Remote,
}

/// Words of `consent object`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  echo ada@example.com | tiers consent object --key rights.key --contact - \
    --to https://certifier.example --credentials dealer.json\n  \
    tiers consent object --file bloctel.csv --list Bloctel --certificate 2026-77 --channel phone \
    --key rights.key --to https://certifier.example --credentials dealer.json\n\n\
    A file has a heading row with email, phone or both, and perhaps date. Without --along an objection\n\
    holds everywhere."
)]
pub struct ObjectArgs {
    /// The rights key.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// File with the person's e-mail address and numbers, one a line; - for standard input.
    #[arg(long, value_name = "FILE", required_unless_present = "file")]
    contact: Option<PathBuf>,
    /// A list of persons (CSV).
    #[arg(long, value_name = "FILE", conflicts_with = "contact")]
    file: Option<PathBuf>,
    /// Along your own chain only: your SIREN.
    #[arg(long, value_name = "SIREN")]
    along: Option<Siren>,
    /// By this channel only.
    #[arg(long)]
    channel: Option<Channel>,
    /// Name of the list it comes from, such as Bloctel.
    #[arg(long, requires = "certificate")]
    list: Option<String>,
    /// The certificate or delivery that the list was handed out under.
    #[arg(long, requires = "list")]
    certificate: Option<String>,
    /// For how many years it is kept, 3 to 30.
    #[arg(long)]
    years: Option<u32>,
    #[command(flatten)]
    remote: Remote,
}

/// Records one event.
pub(super) fn record(args: &RecordArgs, _context: &Context) -> Result<Outcome, CliError> {
    let evidence = args.evidence.as_ref();
    let evidence = evidence.map(|path| files::read_json(path, "evidence of a consent"));
    let event = NewEvent {
        tokens: args.who.tokens()?,
        at: args.at.unwrap_or_else(|| SystemClock.now().timestamp()).as_second(),
        state: args.state,
        entity: None,
        evidence: evidence.transpose()?,
        all_recipients: args.all_recipients,
    };
    let sender = Sender::new(&args.remote)?;
    let new = NewConsents { form: args.form, events: vec![event] };
    let recorded: RecordedConsents = sender.send("/v1/consents", &new)?;
    let link = recorded.links.first().map(|word| sender.link(word)).unwrap_or_default();
    let mut text = format!(
        "Recorded       ledger entry {}{}\nWithdrawal     {link}",
        recorded.entry,
        if recorded.repeated { ", as before" } else { "" },
    );
    for lack in &recorded.quarantined {
        text.push_str(&format!("\nQuarantine     it permits nothing [{}]", lack.code));
    }
    let quarantined = recorded.quarantined.first().map(|lack| lack.code.clone());
    let json = json!({
        "entry": recorded.entry, "withdrawal": link, "quarantined": quarantined,
        "repeated": recorded.repeated,
    });
    Ok(Outcome::new(text, json))
}

/// Records objections.
pub(super) fn object(args: &ObjectArgs, context: &Context) -> Result<Outcome, CliError> {
    let now = SystemClock.now().timestamp().as_second();
    let source = args.list.clone().zip(args.certificate.clone());
    let source = source.map(|(list, certificate)| ListSource { list, certificate });
    let sender = Sender::new(&args.remote)?;
    let batch = |persons| NewOppositions {
        along: args.along,
        channel: args.channel,
        source: source.clone(),
        years: args.years,
        persons,
    };
    let mut sum = (0, String::new());
    let mut send = |persons: Vec<Objection>| -> Result<(), CliError> {
        let recorded: RecordedOppositions = sender.send("/v1/oppositions", &batch(persons))?;
        sum = (sum.0 + recorded.oppositions, recorded.until);
        Ok(())
    };
    let mut rejected = 0;
    match (&args.contact, &args.file) {
        (Some(contact), _) => {
            let who = Who { key: args.key.clone(), contact: contact.clone() };
            send(vec![Objection { tokens: who.tokens()?, at: now }])?;
        }
        (None, Some(file)) => {
            let tokeniser = read_key(&args.key)?.tokeniser();
            let mut table = Table::open(file, context)?;
            let mut persons = Vec::new();
            while let Some(row) = table.next()? {
                let (tokens, at) = (row.tokens(&tokeniser), row.instant("date"));
                match (tokens.is_empty(), at) {
                    (false, Ok(at)) => {
                        persons.push(Objection { tokens, at: at.unwrap_or(now) });
                    }
                    _ => rejected += 1,
                }
                if persons.len() == limits::CONSENT_EVENTS {
                    send(std::mem::take(&mut persons))?;
                }
            }
            if !persons.is_empty() {
                send(persons)?;
            }
        }
        (None, None) => return Err(CliError::Usage("give --contact or --file")),
    }
    let (count, until) = sum;
    let text = format!(
        "Objections     {} recorded, kept until {until}\nNot read       {}",
        words::grouped(count),
        words::count(rejected, "row", "rows"),
    );
    Ok(Outcome::new(text, json!({ "oppositions": count, "until": until, "rejects": rejected })))
}
