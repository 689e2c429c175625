//! People in browsers, for whoever has a key: invite somebody of one's own side, list them, revoke.

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use serde::Deserialize;
use tiers_protocol::ids::ActorId;
use tiers_protocol::wire::{Invitation, NewInvitation, PersonInfo};

use super::ApiError;
use super::auth::{Anyone, Shared, run};
use super::body::{Asked, Document, Ids};
use super::trace::{Made, made};

pub(super) async fn invite(
    State(certifier): State<Shared>,
    Anyone(caller): Anyone,
    Document(new): Document<NewInvitation>,
) -> Result<(StatusCode, Extension<Made>, Json<Invitation>), ApiError> {
    let invited = run(move || Ok(certifier.invite(&caller, &new)?)).await?;
    Ok((StatusCode::CREATED, made(&invited.actor), Json(invited)))
}

pub(super) async fn people(
    State(certifier): State<Shared>,
    Anyone(caller): Anyone,
) -> Result<Json<Vec<PersonInfo>>, ApiError> {
    run(move || Ok(certifier.people(&caller)?)).await.map(Json)
}

/// What somebody who is let in no more takes along.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Leaving {
    /// Whether the person knew keys of that side.
    #[serde(default)]
    knew_keys: bool,
}

pub(super) async fn revoke(
    State(certifier): State<Shared>,
    Anyone(caller): Anyone,
    Ids(person): Ids<ActorId>,
    Asked(leaving): Asked<Leaving>,
) -> Result<StatusCode, ApiError> {
    run(move || Ok(certifier.revoke_person(&caller, &person, leaving.knew_keys)?)).await?;
    Ok(StatusCode::NO_CONTENT)
}
