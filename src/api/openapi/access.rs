//! The part of the table of routes that is about accesses with a key; see [`super::routes`].

use axum::http::Method;
use tiers_protocol::access::{AccessInfo, ChangeAccess};
use tiers_protocol::ids::ActorId;
use tiers_protocol::wire::{Credentials, Role};

use super::document::{many, one};
use super::routes::Body::{Empty, Json};
use super::routes::{Parameter, Place, Route};
use crate::service::Refusal as R;

const ANYONE: &[Role] = &[Role::Partner, Role::Principal, Role::Officer, Role::Operator];

const ACCOUNT: &[Parameter] = &[Parameter {
    name: "account",
    place: Place::Path,
    required: true,
    description: "The account of the access.",
    schema: one::<ActorId>,
}];

pub(super) const ROUTES: &[Route] = &[
    Route {
        method: Method::GET,
        path: "/v1/accesses",
        roles: ANYONE,
        summary: "The accesses with a key of the caller's side, for the operator all; never a key",
        parameters: &[],
        takes: Empty,
        answers: &[(200, Json(many::<AccessInfo>))],
        refusals: &[],
    },
    Route {
        method: Method::POST,
        path: "/v1/accesses/{account}/replacement",
        roles: ANYONE,
        summary: "Replace a key: the answer shows the new one once, the old one ends at once",
        parameters: ACCOUNT,
        takes: Json(one::<ChangeAccess>),
        answers: &[(201, Json(one::<Credentials>))],
        refusals: &[R::NotFound],
    },
    Route {
        method: Method::POST,
        path: "/v1/accesses/{account}/revocation",
        roles: ANYONE,
        summary: "End an access at once",
        parameters: ACCOUNT,
        takes: Json(one::<ChangeAccess>),
        answers: &[(204, Empty)],
        refusals: &[R::NotFound, R::LastAccess],
    },
    Route {
        method: Method::POST,
        path: "/v1/accesses/{account}/flag",
        roles: ANYONE,
        summary: "Have a key changed: until then it opens nothing but its own replacement",
        parameters: ACCOUNT,
        takes: Json(one::<ChangeAccess>),
        answers: &[(204, Empty)],
        refusals: &[R::NotFound],
    },
];
