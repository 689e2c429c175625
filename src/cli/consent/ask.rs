//! `tiers consent show`, `decide`, `receipt`, `proof`, `export`, `supplier`: what the certifier answers.

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use serde_json::json;
use tiers_protocol::consent::proof::ConsentProof;
use tiers_protocol::consent::wire::{
    ConsentDocuments, ConsentHistory, DecisionInfo, DecisionQuery, EventInfo, HistoryQuery,
    NoticeInfo, SupplierState,
};
use tiers_protocol::consent::{Audience, Channel, Purpose, Sector, Siren};
use tiers_protocol::ids::{NoticeId, RecordId};
use tiers_protocol::trust::Trust;

use super::Who;
use crate::cli::args::Remote;
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::files::{self, Reserved};
use crate::cli::output::Outcome;
use crate::cli::words;

/// Words of `consent show`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  echo ada@example.com | tiers consent show --key rights.key --contact - \
    --reason \"her letter of 3 March\" --from https://certifier.example --credentials dealer.json"
)]
pub struct ShowArgs {
    #[command(flatten)]
    who: Who,
    /// Why, 1 to 500 characters; it is recorded.
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    remote: Remote,
}

/// Words of `consent decide`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  echo ada@example.com | tiers consent decide --key rights.key --contact - \
    --sender 732829320 --recipient 552100554 --purpose transmission --channel email \
    --to https://certifier.example --credentials dealer.json"
)]
pub struct DecideArgs {
    #[command(flatten)]
    who: Who,
    /// Who hands it on, or uses it.
    #[arg(long, value_name = "SIREN")]
    sender: Siren,
    /// Who receives it; the sender for its own use.
    #[arg(long, value_name = "SIREN")]
    recipient: Siren,
    /// What for: prospecting, transmission, matching.
    #[arg(long)]
    purpose: Purpose,
    /// By which means: email, sms, phone, automated_call, fax, post.
    #[arg(long)]
    channel: Channel,
    /// What is offered: general, energy_renovation, home_adaptation.
    #[arg(long, default_value = "general")]
    sector: Sector,
    /// To whom: consumer, professional.
    #[arg(long, default_value = "consumer")]
    audience: Audience,
    /// At which instant; now when absent.
    #[arg(long)]
    at: Option<Timestamp>,
    /// The offer is one of the person's profession.
    #[arg(long)]
    offer_of_profession: bool,
    /// When the file was compared with the list of telephone objections.
    #[arg(long)]
    scrubbed_at: Option<Timestamp>,
    #[command(flatten)]
    remote: Remote,
}

/// Words of `consent receipt` and `consent export`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tiers consent receipt rec_... --out receipt.json \
    --from https://certifier.example --credentials dealer.json")]
pub struct ReceiptArgs {
    /// The record.
    record: RecordId,
    /// Where to write it.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    remote: Remote,
}

/// Words of `consent proof`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tiers consent proof rec_... --out proof.json --trust trust.json \
    --from https://certifier.example --credentials dealer.json\n\n\
    What a person did on a withdrawal page enters the ledger with the tick of the day, after midnight UTC.\n\
    `tiers ledger proof proof.json --out DIR` takes the proof apart for public tools."
)]
pub struct ProofArgs {
    /// The record.
    record: RecordId,
    /// Where to write it.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The certifier's public keys; those that it serves itself if not given.
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
    #[command(flatten)]
    remote: Remote,
}

/// Words of `consent supplier`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tiers consent supplier 732829320 --suspend --reason \"3 of 40 records \
    unproven\" --to https://certifier.example --credentials officer.json"
)]
pub struct SupplierArgs {
    /// The collector.
    siren: Siren,
    /// Suspend it: nothing that it collected permits anything.
    #[arg(long, required_unless_present = "restore", conflicts_with = "restore")]
    suspend: bool,
    /// Take it up again.
    #[arg(long)]
    restore: bool,
    /// Why, 1 to 500 characters; it is recorded.
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    remote: Remote,
}

/// Words of `consent notices`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tiers consent notices --from https://certifier.example \
    --credentials dealer.json")]
pub struct NoticesArgs {
    #[command(flatten)]
    remote: Remote,
}

/// Words of `consent acknowledge`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tiers consent acknowledge ntc_... --to https://certifier.example \
    --credentials dealer.json\n\n\
    A notice that nobody acknowledges within 72 hours goes to the certifier's officer."
)]
pub struct AcknowledgeArgs {
    /// The notice.
    notice: NoticeId,
    #[command(flatten)]
    remote: Remote,
}

fn client(remote: &Remote) -> Result<Client, CliError> {
    Client::with_credentials(&remote.to, &remote.credentials).map(|(client, _)| client)
}

fn day(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(|_| String::new(), |at| at.to_string())
}

pub(super) fn show(args: &ShowArgs) -> Result<Outcome, CliError> {
    let query = HistoryQuery { tokens: args.who.tokens()?, reason: args.reason.clone() };
    let history: ConsentHistory = client(&args.remote)?.post("/v1/consents/history", &query)?;
    let mut lines: Vec<String> = history.events.iter().map(line).collect();
    for one in &history.oppositions {
        let along = one.along.map_or_else(|| "everywhere".to_owned(), |of| format!("along {of}"));
        let channel = one.channel.map_or("all channels", Channel::as_str);
        lines.push(format!(
            "{}  objection {along}, {channel}, kept until {}",
            day(one.at),
            day(one.until)
        ));
    }
    if history.restricted {
        lines.push("The person asked for restriction".to_owned());
    }
    let text = if lines.is_empty() { "Nothing".to_owned() } else { lines.join("\n") };
    Ok(Outcome::new(text, json!({ "history": history })))
}

fn line(event: &EventInfo) -> String {
    let recipients: Vec<String> = event.recipients.iter().map(ToString::to_string).collect();
    let to = if event.all_recipients { "all".to_owned() } else { recipients.join(" ") };
    format!(
        "{}  {} {} by {}, {} to {to}, {}{}",
        day(event.at),
        event.state,
        event.purpose,
        event.channel,
        event.controller,
        event.record,
        if event.proven { "" } else { " (unproven)" },
    )
}

pub(super) fn decide(args: &DecideArgs) -> Result<Outcome, CliError> {
    let query = DecisionQuery {
        tokens: args.who.tokens()?,
        sender: args.sender,
        recipient: args.recipient,
        purpose: args.purpose,
        channel: args.channel,
        sector: args.sector,
        audience: args.audience,
        at: args.at.map(Timestamp::as_second),
        offer_of_profession: args.offer_of_profession,
        scrubbed_at: args.scrubbed_at.map(Timestamp::as_second),
    };
    let decision: DecisionInfo = client(&args.remote)?.post("/v1/consents/decision", &query)?;
    let mut text = match &decision.why {
        None => "Allowed".to_owned(),
        Some(why) => format!("Denied         {why}"),
    };
    for (name, value) in [("Rule", &decision.rule), ("Article", &decision.article)] {
        if let Some(value) = value {
            text.push_str(&format!("\n{name:<15}{value}"));
        }
    }
    if let Some(record) = decision.record {
        text.push_str(&format!("\nRecord         {record}"));
    }
    if let Some(opposition) = decision.opposition {
        text.push_str(&format!("\nObjection      {opposition}"));
    }
    Ok(Outcome::new(text, json!({ "decision": decision })))
}

fn documents(args: &ReceiptArgs) -> Result<ConsentDocuments, CliError> {
    files::must_not_exist(&args.out)?;
    client(&args.remote)?.json(&format!("/v1/consents/{}", args.record))
}

pub(super) fn receipt(args: &ReceiptArgs) -> Result<Outcome, CliError> {
    let receipt = documents(args)?.receipt;
    receipt.verify().map_err(|_| CliError::Answer(200))?;
    Reserved::make(&args.out)?.fill(&files::pretty(&receipt))?;
    let text = format!(
        "Receipt        {}\nRecord         SHA-256 {}\nWritten        {}",
        receipt.receipt,
        receipt.record_sha256,
        args.out.display(),
    );
    let json = json!({
        "receipt": receipt.receipt, "record_sha256": receipt.record_sha256, "file": args.out,
    });
    Ok(Outcome::new(text, json))
}

pub(super) fn proof(args: &ProofArgs) -> Result<Outcome, CliError> {
    files::must_not_exist(&args.out)?;
    let client = client(&args.remote)?;
    let bytes = client.bytes(&format!("/v1/consents/{}/proof", args.record))?;
    let trust: Trust = match &args.trust {
        Some(path) => files::read_trust(path)?,
        None => client.json("/v1/trust")?,
    };
    let (_, proven) = ConsentProof::verify(&bytes, &trust)?;
    if proven.record != args.record {
        return Err(CliError::Answer(200));
    }
    Reserved::make(&args.out)?.fill(&String::from_utf8_lossy(&bytes))?;
    let size = proven.checkpoint.size();
    let text = format!(
        "Verified       the event, its batch, the entry of the ledger and its checkpoint\n\
         Recorded       {}\nCheckpoint     {}\nWritten        {}",
        proven.recorded_at,
        words::count(size, "entry", "entries"),
        args.out.display(),
    );
    let json = json!({
        "record": proven.record, "recorded_at": proven.recorded_at.to_string(), "size": size,
        "pinned": args.trust.is_some(), "file": args.out,
    });
    Ok(Outcome::new(text, json))
}

pub(super) fn export(args: &ReceiptArgs) -> Result<Outcome, CliError> {
    let kantara = documents(args)?.kantara;
    Reserved::make(&args.out)?.fill(&files::pretty(&kantara))?;
    let text = format!("Written        {}: {}", args.out.display(), kantara.version);
    Ok(Outcome::new(text, json!({ "version": kantara.version, "file": args.out })))
}

pub(super) fn supplier(args: &SupplierArgs) -> Result<Outcome, CliError> {
    let state =
        SupplierState { siren: args.siren, suspended: args.suspend, reason: args.reason.clone() };
    client(&args.remote)?.tell(ureq::http::Method::POST, "/v1/suppliers", &state)?;
    let word = if args.suspend { "suspended" } else { "taken up again" };
    let text = format!("Collector      {} is {word}; every decision knows it now", args.siren);
    Ok(Outcome::new(text, json!({ "siren": args.siren, "suspended": args.suspend })))
}

pub(super) fn notices(args: &NoticesArgs) -> Result<Outcome, CliError> {
    let notices: Vec<NoticeInfo> = client(&args.remote)?.json("/v1/notices")?;
    let line = |one: &NoticeInfo| {
        let state = match (&one.acknowledged_at, &one.escalated_at) {
            (Some(at), _) => format!("acknowledged {at}"),
            (None, Some(at)) => format!("with the officer since {at}"),
            (None, None) if one.late => format!("late, with the officer on {}", one.due_at),
            (None, None) => format!("to be acknowledged by {}", one.acknowledge_by),
        };
        let records = one.document["records"].as_array().map_or(0, Vec::len);
        format!("{}  {}  {records} records, {state}", one.notice, one.kind)
    };
    let lines: Vec<String> = notices.iter().map(line).collect();
    let text = if lines.is_empty() { "No notice".to_owned() } else { lines.join("\n") };
    Ok(Outcome::new(text, json!({ "notices": notices })))
}

pub(super) fn acknowledge(args: &AcknowledgeArgs) -> Result<Outcome, CliError> {
    let path = format!("/v1/notices/{}", args.notice);
    client(&args.remote)?.tell(ureq::http::Method::POST, &path, &json!({}))?;
    let text = format!("Acknowledged   {}", args.notice);
    Ok(Outcome::new(text, json!({ "acknowledged": args.notice })))
}
