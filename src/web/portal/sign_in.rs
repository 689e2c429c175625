//! Signing in and out, and the page that an invitation leads to.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::{Extension, Json};
use serde_json::json;

use super::Portal;
use super::form::Posted;
use super::frame::{Frame, page, role_name};
use super::visit::Visit;
use crate::api::{ApiError, SESSION_COOKIES, Shared, read_body, run};
use crate::limits;
use crate::service::Refusal;
use crate::service::portal::SignedIn;
use crate::web::text::fill;
use crate::web::text::portal::common::Common;

const HOME: &str = "/portal";

#[derive(Template)]
#[template(path = "portal/sign_in.html")]
struct SignInPage {
    frame: Frame,
}

pub(super) async fn show(visit: Visit) -> Response {
    if visit.signed_in.is_some() {
        return Redirect::to(HOME).into_response();
    }
    page(&SignInPage { frame: Frame::new(&visit, Common::of(visit.language).sign_in_title) })
}

/// JSON text of the browser's next step.
fn options(text: String) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], text).into_response()
}

pub(super) async fn begin(
    State(certifier): State<Shared>,
    Extension(portal): Extension<Arc<Portal>>,
) -> Result<Response, ApiError> {
    Ok(options(run(move || Ok(certifier.begin_sign_in(&portal.passkeys)?)).await?))
}

pub(super) async fn finish(
    State(certifier): State<Shared>,
    Extension(portal): Extension<Arc<Portal>>,
    request: Request,
) -> Result<Response, ApiError> {
    let answer = read_body(request, limits::PASSKEY_BYTES).await?;
    let keys = Arc::clone(&portal);
    let signed_in = run(move || Ok(certifier.sign_in(&answer, &keys.passkeys)?)).await?;
    Ok(let_in(&portal, &signed_in, Json(json!({ "to": HOME })).into_response()))
}

/// An answer that carries the cookie of a new session.
fn let_in(portal: &Portal, signed_in: &SignedIn, mut response: Response) -> Response {
    let text = cookie(portal, signed_in.secret.expose(), limits::SESSION_SECONDS);
    let mut value = HeaderValue::from_str(&text).expect("base64url and fixed words");
    value.set_sensitive(true);
    response.headers_mut().append(header::SET_COOKIE, value);
    response
}

fn cookie(portal: &Portal, secret: &str, seconds: i64) -> String {
    let [guarded, plain] = SESSION_COOKIES;
    let (name, secure) = if portal.secure() { (guarded, "; Secure") } else { (plain, "") };
    format!("{name}={secret}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
}

pub(super) async fn sign_out(
    State(certifier): State<Shared>,
    Extension(portal): Extension<Arc<Portal>>,
    posted: Posted,
) -> Result<Response, ApiError> {
    let signed_in = Arc::clone(&posted.member.signed_in);
    run(move || Ok(certifier.sign_out(signed_in.secret.expose())?)).await?;
    let mut response = Redirect::to("/").into_response();
    let gone = HeaderValue::from_str(&cookie(&portal, "", 0)).expect("fixed words");
    response.headers_mut().append(header::SET_COOKIE, gone);
    Ok(response)
}

#[derive(Template)]
#[template(path = "portal/invitation.html")]
struct InvitationPage {
    frame: Frame,
    welcome: String,
    invited: String,
    path: String,
    links: bool,
}

pub(super) async fn invitation(
    State(certifier): State<Shared>,
    Extension(portal): Extension<Arc<Portal>>,
    visit: Visit,
    Path(secret): Path<String>,
) -> Result<Response, ApiError> {
    let path = format!("/invitation/{secret}");
    let (person, company) = run(move || {
        let person = certifier.invited(&secret)?;
        let company = certifier.company_name(&person.caller)?;
        Ok((person, company))
    })
    .await?;
    let w = Common::of(visit.language);
    let role = role_name(w, person.caller.role);
    let invited = match &company {
        Some(company) => fill(w.invitation_for, &[("company", company), ("role", role)]),
        None => fill(w.invitation_for_certifier, &[("role", role)]),
    };
    let welcome = fill(w.invitation_title, &[("name", &person.name)]);
    let frame = Frame::new(&visit, &welcome);
    Ok(page(&InvitationPage { frame, welcome, invited, path, links: portal.links }))
}

pub(super) async fn begin_passkey(
    State(certifier): State<Shared>,
    Extension(portal): Extension<Arc<Portal>>,
    Path(secret): Path<String>,
) -> Result<Response, ApiError> {
    let text = run(move || Ok(certifier.begin_passkey(&secret, &portal.passkeys)?)).await?;
    Ok(options(text))
}

pub(super) async fn finish_passkey(
    State(certifier): State<Shared>,
    Extension(portal): Extension<Arc<Portal>>,
    Path(secret): Path<String>,
    request: Request,
) -> Result<Response, ApiError> {
    let answer = read_body(request, limits::PASSKEY_BYTES).await?;
    let keys = Arc::clone(&portal);
    let accepted = move || Ok(certifier.accept_invitation(&secret, &answer, &keys.passkeys)?);
    let signed_in = run(accepted).await?;
    Ok(let_in(&portal, &signed_in, Json(json!({ "to": HOME })).into_response()))
}

/// Lets in without a passkey, where the portals are a demonstration.
pub(super) async fn enter(
    State(certifier): State<Shared>,
    Extension(portal): Extension<Arc<Portal>>,
    Path(secret): Path<String>,
) -> Result<Response, ApiError> {
    if !portal.links {
        return Err(Refusal::NoRoute.into());
    }
    let signed_in = run(move || Ok(certifier.sign_in_by_link(&secret)?)).await?;
    Ok(let_in(&portal, &signed_in, Redirect::to(HOME).into_response()))
}
