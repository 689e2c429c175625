//! The page on which a file becomes a deposit, in the browser. What the page's script does stands in
//! `static/drop.js`; here is only what it needs to know.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use tiers_contact::{Field, FileKind};
use tiers_protocol::wire::Role;

use super::Portal;
use super::dealer::kind_name;
use super::frame::{Frame, page};
use super::visit::Member;
use crate::api::{ApiError, Shared, run};
use crate::web::text::portal::dealer::Dealer;

#[derive(Template)]
#[template(path = "portal/drop.html")]
struct DropPage {
    frame: Frame,
    t: &'static Dealer,
    programmes: Vec<(String, String, bool)>,
    kinds: Vec<(&'static str, &'static str)>,
    /// What columns mean: the end of an attribute's name, and words.
    fields: Vec<(String, &'static str)>,
    /// The company, as its id.
    party: String,
    /// Whether the company keeps the programme's key itself: the one that made it.
    own_key: bool,
    build: bool,
}

/// Which programme is meant.
#[derive(Deserialize, Default)]
pub(super) struct Chosen {
    #[serde(default)]
    programme: String,
}

pub(super) async fn show(
    State(certifier): State<Shared>,
    Extension(portal): Extension<Arc<Portal>>,
    member: Member,
    Query(chosen): Query<Chosen>,
) -> Result<Response, ApiError> {
    let caller = member.only(&[Role::Partner, Role::Principal])?;
    let programmes = run(move || Ok(certifier.own_programmes(&caller)?)).await?;
    let t = Dealer::of(member.visit.language);
    let kinds: &[FileKind] = match caller.role {
        Role::Principal => &[FileKind::Leads, FileKind::Customers],
        Role::Partner | Role::Officer | Role::Operator => &[FileKind::Sales, FileKind::Customers],
    };
    let programmes = programmes.into_iter().map(|one| {
        let id = one.programme.id.to_string();
        let is_chosen = id == chosen.programme;
        (id, one.programme.name, is_chosen)
    });
    Ok(page(&DropPage {
        frame: Frame::new(&member.visit, t.drop_title),
        t,
        programmes: programmes.collect(),
        kinds: kinds.iter().map(|kind| (kind.as_str(), kind_name(t, *kind))).collect(),
        fields: Field::ALL.iter().map(|field| (attribute(*field), field_name(t, *field))).collect(),
        party: caller.party.map(|party| party.to_string()).unwrap_or_default(),
        own_key: caller.role == Role::Principal,
        build: portal.browser.is_there(),
    }))
}

/// A field as attributes of HTML are spelled.
fn attribute(field: Field) -> String {
    field.as_str().replace('_', "-")
}

const fn field_name(t: &'static Dealer, field: Field) -> &'static str {
    match field {
        Field::Civility => t.field_civility,
        Field::FirstName => t.field_first_name,
        Field::LastName => t.field_last_name,
        Field::FullName => t.field_full_name,
        Field::BirthDate => t.field_birth_date,
        Field::Email => t.field_email,
        Field::Phone => t.field_phone,
        Field::StreetNumber => t.field_street_number,
        Field::Address => t.field_address,
        Field::AddressExtra => t.field_address_extra,
        Field::Postcode => t.field_postcode,
        Field::City => t.field_city,
        Field::Country => t.field_country,
        Field::Card => t.field_card,
        Field::Siret => t.field_siret,
        Field::LeadDate => t.field_lead_date,
        Field::SaleDate => t.field_sale_date,
        Field::Amount => t.field_amount,
        Field::Campaign => t.field_campaign,
        Field::Model => t.field_model,
    }
}
