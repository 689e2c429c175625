//! Pages for anybody: what the certifier does, rights of persons, verification of a certificate.

use askama::Template;
use axum::Json;
use axum::extract::{Path, Query, Request, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use tiers_protocol::attested::Attested;
use tiers_protocol::certificate::{self, Certificate};
use tiers_protocol::ids::ProgrammeId;
use tiers_protocol::programme::LegalBasis;
use tiers_protocol::trust::Trust;

use super::frame::{Frame, page};
use super::visit::Visit;
use crate::api::{ApiError, Shared, read_body, run};
use crate::governance::identifiability::RequestMode;
use crate::governance::rights::{self, PersonRight};
use crate::limits;
use crate::service::Refusal;
use crate::service::governance::{Contact, RightsContacts};
use crate::web::Language;
use crate::web::text::portal::public::Public;

#[derive(Template)]
#[template(path = "portal/start.html")]
struct StartPage {
    frame: Frame,
    t: &'static Public,
}

pub(super) async fn start(visit: Visit) -> Response {
    let t = Public::of(visit.language);
    page(&StartPage { frame: Frame::new(&visit, t.start_title), t })
}

#[derive(Template)]
#[template(path = "portal/rights.html")]
struct RightsPage {
    frame: Frame,
    t: &'static Public,
    /// Of which programme; none in particular.
    programme: Option<String>,
    arrangement: bool,
    /// Whether the certifier can find persons, and answers itself.
    direct: bool,
    certifier: Option<Contact>,
    companies: Vec<Contact>,
    /// Each basis with the rights under it: a stable word, and what it says.
    bases: Vec<(&'static str, Vec<(&'static str, &'static str)>)>,
}

/// Of which programme somebody wants to see who is behind it.
#[derive(Deserialize)]
pub(super) struct OfProgramme {
    programme: Option<String>,
}

pub(super) async fn rights(
    State(certifier): State<Shared>,
    visit: Visit,
    Query(of): Query<OfProgramme>,
) -> Result<Response, ApiError> {
    if let Some(programme) = of.programme {
        let id: ProgrammeId = programme.trim().parse().map_err(|_| Refusal::NotFound)?;
        return Ok(Redirect::to(&format!("/rights/{id}")).into_response());
    }
    let found = run(move || Ok(certifier.rights_contacts(None)?)).await?;
    Ok(rights_page(&visit, None, found))
}

pub(super) async fn rights_of(
    State(certifier): State<Shared>,
    visit: Visit,
    Path(programme): Path<String>,
) -> Result<Response, ApiError> {
    let id: ProgrammeId = programme.parse().map_err(|_| Refusal::NotFound)?;
    let found = run(move || Ok(certifier.rights_contacts(Some(&id))?)).await?;
    Ok(rights_page(&visit, Some(id), found))
}

/// Where no programme is named, what the two bases of this product give.
const USUAL: [LegalBasis; 2] = [LegalBasis::Consent, LegalBasis::LegitimateInterests];

fn rights_page(visit: &Visit, programme: Option<ProgrammeId>, found: RightsContacts) -> Response {
    let t = Public::of(visit.language);
    let RightsContacts { certifier, companies, bases, arrangement, mode } = found;
    let of_none = programme.is_none();
    let bases = bases.into_iter().chain(USUAL.into_iter().filter(|_| of_none)).map(|basis| {
        let rights = rights::under(basis).iter();
        (basis_name(basis, t), rights.map(|one| (one.as_str(), right_name(*one, t))).collect())
    });
    page(&RightsPage {
        frame: Frame::new(visit, t.rights_title),
        t,
        programme: programme.map(|id| id.to_string()),
        arrangement,
        direct: mode == RequestMode::Direct,
        certifier,
        companies,
        bases: bases.collect(),
    })
}

const fn basis_name(basis: LegalBasis, t: &'static Public) -> &'static str {
    match basis {
        LegalBasis::Consent => t.basis_consent,
        LegalBasis::Contract => t.basis_contract,
        LegalBasis::LegalObligation => t.basis_law,
        LegalBasis::VitalInterests => t.basis_vital,
        LegalBasis::PublicTask => t.basis_public,
        LegalBasis::LegitimateInterests => t.basis_interest,
    }
}

const fn right_name(right: PersonRight, t: &'static Public) -> &'static str {
    match right {
        PersonRight::Access => t.right_access,
        PersonRight::Rectification => t.right_rectification,
        PersonRight::Erasure => t.right_erasure,
        PersonRight::Restriction => t.right_restriction,
        PersonRight::Portability => t.right_portability,
        PersonRight::Withdrawal => t.right_withdrawal,
        PersonRight::Objection => t.right_objection,
    }
}

#[derive(Template)]
#[template(path = "portal/verify.html")]
struct VerifyPage {
    frame: Frame,
    t: &'static Public,
    prints: [(&'static str, String); 3],
}

pub(super) async fn verify(State(certifier): State<Shared>, visit: Visit) -> Response {
    let t = Public::of(visit.language);
    let prints = crate::web::page::keys(&certifier.trust(), visit.language.text());
    page(&VerifyPage { frame: Frame::new(&visit, t.verify_title), t, prints })
}

/// The files that somebody dropped, as they are.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Dropped {
    certificate: String,
    report: Option<String>,
}

pub(super) async fn verified(
    State(certifier): State<Shared>,
    visit: Visit,
    request: Request,
) -> Result<Json<Value>, ApiError> {
    let body = read_body(request, limits::VERIFY_BYTES).await?;
    let dropped: Dropped = serde_json::from_slice(&body).map_err(|_| Refusal::Malformed)?;
    Ok(Json(verdict(&dropped, &certifier.trust(), visit.language)))
}

fn verdict(dropped: &Dropped, trust: &Trust, language: Language) -> Value {
    let t = Public::of(language);
    let bytes = dropped.certificate.as_bytes();
    let Ok(read) = Attested::<Certificate>::verify(bytes, trust) else {
        return json!({ "good": false, "said": t.verify_bad });
    };
    let said = match &dropped.report {
        None => t.verify_good,
        Some(report) if certificate::verify(bytes, report.as_bytes(), trust).is_ok() => {
            t.verify_good_report
        }
        Some(_) => return json!({ "good": false, "said": t.verify_bad_report }),
    };
    let document = &read.document;
    let mut facts = vec![
        (t.verify_programme, document.programme.name.clone()),
        (t.verify_principal, document.principal.name.clone()),
        (t.verify_period, language.month(&document.question.period)),
        (t.verify_at, language.moment(&document.released_at)),
    ];
    if document.question.exact {
        facts.push((t.verify_exact, t.verify_exact_said.to_owned()));
    }
    json!({ "good": true, "said": said, "facts": facts })
}
