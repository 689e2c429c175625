//! The plan of a report on a brand's page: the tables that may be chosen, what each would tell and cost.

use std::collections::BTreeMap;

use tiers_protocol::policy::{Policy, PricedTemplate, SectionId};
use tiers_protocol::programme::Programme;
use tiers_protocol::wire::PlanRequest;

use super::brand::{euros, of_budget};
use super::frame::Asked;
use super::rules::section_words;
use crate::disclosure::{CampaignPlan, Plan, SectionPlan};
use crate::web::Language;
use crate::web::text::fill;
use crate::web::text::portal::brand::Brand;
use crate::web::text::portal::rules::Rules;

/// What a report would tell and cost.
pub(super) struct PlanView {
    pub(super) title: String,
    pub(super) cost: String,
    pub(super) left: String,
    pub(super) more: String,
    pub(super) least: String,
    pub(super) rows: Vec<(String, String, String)>,
    pub(super) sections: Vec<SectionView>,
}

/// One table of a planned report.
pub(super) struct SectionView {
    pub(super) name: String,
    pub(super) cost: String,
    pub(super) precision: String,
    pub(super) least: String,
}

/// A table that may be asked for beside those that every report has.
pub(super) struct Choice {
    pub(super) field: String,
    pub(super) name: String,
    pub(super) cost: String,
    pub(super) chosen: bool,
}

/// Before the name of a table in the fields of a form.
const WITH: &str = "with.";

/// The tables that a form chose; none if it chose none, which asks for those that every report has.
pub(super) fn templates(policy: &Policy, is_chosen: impl Fn(&str) -> bool) -> Option<Vec<String>> {
    let standing = policy.templates().iter().map(|one| one.section().name());
    let more = policy.on_request().iter().map(|one| one.section().name());
    let more: Vec<String> = more.filter(|name| is_chosen(&format!("{WITH}{name}"))).collect();
    (!more.is_empty()).then(|| standing.chain(more).collect())
}

/// What the asker may expect follows from the months that were released.
pub(super) fn planned(programme: &Programme, asked: &Asked) -> PlanRequest {
    PlanRequest {
        programme: programme.id,
        period: asked.month.clone(),
        templates: templates(&programme.policy, |field| asked.chosen.contains_key(field)),
        guesses: BTreeMap::new(),
        from_releases: true,
    }
}

/// Whether any table was chosen.
pub(super) fn chose(asked: &Asked) -> bool {
    asked.chosen.keys().any(|field| field.starts_with(WITH))
}

/// The tables that may be chosen.
pub(super) fn choices(
    programme: &Programme,
    cap_nrho: u64,
    asked: &Asked,
    language: Language,
) -> Vec<Choice> {
    let words = Rules::of(language);
    let choice = |one: &PricedTemplate| {
        let field = format!("{WITH}{}", one.section().name());
        Choice {
            name: section_words(words, one.section()),
            cost: of_budget(one.cost_nrho().value(), cap_nrho, language),
            chosen: asked.chosen.contains_key(&field),
            field,
        }
    };
    programme.policy.on_request().iter().map(choice).collect()
}

pub(super) fn plan_view(plan: &Plan, month: &str, language: Language) -> PlanView {
    let t = Brand::of(language);
    let cap = plan.cap_nrho;
    let part = |nrho| fill(t.plan_part, &[("part", &of_budget(nrho, cap, language))]);
    let around = |value: &str| fill(t.plus_minus, &[("value", value)]);
    let row = |one: &CampaignPlan| {
        let name = one.campaign.clone().unwrap_or_else(|| t.plan_total.to_owned());
        let revenue = one.revenue_cents.map(|cents| around(&euros(cents, language)));
        let revenue = revenue.unwrap_or_else(|| "–".to_owned());
        (name, around(&language.integer(one.conversions)), revenue)
    };
    let least = language.integer(plan.least_count_shown);
    PlanView {
        title: fill(t.plan_for, &[("month", &language.month(month))]),
        cost: part(plan.cost_nrho),
        left: part(plan.left_nrho),
        more: language.integer(plan.reports_left),
        least: fill(t.plan_units, &[("count", &least)]),
        rows: plan.campaigns.iter().chain([&plan.total]).map(row).collect(),
        sections: plan.sections.iter().map(|one| section_view(one, cap, language)).collect(),
    }
}

fn section_view(one: &SectionPlan, cap_nrho: u64, language: Language) -> SectionView {
    let t = Brand::of(language);
    let section = SectionId::named(&one.section);
    let words = section.map(|section| section_words(Rules::of(language), section));
    let precision = fill(t.plus_minus, &[("value", &language.integer(one.half_width))]);
    let least = language.integer(one.least_count_shown);
    SectionView {
        name: words.unwrap_or_else(|| one.section.clone()),
        cost: of_budget(one.cost_nrho, cap_nrho, language),
        precision: fill(t.plan_units, &[("count", &precision)]),
        least: fill(t.plan_units, &[("count", &least)]),
    }
}
