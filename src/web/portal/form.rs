//! Forms that a page of ours sent: fields by name, once the token of the session was with them.

use std::collections::BTreeMap;
use std::str::FromStr;

use axum::body::Body;
use axum::extract::{Form, FromRequest, FromRequestParts as _, Request};

use super::visit::Member;
use crate::api::{ApiError, read_body};
use crate::limits;
use crate::service::Refusal;

/// The fields of a form, and who sent it.
pub(super) struct Posted {
    pub(super) member: Member,
    fields: BTreeMap<String, String>,
}

impl<S: Send + Sync> FromRequest<S> for Posted {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let (mut parts, body) = request.into_parts();
        let member = Member::from_request_parts(&mut parts, state).await?;
        let bytes = read_body(Request::from_parts(parts.clone(), body), limits::FORM_BYTES).await?;
        let request = Request::from_parts(parts, Body::from(bytes));
        let form = Form::<BTreeMap<String, String>>::from_request(request, state).await;
        let Form(fields) = form.map_err(|_| Refusal::Malformed)?;
        let sent = fields.get("csrf").ok_or(Refusal::Forged)?;
        if !member.signed_in.takes(sent.as_bytes()) {
            return Err(Refusal::Forged.into());
        }
        Ok(Self { member, fields })
    }
}

impl Posted {
    /// A field's text; empty when it is not there.
    pub(super) fn text(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    /// Whether a box was ticked.
    pub(super) fn ticked(&self, name: &str) -> bool {
        self.text(name) == "yes"
    }

    /// A field that is read as something.
    pub(super) fn read<T: FromStr>(&self, name: &str) -> Result<T, ApiError> {
        self.text(name).trim().parse().map_err(|_| Refusal::Malformed.into())
    }
}
