//! What stands around every page: language, navigation, who is signed in; the pages that differ by role
//! and are asked at one address; and the page of a refusal.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse as _, Response};
use serde::Deserialize;
use tiers_protocol::ids::ProgrammeId;
use tiers_protocol::wire::Role;

use super::visit::{Member, Visit};
use super::{brand, company, dealer, officer};
use crate::api::{ApiError, Shared};
use crate::service::Refusal;
use crate::web::Language;
use crate::web::text::fill;
use crate::web::text::portal::common::Common;
use crate::web::text::portal::refusal;

/// A place in the navigation.
pub(super) struct Item {
    pub(super) href: &'static str,
    pub(super) label: &'static str,
    pub(super) current: bool,
}

/// Who is signed in.
pub(super) struct Person {
    pub(super) label: String,
    pub(super) company: Option<String>,
    pub(super) csrf: String,
    /// The company's id, if the person is of one.
    party: Option<String>,
}

/// What stands around a page.
pub(super) struct Frame {
    pub(super) w: &'static Common,
    pub(super) title: String,
    pub(super) nav: Vec<Item>,
    pub(super) person: Option<Person>,
    path: String,
}

impl Frame {
    pub(super) fn new(visit: &Visit, title: &str) -> Self {
        let w = Common::of(visit.language);
        let signed_in = visit.signed_in.as_deref();
        let person = signed_in.map(|signed_in| Person {
            label: fill(
                w.signed_in_as,
                &[
                    ("name", &signed_in.person.name),
                    ("role", role_name(w, signed_in.person.caller.role)),
                ],
            ),
            company: visit.company.clone(),
            csrf: signed_in.csrf(),
            party: signed_in.person.caller.party.map(|party| party.to_string()),
        });
        let nav = signed_in.map(|one| nav(w, one.person.caller.role, &visit.path));
        Self {
            w,
            title: title.to_owned(),
            nav: nav.unwrap_or_default(),
            person,
            path: visit.path.clone(),
        }
    }

    /// Where the name of the site leads.
    pub(super) fn home(&self) -> &'static str {
        if self.person.is_some() { "/portal" } else { "/" }
    }

    /// The company for which somebody is signed in, as its id; empty where there is none.
    pub(super) fn party(&self) -> &str {
        self.person.as_ref().and_then(|person| person.party.as_deref()).unwrap_or_default()
    }

    /// This page in the other language.
    pub(super) fn other(&self) -> String {
        let mark = if self.path.contains('?') { '&' } else { '?' };
        format!("{}{mark}lang={}", self.path, self.w.other_lang)
    }
}

pub(super) fn role_name(w: &'static Common, role: Role) -> &'static str {
    match role {
        Role::Partner => w.role_partner,
        Role::Principal => w.role_principal,
        Role::Officer => w.role_officer,
        Role::Operator => w.role_operator,
    }
}

fn nav(w: &'static Common, role: Role, path: &str) -> Vec<Item> {
    let mut places = vec![("/portal", w.home)];
    let (search, requests) = (("/portal/search", w.search), ("/portal/requests", w.requests));
    let (register, breaches) = (("/portal/register", w.register), ("/portal/breaches", w.breaches));
    let retention = ("/portal/retention", w.retention);
    let conformity = ("/portal/conformity", w.conformity);
    let consents = ("/portal/consents", w.consents);
    let own: &[_] = match role {
        Role::Partner | Role::Principal => {
            let exchanges = ("/portal/exchanges", w.exchanges);
            let keys = ("/portal/keys", w.keys);
            &[("/portal/drop", w.drop), consents, exchanges, requests, search, register, keys]
        }
        Role::Officer => {
            let acts = ("/portal/acts", w.acts);
            &[acts, search, requests, retention, breaches, register, conformity]
        }
        Role::Operator => &[retention, breaches, register, conformity],
    };
    places.extend(own);
    places.push(("/portal/people", w.people));
    let page = path.split('?').next().unwrap_or_default();
    let item = |(href, label)| Item { href, label, current: page == href };
    places.into_iter().map(item).collect()
}

/// A page, ready to be sent.
pub(super) fn page(template: &impl Template) -> Response {
    Html(template.render().expect("the template asks for nothing that can fail")).into_response()
}

#[derive(Template)]
#[template(path = "portal/error.html")]
struct ErrorPage {
    frame: Frame,
    title: String,
    advice: String,
    code: &'static str,
}

/// The page of a refusal, or of a failure of ours.
pub(super) fn error(visit: &Visit, code: &'static str) -> Html<String> {
    let refusal = Refusal::ALL.iter().find(|refusal| refusal.code() == code);
    // A failure has no words of its own; its code says what the operator needs.
    let (title, advice) = refusal::said(*refusal.unwrap_or(&Refusal::Storage), visit.language);
    let frame = Frame::new(visit, Common::of(visit.language).error_title);
    let page = ErrorPage { frame, title, advice, code };
    Html(page.render().expect("the template asks for nothing that can fail"))
}

/// The first page after signing in.
pub(super) async fn home(
    State(certifier): State<Shared>,
    member: Member,
) -> Result<Response, ApiError> {
    match member.caller().role {
        Role::Partner => dealer::home(certifier, member).await,
        Role::Principal => brand::home(certifier, member).await,
        Role::Officer => officer::home(certifier, member).await,
        Role::Operator => company::home(certifier, member).await,
    }
}

/// What the address of a programme's page may carry.
#[derive(Deserialize, Default, Clone)]
pub(super) struct Asked {
    /// Month of a plan.
    #[serde(default)]
    pub(super) month: String,
    /// What was just done.
    #[serde(default)]
    pub(super) done: String,
    /// What else was chosen.
    #[serde(flatten)]
    pub(super) chosen: BTreeMap<String, String>,
}

/// The programme that an address names.
pub(super) fn programme_id(text: &str) -> Result<ProgrammeId, ApiError> {
    text.parse().map_err(|_| Refusal::NotFound.into())
}

/// The page of a programme, by role.
pub(super) async fn programme(
    State(certifier): State<Shared>,
    member: Member,
    Path(programme): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, ApiError> {
    let id = programme_id(&programme)?;
    match member.caller().role {
        Role::Partner => dealer::programme(certifier, member, id, &asked).await,
        Role::Principal => brand::programme(certifier, member, id, asked).await,
        Role::Officer => officer::programme(certifier, member, id, &asked).await,
        Role::Operator => Err(Refusal::Forbidden.into()),
    }
}

/// Yes or no.
pub(super) fn yes_no(language: Language, yes: bool) -> &'static str {
    let w = Common::of(language);
    if yes { w.yes } else { w.no }
}
