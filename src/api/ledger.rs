//! The public ledger in the tiled layout (C2SP tlog-tiles), served as the files lie, so that any
//! static mirror does as well.

use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use tiers_protocol::tlog::TilePath;

use super::ApiError;
use super::auth::Shared;
use crate::service::Refusal;

/// A tile never changes once it is there.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

pub(super) async fn checkpoint(State(certifier): State<Shared>) -> Result<Response, ApiError> {
    let path = certifier.ledger_folder().join("checkpoint");
    file(&path, "text/plain; charset=utf-8", "no-store").await
}

pub(super) async fn witnessed(State(certifier): State<Shared>) -> Result<Response, ApiError> {
    let signed = certifier.witnessed_checkpoint()?;
    let headers =
        [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, signed).into_response())
}

pub(super) async fn tile(
    State(certifier): State<Shared>,
    Path(rest): Path<String>,
) -> Result<Response, ApiError> {
    // Only what parses as the path of a tile is ever joined to the folder.
    let path: TilePath = format!("tile/{rest}").parse().map_err(|_| Refusal::NotFound)?;
    let path = certifier.ledger_folder().join(path.to_string());
    file(&path, "application/octet-stream", FOR_EVER).await
}

async fn file(
    path: &std::path::Path,
    media: &'static str,
    cache: &'static str,
) -> Result<Response, ApiError> {
    let bytes = tokio::fs::read(path).await.map_err(|_| Refusal::NotFound)?;
    let mut response = ([(header::CONTENT_TYPE, media)], bytes).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    Ok(response)
}
