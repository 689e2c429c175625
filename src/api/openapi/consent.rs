//! The part of the table of routes that is about consent and opposition; see [`super::routes`].

use axum::http::Method;
use tiers_protocol::consent::wire::{
    ConsentDocuments, ConsentHistory, DecisionInfo, DecisionQuery, FormInfo, HistoryQuery,
    NewConsents, NewFacts, NewOppositions, NoticeInfo, RecordedConsents, RecordedOppositions,
    SupplierState,
};
use tiers_protocol::ids::{FormId, NoticeId, RecordId, RequestId};
use tiers_protocol::request::{NewRequest, RequestAnswer, RequestInfo, RequestStep};
use tiers_protocol::wire::Role;
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};

use super::document::{AnySchema, Schemas, many, one, text};
use super::routes::Body::{Empty, Json, Text};
use super::routes::{ANYBODY, Parameter, Place, Route};
use crate::service::Refusal as R;

const COMPANY: &[Role] = &[Role::Partner, Role::Principal];
const READER: &[Role] = &[Role::Partner, Role::Principal, Role::Officer];
const OFFICER: &[Role] = &[Role::Officer];

const FORM: Parameter = Parameter {
    name: "form",
    place: Place::Path,
    required: true,
    description: "The form.",
    schema: one::<FormId>,
};
const RECORD: Parameter = Parameter {
    name: "record",
    place: Place::Path,
    required: true,
    description: "The record.",
    schema: one::<RecordId>,
};

const NOTICE: Parameter = Parameter {
    name: "notice",
    place: Place::Path,
    required: true,
    description: "The notice.",
    schema: one::<NoticeId>,
};
const REQUEST: Parameter = Parameter {
    name: "request",
    place: Place::Path,
    required: true,
    description: "The request.",
    schema: one::<RequestId>,
};
const WORD: Parameter = Parameter {
    name: "word",
    place: Place::Path,
    required: true,
    description: "The secret word of a withdrawal link.",
    schema: word,
};

fn word(_: &mut Schemas) -> AnySchema {
    text(Some("^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$"))
}

/// A form as `docs/formats/consent.md` describes it.
fn form(_: &mut Schemas) -> AnySchema {
    ObjectBuilder::new().schema_type(SchemaType::Type(Type::Object)).into()
}

/// A proof as `docs/formats/consent.md` describes it.
fn proof(_: &mut Schemas) -> AnySchema {
    ObjectBuilder::new().schema_type(SchemaType::Type(Type::Object)).into()
}

pub(super) const ROUTES: &[Route] = &[
    Route {
        method: Method::POST,
        path: "/v1/forms",
        roles: COMPANY,
        summary: "Publish a form of consent; it is checked, and never changed",
        parameters: &[],
        takes: Json(form),
        answers: &[(201, Json(one::<FormInfo>))],
        refusals: &[
            R::FormParty,
            R::NotFound,
            R::FormExtent,
            R::FormConditional,
            R::FormNobodyNamed,
            R::FormRights,
            R::FormValidity,
            R::FormWithdrawal,
            R::FormNames,
            R::FormPhone,
            R::FormEvidence,
            R::FormChecklist,
        ],
    },
    Route {
        method: Method::GET,
        path: "/v1/forms",
        roles: COMPANY,
        summary: "The caller's forms",
        parameters: &[],
        takes: Empty,
        answers: &[(200, Json(many::<FormInfo>))],
        refusals: &[],
    },
    Route {
        method: Method::GET,
        path: "/v1/forms/{form}",
        roles: READER,
        summary: "A form, for whoever it names",
        parameters: &[FORM],
        takes: Empty,
        answers: &[(200, Json(one::<FormInfo>))],
        refusals: &[R::NotFound],
    },
    Route {
        method: Method::POST,
        path: "/v1/consents",
        roles: COMPANY,
        summary: "Record 1 to 20,000 events on a form of the caller, as JSON or, as octets, sealed to \
                  the certifier (`docs/formats/consent.md`); the same events are recorded once",
        parameters: &[],
        takes: Json(one::<NewConsents>),
        answers: &[(201, Json(one::<RecordedConsents>))],
        refusals: &[R::NotFound, R::BadConsents, R::BadRightsTokens],
    },
    Route {
        method: Method::POST,
        path: "/v1/consents/facts",
        roles: COMPANY,
        summary: "Say of persons when they were informed, whom the contact comes from, when they were \
                  last heard of",
        parameters: &[],
        takes: Json(one::<NewFacts>),
        answers: &[(204, Empty)],
        refusals: &[R::BadConsents, R::BadRightsTokens],
    },
    Route {
        method: Method::POST,
        path: "/v1/consents/history",
        roles: READER,
        summary: "What is known about a person, in the chains in which the caller takes part; the \
                  reading is an act itself",
        parameters: &[],
        takes: Json(one::<HistoryQuery>),
        answers: &[(200, Json(one::<ConsentHistory>))],
        refusals: &[R::BadReason, R::BadRightsTokens],
    },
    Route {
        method: Method::POST,
        path: "/v1/consents/decision",
        roles: READER,
        summary: "Whether a contact may pass at an instant, and the record or the rule that says so",
        parameters: &[],
        takes: Json(one::<DecisionQuery>),
        answers: &[(200, Json(one::<DecisionInfo>))],
        refusals: &[R::NotOwnChain, R::BadConsents, R::BadRightsTokens],
    },
    Route {
        method: Method::GET,
        path: "/v1/consents/{record}",
        roles: READER,
        summary: "The receipt for a record, with the whole record, and its export",
        parameters: &[RECORD],
        takes: Empty,
        answers: &[(200, Json(one::<ConsentDocuments>))],
        refusals: &[R::NotFound],
    },
    Route {
        method: Method::GET,
        path: "/v1/consents/{record}/proof",
        roles: READER,
        summary: "The proof that the event of a record stands in the ledger, in two steps \
                  (`docs/formats/consent.md`, \"Proof\"); what a person did is proven from the next tick on",
        parameters: &[RECORD],
        takes: Empty,
        answers: &[(200, Json(proof))],
        refusals: &[R::NotFound, R::TickAwaited, R::LeafErased, R::Unwitnessed],
    },
    Route {
        method: Method::POST,
        path: "/v1/oppositions",
        roles: COMPANY,
        summary: "Record 1 to 20,000 oppositions of persons or of a list, as JSON or sealed as above",
        parameters: &[],
        takes: Json(one::<NewOppositions>),
        answers: &[(201, Json(one::<RecordedOppositions>))],
        refusals: &[R::BadOppositions, R::NotOwnChain, R::BadRightsTokens],
    },
    Route {
        method: Method::POST,
        path: "/v1/suppliers",
        roles: OFFICER,
        summary: "Suspend a collector that cannot prove what it collected, or take it up again",
        parameters: &[],
        takes: Json(one::<SupplierState>),
        answers: &[(204, Empty)],
        refusals: &[R::BadReason],
    },
    Route {
        method: Method::GET,
        path: "/v1/notices",
        roles: READER,
        summary: "What the caller is told; as an officer, what no party acknowledged within 72 hours",
        parameters: &[],
        takes: Empty,
        answers: &[(200, Json(many::<NoticeInfo>))],
        refusals: &[],
    },
    Route {
        method: Method::POST,
        path: "/v1/notices/{notice}",
        roles: COMPANY,
        summary: "Acknowledge a notice: it was read and done",
        parameters: &[NOTICE],
        takes: Empty,
        answers: &[(204, Empty)],
        refusals: &[R::NotFound],
    },
    Route {
        method: Method::GET,
        path: "/w/{word}",
        roles: ANYBODY,
        summary: "The page of a withdrawal link: one button, no account",
        parameters: &[WORD],
        takes: Empty,
        answers: &[(200, Text("text/html"))],
        refusals: &[R::NotFound],
    },
    Route {
        method: Method::POST,
        path: "/w/{word}",
        roles: ANYBODY,
        summary: "Take the choice back, for every recipient",
        parameters: &[WORD],
        takes: Empty,
        answers: &[(200, Text("text/html"))],
        refusals: &[R::NotFound],
    },
    Route {
        method: Method::POST,
        path: "/v1/requests",
        roles: READER,
        summary: "A request of a person: access, erasure, objection, restriction, lift, portability. It \
                  is looked up and carried out; the clock runs until the person was answered",
        parameters: &[],
        takes: Json(one::<NewRequest>),
        answers: &[(201, Json(one::<RequestAnswer>))],
        refusals: &[R::BadRequest, R::BadRightsTokens, R::NothingToErase, R::BadErasure],
    },
    Route {
        method: Method::GET,
        path: "/v1/requests",
        roles: READER,
        summary: "The caller's requests with their last days; all of them for an officer",
        parameters: &[],
        takes: Empty,
        answers: &[(200, Json(many::<RequestInfo>))],
        refusals: &[],
    },
    Route {
        method: Method::POST,
        path: "/v1/requests/{request}",
        roles: READER,
        summary: "The next step: answered, two months more, refused, a fee, a doubt about who asks; as an \
                  officer, passed on to the controllers",
        parameters: &[REQUEST],
        takes: Json(one::<RequestStep>),
        answers: &[(200, Json(one::<RequestInfo>))],
        refusals: &[
            R::NotFound,
            R::BadRequest,
            R::RequestClosed,
            R::ExtensionLate,
            R::ExtensionReason,
            R::ExtensionTwice,
        ],
    },
];
