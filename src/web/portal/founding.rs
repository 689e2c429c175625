//! The page on which a brand founds a programme. The programme, its key and what is registered of both are made in
//! the page (`static/found.js`); here are the rules that may be chosen, in words. No key comes here.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use jiff::civil::Date;
use tiers_protocol::policy::Policy;
use tiers_protocol::wire::Role;

use super::Portal;
use super::frame::{Frame, page};
use super::rules::policy_rules;
use super::visit::Member;
use crate::api::{ApiError, Shared, run};
use crate::web::Language;
use crate::web::text::portal::founding::Founding;
use crate::web::text::portal::keys::Keys;

/// Policies that are offered, the ordinary one first.
const POLICIES: [&str; 6] = [
    include_str!("../../../policies/disclosure/standard.toml"),
    include_str!("../../../policies/disclosure/strict.toml"),
    include_str!("../../../policies/disclosure/retail.toml"),
    include_str!("../../../policies/disclosure/market-50.toml"),
    include_str!("../../../policies/disclosure/wealth.toml"),
    include_str!("../../../policies/disclosure/exact-totals.toml"),
];

/// A policy that may be chosen.
struct Choice {
    name: String,
    words: &'static str,
    /// The policy itself, as JSON.
    policy: String,
    rules: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "portal/programme_new.html")]
struct FoundingPage {
    frame: Frame,
    t: &'static Founding,
    /// Why keys that are kept do not open.
    k: &'static Keys,
    build: bool,
    today: String,
    choices: Vec<Choice>,
}

pub(super) async fn show(
    State(certifier): State<Shared>,
    Extension(portal): Extension<Arc<Portal>>,
    member: Member,
) -> Result<Response, ApiError> {
    member.only(&[Role::Principal])?;
    let today: Date = run(move || Ok(certifier.now().date())).await?;
    let language = member.visit.language;
    let t = Founding::of(language);
    Ok(page(&FoundingPage {
        frame: Frame::new(&member.visit, t.title),
        t,
        k: Keys::of(language),
        build: portal.browser.is_there(),
        today: today.to_string(),
        choices: choices(language),
    }))
}

fn choices(language: Language) -> Vec<Choice> {
    let t = Founding::of(language);
    let words = [t.standard, t.strict, t.retail, t.market, t.wealth, t.exact];
    let choice = |(text, words): (&str, &'static str)| {
        let policy = Policy::from_toml(text).expect("every policy that is offered is tested");
        Choice {
            name: policy.name().to_owned(),
            words,
            policy: serde_json::to_string(&policy).expect("a plain document"),
            rules: policy_rules(&policy, language),
        }
    };
    POLICIES.into_iter().zip(words).map(choice).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_policy_that_is_offered_is_one_and_has_its_own_words() {
        let names: Vec<_> = choices(Language::French).into_iter().map(|one| one.name).collect();
        let all = ["standard", "strict", "retail", "market-50", "wealth", "exact-totals"];
        assert_eq!(names, all);
        for one in choices(Language::English) {
            let read: Policy = serde_json::from_str(&one.policy).expect("a policy");
            assert_eq!(read.name(), one.name);
            assert!(!one.rules.is_empty() && !one.words.is_empty());
        }
    }
}
