//! A partner's own counts over HTTP: what an answer would be, the answer once for each month of leads, those told.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use tiers_protocol::ids::OwnCountId;
use tiers_protocol::own_count::{AskOwnCount, OwnCount, OwnCountPlan};

use super::ApiError;
use super::auth::{Partner, Shared, run};
use super::body::{Asked, Document, Ids, OfProgramme};

pub(super) async fn plan(
    State(certifier): State<Shared>,
    Partner(caller): Partner,
    Document(ask): Document<AskOwnCount>,
) -> Result<Json<OwnCountPlan>, ApiError> {
    run(move || Ok(certifier.plan_own_count(&caller, &ask)?)).await.map(Json)
}

pub(super) async fn ask(
    State(certifier): State<Shared>,
    Partner(caller): Partner,
    Document(ask): Document<AskOwnCount>,
) -> Result<impl IntoResponse, ApiError> {
    let bytes = run(move || Ok(certifier.ask_own_count(&caller, &ask)?)).await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], bytes))
}

pub(super) async fn told(
    State(certifier): State<Shared>,
    Partner(caller): Partner,
    Asked(of): Asked<OfProgramme>,
) -> Result<Json<Vec<OwnCount>>, ApiError> {
    run(move || Ok(certifier.own_counts(&caller, &of.programme)?)).await.map(Json)
}

pub(super) async fn one(
    State(certifier): State<Shared>,
    Partner(caller): Partner,
    Ids(own_count): Ids<OwnCountId>,
) -> Result<impl IntoResponse, ApiError> {
    let bytes = run(move || Ok(certifier.own_count(&caller, &own_count)?)).await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], bytes))
}
