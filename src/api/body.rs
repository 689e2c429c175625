//! JSON in and ids in paths, with refusals in place of the framework's own texts.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tiers_protocol::ids::ProgrammeId;

use super::ApiError;
use super::edge::Edge;
use crate::limits::{self, Timing};
use crate::service::Refusal;

/// A JSON request of a limited size; unknown fields are refused by the types.
pub(super) struct Document<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Document<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let bytes = read(request, limits::REQUEST_BYTES).await?;
        let document = serde_json::from_slice(&bytes).map_err(|_| Refusal::Malformed)?;
        Ok(Self(document))
    }
}

/// The bytes of a request, if there are no more than `limit` and they come in time.
///
/// # Errors
/// [`Refusal::TooSlow`], [`Refusal::RequestTooLarge`].
pub async fn read(request: Request, limit: usize) -> Result<Bytes, ApiError> {
    let edge = request.extensions().get::<Arc<Edge>>();
    let within = edge.map_or_else(Timing::default, |edge| edge.timing()).document;
    let reading = axum::body::to_bytes(request.into_body(), limit);
    let bytes = tokio::time::timeout(within, reading).await.map_err(|_| Refusal::TooSlow)?;
    Ok(bytes.map_err(|_| Refusal::RequestTooLarge)?)
}

/// Ids in the path; a text that is no id names nothing.
pub(super) struct Ids<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Ids<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path = Path::<T>::from_request_parts(parts, state).await;
        Ok(path.map(|Path(ids)| Self(ids)).map_err(|_| Refusal::NotFound)?)
    }
}

/// A query that asks of one programme.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OfProgramme {
    pub(super) programme: ProgrammeId,
}

/// The query; unknown or unreadable parameters are refused.
pub(super) struct Asked<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        Ok(query.map(|Query(asked)| Self(asked)).map_err(|_| Refusal::Malformed)?)
    }
}
