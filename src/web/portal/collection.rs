//! The public form: what a company asks, for whoever its link brings. The contact is sealed by the browser's
//! program; this page takes nothing, and without that program it says how else to agree.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use std::sync::Arc;
use tiers_protocol::consent::wire::CollectionInfo;
use tiers_protocol::consent::{Choice, Method, Pii, RecordParty};
use tiers_protocol::ids::CollectionId;

use super::Portal;
use super::consent::choice_name;
use super::frame::{Frame, page};
use super::visit::Visit;
use crate::api::{ApiError, Shared, run};
use crate::service::Refusal;
use crate::web::Language;
use crate::web::text::fill;
use crate::web::text::portal::collection::Collection;

struct ChoiceView {
    form: String,
    what: String,
    agree: String,
    controllers: Vec<String>,
    recipients: Vec<String>,
    kept: String,
    withdrawal: String,
    /// Whether that is an address to follow.
    link: bool,
    authority: String,
    notice: String,
    text: Vec<String>,
}

#[derive(Template)]
#[template(path = "portal/collection.html")]
struct CollectionPage {
    frame: Frame,
    t: &'static Collection,
    id: String,
    lead: String,
    /// The language of the texts, and whether it is another than the page's.
    language: String,
    foreign: bool,
    /// Whether anything can be chosen and sent here.
    open: bool,
    closed: Option<String>,
    successor: Option<String>,
    /// Where to write to instead.
    contacts: Vec<String>,
    choices: Vec<ChoiceView>,
    contact_help: String,
    confirm: Option<String>,
    email: bool,
    phone: bool,
    name: bool,
}

pub(super) async fn show(
    State(certifier): State<Shared>,
    Extension(portal): Extension<Arc<Portal>>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let id: CollectionId = id.parse().map_err(|_| Refusal::NotFound)?;
    let found = run(move || Ok(certifier.collection(&id)?)).await?;
    Ok(page(&view(&visit, &found, portal.browser.is_there())))
}

fn view(visit: &Visit, info: &CollectionInfo, build: bool) -> CollectionPage {
    let (language, document) = (visit.language, &info.document);
    let t = Collection::of(language);
    let first = document.choices.first().and_then(|choice| choice.controllers.first());
    let name = first.map(|party| party.name.clone()).unwrap_or_default();
    let named = |text: &str| fill(text, &[("name", &name)]);
    let closed = info.closed_at.as_ref();
    let mut contacts: Vec<String> = document
        .choices
        .iter()
        .flat_map(|choice| &choice.controllers)
        .map(|party| format!("{}, {}: {}", party.name, party.address, party.contact))
        .collect();
    contacts.dedup();
    let own = if language == Language::French { "fr" } else { "en" };
    let double = document.method == Method::DoubleOptIn;
    CollectionPage {
        frame: Frame::new(visit, t.title),
        t,
        id: info.collection.to_string(),
        lead: named(t.lead),
        language: document.language.to_string(),
        foreign: document.language.to_string() != own,
        open: closed.is_none() && build,
        closed: closed.map(|at| fill(t.closed, &[("moment", &language.moment(at))])),
        successor: info.successor.map(|id| id.to_string()),
        contacts,
        choices: document.choices.iter().map(|choice| choice_view(choice, language)).collect(),
        contact_help: named(t.contact_help),
        confirm: double.then(|| named(t.confirm)),
        email: document.asks(Pii::Email),
        phone: document.asks(Pii::Phone),
        name: document.asks(Pii::Name),
    }
}

fn company(party: &RecordParty, t: &'static Collection) -> String {
    let siren = party.id.to_string();
    let values = [("name", &*party.name), ("siren", &*siren), ("address", &*party.address)];
    fill(t.company, &values)
}

fn choice_view(choice: &Choice, language: Language) -> ChoiceView {
    let t = Collection::of(language);
    let what = choice_name(choice.purpose, choice.channel, language);
    let mut recipients: Vec<_> = choice.recipients.iter().map(|one| company(one, t)).collect();
    if recipients.is_empty() {
        recipients.push(t.recipients_none.to_owned());
    }
    let months = [choice.retention_months, choice.validity_months].map(|n| n.to_string());
    let version = choice.notice.version.to_string();
    ChoiceView {
        form: choice.form.to_string(),
        agree: fill(t.agree, &[("what", &what)]),
        what,
        controllers: choice.controllers.iter().map(|one| company(one, t)).collect(),
        recipients,
        kept: fill(t.kept_for, &[("months", &months[0]), ("validity", &months[1])]),
        link: is_link(&choice.withdrawal),
        withdrawal: choice.withdrawal.clone(),
        authority: choice.authority.clone(),
        notice: fill(t.notice, &[("version", &version)]),
        text: choice.notice.text.lines().map(str::to_owned).collect(),
    }
}

/// Whether a company's text is an address that a browser may follow, and nothing else.
fn is_link(text: &str) -> bool {
    let address = text.strip_prefix("https://");
    address.is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_graphic()))
}

#[cfg(test)]
mod tests {
    use super::is_link;

    #[test]
    fn only_an_address_on_its_own_is_a_link() {
        assert!(is_link("https://dealer.example/donnees#retrait"));
        for text in [
            "https://",
            "http://dealer.example/",
            "javascript:alert(1)",
            "https://dealer.example/ ou par courrier",
            "Écrivez à https://dealer.example/",
        ] {
            assert!(!is_link(text), "{text}");
        }
    }
}
