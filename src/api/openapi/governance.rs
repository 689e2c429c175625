//! The part of the table of routes that is about governance; see [`super::routes`].

use axum::http::Method;
use tiers_protocol::ids::ActId;

use super::document::{AnySchema, Schemas, many, one, text, whole_number};
use super::routes::Body::{Empty, Json, Text};
use super::routes::{ANYBODY, PRINCIPAL, PROGRAMME, Parameter, Place, Route};
use crate::governance::Record;
use crate::governance::breach::Breach;
use crate::governance::register::{Issued, Language};
use crate::governance::view::{BreachInfo, FlagInstruction, GovernanceView, RecordInfo};
use crate::service::Refusal as R;
use tiers_protocol::wire::Role;

const CONTRIBUTOR: &[Role] = &[Role::Partner, Role::Principal, Role::Operator];
const ANYONE: &[Role] = &[Role::Partner, Role::Principal, Role::Officer, Role::Operator];
const KEEPER: &[Role] = &[Role::Officer, Role::Operator];

const BREACH: Parameter = Parameter {
    name: "breach",
    place: Place::Path,
    required: true,
    description: "The breach.",
    schema: one::<ActId>,
};

const REGISTER: &[Parameter] = &[
    Parameter {
        name: "format",
        place: Place::Query,
        required: false,
        description: "`json` when absent, `ods`, `pdf`, or `svg` for the map of who gives what to whom.",
        schema: register_format,
    },
    Parameter {
        name: "language",
        place: Place::Query,
        required: false,
        description: "Of the labels: `fr` when absent, or `en`.",
        schema: one::<Language>,
    },
    Parameter {
        name: "version",
        place: Place::Query,
        required: false,
        description: "An earlier version, as it was.",
        schema: version,
    },
];

fn register_format(_: &mut Schemas) -> AnySchema {
    text(Some("^(json|ods|pdf|svg)$"))
}

fn version(_: &mut Schemas) -> AnySchema {
    whole_number()
}

const OF_BREACH: &[R] = &[
    R::NotFound,
    R::BreachUnfinished,
    R::BreachUndecided,
    R::BreachLate,
    R::BreachOrder,
    R::BreachClosed,
];

pub(super) const ROUTES: &[Route] = &[
    Route {
        method: Method::POST,
        path: "/v1/identity",
        roles: CONTRIBUTOR,
        summary: "Say who a legal entity is and how it is reached: a company for itself, the \
                  operator for the certifier",
        parameters: &[],
        takes: Json(one::<Record>),
        answers: &[(201, Json(one::<RecordInfo>))],
        refusals: &[R::GovIdentity, R::GovText],
    },
    Route {
        method: Method::POST,
        path: "/v1/programmes/{programme}/governance",
        roles: CONTRIBUTOR,
        summary: "Write a record of governance: the principal the activity, the arrangement and the \
                  assessment; each company its notice and its instructions; the operator contracts \
                  and sub-processors",
        parameters: &[PROGRAMME],
        takes: Json(one::<Record>),
        answers: &[(201, Json(one::<RecordInfo>))],
        refusals: &[
            R::NotFound,
            R::GovPartyRole,
            R::GovBasis,
            R::GovBalancing,
            R::GovText,
            R::GovDate,
            R::GovAuthorisation,
            R::GovNoticeOfChange,
            R::GovSpecial,
            R::GovTransfer,
            R::GovArrangement,
            R::GovDpiaIncomplete,
            R::GovConsultation,
            R::GovIdentifiability,
            R::GovKeyHolder,
        ],
    },
    Route {
        method: Method::GET,
        path: "/v1/programmes/{programme}/governance",
        roles: ANYONE,
        summary: "What stands for a programme, and what keeps it out of production",
        parameters: &[PROGRAMME],
        takes: Empty,
        answers: &[(200, Json(one::<GovernanceView>))],
        refusals: &[R::NotFound],
    },
    Route {
        method: Method::POST,
        path: "/v1/programmes/{programme}/governance/flags",
        roles: KEEPER,
        summary: "Flag the instruction in force of a controller as unlawful; nothing runs on it",
        parameters: &[PROGRAMME],
        takes: Json(one::<FlagInstruction>),
        answers: &[(201, Json(one::<RecordInfo>))],
        refusals: &[R::NotFound, R::GovText],
    },
    Route {
        method: Method::POST,
        path: "/v1/programmes/{programme}/production",
        roles: PRINCIPAL,
        summary: "Open production; from then on uploads and figures need their records",
        parameters: &[PROGRAMME],
        takes: Empty,
        answers: &[(201, Json(one::<RecordInfo>))],
        refusals: PRODUCTION,
    },
    Route {
        method: Method::GET,
        path: "/arrangements/{programme}",
        roles: ANYBODY,
        summary: "The essence of the arrangement of a programme's joint controllers (GDPR art. 26)",
        parameters: &[PROGRAMME],
        takes: Empty,
        answers: &[(200, Text("text/html"))],
        refusals: &[R::NotFound],
    },
    Route {
        method: Method::GET,
        path: "/v1/register",
        roles: ANYONE,
        summary: "The register of processing activities (GDPR art. 30) of the caller's company, or of the \
                  certifier for its own people",
        parameters: REGISTER,
        takes: Empty,
        answers: &[(200, Json(one::<Issued>))],
        refusals: &[R::NotFound, R::Malformed, R::RegisterIncomplete],
    },
    Route {
        method: Method::POST,
        path: "/v1/breaches",
        roles: KEEPER,
        summary: "Open the file of a breach; the clocks run from the moment of awareness",
        parameters: &[],
        takes: Json(one::<Breach>),
        answers: &[(201, Json(one::<BreachInfo>))],
        refusals: OF_BREACH,
    },
    Route {
        method: Method::GET,
        path: "/v1/breaches",
        roles: KEEPER,
        summary: "The register of breaches: every version of every file",
        parameters: &[],
        takes: Empty,
        answers: &[(200, Json(many::<BreachInfo>))],
        refusals: &[],
    },
    Route {
        method: Method::POST,
        path: "/v1/breaches/{breach}",
        roles: KEEPER,
        summary: "Save the next version of a file: what is learned later, what was told, its closing",
        parameters: &[BREACH],
        takes: Json(one::<Breach>),
        answers: &[(201, Json(one::<BreachInfo>))],
        refusals: OF_BREACH,
    },
];

const PRODUCTION: &[R] = &[
    R::NotFound,
    R::GovActivity,
    R::GovPartyRole,
    R::GovBasis,
    R::GovBalancing,
    R::GovMatchingPurpose,
    R::GovOtherPurpose,
    R::GovSafeguards,
    R::GovContract,
    R::ClauseA,
    R::ClauseB,
    R::ClauseC,
    R::ClauseD,
    R::ClauseE,
    R::ClauseF,
    R::ClauseG,
    R::ClauseH,
    R::GovArrangement,
    R::GovDpia,
    R::GovDpiaReview,
    R::GovIdentifiability,
    R::GovIdentifiabilityReview,
    R::GovSandboxData,
];
