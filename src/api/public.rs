//! What anybody may read.

use axum::Json;
use axum::extract::State;
use tiers_protocol::trust::Trust;

use super::ApiError;
use super::auth::{Shared, run};
use crate::service::Refusal;

pub(super) async fn trust(State(certifier): State<Shared>) -> Json<Trust> {
    Json(certifier.trust())
}

pub(super) async fn health() -> &'static str {
    "ok\n"
}

/// Whether requests would be answered well, for whoever distributes them; `/healthz` says that the process
/// lives.
pub(super) async fn ready(State(certifier): State<Shared>) -> Result<&'static str, ApiError> {
    run(move || Ok(certifier.ready()?)).await?;
    Ok("ready\n")
}

pub(super) async fn no_route() -> ApiError {
    Refusal::NoRoute.into()
}

pub(super) async fn wrong_method() -> ApiError {
    Refusal::WrongMethod.into()
}
