//! Consent and opposition over HTTP. A batch comes as JSON, or sealed to the certifier where somebody
//! between ends TLS. Whose chains a caller may see is decided by the use case.

use std::sync::LazyLock;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::IntoResponse;
use axum::{Extension, Json};
use serde::de::DeserializeOwned;
use tiers_protocol::consent::ConsentForm;
use tiers_protocol::consent::Language;
use tiers_protocol::consent::wire::{
    ConsentDocuments, ConsentHistory, DecisionInfo, DecisionQuery, FormInfo, HistoryQuery,
    NewConsents, NewFacts, NewOppositions, NoticeInfo, RecordedConsents, RecordedOppositions,
    SupplierState,
};
use tiers_protocol::encoding::sha256;
use tiers_protocol::ids::{FormId, NoticeId, RecordId, RequestId};
use tiers_protocol::request::{NewRequest, RequestAnswer, RequestInfo, RequestStep};

use super::ApiError;
use super::auth::{Company, Officer, Reader, Shared, run};
use super::body::{Document, Ids, read};
use super::trace::{Made, made};
use crate::consent::page::{self, Choice};
use crate::limits;
use crate::service::Refusal;

type Written<T> = Result<(StatusCode, Json<T>), ApiError>;

pub(super) async fn publish_form(
    State(certifier): State<Shared>,
    Company(caller): Company,
    Document(form): Document<ConsentForm>,
) -> Result<(StatusCode, Extension<Made>, Json<FormInfo>), ApiError> {
    let info = run(move || Ok(certifier.publish_form(&caller, &form)?)).await?;
    Ok((StatusCode::CREATED, made(&info.form), Json(info)))
}

pub(super) async fn forms(
    State(certifier): State<Shared>,
    Company(caller): Company,
) -> Result<Json<Vec<FormInfo>>, ApiError> {
    run(move || Ok(certifier.forms(&caller)?)).await.map(Json)
}

pub(super) async fn form(
    State(certifier): State<Shared>,
    Reader(caller): Reader,
    Ids(form): Ids<FormId>,
) -> Result<Json<FormInfo>, ApiError> {
    run(move || Ok(certifier.form(&caller, &form)?)).await.map(Json)
}

/// A batch as it came.
enum Batch<T> {
    Plain(T),
    Sealed(Vec<u8>),
}

async fn batch<T: DeserializeOwned>(request: Request) -> Result<Batch<T>, ApiError> {
    let kind = request.headers().get(header::CONTENT_TYPE);
    let sealed = kind.is_some_and(|kind| kind.as_bytes() == b"application/octet-stream");
    let bytes = read(request, limits::CONSENT_BYTES).await?;
    if sealed {
        return Ok(Batch::Sealed(bytes.to_vec()));
    }
    let plain = serde_json::from_slice(&bytes).map_err(|_| Refusal::Malformed)?;
    Ok(Batch::Plain(plain))
}

pub(super) async fn record(
    State(certifier): State<Shared>,
    Company(caller): Company,
    request: Request,
) -> Written<RecordedConsents> {
    let batch = batch::<NewConsents>(request).await?;
    let recorded = run(move || match batch {
        Batch::Plain(new) => Ok(certifier.record_consents(&caller, &new)?),
        Batch::Sealed(bytes) => Ok(certifier.record_sealed_consents(&caller, &bytes)?),
    });
    Ok((StatusCode::CREATED, Json(recorded.await?)))
}

pub(super) async fn object(
    State(certifier): State<Shared>,
    Company(caller): Company,
    request: Request,
) -> Written<RecordedOppositions> {
    let batch = batch::<NewOppositions>(request).await?;
    let recorded = run(move || match batch {
        Batch::Plain(new) => Ok(certifier.record_oppositions(&caller, &new)?),
        Batch::Sealed(bytes) => Ok(certifier.record_sealed_oppositions(&caller, &bytes)?),
    });
    Ok((StatusCode::CREATED, Json(recorded.await?)))
}

pub(super) async fn facts(
    State(certifier): State<Shared>,
    Company(caller): Company,
    Document(new): Document<NewFacts>,
) -> Result<StatusCode, ApiError> {
    run(move || Ok(certifier.record_facts(&caller, &new)?)).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn history(
    State(certifier): State<Shared>,
    Reader(caller): Reader,
    Document(query): Document<HistoryQuery>,
) -> Result<Json<ConsentHistory>, ApiError> {
    run(move || Ok(certifier.consent_history(&caller, &query)?)).await.map(Json)
}

pub(super) async fn decision(
    State(certifier): State<Shared>,
    Reader(caller): Reader,
    Document(query): Document<DecisionQuery>,
) -> Result<Json<DecisionInfo>, ApiError> {
    run(move || Ok(certifier.decide_one(&caller, &query)?)).await.map(Json)
}

pub(super) async fn documents(
    State(certifier): State<Shared>,
    Reader(caller): Reader,
    Ids(record): Ids<RecordId>,
) -> Result<Json<ConsentDocuments>, ApiError> {
    run(move || Ok(certifier.consent_documents(&caller, &record)?)).await.map(Json)
}

pub(super) async fn proof(
    State(certifier): State<Shared>,
    Reader(caller): Reader,
    Ids(record): Ids<RecordId>,
) -> Result<impl IntoResponse, ApiError> {
    let proof = run(move || Ok(certifier.consent_proof(&caller, &record)?)).await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], proof.to_vec()))
}

pub(super) async fn supplier(
    State(certifier): State<Shared>,
    Officer(caller): Officer,
    Document(state): Document<SupplierState>,
) -> Result<StatusCode, ApiError> {
    run(move || Ok(certifier.change_supplier(&caller, &state)?)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What the page of a withdrawal link may load: its own style, known by its digest, and nothing else.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let digest = sha256(page::STYLE.as_bytes()).to_string().replace('-', "+").replace('_', "/");
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{digest}='; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    HeaderValue::from_str(&policy).expect("base64 and fixed words")
});

/// The page of a withdrawal link, in the language of its form.
fn page((choice, language): (Choice, Language)) -> impl IntoResponse {
    let french = language.to_string() != "en";
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, POLICY.clone()),
    ];
    (headers, page::withdrawal(&choice, french))
}

pub(super) async fn withdrawal(
    State(certifier): State<Shared>,
    Ids(word): Ids<String>,
) -> Result<impl IntoResponse, ApiError> {
    run(move || Ok(certifier.withdrawal(&word)?)).await.map(page)
}

pub(super) async fn withdraw(
    State(certifier): State<Shared>,
    Ids(word): Ids<String>,
) -> Result<impl IntoResponse, ApiError> {
    run(move || Ok(certifier.withdraw(&word)?)).await.map(page)
}

pub(super) async fn notices(
    State(certifier): State<Shared>,
    Reader(caller): Reader,
) -> Result<Json<Vec<NoticeInfo>>, ApiError> {
    run(move || Ok(certifier.notices(&caller)?)).await.map(Json)
}

pub(super) async fn acknowledge(
    State(certifier): State<Shared>,
    Company(caller): Company,
    Ids(notice): Ids<NoticeId>,
) -> Result<StatusCode, ApiError> {
    run(move || Ok(certifier.acknowledge(&caller, &notice)?)).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn open_request(
    State(certifier): State<Shared>,
    Reader(caller): Reader,
    Document(new): Document<NewRequest>,
) -> Result<(StatusCode, Extension<Made>, Json<RequestAnswer>), ApiError> {
    let answer = run(move || Ok(certifier.open_request(&caller, &new)?)).await?;
    Ok((StatusCode::CREATED, made(&answer.request.request), Json(answer)))
}

pub(super) async fn step_request(
    State(certifier): State<Shared>,
    Reader(caller): Reader,
    Ids(request): Ids<RequestId>,
    Document(step): Document<RequestStep>,
) -> Result<Json<RequestInfo>, ApiError> {
    run(move || Ok(certifier.step_request(&caller, &request, &step)?)).await.map(Json)
}

pub(super) async fn requests(
    State(certifier): State<Shared>,
    Reader(caller): Reader,
) -> Result<Json<Vec<RequestInfo>>, ApiError> {
    run(move || Ok(certifier.requests(&caller)?)).await.map(Json)
}
