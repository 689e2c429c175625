//! Governance over HTTP: records, flags, production, breaches, the page of an arrangement. Who may
//! write which record is decided by the use case, because it depends on the record.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde::Deserialize;
use tiers_protocol::canonical;
use tiers_protocol::ids::{ActId, ProgrammeId};

use super::ApiError;
use super::auth::{Anyone, Contributor, Keeper, Principal, Shared, run};
use super::body::{Asked, Document, Ids};
use crate::governance::breach::Breach;
use crate::governance::register::Language;
use crate::governance::view::{BreachInfo, FlagInstruction, GovernanceView, RecordInfo};
use crate::governance::{Record, page, register};

type Written<T> = Result<(StatusCode, Json<T>), ApiError>;

pub(super) async fn identity(
    State(certifier): State<Shared>,
    Contributor(caller): Contributor,
    Document(record): Document<Record>,
) -> Written<RecordInfo> {
    let written = run(move || Ok(certifier.record_identity(&caller, &record)?)).await?;
    Ok((StatusCode::CREATED, Json(written)))
}

pub(super) async fn record(
    State(certifier): State<Shared>,
    Contributor(caller): Contributor,
    Ids(programme): Ids<ProgrammeId>,
    Document(record): Document<Record>,
) -> Written<RecordInfo> {
    let written =
        run(move || Ok(certifier.record_governance(&caller, &programme, &record)?)).await?;
    Ok((StatusCode::CREATED, Json(written)))
}

pub(super) async fn show(
    State(certifier): State<Shared>,
    Anyone(caller): Anyone,
    Ids(programme): Ids<ProgrammeId>,
) -> Result<Json<GovernanceView>, ApiError> {
    run(move || Ok(certifier.governance(&caller, &programme)?)).await.map(Json)
}

pub(super) async fn flag(
    State(certifier): State<Shared>,
    Keeper(caller): Keeper,
    Ids(programme): Ids<ProgrammeId>,
    Document(flag): Document<FlagInstruction>,
) -> Written<RecordInfo> {
    let written = run(move || Ok(certifier.flag_instruction(&caller, &programme, &flag)?)).await?;
    Ok((StatusCode::CREATED, Json(written)))
}

pub(super) async fn production(
    State(certifier): State<Shared>,
    Principal(caller): Principal,
    Ids(programme): Ids<ProgrammeId>,
) -> Written<RecordInfo> {
    let written = run(move || Ok(certifier.open_production(&caller, &programme)?)).await?;
    Ok((StatusCode::CREATED, Json(written)))
}

pub(super) async fn arrangement(
    State(certifier): State<Shared>,
    Ids(programme): Ids<ProgrammeId>,
) -> Result<impl IntoResponse, ApiError> {
    let found = run(move || Ok(certifier.arrangement(&programme)?)).await?;
    let text = page::arrangement(&programme.to_string(), &found);
    Ok(([(header::CONTENT_TYPE, "text/html; charset=utf-8")], text))
}

pub(super) async fn open_breach(
    State(certifier): State<Shared>,
    Keeper(caller): Keeper,
    Document(file): Document<Breach>,
) -> Written<BreachInfo> {
    let opened = run(move || Ok(certifier.open_breach(&caller, &file)?)).await?;
    Ok((StatusCode::CREATED, Json(opened)))
}

pub(super) async fn continue_breach(
    State(certifier): State<Shared>,
    Keeper(caller): Keeper,
    Ids(breach): Ids<ActId>,
    Document(file): Document<Breach>,
) -> Written<BreachInfo> {
    let saved = run(move || Ok(certifier.continue_breach(&caller, &breach, &file)?)).await?;
    Ok((StatusCode::CREATED, Json(saved)))
}

pub(super) async fn breaches(
    State(certifier): State<Shared>,
    Keeper(_): Keeper,
) -> Result<Json<Vec<BreachInfo>>, ApiError> {
    run(move || Ok(certifier.breaches()?)).await.map(Json)
}

/// Which export of a register.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    #[serde(default)]
    format: Format,
    #[serde(default)]
    language: Language,
    version: Option<u64>,
}

/// The form of an export.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Format {
    #[default]
    Json,
    Ods,
    Pdf,
    Svg,
}

pub(super) async fn issue_register(
    State(certifier): State<Shared>,
    Anyone(caller): Anyone,
    Asked(which): Asked<Which>,
) -> Result<impl IntoResponse, ApiError> {
    let Which { format, language, version } = which;
    run(move || {
        let issued = certifier.register(&caller, version)?;
        let (media, bytes) = match format {
            Format::Json => ("application/json", canonical::to_vec(&issued)),
            Format::Ods => {
                ("application/vnd.oasis.opendocument.spreadsheet", register::ods(&issued, language))
            }
            Format::Pdf => ("application/pdf", register::pdf(&issued, language)),
            Format::Svg => ("image/svg+xml", register::map(&issued, language).into_bytes()),
        };
        Ok(([(header::CONTENT_TYPE, media)], bytes))
    })
    .await
}
