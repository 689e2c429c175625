//! Roles as types: a handler that takes a [`Principal`] cannot be reached by anybody else.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use tiers_protocol::wire::Role;

use super::ApiError;
use super::trace::Who;
use crate::service::{Certifier, Refusal};
use crate::store::credential::Caller;

/// What handlers share.
pub(super) type Shared = Arc<Certifier>;

async fn caller(parts: &Parts, certifier: &Shared) -> Result<Caller, ApiError> {
    let value = parts.headers.get(header::AUTHORIZATION).ok_or(Refusal::Unauthenticated)?;
    let text = value.to_str().map_err(|_| Refusal::Unauthenticated)?;
    let key = text.strip_prefix("Bearer ").ok_or(Refusal::Unauthenticated)?.to_owned();
    let certifier = Arc::clone(certifier);
    let caller = run(move || certifier.authenticate(&key).map_err(ApiError::from)).await?;
    if let Some(who) = parts.extensions.get::<Arc<Who>>() {
        who.is(caller.actor);
    }
    Ok(caller)
}

/// Runs a use case on a thread that may wait for the disk.
pub(super) async fn run<T: Send + 'static>(
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

        impl FromRequestParts<Shared> for $name {
            type Rejection = ApiError;

            async fn from_request_parts(
                parts: &mut Parts,
                certifier: &Shared,
            ) -> Result<Self, ApiError> {
                let caller = caller(parts, certifier).await?;
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
    /// Whoever writes records of governance.
    Contributor: Partner | Principal | Operator;
    /// The certifier's people who keep files of breaches.
    Keeper: Officer | Operator;
    /// Whoever may see the proof of a decision about a record.
    Prover: Partner | Principal | Officer;
    /// Whoever has a key.
    Anyone: Partner | Principal | Officer | Operator;
}
