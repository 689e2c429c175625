//! Pages of exchanges, for the two companies of each: the agreement, who said what, batches from upload to
//! opening, the duty to inform, values and invoices. Signing and opening happen in the page, under keys
//! that do not leave it (`static/exchange.js`); the rest are forms of the same use cases as the API's.

pub(super) mod propose;
pub(super) mod send;

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use tiers_protocol::consent::Method;
use tiers_protocol::exchange::filing::{DutyState, FilingKind, InvoiceDuty};
use tiers_protocol::exchange::view::{
    BatchInfo, BatchState, ExchangeInfo, ExchangeState, ExchangeView, InformInfo, InformState,
    InvoiceInfo, StateValue,
};
use tiers_protocol::exchange::{Agreement, Gives, Saying, Side};
use tiers_protocol::ids::{BatchId, ExchangeId, PartyId};
use tiers_protocol::wire::Role;

use super::Portal;
use super::assets::download;
use super::brand::euros;
use super::consent::{channel, method};
use super::form::Posted;
use super::frame::{Frame, page};
use super::visit::Member;
use crate::api::{ApiError, Shared, run};
use crate::service::Refusal;
use crate::store::credential::Caller;
use crate::store::invoice::Syntax;
use crate::web::Language;
use crate::web::text::fill;
use crate::web::text::portal::consent::Consent;
use crate::web::text::portal::exchange::Exchange;
use crate::web::text::portal::field::Fields;

/// Who exchanges.
const COMPANY: &[Role] = &[Role::Partner, Role::Principal];

struct ListedView {
    id: String,
    with: String,
    state: &'static str,
    proposed: String,
}

#[derive(Template)]
#[template(path = "portal/exchanges.html")]
struct ListPage {
    frame: Frame,
    t: &'static Exchange,
    exchanges: Vec<ListedView>,
}

pub(super) async fn list(
    State(certifier): State<Shared>,
    member: Member,
) -> Result<Response, ApiError> {
    let caller = member.only(COMPANY)?;
    let found: Vec<ExchangeView> = run(move || {
        let all = certifier.exchanges(&caller)?;
        let each = all.iter().map(|one| certifier.exchange(&caller, &one.exchange));
        Ok(each.collect::<Result<_, _>>()?)
    })
    .await?;
    let language = member.visit.language;
    let t = Exchange::of(language);
    let view = |one: &ExchangeView| {
        let agreement = &one.agreement.agreement;
        let other = own(agreement, &caller).map_or("", |(_, other)| other.name.as_str());
        let at = language.moment(&one.info.proposed_at);
        ListedView {
            id: one.info.exchange.to_string(),
            with: fill(t.with, &[("name", other)]),
            state: state(one.info.state, t),
            proposed: fill(t.proposed_at, &[("moment", &at)]),
        }
    };
    Ok(page(&ListPage {
        frame: Frame::new(&member.visit, t.title),
        t,
        exchanges: found.iter().map(view).collect(),
    }))
}

fn own<'a>(agreement: &'a Agreement, caller: &Caller) -> Option<(&'a Side, &'a Side)> {
    agreement.side_of(&caller.party?)
}

const fn state(of: ExchangeState, t: &'static Exchange) -> &'static str {
    match of {
        ExchangeState::Proposed => t.state_proposed,
        ExchangeState::Accepted => t.state_accepted,
        ExchangeState::Approved => t.state_approved,
        ExchangeState::Ended => t.state_ended,
        ExchangeState::Closed => t.state_closed,
    }
}

struct SideView {
    name: String,
    facts: Vec<(&'static str, String)>,
    gives: String,
}

struct SaidView {
    who: String,
    what: &'static str,
    when: String,
    words: String,
}

struct BatchView {
    id: String,
    title: &'static str,
    records: String,
    state: &'static str,
    lots: Option<String>,
    inform: Option<(String, bool)>,
    /// What the recipient's officer said of the proofs.
    review: Option<String>,
    /// What the recipient's officer does before anything is handed over; whether the sample is drawn already.
    to_review: Option<bool>,
    /// The sender may hand it over.
    hand_over: bool,
    /// The recipient may open it.
    open: bool,
    /// The recipient is to say that the persons are informed.
    informed: bool,
}

struct InvoiceView {
    number: String,
    seller: String,
    from: String,
    amounts: [String; 3],
    /// What is owed to the platform, and whether its days are over.
    duties: Vec<(String, bool)>,
}

#[derive(Template)]
#[template(path = "portal/exchange.html")]
struct ExchangePage {
    frame: Frame,
    t: &'static Exchange,
    csrf: String,
    build: bool,
    id: String,
    party: String,
    title: String,
    state: &'static str,
    facts: Vec<(&'static str, String)>,
    sides: Vec<SideView>,
    said: Vec<SaidView>,
    sayings: Vec<(&'static str, &'static str)>,
    batches: Vec<BatchView>,
    /// Whether the caller may send a batch.
    may_send: bool,
    /// How consent may have been given: the word, and its name.
    methods: Vec<(String, &'static str)>,
    /// Whether the caller may state its value now, and whether it has.
    value: (bool, bool),
    invoices: Vec<InvoiceView>,
}

fn exchange_id(text: &str) -> Result<ExchangeId, ApiError> {
    text.parse().map_err(|_| Refusal::NotFound.into())
}

pub(super) async fn show(
    State(certifier): State<Shared>,
    Extension(portal): Extension<Arc<Portal>>,
    member: Member,
    Path(exchange): Path<String>,
) -> Result<Response, ApiError> {
    let caller = member.only(COMPANY)?;
    let id = exchange_id(&exchange)?;
    let (view, invoices) =
        run(move || Ok((certifier.exchange(&caller, &id)?, certifier.invoices(&caller, &id)?)))
            .await?;
    let language = member.visit.language;
    let t = Exchange::of(language);
    let agreement = &view.agreement.agreement;
    let (side, other) = own(agreement, &caller).ok_or(Refusal::NotFound)?;
    let title = fill(t.with, &[("name", &other.name)]);
    let valued = view.info.valued.contains(&side.party);
    let open = view.info.state == ExchangeState::Approved
        && view.info.batches.iter().any(|batch| batch.handed_over_at.is_some());
    Ok(page(&ExchangePage {
        frame: Frame::new(&member.visit, &title),
        t,
        csrf: member.csrf(),
        build: portal.browser.is_there(),
        id: id.to_string(),
        party: side.party.to_string(),
        title,
        state: state(view.info.state, t),
        facts: facts(agreement, other, language),
        sides: agreement.sides().map(|one| side_view(one, language)).into(),
        said: said(&view, language),
        sayings: sayings(&view.info, &side.party, t),
        batches: view
            .info
            .batches
            .iter()
            .map(|batch| batch_view(batch, &side.party, language))
            .collect(),
        may_send: view.info.state == ExchangeState::Approved
            && matches!(side.gives, Gives::Records { .. }),
        methods: Method::ALL
            .iter()
            .map(|one| (one.as_str().replace('_', "-"), method(*one, Consent::of(language))))
            .collect(),
        value: (open && !valued, open && valued),
        invoices: invoices.iter().map(|one| invoice_view(one, agreement, language)).collect(),
    }))
}

fn facts(agreement: &Agreement, other: &Side, language: Language) -> Vec<(&'static str, String)> {
    let (t, c) = (Exchange::of(language), Consent::of(language));
    let by: Vec<&str> = agreement.channels.keys().map(|means| channel(*means, c)).collect();
    let day = |date: jiff::civil::Date| language.day(&date.to_string());
    let period = [("begins", day(agreement.begins)), ("ends", day(agreement.ends))];
    let period = period.each_ref().map(|(name, value)| (*name, value.as_str()));
    let months = agreement.retention_months.to_string();
    vec![
        (t.purpose, agreement.purpose.clone()),
        (t.offer, agreement.offer.clone()),
        (t.message, agreement.message.clone()),
        (t.channels, by.join(", ")),
        (t.period_name, fill(t.period, &period)),
        (t.retention, fill(t.months, &[("months", &months)])),
        (t.fingerprint, other.keys.fingerprint().to_string()),
        (t.digest, agreement.digest().to_string()),
    ]
}

fn side_view(side: &Side, language: Language) -> SideView {
    let t = Exchange::of(language);
    let gives = match &side.gives {
        Gives::Records { fields, lot_cents } => {
            let words = Fields::of(language);
            let fields: Vec<&str> = fields.iter().map(|field| words.name(*field)).collect();
            let price = euros(*lot_cents, language);
            fill(t.gives_records, &[("fields", &fields.join(", ")), ("price", &price)])
        }
        Gives::Service { what, price_cents } => {
            fill(t.gives_service, &[("what", what), ("price", &euros(*price_cents, language))])
        }
    };
    SideView {
        name: format!("{} ({})", side.name, language.siren(&side.siren.to_string())),
        facts: vec![
            (t.asked_by, side.requester.clone()),
            (t.signatory, side.signatory.name.clone()),
            (t.officer, side.dpo.name.clone()),
        ],
        gives,
    }
}

fn named(agreement: &Agreement, party: &PartyId) -> String {
    agreement.side_of(party).map(|(side, _)| side.name.clone()).unwrap_or_default()
}

fn said(view: &ExchangeView, language: Language) -> Vec<SaidView> {
    let t = Exchange::of(language);
    let each = view.info.acts.iter().map(|act| SaidView {
        who: named(&view.agreement.agreement, &act.party),
        what: match act.says {
            Saying::Accept => t.says_accept,
            Saying::Approve => t.says_approve,
            Saying::Advise => t.says_advise,
            Saying::End => t.says_end,
        },
        when: language.moment(&act.at),
        words: act.words.clone(),
    });
    each.collect()
}

/// What the caller's side may say as things stand.
fn sayings(
    info: &ExchangeInfo,
    own: &PartyId,
    t: &'static Exchange,
) -> Vec<(&'static str, &'static str)> {
    let said = |says: Saying| info.acts.iter().any(|act| act.party == *own && act.says == says);
    let (accept, approve) = ((Saying::Accept, t.say_accept), (Saying::Approve, t.say_approve));
    let (advise, end) = ((Saying::Advise, t.say_advise), (Saying::End, t.say_end));
    let mut may = match info.state {
        ExchangeState::Proposed if info.other == *own => vec![accept, advise, end],
        ExchangeState::Proposed => vec![advise, end],
        ExchangeState::Accepted => vec![approve, advise, end],
        ExchangeState::Approved => vec![advise, end],
        ExchangeState::Ended | ExchangeState::Closed => Vec::new(),
    };
    may.retain(|(says, _)| *says == Saying::End || !said(*says));
    may.into_iter().map(|(says, name)| (says.as_str(), name)).collect()
}

fn batch_view(batch: &BatchInfo, own: &PartyId, language: Language) -> BatchView {
    let (t, c) = (Exchange::of(language), Consent::of(language));
    let (sends, receives) = (batch.sender == *own, batch.recipient == *own);
    let records = language.integer(batch.records);
    let said = [("records", records.as_str()), ("channel", channel(batch.channel, c))];
    BatchView {
        id: batch.batch.to_string(),
        title: if sends { t.batch_sent } else { t.batch_received },
        records: fill(t.batch_records, &said),
        state: match batch.state {
            BatchState::Open => t.batch_open,
            BatchState::Received => t.batch_received_state,
            BatchState::Sampled => t.batch_sampled,
            BatchState::Reviewed => t.batch_reviewed,
            BatchState::Blocked => t.batch_blocked,
            BatchState::HandedOver => t.batch_handed_over,
            BatchState::Withheld if batch.lots > Some(0) => t.batch_expired,
            BatchState::Withheld => t.batch_withheld,
            BatchState::Fetched => t.batch_fetched,
            BatchState::Refused => t.batch_refused,
        },
        lots: batch.lots.map(|lots| fill(t.batch_lots, &[("lots", &language.integer(lots))])),
        inform: batch.inform.as_ref().map(|duty| inform(duty, language)),
        review: batch
            .review
            .as_ref()
            .and_then(|review| review.words.as_deref())
            .filter(|words| !words.is_empty())
            .map(|words| fill(t.review_words, &[("words", words)])),
        to_review: match batch.state {
            BatchState::Received if receives => Some(false),
            BatchState::Sampled if receives => Some(true),
            _ => None,
        },
        hand_over: sends && batch.state == BatchState::Reviewed,
        open: receives && batch.state == BatchState::HandedOver,
        informed: receives && batch.inform.as_ref().is_some_and(|i| i.informed_at.is_none()),
    }
}

/// What is said of the duty to inform, and whether it is late.
fn inform(duty: &InformInfo, language: Language) -> (String, bool) {
    let t = Exchange::of(language);
    let by = language.day(&duty.by);
    match (&duty.informed_at, duty.state) {
        (Some(at), _) => (fill(t.inform_done, &[("day", &language.moment(at))]), false),
        (None, InformState::Late) => (fill(t.inform_late, &[("day", &by)]), true),
        (None, _) => (fill(t.inform_by, &[("day", &by)]), false),
    }
}

fn invoice_view(one: &InvoiceInfo, agreement: &Agreement, language: Language) -> InvoiceView {
    let money = |cents: i64| euros(u64::try_from(cents).unwrap_or(0), language);
    InvoiceView {
        number: one.number.clone(),
        seller: one.seller.to_string(),
        from: named(agreement, &one.seller),
        amounts: [money(one.net_cents), money(one.gross_cents), money(one.payable_cents)],
        duties: one.duties.iter().map(|duty| duty_view(duty, language)).collect(),
    }
}

fn duty_view(duty: &InvoiceDuty, language: Language) -> (String, bool) {
    let t = Exchange::of(language);
    let what = match duty.what {
        FilingKind::Invoice => t.duty_invoice,
        FilingKind::Payment => t.duty_payment,
    };
    let text = match duty.state {
        DutyState::Filed => t.duty_filed,
        DutyState::Due => t.duty_due,
        DutyState::Overdue => t.duty_overdue,
    };
    let platform = duty.platform.as_deref().unwrap_or_default();
    let said = fill(
        text,
        &[
            ("what", what),
            ("platform", platform),
            ("days", &language.integer(duty.days_left)),
            ("day", &language.day(&duty.by)),
            ("fine", &language.integer(duty.penalty_eur)),
            ("year", &language.integer(duty.penalty_year_eur)),
        ],
    );
    (said, duty.state == DutyState::Overdue)
}

fn back(id: &ExchangeId) -> Response {
    Redirect::to(&format!("/portal/exchanges/{id}")).into_response()
}

pub(super) async fn value(
    State(certifier): State<Shared>,
    Path(exchange): Path<String>,
    posted: Posted,
) -> Result<Response, ApiError> {
    let caller = posted.member.only(COMPANY)?;
    let id = exchange_id(&exchange)?;
    let stated = StateValue { value_cents: cents(posted.text("euros")) };
    run(move || Ok(certifier.state_value(&caller, (&id, &stated))?)).await?;
    Ok(back(&id))
}

/// Cents of an amount of euros as people write it, with a comma or a point and at most two decimals.
fn cents(text: &str) -> Option<u64> {
    let plain: String = text.chars().filter(|c| !c.is_whitespace() && *c != '\u{20ac}').collect();
    let (whole, rest) = plain.split_once([',', '.']).unwrap_or((&plain, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || rest.len() > 2 || !digits(whole) || !digits(rest) {
        return None;
    }
    let rest: u64 = format!("{rest:0<2}").parse().ok()?;
    whole.parse::<u64>().ok()?.checked_mul(100)?.checked_add(rest)
}

fn batch_id(text: &str) -> Result<BatchId, ApiError> {
    text.parse().map_err(|_| Refusal::NotFound.into())
}

pub(super) async fn hand_over(
    State(certifier): State<Shared>,
    Path(batch): Path<String>,
    posted: Posted,
) -> Result<Response, ApiError> {
    let caller = posted.member.only(COMPANY)?;
    let id = batch_id(&batch)?;
    let info = run(move || Ok(certifier.hand_over_batch(&caller, &id)?)).await?;
    Ok(back(&info.exchange))
}

pub(super) async fn informed(
    State(certifier): State<Shared>,
    Path(batch): Path<String>,
    posted: Posted,
) -> Result<Response, ApiError> {
    let caller = posted.member.only(COMPANY)?;
    let id = batch_id(&batch)?;
    let info = run(move || Ok(certifier.persons_informed(&caller, &id)?)).await?;
    Ok(back(&info.exchange))
}

pub(super) async fn agreement(
    State(certifier): State<Shared>,
    member: Member,
    Path(exchange): Path<String>,
) -> Result<Response, ApiError> {
    let caller = member.only(COMPANY)?;
    let id = exchange_id(&exchange)?;
    let view = run(move || Ok(certifier.exchange(&caller, &id)?)).await?;
    let bytes = serde_json::to_vec_pretty(&view.agreement).unwrap_or_default();
    Ok(download("application/json", "agreement.json", bytes))
}

pub(super) async fn invoice(
    State(certifier): State<Shared>,
    member: Member,
    Path((exchange, seller, file)): Path<(String, String, String)>,
) -> Result<Response, ApiError> {
    let caller = member.only(COMPANY)?;
    let id = exchange_id(&exchange)?;
    let seller: PartyId = seller.parse().map_err(|_| Refusal::NotFound)?;
    let syntax = match file.as_str() {
        "ubl.xml" | "ubl.flow.json" => Syntax::Ubl,
        "cii.xml" | "cii.flow.json" => Syntax::Cii,
        _ => return Err(Refusal::NotFound.into()),
    };
    if file.ends_with(".json") {
        let flow =
            run(move || Ok(certifier.invoice_flow(&caller, (&id, &seller, syntax))?)).await?;
        let bytes = serde_json::to_vec_pretty(&flow).unwrap_or_default();
        return Ok(download("application/json", &file, bytes));
    }
    let text = run(move || Ok(certifier.invoice(&caller, (&id, &seller, syntax))?)).await?;
    Ok(download("application/xml", &file, text))
}

#[cfg(test)]
mod tests {
    use super::cents;

    #[test]
    fn amounts_are_read_as_people_write_them_and_never_guessed() {
        for (text, expected) in [
            ("1200", Some(120_000)),
            ("1 200,50", Some(120_050)),
            ("1\u{202f}200,5 \u{20ac}", Some(120_050)),
            ("1200.05", Some(120_005)),
            ("0", Some(0)),
            ("", None),
            ("1,234,5", None),
            ("1.234", None),
            ("-5", None),
            ("12e3", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(cents(text), expected, "{text}");
        }
    }
}
