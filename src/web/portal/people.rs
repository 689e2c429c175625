//! Who works in a browser on one's own side: invite, invite anew, remove; one's own last sign-ins.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use tiers_protocol::ids::ActorId;
use tiers_protocol::wire::{Invitation, NewInvitation};

use super::Portal;
use super::form::Posted;
use super::frame::{Frame, page};
use super::visit::Member;
use crate::api::{ApiError, Shared, run};
use crate::service::Refusal;
use crate::web::text::fill;
use crate::web::text::portal::common::Common;

const PEOPLE: &str = "/portal/people";

struct PersonView {
    id: String,
    name: String,
    whom: String,
    last: String,
    state: &'static str,
    active: bool,
    own: bool,
}

#[derive(Template)]
#[template(path = "portal/people.html")]
struct PeoplePage {
    frame: Frame,
    csrf: String,
    people: Vec<PersonView>,
    /// What is said of a new invitation, and its link.
    invited: Option<(String, String)>,
    sign_ins: Vec<(String, &'static str)>,
}

pub(super) async fn show(
    State(certifier): State<Shared>,
    member: Member,
) -> Result<Response, ApiError> {
    shown(certifier, member, None).await
}

async fn shown(
    certifier: Shared,
    member: Member,
    invited: Option<(String, String)>,
) -> Result<Response, ApiError> {
    let signed_in = Arc::clone(&member.signed_in);
    let (people, sign_ins) = run(move || {
        let people = certifier.people(&signed_in.person.caller)?;
        Ok((people, certifier.sign_ins(&signed_in.person)?))
    })
    .await?;
    let language = member.visit.language;
    let w = Common::of(language);
    let own = member.caller().actor;
    let view = |one: tiers_protocol::wire::PersonInfo| PersonView {
        id: one.actor.to_string(),
        whom: fill(w.people_of, &[("name", &one.name)]),
        name: one.name,
        last: one
            .last_sign_in
            .map_or_else(|| w.people_never.to_owned(), |moment| language.moment(&moment)),
        state: match (one.revoked, one.passkeys) {
            (true, _) => w.people_revoked,
            (false, 0) => w.people_waiting,
            (false, _) => w.people_active,
        },
        active: !one.revoked,
        own: one.actor == own,
    };
    let how = |how: &str| if how == "link" { w.how_link } else { w.how_passkey };
    let sign_ins = sign_ins.iter().map(|one| (language.moment(&one.at.to_string()), how(&one.how)));
    Ok(page(&PeoplePage {
        frame: Frame::new(&member.visit, w.people_title),
        csrf: member.csrf(),
        people: people.into_iter().map(view).collect(),
        invited,
        sign_ins: sign_ins.collect(),
    }))
}

pub(super) async fn invite(
    State(certifier): State<Shared>,
    Extension(portal): Extension<Arc<Portal>>,
    posted: Posted,
) -> Result<Response, ApiError> {
    let new = NewInvitation { name: posted.text("name").to_owned(), again: None };
    invited(certifier, &portal, posted.member, new).await
}

pub(super) async fn again(
    State(certifier): State<Shared>,
    Extension(portal): Extension<Arc<Portal>>,
    Path(person): Path<String>,
    posted: Posted,
) -> Result<Response, ApiError> {
    let again: ActorId = person.parse().map_err(|_| Refusal::NotFound)?;
    let new = NewInvitation { name: posted.text("name").to_owned(), again: Some(again) };
    invited(certifier, &portal, posted.member, new).await
}

async fn invited(
    certifier: Shared,
    portal: &Portal,
    mut member: Member,
    new: NewInvitation,
) -> Result<Response, ApiError> {
    let (shared, caller) = (Arc::clone(&certifier), member.caller());
    let name = new.name.trim().to_owned();
    let made: Invitation = run(move || Ok(shared.invite(&caller, &new)?)).await?;
    let language = member.visit.language;
    let moment = language.moment(&made.expires_at);
    let said = fill(Common::of(language).people_link, &[("name", &name), ("moment", &moment)]);
    PEOPLE.clone_into(&mut member.visit.path);
    shown(certifier, member, Some((said, format!("{}{}", portal.origin(), made.path)))).await
}

pub(super) async fn revoke(
    State(certifier): State<Shared>,
    Path(person): Path<String>,
    posted: Posted,
) -> Result<Response, ApiError> {
    let person: ActorId = person.parse().map_err(|_| Refusal::NotFound)?;
    let caller = posted.member.caller();
    let knew_keys = posted.text("knew_keys") == "yes";
    run(move || Ok(certifier.revoke_person(&caller, &person, knew_keys)?)).await?;
    Ok(Redirect::to(PEOPLE).into_response())
}
