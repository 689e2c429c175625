//! Retention over HTTP: what is due, the purge of the day, the archive, certificates of deletion.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::Deserialize;
use tiers_protocol::deletion::NewDeletion;

use super::ApiError;
use super::auth::{Anyone, Keeper, Officer, Operator, Shared, run};
use super::body::{Asked, Document};
use crate::governance::view::{ArchivedInfo, DueInfo, Purged};

/// Until when.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Until {
    until: Option<Date>,
}

pub(super) async fn due(
    State(certifier): State<Shared>,
    Keeper(_): Keeper,
    Asked(Until { until }): Asked<Until>,
) -> Result<Json<Vec<DueInfo>>, ApiError> {
    run(move || {
        let month = certifier.now().date().saturating_add(30.days());
        Ok(certifier.retention_due(until.unwrap_or(month))?)
    })
    .await
    .map(Json)
}

pub(super) async fn purge(
    State(certifier): State<Shared>,
    Operator(_): Operator,
) -> Result<Json<Purged>, ApiError> {
    run(move || Ok(certifier.purge()?)).await.map(Json)
}

/// What of the archive, and why.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    reason: String,
    programme: Option<String>,
    id: Option<String>,
}

pub(super) async fn archive(
    State(certifier): State<Shared>,
    Officer(caller): Officer,
    Asked(which): Asked<Which>,
) -> Result<Json<Vec<ArchivedInfo>>, ApiError> {
    run(move || {
        let (programme, id) = (which.programme.as_deref(), which.id.as_deref());
        Ok(certifier.read_archive(&caller, &which.reason, programme, id)?)
    })
    .await
    .map(Json)
}

pub(super) async fn deletion(
    State(certifier): State<Shared>,
    Anyone(caller): Anyone,
    Document(new): Document<NewDeletion>,
) -> Result<impl IntoResponse, ApiError> {
    let bytes = run(move || Ok(certifier.certify_deletion(&caller, &new)?)).await?;
    Ok((StatusCode::CREATED, [(header::CONTENT_TYPE, "application/json")], bytes))
}
