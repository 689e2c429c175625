//! Requests and answers of the API, as both the server and every client read and write them. What is
//! signed or stored has a module of its own; these are the envelopes.

use crate::encoding::Bytes;
use crate::ids::{AccountId, ActId, ActorId, DepositId, PartyId, ProgrammeId, ReleaseId};
use crate::party::PartyPublic;
use crate::programme::Programme;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tiers_contact::{FileKind, Kind};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// What a caller may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Role {
    /// Dealer, shop, agency: deposits sales.
    Partner,
    /// Brand: registers programmes, deposits leads, asks for reports.
    Principal,
    /// Compliance officer of the certifier: approves and reads acts.
    Officer,
    /// Runs the certifier: enrols parties; reads no contact, token or figure.
    Operator,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::Partner, Self::Principal, Self::Officer, Self::Operator];

    /// Its name in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Partner => "partner",
            Self::Principal => "principal",
            Self::Officer => "officer",
            Self::Operator => "operator",
        }
    }
}

/// An API key: random, shown once, stored by the certifier as a digest only.
#[derive(Clone, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(transparent)]
pub struct ApiKey(String);

impl ApiKey {
    /// Wraps the text of a key.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// The secret text, for the `Authorization` header and nothing else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl core::fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("ApiKey(..)")
    }
}

/// A credentials file (0600): who calls, and the key.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Credentials {
    /// Format of the file.
    pub format: CredentialsFormat,
    /// Pseudonym of the caller in the ledger.
    pub actor: ActorId,
    /// What the caller may do.
    pub role: Role,
    /// The company the caller acts for; absent for the certifier's own people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub party: Option<PartyId>,
    /// The secret.
    pub api_key: ApiKey,
}

/// Version of the credentials file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum CredentialsFormat {
    /// The first.
    #[serde(rename = "tiers-credentials/1")]
    V1,
}

/// `POST /v1/parties`: the operator enrols a company.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewParty {
    /// `partner` or `principal`.
    pub role: Role,
    /// Its name.
    pub name: String,
    /// Its SIREN: nine digits, the last a check digit.
    pub siren: String,
    /// SIREN of the head of its group, if it has one; principals of one group share accounts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_siren: Option<String>,
    /// Its public keys, whose fingerprint was confirmed by another channel.
    pub keys: PartyPublic,
}

/// `POST /v1/officers`: the operator enrols a compliance officer. The answer is [`Credentials`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewOfficer {}

/// `POST /v1/invitations`: somebody is invited to do in a browser what the caller may do, for the same
/// company.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewInvitation {
    /// How the person is called, 1 to 200 characters.
    pub name: String,
    /// A person who was invited before and lost the passkey.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<ActorId>,
}

/// The answer to [`NewInvitation`]. The path is a secret that is shown once.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Invitation {
    /// Who is invited.
    pub actor: ActorId,
    /// Path of the page that makes the passkey, under the address of the certifier.
    pub path: String,
    /// Until when it may be used (RFC 3339, UTC).
    pub expires_at: String,
}

impl core::fmt::Debug for Invitation {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Invitation").field("actor", &self.actor).finish_non_exhaustive()
    }
}

/// `GET /v1/people`: somebody who works in a browser on the caller's side.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PersonInfo {
    /// Pseudonym in the ledger.
    pub actor: ActorId,
    /// The name that whoever invited the person wrote.
    pub name: String,
    /// When (RFC 3339, UTC).
    pub invited_at: String,
    /// The last sign-in (RFC 3339, UTC).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_sign_in: Option<String>,
    /// How many passkeys the person has.
    pub passkeys: u64,
    /// Whether the person is let in no more.
    pub revoked: bool,
}

/// `GET /v1/parties`: a company as the operator sees it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PartyInfo {
    /// Its id.
    pub party: PartyId,
    /// Its role.
    pub role: Role,
    /// Its name.
    pub name: String,
    /// Its SIREN.
    pub siren: String,
    /// Fingerprint of its keys.
    pub fingerprint: String,
}

/// One canary token of a new programme.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CanaryToken {
    /// Which canary contact.
    pub canary: u32,
    /// Which of its identifiers.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::KindName))]
    pub kind: Kind,
    /// Its token under the programme key.
    pub token: Bytes<32>,
}

/// `POST /v1/programmes`: a principal registers a programme. The answer is the [`Programme`] with
/// the certifier's keys pinned.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RegisterProgramme {
    /// The programme, with its key id.
    pub programme: Programme,
    /// Canary tokens under its key.
    pub canaries: Vec<CanaryToken>,
}

/// One token of a person, made by a party on its own machine.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PersonToken {
    /// Of which identifier.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::KindName))]
    pub kind: Kind,
    /// The token under the programme key.
    pub token: Bytes<32>,
}

/// `POST /v1/erasures`: the operator erases one deposit, or the rows of persons in a programme.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum NewErasure {
    /// A whole deposit.
    Deposit {
        /// Which.
        deposit: DepositId,
        /// Why, 1 to 500 characters; it is recorded.
        reason: String,
    },
    /// Everything that a party has deposited in a programme.
    Party {
        /// In which programme.
        programme: ProgrammeId,
        /// Whose.
        party: PartyId,
        /// Why, 1 to 500 characters; it is recorded.
        reason: String,
    },
    /// A whole programme, at the end of the service: every deposit, and what was remembered of units.
    /// It takes nothing more from then on.
    Programme {
        /// Which.
        programme: ProgrammeId,
        /// Why, 1 to 500 characters; it is recorded.
        reason: String,
    },
    /// Every row, of every deposit of a programme, that has one of these tokens.
    Persons {
        /// In which programme.
        programme: ProgrammeId,
        /// The tokens of the persons; of key kinds only, which no two persons share.
        tokens: Vec<PersonToken>,
        /// Why, 1 to 500 characters; it is recorded.
        reason: String,
    },
}

/// What became of an order to erase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ErasureInfo {
    /// The act that ordered it.
    pub erasure: ActId,
    /// The first snapshot without what is erased.
    pub snapshot: u64,
    /// Whether it is done already.
    pub done: bool,
}

/// `POST /v1/programmes/{programme}/partners`: a principal adds an enrolled partner.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AddPartner {
    /// The partner.
    pub party: PartyId,
    /// Sales a year as the partner declares them: a public fact that pools are made by.
    pub declared_size: u32,
}

/// `GET /v1/programmes/{programme}/partners`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProgrammePartner {
    /// The partner.
    pub party: PartyId,
    /// Its name.
    pub name: String,
    /// Its SIREN.
    pub siren: String,
    /// Its declared size.
    pub declared_size: u32,
    /// What it has declared itself; of a silent one, the principal's number and no agreement.
    pub declaration: Declaration,
    /// Its public keys, to wrap the programme key to.
    pub keys: PartyPublic,
    /// Whether a wrapped key waits for it.
    pub key_wrapped: bool,
}

/// `PUT` and `GET /v1/programmes/{programme}/declaration`: what a partner says of itself, public facts of the
/// programme that cells of dealers are made by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Declaration {
    /// Sales a year.
    pub declared_size: u32,
    /// One of the policy's areas, or empty.
    pub region: String,
    /// May stand by its name in reports, where the policy allows it.
    pub named: bool,
    /// Agrees to exact totals, without protection, where the policy gives them.
    pub exact: bool,
    /// Other partners with whom it agrees to be compared: how many units both have is told, with
    /// noise, if both name each other and the policy has `partners/1`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub compared_with: Vec<PartyId>,
}

impl Declaration {
    /// Of a partner that has declared nothing: it agrees to nothing.
    #[must_use]
    pub const fn silent(declared_size: u32) -> Self {
        Self {
            declared_size,
            region: String::new(),
            named: false,
            exact: false,
            compared_with: Vec::new(),
        }
    }
}

/// `PUT /v1/programmes/{programme}/keys/{party}` and `GET /v1/programmes/{programme}/key`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WrappedKey {
    /// The HPKE ciphertext in base64url.
    pub wrapped: String,
}

/// State of a deposit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum DepositState {
    /// The manifest is accepted, the body is awaited.
    Open,
    /// In the vault, with a receipt.
    Accepted,
    /// Refused; the body was discarded.
    Refused,
    /// Accepted once, and erased since; the receipt stays.
    Erased,
}

/// `POST /v1/deposits`, `PUT /v1/deposits/{deposit}/body` and `GET /v1/deposits/{deposit}`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DepositStatus {
    /// The deposit.
    pub deposit: DepositId,
    /// Where it stands.
    pub state: DepositState,
    /// Bytes of the sealed body that are safely stored: where to go on.
    pub offset: u64,
    /// Bytes the manifest announces.
    pub total: u64,
}

/// `GET /v1/deposits`: the caller's own.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DepositInfo {
    /// The deposit.
    pub deposit: DepositId,
    /// The programme.
    pub programme: ProgrammeId,
    /// What it holds.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::FileKindName))]
    pub kind: FileKind,
    /// Where it stands.
    pub state: DepositState,
    /// Rows, canaries included, as the manifest says.
    pub rows: u64,
    /// When the manifest was accepted (RFC 3339, UTC).
    pub opened_at: String,
    /// Last day on which the certifier may hold it.
    pub retain_until: String,
    /// Code of the refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
}

/// `POST /v1/reports` and `POST /v1/reports/plan`: a principal asks, or asks what it would cost.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportRequest {
    /// The programme.
    pub programme: ProgrammeId,
    /// Month of the sales, `YYYY-MM`.
    pub period: String,
    /// Templates with versions and margins, such as `network/1@all`; when absent, those that the policy
    /// tells by itself. They come together or not at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub templates: Option<Vec<String>>,
    /// Ask an earlier snapshot: answered from the store or not at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<u64>,
    /// Ask for totals without noise beside the report: unprotected, once for each month, under a policy
    /// that gives them and with every partner's recorded agreement.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub exact: bool,
}

/// `POST /v1/reports/plan`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlanRequest {
    /// The programme.
    pub programme: ProgrammeId,
    /// Month of the sales, `YYYY-MM`.
    pub period: String,
    /// As in a [`ReportRequest`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub templates: Option<Vec<String>>,
    /// How many conversions the asker expects of campaigns, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub guesses: BTreeMap<String, u64>,
    /// Whether to expect of campaigns without a guess what the last released months say.
    #[serde(default)]
    pub from_releases: bool,
}

/// A release in lists and as the answer to a request. `report.json` and `certificate.json` are
/// fetched as bytes from `/v1/releases/{release}/report` and `/v1/releases/{release}/certificate`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReleaseInfo {
    /// The release.
    pub release: ReleaseId,
    /// The programme.
    pub programme: ProgrammeId,
    /// Month of the sales.
    pub period: String,
    /// The snapshot it answers from.
    pub snapshot: u64,
    /// What it cost when it was made.
    pub cost_nrho: u64,
    /// When it was made (RFC 3339, UTC).
    pub released_at: String,
    /// Whether this request was answered from the store, at no cost.
    pub from_store: bool,
}

/// `GET /v1/accounts?programme=`: what may still be learned, month by month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountInfo {
    /// The account.
    pub account: AccountId,
    /// The month.
    pub month: String,
    /// Of what: rows of which side are protected by it.
    #[serde(default)]
    pub side: AccountSide,
    /// Its cap.
    pub cap_nrho: u64,
    /// Spent so far.
    pub spent_nrho: u64,
    /// Left.
    pub left_nrho: u64,
}

/// Whose rows an account protects, dated in its month.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum AccountSide {
    /// Partners' sales, from the principal: what reports cost.
    #[default]
    Sales,
    /// The principal's leads, from its partners: what partners' own counts cost.
    Leads,
}

/// `POST /v1/programmes/{programme}/approval`: an officer approves releases under the policy.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApprovePolicy {
    /// Digest of the policy that the officer read.
    pub policy_sha256: Bytes<32>,
}

/// `GET /v1/acts?reason=&from=&limit=`: an officer reads the ledger's acts; the reading is an act.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Act {
    /// Index in the ledger: of its own entry, or of its tick; absent before the tick.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<u64>,
    /// Of an act about persons: the number of its leaf.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leaf: Option<u64>,
    /// Type of the act.
    #[serde(rename = "type")]
    pub act: String,
    /// When (RFC 3339, UTC).
    pub ts: String,
    /// Who did it: the credential, or after erasure the entry's pseudonym.
    pub actor: String,
    /// What it was done to.
    pub object: String,
    /// What the entry commits to, unless erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub detail: Option<serde_json::Value>,
}

/// A problem document (RFC 9457). `code` is stable; `detail` says what happened and what to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// `urn:tiers:problem:<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Short and fixed for the code.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// The stable code.
    pub code: String,
    /// What happened in this case, and what to do; never a personal value.
    pub detail: String,
}
