//! The portals: what dealers, brands, officers and operators see in a browser, made on the server; the
//! little script there is talks to authenticators and prepares deposits. Every page asks a use case, as
//! whoever is signed in; nothing is decided here: the door of each page asks the policies, and use cases do. Specified in `docs/portals.md`.

mod assets;
mod brand;
mod collection;
mod company;
mod conformity;
mod consent;
mod dealer;
mod drop;
mod exchange;
mod export;
mod form;
mod founding;
mod frame;
mod keys;
mod officer;
mod origin;
mod oversight;
mod own_count;
mod people;
mod plan;
mod programme_key;
mod public;
mod rules;
mod search;
mod sign_in;
mod trend;
mod visit;

use std::path::Path;
use std::sync::Arc;

use axum::{Extension, middleware};

use tiers_protocol::pages::Served;

use self::origin::{Origin, Origins};
use crate::api::{Shared, Table, get, open_door, post};
use crate::crypto::passkey::{PasskeyError, Passkeys};

/// Why the portals cannot be served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PortalError {
    /// Not `https://host`, nor `http://localhost:port`.
    #[error("the public address must be https://host, or http://localhost:port on this machine")]
    Address,
    /// Not the public host at another port.
    #[error("pages that see contacts must be at the public address's host, on another port")]
    Contacts,
    /// Sign-in links are for demonstrations on this machine.
    #[error("sign-in links are for this machine only, not for a public address")]
    Links,
}

/// The portals of one certifier.
pub struct Portal {
    origins: Origins,
    passkeys: Passkeys,
    /// Whether invitations let in without a passkey: demonstrations on loopback.
    links: bool,
    browser: assets::Browser,
    /// What is served to browsers, by digest.
    served: Served,
}

impl Portal {
    /// For pages at `origin`; the browser's program is read from `browser`, if it lies there.
    ///
    /// # Errors
    /// [`PortalError`].
    pub fn new(origin: &str, browser: Option<&Path>, links: bool) -> Result<Self, PortalError> {
        let pages = Origin::read(origin)?;
        if links && !pages.is_local() {
            return Err(PortalError::Links);
        }
        let passkeys = Passkeys::new(&pages.text, pages.host()).map_err(|error| match error {
            PasskeyError::Host
            | PasskeyError::Busy
            | PasskeyError::Invalid
            | PasskeyError::Unasked => PortalError::Address,
        })?;
        let browser = browser.map(assets::Browser::read).unwrap_or_default();
        let served = browser.served();
        Ok(Self { origins: Origins::one(pages), passkeys, links, browser, served })
    }

    /// The same, with an origin of their own for pages that see contacts: the same host at another port.
    ///
    /// # Errors
    /// [`PortalError::Contacts`], [`PortalError::Address`].
    pub fn with_contacts(self, origin: &str) -> Result<Self, PortalError> {
        let origins = self.origins.with_contacts(Origin::read(origin)?)?;
        Ok(Self { origins, ..self })
    }

    /// What is served to browsers: scripts, styles and the program, by digest.
    #[must_use]
    pub const fn served(&self) -> &Served {
        &self.served
    }

    /// The address of its host at another port.
    #[must_use]
    pub fn at_port(&self, port: u16) -> String {
        let pages = self.origins.pages();
        let scheme = if pages.is_secure() { "https" } else { "http" };
        format!("{scheme}://{}:{port}", pages.host())
    }

    /// `https://certifier.example`.
    fn origin(&self) -> &str {
        &self.origins.pages().text
    }

    /// Whether cookies are for TLS only.
    fn secure(&self) -> bool {
        self.origins.pages().is_secure()
    }
}

/// What this build serves to browsers, with the browser's program of a folder.
#[must_use]
pub fn served_with(browser: &Path) -> Served {
    assets::Browser::read(browser).served()
}

/// What companies and the certifier's people follow.
fn followed(table: Table) -> Table {
    table
        .route("/portal/consents", get(consent::show).post(consent::search))
        .route("/portal/consents/decision", post(consent::decide))
        .route("/portal/consents/{record}", get(consent::record))
        .route("/portal/consents/{record}/receipt.json", get(consent::receipt))
        .route("/portal/notices/{notice}/acknowledge", post(consent::acknowledge))
        .route("/portal/exchanges", get(exchange::list))
        .route("/portal/exchanges/new", get(exchange::propose::show))
        .route("/portal/exchanges/{exchange}", get(exchange::show))
        .route("/portal/exchanges/{exchange}/send", get(exchange::send::show))
        .route("/portal/exchanges/{exchange}/agreement.json", get(exchange::agreement))
        .route("/portal/exchanges/{exchange}/value", post(exchange::value))
        .route("/portal/exchanges/{exchange}/invoices/{seller}/{file}", get(exchange::invoice))
        .route("/portal/batches/{batch}/hand-over", post(exchange::hand_over))
        .route("/portal/batches/{batch}/informed", post(exchange::informed))
        .route("/portal/search", get(search::show).post(search::search))
        .route("/portal/dossier", post(search::dossier))
        .route("/portal/register", get(oversight::register))
        .route("/portal/register/{file}", get(oversight::register_file))
        .route("/portal/retention", get(oversight::retention))
        .route("/portal/requests", get(oversight::requests))
        .route("/portal/requests/{request}", post(oversight::step))
        .route("/portal/breaches", get(oversight::breaches))
        .route("/portal/conformity", get(conformity::show))
}

/// The pages, to be merged with the API.
pub fn pages(portal: Portal, certifier: &Shared) -> Table {
    let table = || Table::new(certifier, visit::door);
    let signed_in = table()
        .route("/portal", get(frame::home))
        .route("/portal/people", get(people::show).post(people::invite))
        .route("/portal/people/{person}/again", post(people::again))
        .route("/portal/people/{person}/revoke", post(people::revoke))
        .route("/portal/deposits/{deposit}", get(dealer::deposit))
        .route("/portal/deposits/{deposit}/receipt.json", get(dealer::receipt))
        .route("/portal/deposits/{deposit}/delete", post(dealer::delete))
        .route("/portal/parties", post(company::enrol))
        .route("/portal/drop", get(drop::show))
        .route("/portal/keys", get(keys::show))
        .route("/portal/programmes/new", get(founding::show))
        .route("/portal/programmes/{programme}", get(frame::programme))
        .route("/portal/programmes/{programme}/declaration", post(dealer::declare))
        .route("/portal/programmes/{programme}/own", get(own_count::show).post(own_count::ask))
        .route("/portal/own/{file}", get(own_count::attested))
        .route("/portal/programmes/{programme}/key", get(programme_key::show))
        .route("/portal/programmes/{programme}/trend", get(trend::show))
        .route("/portal/programmes/{programme}/partners", post(brand::add_partner))
        .route("/portal/programmes/{programme}/reports", post(brand::request))
        .route("/portal/programmes/{programme}/approval", post(officer::approve))
        .route("/portal/releases/{release}", get(brand::release))
        .route("/portal/releases/{release}/{file}", get(brand::release_file))
        .route("/portal/acts", get(officer::acts_form).post(officer::acts))
        .merge(followed(table()));
    let dress = middleware::from_fn_with_state(Arc::clone(certifier), visit::dress);
    let files = Table::new(certifier, open_door)
        .route("/static/{name}", get(assets::embedded))
        .route("/browser/{name}", get(assets::browser));
    table()
        .route("/", get(public::start))
        .route("/rights", get(public::rights))
        .route("/rights/{programme}", get(public::rights_of))
        .route("/consent/f/{collection}", get(collection::show))
        .route("/keys", get(keys::first))
        .route("/verify", get(public::verify).post(public::verified))
        .route("/sign-in", get(sign_in::show))
        .route("/sign-in/begin", post(sign_in::begin))
        .route("/sign-in/finish", post(sign_in::finish))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/invitation/{secret}", get(sign_in::invitation))
        .route("/invitation/{secret}/begin", post(sign_in::begin_passkey))
        .route("/invitation/{secret}/finish", post(sign_in::finish_passkey))
        .route("/invitation/{secret}/enter", post(sign_in::enter))
        .merge(signed_in)
        .around(|router| router.layer(dress))
        .merge(files)
        .around(|router| router.layer(Extension(Arc::new(portal))))
}
