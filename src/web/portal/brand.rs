//! Pages of a brand: its programmes, the plan of a report, its reports, its dealers.

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
    AccountInfo, AccountSide, AddPartner, ProgrammePartner, ReleaseInfo, ReportRequest, Role,
};

use super::dealer::{DepositView, Drift, approved, deposit_view, drift};
use super::form::Posted;
use super::frame::{Asked, Frame, page, programme_id, yes_no};
use super::plan::{self, Choice, PlanView, plan_view, planned, templates};
use super::rules::rules;
use super::visit::Member;
use super::{assets, export};
use crate::api::{ApiError, Shared, run};
use crate::disclosure::Plan;
use crate::service::portal::{OwnDeposit, OwnProgramme};
use crate::service::{Certifier, Refusal, ServiceError};
use crate::store::credential::Caller;
use crate::web::number::Rounding;
use crate::web::plot::{Plot, plots};
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
    choices: Vec<Choice>,
    chosen: bool,
    /// Whether totals without noise may be asked for.
    exact: bool,
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
    asked: &Asked,
) -> Result<Found, ServiceError> {
    let own = certifier.own_programme(caller, id)?;
    let plan = (!asked.month.is_empty())
        .then(|| certifier.plan_report(caller, &planned(&own.programme, asked)));
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

pub(super) async fn programme(
    certifier: Shared,
    member: Member,
    id: ProgrammeId,
    asked: Asked,
) -> Result<Response, ApiError> {
    let caller = member.caller();
    let of = asked.clone();
    let found = run(move || Ok(find(&certifier, &caller, &id, &of)?)).await?;
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
    let cap = |month: &str| cap_of(&found.accounts, month, programme.policy.cap_nrho().value());
    let release = |one: &ReleaseInfo| release_view(one, cap(&one.period), language);
    let mut releases: Vec<_> = found.releases.iter().map(release).collect();
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
        choices: plan::choices(programme, cap(&asked.month), &asked, language),
        chosen: plan::chose(&asked),
        exact: programme.policy.exact_totals(),
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
        partners: partner_views(found.partners, language),
        rules: rules(programme, language),
    }))
}

pub(super) fn euros(cents: u64, language: Language) -> String {
    let cents = i64::try_from(cents).unwrap_or(i64::MAX);
    language.euros(&language.decimal(cents, 2, 0, Rounding::Nearest))
}

/// What something costs, as a part of what may be learned of a month in all: people choose by that, while the
/// certificate and the rules tell the same in nano-rho.
pub(super) fn of_budget(nrho: u64, cap_nrho: u64, language: Language) -> String {
    language.share_told(nrho, cap_nrho.max(1))
}

/// What may be learned of a month in all: its account is the whole group's, and the least of its programmes' caps holds.
fn cap_of(accounts: &[AccountInfo], month: &str, policy_nrho: u64) -> u64 {
    let of = |one: &&AccountInfo| one.side == AccountSide::Sales && one.month == month;
    let account = accounts.iter().find(of);
    account.map_or(policy_nrho, |one| one.cap_nrho.min(policy_nrho).max(one.spent_nrho))
}

fn release_view(one: &ReleaseInfo, cap_nrho: u64, language: Language) -> ReleaseView {
    ReleaseView {
        id: one.release.to_string(),
        period: one.period.clone(),
        month: language.month(&one.period),
        at: language.moment(&one.released_at),
        cost: of_budget(one.cost_nrho, cap_nrho, language),
    }
}

fn account_view(one: &AccountInfo, language: Language) -> AccountView {
    AccountView {
        month: match one.side {
            AccountSide::Sales => language.month(&one.month),
            AccountSide::Leads => {
                let month = language.month(&one.month);
                fill(Brand::of(language).budget_of_leads, &[("month", &month)])
            }
        },
        spent: of_budget(one.spent_nrho, one.cap_nrho, language),
        left: of_budget(one.left_nrho, one.cap_nrho, language),
        percent: one.spent_nrho.saturating_mul(100) / one.cap_nrho.max(1),
    }
}

/// By name, as people look for them.
fn partner_views(mut partners: Vec<ProgrammePartner>, language: Language) -> Vec<PartnerView> {
    partners.sort_by(|a, b| (&a.name, &a.siren).cmp(&(&b.name, &b.siren)));
    partners.iter().map(|one| partner_view(one, language)).collect()
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
    let id = programme_id(&programme)?;
    let info = run(move || {
        let policy = certifier.own_programme(&caller, &id)?.programme.policy;
        let request = ReportRequest {
            programme: id,
            period: posted.text("month").to_owned(),
            templates: templates(&policy, |field| posted.ticked(field)),
            snapshot: None,
            exact: posted.ticked("exact"),
        };
        Ok(certifier.request_report(&caller, &request)?)
    })
    .await?;
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
        "pictures" => pictures(&member, &release, &read()?),
        name if name.ends_with(".svg") => picture(&member, name, &read()?)?,
        _ => return Err(Refusal::NotFound.into()),
    })
}

#[derive(Template)]
#[template(path = "portal/pictures.html")]
struct PicturesPage {
    frame: Frame,
    t: &'static Brand,
    release: String,
    plots: Vec<(usize, Plot)>,
}

/// The page with the plots of a report as pictures.
fn pictures(member: &Member, release: &str, report: &Report) -> Response {
    let language = member.visit.language;
    let t = Brand::of(language);
    page(&PicturesPage {
        frame: Frame::new(&member.visit, t.plots_title),
        t,
        release: release.to_owned(),
        plots: (1..).zip(plots(report, language)).collect(),
    })
}

/// One of them: `plot-1.svg` and so on.
fn picture(member: &Member, name: &str, report: &Report) -> Result<Response, ApiError> {
    let place = name.strip_prefix("plot-").and_then(|rest| rest.strip_suffix(".svg"));
    let place: Option<usize> = place.and_then(|place| place.parse().ok());
    let plots = plots(report, member.visit.language);
    let plot = place.and_then(|place| plots.into_iter().nth(place.checked_sub(1)?));
    let plot = plot.ok_or(Refusal::NotFound)?;
    Ok(assets::file("image/svg+xml; charset=utf-8", plot.svg.into_bytes()))
}
