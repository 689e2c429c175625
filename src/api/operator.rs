//! What the operator does: enrol, and erase what a party or the law says is to go.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use tiers_protocol::wire::{Credentials, ErasureInfo, NewErasure, NewOfficer, NewParty, PartyInfo};

use super::ApiError;
use super::auth::{Operator, Shared, run};
use super::body::Document;
use super::trace::{Made, made};

pub(super) async fn enrol_party(
    State(certifier): State<Shared>,
    Operator(caller): Operator,
    Document(new): Document<NewParty>,
) -> Result<(StatusCode, Extension<Made>, Json<Credentials>), ApiError> {
    let issued = run(move || Ok(certifier.enrol_party(&caller, &new)?)).await?;
    Ok((StatusCode::CREATED, made(&issued.actor), Json(issued)))
}

pub(super) async fn parties(
    State(certifier): State<Shared>,
    Operator(_): Operator,
) -> Result<Json<Vec<PartyInfo>>, ApiError> {
    run(move || Ok(certifier.parties()?)).await.map(Json)
}

pub(super) async fn enrol_officer(
    State(certifier): State<Shared>,
    Operator(caller): Operator,
    Document(NewOfficer {}): Document<NewOfficer>,
) -> Result<(StatusCode, Extension<Made>, Json<Credentials>), ApiError> {
    let certifier = Arc::clone(&certifier);
    let issued = run(move || Ok(certifier.enrol_officer(&caller)?)).await?;
    Ok((StatusCode::CREATED, made(&issued.actor), Json(issued)))
}

pub(super) async fn erase(
    State(certifier): State<Shared>,
    Operator(caller): Operator,
    Document(order): Document<NewErasure>,
) -> Result<(StatusCode, Extension<Made>, Json<ErasureInfo>), ApiError> {
    let ordered = run(move || Ok(certifier.order_erasure(&caller, &order)?)).await?;
    Ok((StatusCode::CREATED, made(&ordered.erasure), Json(ordered)))
}
