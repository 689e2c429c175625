//! What a compliance officer does: approve policies, read acts.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use tiers_protocol::ids::ProgrammeId;
use tiers_protocol::wire::{Act, ApprovePolicy};

use super::ApiError;
use super::auth::{Officer, Shared, run};
use super::body::{Asked, Document, Ids};
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
