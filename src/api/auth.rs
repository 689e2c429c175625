//! Who calls, and whether they may: the [`door`] of an operation asks the policies once, before the handler runs, and
//! hands the caller on. Roles are types besides: a handler that takes a [`Principal`] is reached by nobody else, even
//! where a policy would let them; the tests hold that both say the same.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::header;
use axum::http::request::Parts;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use tiers_protocol::wire::Role;

use super::ApiError;
use super::edge::Edge;
use super::rate::Peer;
use super::table::{Handlers, operation};
use super::trace::Who;
use crate::service::authority::Who as Asking;
use crate::service::{Certifier, Refusal};
use crate::store::credential::Caller;

/// What handlers share.
pub type Shared = Arc<Certifier>;

/// What a script of a page sends with the cookie, from the page that it stands on.
pub const CSRF_HEADER: &str = "x-tiers-csrf";

/// Names of the cookie of a session: the first where TLS is, the other on loopback.
pub const SESSION_COOKIES: [&str; 2] = ["__Host-tiers", "tiers-session"];

/// The secret of a session's cookie, if the request has one.
#[must_use]
pub fn session_cookie(parts: &Parts) -> Option<String> {
    let lines = parts.headers.get_all(header::COOKIE).into_iter();
    let mut pairs = lines.filter_map(|line| line.to_str().ok()).flat_map(|line| line.split("; "));
    pairs.find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        SESSION_COOKIES.contains(&name).then(|| value.to_owned())
    })
}

/// Tells the journal who calls.
pub fn note_caller(parts: &Parts, actor: tiers_protocol::ids::ActorId) {
    if let Some(who) = parts.extensions.get::<Arc<Who>>() {
        who.is(actor);
    }
}

/// Whoever is signed in on the page from which a script calls. A page of another site knows no token
/// that the session would take.
async fn on_a_page(parts: &Parts, certifier: &Shared) -> Result<Caller, ApiError> {
    let secret = session_cookie(parts).ok_or(Refusal::Unauthenticated)?;
    let sent = parts.headers.get(CSRF_HEADER).ok_or(Refusal::Forged)?.clone();
    let certifier = Arc::clone(certifier);
    let signed_in = run(move || Ok(certifier.signed_in(&secret)?)).await?;
    if !signed_in.takes(sent.as_bytes()) {
        return Err(Refusal::Forged.into());
    }
    note_caller(parts, signed_in.person.caller.actor);
    Ok(signed_in.person.caller)
}

/// A caller that a door let in.
#[derive(Clone, Copy)]
struct LetIn(Caller);

/// The door of an address: who calls is found out, unless anybody may, and the policies are asked for the operation.
pub(super) fn door(handlers: Handlers, certifier: &Shared, path: &'static str) -> Handlers {
    let state = (Arc::clone(certifier), path);
    handlers.route_layer(middleware::from_fn_with_state(state, pass))
}

async fn pass(
    State((certifier, path)): State<(Shared, &'static str)>,
    request: Request,
    next: Next,
) -> Response {
    let operation = operation(request.method(), path);
    if certifier.authority().door(&Asking::Visitor, &operation).is_ok() {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    match let_in(&parts, &certifier, &operation).await {
        Ok(caller) => {
            parts.extensions.insert(LetIn(caller));
            next.run(Request::from_parts(parts, body)).await
        }
        Err(error) => error.into_response(),
    }
}

async fn let_in(parts: &Parts, certifier: &Shared, operation: &str) -> Result<Caller, ApiError> {
    let (caller, change_due) = caller(parts, certifier).await?;
    certifier.authority().door(&Asking::Account { caller, change_due }, operation)?;
    Ok(caller)
}

/// The door of what is for anybody and asks for nobody: the files that pages are made of.
pub fn open_door(handlers: Handlers, certifier: &Shared, path: &'static str) -> Handlers {
    let state = (Arc::clone(certifier), path);
    handlers.route_layer(middleware::from_fn_with_state(state, pass_visitors))
}

async fn pass_visitors(
    State((certifier, path)): State<(Shared, &'static str)>,
    request: Request,
    next: Next,
) -> Response {
    let operation = operation(request.method(), path);
    match certifier.authority().door(&Asking::Visitor, &operation) {
        Ok(()) => next.run(request).await,
        Err(refusal) => ApiError::from(refusal).into_response(),
    }
}

/// Who calls, and whether the key has to be changed; under the limits of the edge.
async fn caller(parts: &Parts, certifier: &Shared) -> Result<(Caller, bool), ApiError> {
    let limiter = parts.extensions.get::<Arc<Edge>>().and_then(|edge| edge.limiter());
    let peer = parts.extensions.get::<Peer>().copied();
    if let (Some(limiter), Some(peer)) = (limiter, peer) {
        limiter.may_try(peer, Instant::now())?;
    }
    let caller = known(parts, certifier).await;
    match (limiter, &caller) {
        (Some(limiter), Ok((caller, _))) => limiter.account(caller.actor, Instant::now())?,
        (Some(limiter), Err(error)) if error.is(Refusal::Unauthenticated) => {
            if let Some(peer) = peer {
                limiter.failed(peer, Instant::now());
            }
        }
        _ => {}
    }
    caller
}

async fn known(parts: &Parts, certifier: &Shared) -> Result<(Caller, bool), ApiError> {
    let Some(value) = parts.headers.get(header::AUTHORIZATION) else {
        return Ok((on_a_page(parts, certifier).await?, false));
    };
    let text = value.to_str().map_err(|_| Refusal::Unauthenticated)?;
    let key = text.strip_prefix("Bearer ").ok_or(Refusal::Unauthenticated)?.to_owned();
    let certifier = Arc::clone(certifier);
    let known = run(move || certifier.authenticate(&key).map_err(ApiError::from)).await?;
    note_caller(parts, known.0.actor);
    Ok(known)
}

/// Runs a use case on a thread that may wait for the disk.
pub async fn run<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    let span = tracing::Span::current();
    tokio::task::spawn_blocking(move || span.in_scope(work))
        .await
        .unwrap_or_else(|_| Err(ApiError::panicked()))
}

macro_rules! roles {
    ($($(#[$doc:meta])* $name:ident: $($role:ident)|+;)*) => {$(
        $(#[$doc])*
        pub(super) struct $name(pub(super) Caller);

        impl<S: Send + Sync> FromRequestParts<S> for $name {
            type Rejection = ApiError;

            async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
                let LetIn(caller) =
                    parts.extensions.get().copied().ok_or(Refusal::Unauthenticated)?;
                match caller.role {
                    $(Role::$role)|+ => Ok(Self(caller)),
                    #[allow(unreachable_patterns)]
                    _ => Err(Refusal::Forbidden.into()),
                }
            }
        }
    )*};
}

roles! {
    /// A partner.
    Partner: Partner;
    /// A principal.
    Principal: Principal;
    /// A compliance officer.
    Officer: Officer;
    /// The operator.
    Operator: Operator;
    /// A partner or a principal.
    Company: Partner | Principal;
    /// Whoever takes part in a programme, or looks at it as an officer.
    Reader: Partner | Principal | Officer;
    /// A principal, or an officer of the certifier.
    PrincipalOrOfficer: Principal | Officer;
    /// Whoever writes records of governance.
    Contributor: Partner | Principal | Operator;
    /// The certifier's people who keep files of breaches.
    Keeper: Officer | Operator;
    /// Whoever may see the proof of a decision about a record.
    Prover: Partner | Principal | Officer;
    /// Whoever has a key.
    Anyone: Partner | Principal | Officer | Operator;
}
