//! `tiers consent form open`, `close`, and what `list` says of public pages: where persons choose, at the
//! certifier's address, on forms that were published.

use clap::Args;
use serde_json::{Value, json};
use tiers_protocol::consent::wire::{CollectionInfo, NewCollection, OwnCollection};
use tiers_protocol::ids::{CollectionId, FormId};

use crate::cli::args::Remote;
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::output::Outcome;

/// Words of `consent form open`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  tiers consent form open frm_... --to https://certifier.example \
    --credentials dealer.json\n  \
    tiers consent form open frm_EMAIL frm_PHONE --replaces col_... --to https://certifier.example \
    --credentials dealer.json\n\n\
    Prints the address to link. Each form is a box of its own, and none is ticked beforehand. What persons\n\
    type is sealed in their browser to your party's key; `tiers consent form fetch` opens it on your machine.\n\
    Forms on one page have the same controller, language and method (web_form or double_opt_in)."
)]
pub struct OpenArgs {
    /// The published forms, in the order of their boxes.
    #[arg(required = true, num_args = 1..=6)]
    forms: Vec<FormId>,
    /// How many submissions may wait to be fetched, 1 to 10,000; then the page takes no more.
    #[arg(long, default_value_t = 1_000)]
    quota: u32,
    /// The page that it takes the place of; that one closes, and says where to go.
    #[arg(long, value_name = "COLLECTION")]
    replaces: Option<CollectionId>,
    #[command(flatten)]
    remote: Remote,
}

/// Words of `consent form close`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tiers consent form close col_... --to https://certifier.example \
    --credentials dealer.json\n\n\
    The page takes nothing more, for good. What waits can still be fetched, for thirty days."
)]
pub struct CloseArgs {
    /// The page.
    collection: CollectionId,
    #[command(flatten)]
    remote: Remote,
}

/// Where anybody finds a page.
pub(super) fn address(to: &str, page: &CollectionId) -> String {
    format!("{}/consent/f/{page}", to.trim_end_matches('/'))
}

fn told(info: &CollectionInfo, to: &str) -> Value {
    let forms: Vec<FormId> = info.document.choices.iter().map(|choice| choice.form).collect();
    json!({
        "collection": info.collection, "address": address(to, &info.collection),
        "digest": info.digest, "entry": info.entry, "opened_at": info.opened_at,
        "closed_at": info.closed_at, "successor": info.successor, "forms": forms,
    })
}

/// Opens a page.
pub(super) fn open(args: &OpenArgs) -> Result<Outcome, CliError> {
    let (client, _) = Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let new =
        NewCollection { forms: args.forms.clone(), quota: args.quota, replaces: args.replaces };
    let info: CollectionInfo = client.post("/v1/collections", &new)?;
    let text = format!(
        "Page           {}\nAddress        {}\nDigest         SHA-256 {}\nLedger         entry {}",
        info.collection,
        address(&args.remote.to, &info.collection),
        info.digest,
        info.entry,
    );
    Ok(Outcome::new(text, told(&info, &args.remote.to)))
}

/// Closes a page.
pub(super) fn close(args: &CloseArgs) -> Result<Outcome, CliError> {
    let (client, _) = Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let path = format!("/v1/collections/{}/closing", args.collection);
    let info: CollectionInfo = client.post(&path, &json!({}))?;
    let closed = info.closed_at.clone().unwrap_or_default();
    let text = format!("Page           {}, closed {closed}", info.collection);
    Ok(Outcome::new(text, told(&info, &args.remote.to)))
}

/// The pages of the caller, a line each, and for scripts.
pub(super) fn list(client: &Client, to: &str) -> Result<(Vec<String>, Value), CliError> {
    let pages: Vec<OwnCollection> = client.json("/v1/collections")?;
    let line = |page: &OwnCollection| {
        let info = &page.info;
        let state = info.closed_at.as_ref().map_or_else(
            || format!("open, {} of {} wait", page.waiting, page.quota),
            |at| format!("closed {at}, {} wait", page.waiting),
        );
        format!("{}  {state}, {}", info.collection, address(to, &info.collection))
    };
    let lines = pages.iter().map(line).collect();
    let told = pages.iter().map(|page| {
        let mut value = told(&page.info, to);
        value["quota"] = json!(page.quota);
        value["waiting"] = json!(page.waiting);
        value
    });
    Ok((lines, told.collect()))
}
