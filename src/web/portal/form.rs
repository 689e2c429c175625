//! Forms that a page of ours sent: fields by name, once the token of the session was with them.

use std::collections::BTreeMap;
use std::str::FromStr;

use axum::extract::{FromRequest, FromRequestParts as _, Query, Request};
use axum::http::Uri;

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
        let bytes = read_body(Request::from_parts(parts, body), limits::FORM_BYTES).await?;
        let fields = fields(&bytes).ok_or(Refusal::Malformed)?;
        let sent = fields.get("csrf").ok_or(Refusal::Forged)?;
        if !member.signed_in.takes(sent.as_bytes()) {
            return Err(Refusal::Forged.into());
        }
        Ok(Self { member, fields })
    }
}

/// A form is written as a query is.
fn fields(bytes: &[u8]) -> Option<BTreeMap<String, String>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let uri: Uri = format!("/?{text}").parse().ok()?;
    let Query(fields) = Query::try_from_uri(&uri).ok()?;
    Some(fields)
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

#[cfg(test)]
mod tests {
    use super::fields;

    #[test]
    fn a_form_is_read_as_browsers_write_it() {
        let read = fields(b"name=Anne+%26+C%C3%A9cile&csrf=a-b_c&empty=").expect("a form");
        assert_eq!(read["name"], "Anne & C\u{e9}cile");
        assert_eq!((read["csrf"].as_str(), read["empty"].as_str()), ("a-b_c", ""));
        assert!(fields(b"\xff").is_none() && fields(b"a=\n").is_none());
    }
}
