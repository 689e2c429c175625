//! `tiers exchange open`: fetches a package, checks the sender's signature and the root over every record,
//! opens what passed with this party's own key, and writes it as CSV; each row says where it comes from.
//! Rows that the recipient has already can be dropped here, on its own machine, so that nobody learns
//! the overlap.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use tiers_contact::Field as Heading;
use tiers_contact::normalise::{email, phone};
use tiers_protocol::exchange::opening::{Opening, heading, line};
use tiers_protocol::exchange::sending::options;
use tiers_protocol::exchange::view::{BatchInfo, BatchState, ExchangeView};
use tiers_protocol::exchange::{Field, PlainRecord};
use tiers_protocol::ids::BatchId;
use tiers_protocol::text_set::TextSet;
use zeroize::Zeroizing;

use super::super::appearing::Appearing;
use super::super::cells::CellFile;
use super::super::words;
use super::{CliError, Client, Context, ExchangeFault, Outcome, Remote, calls, files};
use crate::time::{Clock as _, SystemClock};

/// Words of `exchange open`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tiers exchange open BATCH --party-key keys --out contacts.csv \\\n    \
    --from https://certifier.example --credentials brand.json\n\n\
    With --known FILE, rows whose e-mail address or telephone is in that file are dropped, on this\n\
    machine. The certifier keeps nothing of the records once they are here. You have a month at most to\n\
    inform the persons (GDPR art. 14); `tiers exchange show` tells until when. The last column is the\n\
    proof of each record, sealed to your data protection officer: `tiers exchange evidence` opens it.\n\
    Records by which people are called come with the hours and limits of calls, beside the file."
)]
pub struct OpenArgs {
    /// Which batch.
    batch: BatchId,
    /// Directory with your party.key.
    #[arg(long, value_name = "DIR")]
    party_key: PathBuf,
    /// File to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// A file of contacts that you have already.
    #[arg(long, value_name = "FILE")]
    known: Option<PathBuf>,
    #[command(flatten)]
    remote: Remote,
}

pub(super) fn run(args: &OpenArgs, context: &Context) -> Result<Outcome, CliError> {
    files::must_not_exist(&args.out)?;
    let secret = files::read_party_key(&args.party_key)?;
    let known = args.known.as_deref().map(Known::read).transpose()?.unwrap_or_default();
    let (client, credentials) =
        Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let party = credentials.party.ok_or(CliError::NoParty)?;
    let path = format!("/v1/batches/{}", args.batch);
    let info: BatchInfo = client.json(&path)?;
    let view: ExchangeView = client.json(&format!("/v1/exchanges/{}", info.exchange))?;
    let opening = Opening::of(&view, (&party, &secret), args.batch).map_err(ExchangeFault::from)?;
    let package = fetch(&client, args, (&path, context))?;
    let opened = open(&opening, &known, (&package, &args.out));
    let removed = fs::remove_file(&package);
    let opened = opened?;
    removed.map_err(|cause| CliError::write(&package, &cause))?;
    // Only now: what is written here is the one copy from now on.
    let info: BatchInfo = client.post(&format!("{path}/fetched"), &json!({}))?;
    debug_assert_eq!(info.state, BatchState::Fetched);
    let calling = calls::beside(&args.out, info.channel, SystemClock.now().date())?;
    let by = info.inform.map_or_else(String::new, |duty| duty.by);
    let text = format!(
        "Opened         {}\nDropped        {} that you had\nHeld back      {}\nInform by      {by}",
        words::count(opened.written, "record", "records"),
        words::grouped(opened.dropped),
        words::grouped(opened.held_back),
    );
    let json = json!({
        "batch": args.batch, "out": args.out, "written": opened.written, "dropped": opened.dropped,
        "held_back": opened.held_back, "inform_by": by, "calling_rules": calling,
    });
    Ok(Outcome::new(text, json))
}

/// Fetches the package beside the file that is to be written.
fn fetch(
    client: &Client,
    args: &OpenArgs,
    (path, context): (&str, &Context),
) -> Result<PathBuf, CliError> {
    let place = files::sibling(&args.out);
    let failed = |cause: io::Error| CliError::write(&place, &cause);
    let mut out = BufWriter::with_capacity(1 << 20, files::create_private(&place)?);
    let bar = context.bytes_bar("Fetching", 0);
    let fetched = client.stream(&format!("{path}/records"), &mut |bytes| {
        bar.inc(bytes.len() as u64);
        out.write_all(bytes).map_err(failed)
    });
    bar.finish_and_clear();
    let whole = fetched.and_then(|_| out.flush().map_err(failed));
    if let Err(error) = whole {
        // What cannot be removed is sealed all the same.
        let _ = fs::remove_file(&place);
        return Err(error);
    }
    Ok(place)
}

#[derive(Default)]
struct Opened {
    written: u64,
    dropped: u64,
    held_back: u64,
}

/// Checks and opens everything; the file appears only when all of it held.
fn open(
    opening: &Opening<'_>,
    known: &Known,
    (package, out): (&Path, &Path),
) -> Result<Opened, CliError> {
    let file = File::open(package).map_err(|cause| CliError::read(package, &cause))?;
    let fields = opening.fields().map_err(ExchangeFault::from)?;
    let mut opened = Opened::default();
    let mut text = Appearing::begin(out)?;
    text.put(heading(&fields).as_bytes())?;
    let package = BufReader::with_capacity(1 << 20, file);
    let checked = opening.open(package, |place, record, evidence| {
        if known.has(record) {
            opened.dropped += 1;
            return Ok(());
        }
        text.put(line(record, &fields, place, evidence).as_bytes())?;
        opened.written += 1;
        Ok::<(), CliError>(())
    });
    opened.held_back = checked?;
    text.finish()?;
    Ok(opened)
}

/// Contacts that the recipient has already, normalised.
#[derive(Default)]
struct Known(TextSet);

impl Known {
    fn read(path: &Path) -> Result<Self, CliError> {
        let mut file = CellFile::open(path, &options())?;
        let of = |field| {
            let columns = file.columns().iter().enumerate();
            let meant = columns.filter(|(_, column)| column.field == Some(field));
            meant.map(|(place, _)| place).collect::<Vec<usize>>()
        };
        let (addresses, numbers) = (of(Heading::Email), of(Heading::Phone));
        let mut known = TextSet::default();
        let mut add = |text: Option<String>| {
            if let Some(text) = text.map(Zeroizing::new) {
                known.insert(text.as_bytes());
            }
        };
        file.each(|cells, _| {
            for row in 0..cells.len() {
                for column in &addresses {
                    add(email::normalise(&cells.text(row, *column)).value());
                }
                for column in &numbers {
                    let found = phone::normalise(&cells.text(row, *column));
                    add(found.mobile);
                    add(found.landline);
                }
            }
            Ok(())
        })?;
        Ok(Self(known))
    }

    fn has(&self, record: &PlainRecord) -> bool {
        let means = [Field::Email, Field::Mobile, Field::Landline];
        let mut values = means.iter().filter_map(|field| record.fields.get(field));
        values.any(|value| self.0.has(value.as_bytes()))
    }
}
