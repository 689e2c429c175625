//! One batch of opened submissions: the files that a party keeps of it, what is recorded of it, and its way
//! through the folders `outbox` (being sent) and `sent` (done). Contacts stand in the party's files only.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use csv::Writer;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tiers_contact::Tokeniser;
use tiers_contact::normalise::{email, phone};
use tiers_protocol::consent::wire::{
    FetchedSubmissions, FormInfo, NewConsents, NewEvent, RecordedConsents, WaitingSubmission,
};
use tiers_protocol::consent::{
    Collection, ConsentForm, Evidence, FormSubmission, State, Submission, SubmissionFault,
    submission_evidence,
};
use tiers_protocol::encoding::sha256;
use tiers_protocol::ids::{CollectionId, FormId, SubmissionId};
use tiers_protocol::rights_key::person_tokens;

use super::import::Sender;
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::files;
use crate::limits;

/// The folder of batches that were sent.
pub(super) const SEND: &str = "sent";
const STATE: &str = "batch.json";

/// How many of what there were.
#[derive(Debug, Default)]
pub(super) struct Made {
    /// Submissions that were opened.
    pub(super) opened: u64,
    /// Those that were not confirmed.
    pub(super) held: u64,
    /// Those that could not be read, by code.
    pub(super) rejects: BTreeMap<String, u64>,
    /// Choices that were recorded.
    pub(super) events: u64,
    /// Those without complete evidence, by code.
    pub(super) quarantined: BTreeMap<String, u64>,
}

impl Made {
    /// Counts a batch that was read.
    pub(super) fn count(&mut self, batch: &Batch) {
        self.opened += batch.contacts.len() as u64;
        for (_, code, _) in &batch.rejects {
            *self.rejects.entry((*code).to_owned()).or_default() += 1;
        }
    }

    /// Counts what was recorded of one.
    pub(super) fn add(&mut self, recorded: &[RecordedConsents]) {
        for one in recorded {
            self.events += one.links.len() as u64;
            for lack in &one.quarantined {
                *self.quarantined.entry(lack.code.clone()).or_default() += 1;
            }
        }
    }

    /// Submissions that could not be read.
    pub(super) fn rejected(&self) -> u64 {
        self.rejects.values().sum()
    }
}

/// What is sent: written before, and read again by the run after a kill. Tokens and ids, no contact.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Frozen {
    /// The page.
    collection: Option<CollectionId>,
    /// Events by form.
    consents: Vec<NewConsents>,
    /// For each of them, which submission each event is of.
    of: Vec<Vec<SubmissionId>>,
    /// What the certifier forgets then.
    fetched: Vec<SubmissionId>,
}

/// One contact as the party keeps it: submission, instant, address, number, name, forms.
type Contact = [String; 6];

/// A batch.
#[derive(Default)]
pub(super) struct Batch {
    page: Option<(CollectionId, Collection)>,
    forms: Vec<(FormId, ConsentForm)>,
    frozen: Frozen,
    contacts: Vec<Contact>,
    /// By form: the rows of a file for `consent import`.
    rows: BTreeMap<FormId, Vec<[String; 9]>>,
    rejects: Vec<(SubmissionId, &'static str, String)>,
}

impl Batch {
    /// An empty batch of a page; its forms are asked for.
    pub(super) fn new(
        client: &Client,
        (id, page): (&CollectionId, &Collection),
    ) -> Result<Self, CliError> {
        let form = |choice: &tiers_protocol::consent::Choice| {
            let info: FormInfo = client.json(&format!("/v1/forms/{}", choice.form))?;
            Ok((choice.form, info.document))
        };
        let forms = page.choices.iter().map(form).collect::<Result<Vec<_>, CliError>>()?;
        let frozen = Frozen {
            collection: Some(*id),
            consents: forms
                .iter()
                .map(|(form, _)| NewConsents { form: *form, events: Vec::new() })
                .collect(),
            of: vec![Vec::new(); forms.len()],
            fetched: Vec::new(),
        };
        Ok(Self { page: Some((*id, page.clone())), forms, frozen, ..Self::default() })
    }

    /// The batch of a folder, as it was frozen there.
    pub(super) fn read(folder: &Path) -> Result<Self, CliError> {
        let path = folder.join(STATE);
        let bytes = files::read(&path)?;
        let frozen = serde_json::from_slice(&bytes);
        let frozen = frozen.map_err(|_| CliError::not_a(&path, "batch of `consent form fetch`"))?;
        Ok(Self { frozen, ..Self::default() })
    }

    /// Whether nothing is to be sent or forgotten.
    pub(super) const fn is_empty(&self) -> bool {
        self.frozen.fetched.is_empty()
    }

    /// A submission that could not be read: what was sealed is kept here, with the reason.
    pub(super) fn reject(&mut self, one: &WaitingSubmission, fault: SubmissionFault) {
        self.frozen.fetched.push(one.submission);
        self.rejects.push((one.submission, fault.code(), one.sealed.clone()));
    }

    /// A submission that was opened.
    pub(super) fn take(
        &mut self,
        tokeniser: &Tokeniser,
        one: &WaitingSubmission,
        opened: &Submission,
        confirmed_at: Option<i64>,
    ) {
        let Some((collection, page)) = &self.page else { return };
        let (at, digest) = (opened.chosen_at(one.received_at), page.digest());
        let forms = self.forms.iter().zip(&page.choices).enumerate();
        for (place, ((id, form), choice)) in
            forms.filter(|(_, ((id, _), _))| opened.choices.contains(id))
        {
            let (address, number) = opened.contacts(choice);
            let from = FormSubmission { collection: *collection, page: digest, id: one.submission };
            let evidence = submission_evidence(form, from, confirmed_at);
            let row = row((address, number), at, &evidence, one.submission);
            self.rows.entry(*id).or_default().push(row);
            self.frozen.of[place].push(one.submission);
            self.frozen.consents[place].events.push(NewEvent {
                tokens: person_tokens(tokeniser, address, number),
                at,
                state: State::Given,
                entity: None,
                evidence: Some(evidence),
                all_recipients: false,
            });
        }
        let chosen: Vec<String> = opened.choices.iter().map(ToString::to_string).collect();
        self.contacts.push([
            one.submission.to_string(),
            instant(at),
            address(opened.email.as_deref()),
            number(opened.phone.as_deref()),
            harmless(opened.name.as_deref().unwrap_or_default()),
            chosen.join(" "),
        ]);
        self.frozen.fetched.push(one.submission);
    }

    /// Writes the files of a batch into a new folder; all of them for their owner only.
    pub(super) fn write(&self, folder: &Path) -> Result<(), CliError> {
        files::make_dir(folder)?;
        let heading = ["submission", "at", "email", "phone", "name", "forms"];
        table(&folder.join("contacts.csv"), &heading, &self.contacts)?;
        let heading = [
            "submission",
            "email",
            "phone",
            "date",
            "version",
            "screenshot",
            "terminal",
            "ticked",
            "confirmed_at",
        ];
        for (form, rows) in &self.rows {
            table(&folder.join(format!("{form}.csv")), &heading, rows)?;
        }
        let rejects = self.rejects.iter();
        let rejects: Vec<_> = rejects
            .map(|(id, code, sealed)| [id.to_string(), (*code).to_owned(), sealed.clone()])
            .collect();
        table(&folder.join("rejects.csv"), &["submission", "code", "sealed"], &rejects)?;
        let state = serde_json::to_vec(&self.frozen).expect("a plain document");
        files::replace(&folder.join(STATE), &state)
    }

    /// Records what lies in the outbox, has the certifier forget it, and files it.
    pub(super) fn send(
        &self,
        (client, sender): (&Client, &Sender),
        dir: &Path,
    ) -> Result<Vec<RecordedConsents>, CliError> {
        let outbox = dir.join("outbox");
        let (mut recorded, mut links) = (Vec::new(), Vec::new());
        for (new, of) in self.frozen.consents.iter().zip(&self.frozen.of) {
            let events = new.events.chunks(limits::CONSENT_EVENTS);
            for (events, of) in events.zip(of.chunks(limits::CONSENT_EVENTS)) {
                let new = NewConsents { form: new.form, events: events.to_vec() };
                let told: RecordedConsents = sender.send("/v1/consents", &new)?;
                for (id, word) in of.iter().zip(&told.links) {
                    links.push([id.to_string(), new.form.to_string(), sender.link(word)]);
                }
                recorded.push(told);
            }
        }
        table(&outbox.join("links.csv"), &["submission", "form", "withdrawal"], &links)?;
        if let Some(page) = self.frozen.collection {
            for ids in self.frozen.fetched.chunks(limits::SUBMISSIONS_STEP) {
                let fetched = FetchedSubmissions { submissions: ids.to_vec() };
                let path = format!("/v1/collections/{page}/fetched");
                client.tell(ureq::http::Method::POST, &path, &fetched)?;
            }
        }
        let sent = dir.join(SEND);
        files::make_dir(&sent)?;
        let name = sha256(&serde_json::to_vec(&json!(self.frozen.fetched)).unwrap_or_default());
        let done = sent.join(&name.to_string()[..16]);
        fs::rename(&outbox, &done).map_err(|cause| CliError::write(&done, &cause))?;
        Ok(recorded)
    }
}

fn instant(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(|_| String::new(), |at| at.to_string())
}

fn address(typed: Option<&str>) -> String {
    typed.and_then(|typed| email::normalise(typed).value()).unwrap_or_default().to_string()
}

fn number(typed: Option<&str>) -> String {
    let phones = phone::normalise(typed.unwrap_or_default());
    phones.mobile.or(phones.landline).unwrap_or_default()
}

/// A typed text that a spreadsheet does not take for a formula.
fn harmless(typed: &str) -> String {
    let typed = typed.trim();
    if typed.starts_with(['=', '+', '-', '@']) { format!("'{typed}") } else { typed.to_owned() }
}

/// A row for `consent import`.
fn row(
    (typed, numbers): (&str, &str),
    at: i64,
    evidence: &Evidence,
    id: SubmissionId,
) -> [String; 9] {
    let Evidence::Form { version, screenshot, terminal, confirmed_at, .. } = evidence else {
        return Default::default();
    };
    let digest = |digest: &Option<_>| digest.as_ref().map(ToString::to_string).unwrap_or_default();
    [
        id.to_string(),
        address(Some(typed)),
        number(Some(numbers)),
        instant(at),
        version.clone(),
        digest(screenshot),
        digest(terminal),
        "oui".to_owned(),
        confirmed_at.map(instant).unwrap_or_default(),
    ]
}

fn table<const N: usize>(
    path: &Path,
    heading: &[&str; N],
    rows: &[[String; N]],
) -> Result<(), CliError> {
    let mut writer = Writer::from_writer(Vec::new());
    let mut written = writer.write_record(heading);
    for row in rows {
        written = written.and_then(|()| writer.write_record(row));
    }
    written.expect("memory takes all bytes");
    let bytes = zeroize::Zeroizing::new(writer.into_inner().expect("memory takes all bytes"));
    files::replace(path, &bytes)
}
