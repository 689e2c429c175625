//! Accesses with a key over HTTP: list, replace, revoke, have changed.

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use tiers_protocol::access::{AccessInfo, ChangeAccess};
use tiers_protocol::ids::ActorId;
use tiers_protocol::wire::Credentials;

use super::ApiError;
use super::auth::{Anyone, Shared, run};
use super::body::{Document, Ids};
use super::trace::{Made, made};

pub(super) async fn accesses(
    State(certifier): State<Shared>,
    Anyone(caller): Anyone,
) -> Result<Json<Vec<AccessInfo>>, ApiError> {
    run(move || Ok(certifier.accesses(&caller)?)).await.map(Json)
}

pub(super) async fn replace(
    State(certifier): State<Shared>,
    Anyone(caller): Anyone,
    Ids(account): Ids<ActorId>,
    Document(change): Document<ChangeAccess>,
) -> Result<(StatusCode, Extension<Made>, Json<Credentials>), ApiError> {
    let replace = move || Ok(certifier.replace_access(&caller, &account, change.because)?);
    let issued = run(replace).await?;
    Ok((StatusCode::CREATED, made(&issued.actor), Json(issued)))
}

pub(super) async fn revoke(
    State(certifier): State<Shared>,
    Anyone(caller): Anyone,
    Ids(account): Ids<ActorId>,
    Document(change): Document<ChangeAccess>,
) -> Result<StatusCode, ApiError> {
    run(move || Ok(certifier.revoke_access(&caller, &account, change.because)?)).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn flag(
    State(certifier): State<Shared>,
    Anyone(caller): Anyone,
    Ids(account): Ids<ActorId>,
    Document(change): Document<ChangeAccess>,
) -> Result<StatusCode, ApiError> {
    run(move || Ok(certifier.flag_access(&caller, &account, change.because)?)).await?;
    Ok(StatusCode::NO_CONTENT)
}
