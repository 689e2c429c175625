//! The body of a deposit: streamed, resumable, never held in memory whole. Headers as in the IETF
//! draft on resumable uploads: `Upload-Offset`, and `Upload-Complete: ?0` when more will follow.

use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::HeaderMap;
use http_body_util::BodyExt as _;
use tiers_protocol::ids::DepositId;
use tiers_protocol::wire::DepositStatus;
use tokio::sync::mpsc;

use super::ApiError;
use super::auth::{Company, Shared, run};
use super::body::Ids;
use crate::limits;
use crate::service::Refusal;

/// Pieces that may wait for the disk: backpressure reaches the client's socket.
const WAITING: usize = 4;

enum Piece {
    Bytes(Bytes),
    End,
}

pub(super) async fn body(
    State(certifier): State<Shared>,
    Company(caller): Company,
    Ids(deposit): Ids<DepositId>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<DepositStatus>, ApiError> {
    let offset = offset(&headers)?;
    let complete = complete(&headers)?;
    let (sender, mut pieces) = mpsc::channel(WAITING);
    let writing = tokio::spawn(run(move || {
        let mut upload = certifier.receive(&caller, &deposit, offset)?;
        let mut ended = false;
        while let Some(piece) = pieces.blocking_recv() {
            match piece {
                Piece::Bytes(bytes) => upload.piece(&bytes)?,
                Piece::End => ended = true,
            }
        }
        // A connection that broke is not the end of the upload: what came stays for the next try.
        Ok(upload.end(ended && complete)?)
    }));
    forward(body, &sender).await;
    drop(sender);
    writing.await.unwrap_or_else(|_| Err(ApiError::panicked())).map(Json)
}

async fn forward(mut body: Body, sender: &mpsc::Sender<Piece>) {
    let idle = Duration::from_secs(limits::IDLE_SECONDS);
    loop {
        let piece = match tokio::time::timeout(idle, body.frame()).await {
            Ok(None) => Piece::End,
            Ok(Some(Ok(frame))) => match frame.into_data() {
                Ok(bytes) => Piece::Bytes(bytes),
                Err(_) => continue,
            },
            Ok(Some(Err(_))) | Err(_) => return,
        };
        let last = matches!(piece, Piece::End);
        // The writer has refused when it listens no more; its answer says why.
        if sender.send(piece).await.is_err() || last {
            return;
        }
    }
}

fn offset(headers: &HeaderMap) -> Result<u64, Refusal> {
    let Some(value) = headers.get("upload-offset") else { return Ok(0) };
    value.to_str().ok().and_then(|text| text.parse().ok()).ok_or(Refusal::Malformed)
}

fn complete(headers: &HeaderMap) -> Result<bool, Refusal> {
    match headers.get("upload-complete").map(axum::http::HeaderValue::as_bytes) {
        None | Some(b"?1") => Ok(true),
        Some(b"?0") => Ok(false),
        Some(_) => Err(Refusal::Malformed),
    }
}
