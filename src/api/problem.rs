//! Problem documents (RFC 9457): what a caller is told when the answer is no. This is the only file
//! that knows which refusal has which HTTP status.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tiers_protocol::wire::Problem;

use super::trace::Code;

use crate::durable::Trouble;
use crate::service::{Class, Refusal, ServiceError};

/// A use case's error on its way out.
#[derive(Debug)]
pub struct ApiError(ServiceError);

impl<E: Into<ServiceError>> From<E> for ApiError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl ApiError {
    /// Whether it is this refusal.
    pub(super) fn is(&self, refusal: Refusal) -> bool {
        matches!(self.0, ServiceError::Refused(other) if other == refusal)
    }

    /// A use case that panicked: our bug. Its transaction was rolled back.
    pub(super) const fn panicked() -> Self {
        Self(ServiceError::Panicked)
    }
}

const fn status(class: Class) -> StatusCode {
    match class {
        Class::Unauthenticated => StatusCode::UNAUTHORIZED,
        Class::Forbidden => StatusCode::FORBIDDEN,
        Class::NotFound => StatusCode::NOT_FOUND,
        Class::Malformed => StatusCode::BAD_REQUEST,
        Class::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        Class::Conflict => StatusCode::CONFLICT,
        Class::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Class::Spent | Class::Often => StatusCode::TOO_MANY_REQUESTS,
        Class::Busy => StatusCode::SERVICE_UNAVAILABLE,
        Class::Slow => StatusCode::REQUEST_TIMEOUT,
        Class::NoRoom => StatusCode::INSUFFICIENT_STORAGE,
    }
}

/// The document for one refusal.
pub(super) fn document(refusal: Refusal) -> Problem {
    Problem {
        kind: format!("urn:tiers:problem:{}", refusal.code()),
        title: refusal.title().to_owned(),
        status: status_of(refusal).as_u16(),
        code: refusal.code().to_owned(),
        detail: refusal.advice().to_owned(),
    }
}

/// The status of one refusal.
pub(super) const fn status_of(refusal: Refusal) -> StatusCode {
    match refusal {
        Refusal::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
        other => status(other.class()),
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        match self.0 {
            ServiceError::Refused(refusal) => refused(refusal),
            failure => failed(&failure),
        }
    }
}

/// The refusal of a certifier that is not ready, which says why before what to do.
pub(super) fn not_ready(why: &str) -> Response {
    let mut told = document(Refusal::NotReady);
    told.detail = format!("{why} {}", told.detail);
    refused_with(Refusal::NotReady, told)
}

fn refused(refusal: Refusal) -> Response {
    refused_with(refusal, document(refusal))
}

fn refused_with(refusal: Refusal, told: Problem) -> Response {
    let mut response = write(status_of(refusal), told, refusal.code());
    if refusal.class() == Class::Unauthenticated {
        let scheme = HeaderValue::from_static("Bearer");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
    }
    if matches!(refusal.class(), Class::Busy | Class::Often) {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    }
    response
}

/// A failure of ours: the log gets it, the caller gets its code, or learns that the disk is why.
fn failed(failure: &ServiceError) -> Response {
    tracing::error!(code = failure.code(), error = %failure, "a request failed");
    match failure.trouble() {
        Some(Trouble::NoRoom) => return refused(Refusal::NoRoom),
        Some(Trouble::Refused) => return refused(Refusal::Storage),
        None => {}
    }
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    let problem = Problem {
        kind: format!("urn:tiers:problem:{}", failure.code()),
        title: "the certifier could not do this".to_owned(),
        status: status.as_u16(),
        code: failure.code().to_owned(),
        detail: "Nothing was changed unless an earlier answer said so; try again, and tell the \
                 operator this code if it stays."
            .to_owned(),
    };
    write(status, problem, failure.code())
}

fn write(status: StatusCode, problem: Problem, code: &'static str) -> Response {
    let mut response = (status, Json(problem)).into_response();
    let media = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(header::CONTENT_TYPE, media);
    response.extensions_mut().insert(Code(code));
    response
}
