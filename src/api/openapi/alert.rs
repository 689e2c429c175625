//! The part of the table of routes that is about alerts of unusual use; see [`super::routes`].

use axum::http::Method;
use tiers_protocol::ids::ActId;
use tiers_protocol::wire::Role;

use super::document::{many, one};
use super::routes::Body::{Empty, Json};
use super::routes::{Parameter, Place, Route};
use crate::governance::view::{AlertInfo, CloseAlert};
use crate::service::Refusal as R;

const KEEPER: &[Role] = &[Role::Officer, Role::Operator];

const ALERT: Parameter = Parameter {
    name: "alert",
    place: Place::Path,
    required: true,
    description: "The alert.",
    schema: one::<ActId>,
};

pub(super) const ROUTES: &[Route] = &[
    Route {
        method: Method::GET,
        path: "/v1/alerts",
        roles: KEEPER,
        summary: "Alerts of unusual use, open ones first",
        parameters: &[],
        takes: Empty,
        answers: &[(200, Json(many::<AlertInfo>))],
        refusals: &[],
    },
    Route {
        method: Method::POST,
        path: "/v1/alerts/{alert}",
        roles: KEEPER,
        summary: "Close an alert with what it was; not the account that it is about",
        parameters: &[ALERT],
        takes: Json(one::<CloseAlert>),
        answers: &[(200, Json(one::<AlertInfo>))],
        refusals: &[R::NotFound, R::BadReason, R::AlertClosed, R::AlertOwn],
    },
];
