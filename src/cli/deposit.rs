//! `tiers deposit`: sends a deposit directory and keeps the receipt. It goes on where an interrupted
//! upload stopped, and sending the same deposit twice is one deposit. The receipt is believed only
//! when its signature and ledger proof hold under the pinned keys.

use std::fs::File;
use std::io::{Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use clap::Args;
use serde_json::json;
use tiers_protocol::attested::Attested;
use tiers_protocol::encoding::sha256;
use tiers_protocol::receipt::Receipt;
use tiers_protocol::tlog::LedgerProof;
use tiers_protocol::trust::Trust;
use tiers_protocol::wire::{DepositInfo, DepositState, DepositStatus};

use super::args::Remote;
use super::client::Client;
use super::context::Context;
use super::deposit_dir::{Finish, RECEIPT, Ready};
use super::error::{CliError, Compared};
use super::files;
use super::output::{Outcome, aside};
use super::words;

/// Words of `deposit`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tiers deposit deposit --to https://certifier.example \
    --credentials garage-martin.json\n\n\
    An upload that was interrupted goes on where it stopped when you run the command again.")]
pub struct DepositArgs {
    /// A directory that `tiers prepare` made.
    dir: PathBuf,
    #[command(flatten)]
    remote: Remote,
    /// Directory with your party.key, if the manifest is not signed yet.
    #[arg(long, value_name = "DIR")]
    party_key: Option<PathBuf>,
    /// The registered programme file, if the body is not sealed yet.
    #[arg(long, value_name = "FILE")]
    programme: Option<PathBuf>,
}

/// Sends a deposit.
///
/// # Errors
/// [`CliError`].
pub fn run(args: &DepositArgs, context: &Context) -> Result<Outcome, CliError> {
    let party = args.party_key.as_deref().map(files::read_party_key).transpose()?;
    let programme = args.programme.as_deref().map(files::read_programme).transpose()?;
    let trust = match &programme {
        Some(programme) => Some(programme.registered()?.1),
        None => None,
    };
    let ready = Ready::open(&args.dir, &Finish { party: party.as_ref(), trust })?;
    let (client, _) = Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let shown: Trust = client.json("/v1/trust")?;
    if shown != ready.trust {
        return Err(CliError::Differs(Compared::Trust));
    }
    if !context.json {
        aside(&summary(&ready));
    }
    let status = client.post_bytes("/v1/deposits", &ready.manifest.to_vec())?;
    let status = upload(&client, &ready, status, context)?;
    if status.state == DepositState::Refused {
        return Err(CliError::DepositRefused { code: refusal_of(&client, &status) });
    }
    keep_receipt(&client, &ready, &args.dir)
}

/// What is about to leave this machine.
fn summary(ready: &Ready) -> String {
    let manifest = &ready.manifest.manifest;
    let columns: Vec<&str> = manifest.columns.iter().map(|column| column.name.as_str()).collect();
    format!(
        "Sending        {kind}: {rows} of tokens, {bytes} bytes sealed to {origin}\n\
         Columns        {columns}\n\
         Purpose        {purpose}\n\
         Kept until     {until}",
        kind = manifest.kind,
        rows = words::count(manifest.rows, "line", "lines"),
        bytes = words::grouped(manifest.body.sealed.as_ref().map_or(0, |sealed| sealed.bytes)),
        origin = ready.trust.origin,
        columns = columns.join(", "),
        purpose = manifest.purpose,
        until = manifest.retain_until,
    )
}

/// Tries without any progress before giving up.
const TRIES: u32 = 7;
/// Waits double from here.
const FIRST_WAIT: Duration = Duration::from_millis(250);

/// Sends the body until the certifier has it whole, through lost connections.
fn upload(
    client: &Client,
    ready: &Ready,
    mut status: DepositStatus,
    context: &Context,
) -> Result<DepositStatus, CliError> {
    let path = format!("/v1/deposits/{}", status.deposit);
    if status.deposit != ready.manifest.deposit_id() {
        return Err(CliError::Differs(Compared::Receipt));
    }
    let bar = context.bytes_bar(status.total);
    let mut failures = 0;
    while status.state == DepositState::Open {
        let before = status.offset;
        let mut lost = "the upload makes no progress";
        match send_rest(client, ready, &path, &status, &bar) {
            Ok(after) => status = after,
            Err(CliError::Unreachable(cause)) => {
                lost = cause;
                thread::sleep(FIRST_WAIT * 2_u32.pow(failures));
                // The certifier may be gone for longer than one wait: the next round asks again.
                if let Ok(now) = client.json(&path) {
                    status = now;
                }
            }
            Err(other) => return Err(other),
        }
        failures = if status.offset > before { 0 } else { failures + 1 };
        if failures == TRIES && status.state == DepositState::Open {
            return Err(CliError::Unreachable(lost));
        }
    }
    bar.finish_and_clear();
    Ok(status)
}

fn send_rest(
    client: &Client,
    ready: &Ready,
    path: &str,
    status: &DepositStatus,
    bar: &indicatif::ProgressBar,
) -> Result<DepositStatus, CliError> {
    let failed = |cause: std::io::Error| CliError::read(&ready.body, &cause);
    let mut file = File::open(&ready.body).map_err(failed)?;
    file.seek(SeekFrom::Start(status.offset)).map_err(failed)?;
    bar.set_position(status.offset);
    let headers = [
        ("content-type", "application/octet-stream".to_owned()),
        ("upload-offset", status.offset.to_string()),
        ("upload-complete", "?1".to_owned()),
    ];
    let rest = status.total.saturating_sub(status.offset);
    client.put_stream(&format!("{path}/body"), &headers, &mut bar.wrap_read(file), rest)
}

/// The certifier's reason, from the caller's own list.
fn refusal_of(client: &Client, status: &DepositStatus) -> Option<String> {
    let deposits: Vec<DepositInfo> = client.json("/v1/deposits").ok()?;
    deposits.into_iter().find(|one| one.deposit == status.deposit)?.refusal
}

/// Fetches the receipt, checks it under the pinned keys, writes it beside the manifest.
fn keep_receipt(client: &Client, ready: &Ready, dir: &Path) -> Result<Outcome, CliError> {
    let deposit = ready.manifest.deposit_id();
    let bytes = client.bytes(&format!("/v1/deposits/{deposit}/receipt"))?;
    let attested = Attested::<Receipt>::verify(&bytes, &ready.trust)?;
    let receipt = &attested.document;
    if receipt.deposit != deposit
        || receipt.programme != ready.manifest.manifest.programme
        || receipt.kind != ready.manifest.manifest.kind
        || receipt.manifest_sha256 != sha256(&ready.manifest.to_vec())
    {
        return Err(CliError::Differs(Compared::Receipt));
    }
    let path = dir.join(RECEIPT);
    files::replace(&path, &bytes)?;
    let proof = LedgerProof::parse(attested.evidence.proof.as_bytes());
    let index = proof.map(|proof| proof.index()).ok();
    let text = format!(
        "Accepted       {deposit}: {rows}, kept until {until}\n\
         Verified       signature, and proof that entry {entry} of ledger {origin} commits to it\n\
         Receipt        {path}: keep it, it is your evidence",
        rows = words::count(receipt.rows, "row", "rows"),
        until = receipt.retain_until,
        entry = index.map_or_else(String::new, |index| index.to_string()),
        origin = ready.trust.origin,
        path = path.display(),
    );
    let json = json!({
        "deposit": deposit, "rows": receipt.rows, "snapshot": receipt.snapshot,
        "received_at": receipt.received_at, "ledger_index": index, "receipt": path,
    });
    Ok(Outcome::new(text, json))
}
