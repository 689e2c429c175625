//! Lifts over HTTP: a principal has one made and freezes its leads, an officer of the certifier records the round of
//! the beacon that decides.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::{Extension, Json};
use tiers_protocol::ids::{DepositId, LiftId, ProgrammeId};
use tiers_protocol::lift::{BeaconRound, FreezeLeads, LiftInfo, NewLift};

use super::ApiError;
use super::auth::{Officer, Principal, PrincipalOrOfficer, Shared, run};
use super::body::{Document, Ids};
use super::trace::{Made, made};

pub(super) async fn commit(
    State(certifier): State<Shared>,
    Principal(caller): Principal,
    Ids(programme): Ids<ProgrammeId>,
    Document(new): Document<NewLift>,
) -> Result<(StatusCode, Extension<Made>, Json<LiftInfo>), ApiError> {
    let info = run(move || Ok(certifier.commit_lift(&caller, &programme, &new)?)).await?;
    Ok((StatusCode::CREATED, made(&info.lift), Json(info)))
}

pub(super) async fn lifts(
    State(certifier): State<Shared>,
    PrincipalOrOfficer(caller): PrincipalOrOfficer,
    Ids(programme): Ids<ProgrammeId>,
) -> Result<Json<Vec<LiftInfo>>, ApiError> {
    run(move || Ok(certifier.lifts(&caller, &programme)?)).await.map(Json)
}

pub(super) async fn freeze(
    State(certifier): State<Shared>,
    Principal(caller): Principal,
    Ids(lift): Ids<LiftId>,
    Document(request): Document<FreezeLeads>,
) -> Result<Json<LiftInfo>, ApiError> {
    run(move || Ok(certifier.freeze_leads(&caller, &lift, &request)?)).await.map(Json)
}

pub(super) async fn draw(
    State(certifier): State<Shared>,
    Officer(caller): Officer,
    Ids(lift): Ids<LiftId>,
    Document(beacon): Document<BeaconRound>,
) -> Result<Json<LiftInfo>, ApiError> {
    run(move || Ok(certifier.draw_lift(&caller, &lift, &beacon)?)).await.map(Json)
}

pub(super) async fn arms(
    State(certifier): State<Shared>,
    Principal(caller): Principal,
    Ids((lift, deposit)): Ids<(LiftId, DepositId)>,
) -> Result<impl IntoResponse, ApiError> {
    let text = run(move || Ok(certifier.lift_arms(&caller, (&lift, &deposit))?)).await?;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text))
}
