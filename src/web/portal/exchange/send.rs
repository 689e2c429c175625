//! The page on which a file becomes a batch of an exchange. It is read, checked and sealed in the page
//! (`static/batch.js`); here is only what it needs to know.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use tiers_protocol::exchange::sending::LeftOut;
use tiers_protocol::exchange::terms::fields_of;
use tiers_protocol::exchange::view::ExchangeState;
use tiers_protocol::exchange::{Field, Gives};

use super::super::Portal;
use super::super::consent::channel;
use super::super::frame::{Frame, page};
use super::super::visit::Member;
use super::{COMPANY, exchange_id, own};
use crate::api::{ApiError, Shared, run};
use crate::service::Refusal;
use crate::web::Language;
use crate::web::text::fill;
use crate::web::text::portal::consent::Consent;
use crate::web::text::portal::dealer::Dealer;
use crate::web::text::portal::exchange::Exchange;
use crate::web::text::portal::field::Fields;
use crate::web::text::portal::sending::Sending;

#[derive(Template)]
#[template(path = "portal/exchange_send.html")]
struct SendPage {
    frame: Frame,
    t: &'static Exchange,
    d: &'static Dealer,
    s: &'static Sending,
    build: bool,
    id: String,
    party: String,
    title: String,
    to: String,
    /// Channels of the agreement: word, name, what may leave by it.
    channels: Vec<(&'static str, &'static str, String)>,
    /// Ends of attributes' names, and words: what columns are, and why rows are left out.
    columns: Vec<(String, &'static str)>,
    reasons: Vec<(String, &'static str)>,
}

fn attribute(name: &str) -> String {
    name.replace('_', "-")
}

fn columns(language: Language) -> Vec<(String, &'static str)> {
    let (f, d, s) = (Fields::of(language), Dealer::of(language), Sending::of(language));
    let others = [
        ("phone", d.field_phone),
        ("birth_date", d.field_birth_date),
        ("collected", s.col_collected),
        ("consent_id", s.col_consent_id),
        ("consent_form", s.col_consent_form),
        ("consent_method", s.col_consent_method),
        ("consented_on", s.col_consented_on),
        ("evidence", s.col_evidence),
    ];
    let fields = Field::ALL.iter().map(|field| (field.name(), f.name(*field)));
    fields.chain(others).map(|(name, word)| (attribute(name), word)).collect()
}

const fn reason(of: LeftOut, s: &'static Sending) -> &'static str {
    match of {
        LeftOut::Duplicate => s.left_duplicate,
        LeftOut::Evidence => s.left_evidence,
        LeftOut::NoEvidence => s.left_no_evidence,
        LeftOut::GenericAddress => s.left_generic_address,
        LeftOut::NoContact => s.left_no_contact,
        LeftOut::PostalOpposition => s.left_postal_opposition,
        LeftOut::NoMeansOfChannel => s.left_no_means_of_channel,
        LeftOut::NoDayOfCollection => s.left_no_day_of_collection,
    }
}

pub(in crate::web::portal) async fn show(
    State(certifier): State<Shared>,
    Extension(portal): Extension<Arc<Portal>>,
    member: Member,
    Path(exchange): Path<String>,
) -> Result<Response, ApiError> {
    let caller = member.only(COMPANY)?;
    let id = exchange_id(&exchange)?;
    let view = run(move || Ok(certifier.exchange(&caller, &id)?)).await?;
    let language = member.visit.language;
    let s = Sending::of(language);
    let agreement = &view.agreement.agreement;
    let (side, other) = own(agreement, &caller).ok_or(Refusal::NotFound)?;
    // Who only receives knows of the exchange.
    let Gives::Records { fields, .. } = &side.gives else {
        return Err(Refusal::Forbidden.into());
    };
    if view.info.state != ExchangeState::Approved {
        return Err(Refusal::ExchangeState.into());
    }
    let (c, f) = (Consent::of(language), Fields::of(language));
    let channels = agreement.channels.keys().map(|means| {
        let leave = fields_of(fields, *means);
        let names: Vec<&str> = leave.iter().map(|field| f.name(*field)).collect();
        (means.as_str(), channel(*means, c), names.join(", "))
    });
    let reasons = LeftOut::ALL.iter().map(|why| (attribute(why.code()), reason(*why, s)));
    Ok(page(&SendPage {
        frame: Frame::new(&member.visit, s.title),
        t: Exchange::of(language),
        d: Dealer::of(language),
        s,
        build: portal.browser.is_there(),
        id: id.to_string(),
        party: side.party.to_string(),
        title: fill(s.title_to, &[("name", &other.name)]),
        to: other.name.clone(),
        channels: channels.collect(),
        columns: columns(language),
        reasons: reasons.collect(),
    }))
}
