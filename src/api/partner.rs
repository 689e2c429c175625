//! What partners do, and principals with their leads: fetch a programme and its key, deposit.

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::{Extension, Json};
use tiers_protocol::ids::{DepositId, ProgrammeId};
use tiers_protocol::programme::Programme;
use tiers_protocol::wire::{Declaration, DepositInfo, DepositState, DepositStatus, WrappedKey};

use super::ApiError;
use super::auth::{Company, Partner, Reader, Shared, run};
use super::body::{Document, Ids, read};
use super::trace::{Made, made};
use crate::limits;

pub(super) async fn programme(
    State(certifier): State<Shared>,
    Reader(caller): Reader,
    Ids(programme): Ids<ProgrammeId>,
) -> Result<Json<Programme>, ApiError> {
    run(move || Ok(certifier.programme(&caller, &programme)?)).await.map(Json)
}

pub(super) async fn key(
    State(certifier): State<Shared>,
    Partner(caller): Partner,
    Ids(programme): Ids<ProgrammeId>,
) -> Result<Json<WrappedKey>, ApiError> {
    run(move || Ok(certifier.wrapped_key(&caller, &programme)?)).await.map(Json)
}

pub(super) async fn declaration(
    State(certifier): State<Shared>,
    Partner(caller): Partner,
    Ids(programme): Ids<ProgrammeId>,
) -> Result<Json<Declaration>, ApiError> {
    run(move || Ok(certifier.declaration(&caller, &programme)?)).await.map(Json)
}

pub(super) async fn declare(
    State(certifier): State<Shared>,
    Partner(caller): Partner,
    Ids(programme): Ids<ProgrammeId>,
    Document(declared): Document<Declaration>,
) -> Result<StatusCode, ApiError> {
    run(move || Ok(certifier.declare(&caller, &programme, &declared)?)).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn open_deposit(
    State(certifier): State<Shared>,
    Company(caller): Company,
    request: Request,
) -> Result<(StatusCode, Extension<Made>, Json<DepositStatus>), ApiError> {
    let manifest = read(request, limits::MANIFEST_BYTES).await?;
    let status = run(move || Ok(certifier.open_deposit(&caller, &manifest)?)).await?;
    let fresh = status.state == DepositState::Open && status.offset == 0;
    Ok((
        if fresh { StatusCode::CREATED } else { StatusCode::OK },
        made(&status.deposit),
        Json(status),
    ))
}

pub(super) async fn deposits(
    State(certifier): State<Shared>,
    Company(caller): Company,
) -> Result<Json<Vec<DepositInfo>>, ApiError> {
    run(move || Ok(certifier.deposits(&caller)?)).await.map(Json)
}

pub(super) async fn deposit(
    State(certifier): State<Shared>,
    Company(caller): Company,
    Ids(deposit): Ids<DepositId>,
) -> Result<Json<DepositStatus>, ApiError> {
    run(move || Ok(certifier.deposit_status(&caller, &deposit)?)).await.map(Json)
}

pub(super) async fn receipt(
    State(certifier): State<Shared>,
    Company(caller): Company,
    Ids(deposit): Ids<DepositId>,
) -> Result<impl IntoResponse, ApiError> {
    let bytes = run(move || Ok(certifier.receipt(&caller, &deposit)?)).await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], bytes))
}
