//! The page on which a brand passes its programme's key on to a dealer. It is sealed there, by the page's script
//! (`static/wrap.js`); no key comes here.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use tiers_protocol::wire::{ProgrammePartner, Role};

use super::Portal;
use super::frame::{Frame, page, programme_id};
use super::visit::Member;
use crate::api::{ApiError, Shared, run};
use crate::web::text::fill;
use crate::web::text::portal::brand::Brand;

struct PartnerView {
    id: String,
    name: String,
    /// As a choice of whom to pass the key on to.
    choice: String,
    /// Whether it is the first that has no key yet.
    first_without: bool,
}

#[derive(Template)]
#[template(path = "portal/programme_key.html")]
struct KeyPage {
    frame: Frame,
    t: &'static Brand,
    id: String,
    name: String,
    partners: Vec<PartnerView>,
    build: bool,
}

pub(super) async fn show(
    State(certifier): State<Shared>,
    Extension(portal): Extension<Arc<Portal>>,
    member: Member,
    Path(programme): Path<String>,
) -> Result<Response, ApiError> {
    let caller = member.only(&[Role::Principal])?;
    let id = programme_id(&programme)?;
    let (own, partners) = run(move || {
        Ok((certifier.own_programme(&caller, &id)?, certifier.partners(&caller, &id)?))
    })
    .await?;
    let t = Brand::of(member.visit.language);
    Ok(page(&KeyPage {
        frame: Frame::new(&member.visit, t.wrap_title),
        t,
        id: id.to_string(),
        name: own.programme.name,
        partners: views(&partners, t),
        build: portal.browser.is_there(),
    }))
}

fn views(partners: &[ProgrammePartner], t: &'static Brand) -> Vec<PartnerView> {
    let without = partners.iter().position(|one| !one.key_wrapped);
    let view = |(at, one): (usize, &ProgrammePartner)| PartnerView {
        id: one.party.to_string(),
        name: one.name.clone(),
        choice: if one.key_wrapped {
            fill(t.wrap_has, &[("name", &one.name)])
        } else {
            one.name.clone()
        },
        first_without: without == Some(at),
    };
    partners.iter().enumerate().map(view).collect()
}
