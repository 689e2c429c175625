//! The page on which a brand sees the months of one table side by side, with the year before: from reports that were
//! released, at no cost.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use tiers_protocol::policy::SectionId;
use tiers_protocol::programme::Programme;
use tiers_protocol::wire::Role;

use super::frame::{Frame, page, programme_id};
use super::rules::section_words;
use super::visit::Member;
use crate::api::{ApiError, Shared, run};
use crate::web::text::fill;
use crate::web::text::portal::brand::Brand;
use crate::web::text::portal::rules::Rules;
use crate::web::{Language, trend_sections};

/// A table that the programme's reports may have.
struct Choice {
    section: String,
    name: String,
    chosen: bool,
}

/// What the address may carry.
#[derive(Deserialize)]
pub(super) struct Asked {
    section: Option<String>,
}

#[derive(Template)]
#[template(path = "portal/trend.html")]
struct TrendPage {
    frame: Frame,
    t: &'static Brand,
    id: String,
    name: String,
    choices: Vec<Choice>,
    /// The drawings, as markup.
    body: String,
}

pub(super) async fn show(
    State(certifier): State<Shared>,
    member: Member,
    Path(programme): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, ApiError> {
    let caller = member.only(&[Role::Principal])?;
    let id = programme_id(&programme)?;
    let section = asked.section.clone();
    let (own, trend) = run(move || {
        let own = certifier.own_programme(&caller, &id)?;
        Ok((own, certifier.trend(&caller, &id, section.as_deref())?))
    })
    .await?;
    let language = member.visit.language;
    let t = Brand::of(language);
    let title = fill(t.trend_title, &[("programme", &own.programme.name)]);
    Ok(page(&TrendPage {
        frame: Frame::new(&member.visit, &title),
        t,
        id: id.to_string(),
        choices: choices(&own.programme, &trend.section, language),
        name: own.programme.name,
        body: trend_sections(&trend, language),
    }))
}

fn choices(programme: &Programme, chosen: &str, language: Language) -> Vec<Choice> {
    let words = Rules::of(language);
    let policy = &programme.policy;
    let choice = |section: SectionId| Choice {
        name: section_words(words, section),
        chosen: section.name() == chosen,
        section: section.name(),
    };
    let all = policy.templates().iter().chain(policy.on_request());
    all.map(|one| choice(one.section())).collect()
}
