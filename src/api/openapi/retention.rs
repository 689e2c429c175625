//! The part of the table of routes that is about retention; see [`super::routes`].

use axum::http::Method;
use tiers_protocol::deletion::NewDeletion;
use tiers_protocol::wire::Role;

use super::document::{AnySchema, Schemas, many, one, text};
use super::routes::Body::{Canonical, Empty, Json};
use super::routes::{Parameter, Place, Route, deletion};
use crate::governance::view::{ArchivedInfo, DueInfo, Purged};
use crate::service::Refusal as R;

const ANYONE: &[Role] = &[Role::Partner, Role::Principal, Role::Officer, Role::Operator];
const KEEPER: &[Role] = &[Role::Officer, Role::Operator];

const fn words(name: &'static str, required: bool, description: &'static str) -> Parameter {
    Parameter { name, place: Place::Query, required, description, schema: any_text }
}

fn any_text(_: &mut Schemas) -> AnySchema {
    text(None)
}

fn day(_: &mut Schemas) -> AnySchema {
    text(Some("^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))
}

const UNTIL: Parameter = Parameter {
    name: "until",
    place: Place::Query,
    required: false,
    description: "What is due until this day, with it; 30 days from now when absent.",
    schema: day,
};

pub(super) const ROUTES: &[Route] = &[
    Route {
        method: Method::GET,
        path: "/v1/retention",
        roles: KEEPER,
        summary: "What goes to the archive or is deleted, and on which day",
        parameters: &[UNTIL],
        takes: Empty,
        answers: &[(200, Json(many::<DueInfo>))],
        refusals: &[R::Malformed],
    },
    Route {
        method: Method::POST,
        path: "/v1/retention/purge",
        roles: &[Role::Operator],
        summary: "Do now what is due today; the certifier does the same by itself",
        parameters: &[],
        takes: Empty,
        answers: &[(200, Json(one::<Purged>))],
        refusals: &[],
    },
    Route {
        method: Method::GET,
        path: "/v1/archive",
        roles: &[Role::Officer],
        summary: "What lies in the intermediate archive; the look is an act, recorded with its reason",
        parameters: &[
            words("reason", true, "Why, 1 to 500 characters."),
            words("programme", false, "Of this programme only."),
            words("id", false, "This thing only."),
        ],
        takes: Empty,
        answers: &[(200, Json(many::<ArchivedInfo>))],
        refusals: &[R::Malformed, R::BadReason],
    },
    Route {
        method: Method::POST,
        path: "/v1/deletions",
        roles: ANYONE,
        summary: "A certificate that everything of a party in a programme, or of a closed programme, is erased",
        parameters: &[],
        takes: Json(one::<NewDeletion>),
        answers: &[(201, Canonical(deletion))],
        refusals: &[R::NotFound, R::NotErased, R::Unwitnessed],
    },
];
