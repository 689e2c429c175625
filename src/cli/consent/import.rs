//! `tiers consent import` and `facts`: a file of persons, streamed: rows become tokens and evidence here,
//! in batches that are sealed to the certifier. Batches that were recorded before are recorded once, so
//! that an import that broke off is begun again from the start.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use clap::Args;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tiers_contact::Tokeniser;
use tiers_protocol::consent::wire::{
    FormInfo, NewConsents, NewEvent, NewFacts, PersonFact, RecordedConsents, batch_info,
};
use tiers_protocol::consent::{ConsentForm, Evidence, Method, Purpose, State};
use tiers_protocol::encoding::Bytes;
use tiers_protocol::entropy::System;
use tiers_protocol::ids::{FormId, PartyId};
use tiers_protocol::rights_key::person_tokens;
use tiers_protocol::seal::{SealingPublic, seal_secret};
use tiers_protocol::trust::Trust;

use super::read_key;
use super::table::{Row, Table, instant};
use crate::cli::appearing::Appearing;
use crate::cli::args::Remote;
use crate::cli::client::Client;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::files;
use crate::cli::output::Outcome;
use crate::cli::words;
use crate::limits;

/// Words of `consent import`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tiers consent import salon.csv --form frm_... --key rights.key \
    --evidence form.json --links links.csv --to https://certifier.example --credentials dealer.json\n\n\
    Columns: email, phone (one of the two), date, and perhaps state (given when absent). Evidence is\n\
    the JSON of --evidence with what the columns say beside it: version, screenshot, terminal, ticked,\n\
    confirmed_at; number, agent, script, answer, confirmation; representative, employer, place,\n\
    signature, receipt; scan. Columns purpose, channel, method, notice_version and recipients\n\
    (SIREN, separated by spaces) must say what the form says. Agreements without evidence are\n\
    recorded in quarantine and permit nothing."
)]
pub struct ImportArgs {
    /// The file (CSV).
    file: PathBuf,
    /// On which form.
    #[arg(long)]
    form: FormId,
    /// The rights key.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Evidence that all rows share, as JSON.
    #[arg(long, value_name = "FILE")]
    evidence: Option<PathBuf>,
    /// Where to write row numbers and withdrawal links.
    #[arg(long, value_name = "FILE")]
    links: Option<PathBuf>,
    #[command(flatten)]
    remote: Remote,
}

/// Words of `consent facts`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tiers consent facts customers.csv --key rights.key \
    --to https://certifier.example --credentials dealer.json\n\n\
    Columns: email, phone (one of the two), informed_at, last_contact, collected_by (SIREN).")]
pub struct FactsArgs {
    /// The file (CSV).
    file: PathBuf,
    /// The rights key.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    #[command(flatten)]
    remote: Remote,
}

/// Sends what is sealed to the certifier.
pub(super) struct Sender {
    client: Client,
    to: String,
    party: PartyId,
    certifier: SealingPublic,
}

impl Sender {
    /// As the holder of credentials of a company.
    pub(super) fn new(remote: &Remote) -> Result<Self, CliError> {
        let (client, credentials) = Client::with_credentials(&remote.to, &remote.credentials)?;
        let party = credentials.party.ok_or(CliError::NoParty)?;
        let trust: Trust = client.json("/v1/trust")?;
        let to = remote.to.trim_end_matches('/').to_owned();
        Ok(Self { client, to, party, certifier: trust.sealing })
    }

    /// Seals a document and sends it.
    pub(super) fn send<T: DeserializeOwned>(
        &self,
        path: &str,
        document: &impl Serialize,
    ) -> Result<T, CliError> {
        let plain = serde_json::to_vec(document).expect("requests are plain documents");
        let sealed = seal_secret(&self.certifier, &batch_info(&self.party), &plain, &mut System);
        let sealed = sealed.map_err(|_| CliError::Answer(200))?;
        self.client.post_octets(path, &sealed)
    }

    /// The address of a withdrawal link.
    pub(super) fn link(&self, word: &str) -> String {
        format!("{}/w/{word}", self.to)
    }
}

/// A part of the import that ended in a way nobody foresaw.
const STOPPED: CliError = CliError::Usage("the import stopped unexpectedly");

/// Batches that are on their way at a time: the certifier prepares one while it writes another.
const ON_THEIR_WAY: usize = 2;

/// Some rows of the file.
struct Batch {
    /// Which of the batches it is.
    place: u64,
    events: Vec<NewEvent>,
    rows: Vec<u64>,
}

/// What was recorded so far.
#[derive(Default)]
struct Recorded {
    events: u64,
    batches: u64,
    quarantined: u64,
    codes: BTreeMap<String, u64>,
    links: Option<Links>,
}

/// The file of links on its way.
struct Links {
    file: Appearing,
    /// The batch whose lines come next, and the lines of later ones: what is sent side by side is answered in
    /// any order.
    next: u64,
    early: BTreeMap<u64, String>,
}

impl Links {
    fn begin(path: &Path) -> Result<Self, CliError> {
        let mut file = Appearing::begin(path)?;
        file.put(b"row,withdrawal\n")?;
        Ok(Self { file, next: 0, early: BTreeMap::new() })
    }

    fn put(&mut self, place: u64, lines: String) -> Result<(), CliError> {
        self.early.insert(place, lines);
        while let Some(lines) = self.early.remove(&self.next) {
            self.next += 1;
            self.file.put(lines.as_bytes())?;
        }
        Ok(())
    }
}

impl Recorded {
    fn add(
        &mut self,
        batch: &Batch,
        told: &RecordedConsents,
        link: impl Fn(&str) -> String,
    ) -> Result<(), CliError> {
        self.events += batch.events.len() as u64;
        self.batches += 1;
        self.quarantined += told.quarantined.len() as u64;
        for lack in &told.quarantined {
            *self.codes.entry(lack.code.clone()).or_default() += 1;
        }
        let Some(links) = &mut self.links else { return Ok(()) };
        let lines = batch.rows.iter().zip(&told.links);
        let lines = lines.map(|(row, word)| format!("{row},{}\n", link(word))).collect();
        links.put(batch.place, lines)
    }

    /// Finishes the file of links; what is said of all.
    fn told(self, args: &ImportArgs, rejects: u64) -> Result<Outcome, CliError> {
        let Self { events, batches, quarantined, codes, links } = self;
        links.map_or(Ok(()), |links| links.file.finish())?;
        let mut text = format!(
            "Recorded       {} in {}\nQuarantine     {}: they permit nothing\nNot read       {}",
            words::count(events, "event", "events"),
            words::count(batches, "batch", "batches"),
            words::grouped(quarantined),
            words::count(rejects, "row", "rows"),
        );
        for (code, count) in &codes {
            text.push_str(&format!("\n               {} {code}", words::grouped(*count)));
        }
        let json = json!({
            "events": events, "batches": batches, "quarantined": quarantined, "codes": codes,
            "rejects": rejects, "links": args.links,
        });
        Ok(Outcome::new(text, json))
    }
}

/// Sends batches until there are no more, or one was refused.
fn send(
    sender: &Sender,
    form: FormId,
    (take, stopped): (&Mutex<Receiver<Batch>>, &AtomicBool),
    recorded: &Mutex<Recorded>,
) -> Result<(), CliError> {
    loop {
        let next = take.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Some(mut batch) = next.ok().filter(|_| !stopped.load(Ordering::Relaxed)) else {
            return Ok(());
        };
        let new = NewConsents { form, events: std::mem::take(&mut batch.events) };
        let told = sender.send("/v1/consents", &new);
        batch.events = new.events;
        let added = told.and_then(|told: RecordedConsents| {
            let mut recorded = recorded.lock().unwrap_or_else(PoisonError::into_inner);
            recorded.add(&batch, &told, |word| sender.link(word))
        });
        added.inspect_err(|_| stopped.store(true, Ordering::Relaxed))?;
    }
}

/// Imports a file of events.
pub(super) fn import(args: &ImportArgs, context: &Context) -> Result<Outcome, CliError> {
    let links = args.links.as_deref().map(Links::begin).transpose()?;
    let shared: Value = match &args.evidence {
        Some(path) => files::read_json(path, "evidence of a consent")?,
        None => json!({}),
    };
    let tokeniser = read_key(&args.key)?.tokeniser();
    let sender = Sender::new(&args.remote)?;
    let form: FormInfo = sender.client.json(&format!("/v1/forms/{}", args.form))?;
    let mut table = Table::open(&args.file, context)?;
    if !table.has("email") && !table.has("phone") {
        return Err(CliError::not_a(&args.file, "table with a column email or phone"));
    }
    // Batches are made while others are on their way.
    let (give, take) = sync_channel::<Batch>(1);
    let take = Arc::new(Mutex::new(take));
    let recorded = Mutex::new(Recorded { links, ..Recorded::default() });
    let stopped = AtomicBool::new(false);
    let rejects = thread::scope(|scope| -> Result<u64, CliError> {
        let maker = scope.spawn(|| {
            let give = give;
            read_rows(&mut table, &form.document, &shared, &tokeniser, |batch| {
                give.send(batch).is_ok()
            })
        });
        let (sender, recorded, stopped) = (&sender, &recorded, &stopped);
        let senders: Vec<_> = (0..ON_THEIR_WAY)
            .map(|_| {
                // Once nobody takes any more, the maker ends.
                let take = Arc::clone(&take);
                scope.spawn(move || send(sender, args.form, (&take, stopped), recorded))
            })
            .collect();
        drop(take);
        let sent: Vec<_> =
            senders.into_iter().map(|one| one.join().unwrap_or(Err(STOPPED))).collect();
        let rejects = maker.join().unwrap_or(Err(STOPPED));
        sent.into_iter().collect::<Result<Vec<()>, _>>()?;
        rejects
    })?;
    let recorded = recorded.into_inner().unwrap_or_else(PoisonError::into_inner);
    recorded.told(args, rejects)
}

/// Reads rows into batches; the answer is how many rows could not be read.
fn read_rows(
    table: &mut Table,
    form: &ConsentForm,
    shared: &Value,
    tokeniser: &Tokeniser,
    mut give: impl FnMut(Batch) -> bool,
) -> Result<u64, CliError> {
    let fresh = |place| Batch { place, events: Vec::new(), rows: Vec::new() };
    let (mut batch, mut rejects) = (fresh(0), 0);
    while let Some(row) = table.next()? {
        match event(&row, form, shared, tokeniser) {
            Some(event) => {
                batch.events.push(event);
                batch.rows.push(row.number);
            }
            None => rejects += 1,
        }
        if batch.events.len() == limits::CONSENT_EVENTS {
            let next = fresh(batch.place + 1);
            if !give(std::mem::replace(&mut batch, next)) {
                return Ok(rejects);
            }
        }
    }
    if !batch.events.is_empty() {
        let _ = give(batch);
    }
    Ok(rejects)
}

/// The event of a row; `None` if it names nobody, or says something else than the form.
fn event(row: &Row, form: &ConsentForm, shared: &Value, tokeniser: &Tokeniser) -> Option<NewEvent> {
    let tokens = row.tokens(tokeniser);
    let at = row.instant("date").ok()??;
    let state = match row.cell("state") {
        "" => State::Given,
        word => word.parse().ok()?,
    };
    if tokens.is_empty() || !agrees(row, form) {
        return None;
    }
    let evidence = state.permits().then(|| evidence(row, form.method(), shared, tokeniser));
    let evidence = evidence.flatten();
    Some(NewEvent { tokens, at, state, entity: None, evidence, all_recipients: false })
}

/// Whether what the row says of its form is what the form says.
fn agrees(row: &Row, form: &ConsentForm) -> bool {
    let says = |name: &str, expected: &str| {
        let cell = row.cell(name);
        cell.is_empty() || cell == expected
    };
    let recipients = row.cell("recipients");
    let mut named: Vec<&str> = recipients.split_whitespace().collect();
    let mut of_form: Vec<String> = form.recipients.iter().map(|one| one.id.to_string()).collect();
    named.sort_unstable();
    of_form.sort_unstable();
    says("purpose", Purpose::as_str(form.purpose))
        && says("channel", form.channel.as_str())
        && says("method", Method::as_str(form.method()))
        && says("notice_version", &form.notice.version.to_string())
        && (recipients.is_empty() || named == of_form)
}

/// The evidence of a row: what all rows share, and what its columns say.
fn evidence(row: &Row, method: Method, shared: &Value, tokeniser: &Tokeniser) -> Option<Evidence> {
    let mut whole = match method {
        Method::WebForm | Method::DoubleOptIn | Method::StoreTerminal => json!({
            "kind": "form", "version": "", "screenshot": null, "terminal": null, "ticked": false,
            "confirmed_at": null,
        }),
        Method::RecordedCall | Method::WrittenConfirmation => json!({
            "kind": "call", "number": null, "agent": null, "script": null, "answer": null,
            "confirmation": null, "recording": null,
        }),
        Method::TabletSignature => json!({
            "kind": "visit", "representative": null, "employer": null, "place": null,
            "signature": null, "receipt": null,
        }),
        Method::SignedPaper => json!({"kind": "paper", "version": "", "scan": null}),
    };
    let fields = whole.as_object_mut().expect("an object");
    for (name, value) in shared.as_object().into_iter().flatten() {
        fields.insert(name.clone(), value.clone());
    }
    for (name, cell) in row.cells() {
        if name == "kind" || !fields.contains_key(name) {
            continue;
        }
        let value = match name {
            "screenshot" | "terminal" | "script" | "signature" | "scan" => digest(cell)?,
            "ticked" => json!(["1", "true", "yes", "oui", "x"].contains(&&*cell.to_lowercase())),
            "confirmed_at" => json!(instant(cell).ok()?),
            "number" => json!(person_tokens(tokeniser, "", cell).first()?.token),
            _ => json!(cell),
        };
        fields.insert(name.to_owned(), value);
    }
    serde_json::from_value(whole).ok()
}

/// A digest in base64url or in hex.
fn digest(cell: &str) -> Option<Value> {
    if let Some(bytes) = Bytes::<32>::parse(cell) {
        return Some(json!(bytes));
    }
    let mut bytes = [0; 32];
    if cell.len() != 64 || !cell.is_ascii() {
        return None;
    }
    for (byte, place) in bytes.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(cell.get(place..place + 2)?, 16).ok()?;
    }
    Some(json!(Bytes::new(bytes)))
}

/// Says what a file says of persons.
pub(super) fn facts(args: &FactsArgs, context: &Context) -> Result<Outcome, CliError> {
    let tokeniser = read_key(&args.key)?.tokeniser();
    let (client, _) = Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let mut table = Table::open(&args.file, context)?;
    let (mut said, mut rejects) = (0, 0);
    let mut batch = Vec::new();
    let tell = |facts: Vec<PersonFact>| {
        client.tell(ureq::http::Method::POST, "/v1/consents/facts", &NewFacts { facts })
    };
    while let Some(row) = table.next()? {
        let read = || -> Option<PersonFact> {
            let collected_by = match row.cell("collected_by") {
                "" => None,
                cell => Some(cell.parse().ok()?),
            };
            let tokens = row.tokens(&tokeniser);
            let informed_at = row.instant("informed_at").ok()?;
            let last_contact = row.instant("last_contact").ok()?;
            let fact = PersonFact { tokens, informed_at, collected_by, last_contact };
            (!fact.tokens.is_empty()).then_some(fact)
        };
        match read() {
            Some(fact) => batch.push(fact),
            None => rejects += 1,
        }
        // A request holds about so many.
        if batch.len() == 500 {
            said += 500;
            tell(std::mem::take(&mut batch))?;
        }
    }
    if !batch.is_empty() {
        said += batch.len() as u64;
        tell(batch)?;
    }
    let text = format!(
        "Said           of {}\nNot read       {}",
        words::count(said, "person", "persons"),
        words::count(rejects, "row", "rows"),
    );
    Ok(Outcome::new(text, json!({ "facts": said, "rejects": rejects })))
}
