//! The table of routes: for each its method, address, roles, what it takes, what it answers and
//! every refusal that it may give. One line is added here with each line in `router`.

use axum::http::Method;
use tiers_protocol::attested::Attested;
use tiers_protocol::certificate::Certificate;
use tiers_protocol::dossier::{NewSearch, SignedDossier};
use tiers_protocol::ids::{ActorId, DepositId, PartyId, ProgrammeId, ReleaseId};
use tiers_protocol::manifest::SignedManifest;
use tiers_protocol::programme::Programme;
use tiers_protocol::receipt::Receipt;
use tiers_protocol::report::Report;
use tiers_protocol::trust::Trust;
use tiers_protocol::wire::{
    AccountInfo, Act, AddPartner, ApprovePolicy, Credentials, Declaration, DepositInfo,
    DepositStatus, ErasureInfo, Invitation, NewErasure, NewInvitation, NewOfficer, NewParty,
    PartyInfo, PersonInfo, PlanRequest, ProgrammePartner, RegisterProgramme, ReleaseInfo,
    ReportRequest, Role, WrappedKey,
};

use super::document::{AnySchema, SchemaOf, Schemas, many, named, one, text, whole_number};
use crate::disclosure::Plan;
use crate::service::Refusal;

/// One operation.
pub(super) struct Route {
    pub(super) method: Method,
    /// The address, with `{name}` for each parameter.
    pub(super) path: &'static str,
    /// Who may call it; nobody in particular when empty.
    pub(super) roles: &'static [Role],
    pub(super) summary: &'static str,
    pub(super) parameters: &'static [Parameter],
    pub(super) takes: Body,
    /// Status and body of every answer that is not a refusal.
    pub(super) answers: &'static [(u16, Body)],
    /// Refusals besides those of the roles and of the body's form.
    pub(super) refusals: &'static [Refusal],
}

/// What a request or an answer carries.
#[derive(Clone, Copy)]
pub(super) enum Body {
    /// Nothing.
    Empty,
    /// JSON of this schema.
    Json(SchemaOf),
    /// A canonical document of this schema; any other spelling of it is refused.
    Canonical(SchemaOf),
    /// Bytes of this media type.
    Bytes(&'static str),
    /// Text of this media type.
    Text(&'static str),
}

/// A parameter outside the body.
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) place: Place,
    pub(super) required: bool,
    pub(super) description: &'static str,
    pub(super) schema: SchemaOf,
}

/// Where a parameter stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Path,
    Query,
    Header,
}

const fn path(name: &'static str, description: &'static str, schema: SchemaOf) -> Parameter {
    Parameter { name, place: Place::Path, required: true, description, schema }
}

const fn query(name: &'static str, description: &'static str, schema: SchemaOf) -> Parameter {
    Parameter { name, place: Place::Query, required: true, description, schema }
}

pub(super) const PROGRAMME: Parameter = path("programme", "The programme.", one::<ProgrammeId>);
const DEPOSIT: Parameter = path("deposit", "The deposit.", one::<DepositId>);
const PERSON: Parameter = path("person", "The person.", one::<ActorId>);
const KNEW_KEYS: Parameter = Parameter {
    required: false,
    ..query("knew_keys", "Whether the person knew keys of that side.", yes_or_no)
};
pub(super) const RELEASE: Parameter = path("release", "The release.", one::<ReleaseId>);
const PARTY: Parameter = path("party", "The partner.", one::<PartyId>);
pub(super) const OF_PROGRAMME: Parameter =
    query("programme", "Of which programme.", one::<ProgrammeId>);
const TILE: Parameter = path("rest", "Level, index and width as in C2SP tlog-tiles.", plain_text);
pub(super) const OFFSET: Parameter = Parameter {
    name: "Upload-Offset",
    place: Place::Header,
    required: false,
    description: "Byte of the sealed body from which this request goes on; 0 when absent. It must \
                  be the `offset` that the deposit's status tells.",
    schema: number,
};
const COMPLETE: Parameter = Parameter {
    name: "Upload-Complete",
    place: Place::Header,
    required: false,
    description: "`?0` when more will follow, `?1` or nothing when the body ends with it.",
    schema: upload_complete,
};
const ACTS: &[Parameter] = &[
    query("reason", "Why the acts are read, 1 to 500 characters; it is recorded.", plain_text),
    Parameter {
        name: "from",
        place: Place::Query,
        required: false,
        description: "First index in the ledger; 0 when absent.",
        schema: number,
    },
    Parameter {
        name: "limit",
        place: Place::Query,
        required: false,
        description: "Acts in the answer, 500 at most and when absent.",
        schema: number,
    },
];

pub(super) fn plain_text(_: &mut Schemas) -> AnySchema {
    text(None)
}

fn upload_complete(_: &mut Schemas) -> AnySchema {
    text(Some("^\\?[01]$"))
}

fn number(_: &mut Schemas) -> AnySchema {
    whole_number()
}

const PARTNER: &[Role] = &[Role::Partner];
pub(super) const PRINCIPAL: &[Role] = &[Role::Principal];
const OFFICER: &[Role] = &[Role::Officer];
const OPERATOR: &[Role] = &[Role::Operator];
const COMPANY: &[Role] = &[Role::Partner, Role::Principal];
const READER: &[Role] = &[Role::Partner, Role::Principal, Role::Officer];
const ANYONE: &[Role] = &[Role::Partner, Role::Principal, Role::Officer, Role::Operator];
pub(super) const ANYBODY: &[Role] = &[];

const JSON: &str = "application/json";
const TEXT: &str = "text/plain";
const OCTETS: &str = "application/octet-stream";

use Body::{Bytes, Canonical, Empty, Json, Text};
use Refusal as R;

/// Every route of the API but for those whose tables stand beside.
const OWN: &[Route] = &[
    Route {
        method: Method::GET,
        path: "/healthz",
        roles: ANYBODY,
        summary: "Whether the certifier answers",
        parameters: &[],
        takes: Empty,
        answers: &[(200, Text(TEXT))],
        refusals: &[],
    },
    Route {
        method: Method::GET,
        path: "/readyz",
        roles: ANYBODY,
        summary: "Whether the certifier can work: its database, its disk and its ledger",
        parameters: &[],
        takes: Empty,
        answers: &[(200, Text(TEXT))],
        refusals: &[R::NotReady],
    },
    Route {
        method: Method::GET,
        path: "/openapi.json",
        roles: ANYBODY,
        summary: "This description",
        parameters: &[],
        takes: Empty,
        answers: &[(200, Bytes(JSON))],
        refusals: &[],
    },
    Route {
        method: Method::GET,
        path: "/v1/trust",
        roles: ANYBODY,
        summary: "The certifier's public keys; compare their fingerprints by another channel",
        parameters: &[],
        takes: Empty,
        answers: &[(200, Json(one::<Trust>))],
        refusals: &[],
    },
    Route {
        method: Method::GET,
        path: "/ledger/checkpoint",
        roles: ANYBODY,
        summary: "The signed checkpoint of the ledger (C2SP tlog-checkpoint)",
        parameters: &[],
        takes: Empty,
        answers: &[(200, Text(TEXT))],
        refusals: &[R::NotFound],
    },
    Route {
        method: Method::GET,
        path: "/ledger/witnessed",
        roles: ANYBODY,
        summary: "The last checkpoint that enough witnesses cosigned (C2SP tlog-cosignature)",
        parameters: &[],
        takes: Empty,
        answers: &[(200, Text(TEXT))],
        refusals: &[R::NotFound],
    },
    Route {
        method: Method::GET,
        path: "/ledger/tile/{rest}",
        roles: ANYBODY,
        summary: "A tile of the ledger (C2SP tlog-tiles); it never changes",
        parameters: &[TILE],
        takes: Empty,
        answers: &[(200, Bytes(OCTETS))],
        refusals: &[R::NotFound],
    },
    Route {
        method: Method::POST,
        path: "/v1/parties",
        roles: OPERATOR,
        summary: "Enrol a company; the answer shows its API key once",
        parameters: &[],
        takes: Json(one::<NewParty>),
        answers: &[(201, Json(one::<Credentials>))],
        refusals: &[R::BadSiren, R::BadName, R::BadRole, R::BadKeys, R::KeysEnrolled],
    },
    Route {
        method: Method::GET,
        path: "/v1/parties",
        roles: OPERATOR,
        summary: "All companies",
        parameters: &[],
        takes: Empty,
        answers: &[(200, Json(many::<PartyInfo>))],
        refusals: &[],
    },
    Route {
        method: Method::POST,
        path: "/v1/officers",
        roles: OPERATOR,
        summary: "Enrol a compliance officer; the answer shows the API key once",
        parameters: &[],
        takes: Json(one::<NewOfficer>),
        answers: &[(201, Json(one::<Credentials>))],
        refusals: &[],
    },
    Route {
        method: Method::POST,
        path: "/v1/invitations",
        roles: ANYONE,
        summary: "Invite somebody to do in a browser what the caller may do; the answer shows the link once",
        parameters: &[],
        takes: Json(one::<NewInvitation>),
        answers: &[(201, Json(one::<Invitation>))],
        refusals: &[R::BadName, R::NotFound, R::TooManyPeople],
    },
    Route {
        method: Method::GET,
        path: "/v1/people",
        roles: ANYONE,
        summary: "Who works in a browser on the caller's side",
        parameters: &[],
        takes: Empty,
        answers: &[(200, Json(many::<PersonInfo>))],
        refusals: &[],
    },
    Route {
        method: Method::POST,
        path: "/v1/people/{person}/revocation",
        roles: ANYONE,
        summary: "Let somebody of the caller's side in no more; with `knew_keys` the keys of that side have to be \
                  changed",
        parameters: &[PERSON, KNEW_KEYS],
        takes: Empty,
        answers: &[(204, Empty)],
        refusals: &[R::NotFound, R::Malformed],
    },
    Route {
        method: Method::POST,
        path: "/v1/erasures",
        roles: OPERATOR,
        summary: "Order the erasure of a deposit or of persons; it is executed at the next tick",
        parameters: &[],
        takes: Json(one::<NewErasure>),
        answers: &[(201, Json(one::<ErasureInfo>))],
        refusals: &[Refusal::NothingToErase, Refusal::BadErasure, Refusal::BadErasureReason],
    },
    Route {
        method: Method::POST,
        path: "/v1/programmes",
        roles: PRINCIPAL,
        summary: "Register a programme; the answer pins the certifier's keys",
        parameters: &[],
        takes: Json(one::<RegisterProgramme>),
        answers: &[(201, Json(one::<Programme>))],
        refusals: &[R::BadProgramme, R::NoKey, R::BadCanaries, R::ProgrammeExists],
    },
    Route {
        method: Method::GET,
        path: "/v1/programmes/{programme}",
        roles: READER,
        summary: "A programme in which the caller takes part, or that an officer looks at",
        parameters: &[PROGRAMME],
        takes: Empty,
        answers: &[(200, Json(one::<Programme>))],
        refusals: &[R::NotFound],
    },
    Route {
        method: Method::POST,
        path: "/v1/programmes/{programme}/partners",
        roles: PRINCIPAL,
        summary: "Add an enrolled partner",
        parameters: &[PROGRAMME],
        takes: Json(one::<AddPartner>),
        answers: &[(204, Empty)],
        refusals: &[R::NotFound, R::NotAPartner, R::TooManyPartners],
    },
    Route {
        method: Method::GET,
        path: "/v1/programmes/{programme}/partners",
        roles: PRINCIPAL,
        summary: "The partners of a programme, with the keys to wrap the programme key to",
        parameters: &[PROGRAMME],
        takes: Empty,
        answers: &[(200, Json(many::<ProgrammePartner>))],
        refusals: &[R::NotFound],
    },
    Route {
        method: Method::PUT,
        path: "/v1/programmes/{programme}/keys/{party}",
        roles: PRINCIPAL,
        summary: "Leave the wrapped programme key for a partner",
        parameters: &[PROGRAMME, PARTY],
        takes: Json(one::<WrappedKey>),
        answers: &[(204, Empty)],
        refusals: &[R::NotFound, R::NotAPartner, R::BadWrappedKey],
    },
    Route {
        method: Method::GET,
        path: "/v1/programmes/{programme}/key",
        roles: PARTNER,
        summary: "The wrapped programme key that waits for the caller",
        parameters: &[PROGRAMME],
        takes: Empty,
        answers: &[(200, Json(one::<WrappedKey>))],
        refusals: &[R::NotFound, R::NoWrappedKey],
    },
    Route {
        method: Method::PUT,
        path: "/v1/programmes/{programme}/declaration",
        roles: PARTNER,
        summary: "Declare the caller's size and region, and what it agrees to",
        parameters: &[PROGRAMME],
        takes: Json(one::<Declaration>),
        answers: &[(204, Empty)],
        refusals: &[R::NotFound, R::BadDeclaration],
    },
    Route {
        method: Method::GET,
        path: "/v1/programmes/{programme}/declaration",
        roles: PARTNER,
        summary: "What the caller has declared",
        parameters: &[PROGRAMME],
        takes: Empty,
        answers: &[(200, Json(one::<Declaration>))],
        refusals: &[R::NotFound],
    },
    Route {
        method: Method::POST,
        path: "/v1/programmes/{programme}/approval",
        roles: OFFICER,
        summary: "Approve releases of a programme under the policy that was read",
        parameters: &[PROGRAMME],
        takes: Json(one::<ApprovePolicy>),
        answers: &[(204, Empty)],
        refusals: &[R::NotFound, R::OtherPolicy],
    },
    Route {
        method: Method::POST,
        path: "/v1/deposits",
        roles: COMPANY,
        summary: "Open a deposit with its signed manifest, in canonical JSON; the same manifest \
                  again tells where it stands",
        parameters: &[],
        takes: Canonical(one::<SignedManifest>),
        answers: &[(201, Json(one::<DepositStatus>)), (200, Json(one::<DepositStatus>))],
        refusals: &[
            R::BadManifest,
            R::ForeignManifest,
            R::NotAMember,
            R::WrongKind,
            R::WrongKey,
            R::WrongNormalisation,
            R::WrongPurpose,
            R::EpochOver,
            R::ProgrammeClosed,
            R::TooManyRejects,
            R::Expired,
            R::RetainedTooLong,
            R::UnknownColumn,
            R::TooManyColumns,
            R::NoRows,
            R::BodyTooLarge,
            R::TooManyOpen,
            R::Unsealed,
            R::WrongRecipient,
            R::GovInstruction,
            R::GovUnlawful,
            R::GovNotice,
            R::GovNoticeRecipient,
            R::GovNoticeMatching,
        ],
    },
    Route {
        method: Method::GET,
        path: "/v1/deposits",
        roles: COMPANY,
        summary: "The caller's own deposits, newest first",
        parameters: &[],
        takes: Empty,
        answers: &[(200, Json(many::<DepositInfo>))],
        refusals: &[],
    },
    Route {
        method: Method::GET,
        path: "/v1/deposits/{deposit}",
        roles: COMPANY,
        summary: "Where one of the caller's own deposits stands",
        parameters: &[DEPOSIT],
        takes: Empty,
        answers: &[(200, Json(one::<DepositStatus>))],
        refusals: &[R::NotFound],
    },
    Route {
        method: Method::PUT,
        path: "/v1/deposits/{deposit}/body",
        roles: COMPANY,
        summary: "Upload the sealed body, whole or from the byte where it stands; the last byte \
                  decides",
        parameters: &[DEPOSIT, OFFSET, COMPLETE],
        takes: Bytes(OCTETS),
        answers: &[(200, Json(one::<DepositStatus>))],
        refusals: &[
            R::NotFound,
            R::Malformed,
            R::NotAMember,
            R::NotOpen,
            R::WrongOffset,
            R::UploadBusy,
            R::TooManyUploads,
            R::Quota,
            R::TooSlow,
            R::Stopping,
            R::Waiting,
            R::NoRoom,
            R::Storage,
            R::Truncated,
            R::TooLong,
            R::Unsealed,
            R::BodyAltered,
            R::BodyUnreadable,
            R::UnknownColumn,
            R::BadLine,
            R::BareHash,
            R::Canary,
            R::RowCount,
            R::NoRows,
            R::BodyTooLarge,
        ],
    },
    Route {
        method: Method::GET,
        path: "/v1/deposits/{deposit}/receipt",
        roles: COMPANY,
        summary: "The signed receipt with its ledger proof; the same bytes for ever",
        parameters: &[DEPOSIT],
        takes: Empty,
        answers: &[(200, Json(receipt))],
        refusals: &[R::Unwitnessed, R::NotFound],
    },
    Route {
        method: Method::POST,
        path: "/v1/reports",
        roles: PRINCIPAL,
        summary: "Ask for the report of one month: 201 when it is new and paid for, 200 when it \
                  comes from the store at no cost",
        parameters: &[],
        takes: Json(one::<ReportRequest>),
        answers: &[(201, Json(one::<ReleaseInfo>)), (200, Json(one::<ReleaseInfo>))],
        refusals: &[
            R::Unwitnessed,
            R::AccountRestored,
            R::NotFound,
            R::UnknownTemplate,
            R::IncompleteTemplates,
            R::NoCells,
            R::LiftNone,
            R::LiftLeadsChanged,
            R::LiftMonth,
            R::BadPeriod,
            R::NotApproved,
            R::ProgrammeClosed,
            R::TooFewLeads,
            R::TooFewPartners,
            R::SnapshotPast,
            R::ExactNotGiven,
            R::ExactNotAgreed,
            R::ExactPast,
            R::ExactTold,
            R::Spent,
        ],
    },
    Route {
        method: Method::POST,
        path: "/v1/reports/plan",
        roles: PRINCIPAL,
        summary: "What a report would cost and how precise it would be; free",
        parameters: &[],
        takes: Json(one::<PlanRequest>),
        answers: &[(200, Json(one::<Plan>))],
        refusals: &[
            R::AccountRestored,
            R::NotFound,
            R::UnknownTemplate,
            R::IncompleteTemplates,
            R::NoCells,
            R::LiftNone,
            R::LiftLeadsChanged,
            R::LiftMonth,
            R::BadPeriod,
            R::NotApproved,
            R::TooFewLeads,
            R::TooFewPartners,
            R::Spent,
            R::BadGuess,
        ],
    },
    Route {
        method: Method::GET,
        path: "/v1/releases",
        roles: PRINCIPAL,
        summary: "The releases of a programme",
        parameters: &[OF_PROGRAMME],
        takes: Empty,
        answers: &[(200, Json(many::<ReleaseInfo>))],
        refusals: &[R::NotFound, R::Malformed],
    },
    Route {
        method: Method::GET,
        path: "/v1/releases/{release}/report",
        roles: PRINCIPAL,
        summary: "The bytes of `report.json`",
        parameters: &[RELEASE],
        takes: Empty,
        answers: &[(200, Json(one::<Report>))],
        refusals: &[R::NotFound],
    },
    Route {
        method: Method::GET,
        path: "/v1/releases/{release}/certificate",
        roles: PRINCIPAL,
        summary: "The bytes of `certificate.json`; the same for ever",
        parameters: &[RELEASE],
        takes: Empty,
        answers: &[(200, Json(certificate))],
        refusals: &[R::Unwitnessed, R::NotFound],
    },
    Route {
        method: Method::GET,
        path: "/v1/accounts",
        roles: PRINCIPAL,
        summary: "The privacy accounts of the caller's group that were ever debited",
        parameters: &[OF_PROGRAMME],
        takes: Empty,
        answers: &[(200, Json(many::<AccountInfo>))],
        refusals: &[R::NotFound, R::Malformed],
    },
    Route {
        method: Method::GET,
        path: "/v1/acts",
        roles: OFFICER,
        summary: "Acts of the ledger with their details; the reading is an act itself",
        parameters: ACTS,
        takes: Empty,
        answers: &[(200, Json(many::<Act>))],
        refusals: &[R::BadReason, R::Malformed],
    },
    Route {
        method: Method::POST,
        path: "/v1/searches",
        roles: READER,
        summary: "Acts by object, party, type and days; a party finds those that concern it",
        parameters: &[],
        takes: Json(one::<NewSearch>),
        answers: &[(200, Json(many::<Act>))],
        refusals: &[R::BadReason, R::BadSearch, R::SearchesSpent],
    },
    Route {
        method: Method::POST,
        path: "/v1/dossiers",
        roles: READER,
        summary: "The acts about an object, with what opens and proves each, signed",
        parameters: FORM,
        takes: Json(one::<NewSearch>),
        answers: &[(200, Canonical(one::<SignedDossier>))],
        refusals: &[
            R::BadReason,
            R::BadSearch,
            R::SearchesSpent,
            R::NotFound,
            R::TickAwaited,
            R::Malformed,
        ],
    },
];

/// The form of a dossier.
const FORM: &[Parameter] = &[
    Parameter {
        name: "format",
        place: Place::Query,
        required: false,
        description: "`json` when absent, or `pdf`: pages with the dossier attached to them.",
        schema: dossier_format,
    },
    Parameter {
        name: "language",
        place: Place::Query,
        required: false,
        description: "Of the pages: `fr` when absent, or `en`.",
        schema: one::<crate::governance::register::Language>,
    },
];

fn yes_or_no(_: &mut super::document::Schemas) -> super::document::AnySchema {
    super::document::text(Some("^(true|false)$"))
}

fn dossier_format(_: &mut super::document::Schemas) -> super::document::AnySchema {
    super::document::text(Some("^(json|pdf)$"))
}

/// Every route of the API.
pub(super) fn all() -> impl Iterator<Item = &'static Route> {
    let of_persons = super::consent::ROUTES.iter().chain(super::collection::ROUTES);
    let of_persons = of_persons.chain(super::exchange::ROUTES);
    let reports = super::reports::ROUTES.iter().chain(super::retention::ROUTES);
    let reports = reports.chain(super::alert::ROUTES).chain(super::access::ROUTES);
    let reports = reports
        .chain(super::webhook::ROUTES)
        .chain(super::lift::ROUTES)
        .chain(super::own_count::ROUTES);
    OWN.iter().chain(super::governance::ROUTES).chain(reports).chain(of_persons)
}

pub(super) fn deletion(schemas: &mut Schemas) -> AnySchema {
    one::<tiers_protocol::deletion::Deletion>(schemas);
    named::<Attested<tiers_protocol::deletion::Deletion>>("AttestedDeletion", schemas)
}

fn receipt(schemas: &mut Schemas) -> AnySchema {
    one::<Receipt>(schemas);
    named::<Attested<Receipt>>("AttestedReceipt", schemas)
}

fn certificate(schemas: &mut Schemas) -> AnySchema {
    one::<Certificate>(schemas);
    named::<Attested<Certificate>>("AttestedCertificate", schemas)
}
