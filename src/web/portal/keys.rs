//! The page on which a company's keys are made and kept in the browser. What its script does stands in
//! `static/keep.js`; no key comes here.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use tiers_protocol::wire::Role;

use super::Portal;
use super::frame::{Frame, page};
use super::visit::{Member, Visit};
use crate::api::{ApiError, Shared, run};
use crate::web::text::portal::keys::Keys;

#[derive(Template)]
#[template(path = "portal/keys.html")]
struct KeysPage {
    frame: Frame,
    t: &'static Keys,
    /// The company, as its id; empty before it is enrolled.
    party: String,
    /// The fingerprint under which it is enrolled, or empty.
    known: String,
    build: bool,
}

impl KeysPage {
    fn new(visit: &Visit, portal: &Portal) -> Self {
        let t = Keys::of(visit.language);
        Self {
            frame: Frame::new(visit, t.title),
            t,
            party: String::new(),
            known: String::new(),
            build: portal.browser.is_there(),
        }
    }
}

/// For a company that is not enrolled yet.
pub(super) async fn first(visit: Visit, Extension(portal): Extension<Arc<Portal>>) -> Response {
    page(&KeysPage::new(&visit, &portal))
}

/// For a company's people.
pub(super) async fn show(
    State(certifier): State<Shared>,
    Extension(portal): Extension<Arc<Portal>>,
    member: Member,
) -> Result<Response, ApiError> {
    let caller = member.only(&[Role::Partner, Role::Principal])?;
    let known = run(move || Ok(certifier.company_fingerprint(&caller)?)).await?;
    Ok(page(&KeysPage {
        party: caller.party.map(|party| party.to_string()).unwrap_or_default(),
        known: known.map(|print| print.to_string()).unwrap_or_default(),
        ..KeysPage::new(&member.visit, &portal)
    }))
}
