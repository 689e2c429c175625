//! Companies, for an operator: those that are enrolled, and the form that enrols one by the public keys that it
//! sent and the fingerprint that it read out by another channel.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use tiers_protocol::party::{Fingerprint, PartyPublic};
use tiers_protocol::wire::{Credentials, NewParty, PartyInfo, Role};
use zeroize::Zeroizing;

use super::assets;
use super::form::Posted;
use super::frame::{Frame, page, role_name};
use super::visit::Member;
use crate::api::{ApiError, Shared, run};
use crate::web::text::portal::common::Common;
use crate::web::text::portal::officer::Officer;

struct PartyView {
    name: String,
    siren: String,
    role: &'static str,
    fingerprint: String,
}

/// The form as it was sent, and why it does not fit.
#[derive(Default)]
struct Enrol {
    name: String,
    siren: String,
    group: String,
    principal: bool,
    keys: String,
    fingerprint: String,
    unfit: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "portal/operator_home.html")]
struct CompaniesPage {
    frame: Frame,
    t: &'static Officer,
    csrf: String,
    parties: Vec<PartyView>,
    enrol: Enrol,
}

pub(super) async fn home(certifier: Shared, member: Member) -> Result<Response, ApiError> {
    shown(certifier, member, Enrol::default()).await
}

async fn shown(certifier: Shared, member: Member, enrol: Enrol) -> Result<Response, ApiError> {
    let mut parties: Vec<PartyInfo> = run(move || Ok(certifier.parties()?)).await?;
    parties.sort_by(|a, b| (&a.name, &a.siren).cmp(&(&b.name, &b.siren)));
    let language = member.visit.language;
    let t = Officer::of(language);
    let view = |one: PartyInfo| PartyView {
        name: one.name,
        siren: language.siren(&one.siren),
        role: role_name(Common::of(language), one.role),
        fingerprint: one.fingerprint,
    };
    Ok(page(&CompaniesPage {
        frame: Frame::new(&member.visit, t.operator_title),
        t,
        csrf: member.csrf(),
        parties: parties.into_iter().map(view).collect(),
        enrol,
    }))
}

/// Enrols a company; the answer is its credentials file, which is shown this once.
pub(super) async fn enrol(
    State(certifier): State<Shared>,
    posted: Posted,
) -> Result<Response, ApiError> {
    let caller = posted.member.only(&[Role::Operator])?;
    let (new, mut form) = asked(&posted);
    let t = Officer::of(posted.member.visit.language);
    let confirmed: Option<Fingerprint> = form.fingerprint.parse().ok();
    form.unfit = match (&new, confirmed) {
        (None, _) => Some(t.enrol_bad_keys),
        (_, None) => Some(t.enrol_bad_print),
        (Some(new), Some(print)) => (new.keys.fingerprint() != print).then_some(t.enrol_other),
    };
    let (Some(new), None) = (new, form.unfit) else {
        let mut member = posted.member;
        "/portal".clone_into(&mut member.visit.path);
        let page = shown(certifier, member, form).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    };
    let credentials: Credentials = run(move || Ok(certifier.enrol_party(&caller, &new)?)).await?;
    let file = Zeroizing::new(serde_json::to_vec_pretty(&credentials).expect("a plain document"));
    Ok(assets::download("application/json", "credentials.json", file.to_vec()))
}

/// What the form asks for; no company where the keys cannot be read.
fn asked(posted: &Posted) -> (Option<NewParty>, Enrol) {
    let digits = |name: &str| posted.text(name).split_whitespace().collect::<String>();
    let form = Enrol {
        name: posted.text("name").to_owned(),
        siren: digits("siren"),
        group: digits("group"),
        principal: posted.text("role") == "principal",
        keys: posted.text("keys").to_owned(),
        fingerprint: posted.text("fingerprint").to_owned(),
        unfit: None,
    };
    let keys: Option<PartyPublic> = serde_json::from_str(&form.keys).ok();
    let new = keys.map(|keys| NewParty {
        role: if form.principal { Role::Principal } else { Role::Partner },
        name: form.name.clone(),
        siren: form.siren.clone(),
        group_siren: (!form.group.is_empty()).then(|| form.group.clone()),
        keys,
    });
    (new, form)
}
