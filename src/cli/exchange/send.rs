//! `tiers exchange send`: the agreed fields of a file are sealed to the recipient's pinned key on this
//! machine and sent. With `--preview` it stops before anything leaves.

use std::fs::File;
use std::io::{Seek as _, SeekFrom};
use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;
use serde_json::json;
use tiers_protocol::consent::Channel;
use tiers_protocol::entropy::System;
use tiers_protocol::exchange::sending::{Plan, head};
use tiers_protocol::exchange::statement::Scrubbed;
use tiers_protocol::exchange::view::{BatchInfo, BatchState, ExchangeView};
use tiers_protocol::exchange::{Agreement, Field};
use tiers_protocol::ids::{ExchangeId, PartyId};
use tiers_protocol::party::PartySecret;
use tiers_protocol::trust::Trust;

use super::super::output::aside;
use super::super::reading::ReadingArgs;
use super::super::words;
use super::agreement::own_word;
use super::file::Batch;
use super::parcel::Parcel;
use super::suppress;
use super::{CliError, Client, Context, ExchangeFault, Outcome, Remote, files};

/// Words of `exchange send`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tiers exchange send customers.csv --exchange EXCHANGE --channel email \\\n    \
    --rights-key rights.key --party-key keys --out batch --preview \\\n    \
    --to https://certifier.example --credentials dealer.json\n\n\
    preview.csv in --out is exactly what the recipient could open: read it, then run the command again\n\
    without --preview. Each row shows what proves it, sealed to the recipient's data protection officer: a\n\
    consent record (column consent_id) or where the recording or the scan lies (column evidence); form,\n\
    method and day of consent where they are known. Until 10 August 2026 a batch for calls names the\n\
    certificate of Bloctel (--list, --certificate, --list-date), of 30 days at most. Rows whose person does not allow it are held back at hand-over. A batch is for\n\
    one channel: of the others' means nothing leaves. A sending that broke off goes on where it stopped."
)]
pub struct SendArgs {
    /// Your file: CSV, TSV, TXT, XLSX, XLS, ODS.
    file: PathBuf,
    /// The exchange.
    #[arg(long)]
    exchange: ExchangeId,
    /// By which means the recipient may reach the persons.
    #[arg(long, value_parser = channel)]
    channel: Channel,
    /// The rights key, under which persons become tokens.
    #[arg(long, value_name = "FILE")]
    rights_key: PathBuf,
    /// Directory with your party.key.
    #[arg(long, value_name = "DIR")]
    party_key: PathBuf,
    /// Day of collection of rows that do not say it.
    #[arg(long, value_name = "DATE")]
    collected: Option<Date>,
    /// With which list of objections the file was compared, such as Bloctel.
    #[arg(long, value_name = "NAME", requires_all = ["certificate", "list_date"])]
    list: Option<String>,
    /// The certificate of the comparison, or the delivery of the list.
    #[arg(long, value_name = "TEXT", requires = "list")]
    certificate: Option<String>,
    /// When it was compared, or when the list was issued.
    #[arg(long, value_name = "DATE", requires = "list")]
    list_date: Option<Date>,
    /// A postal list (name, street, postcode): who is on it is left out here.
    #[arg(long, value_name = "FILE", requires = "list")]
    suppress: Option<PathBuf>,
    /// Directory to write.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The certifier's public keys, if you have them from elsewhere.
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
    /// Seal and look, send nothing.
    #[arg(long)]
    preview: bool,
    #[command(flatten)]
    reading: ReadingArgs,
    #[command(flatten)]
    remote: Remote,
}

fn channel(text: &str) -> Result<Channel, &'static str> {
    text.parse().map_err(|_| "one of email, sms, phone, automated_call, post")
}

pub(super) fn run(args: &SendArgs, context: &Context) -> Result<Outcome, CliError> {
    let secret = files::read_party_key(&args.party_key)?;
    let (client, credentials) =
        Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let party = credentials.party.ok_or(CliError::NoParty)?;
    let view: ExchangeView = client.json(&format!("/v1/exchanges/{}", args.exchange))?;
    let agreement = own_word(&view, party, &secret)?;
    let parcel = if Parcel::is_at(&args.out) {
        Parcel::open(&args.out)?
    } else {
        seal(args, (&client, context), (agreement, party, &secret))?
    };
    let head = &parcel.statement.statement.head;
    if head.exchange != args.exchange || head.sender != party || head.channel != args.channel {
        return Err(CliError::not_ours(&args.out, "batch of this exchange and channel"));
    }
    if args.preview {
        let text = format!(
            "Sealed         {}, nothing sent\nRead           {}",
            words::count(head.records, "record", "records"),
            parcel.preview.display(),
        );
        let json = json!({ "batch": head.batch, "records": head.records, "sent": false });
        return Ok(Outcome::new(text, json));
    }
    let info = upload(&client, &parcel, context)?;
    let text = format!(
        "Sent           {}, {}\nState          {}\nNext           the recipient's officer reviews the \
         proofs; then tiers exchange hand-over {}",
        info.batch,
        words::count(info.records, "record", "records"),
        info.state.as_str(),
        info.batch,
    );
    Ok(Outcome::new(text, json!({ "batch": info, "sent": true })))
}

fn seal(
    args: &SendArgs,
    (client, context): (&Client, &Context),
    (agreement, party, secret): (&Agreement, PartyId, &PartySecret),
) -> Result<Parcel, CliError> {
    let trust: Trust = match &args.trust {
        Some(path) => files::read_trust(path)?,
        None => client.json("/v1/trust")?,
    };
    let (side, other) = agreement.side_of(&party).ok_or(CliError::NoParty)?;
    let plan = Plan {
        agreement,
        side,
        channel: args.channel,
        tokeniser: files::read_rights_key(&args.rights_key)?,
        collected: args.collected,
        suppress: args.suppress.as_deref().map(suppress::read).transpose()?,
    };
    let mut batch = Batch::read(&args.file, &args.reading, plan)?;
    let records = batch.records();
    let what = (args.channel, records, scrubbed(args));
    let head = head(agreement, [side, other], what, &mut System).map_err(ExchangeFault::from)?;
    if !context.json {
        let fields: Vec<_> = batch.fields().map(Field::name).collect();
        aside(&format!(
            "Sealing        {} of {} to {}\nFields         {}\nLeft out       {}",
            words::count(records, "record", "records"),
            args.file.display(),
            other.name,
            fields.join(", "),
            words::count(batch.left_out().count() as u64, "row", "rows"),
        ));
    }
    let bar = context.steps_bar(records);
    let keys = (&trust.sealing, &secret.signing());
    let parcel = Parcel::seal(&args.out, (&mut batch, head), keys, &bar);
    bar.finish_and_clear();
    parcel
}

/// What is stated of a comparison with a list.
fn scrubbed(args: &SendArgs) -> Option<Scrubbed> {
    let (list, certificate) = (args.list.clone()?, args.certificate.clone()?);
    Some(Scrubbed { list, certificate, on: args.list_date? })
}

/// Sends the body from where it stands.
fn upload(client: &Client, parcel: &Parcel, context: &Context) -> Result<BatchInfo, CliError> {
    let mut info: BatchInfo = client.post("/v1/batches", &parcel.statement)?;
    let path = format!("/v1/batches/{}", info.batch);
    let total = parcel.bytes()?;
    let bar = context.bytes_bar("Sending", total);
    let failed = |cause: std::io::Error| CliError::read(&parcel.body, &cause);
    let mut tries = 0;
    while info.state == BatchState::Open {
        let mut file = File::open(&parcel.body).map_err(failed)?;
        file.seek(SeekFrom::Start(info.offset)).map_err(failed)?;
        bar.set_position(info.offset);
        let headers = [
            ("content-type", "application/octet-stream".to_owned()),
            ("upload-offset", info.offset.to_string()),
        ];
        let rest = total.saturating_sub(info.offset);
        let sent =
            client.put_stream(&format!("{path}/body"), &headers, &mut bar.wrap_read(file), rest);
        info = match sent {
            Ok(info) => info,
            // What came is kept: ask where it stands, and go on from there.
            Err(CliError::Unreachable(_)) if tries < TRIES => {
                tries += 1;
                client.json(&path)?
            }
            Err(other) => return Err(other),
        };
    }
    bar.finish_and_clear();
    if info.state == BatchState::Refused {
        return Err(ExchangeFault::Refused.into());
    }
    Ok(info)
}

/// How often a connection may break before the command ends.
const TRIES: u32 = 5;
