//! `tiers consent`: the rights key, forms, events, oppositions, decisions, receipts. Contacts become
//! tokens here, on the party's own machine; what goes to the certifier is sealed to it.

mod ask;
mod batch;
mod collection;
mod fetch;
mod import;
mod key;
mod record;
mod sample;
mod schema;
mod table;

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;
use tiers_protocol::consent::ConsentForm;
use tiers_protocol::consent::wire::FormInfo;
use tiers_protocol::rights_key::{RightsKey, person_tokens};
use tiers_protocol::wire::PersonToken;
use zeroize::Zeroizing;

use super::args::Remote;
use super::client::Client;
use super::context::Context;
use super::error::CliError;
use super::files::{self, Reserved};
use super::output::Outcome;

/// The commands.
#[derive(Debug, Subcommand)]
pub enum ConsentCommand {
    /// The rights key: under it, and nothing else, persons are known in consents.
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Forms: what persons are shown and agree to.
    #[command(subcommand)]
    Form(FormCommand),
    /// Record one event: a yes, a no, a withdrawal.
    Record(record::RecordArgs),
    /// Record the events of a file, with their evidence.
    Import(import::ImportArgs),
    /// Record an objection of one person, or a list of them (Bloctel, Robinson, Stop Publicité).
    Object(record::ObjectArgs),
    /// Say of a file of persons when they were informed and last heard of.
    Facts(import::FactsArgs),
    /// Show what is known about one person, in the chains in which you take part.
    Show(ask::ShowArgs),
    /// Ask whether a contact may pass, and which record or rule says so.
    Decide(ask::DecideArgs),
    /// Fetch the receipt for a record.
    Receipt(ask::ReceiptArgs),
    /// Fetch the proof that the event of a record stands in the ledger, and check it.
    Proof(ask::ProofArgs),
    /// Fetch a record in the fields of Kantara Consent Receipt v1.1.
    Export(ask::ReceiptArgs),
    /// Write the JSON schemas of a record, for a checker of your own.
    Schema(schema::SchemaArgs),
    /// What you are told: choices that ended. As the officer: what nobody acknowledged.
    Notices(ask::NoticesArgs),
    /// Acknowledge a notice: it was read and done.
    Acknowledge(ask::AcknowledgeArgs),
    /// As the officer: suspend a collector that cannot prove what it collected, or take it up again.
    Supplier(ask::SupplierArgs),
}

/// The `consent form` commands.
#[derive(Debug, Subcommand)]
pub enum FormCommand {
    /// Write a form to start from, on this machine.
    Template(TemplateArgs),
    /// Publish a form: it is checked, and never changed.
    Publish(PublishArgs),
    /// Open a public page of published forms, which you can link.
    Open(collection::OpenArgs),
    /// Close a public page.
    Close(collection::CloseArgs),
    /// Your forms and public pages.
    List(ListArgs),
    /// Fetch what persons sent from a public page, open it here, and record it.
    Fetch(fetch::FetchArgs),
}

/// Words of `consent form template`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tiers consent form template --out form.json\n\n\
    Texts between < and > are for you to fill in. One form is one purpose and one channel.")]
pub struct TemplateArgs {
    /// Where to write it.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Words of `consent form publish`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tiers consent form publish form.json \
    --to https://certifier.example --credentials dealer.json")]
pub struct PublishArgs {
    /// The form.
    form: PathBuf,
    #[command(flatten)]
    remote: Remote,
}

/// Words of `consent form list`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tiers consent form list --from https://certifier.example \
    --credentials dealer.json")]
pub struct ListArgs {
    #[command(flatten)]
    remote: Remote,
}

/// Who is meant.
#[derive(Debug, Args)]
pub struct Who {
    /// The rights key.
    #[arg(long, value_name = "FILE")]
    pub(super) key: PathBuf,
    /// File with the person's e-mail address and telephone numbers, one a line; - for standard input.
    #[arg(long, value_name = "FILE")]
    pub(super) contact: PathBuf,
}

impl Who {
    /// The person's tokens; the contact itself goes nowhere.
    ///
    /// # Errors
    /// [`CliError`].
    pub(super) fn tokens(&self) -> Result<Vec<PersonToken>, CliError> {
        let tokeniser = read_key(&self.key)?.tokeniser();
        let text = read_contact(&self.contact)?;
        let (addresses, numbers): (Vec<_>, Vec<_>) =
            text.lines().map(str::trim).partition(|line| line.contains('@'));
        let numbers = Zeroizing::new(numbers.join(" ; "));
        let tokens =
            person_tokens(&tokeniser, addresses.first().copied().unwrap_or_default(), &numbers);
        if tokens.is_empty() {
            return Err(CliError::Usage(
                "the contact holds no e-mail address and no telephone number",
            ));
        }
        Ok(tokens)
    }
}

const CONTACT_BYTES: u64 = 4_096;

/// Reads a contact: a short file, or standard input for `-`.
///
/// # Errors
/// [`CliError::Read`].
pub fn read_contact(path: &Path) -> Result<Zeroizing<String>, CliError> {
    let bytes = if path == Path::new("-") {
        let mut text = Zeroizing::new(Vec::new());
        let read = std::io::stdin().lock().take(CONTACT_BYTES).read_to_end(&mut text);
        read.map_err(|cause| CliError::read(path, &cause))?;
        text
    } else {
        Zeroizing::new(files::read_document(path)?)
    };
    Ok(Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned()))
}

/// Reads a rights key.
///
/// # Errors
/// [`CliError::Read`], [`CliError::Exposed`], [`CliError::RightsKey`].
pub fn read_key(path: &Path) -> Result<RightsKey, CliError> {
    Ok(RightsKey::from_file(&files::read_secret_text(path)?)?)
}

/// Runs a `consent` command.
///
/// # Errors
/// [`CliError`].
pub fn run(command: &ConsentCommand, context: &Context) -> Result<Outcome, CliError> {
    match command {
        ConsentCommand::Key(command) => key::run(command),
        ConsentCommand::Form(command) => form(command, context),
        ConsentCommand::Record(args) => record::record(args, context),
        ConsentCommand::Import(args) => import::import(args, context),
        ConsentCommand::Object(args) => record::object(args, context),
        ConsentCommand::Facts(args) => import::facts(args, context),
        ConsentCommand::Show(args) => ask::show(args),
        ConsentCommand::Decide(args) => ask::decide(args),
        ConsentCommand::Receipt(args) => ask::receipt(args),
        ConsentCommand::Proof(args) => ask::proof(args),
        ConsentCommand::Export(args) => ask::export(args),
        ConsentCommand::Schema(args) => schema::run(args),
        ConsentCommand::Notices(args) => ask::notices(args),
        ConsentCommand::Acknowledge(args) => ask::acknowledge(args),
        ConsentCommand::Supplier(args) => ask::supplier(args),
    }
}

fn form(command: &FormCommand, context: &Context) -> Result<Outcome, CliError> {
    match command {
        FormCommand::Template(args) => {
            Reserved::make(&args.out)?.fill(&files::pretty(&sample::form()))?;
            let text = format!(
                "Written        {}: fill in what stands between < and >",
                args.out.display()
            );
            Ok(Outcome::new(text, json!({ "written": args.out })))
        }
        FormCommand::Publish(args) => publish(args),
        FormCommand::Open(args) => collection::open(args),
        FormCommand::Close(args) => collection::close(args),
        FormCommand::Fetch(args) => fetch::fetch(args, context),
        FormCommand::List(args) => {
            let (client, _) = Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
            let forms: Vec<FormInfo> = client.json("/v1/forms")?;
            let line = |form: &FormInfo| {
                let FormInfo { form, document, published_at, .. } = form;
                format!(
                    "{form}  {} by {}, version {}, {published_at}",
                    document.purpose, document.channel, document.notice.version
                )
            };
            let mut lines: Vec<String> = forms.iter().map(line).collect();
            let (pages, told) = collection::list(&client, &args.remote.to)?;
            lines.extend(pages);
            let text = if lines.is_empty() { "No form".to_owned() } else { lines.join("\n") };
            Ok(Outcome::new(text, json!({ "forms": forms, "collections": told })))
        }
    }
}

fn publish(args: &PublishArgs) -> Result<Outcome, CliError> {
    let form: ConsentForm = files::read_json(&args.form, "form of `tiers consent form template`")?;
    let (client, _) = Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let info: FormInfo = client.post("/v1/forms", &form)?;
    let mut text = format!(
        "Form           {}\nNotice         SHA-256 {}\nLedger         entry {}",
        info.form, info.notice_sha256, info.entry,
    );
    if !info.added.is_empty() {
        let added: Vec<String> = info.added.iter().map(ToString::to_string).collect();
        text.push_str(&format!(
            "\nAdded          {}: nobody who agreed before is handed to them; tell those persons",
            added.join(", ")
        ));
    }
    let json = json!({
        "form": info.form, "notice_sha256": info.notice_sha256, "entry": info.entry,
        "added": info.added,
    });
    Ok(Outcome::new(text, json))
}
