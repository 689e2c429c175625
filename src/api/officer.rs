//! What a compliance officer does: approve policies, read and search acts; parties search theirs.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde::Deserialize;
use tiers_protocol::dossier::NewSearch;
use tiers_protocol::ids::ProgrammeId;
use tiers_protocol::wire::{Act, ApprovePolicy};

use super::ApiError;
use super::auth::{Officer, Reader, Shared, run};
use super::body::{Asked, Document, Ids};
use crate::governance::dossier::pdf;
use crate::governance::register::Language;
use crate::limits;
use crate::service::read_acts::Reading;

pub(super) async fn approve(
    State(certifier): State<Shared>,
    Officer(caller): Officer,
    Ids(programme): Ids<ProgrammeId>,
    Document(request): Document<ApprovePolicy>,
) -> Result<StatusCode, ApiError> {
    run(move || Ok(certifier.approve_policy(&caller, &programme, &request)?)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Which acts, and why.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    reason: String,
    #[serde(default)]
    from: u64,
    limit: Option<u32>,
}

pub(super) async fn acts(
    State(certifier): State<Shared>,
    Officer(caller): Officer,
    Asked(which): Asked<Which>,
) -> Result<Json<Vec<Act>>, ApiError> {
    let limit = which.limit.unwrap_or(limits::ACTS_PAGE);
    let reading = Reading { reason: which.reason, from: which.from, limit };
    run(move || Ok(certifier.read_acts(&caller, &reading)?)).await.map(Json)
}

/// Acts that concern the caller, or for an officer of the certifier any.
pub(super) async fn search(
    State(certifier): State<Shared>,
    Reader(caller): Reader,
    Document(new): Document<NewSearch>,
) -> Result<Json<Vec<Act>>, ApiError> {
    run(move || Ok(certifier.search_acts(&caller, &new)?)).await.map(Json)
}

/// The form of a dossier.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    #[serde(default)]
    format: Format,
    #[serde(default)]
    language: Language,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Format {
    #[default]
    Json,
    Pdf,
}

pub(super) async fn dossier(
    State(certifier): State<Shared>,
    Reader(caller): Reader,
    Asked(Form { format, language }): Asked<Form>,
    Document(new): Document<NewSearch>,
) -> Result<impl IntoResponse, ApiError> {
    run(move || {
        let dossier = certifier.dossier(&caller, &new)?;
        Ok(match format {
            Format::Json => ([(header::CONTENT_TYPE, "application/json")], dossier.to_vec()),
            Format::Pdf => ([(header::CONTENT_TYPE, "application/pdf")], pdf(&dossier, language)),
        })
    })
    .await
}
