//! The page on which a file becomes a deposit, in the browser. What the page's script does stands in
//! `static/drop.js`; here is only what it needs to know.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use tiers_contact::FileKind;
use tiers_protocol::wire::Role;

use super::Portal;
use super::dealer::kind_name;
use super::frame::{Frame, page};
use super::visit::Member;
use crate::api::{ApiError, Shared, run};
use crate::web::text::portal::dealer::Dealer;

#[derive(Template)]
#[template(path = "portal/drop.html")]
struct DropPage {
    frame: Frame,
    t: &'static Dealer,
    programmes: Vec<(String, String, bool)>,
    kinds: Vec<(&'static str, &'static str)>,
    /// The company, as its id.
    party: String,
    /// Whether the company keeps the programme's key itself: the one that made it.
    own_key: bool,
    build: bool,
}

/// Which programme is meant.
#[derive(Deserialize, Default)]
pub(super) struct Chosen {
    #[serde(default)]
    programme: String,
}

pub(super) async fn show(
    State(certifier): State<Shared>,
    Extension(portal): Extension<Arc<Portal>>,
    member: Member,
    Query(chosen): Query<Chosen>,
) -> Result<Response, ApiError> {
    let caller = member.only(&[Role::Partner, Role::Principal])?;
    let programmes = run(move || Ok(certifier.own_programmes(&caller)?)).await?;
    let t = Dealer::of(member.visit.language);
    let kinds: &[FileKind] = match caller.role {
        Role::Principal => &[FileKind::Leads, FileKind::Customers],
        Role::Partner | Role::Officer | Role::Operator => &[FileKind::Sales, FileKind::Customers],
    };
    let programmes = programmes.into_iter().map(|one| {
        let id = one.programme.id.to_string();
        let is_chosen = id == chosen.programme;
        (id, one.programme.name, is_chosen)
    });
    Ok(page(&DropPage {
        frame: Frame::new(&member.visit, t.drop_title),
        t,
        programmes: programmes.collect(),
        kinds: kinds.iter().map(|kind| (kind.as_str(), kind_name(t, *kind))).collect(),
        party: caller.party.map(|party| party.to_string()).unwrap_or_default(),
        own_key: caller.role == Role::Principal,
        build: portal.browser.is_there(),
    }))
}
