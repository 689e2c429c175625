//! What a principal does: programmes, partners, wrapped keys, reports.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::{Extension, Json};
use serde::Deserialize;
use tiers_protocol::ids::{PartyId, ProgrammeId, ReleaseId};
use tiers_protocol::programme::Programme;
use tiers_protocol::wire::{
    AccountInfo, AddPartner, PlanRequest, ProgrammePartner, RegisterProgramme, ReleaseInfo,
    ReportRequest, WrappedKey,
};

use super::ApiError;
use super::auth::{Principal, Shared, run};
use super::body::{Asked, Document, Ids, OfProgramme};
use super::trace::{Made, made};
use crate::disclosure::{Plan, Summary, Trend};

pub(super) async fn register(
    State(certifier): State<Shared>,
    Principal(caller): Principal,
    Document(request): Document<RegisterProgramme>,
) -> Result<(StatusCode, Extension<Made>, Json<Programme>), ApiError> {
    let pinned = run(move || Ok(certifier.register_programme(&caller, &request)?)).await?;
    Ok((StatusCode::CREATED, made(&pinned.id), Json(pinned)))
}

pub(super) async fn add_partner(
    State(certifier): State<Shared>,
    Principal(caller): Principal,
    Ids(programme): Ids<ProgrammeId>,
    Document(request): Document<AddPartner>,
) -> Result<StatusCode, ApiError> {
    run(move || Ok(certifier.add_partner(&caller, &programme, &request)?)).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn partners(
    State(certifier): State<Shared>,
    Principal(caller): Principal,
    Ids(programme): Ids<ProgrammeId>,
) -> Result<Json<Vec<ProgrammePartner>>, ApiError> {
    run(move || Ok(certifier.partners(&caller, &programme)?)).await.map(Json)
}

pub(super) async fn put_key(
    State(certifier): State<Shared>,
    Principal(caller): Principal,
    Ids((programme, party)): Ids<(ProgrammeId, PartyId)>,
    Document(key): Document<WrappedKey>,
) -> Result<StatusCode, ApiError> {
    run(move || Ok(certifier.put_wrapped_key(&caller, &programme, &party, &key)?)).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn plan_report(
    State(certifier): State<Shared>,
    Principal(caller): Principal,
    Document(request): Document<PlanRequest>,
) -> Result<Json<Plan>, ApiError> {
    run(move || Ok(certifier.plan_report(&caller, &request)?)).await.map(Json)
}

pub(super) async fn request_report(
    State(certifier): State<Shared>,
    Principal(caller): Principal,
    Document(request): Document<ReportRequest>,
) -> Result<(StatusCode, Extension<Made>, Json<ReleaseInfo>), ApiError> {
    let info = run(move || Ok(certifier.request_report(&caller, &request)?)).await?;
    let status = if info.from_store { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, made(&info.release), Json(info)))
}

pub(super) async fn releases(
    State(certifier): State<Shared>,
    Principal(caller): Principal,
    Asked(of): Asked<OfProgramme>,
) -> Result<Json<Vec<ReleaseInfo>>, ApiError> {
    run(move || Ok(certifier.releases(&caller, &of.programme)?)).await.map(Json)
}

pub(super) async fn accounts(
    State(certifier): State<Shared>,
    Principal(caller): Principal,
    Asked(of): Asked<OfProgramme>,
) -> Result<Json<Vec<AccountInfo>>, ApiError> {
    run(move || Ok(certifier.accounts(&caller, &of.programme)?)).await.map(Json)
}

pub(super) async fn report(
    State(certifier): State<Shared>,
    Principal(caller): Principal,
    Ids(release): Ids<ReleaseId>,
) -> Result<impl IntoResponse, ApiError> {
    let bytes = run(move || Ok(certifier.report(&caller, &release)?)).await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], bytes))
}

/// Which section of which programme.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OfSection {
    programme: ProgrammeId,
    section: Option<String>,
}

pub(super) async fn trend(
    State(certifier): State<Shared>,
    Principal(caller): Principal,
    Asked(of): Asked<OfSection>,
) -> Result<Json<Trend>, ApiError> {
    run(move || Ok(certifier.trend(&caller, &of.programme, of.section.as_deref())?)).await.map(Json)
}

pub(super) async fn summary(
    State(certifier): State<Shared>,
    Principal(caller): Principal,
    Ids(release): Ids<ReleaseId>,
) -> Result<Json<Summary>, ApiError> {
    run(move || Ok(certifier.summary(&caller, &release)?)).await.map(Json)
}

pub(super) async fn certificate(
    State(certifier): State<Shared>,
    Principal(caller): Principal,
    Ids(release): Ids<ReleaseId>,
) -> Result<impl IntoResponse, ApiError> {
    let bytes = run(move || Ok(certifier.certificate_of(&caller, &release)?)).await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], bytes))
}
