//! A request for a page: in which language, by whom; and what every page has in common: where it may be
//! asked from, its headers, its errors.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Redirect, Response};
use tiers_protocol::wire::Role;

use super::{Portal, frame};
use crate::api::{ApiError, Code, Handlers, Shared, note_caller, operation, run, session_cookie};
use crate::service::Refusal;
use crate::service::authority::Who;
use crate::service::portal::SignedIn;
use crate::store::credential::Caller;
use crate::web::Language;

const PERMISSIONS: (HeaderName, HeaderValue) = (
    HeaderName::from_static("permissions-policy"),
    HeaderValue::from_static(
        "camera=(), geolocation=(), microphone=(), payment=(), usb=(), \
         publickey-credentials-get=(self), publickey-credentials-create=(self)",
    ),
);

/// Name of the cookie that remembers a language.
const LANGUAGE: &str = "tiers-language";

/// Who asks for a page.
#[derive(Clone)]
pub(super) struct Visit {
    pub(super) language: Language,
    /// The path of the page, with its query but for the language.
    pub(super) path: String,
    pub(super) signed_in: Option<Arc<SignedIn>>,
    pub(super) company: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Ok(parts.extensions.get::<Self>().cloned().ok_or(Refusal::Unauthenticated)?)
    }
}

/// A visit of somebody who is signed in.
pub(super) struct Member {
    pub(super) visit: Visit,
    pub(super) signed_in: Arc<SignedIn>,
}

impl<S: Send + Sync> FromRequestParts<S> for Member {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let visit = Visit::from_request_parts(parts, state).await?;
        let signed_in = visit.signed_in.clone().ok_or(Refusal::Unauthenticated)?;
        Ok(Self { visit, signed_in })
    }
}

impl Member {
    pub(super) fn caller(&self) -> Caller {
        self.signed_in.person.caller
    }

    /// Whoever has one of these roles. The door has asked the policies already; a page that shows what is for one
    /// role says so again, and the tests hold that both say the same.
    pub(super) fn only(&self, roles: &[Role]) -> Result<Caller, ApiError> {
        let caller = self.caller();
        if roles.contains(&caller.role) { Ok(caller) } else { Err(Refusal::Forbidden.into()) }
    }

    pub(super) fn csrf(&self) -> String {
        self.signed_in.csrf()
    }
}

/// The door of a page: the policies are asked for it, for whoever is signed in or for nobody.
pub(super) fn door(handlers: Handlers, certifier: &Shared, path: &'static str) -> Handlers {
    let state = (Arc::clone(certifier), path);
    handlers.route_layer(middleware::from_fn_with_state(state, pass))
}

async fn pass(
    State((certifier, path)): State<(Shared, &'static str)>,
    visit: Visit,
    request: Request,
    next: Next,
) -> Response {
    let who = match &visit.signed_in {
        Some(signed_in) => Who::Account { caller: signed_in.person.caller, change_due: false },
        None => Who::Visitor,
    };
    match certifier.authority().door(&who, &operation(request.method(), path)) {
        Ok(()) => next.run(request).await,
        Err(refusal) => ApiError::from(refusal).into_response(),
    }
}

/// What comes before and after every page.
pub(super) async fn dress(
    State(certifier): State<Shared>,
    Extension(portal): Extension<Arc<Portal>>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    if let Some(elsewhere) = portal.origins.misplaced(&parts) {
        return elsewhere;
    }
    let (language, chosen) = language(&parts);
    let mut visit =
        Visit { language, path: without_language(&parts.uri), signed_in: None, company: None };
    if let Some(secret) = session_cookie(&parts) {
        let known = run(move || {
            let signed_in = certifier.signed_in(&secret)?;
            let company = certifier.company_name(&signed_in.person.caller)?;
            Ok((signed_in, company))
        });
        if let Ok((signed_in, company)) = known.await {
            note_caller(&parts, signed_in.person.caller.actor);
            visit.signed_in = Some(Arc::new(signed_in));
            visit.company = company;
        }
    }
    parts.extensions.insert(visit.clone());
    let (get, html) = (parts.method == Method::GET, wants_html(&parts.headers));
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if html {
        response = with_error_page(response, &visit, get);
    }
    finish(response.headers_mut(), chosen, &portal);
    response
}

/// A refusal as a page; to whoever is not signed in, the page on which to sign in.
fn with_error_page(response: Response, visit: &Visit, get: bool) -> Response {
    let Some(Code(code)) = response.extensions().get().copied() else { return response };
    if get && code == Refusal::Unauthenticated.code() {
        return Redirect::to("/sign-in").into_response();
    }
    let status = response.status();
    let mut page = (status, frame::error(visit, code)).into_response();
    page.extensions_mut().insert(Code(code));
    page
}

fn wants_html(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

fn named(text: &str) -> Option<Language> {
    match text {
        "fr" => Some(Language::French),
        "en" => Some(Language::English),
        _ => None,
    }
}

/// The language that was just chosen, that was chosen before, or that the browser asks for first.
fn language(parts: &Parts) -> (Language, Option<Language>) {
    let query = parts.uri.query().unwrap_or_default();
    let mut pairs = query.split('&').filter_map(|pair| pair.strip_prefix("lang="));
    if let Some(language) = pairs.find_map(named) {
        return (language, Some(language));
    }
    let text = |name| parts.headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let cookies = text(header::COOKIE).unwrap_or_default().split("; ");
    let kept = cookies.filter_map(|pair| pair.strip_prefix(LANGUAGE)?.strip_prefix('='));
    if let Some(language) = kept.filter_map(named).next() {
        return (language, None);
    }
    let asked = text(header::ACCEPT_LANGUAGE).unwrap_or_default().split(',');
    let asked = asked.filter_map(|one| named(one.trim().get(..2)?)).next();
    (asked.unwrap_or_default(), None)
}

fn without_language(uri: &Uri) -> String {
    let query = uri.query().unwrap_or_default();
    let rest: Vec<_> =
        query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("lang=")).collect();
    if rest.is_empty() {
        uri.path().to_owned()
    } else {
        format!("{}?{}", uri.path(), rest.join("&"))
    }
}

fn finish(headers: &mut HeaderMap, chosen: Option<Language>, portal: &Portal) {
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert_with(|| portal.origins.policy());
    // With less, browsers do not say from where a form comes.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(PERMISSIONS.0, PERMISSIONS.1);
    headers.append(header::VARY, HeaderValue::from_static("cookie, accept-language"));
    if portal.secure() {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    if let Some(language) = chosen {
        let name = if language == Language::French { "fr" } else { "en" };
        let secure = if portal.secure() { "; Secure" } else { "" };
        let cookie =
            format!("{LANGUAGE}={name}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly{secure}");
        if let Ok(value) = HeaderValue::from_str(&cookie) {
            headers.append(header::SET_COOKIE, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(uri: &str, headers: &[(HeaderName, &str)]) -> Parts {
        let mut request = Request::builder().uri(uri);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        request.body(axum::body::Body::empty()).expect("a request").into_parts().0
    }

    #[test]
    fn the_language_is_the_one_chosen_last_then_the_browsers_then_french() {
        let english = [(header::ACCEPT_LANGUAGE, "de, en-GB;q=0.8, fr;q=0.5")];
        assert!(language(&parts("/", &[])).0 == Language::French);
        assert!(language(&parts("/", &english)).0 == Language::English);
        let kept = [(header::COOKIE, "a=b; tiers-language=fr"), english[0].clone()];
        assert!(language(&parts("/", &kept)).0 == Language::French);
        assert!(
            language(&parts("/?lang=en", &kept)) == (Language::English, Some(Language::English))
        );
        assert!(language(&parts("/?lang=xx", &kept)).0 == Language::French);
    }

    #[test]
    fn the_other_language_of_a_page_keeps_the_rest_of_its_query() {
        assert_eq!(without_language(&parts("/a?x=1&lang=en&y=2", &[]).uri), "/a?x=1&y=2");
        assert_eq!(without_language(&parts("/a?lang=en", &[]).uri), "/a");
    }
}
