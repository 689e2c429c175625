//! Pages of the certifier's officers: programmes with their rules and what is missing, acts, breaches.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde_json::json;
use tiers_protocol::encoding::Bytes;
use tiers_protocol::ids::ProgrammeId;
use tiers_protocol::wire::{ApprovePolicy, Role};

use super::Portal;
use super::form::Posted;
use super::frame::{Asked, Frame, page};
use super::rules::rules;
use super::visit::Member;
use crate::api::{ApiError, Shared, run};
use crate::governance::breach::{Clock, ClockState};
use crate::governance::view::{BreachInfo, RecordInfo};
use crate::limits;
use crate::service::Refusal;
use crate::service::read_acts::{CheckableAct, Reading};
use crate::web::Language;
use crate::web::text::fill;
use crate::web::text::portal::act;
use crate::web::text::portal::dealer::Dealer;
use crate::web::text::portal::officer::Officer;
use crate::web::text::portal::oversight::Oversight;
use crate::web::text::portal::refusal;

struct ProgrammeView {
    id: String,
    name: String,
    by: String,
    approved: String,
    production: &'static str,
}

struct BreachView {
    id: String,
    aware: String,
    controllers: String,
    authority: String,
    state: &'static str,
}

#[derive(Template)]
#[template(path = "portal/officer_home.html")]
struct HomePage {
    frame: Frame,
    t: &'static Officer,
    programmes: Vec<ProgrammeView>,
    breaches: Vec<BreachView>,
}

pub(super) async fn home(certifier: Shared, member: Member) -> Result<Response, ApiError> {
    let caller = member.caller();
    let (programmes, breaches) = run(move || {
        let mut programmes = Vec::new();
        for one in certifier.own_programmes(&caller)? {
            let view = certifier.governance(&caller, &one.programme.id)?;
            programmes.push((one, view.production));
        }
        Ok((programmes, certifier.breaches()?))
    })
    .await?;
    let language = member.visit.language;
    let (t, d) = (Officer::of(language), Dealer::of(language));
    let programmes = programmes.into_iter().map(|(one, production)| ProgrammeView {
        id: one.programme.id.to_string(),
        by: fill(d.programme_by, &[("principal", &one.principal)]),
        approved: approved(one.approved.map(|at| at.to_string()), language)
            .unwrap_or_else(|| t.not_approved.to_owned()),
        name: one.programme.name,
        production: if production { t.production } else { t.sandbox },
    });
    Ok(page(&HomePage {
        frame: Frame::new(&member.visit, t.home_title),
        t,
        programmes: programmes.collect(),
        breaches: breaches.iter().map(|one| breach_view(one, language)).collect(),
    }))
}

fn approved(at: Option<String>, language: Language) -> Option<String> {
    let text = Officer::of(language).approved;
    at.map(|at| fill(text, &[("moment", &language.moment(&at))]))
}

fn breach_view(one: &BreachInfo, language: Language) -> BreachView {
    let t = Officer::of(language);
    let until = |clock: &Clock| match clock.state {
        ClockState::NotOwed => "–".to_owned(),
        _ => language.moment(&clock.until.to_string()),
    };
    BreachView {
        id: one.breach.clone(),
        aware: language.moment(&one.document.aware.to_string()),
        controllers: until(&one.controllers),
        authority: until(&one.authority),
        state: if one.document.closed.is_some() { t.breach_closed } else { t.breach_open },
    }
}

struct RecordView {
    kind: String,
    version: String,
    at: String,
    until: String,
    entry: String,
}

#[derive(Template)]
#[template(path = "portal/officer_programme.html")]
struct ProgrammePage {
    frame: Frame,
    t: &'static Officer,
    d: &'static Dealer,
    csrf: String,
    id: String,
    name: String,
    purpose: String,
    digest: String,
    done: bool,
    approved: Option<String>,
    rules: Vec<(&'static str, String)>,
    gaps: Vec<(String, String, String)>,
    records: Vec<RecordView>,
}

pub(super) async fn programme(
    certifier: Shared,
    member: Member,
    id: ProgrammeId,
    asked: &Asked,
) -> Result<Response, ApiError> {
    let caller = member.caller();
    let (own, view) = run(move || {
        Ok((certifier.own_programme(&caller, &id)?, certifier.governance(&caller, &id)?))
    })
    .await?;
    let language = member.visit.language;
    let record = |one: &RecordInfo| RecordView {
        kind: one.kind.as_str().to_owned(),
        version: language.integer(one.version),
        at: language.moment(&one.recorded_at),
        until: language.day(&one.kept_until),
        entry: language.integer(one.entry),
    };
    let gaps = view.gaps.into_iter().map(|gap| {
        let known = Refusal::ALL.iter().find(|one| one.code() == gap.code);
        let said = known.map(|one| refusal::said(*one, language));
        let (title, advice) = said.unwrap_or((gap.title, gap.advice));
        (title, advice, gap.code)
    });
    Ok(page(&ProgrammePage {
        frame: Frame::new(&member.visit, &own.programme.name),
        t: Officer::of(language),
        d: Dealer::of(language),
        csrf: member.csrf(),
        id: id.to_string(),
        digest: own.programme.policy_digest().to_string(),
        done: asked.done == "approved",
        approved: approved(own.approved.map(|at| at.to_string()), language),
        rules: rules(&own.programme, language),
        gaps: gaps.collect(),
        records: view.records.iter().map(record).collect(),
        name: own.programme.name,
        purpose: own.programme.purpose,
    }))
}

pub(super) async fn approve(
    State(certifier): State<Shared>,
    Path(programme): Path<String>,
    posted: Posted,
) -> Result<Response, ApiError> {
    let caller = posted.member.only(&[Role::Officer])?;
    let id: ProgrammeId = programme.parse().map_err(|_| Refusal::NotFound)?;
    let digest: Bytes<32> =
        serde_json::from_value(posted.text("digest").into()).map_err(|_| Refusal::OtherPolicy)?;
    let request = ApprovePolicy { policy_sha256: digest };
    run(move || Ok(certifier.approve_policy(&caller, &id, &request)?)).await?;
    Ok(Redirect::to(&format!("/portal/programmes/{id}?done=approved")).into_response())
}

/// An act in a table.
pub(super) struct ActView {
    pub(super) index: String,
    pub(super) when: String,
    /// The same as the entry has it.
    pub(super) at: String,
    /// What the page checks against the ledger, as JSON; none of an act that enters with a tick.
    pub(super) check: Option<String>,
    /// Its name, where it has one beside its word.
    pub(super) name: Option<&'static str>,
    pub(super) what: String,
    pub(super) object: String,
    pub(super) who: String,
    pub(super) detail: Option<String>,
}

#[derive(Template)]
#[template(path = "portal/acts.html")]
struct ActsPage {
    frame: Frame,
    t: &'static Officer,
    csrf: String,
    reason: String,
    from: u64,
    search: String,
    acts: Option<Vec<ActView>>,
    next: Option<u64>,
    /// Whether the browser's program is there.
    build: bool,
}

pub(super) async fn acts_form(member: Member) -> Result<Response, ApiError> {
    member.only(&[Role::Officer])?;
    let t = Officer::of(member.visit.language);
    Ok(page(&ActsPage {
        frame: Frame::new(&member.visit, t.acts_title),
        t,
        csrf: member.csrf(),
        reason: String::new(),
        from: 0,
        search: String::new(),
        acts: None,
        next: None,
        build: false,
    }))
}

pub(super) async fn acts(
    State(certifier): State<Shared>,
    Extension(portal): Extension<Arc<Portal>>,
    posted: Posted,
) -> Result<Response, ApiError> {
    let caller = posted.member.only(&[Role::Officer])?;
    let from: u64 = if posted.text("from").is_empty() { 0 } else { posted.read("from")? };
    let reason = posted.text("reason").to_owned();
    let search = posted.text("search").trim().to_owned();
    let reading = Reading { reason: reason.clone(), from, limit: limits::ACTS_PAGE };
    let found = run(move || Ok(certifier.acts_to_check(&caller, &reading)?)).await?;
    let language = posted.member.visit.language;
    let t = Officer::of(language);
    let page_is_full = found.len() >= usize::try_from(limits::ACTS_PAGE).unwrap_or(usize::MAX);
    let next =
        found.last().filter(|_| page_is_full).and_then(|last| last.act.index).map(|last| last + 1);
    let acts = found.into_iter().map(|act| act_view(act, language));
    let acts = acts.filter(|act| search.is_empty() || act.holds(&search)).collect();
    Ok(page(&ActsPage {
        frame: Frame::new(&posted.member.visit, t.acts_title),
        t,
        csrf: posted.member.csrf(),
        reason,
        from,
        search,
        acts: Some(acts),
        next,
        build: portal.browser.is_there(),
    }))
}

pub(super) fn act_view(found: CheckableAct, language: Language) -> ActView {
    let CheckableAct { act, entry, opened } = found;
    let check = entry
        .map(|entry| json!({ "index": act.index, "entry": entry, "opened": opened }).to_string());
    ActView {
        check,
        at: act.ts.clone(),
        index: act.index.map_or_else(
            || Oversight::of(language).search_tick.to_owned(),
            |index| index.to_string(),
        ),
        when: language.moment(&act.ts),
        name: act::name(&act.act, language),
        what: act.act,
        object: act.object,
        who: act.actor,
        detail: act.detail.and_then(|detail| serde_json::to_string_pretty(&detail).ok()),
    }
}

impl ActView {
    /// Whether a text stands anywhere in it.
    fn holds(&self, text: &str) -> bool {
        let parts =
            [&self.what, &self.object, &self.who, self.detail.as_ref().unwrap_or(&self.what)];
        parts.into_iter().any(|part| part.contains(text))
    }
}
