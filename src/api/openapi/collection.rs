//! The part of the table of routes that is about public pages of forms; see [`super::routes`].

use axum::http::Method;
use tiers_protocol::consent::wire::{
    CollectionInfo, FetchedSubmissions, NewCollection, OwnCollection, SubmissionInfo,
    WaitingSubmission,
};
use tiers_protocol::ids::{CollectionId, SubmissionId};
use tiers_protocol::wire::Role;

use super::document::{many, one};
use super::routes::Body::{Bytes, Empty, Json};
use super::routes::{ANYBODY, Parameter, Place, Route};
use crate::service::Refusal as R;

const COMPANY: &[Role] = &[Role::Partner, Role::Principal];

const COLLECTION: Parameter = Parameter {
    name: "collection",
    place: Place::Path,
    required: true,
    description: "The public page of forms.",
    schema: one::<CollectionId>,
};
const SUBMISSION: Parameter = Parameter {
    name: "submission",
    place: Place::Path,
    required: true,
    description: "The id that the browser drew.",
    schema: one::<SubmissionId>,
};
const BEHIND: Parameter = Parameter {
    name: "behind",
    place: Place::Query,
    required: false,
    description: "The last submission that was read; the oldest come first.",
    schema: one::<SubmissionId>,
};

pub(super) const ROUTES: &[Route] = &[
    Route {
        method: Method::POST,
        path: "/v1/collections",
        roles: COMPANY,
        summary: "Open a public page of forms of the caller; the page that it replaces closes with it",
        parameters: &[],
        takes: Json(one::<NewCollection>),
        answers: &[(201, Json(one::<CollectionInfo>))],
        refusals: &[R::NotFound, R::CollectionForms, R::CollectionQuota, R::CollectionClosed],
    },
    Route {
        method: Method::GET,
        path: "/v1/collections",
        roles: COMPANY,
        summary: "The caller's public pages, and how much waits at each",
        parameters: &[],
        takes: Empty,
        answers: &[(200, Json(many::<OwnCollection>))],
        refusals: &[],
    },
    Route {
        method: Method::GET,
        path: "/v1/collections/{collection}",
        roles: ANYBODY,
        summary: "A public page: every word of it, and the key to which contacts are sealed",
        parameters: &[COLLECTION],
        takes: Empty,
        answers: &[(200, Json(one::<CollectionInfo>))],
        refusals: &[R::NotFound],
    },
    Route {
        method: Method::POST,
        path: "/v1/collections/{collection}/closing",
        roles: COMPANY,
        summary: "Close a public page of the caller: it takes nothing more",
        parameters: &[COLLECTION],
        takes: Empty,
        answers: &[(200, Json(one::<CollectionInfo>))],
        refusals: &[R::NotFound],
    },
    Route {
        method: Method::PUT,
        path: "/v1/collections/{collection}/submissions/{submission}",
        roles: ANYBODY,
        summary: "Send a submission that was sealed in the browser (`docs/formats/submission-v1.md`); the \
                  same bytes under the same id are taken once",
        parameters: &[COLLECTION, SUBMISSION],
        takes: Bytes("application/octet-stream"),
        answers: &[(201, Json(one::<SubmissionInfo>)), (200, Json(one::<SubmissionInfo>))],
        refusals: &[
            R::NotFound,
            R::RequestTooLarge,
            R::TooSlow,
            R::SubmissionSize,
            R::SubmissionOther,
            R::CollectionClosed,
            R::CollectionFull,
        ],
    },
    Route {
        method: Method::GET,
        path: "/v1/collections/{collection}/submissions",
        roles: COMPANY,
        summary: "What waits at a page of the caller, sealed to it; the oldest 500 behind an id",
        parameters: &[COLLECTION, BEHIND],
        takes: Empty,
        answers: &[(200, Json(many::<WaitingSubmission>))],
        refusals: &[R::NotFound, R::Malformed],
    },
    Route {
        method: Method::POST,
        path: "/v1/collections/{collection}/fetched",
        roles: COMPANY,
        summary: "The caller has these submissions, 500 at most: they are forgotten here",
        parameters: &[COLLECTION],
        takes: Json(one::<FetchedSubmissions>),
        answers: &[(204, Empty)],
        refusals: &[R::NotFound],
    },
];
