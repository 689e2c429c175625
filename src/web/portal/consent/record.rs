//! One record of consent with everything that proves it, and its receipt.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use tiers_protocol::consent::{EventEntity, RecordEvent, RecordParty};
use tiers_protocol::ids::RecordId;

use super::super::assets;
use super::super::frame::{Frame, page};
use super::super::visit::Member;
use super::COMPANY;
use super::words::{choice, instant, method, state};
use crate::api::{ApiError, Shared, run};
use crate::service::Refusal;
use crate::web::text::fill;
use crate::web::text::portal::consent::Consent;

struct StepView {
    when: String,
    state: &'static str,
    who: String,
    evidence: Option<String>,
}

#[derive(Template)]
#[template(path = "portal/consent_record.html")]
struct RecordPage {
    frame: Frame,
    t: &'static Consent,
    record: String,
    what: String,
    digest: String,
    facts: Vec<(&'static str, String)>,
    events: Vec<StepView>,
}

fn record_id(text: &str) -> Result<RecordId, ApiError> {
    text.parse().map_err(|_| Refusal::NotFound.into())
}

pub(in crate::web::portal) async fn record(
    State(certifier): State<Shared>,
    member: Member,
    Path(record): Path<String>,
) -> Result<Response, ApiError> {
    let caller = member.only(COMPANY)?;
    let id = record_id(&record)?;
    let found = run(move || Ok(certifier.consent_documents(&caller, &id)?)).await?;
    let language = member.visit.language;
    let t = Consent::of(language);
    let whole = &found.receipt.record;
    let names = |parties: &[RecordParty]| {
        let each = parties
            .iter()
            .map(|one| format!("{} ({})", one.name, language.siren(&one.id.to_string())));
        each.collect::<Vec<_>>().join(", ")
    };
    let months = whole.events.last().map_or(0, |event| event.validity_months);
    let version = whole.notice.version.to_string();
    let version = fill(t.record_version, &[("version", &version)]);
    let facts = vec![
        (t.record_notice, format!("{}, {version}", whole.notice.url)),
        (t.record_method, method(whole.gdpr.method, t).to_owned()),
        (t.record_language, whole.language.to_string()),
        (t.record_controllers, names(&whole.controllers)),
        (t.record_recipients, names(&whole.recipients)),
        (t.record_valid, fill(t.record_months, &[("months", &months.to_string())])),
        (t.record_withdrawal, whole.withdrawal.clone()),
    ];
    let step = |event: &RecordEvent| StepView {
        when: instant(event.at, language),
        state: state(event.state, t),
        who: match event.entity {
            EventEntity::Person(_) => t.record_by_person.to_owned(),
            EventEntity::Company(siren) => language.siren(&siren.to_string()),
        },
        evidence: event.evidence.as_ref().and_then(|e| serde_json::to_string_pretty(e).ok()),
    };
    Ok(page(&RecordPage {
        frame: Frame::new(&member.visit, t.record_title),
        t,
        record: id.to_string(),
        what: choice(whole.purpose, whole.channel, language),
        digest: found.receipt.record_sha256.to_string(),
        facts,
        events: whole.events.iter().map(step).collect(),
    }))
}

pub(in crate::web::portal) async fn receipt(
    State(certifier): State<Shared>,
    member: Member,
    Path(record): Path<String>,
) -> Result<Response, ApiError> {
    let caller = member.only(COMPANY)?;
    let id = record_id(&record)?;
    let found = run(move || Ok(certifier.consent_documents(&caller, &id)?)).await?;
    let bytes = serde_json::to_vec_pretty(&found.receipt).unwrap_or_default();
    Ok(assets::file("application/json", bytes))
}
