//! The page on which an exchange is proposed. The agreement is written, checked and signed in the page
//! (`static/propose.js`); here is what it starts from: the two companies as the certifier knows them, and what
//! earlier agreements say of them.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use jiff::ToSpan as _;
use jiff::civil::Date;
use serde_json::json;
use tiers_protocol::consent::Channel;
use tiers_protocol::exchange::{Field, Side};

use super::super::Portal;
use super::super::consent::channel;
use super::super::frame::{Frame, page};
use super::super::visit::Member;
use super::COMPANY;
use crate::api::{ApiError, Shared, run};
use crate::store::party::Party;
use crate::web::text::portal::consent::Consent;
use crate::web::text::portal::exchange::Exchange;
use crate::web::text::portal::field::Fields;
use crate::web::text::portal::proposal::Proposal;

/// A company that may be chosen.
struct Choice {
    name: String,
    /// Id, SIREN, name and keys, and what an earlier agreement says, as JSON.
    known: String,
}

#[derive(Template)]
#[template(path = "portal/exchange_propose.html")]
struct ProposePage {
    frame: Frame,
    t: &'static Exchange,
    p: &'static Proposal,
    build: bool,
    own: String,
    others: Vec<Choice>,
    /// Which part of the agreement a side is, and its heading.
    sides: [(&'static str, &'static str); 2],
    fields: Vec<(&'static str, &'static str)>,
    channels: Vec<(&'static str, &'static str)>,
    begins: String,
    ends: String,
}

fn known(party: &Party, side: Option<&Side>) -> String {
    let keys = &party.keys;
    let (id, siren, name) = (&party.id, &party.siren, &party.name);
    json!({ "party": id, "siren": siren, "name": name, "keys": keys, "side": side }).to_string()
}

/// Channels by which records can be reached: what has no field has none.
const CHANNELS: [Channel; 5] =
    [Channel::Email, Channel::Sms, Channel::Phone, Channel::AutomatedCall, Channel::Post];

pub(in crate::web::portal) async fn show(
    State(certifier): State<Shared>,
    Extension(portal): Extension<Arc<Portal>>,
    member: Member,
) -> Result<Response, ApiError> {
    let caller = member.only(COMPANY)?;
    let (found, today) = run(move || {
        let today: Date = certifier.now().date();
        Ok((certifier.counterparts(&caller)?, today))
    })
    .await?;
    let language = member.visit.language;
    let (p, c, f) = (Proposal::of(language), Consent::of(language), Fields::of(language));
    let others = found.others.iter().map(|(party, side)| Choice {
        name: party.name.clone(),
        known: known(party, side.as_ref()),
    });
    let last = today.saturating_add(1.year()).saturating_sub(1.day());
    Ok(page(&ProposePage {
        frame: Frame::new(&member.visit, p.title),
        t: Exchange::of(language),
        p,
        build: portal.browser.is_there(),
        own: known(&found.own, found.own_side.as_ref()),
        others: others.collect(),
        sides: [("proposer", p.own_side), ("other", p.other_side)],
        fields: Field::ALL.map(|field| (field.name(), f.name(field))).into(),
        channels: CHANNELS.map(|means| (means.as_str(), channel(means, c))).into(),
        begins: today.to_string(),
        ends: last.to_string(),
    }))
}
