//! Pages on which acts are searched by case, record or act, and the dossier of a number: with its proofs, to
//! download or to be checked in the page (`static/dossier.js`). Officers search all that the ledger commits
//! to, companies what concerns them; that is decided by the use case.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use tiers_protocol::dossier::NewSearch;
use tiers_protocol::wire::Role;

use super::Portal;
use super::assets::download;
use super::form::Posted;
use super::frame::{Frame, page};
use super::officer::{ActView, act_view};
use super::visit::{Member, Visit};
use crate::api::{ApiError, Shared, run};
use crate::governance::dossier::pdf;
use crate::governance::register;
use crate::service::read_acts::CheckableAct;
use crate::web::Language;
use crate::web::text::portal::officer::Officer;
use crate::web::text::portal::oversight::Oversight;

/// Who may search acts.
const READERS: &[Role] = &[Role::Partner, Role::Principal, Role::Officer];

#[derive(Template)]
#[template(path = "portal/search.html")]
struct SearchPage {
    frame: Frame,
    w: &'static Oversight,
    t: &'static Officer,
    csrf: String,
    search: NewSearch,
    acts: Option<Vec<ActView>>,
    /// The search as the API takes it, where there is a dossier of it.
    dossier: Option<String>,
    /// Whether the browser's program is there.
    build: bool,
}

impl SearchPage {
    /// A field that was not filled in is empty.
    fn said<'a>(&self, field: &'a Option<String>) -> &'a str {
        field.as_deref().unwrap_or_default()
    }
}

/// What the address may carry: a number to begin with.
#[derive(Deserialize)]
pub(super) struct About {
    about: Option<String>,
}

pub(super) async fn show(
    member: Member,
    Query(About { about }): Query<About>,
) -> Result<Response, ApiError> {
    member.only(READERS)?;
    let search = NewSearch { about, ..NewSearch::default() };
    Ok(shown(&member.visit, (member.csrf(), false), (search, None)))
}

type Found = (NewSearch, Option<Vec<CheckableAct>>);

fn shown(visit: &Visit, (csrf, build): (String, bool), (search, acts): Found) -> Response {
    let language = visit.language;
    let w = Oversight::of(language);
    let found = acts.as_ref().is_some_and(|acts| !acts.is_empty());
    let dossier = (found && search.about.is_some())
        .then(|| serde_json::to_string(&search).unwrap_or_default());
    page(&SearchPage {
        frame: Frame::new(visit, w.search_title),
        w,
        t: Officer::of(language),
        csrf,
        search,
        acts: acts.map(|acts| acts.into_iter().map(|act| act_view(act, language)).collect()),
        dossier,
        build,
    })
}

/// The search that a form asks for; what is left empty is not asked for.
fn asked(posted: &Posted) -> NewSearch {
    let field =
        |name: &str| Some(posted.text(name).trim().to_owned()).filter(|text| !text.is_empty());
    NewSearch {
        reason: posted.text("reason").to_owned(),
        about: field("about"),
        act: field("type"),
        about_persons: posted.text("about_persons") == "yes",
        since: field("since"),
        until: field("until"),
        ..NewSearch::default()
    }
}

pub(super) async fn search(
    State(certifier): State<Shared>,
    Extension(portal): Extension<Arc<Portal>>,
    posted: Posted,
) -> Result<Response, ApiError> {
    let caller = posted.member.only(READERS)?;
    let search = asked(&posted);
    let new = search.clone();
    let acts = run(move || Ok(certifier.found_to_check(&caller, &new)?)).await?;
    let with = (posted.member.csrf(), portal.browser.is_there());
    Ok(shown(&posted.member.visit, with, (search, Some(acts))))
}

pub(super) async fn dossier(
    State(certifier): State<Shared>,
    posted: Posted,
) -> Result<Response, ApiError> {
    let caller = posted.member.only(READERS)?;
    let search = asked(&posted);
    let readable = posted.text("format") == "pdf";
    let language = match posted.member.visit.language {
        Language::French => register::Language::Fr,
        Language::English => register::Language::En,
    };
    run(move || {
        let dossier = certifier.dossier(&caller, &search)?;
        Ok(if readable {
            download("application/pdf", "dossier.pdf", pdf(&dossier, language))
        } else {
            download("application/json", "dossier.json", dossier.to_vec())
        })
    })
    .await
}
