//! Pages for anybody: what the certifier does, rights of persons, verification of a certificate.

use askama::Template;
use axum::Json;
use axum::extract::{Query, Request, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use tiers_protocol::attested::Attested;
use tiers_protocol::certificate::{self, Certificate};
use tiers_protocol::ids::ProgrammeId;
use tiers_protocol::trust::Trust;

use super::frame::{Frame, page};
use super::visit::Visit;
use crate::api::{ApiError, Shared, read_body};
use crate::limits;
use crate::service::Refusal;
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
}

/// Of which programme somebody wants to see who is behind it.
#[derive(Deserialize)]
pub(super) struct OfProgramme {
    programme: Option<String>,
}

pub(super) async fn rights(
    visit: Visit,
    Query(of): Query<OfProgramme>,
) -> Result<Response, ApiError> {
    if let Some(programme) = of.programme {
        let id: ProgrammeId = programme.trim().parse().map_err(|_| Refusal::NotFound)?;
        return Ok(Redirect::to(&format!("/arrangements/{id}")).into_response());
    }
    let t = Public::of(visit.language);
    Ok(page(&RightsPage { frame: Frame::new(&visit, t.rights_title), t }))
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
    let facts = [
        (t.verify_programme, document.programme.name.clone()),
        (t.verify_principal, document.principal.name.clone()),
        (t.verify_period, language.month(&document.question.period)),
        (t.verify_at, language.moment(&document.released_at)),
    ];
    json!({ "good": true, "said": said, "facts": facts })
}
