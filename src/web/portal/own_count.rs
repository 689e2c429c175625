//! The page on which a dealer is told of itself: what an answer would be, the months that were told as bars with
//! their intervals, the attested documents.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use jiff::ToSpan as _;
use serde::Deserialize;
use tiers_protocol::ids::OwnCountId;
use tiers_protocol::own_count::{AskOwnCount, OwnCount, OwnCountPlan};
use tiers_protocol::wire::Role;

use super::assets::file;
use super::form::Posted;
use super::frame::{Frame, page, programme_id};
use super::visit::Member;
use crate::api::{ApiError, Shared, run};
use crate::service::{Refusal, ServiceError};
use crate::web::Language;
use crate::web::text::fill;
use crate::web::text::portal::own_count::OwnCounts;
use crate::web::text::portal::refusal;

/// What an answer would be.
struct PlanView {
    title: String,
    month: String,
    named: String,
    precision: String,
    until: String,
    shown: String,
    left: String,
    warning: String,
    /// Leads may be gone: what the dealer should know before.
    late: Option<String>,
    early: bool,
    told: bool,
}

struct ToldView {
    id: String,
    month: String,
    persons: String,
    interval: String,
    early: bool,
    late: bool,
    at: String,
}

#[derive(Template)]
#[template(path = "portal/own_count.html")]
struct OwnCountPage {
    frame: Frame,
    t: &'static OwnCounts,
    csrf: String,
    id: String,
    offered: bool,
    /// The month that was chosen, and the last one that is over.
    month: String,
    last: String,
    plan: Option<PlanView>,
    /// Why there is no plan: title, advice, code.
    unplanned: Option<(String, String, &'static str)>,
    chart: Option<Chart>,
    told: Vec<ToldView>,
}

/// The month that was chosen.
#[derive(Deserialize, Default)]
pub(super) struct Chosen {
    #[serde(default)]
    month: String,
}

pub(super) async fn show(
    State(certifier): State<Shared>,
    member: Member,
    Path(programme): Path<String>,
    Query(chosen): Query<Chosen>,
) -> Result<Response, ApiError> {
    let caller = member.only(&[Role::Partner])?;
    let id = programme_id(&programme)?;
    let language = member.visit.language;
    let today = certifier.now().date();
    let month = chosen.month.clone();
    let (offered, told, plan) = run(move || {
        let found = certifier.own_programme(&caller, &id)?;
        let told = certifier.own_counts(&caller, &id)?;
        let offered = found.programme.policy.own_count_cap_nrho().is_some();
        let plan = (offered && !month.is_empty())
            .then(|| certifier.plan_own_count(&caller, &AskOwnCount { programme: id, month }));
        let plan = match plan {
            Some(Err(ServiceError::Refused(no))) => Some(Err(no)),
            Some(Err(failure)) => return Err(failure.into()),
            Some(Ok(plan)) => Some(Ok(plan)),
            None => None,
        };
        Ok((offered, told, plan))
    })
    .await?;
    let t = OwnCounts::of(language);
    let (plan, unplanned) = match plan {
        None => (None, None),
        Some(Ok(plan)) => (Some(plan_view(&plan, today, language)), None),
        Some(Err(no)) => {
            let (title, advice) = refusal::said(no, language);
            (None, Some((title, advice, no.code())))
        }
    };
    let last = today.first_of_month().saturating_sub(1.day());
    Ok(page(&OwnCountPage {
        frame: Frame::new(&member.visit, t.title),
        t,
        csrf: member.csrf(),
        id: id.to_string(),
        offered,
        month: chosen.month,
        last: last.to_string().chars().take(7).collect(),
        plan,
        unplanned,
        chart: chart(&told, language),
        told: told.iter().map(|one| told_view(one, language)).collect(),
    }))
}

fn plan_view(plan: &OwnCountPlan, today: jiff::civil::Date, language: Language) -> PlanView {
    let t = OwnCounts::of(language);
    let early = today <= plan.sales_until;
    let until = language.day(&plan.sales_until.to_string());
    let persons = |text: &str, number: u64| fill(text, &[("persons", &language.integer(number))]);
    PlanView {
        title: fill(t.plan_title, &[("month", &language.month(plan.month.as_str()))]),
        named: fill(t.ask_button, &[("month", &language.month(plan.month.as_str()))]),
        month: plan.month.as_str().to_owned(),
        precision: persons(t.plan_precision_is, plan.half_width),
        shown: persons(t.plan_shown_is, plan.shown_from),
        left: language.integer(plan.left_nrho / plan.cost_nrho.max(1)),
        late: (today > plan.leads_until && plan.told.is_none()).then(|| {
            let day = language.day(&plan.leads_until.to_string());
            fill(t.plan_late, &[("day", &day)])
        }),
        told: plan.told.is_some(),
        warning: if plan.told.is_some() {
            t.plan_told.to_owned()
        } else if early {
            fill(t.plan_early, &[("day", &until)])
        } else {
            t.plan_once.to_owned()
        },
        until,
        early,
    }
}

/// An interval in words; empty where the figure is hidden.
fn interval(one: &OwnCount, language: Language) -> String {
    let t = OwnCounts::of(language);
    one.interval().map_or_else(String::new, |(low, high)| {
        let (low, high) = (language.integer(low), language.integer(high));
        fill(t.interval, &[("low", &low), ("high", &high)])
    })
}

fn persons(one: &OwnCount, language: Language) -> String {
    let hidden = || {
        let from = language.integer(one.shown_from);
        fill(OwnCounts::of(language).hidden, &[("persons", &from)])
    };
    one.persons.map_or_else(hidden, |persons| language.integer(persons))
}

fn told_view(one: &OwnCount, language: Language) -> ToldView {
    ToldView {
        id: one.own_count.to_string(),
        month: language.month(one.month.as_str()),
        persons: persons(one, language),
        interval: interval(one, language),
        early: one.early,
        late: one.late,
        at: language.moment(&one.released_at),
    }
}

/// The months that were told, as bars with their intervals.
struct Chart {
    width: u64,
    desc: String,
    bars: Vec<Bar>,
}

struct Bar {
    middle: u64,
    name: String,
    mark: Option<Mark>,
}

struct Mark {
    x: u64,
    y: u64,
    height: u64,
    low: u64,
    high: u64,
    label: String,
    label_y: u64,
}

/// Months drawn, the newest ones; width of each, the height of the greatest end, and where bars stand.
const DRAWN: usize = 12;
const STEP: u64 = 84;
const HEIGHT: u64 = 100;
const FLOOR: u64 = 124;

/// Nothing where no month is shown.
fn chart(told: &[OwnCount], language: Language) -> Option<Chart> {
    let t = OwnCounts::of(language);
    let mut drawn: Vec<&OwnCount> = told.iter().take(DRAWN).collect();
    drawn.reverse();
    let most = drawn.iter().filter_map(|one| Some(one.interval()?.1)).max()?.max(1);
    let y = |value: u64| FLOOR - value.min(most) * HEIGHT / most;
    let bar = |(one, place): (&&OwnCount, u64)| {
        let middle = place * STEP + STEP / 2;
        let mark = one.persons.zip(one.interval()).map(|(persons, (low, high))| Mark {
            x: middle - 20,
            y: y(persons),
            height: FLOOR - y(persons),
            low: y(low),
            high: y(high),
            label: language.integer(persons),
            label_y: y(high) - 6,
        });
        Bar { middle, name: one.month.as_str().to_owned(), mark }
    };
    let said = |one: &&OwnCount| {
        let mut said = vec![language.month(one.month.as_str()), persons(one, language)];
        said.extend(one.persons.map(|_| interval(one, language)));
        said.join(", ")
    };
    let values: Vec<String> = drawn.iter().map(said).collect();
    Some(Chart {
        width: drawn.len() as u64 * STEP,
        desc: fill(t.chart_desc, &[("values", &values.join(" – "))]),
        bars: drawn.iter().zip(0..).map(bar).collect(),
    })
}

pub(super) async fn ask(
    State(certifier): State<Shared>,
    Path(programme): Path<String>,
    posted: Posted,
) -> Result<Response, ApiError> {
    let caller = posted.member.only(&[Role::Partner])?;
    let programme = programme_id(&programme)?;
    let ask = AskOwnCount { programme, month: posted.text("month").to_owned() };
    run(move || Ok(certifier.ask_own_count(&caller, &ask)?)).await?;
    Ok(Redirect::to(&format!("/portal/programmes/{programme}/own")).into_response())
}

pub(super) async fn attested(
    State(certifier): State<Shared>,
    member: Member,
    Path(file_name): Path<String>,
) -> Result<Response, ApiError> {
    let caller = member.only(&[Role::Partner])?;
    let id = file_name.strip_suffix(".json").and_then(|id| id.parse::<OwnCountId>().ok());
    let id = id.ok_or(Refusal::NotFound)?;
    let bytes = run(move || Ok(certifier.own_count(&caller, &id)?)).await?;
    Ok(file("application/json", bytes))
}
