//! Each request gets a correlation id, a span for what is logged on its way, a line in the journal and a
//! count. The id is ours: what a client sends as its own could be anything, and the journal holds nothing
//! that a client chose. Clients are told it in `X-Request-Id`.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use axum::extract::{MatchedPath, RawPathParams, Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, RequestExt as _};
use tiers_protocol::ids::ActorId;
use tracing::Instrument as _;

use super::auth::Shared;
use super::edge::Edge;
use crate::journal::unusual::Seen;
use crate::journal::{Note, Object};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What monitors ask every few seconds and what says nothing about anybody.
const UNNOTED: [&str; 2] = ["/healthz", "/readyz"];

/// Who calls, once a handler knows.
#[derive(Default)]
pub(super) struct Who(OnceLock<ActorId>);

impl Who {
    /// The caller has shown its key.
    pub(super) fn is(&self, actor: ActorId) {
        // A second look at the key finds the same.
        let _ = self.0.set(actor);
    }
}

/// What an answer made, where the address does not say it.
#[derive(Clone)]
pub(super) struct Made(Object);

/// Names what an answer made.
pub(super) fn made(id: &impl ToString) -> Extension<Made> {
    Extension(Made(Object::of(&id.to_string())))
}

/// The code of a problem document.
#[derive(Clone, Copy)]
pub struct Code(pub &'static str);

/// A request under way; noted when it is answered, or when its client went away.
struct Pending {
    certifier: Shared,
    edge: Arc<Edge>,
    who: Arc<Who>,
    operation: String,
    object: Object,
    id: String,
    begun: Instant,
    result: Option<(u16, String)>,
}

impl Drop for Pending {
    fn drop(&mut self) {
        let (status, result) =
            self.result.take().unwrap_or_else(|| (499, "client.gone".to_owned()));
        self.edge.metrics().request(&self.operation, status, &result, self.begun.elapsed());
        if UNNOTED.iter().any(|quiet| self.operation.ends_with(quiet)) {
            return;
        }
        let actor = self.who.0.get().copied();
        self.certifier.note(&Note {
            actor,
            operation: &self.operation,
            object: self.object.clone(),
            result: &result,
            request: &self.id,
        });
        let (at, operation) = (self.certifier.now(), self.operation.as_str());
        self.certifier.look_at(&Seen { at, actor, operation, status, result: &result });
    }
}

pub(super) async fn traced(
    State(certifier): State<Shared>,
    Extension(edge): Extension<Arc<Edge>>,
    mut request: Request,
    next: Next,
) -> Response {
    let who = Arc::new(Who::default());
    request.extensions_mut().insert(Arc::clone(&who));
    let mut pending = Pending {
        operation: operation(&request),
        object: object(&mut request).await,
        id: certifier.request_id(),
        begun: Instant::now(),
        result: None,
        certifier,
        edge,
        who,
    };
    let span = tracing::info_span!("request", id = pending.id, operation = pending.operation);
    let mut response = next.run(request).instrument(span.clone()).await;
    if let Some(Made(object)) = response.extensions().get() {
        pending.object = object.clone();
    }
    let status = response.status().as_u16();
    let code = response.extensions().get().map(|Code(code)| (*code).to_owned());
    let result = code.unwrap_or_else(|| status.to_string());
    if status == 404 {
        // What is not there is not named: it may be anything.
        pending.object = Object::none();
    }
    span.in_scope(|| tracing::debug!(result, "answered"));
    let id = HeaderValue::from_str(&pending.id).expect("ids are ASCII");
    response.headers_mut().insert(REQUEST_ID, id);
    pending.result = Some((status, result));
    // A line is a write to the disk's cache, but the disk may make it wait.
    let noted = tokio::task::spawn_blocking(move || drop(pending)).await;
    if noted.is_err() {
        return super::ApiError::panicked().into_response();
    }
    response
}

/// Method and pattern; never the address as it was sent.
fn operation(request: &Request) -> String {
    let pattern = request.extensions().get::<MatchedPath>().map_or("*", MatchedPath::as_str);
    let method = match request.method().as_str() {
        known @ ("GET" | "HEAD" | "POST" | "PUT" | "DELETE" | "PATCH" | "OPTIONS") => known,
        _ => "OTHER",
    };
    format!("{method} {pattern}")
}

/// The last id of the address.
async fn object(request: &mut Request) -> Object {
    let Ok(parameters) = request.extract_parts::<RawPathParams>().await else {
        return Object::none();
    };
    let ids = parameters.iter().map(|(_, value)| Object::of(value));
    ids.filter(|object| !object.is_none()).last().unwrap_or_else(Object::none)
}
