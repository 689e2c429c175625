//! The part of the table of routes that is about lifts; see [`super::routes`].

use axum::http::Method;
use tiers_protocol::ids::{DepositId, LiftId};
use tiers_protocol::lift::{BeaconRound, FreezeLeads, LiftInfo, NewLift};
use tiers_protocol::wire::Role;

use super::document::{many, one};
use super::routes::Body::{Empty, Json, Text};
use super::routes::{PRINCIPAL, PROGRAMME, Parameter, Place, Route};
use crate::service::Refusal as R;

const LIFT: Parameter = Parameter {
    name: "lift",
    place: Place::Path,
    required: true,
    description: "The lift.",
    schema: one::<LiftId>,
};
const DEPOSIT: Parameter = Parameter {
    name: "deposit",
    place: Place::Path,
    required: true,
    description: "One of the deposits of leads that were frozen.",
    schema: one::<DepositId>,
};

pub(super) const ROUTES: &[Route] = &[
    Route {
        method: Method::POST,
        path: "/v1/programmes/{programme}/lifts",
        roles: PRINCIPAL,
        summary: "Have the certifier bind itself to the seed of a new lift, before its leads are \
                  frozen",
        parameters: &[PROGRAMME],
        takes: Json(one::<NewLift>),
        answers: &[(201, Json(one::<LiftInfo>))],
        refusals: &[R::NotFound, R::LiftShare, R::LiftsMany, R::ProgrammeClosed],
    },
    Route {
        method: Method::GET,
        path: "/v1/programmes/{programme}/lifts",
        roles: &[Role::Principal, Role::Officer],
        summary: "The lifts of a programme, with the rounds of the beacon that decide them",
        parameters: &[PROGRAMME],
        takes: Empty,
        answers: &[(200, Json(many::<LiftInfo>))],
        refusals: &[R::NotFound],
    },
    Route {
        method: Method::POST,
        path: "/v1/lifts/{lift}/freezing",
        roles: PRINCIPAL,
        summary: "Freeze the leads of a lift as the snapshot of now has them; the certifier names \
                  the round of the beacon that decides, at least ten minutes later",
        parameters: &[LIFT],
        takes: Json(one::<FreezeLeads>),
        answers: &[(200, Json(one::<LiftInfo>))],
        refusals: &[R::NotFound, R::LiftFrozen, R::LiftDrawnBefore, R::TooFewLeads],
    },
    Route {
        method: Method::POST,
        path: "/v1/lifts/{lift}/beacon",
        roles: &[Role::Officer],
        summary: "Record the round of the beacon that was named, and draw: every person gets an \
                  arm, once and for ever",
        parameters: &[LIFT],
        takes: Json(one::<BeaconRound>),
        answers: &[(200, Json(one::<LiftInfo>))],
        refusals: &[
            R::NotFound,
            R::LiftNotFrozen,
            R::LiftDrawn,
            R::BeaconOther,
            R::BeaconEarly,
            R::BeaconMalformed,
            R::LiftLeadsChanged,
        ],
    },
    Route {
        method: Method::GET,
        path: "/v1/lifts/{lift}/arms/{deposit}",
        roles: PRINCIPAL,
        summary: "The arms of the caller's own rows, a line for each line of the body: `treated`, \
                  `control`, or `none` for what is of nobody",
        parameters: &[LIFT, DEPOSIT],
        takes: Empty,
        answers: &[(200, Text("text/plain"))],
        refusals: &[R::NotFound, R::LiftNotDrawn],
    },
];
