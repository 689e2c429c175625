//! Public pages of forms over HTTP: what their company does with them, and what anybody may: read a page and
//! send one sealed submission of a fixed length.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use serde::Deserialize;
use tiers_protocol::consent::SEALED_BYTES;
use tiers_protocol::consent::wire::{
    CollectionInfo, FetchedSubmissions, NewCollection, OwnCollection, SubmissionInfo,
    WaitingSubmission,
};
use tiers_protocol::ids::{CollectionId, SubmissionId};

use super::ApiError;
use super::auth::{Company, Shared, run};
use super::body::{Asked, Document, Ids, read};
use super::edge::Edge;
use super::rate::Peer;
use super::trace::{Made, made};

pub(super) async fn open(
    State(certifier): State<Shared>,
    Company(caller): Company,
    Document(new): Document<NewCollection>,
) -> Result<(StatusCode, Extension<Made>, Json<CollectionInfo>), ApiError> {
    let info = run(move || Ok(certifier.open_collection(&caller, &new)?)).await?;
    Ok((StatusCode::CREATED, made(&info.collection), Json(info)))
}

pub(super) async fn own(
    State(certifier): State<Shared>,
    Company(caller): Company,
) -> Result<Json<Vec<OwnCollection>>, ApiError> {
    run(move || Ok(certifier.collections(&caller)?)).await.map(Json)
}

pub(super) async fn show(
    State(certifier): State<Shared>,
    Ids(page): Ids<CollectionId>,
) -> Result<Json<CollectionInfo>, ApiError> {
    run(move || Ok(certifier.collection(&page)?)).await.map(Json)
}

pub(super) async fn close(
    State(certifier): State<Shared>,
    Company(caller): Company,
    Ids(page): Ids<CollectionId>,
) -> Result<Json<CollectionInfo>, ApiError> {
    run(move || Ok(certifier.close_collection(&caller, &page)?)).await.map(Json)
}

/// Anybody, as often as an address may.
pub(super) async fn submit(
    State(certifier): State<Shared>,
    Ids((page, id)): Ids<(CollectionId, SubmissionId)>,
    request: Request,
) -> Result<(StatusCode, Json<SubmissionInfo>), ApiError> {
    let extensions = request.extensions();
    let limiter = extensions.get::<Arc<Edge>>().and_then(|edge| edge.limiter());
    if let (Some(limiter), Some(peer)) = (limiter, extensions.get::<Peer>()) {
        limiter.submission(*peer, Instant::now())?;
    }
    let sealed = read(request, SEALED_BYTES).await?;
    let info = run(move || Ok(certifier.submit(&page, &id, &sealed)?)).await?;
    let status = if info.repeated { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(info)))
}

/// Where a list goes on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Behind {
    behind: Option<SubmissionId>,
}

pub(super) async fn waiting(
    State(certifier): State<Shared>,
    Company(caller): Company,
    Ids(page): Ids<CollectionId>,
    Asked(Behind { behind }): Asked<Behind>,
) -> Result<Json<Vec<WaitingSubmission>>, ApiError> {
    run(move || Ok(certifier.waiting_submissions(&caller, &page, behind.as_ref())?)).await.map(Json)
}

pub(super) async fn fetched(
    State(certifier): State<Shared>,
    Company(caller): Company,
    Ids(page): Ids<CollectionId>,
    Document(fetched): Document<FetchedSubmissions>,
) -> Result<StatusCode, ApiError> {
    run(move || Ok(certifier.fetched_submissions(&caller, &page, &fetched)?)).await?;
    Ok(StatusCode::NO_CONTENT)
}
