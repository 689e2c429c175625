//! The part of the table of routes that reads stored reports together; see [`super::routes`].

use axum::http::Method;

use super::document::one;
use super::routes::Body::{Empty, Json};
use super::routes::{OF_PROGRAMME, PRINCIPAL, Parameter, Place, RELEASE, Route, plain_text};
use crate::disclosure::{Summary, Trend};
use crate::service::Refusal as R;

const SECTION: Parameter = Parameter {
    name: "section",
    place: Place::Query,
    required: false,
    description: "Template and margin, such as `delay/1@all`; `conversion/1` when absent.",
    schema: plain_text,
};

pub(super) const ROUTES: &[Route] = &[
    Route {
        method: Method::GET,
        path: "/v1/trend",
        roles: PRINCIPAL,
        summary: "The months of one section side by side, with the year before and moving \
                  averages, from stored reports; free",
        parameters: &[OF_PROGRAMME, SECTION],
        takes: Empty,
        answers: &[(200, Json(one::<Trend>))],
        refusals: &[R::NotFound, R::Malformed, R::UnknownTemplate],
    },
    Route {
        method: Method::GET,
        path: "/v1/releases/{release}/summary",
        roles: PRINCIPAL,
        summary: "What a report says in short: quartiles of the delay, places of dealers, \
                  quadrants of value and fidelity; from its shown figures, free",
        parameters: &[RELEASE],
        takes: Empty,
        answers: &[(200, Json(one::<Summary>))],
        refusals: &[R::NotFound],
    },
];
