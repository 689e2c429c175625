//! What follows a batch: its hand-over, the duty to inform, values and invoices, the proof of a decision.

use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;
use serde_json::json;
use tiers_protocol::exchange::DecisionProof;
use tiers_protocol::exchange::filing::{
    DutyState, FilingKind, FlowInfo, InvoiceDuty, StateFiling, Unfiled,
};
use tiers_protocol::exchange::view::{BatchInfo, ExchangeInfo, InvoiceInfo, StateValue};
use tiers_protocol::ids::{BatchId, ExchangeId};
use tiers_protocol::trust::Trust;

use super::view::{band, euros};
use super::{CliError, Client, ExchangeFault, ListArgs, Outcome, Remote, files};

/// Words of `exchange hand-over` and `exchange informed`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tiers exchange hand-over BATCH --to https://certifier.example \
    --credentials dealer.json"
)]
pub struct BatchArgs {
    /// Which batch.
    batch: BatchId,
    #[command(flatten)]
    remote: Remote,
}

/// Words of `exchange close`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tiers exchange close EXCHANGE --value-cents 120000 \
    --to https://certifier.example --credentials dealer.json\n\n\
    The value is without tax: the agreed price of a lot times the lots that passed, or the agreed price.")]
pub struct CloseArgs {
    /// Which exchange.
    exchange: ExchangeId,
    /// The value of what you gave, without tax, in cents.
    #[arg(long, value_name = "CENTS")]
    value_cents: u64,
    #[command(flatten)]
    remote: Remote,
}

/// Words of `exchange invoices`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tiers exchange invoices EXCHANGE --out invoices \
    --from https://certifier.example --credentials dealer.json\n\n\
    Each invoice is written as UBL and as CII, each beside what the platform is told of it (flowInfo of\n\
    AFNOR XP Z12-013). Hand both to your approved platform, and say so with `tiers exchange filed`: nothing\n\
    is sent from here.")]
pub struct InvoicesArgs {
    /// Which exchange.
    exchange: ExchangeId,
    /// Directory to write.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    remote: Remote,
}

/// Words of `exchange filed`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tiers exchange filed EXCHANGE --platform \"PA Exemple\" \
    --reference 2026-0912-77 --on 2026-09-12 --to https://certifier.example --credentials dealer.json\n\n\
    With --payment it is the report of its payment that the platform has; a set-off is a payment.")]
pub struct FiledArgs {
    /// Which exchange.
    exchange: ExchangeId,
    /// Which platform: its name or its number.
    #[arg(long)]
    platform: String,
    /// Its reference there.
    #[arg(long)]
    reference: String,
    /// On which day.
    #[arg(long, value_name = "DAY")]
    on: Date,
    /// The report of its payment, not the invoice.
    #[arg(long)]
    payment: bool,
    #[command(flatten)]
    remote: Remote,
}

/// Words of `exchange proof`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tiers exchange proof BATCH 17 --trust trust.json --out proof.json \
    --from https://certifier.example --credentials brand.json\n\n\
    The position of a record stands in the first column of what `tiers exchange open` wrote."
)]
pub struct ProofArgs {
    /// Which batch.
    batch: BatchId,
    /// Which position.
    position: u64,
    /// The certifier's public keys.
    #[arg(long, value_name = "FILE")]
    trust: PathBuf,
    /// Where to write it.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    remote: Remote,
}

fn client(remote: &Remote) -> Result<Client, CliError> {
    Ok(Client::with_credentials(&remote.to, &remote.credentials)?.0)
}

pub(super) fn hand_over(args: &BatchArgs) -> Result<Outcome, CliError> {
    let path = format!("/v1/batches/{}/hand-over", args.batch);
    let info: BatchInfo = client(&args.remote)?.post(&path, &json!({}))?;
    let text = format!(
        "Handed over    {}\nState          {}\nPassed         {}",
        info.batch,
        info.state.as_str(),
        info.lots.map_or_else(String::new, band),
    );
    Ok(Outcome::new(text, json!({ "batch": info })))
}

pub(super) fn informed(args: &BatchArgs) -> Result<Outcome, CliError> {
    let path = format!("/v1/batches/{}/informed", args.batch);
    let info: BatchInfo = client(&args.remote)?.post(&path, &json!({}))?;
    let text = format!("Informed       the persons of {}", info.batch);
    Ok(Outcome::new(text, json!({ "batch": info })))
}

pub(super) fn close(args: &CloseArgs) -> Result<Outcome, CliError> {
    let path = format!("/v1/exchanges/{}/value", args.exchange);
    let stated = StateValue { value_cents: Some(args.value_cents) };
    let info: ExchangeInfo = client(&args.remote)?.post(&path, &stated)?;
    let text = format!(
        "Stated         {}\nState          {}",
        euros(args.value_cents),
        info.state.as_str()
    );
    Ok(Outcome::new(text, json!({ "exchange": info })))
}

pub(super) fn invoices(args: &InvoicesArgs) -> Result<Outcome, CliError> {
    let client = client(&args.remote)?;
    let path = format!("/v1/exchanges/{}/invoices", args.exchange);
    let found: Vec<InvoiceInfo> = client.json(&path)?;
    files::make_dir(&args.out)?;
    let mut lines = Vec::new();
    for invoice in &found {
        for syntax in ["ubl", "cii"] {
            let bytes = client.bytes(&format!("{path}/{}/{syntax}", invoice.seller))?;
            let name = format!("{}-{}.{syntax}", invoice.number, invoice.seller);
            files::replace(&args.out.join(format!("{name}.xml")), &bytes)?;
            let flow: FlowInfo =
                client.json(&format!("{path}/{}/{syntax}/flow", invoice.seller))?;
            let flow = files::pretty(&flow);
            files::replace(&args.out.join(format!("{name}.flow.json")), flow.as_bytes())?;
        }
        let platform = if invoice.through_platform {
            "through an approved platform"
        } else {
            "on paper still allowed"
        };
        let (gross, payable) =
            (invoice.gross_cents.unsigned_abs(), invoice.payable_cents.unsigned_abs());
        lines.push(format!(
            "{}  {}, {} to pay; {platform}",
            invoice.number,
            euros(gross),
            euros(payable),
        ));
        lines.extend(invoice.duties.iter().map(|duty| format!("  {}", said(duty))));
    }
    lines.push(format!("Written        {}", args.out.display()));
    Ok(Outcome::new(lines.join("\n"), json!({ "invoices": found, "out": args.out })))
}

/// What is owed to a platform, in words.
fn said(duty: &InvoiceDuty) -> String {
    let what = match duty.what {
        FilingKind::Invoice => "electronic form",
        FilingKind::Payment => "report of payment",
    };
    let platform = duty.platform.as_deref().unwrap_or_default();
    let fine = format!("{} EUR, {} EUR a year at most", duty.penalty_eur, duty.penalty_year_eur);
    match duty.state {
        DutyState::Filed => format!("{what}: {platform} has it"),
        DutyState::Due => {
            format!(
                "{what}: at no platform yet, {} days left (until {}; {fine})",
                duty.days_left, duty.by
            )
        }
        DutyState::Overdue => format!("{what}: at no platform since {} ({fine})", duty.by),
    }
}

pub(super) fn filed(args: &FiledArgs) -> Result<Outcome, CliError> {
    let stated = StateFiling {
        what: if args.payment { FilingKind::Payment } else { FilingKind::Invoice },
        platform: args.platform.clone(),
        reference: args.reference.clone(),
        filed_on: args.on.to_string(),
    };
    let (client, credentials) =
        Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let own = credentials.party.ok_or(CliError::Usage("only a company files invoices"))?;
    let path = format!("/v1/exchanges/{}/invoices/{own}/filed", args.exchange);
    let info: InvoiceInfo = client.post(&path, &stated)?;
    let duties: Vec<String> = info.duties.iter().map(said).collect();
    let text = format!("Invoice        {}\n{}", info.number, duties.join("\n"));
    Ok(Outcome::new(text, json!({ "invoice": info })))
}

pub(super) fn unfiled(args: &ListArgs) -> Result<Outcome, CliError> {
    let found: Vec<Unfiled> = client(&args.remote)?.json("/v1/unfiled")?;
    let line = |one: &Unfiled| {
        format!("{}  {}  {}  {}", one.exchange, one.number, one.seller, said(&one.duty))
    };
    let lines: Vec<String> = found.iter().map(line).collect();
    let text = if lines.is_empty() { "Nothing to file".to_owned() } else { lines.join("\n") };
    Ok(Outcome::new(text, json!({ "unfiled": found })))
}

pub(super) fn proof(args: &ProofArgs) -> Result<Outcome, CliError> {
    let trust: Trust = files::read_trust(&args.trust)?;
    let path = format!("/v1/batches/{}/decisions/{}", args.batch, args.position);
    let proof: DecisionProof = client(&args.remote)?.json(&path)?;
    let decision = proof.verify(&trust).map_err(ExchangeFault::from)?;
    if decision.batch != args.batch || decision.position != args.position {
        return Err(ExchangeFault::Decision(
            tiers_protocol::exchange::decision::DecisionError::Path,
        )
        .into());
    }
    files::replace(&args.out, files::pretty(&proof).as_bytes())?;
    let record = decision.record.map_or_else(|| "none".to_owned(), |record| record.to_string());
    let text = format!(
        "Decision       {}\nConsent        {record}\nProven by      the ledger, {}",
        decision.answer,
        args.out.display(),
    );
    Ok(Outcome::new(text, json!({ "decision": decision, "out": args.out })))
}
