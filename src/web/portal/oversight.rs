//! Pages of what is followed: the register, terms of retention, requests of persons with their clocks, files
//! of breaches with theirs. They show what the use cases answer; terms are worked out there.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use jiff::ToSpan as _;
use jiff::civil::Date;
use tiers_protocol::canonical;
use tiers_protocol::ids::RequestId;
use tiers_protocol::request::{RequestInfo, RequestKind, RequestStep};
use tiers_protocol::wire::Role;

use super::assets::download;
use super::form::Posted;
use super::frame::{Frame, page};
use super::visit::Member;
use crate::api::{ApiError, Shared, run};
use crate::governance::breach::{Clock, ClockState};
use crate::governance::register::{self, Issued};
use crate::governance::view::{BreachInfo, DueInfo, Phase};
use crate::service::{Refusal, ServiceError};
use crate::web::Language;
use crate::web::text::fill;
use crate::web::text::portal::oversight::Oversight;
use crate::web::text::portal::refusal;
use crate::web::text::portal::retained::Retained;

const ANYBODY: &[Role] = &[Role::Partner, Role::Principal, Role::Officer, Role::Operator];
const KEEPERS: &[Role] = &[Role::Officer, Role::Operator];
const READERS: &[Role] = &[Role::Partner, Role::Principal, Role::Officer];

struct Activity {
    name: String,
    facts: Vec<(&'static str, String)>,
}

struct RegisterView {
    facts: Vec<(&'static str, String)>,
    /// As a controller, as a processor.
    parts: [(&'static str, Vec<Activity>); 2],
}

#[derive(Template)]
#[template(path = "portal/register.html")]
struct RegisterPage {
    frame: Frame,
    t: &'static Oversight,
    register: Option<RegisterView>,
    /// Why there is none: title, advice, code.
    none: Option<(String, String, &'static str)>,
}

pub(super) async fn register(
    State(certifier): State<Shared>,
    member: Member,
) -> Result<Response, ApiError> {
    let caller = member.only(ANYBODY)?;
    let found = run(move || {
        Ok(match certifier.register(&caller, None) {
            Ok(issued) => Ok(issued),
            Err(ServiceError::Refused(no)) => Err(no),
            Err(failure) => return Err(failure.into()),
        })
    })
    .await?;
    let language = member.visit.language;
    let t = Oversight::of(language);
    let (register, none) = match found {
        Ok(issued) => (Some(register_view(&issued, language)), None),
        Err(no) => {
            let (title, advice) = refusal::said(no, language);
            (None, Some((title, advice, no.code())))
        }
    };
    Ok(page(&RegisterPage {
        frame: Frame::new(&member.visit, t.register_title),
        t,
        register,
        none,
    }))
}

fn register_view(issued: &Issued, language: Language) -> RegisterView {
    let t = Oversight::of(language);
    let whole = &issued.register;
    let controller = whole.as_controller.iter().map(|entry| {
        let purposes = entry.purposes.iter().map(|one| format!("{} ({})", one.title, one.basis));
        let data = entry.data.iter().map(|one| match &one.deleted {
            Some(deleted) => format!("{} ({})", one.title, term(deleted, language)),
            None => one.title.clone(),
        });
        let facts = vec![
            (t.register_purposes, listed(purposes)),
            (t.register_data, listed(data)),
            (t.register_recipients, listed(entry.recipients.iter().cloned())),
        ];
        Activity { name: entry.name.clone(), facts }
    });
    let processor = whole.as_processor.iter().map(|entry| {
        let facts = vec![
            (t.register_for, entry.controller.name.clone()),
            (t.register_categories, listed(entry.categories.iter().cloned())),
        ];
        Activity { name: entry.name.clone(), facts }
    });
    RegisterView {
        facts: vec![
            (t.register_version, language.integer(issued.version)),
            (t.register_issued, language.moment(&issued.issued_at)),
            (t.register_retention, whole.retention.clone()),
            (t.register_digest, issued.sha256.clone()),
        ],
        parts: [
            (t.register_controller, controller.collect()),
            (t.register_processor, processor.collect()),
        ],
    }
}

/// A text with its terms in words: `P12M + P5Y` as `12 months + 5 years`; what is no such term stays as it is.
fn term(text: &str, language: Language) -> String {
    let t = Oversight::of(language);
    let part = |one: &str| {
        let number = one.strip_prefix('P')?;
        let unit = match number.chars().last()? {
            'Y' => t.years,
            'M' => t.months,
            'D' => t.days,
            _ => return None,
        };
        let number: u32 = number.get(..number.len() - 1)?.parse().ok()?;
        Some(fill(unit, &[("number", &language.integer(number))]))
    };
    // Nothing more in the archive, also within a sentence.
    let text = text.replace(" + PT0S ", " ");
    let text = text.strip_suffix(" + PT0S").unwrap_or(&text);
    let words = text.split(' ').map(|one| part(one).unwrap_or_else(|| one.to_owned()));
    words.collect::<Vec<_>>().join(" ")
}

fn listed(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join("; ")
}

pub(super) async fn register_file(
    State(certifier): State<Shared>,
    member: Member,
    Path(format): Path<String>,
) -> Result<Response, ApiError> {
    let caller = member.only(ANYBODY)?;
    let language = match member.visit.language {
        Language::French => register::Language::Fr,
        Language::English => register::Language::En,
    };
    run(move || {
        let issued = || certifier.register(&caller, None).map_err(ApiError::from);
        let (kind, bytes) = match format.as_str() {
            "register.json" => ("application/json", canonical::to_vec(&issued()?)),
            "register.ods" => (
                "application/vnd.oasis.opendocument.spreadsheet",
                register::ods(&issued()?, language),
            ),
            "register.pdf" => ("application/pdf", register::pdf(&issued()?, language)),
            "register.svg" => ("image/svg+xml", register::map(&issued()?, language).into_bytes()),
            _ => return Err(Refusal::NotFound.into()),
        };
        Ok(download(kind, &format, bytes))
    })
    .await
}

struct DueView {
    day: String,
    object: String,
    id: String,
    phase: &'static str,
    then: &'static str,
    last: String,
}

#[derive(Template)]
#[template(path = "portal/retention.html")]
struct RetentionPage {
    frame: Frame,
    t: &'static Oversight,
    intro: String,
    none: String,
    /// How far the page may look ahead: days, their words, whether it does.
    ahead: Vec<(i32, String, bool)>,
    due: Vec<DueView>,
}

/// Days that the page of terms may look ahead; the first unless another one is asked for.
const AHEAD_DAYS: [i32; 3] = [30, 90, 365];

/// How far a reader wants to look ahead.
#[derive(serde::Deserialize, Default)]
pub(super) struct Ahead {
    #[serde(default)]
    days: String,
}

pub(super) async fn retention(
    State(certifier): State<Shared>,
    member: Member,
    Query(ahead): Query<Ahead>,
) -> Result<Response, ApiError> {
    member.only(KEEPERS)?;
    let chosen = AHEAD_DAYS.into_iter().find(|days| days.to_string() == ahead.days);
    let chosen = chosen.unwrap_or(AHEAD_DAYS[0]);
    let mut due = run(move || {
        let until = certifier.now().date().saturating_add(chosen.days());
        Ok(certifier.retention_due(until)?)
    })
    .await?;
    due.sort_by(|a, b| a.next_day().cmp(b.next_day()));
    let language = member.visit.language;
    let t = Oversight::of(language);
    let retained = Retained::of(language);
    let view = |one: DueInfo| DueView {
        day: language.day(one.next_day()),
        phase: match one.phase {
            Phase::Active => t.retention_active,
            Phase::Archive => t.retention_archive,
        },
        then: if one.moves_on.is_some() { t.retention_moves } else { t.retention_deleted },
        last: language.day(&one.deleted_on),
        object: retained.name(&one.object),
        id: one.id,
    };
    Ok(page(&RetentionPage {
        frame: Frame::new(&member.visit, t.retention_title),
        t,
        intro: fill(t.retention_intro, &[("days", &language.integer(chosen))]),
        none: fill(t.retention_none, &[("days", &language.integer(chosen))]),
        ahead: AHEAD_DAYS
            .iter()
            .map(|days| {
                let words = fill(t.retention_ahead, &[("days", &language.integer(*days))]);
                (*days, words, *days == chosen)
            })
            .collect(),
        due: due.into_iter().map(view).collect(),
    }))
}

struct RequestView {
    id: String,
    received: String,
    kind: &'static str,
    due: String,
    left: String,
    state: &'static str,
    late: bool,
    open: bool,
    extended: bool,
    facts: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "portal/requests.html")]
struct RequestsPage {
    frame: Frame,
    t: &'static Oversight,
    csrf: String,
    requests: Vec<RequestView>,
}

pub(super) async fn requests(
    State(certifier): State<Shared>,
    member: Member,
) -> Result<Response, ApiError> {
    let caller = member.only(READERS)?;
    let (requests, today) =
        run(move || Ok((certifier.requests(&caller)?, certifier.now().date()))).await?;
    let language = member.visit.language;
    let t = Oversight::of(language);
    Ok(page(&RequestsPage {
        frame: Frame::new(&member.visit, t.requests_title),
        t,
        csrf: member.csrf(),
        requests: requests.iter().map(|one| request_view(one, today, language)).collect(),
    }))
}

fn request_view(one: &RequestInfo, today: Date, language: Language) -> RequestView {
    let t = Oversight::of(language);
    let open = !matches!(one.state.as_str(), "answered" | "refused" | "passed_on");
    RequestView {
        id: one.request.to_string(),
        received: language.moment(&one.received_at),
        kind: match one.kind {
            RequestKind::Access => t.kind_access,
            RequestKind::Rectification => t.kind_rectification,
            RequestKind::Erasure => t.kind_erasure,
            RequestKind::Objection => t.kind_objection,
            RequestKind::Restriction => t.kind_restriction,
            RequestKind::Lift => t.kind_lift,
            RequestKind::Portability => t.kind_portability,
        },
        due: language.day(&one.due_on),
        left: if open { left(&one.due_on, today, language) } else { String::new() },
        state: match one.state.as_str() {
            "soon" => t.request_soon,
            "late" => t.request_late,
            "answered" => t.request_answered,
            "refused" => t.request_refused,
            "passed_on" => t.request_passed_on,
            _ => t.request_open,
        },
        late: one.state == "late",
        open,
        extended: one.extended,
        facts: request_facts(one, language),
    }
}

/// Who answers, by when it is passed on, which doubt there is.
fn request_facts(one: &RequestInfo, language: Language) -> Vec<(&'static str, String)> {
    let t = Oversight::of(language);
    let mut facts = Vec::new();
    if let Some(of) = &one.controller {
        facts.push((t.request_controller, of.name.clone()));
    }
    if let Some(at) = &one.passed_at {
        facts.push((t.request_passed_at, language.moment(at)));
    }
    if let Some(day) = &one.pass_on_by {
        let late = if one.pass_on_late { t.request_pass_on_late } else { "" };
        facts.push((t.request_pass_on_by, format!("{} {late}", language.day(day))));
    }
    if let Some(doubt) = &one.doubt {
        facts.push((t.request_doubt, doubt.clone()));
    }
    facts
}

/// How long there still is until the last day.
fn left(due: &str, today: Date, language: Language) -> String {
    let t = Oversight::of(language);
    let Ok(due) = due.parse::<Date>() else { return String::new() };
    let days = today.until(due).map_or(0, |span| span.get_days());
    let said = |text: &str| fill(text, &[("days", &language.integer(days.abs()))]);
    match days {
        0 => t.request_today.to_owned(),
        1.. => said(t.request_left),
        _ => said(t.request_over),
    }
}

pub(super) async fn step(
    State(certifier): State<Shared>,
    Path(request): Path<String>,
    posted: Posted,
) -> Result<Response, ApiError> {
    let caller = posted.member.only(READERS)?;
    let id: RequestId = request.parse().map_err(|_| Refusal::NotFound)?;
    let reasons = posted.text("reasons").trim().to_owned();
    let step = match posted.text("step") {
        "answered" => RequestStep::Answered {},
        "extend" => RequestStep::Extend { reasons },
        "refuse" => RequestStep::Refuse { reasons },
        "identity" => RequestStep::Identity { doubt: reasons },
        _ => return Err(Refusal::Malformed.into()),
    };
    run(move || Ok(certifier.step_request(&caller, &id, &step)?)).await?;
    Ok(Redirect::to("/portal/requests").into_response())
}

struct BreachView {
    id: String,
    open: bool,
    facts: Vec<(&'static str, String)>,
    overdue: bool,
}

#[derive(Template)]
#[template(path = "portal/breaches.html")]
struct BreachesPage {
    frame: Frame,
    t: &'static Oversight,
    breaches: Vec<BreachView>,
}

pub(super) async fn breaches(
    State(certifier): State<Shared>,
    member: Member,
) -> Result<Response, ApiError> {
    member.only(KEEPERS)?;
    let breaches = run(move || Ok(certifier.breaches()?)).await?;
    let language = member.visit.language;
    let t = Oversight::of(language);
    Ok(page(&BreachesPage {
        frame: Frame::new(&member.visit, t.breaches_title),
        t,
        breaches: breaches.iter().map(|one| breach_view(one, language)).collect(),
    }))
}

fn breach_view(one: &BreachInfo, language: Language) -> BreachView {
    let t = Oversight::of(language);
    let file = &one.document;
    let clock = |clock: &Clock| {
        let text = match clock.state {
            ClockState::NotOwed => t.breach_not_owed,
            ClockState::Running => t.breach_running,
            ClockState::InTime => t.breach_in_time,
            ClockState::Late | ClockState::Overdue => t.breach_overdue,
        };
        fill(text, &[("moment", &language.moment(&clock.until.to_string()))])
    };
    let mut facts = vec![
        (t.breach_aware, language.moment(&file.aware.to_string())),
        (t.breach_controllers, clock(&one.controllers)),
        (t.breach_authority, clock(&one.authority)),
        (t.breach_version, language.integer(one.version)),
    ];
    let said = [
        (t.breach_nature, &file.nature),
        (t.breach_consequences, &file.consequences),
        (t.breach_measures, &file.measures),
    ];
    facts.extend(said.into_iter().filter_map(|(label, text)| Some((label, text.clone()?))));
    if !one.missing.is_empty() {
        facts.push((t.breach_missing, one.missing.join(", ")));
    }
    let overdue = |clock: &Clock| clock.state == ClockState::Overdue;
    BreachView {
        id: one.breach.clone(),
        open: file.closed.is_none(),
        overdue: overdue(&one.controllers) || overdue(&one.authority),
        facts,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_days_until_a_term_are_counted_and_said() {
        let today = jiff::civil::date(2026, 3, 10);
        let said = |due: &str| left(due, today, Language::English);
        assert_eq!(said("2026-03-10"), "it is today");
        assert_eq!(said("2026-04-09"), "30 days left");
        assert_eq!(said("2026-03-08"), "2 days late");
        assert_eq!(said("no day"), "");
    }

    #[test]
    fn a_term_is_said_in_words_and_what_is_none_stays() {
        assert_eq!(term("P12M + PT0S", Language::English), "12 months");
        assert_eq!(term("P12M + PT0S at most", Language::English), "12 months at most");
        assert_eq!(term("P12M + P5Y", Language::French), "12 mois + 5 ans");
        let within = "P12M après leur remplacement, puis P5Y en archive";
        let said = "12 mois après leur remplacement, puis 5 ans en archive";
        assert_eq!(term(within, Language::French), said);
        for other in ["at the end of the contract", "P + x", "PT0S", ""] {
            assert_eq!(term(other, Language::English), other);
        }
    }
}
