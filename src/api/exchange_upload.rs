//! The sealed body of a batch: streamed and resumable, under the headers and the pace of the bodies of
//! deposits.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::{Extension, Json};
use tiers_protocol::exchange::view::BatchInfo;
use tiers_protocol::ids::BatchId;

use super::ApiError;
use super::auth::{Company, Shared, run};
use super::body::Ids;
use super::edge::Edge;
use super::upload::{Ended, Pieces, offset};
use crate::service::Refusal;
use crate::service::exchange::BatchUpload;

pub(super) async fn body(
    State(certifier): State<Shared>,
    Company(caller): Company,
    Ids(batch): Ids<BatchId>,
    Extension(edge): Extension<Arc<Edge>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<BatchInfo>, ApiError> {
    let offset = offset(&headers)?;
    // A task of its own: when the connection breaks, what came has to be kept all the same.
    let receiving = tokio::spawn(async move {
        let mut pieces = Pieces::new(body, &edge);
        let upload = run(move || Ok(certifier.receive_batch(&caller, (&batch, offset))?)).await?;
        let (upload, ended) = write(upload, &mut pieces).await?;
        end(upload, ended, &edge).await
    });
    receiving.await.unwrap_or_else(|_| Err(ApiError::panicked())).map(Json)
}

async fn write(
    mut upload: BatchUpload,
    pieces: &mut Pieces<'_>,
) -> Result<(BatchUpload, Ended), ApiError> {
    loop {
        let (piece, ended) = pieces.gather().await;
        upload = run(move || {
            upload.piece(&piece)?;
            Ok(upload)
        })
        .await?;
        if let Some(ended) = ended {
            return Ok((upload, ended));
        }
    }
}

async fn end(upload: BatchUpload, ended: Ended, edge: &Edge) -> Result<BatchInfo, ApiError> {
    let whole = upload.is_whole();
    let turn = if whole { Some(edge.turn().await?) } else { None };
    let info = run(move || {
        // Held here, not by the request: the work goes on when the request is gone.
        let _turn = turn;
        Ok(upload.end()?)
    })
    .await?;
    match ended {
        Ended::Slow if !whole => Err(Refusal::TooSlow.into()),
        Ended::Stopping if !whole => Err(Refusal::Stopping.into()),
        _ => Ok(info),
    }
}
