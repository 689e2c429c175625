//! Pages of whoever deposits: a dealer's home, a deposit with its receipt and what was released from it,
//! the rules of a programme and what the dealer agrees to.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use tiers_contact::FileKind;
use tiers_protocol::ids::{DepositId, PartyId, ProgrammeId};
use tiers_protocol::wire::{Declaration, DepositState, Role};

use super::assets::file;
use super::form::Posted;
use super::frame::{Asked, Frame, page};
use super::rules::rules;
use super::visit::Member;
use crate::api::{ApiError, Shared, run};
use crate::service::Refusal;
use crate::service::portal::{OwnDeposit, OwnProgramme};
use crate::time::Moment;
use crate::web::Language;
use crate::web::text::fill;
use crate::web::text::portal::dealer::Dealer;
use crate::web::text::portal::own_count::OwnCounts;

struct ProgrammeView {
    id: String,
    name: String,
    by: String,
    purpose: String,
    key: &'static str,
    approved: String,
}

/// A deposit in a list.
pub(super) struct DepositView {
    pub(super) id: String,
    pub(super) programme: String,
    pub(super) what: &'static str,
    pub(super) when: String,
    pub(super) rows: String,
    pub(super) left_out: String,
    pub(super) state: &'static str,
    pub(super) until: String,
}

/// The share of rows left out, deposit by deposit.
pub(super) struct Drift {
    pub(super) width: usize,
    pub(super) desc: String,
    pub(super) bars: Vec<DriftBar>,
}

/// One deposit of it.
pub(super) struct DriftBar {
    pub(super) x: usize,
    pub(super) middle: usize,
    pub(super) y: u64,
    pub(super) height: u64,
    pub(super) label: String,
    pub(super) label_y: u64,
}

#[derive(Template)]
#[template(path = "portal/dealer_home.html")]
struct HomePage {
    frame: Frame,
    t: &'static Dealer,
    programmes: Vec<ProgrammeView>,
    deposits: Vec<DepositView>,
    drift: Option<Drift>,
}

pub(super) async fn home(certifier: Shared, member: Member) -> Result<Response, ApiError> {
    let caller = member.caller();
    let (programmes, deposits) =
        run(move || Ok((certifier.own_programmes(&caller)?, certifier.own_deposits(&caller)?)))
            .await?;
    let language = member.visit.language;
    let t = Dealer::of(language);
    let view = |one: OwnProgramme| ProgrammeView {
        id: one.programme.id.to_string(),
        by: fill(t.programme_by, &[("principal", &one.principal)]),
        key: if one.key { t.key_waiting } else { t.key_missing },
        approved: approved(one.approved, language),
        name: one.programme.name,
        purpose: one.programme.purpose,
    };
    Ok(page(&HomePage {
        frame: Frame::new(&member.visit, t.home_title),
        t,
        programmes: programmes.into_iter().map(view).collect(),
        drift: drift(&deposits, language),
        deposits: deposits.iter().map(|one| deposit_view(one, language)).collect(),
    }))
}

pub(super) fn approved(at: Option<Moment>, language: Language) -> String {
    let t = Dealer::of(language);
    let said = |at: Moment| fill(t.approved, &[("moment", &language.moment(&at.to_string()))]);
    at.map_or_else(|| t.not_approved.to_owned(), said)
}

pub(super) const fn kind_name(t: &'static Dealer, kind: FileKind) -> &'static str {
    match kind {
        FileKind::Leads => t.kind_leads,
        FileKind::Sales => t.kind_sales,
        FileKind::Customers => t.kind_customers,
        FileKind::Oppositions => t.kind_oppositions,
        FileKind::Consents => t.kind_consents,
    }
}

pub(super) fn deposit_view(one: &OwnDeposit, language: Language) -> DepositView {
    let t = Dealer::of(language);
    let all = one.rows + one.rejects;
    let left_out = language.integer(one.rejects);
    DepositView {
        id: one.id.to_string(),
        programme: one.programme_name.clone(),
        what: kind_name(t, one.kind),
        when: language.moment(&one.opened_at.to_string()),
        rows: language.integer(one.rows),
        left_out: format!("{left_out} ({})", language.share(one.rejects, all)),
        state: match one.state {
            DepositState::Open => t.state_open,
            DepositState::Accepted => t.state_accepted,
            DepositState::Refused => t.state_refused,
            DepositState::Erased => t.state_erased,
        },
        until: language.day(&one.kept_until),
    }
}

/// Deposits that the chart shows, and its height in units of one thousandth of the highest.
const SHOWN: usize = 12;
const HEIGHT: u64 = 70;

/// Nothing for fewer than two deposits: one has no drift.
pub(super) fn drift(deposits: &[OwnDeposit], language: Language) -> Option<Drift> {
    let received =
        |one: &&OwnDeposit| matches!(one.state, DepositState::Accepted | DepositState::Erased);
    let mut last: Vec<_> = deposits.iter().filter(received).take(SHOWN).collect();
    last.reverse();
    if last.len() < 2 {
        return None;
    }
    let permille = |one: &OwnDeposit| one.rejects * 1_000 / (one.rows + one.rejects).max(1);
    let top = last.iter().map(|one| permille(one)).max().unwrap_or(0).max(10);
    let label = |one: &OwnDeposit| language.share(one.rejects, one.rows + one.rejects);
    let values: Vec<String> = last.iter().map(|one| label(one)).collect();
    let bar = |(place, one): (usize, &&OwnDeposit)| {
        let height = (permille(one) * HEIGHT / top).max(1);
        let y = 90 - height;
        let x = place * 60 + 12;
        DriftBar { x, middle: x + 18, y, height, label: label(one), label_y: y - 4 }
    };
    Some(Drift {
        width: last.len() * 60,
        desc: fill(Dealer::of(language).quality_desc, &[("values", &values.join(" – "))]),
        bars: last.iter().enumerate().map(bar).collect(),
    })
}

struct ReleaseView {
    id: String,
    month: String,
    at: String,
}

#[derive(Template)]
#[template(path = "portal/deposit.html")]
struct DepositPage {
    frame: Frame,
    t: &'static Dealer,
    csrf: String,
    title: String,
    one: DepositView,
    tool: String,
    refusal: Option<String>,
    receipt: bool,
    erasable: bool,
    deleted: bool,
    releases: Vec<ReleaseView>,
}

/// Whether the deletion was just ordered.
#[derive(Deserialize, Default)]
pub(super) struct Done {
    #[serde(default)]
    done: String,
}

fn deposit_id(text: &str) -> Result<DepositId, ApiError> {
    text.parse().map_err(|_| Refusal::NotFound.into())
}

pub(super) async fn deposit(
    State(certifier): State<Shared>,
    member: Member,
    Path(deposit): Path<String>,
    Query(done): Query<Done>,
) -> Result<Response, ApiError> {
    let caller = member.only(&[Role::Partner, Role::Principal])?;
    let id = deposit_id(&deposit)?;
    let found = run(move || Ok(certifier.own_deposit_page(&caller, &id)?)).await?;
    let language = member.visit.language;
    let t = Dealer::of(language);
    let one = deposit_view(&found, language);
    let title = fill(t.deposit_title, &[("day", &one.when)]);
    let release = |one: &tiers_protocol::wire::ReleaseInfo| ReleaseView {
        id: one.release.to_string(),
        month: language.month(&one.period),
        at: language.moment(&one.released_at),
    };
    Ok(page(&DepositPage {
        frame: Frame::new(&member.visit, &title),
        t,
        csrf: member.csrf(),
        title,
        receipt: matches!(found.state, DepositState::Accepted | DepositState::Erased),
        erasable: found.state == DepositState::Accepted,
        deleted: done.done == "deleted",
        releases: found.releases.iter().map(release).collect(),
        tool: found.tool,
        refusal: found.refusal,
        one,
    }))
}

pub(super) async fn receipt(
    State(certifier): State<Shared>,
    member: Member,
    Path(deposit): Path<String>,
) -> Result<Response, ApiError> {
    let caller = member.only(&[Role::Partner, Role::Principal])?;
    let id = deposit_id(&deposit)?;
    let bytes = run(move || Ok(certifier.receipt(&caller, &id)?)).await?;
    Ok(file("application/json", bytes))
}

pub(super) async fn delete(
    State(certifier): State<Shared>,
    Path(deposit): Path<String>,
    posted: Posted,
) -> Result<Response, ApiError> {
    let caller = posted.member.only(&[Role::Partner, Role::Principal])?;
    let id = deposit_id(&deposit)?;
    let reason = posted.text("reason").to_owned();
    run(move || Ok(certifier.delete_own_deposit(&caller, &id, &reason)?)).await?;
    Ok(Redirect::to(&format!("/portal/deposits/{id}?done=deleted")).into_response())
}

#[derive(Template)]
#[template(path = "portal/agreement.html")]
struct AgreementPage {
    frame: Frame,
    d: &'static Dealer,
    csrf: String,
    id: String,
    name: String,
    purpose: String,
    saved: bool,
    size: u32,
    areas: Vec<(String, bool)>,
    named: bool,
    exact: bool,
    /// With whom it agrees to be compared, one a line.
    compared: String,
    rules: Vec<(&'static str, String)>,
    /// Whether the policy tells partners of themselves.
    own_counts: bool,
    own_link: &'static str,
}

pub(super) async fn programme(
    certifier: Shared,
    member: Member,
    id: ProgrammeId,
    asked: &Asked,
) -> Result<Response, ApiError> {
    let caller = member.caller();
    let found = run(move || Ok(certifier.own_programme(&caller, &id)?)).await?;
    let language = member.visit.language;
    let declared = found.declaration.unwrap_or_else(|| Declaration::silent(0));
    let areas = found.programme.policy.areas().iter();
    let areas = areas.map(|area| (area.name.clone(), area.name == declared.region)).collect();
    Ok(page(&AgreementPage {
        frame: Frame::new(&member.visit, &found.programme.name),
        d: Dealer::of(language),
        csrf: member.csrf(),
        id: id.to_string(),
        rules: rules(&found.programme, language),
        own_counts: found.programme.policy.own_count_cap_nrho().is_some(),
        own_link: OwnCounts::of(language).link,
        saved: asked.done == "saved",
        size: declared.declared_size,
        areas,
        named: declared.named,
        exact: declared.exact,
        compared: lines(&declared.compared_with),
        name: found.programme.name,
        purpose: found.programme.purpose,
    }))
}

fn lines(parties: &[PartyId]) -> String {
    let lines: Vec<String> = parties.iter().map(PartyId::to_string).collect();
    lines.join("\n")
}

pub(super) async fn declare(
    State(certifier): State<Shared>,
    Path(programme): Path<String>,
    posted: Posted,
) -> Result<Response, ApiError> {
    let caller = posted.member.only(&[Role::Partner])?;
    let id: ProgrammeId = programme.parse().map_err(|_| Refusal::NotFound)?;
    let size = posted.read("size")?;
    let region = posted.text("region").to_owned();
    let (named, exact) = (posted.ticked("named"), posted.ticked("exact"));
    let compared = posted.text("compared").split_whitespace().map(str::parse::<PartyId>);
    let compared_with: Result<Vec<PartyId>, _> = compared.collect();
    let compared_with = compared_with.map_err(|_| Refusal::BadDeclaration)?;
    let declared = Declaration { declared_size: size, region, named, exact, compared_with };
    run(move || Ok(certifier.declare(&caller, &id, &declared)?)).await?;
    Ok(Redirect::to(&format!("/portal/programmes/{id}?done=saved")).into_response())
}
