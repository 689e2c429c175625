//! `tiers exchange review` and `evidence`: the recipient's data protection officer opens proofs on this machine,
//! under a key that nobody else has. A sample is written as a table with a column for the verdict; the table,
//! filled in, becomes the signed verdict. What is shown is checked against what the sender signed.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use tiers_protocol::encoding::decode;
use tiers_protocol::exchange::Sample;
use tiers_protocol::exchange::evidence::RecordEvidence;
use tiers_protocol::exchange::opening::{own_word, quoted};
use tiers_protocol::exchange::review::DrawnRecord;
use tiers_protocol::exchange::reviewing::{Reviewing, is_officer, opener};
use tiers_protocol::exchange::view::{BatchInfo, BatchReview, BatchState, ExchangeView};
use tiers_protocol::ids::BatchId;

use super::super::words;
use super::{CliError, Client, ExchangeFault, Outcome, Remote, files};

/// Words of `exchange review`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  tiers exchange review BATCH --officer-key officer --party-pub party.pub \\\n    \
    --out sample.csv --from https://certifier.example --credentials brand.json\n  \
    tiers exchange review BATCH --officer-key officer --party-pub party.pub \\\n    \
    --verdicts sample.csv --to https://certifier.example --credentials brand.json\n\n\
    The first command draws the sample (one record in a hundred, thirty at least) and writes its proofs.\n\
    Ask the sender for the recordings and scans that they name, write proven or unproven into the last\n\
    column of each row, and give the verdict with the second. One unproven record blocks the batch."
)]
pub struct ReviewArgs {
    /// Which batch.
    batch: BatchId,
    /// Directory with the officer's key (party.key).
    #[arg(long, value_name = "DIR")]
    officer_key: PathBuf,
    /// Your company's public keys, to check its word on the agreement.
    #[arg(long, value_name = "FILE")]
    party_pub: PathBuf,
    /// Where to write the sample.
    #[arg(long, value_name = "FILE", required_unless_present = "verdicts")]
    out: Option<PathBuf>,
    /// The sample with its verdicts.
    #[arg(long, value_name = "FILE", conflicts_with = "out")]
    verdicts: Option<PathBuf>,
    /// What the sender is told; it names nobody. Needed where a record is unproven.
    #[arg(long, value_name = "TEXT", default_value = "")]
    words: String,
    #[command(flatten)]
    remote: Remote,
}

/// Words of `exchange evidence`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tiers exchange evidence BATCH 17 --in contacts.csv --officer-key officer \\\n    \
    --from https://certifier.example --credentials brand.json\n\n\
    The proof of each record came with it, in the last column of what `tiers exchange open` wrote."
)]
pub struct EvidenceArgs {
    /// Which batch.
    batch: BatchId,
    /// Which position.
    position: u64,
    /// What `exchange open` wrote.
    #[arg(long = "in", value_name = "FILE")]
    records: PathBuf,
    /// Directory with the officer's key (party.key).
    #[arg(long, value_name = "DIR")]
    officer_key: PathBuf,
    #[command(flatten)]
    remote: Remote,
}

pub(super) fn run(args: &ReviewArgs) -> Result<Outcome, CliError> {
    let officer = files::read_party_key(&args.officer_key)?;
    let company = files::read_party_public(&args.party_pub)?;
    let (client, credentials) =
        Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let party = credentials.party.ok_or(CliError::NoParty)?;
    let path = format!("/v1/batches/{}", args.batch);
    let info: BatchInfo = client.json(&path)?;
    let view: ExchangeView = client.json(&format!("/v1/exchanges/{}", info.exchange))?;
    let agreement = own_word(&view, &party, &company).map_err(ExchangeFault::from)?;
    is_officer(agreement, &party, &officer).map_err(ExchangeFault::from)?;
    if let Some(out) = &args.out {
        files::must_not_exist(out)?;
    }
    if info.state == BatchState::Received {
        let _: BatchInfo = client.post(&format!("{path}/sample"), &json!({}))?;
    }
    // What came is let go once it is read: a sample is as long as one batch in a hundred.
    let reviewing = {
        let sample = client.bytes(&format!("{path}/sample"))?;
        Reviewing::of((agreement, args.batch), &officer, sample.as_slice())
            .map_err(ExchangeFault::from)?
    };
    match (&args.out, &args.verdicts) {
        (Some(out), _) => show(&reviewing, out),
        (None, Some(verdicts)) => give(args, (&client, &path), (&reviewing, verdicts)),
        (None, None) => Err(ExchangeFault::Sample.into()),
    }
}

const HEADING: &str = "position,certified_record,consent_record,form,date,method,reference,verdict";

fn show(reviewing: &Reviewing<'_>, out: &Path) -> Result<Outcome, CliError> {
    let mut text = format!("{HEADING}\n");
    for shown in reviewing.shown().map_err(ExchangeFault::from)? {
        let (drawn, shown) = shown.map_err(ExchangeFault::from)?;
        let _ = writeln!(text, "{},", line(drawn, &shown));
    }
    files::replace(out, text.as_bytes())?;
    let sample = &reviewing.sample;
    let records = sample.items.len() as u64;
    let said = format!(
        "Drawn          {} of {}\nWritten        {}\nNext           ask the sender for what they name, fill in \
         the verdicts, and run this again with --verdicts",
        words::count(records, "record", "records"),
        words::grouped(sample.drawn.records),
        out.display(),
    );
    let json = json!({ "batch": sample.drawn.batch, "drawn": records, "out": out });
    Ok(Outcome::new(said, json))
}

fn line(drawn: &DrawnRecord, shown: &RecordEvidence) -> String {
    let word = |text: Option<String>| text.unwrap_or_default();
    format!(
        "{},{},{},{},{},{},{}",
        drawn.position,
        word(drawn.record.map(|id| id.to_string())),
        word(shown.record.map(|id| id.to_string())),
        word(shown.form.map(|id| id.to_string())),
        shown.on,
        word(shown.method.map(|method| method.to_string())),
        quoted(&shown.reference),
    )
}

fn give(
    args: &ReviewArgs,
    (client, path): (&Client, &str),
    (reviewing, verdicts): (&Reviewing<'_>, &Path),
) -> Result<Outcome, CliError> {
    let unproven = read_verdicts(verdicts, &reviewing.sample)?;
    let signed = reviewing.verdict(unproven, &args.words);
    let (proven, unproven) = (signed.review.proven, signed.review.unproven.len() as u64);
    let info: BatchInfo = client.post(&format!("{path}/review"), &signed)?;
    let text = format!(
        "Proven         {}\nUnproven       {}\nState          {}",
        words::grouped(proven),
        words::grouped(unproven),
        info.state.as_str(),
    );
    Ok(Outcome::new(text, json!({ "batch": info, "proven": proven, "unproven": unproven })))
}

/// The positions that are said to be unproven; every row has a verdict, and the rows are those of the sample.
fn read_verdicts(path: &Path, sample: &Sample) -> Result<Vec<u64>, CliError> {
    let text = String::from_utf8(files::read(path)?)
        .map_err(|_| CliError::not_a(path, "sample with verdicts"))?;
    let mut unproven = Vec::new();
    let mut rows = text.lines().skip(1).filter(|row| !row.trim().is_empty());
    for (number, one) in (1..).zip(&sample.items) {
        let row = rows.next().ok_or(ExchangeFault::Verdict(number))?;
        // A spreadsheet may have written semicolons and quotes.
        let cells = |mark: char| row.split(mark).map(|cell| cell.trim().trim_matches('"'));
        let mark = if row.contains(';') && !row.contains(',') { ';' } else { ',' };
        let position = cells(mark).next().and_then(|cell| cell.parse::<u64>().ok());
        if position != Some(one.position) {
            return Err(CliError::not_a(path, "sample of this batch, row by row"));
        }
        match cells(mark).next_back() {
            Some("proven") => {}
            Some("unproven") => unproven.push(one.position),
            _ => return Err(ExchangeFault::Verdict(number).into()),
        }
    }
    if rows.next().is_some() {
        return Err(CliError::not_a(path, "sample of this batch, row by row"));
    }
    Ok(unproven)
}

pub(super) fn evidence(args: &EvidenceArgs) -> Result<Outcome, CliError> {
    let officer = files::read_party_key(&args.officer_key)?;
    let (client, _) = Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let review: BatchReview = client.json(&format!("/v1/batches/{}/review", args.batch))?;
    let text = String::from_utf8(files::read(&args.records)?)
        .map_err(|_| CliError::not_a(&args.records, "file of opened records"))?;
    let first = format!("{},", args.position);
    let row = text.lines().skip(1).find(|row| row.starts_with(&first));
    let sealed = row.and_then(|row| row.rsplit(',').next()).and_then(decode);
    let sealed = sealed.ok_or(ExchangeFault::NoPosition)?;
    let shown = opener(&officer, &review.statement)
        .map_err(ExchangeFault::from)?
        .open(args.position, &sealed)
        .map_err(ExchangeFault::from)?;
    let word = |text: Option<String>| text.unwrap_or_else(|| "not said".to_owned());
    let said = format!(
        "Consent        {}\nForm           {}\nOn             {}\nMethod         {}\nReference      {}",
        word(shown.record.map(|id| id.to_string())),
        word(shown.form.map(|id| id.to_string())),
        shown.on,
        word(shown.method.map(|method| method.to_string())),
        shown.reference,
    );
    Ok(Outcome::new(said, json!({ "position": args.position, "evidence": shown })))
}
