//! The part of the table of routes that is about webhooks; see [`super::routes`].

use axum::http::Method;
use tiers_protocol::ids::WebhookId;
use tiers_protocol::webhook::{DeliveryInfo, NewWebhook, ResendDeliveries, WebhookInfo};
use tiers_protocol::wire::Role;

use super::document::{many, one};
use super::routes::Body::{Empty, Json};
use super::routes::{Parameter, Place, Route};
use crate::service::Refusal as R;

const COMPANY: &[Role] = &[Role::Partner, Role::Principal];

const WEBHOOK: &[Parameter] = &[Parameter {
    name: "webhook",
    place: Place::Path,
    required: true,
    description: "The webhook.",
    schema: one::<WebhookId>,
}];

pub(super) const ROUTES: &[Route] = &[
    Route {
        method: Method::GET,
        path: "/v1/webhooks",
        roles: COMPANY,
        summary: "The webhooks of the company, with the public keys that sign for each",
        parameters: &[],
        takes: Empty,
        answers: &[(200, Json(many::<WebhookInfo>))],
        refusals: &[],
    },
    Route {
        method: Method::POST,
        path: "/v1/webhooks",
        roles: COMPANY,
        summary: "Have notices told to an address (Standard Webhooks, asymmetric signatures)",
        parameters: &[],
        takes: Json(one::<NewWebhook>),
        answers: &[(201, Json(one::<WebhookInfo>))],
        refusals: &[R::BadWebhookUrl, R::WebhookAddress, R::BadWebhookKinds, R::TooManyWebhooks],
    },
    Route {
        method: Method::POST,
        path: "/v1/webhooks/{webhook}/test",
        roles: COMPANY,
        summary: "Send one message that tries the webhook; an answer takes a suspended one up again",
        parameters: WEBHOOK,
        takes: Empty,
        answers: &[(202, Json(one::<DeliveryInfo>))],
        refusals: &[R::NotFound],
    },
    Route {
        method: Method::POST,
        path: "/v1/webhooks/{webhook}/rotation",
        roles: COMPANY,
        summary: "Put a new key in force; the one before signs beside it for a week",
        parameters: WEBHOOK,
        takes: Empty,
        answers: &[(200, Json(one::<WebhookInfo>))],
        refusals: &[R::NotFound],
    },
    Route {
        method: Method::POST,
        path: "/v1/webhooks/{webhook}/removal",
        roles: COMPANY,
        summary: "Remove the webhook, with every message to it",
        parameters: WEBHOOK,
        takes: Empty,
        answers: &[(204, Empty)],
        refusals: &[R::NotFound],
    },
    Route {
        method: Method::GET,
        path: "/v1/webhooks/{webhook}/deliveries",
        roles: COMPANY,
        summary: "What became of the newest messages to the webhook",
        parameters: WEBHOOK,
        takes: Empty,
        answers: &[(200, Json(many::<DeliveryInfo>))],
        refusals: &[R::NotFound],
    },
    Route {
        method: Method::POST,
        path: "/v1/webhooks/{webhook}/resend",
        roles: COMPANY,
        summary: "Send one message again, or all that were given up, under the ids that they have",
        parameters: WEBHOOK,
        takes: Json(one::<ResendDeliveries>),
        answers: &[(202, Json(many::<DeliveryInfo>))],
        refusals: &[R::NotFound, R::WebhookDisabled],
    },
];
