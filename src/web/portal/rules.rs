//! The rules of a programme in words, for whoever takes part in it or oversees it.

use tiers_contact::Kind;
use tiers_protocol::policy::{Margin, Policy, SectionId, TemplateId};
use tiers_protocol::programme::{LegalBasis, Programme};

use crate::web::Language;
use crate::web::text::fill;
use crate::web::text::portal::rules::Rules;

/// The rules of a programme, for whoever takes part.
pub(super) fn rules(programme: &Programme, language: Language) -> Vec<(&'static str, String)> {
    let t = Rules::of(language);
    let basis = match programme.legal_basis {
        LegalBasis::Consent => t.basis_consent,
        LegalBasis::Contract => t.basis_contract,
        LegalBasis::LegalObligation => t.basis_obligation,
        LegalBasis::VitalInterests => t.basis_vital,
        LegalBasis::PublicTask => t.basis_task,
        LegalBasis::LegitimateInterests => t.basis_legitimate,
    };
    let mut rules = vec![
        (t.rule_basis, basis.to_owned()),
        (t.rule_ends, language.day(&programme.epoch_ends.to_string())),
    ];
    rules.append(&mut policy_rules(&programme.policy, language));
    rules
}

/// The rules of a policy, whatever programme it is of.
pub(super) fn policy_rules(policy: &Policy, language: Language) -> Vec<(&'static str, String)> {
    let t = Rules::of(language);
    let number = |value: u64| language.integer(value);
    let sections: Vec<_> =
        policy.templates().iter().map(|one| section_words(t, one.section())).collect();
    let days = number(policy.retention_days().value());
    let cap = number(policy.cap_nrho().value());
    let mut rules = vec![
        (t.rule_retention, fill(t.rule_days, &[("days", &days)])),
        (t.rule_rejects, language.share(policy.max_reject_permille().value(), 1_000)),
        (t.rule_partners, number(policy.min_partners().value())),
        (t.rule_cap, fill(t.rule_nano, &[("value", &cap)])),
        (t.rule_kinds, kind_words(t, policy.kinds(), language).join(" · ")),
        (t.rule_sections, sections.join(" · ")),
    ];
    if let Some(cap) = policy.own_count_cap_nrho() {
        let cap = number(cap.value());
        rules.push((t.rule_own, fill(t.rule_own_is, &[("value", &cap)])));
    }
    if policy.exact_totals() {
        rules.push((t.rule_exact, t.rule_exact_when.to_owned()));
    }
    rules
}

/// The identifiers that are compared; those that tolerate typing errors are counted, not told apart.
fn kind_words(t: &Rules, kinds: impl Iterator<Item = Kind>, language: Language) -> Vec<String> {
    let (mut words, mut near) = (Vec::new(), 0);
    for kind in kinds {
        let word = match kind {
            Kind::Siret => t.siret,
            Kind::Card => t.card,
            Kind::Email => t.email,
            Kind::Mobile => t.mobile,
            Kind::NameBirth => t.name_birth,
            Kind::NamePost => t.name_post,
            Kind::Landline => t.landline,
            Kind::NearNameBirth
            | Kind::NearNameStreet
            | Kind::NearBirthTown
            | Kind::NearBirthStreet
            | Kind::NearLandline
            | Kind::NearNameTown => {
                near += 1;
                continue;
            }
        };
        words.push(word.to_owned());
    }
    if near > 0 {
        words.push(fill(t.near, &[("number", &language.integer(near))]));
    }
    words
}

/// A table that may be asked for.
pub(super) fn section_words(t: &Rules, section: SectionId) -> String {
    let what = match section.template {
        TemplateId::Conversion => t.conversion,
        TemplateId::Revenue => t.revenue,
        TemplateId::Delay => t.delay,
        TemplateId::Network => t.network,
        TemplateId::Overlap => t.overlap,
        TemplateId::Segments => t.segments,
        TemplateId::Lift => t.lift,
        TemplateId::Partners => t.partners,
    };
    let by = match section.margin {
        Margin::Campaign => t.by_campaign,
        Margin::CampaignModel => t.by_model,
        Margin::CampaignDepartment => t.by_department,
        Margin::All => return what.to_owned(),
    };
    fill(by, &[("what", what)])
}
