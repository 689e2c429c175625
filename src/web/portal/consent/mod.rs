//! Pages of consent: a person is looked for by tokens that the page made of a contact with the party's
//! rights key; the chains that concern the party; one record with its proof; whether a contact may pass.
//! The contact never comes here (`static/consent.js`).

mod record;
mod words;

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use tiers_protocol::consent::wire::{
    ConsentHistory, DecisionInfo, DecisionQuery, EventInfo, FormInfo, HistoryQuery, NoticeInfo,
    OppositionInfo,
};
use tiers_protocol::consent::{Audience, Channel, Purpose, Sector, Siren};
use tiers_protocol::ids::{FormId, NoticeId};
use tiers_protocol::wire::{PersonToken, Role};

use super::Portal;
use super::form::Posted;
use super::frame::{Frame, page};
use super::visit::Member;
use crate::api::{ApiError, Shared, run};
use crate::service::{Certifier, Refusal, ServiceError};
use crate::store::credential::Caller;
use crate::web::Language;
use crate::web::text::fill;
use crate::web::text::portal::consent::Consent;
use words::{choice, instant, purpose, state, why};

pub(super) use record::{receipt, record};
pub(super) use words::{channel, choice as choice_name, method};

/// Who has chains of its own.
const COMPANY: &[Role] = &[Role::Partner, Role::Principal];

struct NoticeView {
    id: String,
    what: &'static str,
    records: usize,
    due: String,
    state: String,
    open: bool,
}

struct FormView {
    id: String,
    at: String,
    what: String,
    recipients: String,
}

#[derive(Template)]
#[template(path = "portal/consents.html")]
struct SearchPage {
    frame: Frame,
    t: &'static Consent,
    csrf: String,
    build: bool,
    notices: Vec<NoticeView>,
    forms: Vec<FormView>,
}

pub(super) async fn show(
    State(certifier): State<Shared>,
    Extension(portal): Extension<Arc<Portal>>,
    member: Member,
) -> Result<Response, ApiError> {
    let caller = member.only(COMPANY)?;
    let (notices, forms) =
        run(move || Ok((certifier.notices(&caller)?, certifier.forms(&caller)?))).await?;
    let language = member.visit.language;
    let t = Consent::of(language);
    Ok(page(&SearchPage {
        frame: Frame::new(&member.visit, t.title),
        t,
        csrf: member.csrf(),
        build: portal.browser.is_there(),
        notices: notices.iter().map(|one| notice_view(one, language)).collect(),
        forms: forms.iter().map(|one| form_view(one, language)).collect(),
    }))
}

fn notice_view(one: &NoticeInfo, language: Language) -> NoticeView {
    let t = Consent::of(language);
    NoticeView {
        id: one.notice.to_string(),
        what: match one.kind.as_str() {
            "consent.ended" => t.notice_ended,
            "form.recipients_added" => t.notice_added,
            "collection.expired" => t.notice_expired,
            "person.objected" => t.notice_objected,
            "notice.unanswered" => t.notice_unanswered,
            "batch.blocked" => t.notice_blocked,
            "webhook.disabled" | "webhook.removed" => t.notice_webhook,
            _ => t.notice_other,
        },
        records: one.document["records"].as_array().map_or(0, Vec::len),
        due: language.moment(&one.due_at),
        state: match (&one.acknowledged_at, &one.escalated_at) {
            (Some(at), _) => fill(t.notice_done, &[("moment", &language.moment(at))]),
            (None, Some(_)) => t.notice_escalated.to_owned(),
            (None, None) => t.notice_open.to_owned(),
        },
        open: one.acknowledged_at.is_none(),
    }
}

fn form_view(one: &FormInfo, language: Language) -> FormView {
    let names: Vec<&str> = one.document.recipients.iter().map(|one| one.name.as_str()).collect();
    FormView {
        id: one.form.to_string(),
        at: language.moment(&one.published_at),
        what: choice(one.document.purpose, one.document.channel, language),
        recipients: names.join(", "),
    }
}

pub(super) async fn acknowledge(
    State(certifier): State<Shared>,
    Path(notice): Path<String>,
    posted: Posted,
) -> Result<Response, ApiError> {
    let caller = posted.member.only(COMPANY)?;
    let notice: NoticeId = notice.parse().map_err(|_| Refusal::NotFound)?;
    run(move || Ok(certifier.acknowledge(&caller, &notice)?)).await?;
    Ok(Redirect::to("/portal/consents#notices").into_response())
}

struct EventView {
    when: String,
    state: &'static str,
    proven: bool,
    what: String,
    who: String,
    recipients: String,
    record: String,
}

struct DecisionView {
    allowed: bool,
    said: String,
    facts: Vec<(&'static str, String)>,
    record: Option<String>,
}

/// What the form of a decision says.
#[derive(Clone)]
struct Asked {
    sender: String,
    recipient: String,
    purpose: &'static str,
    channel: &'static str,
}

type Choices = Vec<(&'static str, &'static str)>;

#[derive(Template)]
#[template(path = "portal/consent_chain.html")]
struct ChainPage {
    frame: Frame,
    t: &'static Consent,
    csrf: String,
    tokens: String,
    reason: String,
    restricted: bool,
    events: Vec<EventView>,
    oppositions: Vec<(String, String, &'static str, String)>,
    decision: Option<DecisionView>,
    asked: Asked,
    purposes: Choices,
    channels: Choices,
}

/// Names of companies, as the forms of a chain have them.
type Names = BTreeMap<Siren, String>;

fn query(posted: &Posted) -> Result<HistoryQuery, ApiError> {
    let tokens: Vec<PersonToken> =
        serde_json::from_str(posted.text("tokens")).map_err(|_| Refusal::Malformed)?;
    Ok(HistoryQuery { tokens, reason: posted.text("reason").to_owned() })
}

/// The history, and who is meant by the numbers in it.
fn find(
    certifier: &Certifier,
    caller: &Caller,
    query: &HistoryQuery,
) -> Result<(ConsentHistory, Names), ServiceError> {
    let history = certifier.consent_history(caller, query)?;
    let mut forms: Vec<FormId> = history.events.iter().map(|event| event.form).collect();
    forms.sort_unstable();
    forms.dedup();
    let mut names = Names::new();
    for id in &forms {
        let document = match certifier.form(caller, id) {
            Ok(found) => found.document,
            // A collector that the form does not name sees the chain, but not the form.
            Err(ServiceError::Refused(Refusal::NotFound)) => continue,
            Err(failure) => return Err(failure),
        };
        let named = document.controllers.into_iter().chain(document.recipients);
        names.extend(named.map(|one| (one.id, one.name)));
    }
    Ok((history, names))
}

pub(super) async fn search(
    State(certifier): State<Shared>,
    posted: Posted,
) -> Result<Response, ApiError> {
    let caller = posted.member.only(COMPANY)?;
    let query = query(&posted)?;
    let (history, names) = run(move || Ok(find(&certifier, &caller, &query)?)).await?;
    Ok(chain(&posted, &(history, names), None))
}

pub(super) async fn decide(
    State(certifier): State<Shared>,
    posted: Posted,
) -> Result<Response, ApiError> {
    let caller = posted.member.only(COMPANY)?;
    let query = query(&posted)?;
    let word = |_| Refusal::Malformed;
    let asked = DecisionQuery {
        tokens: query.tokens.clone(),
        sender: posted.read("sender")?,
        recipient: posted.read("recipient")?,
        purpose: posted.text("purpose").parse().map_err(word)?,
        channel: posted.text("channel").parse().map_err(word)?,
        sector: Sector::General,
        audience: Audience::Consumer,
        at: None,
        offer_of_profession: false,
        scrubbed_at: None,
    };
    let kept = Asked {
        sender: asked.sender.to_string(),
        recipient: asked.recipient.to_string(),
        purpose: asked.purpose.as_str(),
        channel: asked.channel.as_str(),
    };
    let (found, decision) = run(move || {
        let decision = certifier.decide_one(&caller, &asked)?;
        Ok((find(&certifier, &caller, &query)?, decision))
    })
    .await?;
    Ok(chain(&posted, &found, Some((kept, decision))))
}

fn chain(
    posted: &Posted,
    (history, names): &(ConsentHistory, Names),
    decided: Option<(Asked, DecisionInfo)>,
) -> Response {
    let language = posted.member.visit.language;
    let t = Consent::of(language);
    let newest = history.events.last();
    let first = |siren: Option<&Siren>| siren.map(ToString::to_string).unwrap_or_default();
    let (asked, decision) = match decided {
        Some((asked, decision)) => (asked, Some(decision_view(&decision, language))),
        None => (
            Asked {
                sender: first(newest.map(|event| &event.controller)),
                recipient: first(newest.and_then(|event| event.recipients.first())),
                purpose: newest.map_or(Purpose::Transmission, |event| event.purpose).as_str(),
                channel: newest.map_or(Channel::Email, |event| event.channel).as_str(),
            },
            None,
        ),
    };
    let events = history.events.iter().rev().map(|event| event_view(event, names, language));
    let oppositions = history.oppositions.iter();
    let mut visit = posted.member.visit.clone();
    "/portal/consents".clone_into(&mut visit.path);
    page(&ChainPage {
        frame: Frame::new(&visit, t.chain),
        t,
        csrf: posted.member.csrf(),
        tokens: posted.text("tokens").to_owned(),
        reason: posted.text("reason").to_owned(),
        restricted: history.restricted,
        events: events.collect(),
        oppositions: oppositions.map(|one| opposition_view(one, names, language)).collect(),
        decision,
        asked,
        purposes: Purpose::ALL.iter().map(|one| (one.as_str(), purpose(*one, t))).collect(),
        channels: Channel::ALL.iter().map(|one| (one.as_str(), channel(*one, t))).collect(),
    })
}

fn named(siren: Siren, names: &Names, language: Language) -> String {
    names.get(&siren).cloned().unwrap_or_else(|| language.siren(&siren.to_string()))
}

fn event_view(event: &EventInfo, names: &Names, language: Language) -> EventView {
    let t = Consent::of(language);
    let to: Vec<String> =
        event.recipients.iter().map(|siren| named(*siren, names, language)).collect();
    let to = if event.all_recipients { t.to_all.to_owned() } else { to.join(", ") };
    EventView {
        when: instant(event.at, language),
        state: state(event.state, t),
        proven: event.proven || !event.state.permits(),
        what: choice(event.purpose, event.channel, language),
        who: named(event.controller, names, language),
        recipients: if to.is_empty() { to } else { fill(t.to, &[("names", &to)]) },
        record: event.record.to_string(),
    }
}

fn opposition_view(
    one: &OppositionInfo,
    names: &Names,
    language: Language,
) -> (String, String, &'static str, String) {
    let t = Consent::of(language);
    let along = one.along.map_or_else(
        || t.opposition_everywhere.to_owned(),
        |siren| fill(t.opposition_along, &[("name", &named(siren, names, language))]),
    );
    let by = one.channel.map_or(t.opposition_channels, |means| channel(means, t));
    (instant(one.at, language), along, by, instant(one.until, language))
}

fn decision_view(one: &DecisionInfo, language: Language) -> DecisionView {
    let t = Consent::of(language);
    let said = match &one.why {
        None => t.allowed.to_owned(),
        Some(code) => fill(t.denied, &[("why", why(code, t))]),
    };
    let facts = [(t.rule, &one.rule), (t.article, &one.article)];
    DecisionView {
        allowed: one.allowed,
        said,
        facts: facts.into_iter().filter_map(|(name, text)| Some((name, text.clone()?))).collect(),
        record: one.record.map(|record| record.to_string()),
    }
}
