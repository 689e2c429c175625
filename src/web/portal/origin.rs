//! Where pages are served: most of them at one origin, and those on which contacts, keys or opened records are seen at
//! one of their own, so that nothing that goes wrong on the others reaches what they hold or what they keep
//! (`docs/decisions/0089-an-origin-for-pages-that-see-contacts.md`). Both are of one host, so that a session and a
//! passkey hold at both.

use axum::http::request::Parts;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderValue, Method, header};
use axum::response::{IntoResponse as _, Redirect, Response};

use super::PortalError;
use crate::api::ApiError;
use crate::service::Refusal;

/// Scheme, host and port.
pub(super) struct Origin {
    /// `https://certifier.example`.
    pub(super) text: String,
    /// Without its scheme: what `Host` says.
    authority: String,
}

impl Origin {
    /// Reads `https://host`, or `http://localhost:port`, in the spelling that browsers send: small letters, and no
    /// port where it is the scheme's own.
    pub(super) fn read(text: &str) -> Result<Self, PortalError> {
        let text = text.to_ascii_lowercase();
        let (scheme, authority) = text.split_once("://").ok_or(PortalError::Address)?;
        let own_port = if scheme == "https" { ":443" } else { ":80" };
        let authority = authority.strip_suffix(own_port).unwrap_or(authority);
        let origin =
            Self { text: format!("{scheme}://{authority}"), authority: authority.to_owned() };
        let plain = authority.bytes().all(|b| b.is_ascii_alphanumeric() || b".:-".contains(&b));
        if !plain || !(scheme == "https" || scheme == "http" && origin.is_local()) {
            return Err(PortalError::Address);
        }
        Ok(origin)
    }

    pub(super) fn host(&self) -> &str {
        self.authority.split(':').next().unwrap_or_default()
    }

    /// Whether it is of this machine only.
    pub(super) fn is_local(&self) -> bool {
        self.host() == "localhost" || self.host().ends_with(".localhost")
    }

    /// Whether it is served under TLS.
    pub(super) fn is_secure(&self) -> bool {
        self.text.starts_with("https:")
    }
}

/// The origins of one certifier's pages.
pub(super) struct Origins {
    pages: Origin,
    /// For pages that see contacts; they are with the others where there is none.
    contacts: Option<Origin>,
}

/// Pages that see contacts, by the beginning of their address.
const SEE_CONTACTS: [&str; 7] = [
    "/keys",
    "/consent/f",
    "/portal/keys",
    "/portal/drop",
    "/portal/consents",
    "/portal/exchanges",
    "/portal/programmes/new",
];

fn sees_contacts(path: &str) -> bool {
    let below = |start: &&str| {
        path.strip_prefix(*start).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let of_programme = path.starts_with("/portal/programmes/") && path.ends_with("/key");
    of_programme || SEE_CONTACTS.iter().any(below)
}

impl Origins {
    pub(super) const fn one(pages: Origin) -> Self {
        Self { pages, contacts: None }
    }

    /// With an origin of their own for pages that see contacts: the same host at another port.
    pub(super) fn with_contacts(self, contacts: Origin) -> Result<Self, PortalError> {
        let fits = contacts.host() == self.pages.host()
            && contacts.is_secure() == self.pages.is_secure()
            && contacts.authority != self.pages.authority;
        if !fits {
            return Err(PortalError::Contacts);
        }
        Ok(Self { contacts: Some(contacts), ..self })
    }

    /// Where most pages are.
    pub(super) const fn pages(&self) -> &Origin {
        &self.pages
    }

    /// Where a page belongs.
    fn of(&self, path: &str) -> &Origin {
        match &self.contacts {
            Some(contacts) if sees_contacts(path) => contacts,
            _ => &self.pages,
        }
    }

    /// The origin at which a request came, if it is one of ours.
    fn here(&self, parts: &Parts) -> Option<&Origin> {
        let host = text(parts, header::HOST)?;
        let both = [Some(&self.pages), self.contacts.as_ref()];
        both.into_iter().flatten().find(|origin| origin.authority == host)
    }

    /// A request at another origin than the page's is sent there, or, if it would change something, refused; so is
    /// one that another site's page made. What other forms send is taken at either origin, from a page of its own.
    pub(super) fn misplaced(&self, parts: &Parts) -> Option<Response> {
        let here = self.here(parts);
        if matches!(parts.method, Method::GET | Method::HEAD) {
            let belongs = self.of(parts.uri.path());
            let there = here.is_some_and(|here| here.authority == belongs.authority);
            let path = parts.uri.path_and_query().map_or("/", PathAndQuery::as_str);
            let elsewhere = || Redirect::temporary(&format!("{}{path}", belongs.text));
            return (!there).then(|| elsewhere().into_response());
        }
        // What shows contacts is answered at their origin only.
        let path = parts.uri.path();
        let from_here = here.is_some_and(|here| {
            let placed = !sees_contacts(path) || here.authority == self.of(path).authority;
            placed && text(parts, header::ORIGIN) == Some(&here.text)
        });
        (!from_here).then(|| ApiError::from(Refusal::Forged).into_response())
    }

    /// What pages may load: their own styles, scripts and pictures. Where a form leads may be at the other origin.
    pub(super) fn policy(&self) -> HeaderValue {
        let contacts = self.contacts.as_ref().map_or("", |origin| origin.text.as_str());
        let text = format!(
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
             img-src 'self' data:; connect-src 'self'; worker-src 'self'; \
             form-action 'self' {} {contacts}; base-uri 'none'; frame-ancestors 'none'",
            self.pages.text
        );
        HeaderValue::from_str(&text).expect("hosts of letters, digits, dots and dashes")
    }
}

fn text(parts: &Parts, name: header::HeaderName) -> Option<&str> {
    parts.headers.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn origins() -> Origins {
        let read = |text| Origin::read(text).expect("an origin");
        let pages = Origins::one(read("https://c.example"));
        pages.with_contacts(read("https://c.example:8443")).expect("the same host")
    }

    fn asked(method: &str, host: &str, path: &str, from: Option<&str>) -> Option<String> {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, host);
        if let Some(from) = from {
            request = request.header(header::ORIGIN, from);
        }
        let parts = request.body(()).expect("a request").into_parts().0;
        let response = origins().misplaced(&parts)?;
        let to = response.headers().get(header::LOCATION);
        let place = |to: &HeaderValue| to.to_str().expect("text").to_owned();
        Some(to.map_or_else(|| response.status().to_string(), place))
    }

    #[test]
    fn each_page_is_at_its_origin_and_forms_come_from_where_they_stand() {
        let get = |host, path| asked("GET", host, path, None);
        let sent = |to: &str| Some(to.to_owned());
        assert_eq!(get("c.example", "/portal"), None);
        assert_eq!(get("c.example:8443", "/portal/drop?x=1"), None);
        assert_eq!(
            get("c.example", "/portal/drop?x=1"),
            sent("https://c.example:8443/portal/drop?x=1")
        );
        assert_eq!(get("c.example:8443", "/portal"), sent("https://c.example/portal"));
        assert_eq!(get("10.0.0.1", "/keys"), sent("https://c.example:8443/keys"));
        assert_eq!(get("c.example", "/keystone"), None);
        let wrap = "/portal/programmes/prg_x/key";
        assert_eq!(get("c.example", wrap), sent(&format!("https://c.example:8443{wrap}")));
        let (pages, contacts) = ("https://c.example", "https://c.example:8443");
        let forged = sent("403 Forbidden");
        for (host, from, expected) in [
            ("c.example", Some(pages), None),
            ("c.example:8443", Some(contacts), None),
            ("c.example", Some(contacts), forged.clone()),
            ("c.example:8443", Some(pages), forged.clone()),
            ("c.example", None, forged.clone()),
            ("c.example", Some("https://evil.example"), forged),
        ] {
            assert_eq!(asked("POST", host, "/sign-out", from), expected, "{host} {from:?}");
        }
    }

    #[test]
    fn what_shows_contacts_is_answered_at_their_origin_only() {
        let (pages, contacts) = ("https://c.example", "https://c.example:8443");
        let consents = "/portal/consents/decision";
        let forged = Some("403 Forbidden".to_owned());
        assert_eq!(asked("POST", "c.example", consents, Some(pages)), forged);
        assert_eq!(asked("POST", "c.example:8443", consents, Some(contacts)), None);
    }

    #[test]
    fn another_host_or_the_same_origin_is_none_of_their_own() {
        let read = |text| Origin::read(text).expect("an origin");
        for contacts in [
            "https://c.example",
            "https://C.example:443",
            "https://d.example:8443",
            "http://localhost:8443",
        ] {
            let pages = Origins::one(read("https://c.example"));
            let refused = pages.with_contacts(read(contacts)).err();
            assert_eq!(refused, Some(PortalError::Contacts), "{contacts}");
        }
        for bad in ["c.example", "http://c.example", "https://c.example/x", "ftp://localhost"] {
            assert_eq!(Origin::read(bad).err(), Some(PortalError::Address), "{bad}");
        }
    }
}
