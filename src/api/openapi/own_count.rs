//! The part of the table of routes that is about partners' own counts; see [`super::routes`].

use axum::http::Method;
use tiers_protocol::attested::Attested;
use tiers_protocol::ids::OwnCountId;
use tiers_protocol::own_count::{AskOwnCount, OwnCount, OwnCountPlan};
use tiers_protocol::wire::Role;

use super::document::{AnySchema, Schemas, many, named, one};
use super::routes::Body::{Canonical, Empty, Json};
use super::routes::{OF_PROGRAMME, Parameter, Place, Route};
use crate::service::Refusal as R;

const PARTNER: &[Role] = &[Role::Partner];

const OWN_COUNT: Parameter = Parameter {
    name: "own_count",
    place: Place::Path,
    required: true,
    description: "The own count.",
    schema: one::<OwnCountId>,
};

fn attested(schemas: &mut Schemas) -> AnySchema {
    one::<OwnCount>(schemas);
    named::<Attested<OwnCount>>("AttestedOwnCount", schemas)
}

pub(super) const ROUTES: &[Route] = &[
    Route {
        method: Method::POST,
        path: "/v1/own-counts/plan",
        roles: PARTNER,
        summary: "How precise an own count would be, what it costs and until when sales can count, \
                  without asking for it; from public facts",
        parameters: &[],
        takes: Json(one::<AskOwnCount>),
        answers: &[(200, Json(one::<OwnCountPlan>))],
        refusals: &[R::NotFound, R::OwnCountOff, R::OwnCountMonth, R::OwnCountRestored],
    },
    Route {
        method: Method::POST,
        path: "/v1/own-counts",
        roles: PARTNER,
        summary: "How many persons among the principal's leads of a month bought from the caller, \
                  with noise; once for each month, afterwards the same answer",
        parameters: &[],
        takes: Json(one::<AskOwnCount>),
        answers: &[(200, Canonical(attested))],
        refusals: &[
            R::NotFound,
            R::OwnCountOff,
            R::OwnCountMonth,
            R::OwnCountNoLeads,
            R::OwnCountNoSales,
            R::ProgrammeClosed,
            R::NotApproved,
            R::OwnCountSpent,
            R::OwnCountRestored,
        ],
    },
    Route {
        method: Method::GET,
        path: "/v1/own-counts",
        roles: PARTNER,
        summary: "The own counts that the caller was told in a programme, the newest month first",
        parameters: &[OF_PROGRAMME],
        takes: Empty,
        answers: &[(200, Json(many::<OwnCount>))],
        refusals: &[R::NotFound, R::Malformed],
    },
    Route {
        method: Method::GET,
        path: "/v1/own-counts/{own_count}",
        roles: PARTNER,
        summary: "An own count as the certifier attests it: the same bytes for ever",
        parameters: &[OWN_COUNT],
        takes: Empty,
        answers: &[(200, Canonical(attested))],
        refusals: &[R::NotFound],
    },
];
