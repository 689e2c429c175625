//! Exchanges over HTTP: agreements and what is said about them, batches, packages, values, invoices.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::{Extension, Json};
use hyper::body::Frame;
use serde_json::Value;
use tiers_protocol::exchange::filing::{FlowInfo, StateFiling, Unfiled};
use tiers_protocol::exchange::view::{
    BatchInfo, BatchReview, BatchState, ExchangeInfo, ExchangeView, InvoiceInfo, StateValue,
    Uninvoiced,
};
use tiers_protocol::exchange::{
    BatchStatement, DecisionProof, SignedAct, SignedAgreement, SignedReview, special,
};
use tiers_protocol::ids::{BatchId, ExchangeId, PartyId};
use tokio::sync::mpsc;

use super::ApiError;
use super::auth::{Anyone, Company, Keeper, Prover, Shared, run};
use super::body::{Document, Ids, read};
use super::trace::{Made, made};
use crate::limits;
use crate::service::Refusal;
use crate::service::exchange::Fetched;
use crate::store::invoice::Syntax;

pub(super) async fn propose(
    State(certifier): State<Shared>,
    Company(caller): Company,
    request: Request,
) -> Result<(StatusCode, Extension<Made>, Json<ExchangeInfo>), ApiError> {
    let bytes = read(request, limits::REQUEST_BYTES).await?;
    let signed = agreement(&bytes)?;
    let info = run(move || Ok(certifier.propose_exchange(&caller, &signed)?)).await?;
    Ok((StatusCode::CREATED, made(&info.exchange), Json(info)))
}

/// Reads an agreement. A field that is none of ours is named as what it is, if it is of a special
/// category: that it cannot be read would not tell why.
fn agreement(bytes: &[u8]) -> Result<SignedAgreement, Refusal> {
    let value: Value = serde_json::from_slice(bytes).map_err(|_| Refusal::Malformed)?;
    for side in ["proposer", "other"] {
        let fields = &value["agreement"][side]["gives"]["fields"];
        let mut names = fields.as_array().into_iter().flatten().filter_map(Value::as_str);
        if names.any(special::names_one) {
            return Err(Refusal::AgreementSpecial);
        }
    }
    serde_json::from_value(value).map_err(|_| Refusal::Malformed)
}

pub(super) async fn exchanges(
    State(certifier): State<Shared>,
    Company(caller): Company,
) -> Result<Json<Vec<ExchangeInfo>>, ApiError> {
    run(move || Ok(certifier.exchanges(&caller)?)).await.map(Json)
}

pub(super) async fn exchange(
    State(certifier): State<Shared>,
    Company(caller): Company,
    Ids(exchange): Ids<ExchangeId>,
) -> Result<Json<ExchangeView>, ApiError> {
    run(move || Ok(certifier.exchange(&caller, &exchange)?)).await.map(Json)
}

pub(super) async fn say(
    State(certifier): State<Shared>,
    Company(caller): Company,
    Ids(exchange): Ids<ExchangeId>,
    Document(said): Document<SignedAct>,
) -> Result<(StatusCode, Json<ExchangeInfo>), ApiError> {
    let info = run(move || Ok(certifier.say_of_exchange(&caller, (&exchange, &said))?)).await?;
    Ok((StatusCode::CREATED, Json(info)))
}

pub(super) async fn open_batch(
    State(certifier): State<Shared>,
    Company(caller): Company,
    Document(statement): Document<BatchStatement>,
) -> Result<(StatusCode, Extension<Made>, Json<BatchInfo>), ApiError> {
    let info = run(move || Ok(certifier.open_batch(&caller, &statement)?)).await?;
    let fresh = info.state == BatchState::Open && info.offset == 0;
    let status = if fresh { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, made(&info.batch), Json(info)))
}

pub(super) async fn batch(
    State(certifier): State<Shared>,
    Company(caller): Company,
    Ids(batch): Ids<BatchId>,
) -> Result<Json<BatchInfo>, ApiError> {
    run(move || Ok(certifier.batch(&caller, &batch)?)).await.map(Json)
}

pub(super) async fn hand_over(
    State(certifier): State<Shared>,
    Company(caller): Company,
    Ids(batch): Ids<BatchId>,
) -> Result<Json<BatchInfo>, ApiError> {
    run(move || Ok(certifier.hand_over_batch(&caller, &batch)?)).await.map(Json)
}

/// Pieces of a package that wait for a slow recipient.
const PIECES: usize = 4;

/// Streams a package: a thread that may wait for the disk makes the pieces, as fast as they are read.
pub(super) async fn records(
    State(certifier): State<Shared>,
    Company(caller): Company,
    Ids(batch): Ids<BatchId>,
) -> Result<impl IntoResponse, ApiError> {
    let package = run(move || Ok(certifier.fetch_batch(&caller, &batch)?)).await?;
    let (sender, pieces) = mpsc::channel(PIECES);
    tokio::task::spawn_blocking(move || make_pieces(package, &sender));
    let kind = [(header::CONTENT_TYPE, "application/octet-stream")];
    Ok((kind, Body::new(Pieces(pieces))))
}

type Piece = Result<Bytes, std::io::Error>;

fn make_pieces(mut package: Fetched, pieces: &mpsc::Sender<Piece>) {
    loop {
        let piece = match package.piece() {
            Ok(Some(piece)) => Ok(Bytes::from(piece)),
            Ok(None) => return,
            Err(error) => {
                tracing::error!(code = error.code(), error = %error, "a package broke off");
                Err(std::io::Error::from(std::io::ErrorKind::Other))
            }
        };
        let broken = piece.is_err();
        // Whoever listens no more, or learned that it broke off, comes again.
        if pieces.blocking_send(piece).is_err() || broken {
            return;
        }
    }
}

/// Pieces as a body.
struct Pieces(mpsc::Receiver<Piece>);

impl hyper::body::Body for Pieces {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}

pub(super) async fn draw(
    State(certifier): State<Shared>,
    Company(caller): Company,
    Ids(batch): Ids<BatchId>,
) -> Result<Json<BatchInfo>, ApiError> {
    run(move || Ok(certifier.draw_sample(&caller, &batch)?)).await.map(Json)
}

pub(super) async fn sample(
    State(certifier): State<Shared>,
    Company(caller): Company,
    Ids(batch): Ids<BatchId>,
) -> Result<impl IntoResponse, ApiError> {
    let bytes = run(move || Ok(certifier.fetch_sample(&caller, &batch)?)).await?;
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], bytes))
}

pub(super) async fn review(
    State(certifier): State<Shared>,
    Company(caller): Company,
    Ids(batch): Ids<BatchId>,
    Document(signed): Document<SignedReview>,
) -> Result<Json<BatchInfo>, ApiError> {
    run(move || Ok(certifier.review_batch(&caller, (&batch, &signed))?)).await.map(Json)
}

pub(super) async fn reviewed(
    State(certifier): State<Shared>,
    Company(caller): Company,
    Ids(batch): Ids<BatchId>,
) -> Result<Json<BatchReview>, ApiError> {
    run(move || Ok(certifier.batch_review(&caller, &batch)?)).await.map(Json)
}

pub(super) async fn fetched(
    State(certifier): State<Shared>,
    Company(caller): Company,
    Ids(batch): Ids<BatchId>,
) -> Result<Json<BatchInfo>, ApiError> {
    run(move || Ok(certifier.batch_fetched(&caller, &batch)?)).await.map(Json)
}

pub(super) async fn informed(
    State(certifier): State<Shared>,
    Company(caller): Company,
    Ids(batch): Ids<BatchId>,
) -> Result<Json<BatchInfo>, ApiError> {
    run(move || Ok(certifier.persons_informed(&caller, &batch)?)).await.map(Json)
}

pub(super) async fn decision(
    State(certifier): State<Shared>,
    Prover(caller): Prover,
    Ids((batch, position)): Ids<(BatchId, u64)>,
) -> Result<Json<DecisionProof>, ApiError> {
    run(move || Ok(certifier.prove_decision(&caller, (&batch, position))?)).await.map(Json)
}

pub(super) async fn value(
    State(certifier): State<Shared>,
    Company(caller): Company,
    Ids(exchange): Ids<ExchangeId>,
    Document(stated): Document<StateValue>,
) -> Result<(StatusCode, Json<ExchangeInfo>), ApiError> {
    let info = run(move || Ok(certifier.state_value(&caller, (&exchange, &stated))?)).await?;
    Ok((StatusCode::CREATED, Json(info)))
}

pub(super) async fn invoices(
    State(certifier): State<Shared>,
    Company(caller): Company,
    Ids(exchange): Ids<ExchangeId>,
) -> Result<Json<Vec<InvoiceInfo>>, ApiError> {
    run(move || Ok(certifier.invoices(&caller, &exchange)?)).await.map(Json)
}

pub(super) async fn invoice(
    State(certifier): State<Shared>,
    Company(caller): Company,
    Ids((exchange, seller, syntax)): Ids<(ExchangeId, PartyId, String)>,
) -> Result<impl IntoResponse, ApiError> {
    let syntax = syntax_of(&syntax)?;
    let text = run(move || Ok(certifier.invoice(&caller, (&exchange, &seller, syntax))?)).await?;
    Ok(([(header::CONTENT_TYPE, "application/xml")], text))
}

fn syntax_of(word: &str) -> Result<Syntax, Refusal> {
    match word {
        "ubl" => Ok(Syntax::Ubl),
        "cii" => Ok(Syntax::Cii),
        _ => Err(Refusal::NotFound),
    }
}

pub(super) async fn flow(
    State(certifier): State<Shared>,
    Company(caller): Company,
    Ids((exchange, seller, syntax)): Ids<(ExchangeId, PartyId, String)>,
) -> Result<Json<FlowInfo>, ApiError> {
    let syntax = syntax_of(&syntax)?;
    run(move || Ok(certifier.invoice_flow(&caller, (&exchange, &seller, syntax))?)).await.map(Json)
}

pub(super) async fn filed(
    State(certifier): State<Shared>,
    Company(caller): Company,
    Ids((exchange, seller)): Ids<(ExchangeId, PartyId)>,
    Document(stated): Document<StateFiling>,
) -> Result<(StatusCode, Json<InvoiceInfo>), ApiError> {
    let filed = run(move || Ok(certifier.file_invoice(&caller, (&exchange, &seller, &stated))?));
    Ok((StatusCode::CREATED, Json(filed.await?)))
}

pub(super) async fn unfiled(
    State(certifier): State<Shared>,
    Anyone(caller): Anyone,
) -> Result<Json<Vec<Unfiled>>, ApiError> {
    run(move || Ok(certifier.unfiled(&caller)?)).await.map(Json)
}

pub(super) async fn uninvoiced(
    State(certifier): State<Shared>,
    Keeper(_): Keeper,
) -> Result<Json<Vec<Uninvoiced>>, ApiError> {
    run(move || Ok(certifier.uninvoiced()?)).await.map(Json)
}
