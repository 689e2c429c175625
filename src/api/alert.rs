//! Alerts of unusual use over HTTP, for the certifier's people.

use axum::Json;
use axum::extract::State;
use tiers_protocol::ids::ActId;

use super::ApiError;
use super::auth::{Keeper, Shared, run};
use super::body::{Document, Ids};
use crate::governance::view::{AlertInfo, CloseAlert};

pub(super) async fn alerts(
    State(certifier): State<Shared>,
    Keeper(_): Keeper,
) -> Result<Json<Vec<AlertInfo>>, ApiError> {
    run(move || Ok(certifier.alerts()?)).await.map(Json)
}

pub(super) async fn close(
    State(certifier): State<Shared>,
    Keeper(caller): Keeper,
    Ids(alert): Ids<ActId>,
    Document(close): Document<CloseAlert>,
) -> Result<Json<AlertInfo>, ApiError> {
    run(move || Ok(certifier.close_alert(&caller, &alert, &close)?)).await.map(Json)
}
