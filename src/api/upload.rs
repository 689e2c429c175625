//! The body of a deposit: streamed, resumable, never held in memory whole. Headers as in the IETF
//! draft on resumable uploads: `Upload-Offset`, and `Upload-Complete: ?0` when more will follow.
//!
//! A slow client costs a place among the uploads and nothing else: between two writes no thread waits
//! for it. How many may come, and at which pace, stands in [`limits`].

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::{Extension, Json};
use http_body_util::BodyExt as _;
use tiers_protocol::ids::DepositId;
use tiers_protocol::wire::{DepositState, DepositStatus};
use tokio::time::{Instant, timeout};

use super::ApiError;
use super::auth::{Company, Shared, run};
use super::body::Ids;
use super::edge::Edge;
use crate::limits;
use crate::service::Refusal;
use crate::service::receive_body::Upload;

pub(super) async fn body(
    State(certifier): State<Shared>,
    Company(caller): Company,
    Ids(deposit): Ids<DepositId>,
    Extension(edge): Extension<Arc<Edge>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<DepositStatus>, ApiError> {
    let offset = offset(&headers)?;
    let complete = complete(&headers)?;
    // A task of its own: when the connection breaks, this handler goes with it, and what came has to
    // be kept all the same.
    let receiving = tokio::spawn(async move {
        let mut pieces = Pieces::new(body, &edge);
        let upload = run(move || Ok(certifier.receive(&caller, &deposit, offset)?)).await?;
        let (upload, ended) = write(upload, &mut pieces).await?;
        end(upload, ended, complete, &edge).await
    });
    receiving.await.unwrap_or_else(|_| Err(ApiError::panicked())).map(Json)
}

/// Why no more bytes come.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// The client sent all that it wanted to.
    Whole,
    /// The connection broke.
    Broken,
    /// Less came than the pace asks for.
    Slow,
    /// The certifier stops.
    Stopping,
}

/// Writes what comes, each piece in a short turn on a thread that may wait for the disk.
async fn write(mut upload: Upload, pieces: &mut Pieces<'_>) -> Result<(Upload, Ended), ApiError> {
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

/// Decides the deposit when its last byte is there; keeps what came for the next try otherwise.
async fn end(
    upload: Upload,
    ended: Ended,
    complete: bool,
    edge: &Edge,
) -> Result<DepositStatus, ApiError> {
    let turn = if upload.is_whole() {
        // The spool is whole and stays: the client comes back to the next start with nothing to send.
        Some(edge.turn().await?)
    } else {
        None
    };
    let complete = complete && ended == Ended::Whole;
    let status = run(move || {
        // Held here, not by the request: the work goes on when the request is gone.
        let _turn = turn;
        Ok(upload.end(complete)?)
    })
    .await?;
    match ended {
        Ended::Slow if status.state == DepositState::Open => Err(Refusal::TooSlow.into()),
        Ended::Stopping if status.state == DepositState::Open => Err(Refusal::Stopping.into()),
        _ => Ok(status),
    }
}

/// The body as it comes, under its pace.
pub(super) struct Pieces<'a> {
    body: Body,
    edge: &'a Edge,
    /// Bytes that have to come before `patience` is used up.
    owed: u64,
    patience: Duration,
}

impl<'a> Pieces<'a> {
    pub(super) fn new(body: Body, edge: &'a Edge) -> Self {
        let timing = edge.timing();
        Self { body, edge, owed: timing.pace_bytes, patience: timing.pace }
    }

    /// The next piece, large enough to be worth a write unless the body ended.
    pub(super) async fn gather(&mut self) -> (Vec<u8>, Option<Ended>) {
        let mut piece = Vec::with_capacity(limits::PIECE_BYTES + limits::HEADER_BYTES);
        while piece.len() < limits::PIECE_BYTES {
            match self.next().await {
                Ok(bytes) => piece.extend_from_slice(&bytes),
                Err(ended) => return (piece, Some(ended)),
            }
        }
        (piece, None)
    }

    async fn next(&mut self) -> Result<Bytes, Ended> {
        loop {
            let asked = Instant::now();
            let frame = tokio::select! {
                biased;
                () = self.edge.stopped() => return Err(Ended::Stopping),
                frame = timeout(self.patience, self.body.frame()) => frame,
            };
            self.patience = self.patience.saturating_sub(asked.elapsed());
            match frame {
                Err(_) => return Err(Ended::Slow),
                Ok(None) => return Err(Ended::Whole),
                Ok(Some(Err(_))) => return Err(Ended::Broken),
                Ok(Some(Ok(frame))) => {
                    if let Ok(bytes) = frame.into_data() {
                        self.came(bytes.len() as u64);
                        return Ok(bytes);
                    }
                }
            }
        }
    }

    const fn came(&mut self, bytes: u64) {
        self.owed = self.owed.saturating_sub(bytes);
        if self.owed == 0 {
            let timing = self.edge.timing();
            (self.owed, self.patience) = (timing.pace_bytes, timing.pace);
        }
    }
}

pub(super) fn offset(headers: &HeaderMap) -> Result<u64, Refusal> {
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
