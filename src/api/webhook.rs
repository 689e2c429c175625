//! Webhooks over HTTP: a company's own, and what became of each message.

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use tiers_protocol::ids::WebhookId;
use tiers_protocol::webhook::{DeliveryInfo, NewWebhook, ResendDeliveries, WebhookInfo};

use super::ApiError;
use super::auth::{Company, Shared, run};
use super::body::{Document, Ids};
use super::trace::{Made, made};

pub(super) async fn webhooks(
    State(certifier): State<Shared>,
    Company(caller): Company,
) -> Result<Json<Vec<WebhookInfo>>, ApiError> {
    run(move || Ok(certifier.webhooks(&caller)?)).await.map(Json)
}

pub(super) async fn add(
    State(certifier): State<Shared>,
    Company(caller): Company,
    Document(new): Document<NewWebhook>,
) -> Result<(StatusCode, Extension<Made>, Json<WebhookInfo>), ApiError> {
    let added = run(move || Ok(certifier.add_webhook(&caller, &new)?)).await?;
    Ok((StatusCode::CREATED, made(&added.webhook), Json(added)))
}

pub(super) async fn test(
    State(certifier): State<Shared>,
    Company(caller): Company,
    Ids(webhook): Ids<WebhookId>,
) -> Result<(StatusCode, Json<DeliveryInfo>), ApiError> {
    let written = run(move || Ok(certifier.test_webhook(&caller, &webhook)?)).await?;
    Ok((StatusCode::ACCEPTED, Json(written)))
}

pub(super) async fn rotate(
    State(certifier): State<Shared>,
    Company(caller): Company,
    Ids(webhook): Ids<WebhookId>,
) -> Result<Json<WebhookInfo>, ApiError> {
    run(move || Ok(certifier.rotate_webhook(&caller, &webhook)?)).await.map(Json)
}

pub(super) async fn remove(
    State(certifier): State<Shared>,
    Company(caller): Company,
    Ids(webhook): Ids<WebhookId>,
) -> Result<StatusCode, ApiError> {
    run(move || Ok(certifier.remove_webhook(&caller, &webhook)?)).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn deliveries(
    State(certifier): State<Shared>,
    Company(caller): Company,
    Ids(webhook): Ids<WebhookId>,
) -> Result<Json<Vec<DeliveryInfo>>, ApiError> {
    run(move || Ok(certifier.deliveries(&caller, &webhook)?)).await.map(Json)
}

pub(super) async fn resend(
    State(certifier): State<Shared>,
    Company(caller): Company,
    Ids(webhook): Ids<WebhookId>,
    Document(which): Document<ResendDeliveries>,
) -> Result<(StatusCode, Json<Vec<DeliveryInfo>>), ApiError> {
    let again = run(move || Ok(certifier.resend(&caller, &webhook, &which)?)).await?;
    Ok((StatusCode::ACCEPTED, Json(again)))
}
