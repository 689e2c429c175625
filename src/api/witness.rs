//! The HTTP of a witness: one address, `POST /add-checkpoint`, with the statuses of
//! <https://c2sp.org/tlog-witness>. It decides nothing.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use tiers_protocol::tlog::{ADD_CHECKPOINT_BYTES_MAX, WitnessRefusal};

use crate::time::Clock;
use crate::witness::{Witness, WitnessError};

/// A witness with its clock.
pub struct Witnessing {
    /// The witness.
    pub witness: Witness,
    /// What time it says that it is.
    pub clock: Box<dyn Clock>,
}

/// The addresses of a witness.
pub fn witness_router(witness: Arc<Witnessing>) -> Router {
    Router::new()
        .route("/add-checkpoint", post(add_checkpoint))
        .route("/healthz", get(|| async { "ok\n" }))
        .layer(DefaultBodyLimit::max(ADD_CHECKPOINT_BYTES_MAX))
        .with_state(witness)
}

async fn add_checkpoint(State(served): State<Arc<Witnessing>>, body: Bytes) -> Response {
    // It flushes a file.
    let answer = tokio::task::spawn_blocking(move || {
        served.witness.add_checkpoint(&body, served.clock.now())
    });
    match answer.await {
        Ok(Ok(line)) => line.into_response(),
        Ok(Err(error)) => refused(&error),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn refused(error: &WitnessError) -> Response {
    let WitnessError::Refused(refusal) = error else {
        tracing::error!(code = error.code(), error = %error, "a checkpoint was not cosigned");
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::BAD_REQUEST);
    if let WitnessRefusal::Conflict { held } = refusal {
        let media = [(header::CONTENT_TYPE, "text/x.tlog.size")];
        return (status, media, format!("{held}\n")).into_response();
    }
    (status, format!("{refusal}\n")).into_response()
}
