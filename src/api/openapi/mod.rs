//! The description of the API (OpenAPI 3.1), written from the one table in [`routes`] and served at
//! `/openapi.json`. It describes and does nothing: who may do what is decided by the policies
//! at the door of each route, and tests hold that both say the same.

mod access;
mod alert;
mod collection;
mod consent;
mod document;
mod exchange;
mod governance;
mod lift;
mod own_count;
mod reports;
mod retention;
mod routes;
mod webhook;

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use axum::http::header;
use axum::response::IntoResponse;

/// The document does not depend on anything that changes while the certifier runs.
static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
    let mut text = document::document().to_string();
    text.push('\n');
    text
});

/// `GET /openapi.json`.
pub(super) async fn openapi() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT.as_str())
}
