//! What the API takes and answers about consent: forms, events, questions. Not what is stored, and not
//! the record itself. Specified by the OpenAPI document and `docs/formats/consent.md`.

use serde::{Deserialize, Serialize};
use tiers_contact::labels;

use super::{
    Audience, Channel, Collection, ConsentForm, ConsentReceipt, Evidence, Purpose, Sector, Siren,
    State,
};
use crate::encoding::Bytes;
use crate::ids::{CollectionId, FormId, NoticeId, OppositionId, PartyId, RecordId, SubmissionId};
use crate::wire::PersonToken;

/// What a batch that a party seals to the certifier is bound to.
#[must_use]
pub fn batch_info(party: &PartyId) -> Vec<u8> {
    format!("{}\0{party}", labels::SEAL_RIGHTS_BATCH).into_bytes()
}

/// A form as it stands at the certifier.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FormInfo {
    /// Its id.
    pub form: FormId,
    /// Digest of the text of its notice.
    pub notice_sha256: Bytes<32>,
    /// When it was published (RFC 3339, UTC).
    pub published_at: String,
    /// Index of its ledger entry.
    pub entry: u64,
    /// Recipients that the form it replaces did not name: earlier choices do not reach them.
    pub added: Vec<Siren>,
    /// The form.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub document: ConsentForm,
}

/// `POST /v1/collections`: a public page of published forms.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewCollection {
    /// Its forms, in the order of their boxes: 1 to 6.
    pub forms: Vec<FormId>,
    /// How many submissions may wait to be fetched: 1 to 10,000.
    pub quota: u32,
    /// The page that it takes the place of, which closes with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<CollectionId>,
}

/// A public page as anybody may see it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CollectionInfo {
    /// Its id.
    pub collection: CollectionId,
    /// Digest of its document.
    pub digest: Bytes<32>,
    /// When it was opened (RFC 3339, UTC).
    pub opened_at: String,
    /// When it was closed.
    pub closed_at: Option<String>,
    /// The page that took its place.
    pub successor: Option<CollectionId>,
    /// Index of the ledger entry of its opening.
    pub entry: u64,
    /// Everything that it says (`docs/formats/submission-v1.md`).
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub document: Collection,
}

/// A public page as its party sees it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OwnCollection {
    /// The page.
    pub info: CollectionInfo,
    /// How many submissions may wait.
    pub quota: u32,
    /// How many wait to be fetched.
    pub waiting: u64,
}

/// What became of a submission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SubmissionInfo {
    /// Its id.
    pub submission: SubmissionId,
    /// When it first arrived (RFC 3339, UTC).
    pub received_at: String,
    /// Whether it was here before.
    pub repeated: bool,
}

/// A submission that waits for its party.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WaitingSubmission {
    /// Its id.
    pub submission: SubmissionId,
    /// When it arrived, in seconds since 1970.
    pub received_at: i64,
    /// What was sealed (base64url).
    pub sealed: String,
}

/// `POST /v1/collections/{collection}/fetched`: submissions that the party has, so that they can go here.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FetchedSubmissions {
    /// Which: at most 500.
    pub submissions: Vec<SubmissionId>,
}

/// One act of one person, or of a company about its choice.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewEvent {
    /// The person, by one to three tokens under the rights key: e-mail, telephones.
    pub tokens: Vec<PersonToken>,
    /// When, in seconds since 1970.
    pub at: i64,
    /// Where it leaves the choice.
    pub state: State,
    /// Whose act it is: a company's, or the person's own when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<Siren>,
    /// What shows it; an agreement without it waits in quarantine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub evidence: Option<Evidence>,
    /// Whether it ends the choice for all recipients of the controller, of whatever form.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub all_recipients: bool,
}

/// `POST /v1/consents`: events on one form.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewConsents {
    /// On which form.
    pub form: FormId,
    /// The events.
    pub events: Vec<NewEvent>,
}

/// What an event lacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Quarantined {
    /// Which event, from 0.
    pub event: u32,
    /// Stable code of what is missing.
    pub code: String,
}

/// What became of events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecordedConsents {
    /// The secret word of each event's record, for its withdrawal link `/w/WORD`, in the order of
    /// the events. The record's id is its first half.
    pub links: Vec<String>,
    /// Agreements without evidence: they permit nothing.
    pub quarantined: Vec<Quarantined>,
    /// Index of the ledger entry.
    pub entry: u64,
    /// Whether the same events were recorded before; then nothing was added.
    pub repeated: bool,
}

/// One event of a chain as a party may see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventInfo {
    /// The record that it made.
    pub record: RecordId,
    /// On which form.
    pub form: FormId,
    /// When, in seconds since 1970.
    pub at: i64,
    /// Where it left the choice.
    pub state: State,
    /// Whether there is evidence.
    pub proven: bool,
    /// What for.
    pub purpose: Purpose,
    /// By which means.
    pub channel: Channel,
    /// Whose chain it is.
    pub controller: Siren,
    /// Who collected it.
    pub collector: Siren,
    /// The recipients, frozen.
    pub recipients: Vec<Siren>,
    /// Whether it holds for all recipients.
    pub all_recipients: bool,
}

/// An opposition as a party may see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OppositionInfo {
    /// Its id.
    pub opposition: OppositionId,
    /// When the person said so, in seconds since 1970.
    pub at: i64,
    /// Until when it is kept.
    pub until: i64,
    /// Along whose chain; everywhere when absent.
    pub along: Option<Siren>,
    /// By which means; by all when absent.
    pub channel: Option<Channel>,
    /// Whether it comes from a list.
    pub from_list: bool,
}

/// `POST /v1/consents/history`: what is known about one person.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HistoryQuery {
    /// The person, by tokens under the rights key.
    pub tokens: Vec<PersonToken>,
    /// Why it is read, 1 to 500 characters; it is recorded.
    pub reason: String,
}

/// The answer: chains in which the caller is controller, collector or recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConsentHistory {
    /// Events, the oldest first.
    pub events: Vec<EventInfo>,
    /// Oppositions.
    pub oppositions: Vec<OppositionInfo>,
    /// Whether the person asked for restriction.
    pub restricted: bool,
}

/// `POST /v1/consents/decision`: whether a contact may pass.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DecisionQuery {
    /// The person, by tokens under the rights key.
    pub tokens: Vec<PersonToken>,
    /// Who hands it on, or uses it.
    pub sender: Siren,
    /// Who receives it.
    pub recipient: Siren,
    /// What for.
    pub purpose: Purpose,
    /// By which means.
    pub channel: Channel,
    /// What is offered.
    pub sector: Sector,
    /// To whom.
    pub audience: Audience,
    /// At which instant, in seconds since 1970; now when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<i64>,
    /// Whether the offer is one of the person's profession.
    #[serde(default)]
    pub offer_of_profession: bool,
    /// When the file was compared with the list of telephone objections.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scrubbed_at: Option<i64>,
}

/// The answer of the rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DecisionInfo {
    /// Whether it may pass.
    pub allowed: bool,
    /// Why not; stable code.
    pub why: Option<String>,
    /// The rule that was asked.
    pub rule: Option<String>,
    /// The article that it comes from.
    pub article: Option<String>,
    /// The record that carries it, or that says no.
    pub record: Option<RecordId>,
    /// The opposition that stands in the way.
    pub opposition: Option<OppositionId>,
}

/// `GET /v1/consents/{record}`: the receipt, and the same in the fields of Kantara v1.1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConsentDocuments {
    /// The receipt, with the whole record.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub receipt: ConsentReceipt,
    /// The export.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub kantara: super::KantaraReceipt,
}

/// `POST /v1/suppliers`: a collector that cannot prove what it collected, or can again.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SupplierState {
    /// The collector.
    pub siren: Siren,
    /// Whether it is suspended from now on.
    pub suspended: bool,
    /// Why, 1 to 500 characters; it is recorded.
    pub reason: String,
}

/// Which list oppositions come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ListSource {
    /// Its name, such as Bloctel.
    pub list: String,
    /// The certificate or the delivery that it was handed out under.
    pub certificate: String,
}

/// The objection of one person.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Objection {
    /// The person, by tokens under the rights key.
    pub tokens: Vec<PersonToken>,
    /// When, in seconds since 1970.
    pub at: i64,
}

/// `POST /v1/oppositions`: objections of persons, or entries of a list.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewOppositions {
    /// Along whose chain, the caller's own; everywhere when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub along: Option<Siren>,
    /// By which means; by all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    /// The list, where it is not the persons themselves who said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<ListSource>,
    /// For how many years it is kept: three at least, and when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub years: Option<u32>,
    /// The persons.
    pub persons: Vec<Objection>,
}

/// What became of objections.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecordedOppositions {
    /// How many were recorded.
    pub oppositions: u64,
    /// Until when they are kept (RFC 3339, UTC).
    pub until: String,
    /// Index of the ledger entry.
    pub entry: u64,
    /// Whether the same were recorded before; then nothing was added.
    pub repeated: bool,
}

/// What a company says of one person beside events.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PersonFact {
    /// The person, by tokens under the rights key.
    pub tokens: Vec<PersonToken>,
    /// When it told the person that the contact is handed on and how to object, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub informed_at: Option<i64>,
    /// Whom it has the contact from, if not from the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collected_by: Option<Siren>,
    /// When the person was last heard of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_contact: Option<i64>,
}

/// `POST /v1/consents/facts`: what the calling company says of persons.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewFacts {
    /// One for each person.
    pub facts: Vec<PersonFact>,
}

/// `GET /v1/notices`: what a party is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NoticeInfo {
    /// Its id.
    pub notice: NoticeId,
    /// To whom.
    pub party: PartyId,
    /// About what, such as `consent.ended`, `person.objected`, `notice.unanswered`.
    pub kind: String,
    /// What it says: ids of forms and records, never a person.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub document: serde_json::Value,
    /// When it was written (RFC 3339, UTC).
    pub created_at: String,
    /// Until when it is to be acknowledged: a day after it was written.
    pub acknowledge_by: String,
    /// Whether that day is over and it was not, or not in time.
    pub late: bool,
    /// When it goes to the officer unless it is acknowledged.
    pub due_at: String,
    /// When it was acknowledged.
    pub acknowledged_at: Option<String>,
    /// When it went to the officer.
    pub escalated_at: Option<String>,
}
