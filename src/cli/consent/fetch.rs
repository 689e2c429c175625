//! `tiers consent form fetch`: what persons sent from a public page is opened on the party's machine; contacts
//! become tokens and a file of the party's own. With `--send` the choices are recorded and then forgotten at the
//! certifier, in this order: a batch is frozen in a folder, sent, acknowledged, filed. Killed anywhere, the next
//! run sends the same bytes, which are recorded once.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use tiers_protocol::consent::wire::{CollectionInfo, WaitingSubmission};
use tiers_protocol::consent::{Collection, Method, Submission, SubmissionFault};
use tiers_protocol::encoding::decode;
use tiers_protocol::ids::{CollectionId, SubmissionId};
use tiers_protocol::party::PartySecret;

use super::batch::{Batch, Made, SEND};
use super::import::Sender;
use super::read_key;
use super::table::Table;
use crate::cli::args::Remote;
use crate::cli::client::Client;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::files;
use crate::cli::output::Outcome;
use crate::cli::words;

/// Words of `consent form fetch`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  tiers consent form fetch col_... --party-key keys --key rights.key --dir answers \
    --to https://certifier.example --credentials dealer.json\n  \
    tiers consent form fetch col_... --party-key keys --key rights.key --dir answers \
    --confirmed confirmed.csv --send --to https://certifier.example --credentials dealer.json\n\n\
    Without --send nothing changes at the certifier: DIR/preview holds contacts.csv for your own records, one\n\
    file of events for each form, and rejects.csv with the code of what could not be read. With --send the\n\
    choices are recorded, the certifier forgets what was sealed, and DIR/sent keeps the files with each\n\
    person's withdrawal link. Anybody can type somebody else's address: of forms with the method\n\
    double_opt_in, what --confirmed does not name (CSV: submission, confirmed_at) goes on waiting.\n\
    Use one machine and one DIR for a page."
)]
pub struct FetchArgs {
    /// The page.
    collection: CollectionId,
    /// Directory with your party.key.
    #[arg(long, value_name = "DIR")]
    party_key: PathBuf,
    /// The rights key.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Directory for the files that are made; only its owner may read it.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// Which submissions were confirmed by the link that you sent, and when (CSV: submission, confirmed_at).
    #[arg(long, value_name = "FILE")]
    confirmed: Option<PathBuf>,
    /// Record the choices, then have the certifier forget what was sealed.
    #[arg(long)]
    send: bool,
    #[command(flatten)]
    remote: Remote,
}

/// Fetches, and sends what is to be sent.
pub(super) fn fetch(args: &FetchArgs, context: &Context) -> Result<Outcome, CliError> {
    let secret = files::read_party_key(&args.party_key)?;
    let tokeniser = read_key(&args.key)?.tokeniser();
    let (client, _) = Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let info: CollectionInfo = client.json(&format!("/v1/collections/{}", args.collection))?;
    is_own(&info, &secret)?;
    files::make_dir(&args.dir)?;
    let outbox = args.dir.join("outbox");
    let mut made = Made::default();
    if args.send && outbox.exists() {
        // A run before this one was cut off: the same bytes first.
        let sender = Sender::new(&args.remote)?;
        made.add(&Batch::read(&outbox)?.send((&client, &sender), &args.dir)?);
    }
    let confirmed = match &args.confirmed {
        Some(path) => confirmations(path, context)?,
        None => BTreeMap::new(),
    };
    let page = (&args.collection, &info.document);
    let mut batch = Batch::new(&client, page)?;
    let bar = context.steps_bar(0);
    each(&client, &args.collection, |one| {
        bar.inc_length(1);
        bar.inc(1);
        let when = confirmed.get(&one.submission).copied();
        let unsure = info.document.method == Method::DoubleOptIn && when.is_none();
        match open(&secret, page, one) {
            Ok(_) if unsure && args.send => made.held += 1,
            Ok(opened) => {
                made.held += u64::from(unsure);
                batch.take(&tokeniser, one, &opened, when);
            }
            Err(fault) => batch.reject(one, fault),
        }
    })?;
    bar.finish_and_clear();
    made.count(&batch);
    if !args.send {
        let preview = args.dir.join("preview");
        remove(&preview)?;
        batch.write(&preview)?;
        return Ok(outcome(&made, &preview, false));
    }
    if !batch.is_empty() {
        // Whole under another name first: a folder of this name is a batch that is being sent.
        let aside = args.dir.join("preparing");
        remove(&aside)?;
        batch.write(&aside)?;
        fs::rename(&aside, &outbox).map_err(|cause| CliError::write(&outbox, &cause))?;
        let sender = Sender::new(&args.remote)?;
        made.add(&batch.send((&client, &sender), &args.dir)?);
    }
    Ok(outcome(&made, &args.dir.join(SEND), true))
}

/// Everything that waits at a page, the oldest first.
fn each(
    client: &Client,
    page: &CollectionId,
    mut take: impl FnMut(&WaitingSubmission),
) -> Result<(), CliError> {
    let mut behind: Option<SubmissionId> = None;
    loop {
        let rest = behind.map(|id| format!("?behind={id}")).unwrap_or_default();
        let path = format!("/v1/collections/{page}/submissions{rest}");
        let waiting: Vec<WaitingSubmission> = client.json(&path)?;
        let Some(last) = waiting.last() else { return Ok(()) };
        behind = Some(last.submission);
        waiting.iter().for_each(&mut take);
    }
}

/// Whether the page that the certifier shows is one of this party, under its key, and as its digest says.
fn is_own(info: &CollectionInfo, secret: &PartySecret) -> Result<(), CliError> {
    let own = info.document.sealing == secret.sealing().public();
    if own && info.digest == info.document.digest() {
        return Ok(());
    }
    Err(CliError::Certifier {
        code: "collection.key",
        message: "the page that the certifier shows is not sealed to the key of this directory: \
                  contacts that are typed there are for somebody else"
            .to_owned(),
    })
}

fn open(
    secret: &PartySecret,
    page: (&CollectionId, &Collection),
    one: &WaitingSubmission,
) -> Result<Submission, SubmissionFault> {
    let sealed = decode(&one.sealed).ok_or(SubmissionFault::Sealed)?;
    Submission::open(&secret.sealing(), page, (&one.submission, &sealed), one.received_at)
}

fn remove(folder: &Path) -> Result<(), CliError> {
    match fs::remove_dir_all(folder) {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
            Err(CliError::write(folder, &cause))
        }
        _ => Ok(()),
    }
}

/// When which submission was confirmed.
fn confirmations(path: &Path, context: &Context) -> Result<BTreeMap<SubmissionId, i64>, CliError> {
    let what = "table with the columns submission and confirmed_at, each readable";
    let mut table = Table::open(path, context)?;
    let mut found = BTreeMap::new();
    while let Some(row) = table.next()? {
        let id = row.cell("submission").parse::<SubmissionId>();
        let at = row.instant("confirmed_at").ok().flatten();
        match (id, at) {
            (Ok(id), Some(at)) => found.insert(id, at),
            _ => return Err(CliError::not_a(path, what)),
        };
    }
    Ok(found)
}

fn outcome(made: &Made, folder: &Path, sent: bool) -> Outcome {
    let mut text = format!(
        "Opened         {}\nNot read       {}",
        words::count(made.opened, "submission", "submissions"),
        words::grouped(made.rejected()),
    );
    for (code, count) in &made.rejects {
        text.push_str(&format!("\n               {} {code}", words::grouped(*count)));
    }
    if made.held > 0 {
        let held = words::grouped(made.held);
        text.push_str(&format!("\nUnconfirmed    {held}: they permit nothing, and wait"));
    }
    if sent {
        text.push_str(&format!(
            "\nRecorded       {}\nQuarantine     {}: they permit nothing",
            words::count(made.events, "choice", "choices"),
            words::grouped(made.quarantined.values().sum()),
        ));
    } else {
        text.push_str("\nRecorded       nothing: --send records what is in the preview");
    }
    text.push_str(&format!("\nWritten        {}", folder.display()));
    let json = json!({
        "opened": made.opened, "rejected": made.rejected(), "rejects": made.rejects,
        "unconfirmed": made.held, "sent": sent, "events": made.events,
        "quarantined": made.quarantined, "folder": folder,
    });
    Outcome::new(text, json)
}
