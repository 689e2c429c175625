//! What anybody may read.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use tiers_protocol::trust::Trust;

use super::ApiError;
use super::auth::{Shared, run};
use super::problem;
use crate::service::Refusal;

pub(super) async fn trust(State(certifier): State<Shared>) -> Json<Trust> {
    Json(certifier.trust())
}

pub(super) async fn health() -> &'static str {
    "ok\n"
}

/// Whether requests would be answered well, for whoever distributes them; `/healthz` says that the process
/// lives.
pub(super) async fn ready(State(certifier): State<Shared>) -> Result<Response, ApiError> {
    let ready = run(move || Ok(certifier.ready())).await?;
    Ok(match ready {
        Ok(()) => "ready\n".into_response(),
        Err(unready) => problem::not_ready(unready.why()),
    })
}

pub(super) async fn no_route() -> ApiError {
    Refusal::NoRoute.into()
}

pub(super) async fn wrong_method() -> ApiError {
    Refusal::WrongMethod.into()
}
