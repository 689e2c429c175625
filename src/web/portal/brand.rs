//! Pages of a brand: its programmes, the plan of a report, its reports, its dealers.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use tiers_protocol::attested::Attested;
use tiers_protocol::canonical;
use tiers_protocol::certificate::Certificate;
use tiers_protocol::ids::{PartyId, ProgrammeId, ReleaseId};
use tiers_protocol::report::Report;
use tiers_protocol::wire::{
    AccountInfo, AddPartner, PlanRequest, ProgrammePartner, ReleaseInfo, ReportRequest, Role,
};

use super::dealer::{DepositView, Drift, approved, deposit_view, drift};
use super::form::Posted;
use super::frame::{Asked, Frame, page, yes_no};
use super::rules::rules;
use super::visit::Member;
use super::{assets, export};
use crate::api::{ApiError, Shared, run};
use crate::disclosure::{CampaignPlan, Plan};
use crate::service::portal::{OwnDeposit, OwnProgramme};
use crate::service::{Certifier, Refusal, ServiceError};
use crate::store::credential::Caller;
use crate::web::number::Rounding;
use crate::web::text::fill;
use crate::web::text::portal::brand::Brand;
use crate::web::text::portal::dealer::Dealer;
use crate::web::text::portal::refusal;
use crate::web::{Language, certificate_page};

struct ProgrammeView {
    id: String,
    name: String,
    purpose: String,
    partners: String,
    campaigns: String,
    approved: String,
}

#[derive(Template)]
#[template(path = "portal/brand_home.html")]
struct HomePage {
    frame: Frame,
    t: &'static Brand,
    d: &'static Dealer,
    programmes: Vec<ProgrammeView>,
    deposits: Vec<DepositView>,
    drift: Option<Drift>,
}

pub(super) async fn home(certifier: Shared, member: Member) -> Result<Response, ApiError> {
    let caller = member.caller();
    let (programmes, deposits): (Vec<OwnProgramme>, Vec<OwnDeposit>) =
        run(move || Ok((certifier.own_programmes(&caller)?, certifier.own_deposits(&caller)?)))
            .await?;
    let language = member.visit.language;
    let t = Brand::of(language);
    let count = |number: usize| language.integer(number as u64);
    let view = |one: OwnProgramme| ProgrammeView {
        id: one.programme.id.to_string(),
        partners: fill(t.programme_partners, &[("count", &count(one.partners))]),
        campaigns: fill(t.programme_campaigns, &[("count", &count(one.programme.campaigns.len()))]),
        approved: approved(one.approved, language),
        name: one.programme.name,
        purpose: one.programme.purpose,
    };
    Ok(page(&HomePage {
        frame: Frame::new(&member.visit, t.home_title),
        t,
        d: Dealer::of(language),
        programmes: programmes.into_iter().map(view).collect(),
        drift: drift(&deposits, language),
        deposits: deposits.iter().map(|one| deposit_view(one, language)).collect(),
    }))
}

struct PlanView {
    title: String,
    cost: String,
    left: String,
    more: String,
    least: String,
    rows: Vec<(String, String, String)>,
}

struct ReleaseView {
    id: String,
    period: String,
    month: String,
    at: String,
    cost: String,
}

struct AccountView {
    month: String,
    spent: String,
    left: String,
    percent: u64,
}

struct PartnerView {
    name: String,
    siren: String,
    size: String,
    key: &'static str,
    named: &'static str,
}

#[derive(Template)]
#[template(path = "portal/brand_programme.html")]
struct ProgrammePage {
    frame: Frame,
    t: &'static Brand,
    d: &'static Dealer,
    csrf: String,
    id: String,
    name: String,
    purpose: String,
    added: bool,
    month: String,
    plan: Option<PlanView>,
    /// Why there is no plan: title, advice, code.
    unplanned: Option<(String, String, &'static str)>,
    releases: Vec<ReleaseView>,
    accounts: Vec<AccountView>,
    campaigns: Vec<(String, String)>,
    partners: Vec<PartnerView>,
    rules: Vec<(&'static str, String)>,
}

/// What the page of a programme shows, as the use cases answer.
struct Found {
    own: OwnProgramme,
    partners: Vec<ProgrammePartner>,
    releases: Vec<ReleaseInfo>,
    accounts: Vec<AccountInfo>,
    plan: Option<Result<Plan, Refusal>>,
}

fn find(
    certifier: &Certifier,
    caller: &Caller,
    id: &ProgrammeId,
    month: &str,
) -> Result<Found, ServiceError> {
    let own = certifier.own_programme(caller, id)?;
    let plan = (!month.is_empty()).then(|| certifier.plan_report(caller, &planned(id, month)));
    let plan = match plan {
        None => None,
        Some(Ok(plan)) => Some(Ok(plan)),
        Some(Err(ServiceError::Refused(refusal))) => Some(Err(refusal)),
        Some(Err(failure)) => return Err(failure),
    };
    Ok(Found {
        own,
        plan,
        partners: certifier.partners(caller, id)?,
        releases: certifier.releases(caller, id)?,
        accounts: certifier.accounts(caller, id)?,
    })
}

fn asked(programme: &ProgrammeId, month: &str) -> ReportRequest {
    let period = month.to_owned();
    ReportRequest { programme: *programme, period, templates: None, snapshot: None, exact: false }
}

/// What the asker may expect follows from the months that were released.
fn planned(programme: &ProgrammeId, month: &str) -> PlanRequest {
    PlanRequest {
        programme: *programme,
        period: month.to_owned(),
        templates: None,
        guesses: BTreeMap::new(),
        from_releases: true,
    }
}

pub(super) async fn programme(
    certifier: Shared,
    member: Member,
    id: ProgrammeId,
    asked: Asked,
) -> Result<Response, ApiError> {
    let caller = member.caller();
    let month = asked.month.clone();
    let found = run(move || Ok(find(&certifier, &caller, &id, &month)?)).await?;
    let language = member.visit.language;
    let t = Brand::of(language);
    let programme = &found.own.programme;
    let cost = |cents: u64| {
        if cents == 0 { t.no_cost.to_owned() } else { euros(cents, language) }
    };
    let (plan, unplanned) = match found.plan {
        None => (None, None),
        Some(Ok(plan)) => (Some(plan_view(&plan, &asked.month, language)), None),
        Some(Err(no)) => {
            let (title, advice) = refusal::said(no, language);
            (None, Some((title, advice, no.code())))
        }
    };
    let mut releases: Vec<_> =
        found.releases.iter().map(|one| release_view(one, language)).collect();
    releases.reverse();
    Ok(page(&ProgrammePage {
        frame: Frame::new(&member.visit, &programme.name),
        t,
        d: Dealer::of(language),
        csrf: member.csrf(),
        id: id.to_string(),
        name: programme.name.clone(),
        purpose: programme.purpose.clone(),
        added: asked.done == "added",
        month: asked.month,
        plan,
        unplanned,
        releases,
        accounts: found.accounts.iter().map(|one| account_view(one, language)).collect(),
        campaigns: programme
            .campaigns
            .iter()
            .map(|c| (c.name.clone(), cost(c.cost_cents)))
            .collect(),
        partners: found.partners.iter().map(|one| partner_view(one, language)).collect(),
        rules: rules(programme, language),
    }))
}

pub(super) fn euros(cents: u64, language: Language) -> String {
    let cents = i64::try_from(cents).unwrap_or(i64::MAX);
    language.euros(&language.decimal(cents, 2, 0, Rounding::Nearest))
}

fn nano(value: u64, language: Language) -> String {
    fill(Brand::of(language).nano, &[("value", &language.integer(value))])
}

fn plan_view(plan: &Plan, month: &str, language: Language) -> PlanView {
    let t = Brand::of(language);
    let around = |value: &str| fill(t.plus_minus, &[("value", value)]);
    let row = |one: &CampaignPlan| {
        let name = one.campaign.clone().unwrap_or_else(|| t.plan_total.to_owned());
        let revenue = one.revenue_cents.map(|cents| around(&euros(cents, language)));
        let revenue = revenue.unwrap_or_else(|| "–".to_owned());
        (name, around(&language.integer(one.conversions)), revenue)
    };
    let least = language.integer(plan.least_count_shown);
    PlanView {
        title: fill(t.plan_for, &[("month", &language.month(month))]),
        cost: nano(plan.cost_nrho, language),
        left: nano(plan.left_nrho, language),
        more: language.integer(plan.reports_left),
        least: fill(t.plan_units, &[("count", &least)]),
        rows: plan.campaigns.iter().chain([&plan.total]).map(row).collect(),
    }
}

fn release_view(one: &ReleaseInfo, language: Language) -> ReleaseView {
    ReleaseView {
        id: one.release.to_string(),
        period: one.period.clone(),
        month: language.month(&one.period),
        at: language.moment(&one.released_at),
        cost: nano(one.cost_nrho, language),
    }
}

fn account_view(one: &AccountInfo, language: Language) -> AccountView {
    AccountView {
        month: language.month(&one.month),
        spent: nano(one.spent_nrho, language),
        left: nano(one.left_nrho, language),
        percent: one.spent_nrho.saturating_mul(100) / one.cap_nrho.max(1),
    }
}

fn partner_view(one: &ProgrammePartner, language: Language) -> PartnerView {
    PartnerView {
        name: one.name.clone(),
        siren: language.siren(&one.siren),
        size: language.integer(one.declaration.declared_size),
        key: yes_no(language, one.key_wrapped),
        named: yes_no(language, one.declaration.named),
    }
}

fn programme_id(text: &str) -> Result<ProgrammeId, ApiError> {
    text.parse().map_err(|_| Refusal::NotFound.into())
}

pub(super) async fn add_partner(
    State(certifier): State<Shared>,
    Path(programme): Path<String>,
    posted: Posted,
) -> Result<Response, ApiError> {
    let caller = posted.member.only(&[Role::Principal])?;
    let id = programme_id(&programme)?;
    let party: PartyId = posted.text("party").trim().parse().map_err(|_| Refusal::NotFound)?;
    let new = AddPartner { party, declared_size: posted.read("size")? };
    run(move || Ok(certifier.add_partner(&caller, &id, &new)?)).await?;
    Ok(Redirect::to(&format!("/portal/programmes/{id}?done=added")).into_response())
}

pub(super) async fn request(
    State(certifier): State<Shared>,
    Path(programme): Path<String>,
    posted: Posted,
) -> Result<Response, ApiError> {
    let caller = posted.member.only(&[Role::Principal])?;
    let request = asked(&programme_id(&programme)?, posted.text("month"));
    let info = run(move || Ok(certifier.request_report(&caller, &request)?)).await?;
    Ok(Redirect::to(&format!("/portal/releases/{}", info.release)).into_response())
}

fn release_id(text: &str) -> Result<ReleaseId, ApiError> {
    text.parse().map_err(|_| Refusal::NotFound.into())
}

/// The page of a report: that of its certificate, which needs nothing but its own style.
pub(super) async fn release(
    State(certifier): State<Shared>,
    member: Member,
    Path(release): Path<String>,
) -> Result<Response, ApiError> {
    let caller = member.only(&[Role::Principal])?;
    let id = release_id(&release)?;
    let language = member.visit.language;
    let html = run(move || {
        let (report, certificate) =
            (certifier.report(&caller, &id)?, certifier.certificate_of(&caller, &id)?);
        let report: Report = canonical::from_slice(&report).map_err(|_| unreadable())?;
        let certificate: Attested<Certificate> =
            canonical::from_slice(&certificate).map_err(|_| unreadable())?;
        Ok(certificate_page(&certificate, &report, &certifier.trust(), language))
    })
    .await?;
    let own = HeaderValue::from_static(
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    );
    let mut response = axum::response::Html(html).into_response();
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, own);
    Ok(response)
}

/// What the certifier wrote itself and cannot read.
fn unreadable() -> ServiceError {
    crate::store::StoreError::Corrupt { column: "release.report" }.into()
}

/// A file of a report: what it was, in the forms that people and programs take.
pub(super) async fn release_file(
    State(certifier): State<Shared>,
    member: Member,
    Path((release, file)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    let caller = member.only(&[Role::Principal])?;
    let id = release_id(&release)?;
    if file == "certificate.json" {
        let bytes = run(move || Ok(certifier.certificate_of(&caller, &id)?)).await?;
        return Ok(assets::file("application/json", bytes));
    }
    let bytes = run(move || Ok(certifier.report(&caller, &id)?)).await?;
    let read = || canonical::from_slice::<Report>(&bytes).map_err(|_| unreadable());
    Ok(match file.as_str() {
        "report.csv" => assets::file("text/csv; charset=utf-8", export::csv(&read()?).into_bytes()),
        "report.xlsx" => assets::file(export::XLSX, export::workbook(&read()?)),
        "report.json" => assets::file("application/json", bytes),
        _ => return Err(Refusal::NotFound.into()),
    })
}
