//! What the law asks, line by line.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::date;
use proptest::prelude::*;
use tiers_protocol::encoding::Bytes;
use tiers_protocol::ids::PartyId;
use tiers_protocol::programme::LegalBasis;

use super::Gap;
use super::activity::{
    Activity, DataCategory, DataFamily, DataRole, PartyRole, Purpose, PurposeKind,
};
use super::breach::{Breach, ClockState, Exemption, Incident, PersonsDecision, Terms};
use super::contract::Clause;
use super::dpia::{self, Criterion, Dpia, Risk};
use super::identifiability::{Actor, Finding, Identifiability, KeyHolder, RequestMode};
use super::notice::{Collected, NoticeText};
use super::record::{Document, Record};
use super::retention::{Object, RetentionError, RetentionPolicy};

fn document() -> Document {
    Document { sha256: Bytes::new([7; 32]), date: date(2025, 1, 2), author: "direction".into() }
}

fn purpose(kind: PurposeKind, bases: &[LegalBasis]) -> Purpose {
    Purpose {
        kind,
        title: "mesurer les campagnes".into(),
        bases: bases.to_vec(),
        interest: Some("savoir quelles campagnes mènent à des ventes".into()),
        balancing: Some(document()),
    }
}

fn activity(purposes: Vec<Purpose>) -> Activity {
    let party = PartyRole { party: PartyId::from_bytes([1; 16]), role: DataRole::JointController };
    Activity {
        purposes,
        parties: vec![party],
        certifier: DataRole::Processor,
        persons: vec!["clients".into()],
        data: vec![DataCategory {
            title: "empreintes".into(),
            deleted: None,
            family: DataFamily::Identity,
        }],
        recipients: vec!["tiers certificateur".into()],
        transfers: Vec::new(),
        security: Vec::new(),
        safeguards_89: true,
    }
}

#[test]
fn gov_02_each_purpose_has_exactly_one_legal_basis() {
    use LegalBasis::{Consent, LegitimateInterests};
    let with = |bases: &[LegalBasis]| activity(vec![purpose(PurposeKind::Matching, bases)]).check();
    assert_eq!(with(&[]), Err(Gap::Basis));
    assert_eq!(with(&[Consent, LegitimateInterests]), Err(Gap::Basis));
    assert_eq!(with(&[Consent]), Ok(()));
    let two = activity(vec![
        purpose(PurposeKind::Matching, &[Consent]),
        purpose(PurposeKind::Statistics, &[LegitimateInterests]),
    ]);
    assert_eq!(two.check(), Ok(()));
    assert_eq!(activity(Vec::new()).check(), Err(Gap::Basis));
}

#[test]
fn gov_03_legitimate_interests_need_the_interest_and_its_balancing_test() {
    let whole = purpose(PurposeKind::Matching, &[LegalBasis::LegitimateInterests]);
    let without = [
        Purpose { interest: None, ..whole.clone() },
        Purpose { interest: Some(" ".into()), ..whole.clone() },
        Purpose { balancing: None, ..whole.clone() },
    ];
    for purpose in without {
        assert_eq!(activity(vec![purpose]).check(), Err(Gap::Balancing));
    }
    assert_eq!(activity(vec![whole]).check(), Ok(()));
}

#[test]
fn gov_12_messages_are_no_ground_for_matching() {
    let messages = activity(vec![purpose(PurposeKind::Messages, &[LegalBasis::Consent])]);
    assert_eq!(messages.check(), Ok(()));
    assert_eq!(messages.permits(PurposeKind::Matching).err(), Some(Gap::MatchingPurpose));
    let both = activity(vec![
        purpose(PurposeKind::Messages, &[LegalBasis::Consent]),
        purpose(PurposeKind::Matching, &[LegalBasis::Consent]),
    ]);
    assert!(both.permits(PurposeKind::Matching).is_ok());
}

#[test]
fn gov_09_a_use_needs_its_purpose_and_statistics_their_safeguards() {
    let matching = activity(vec![purpose(PurposeKind::Matching, &[LegalBasis::Consent])]);
    assert_eq!(matching.permits(PurposeKind::Statistics).err(), Some(Gap::OtherPurpose));
    assert_eq!(matching.permits(PurposeKind::Exchange).err(), Some(Gap::OtherPurpose));
    let mut statistics = activity(vec![purpose(PurposeKind::Statistics, &[LegalBasis::Consent])]);
    assert!(statistics.permits(PurposeKind::Statistics).is_ok());
    statistics.safeguards_89 = false;
    assert_eq!(statistics.permits(PurposeKind::Statistics).err(), Some(Gap::Safeguards));
}

#[test]
fn sec_15_a_subprocessor_outside_the_eea_needs_the_safeguards_of_the_transfer() {
    let record = |country: &str, safeguards: Option<&str>| -> Record {
        let paper = serde_json::json!({
            "sha256": Bytes::<32>::new([1; 32]), "date": "2025-01-01", "author": "x",
        });
        let mut record = serde_json::json!({
            "record": "subprocessor", "name": "Hébergeur", "number": "732829320",
            "country": country, "task": "hébergement", "from": "2025-03-01",
            "authorisation": { "form": "specific", "document": paper },
        });
        if let Some(safeguards) = safeguards {
            record["safeguards"] = safeguards.into();
        }
        serde_json::from_value(record).unwrap()
    };
    let check = |country, safeguards| record(country, safeguards).check(date(2025, 2, 1));
    for inside in ["France", "france ", "Allemagne", "Germany", "IE", "Norvège", "Suède"] {
        assert_eq!(check(inside, None), Ok(()), "{inside}");
    }
    for outside in ["Suisse", "États-Unis", "United Kingdom", "US", "Frankreich", "?"] {
        assert_eq!(check(outside, None), Err(Gap::Transfer), "{outside}");
        assert_eq!(check(outside, Some(" ")), Err(Gap::Transfer), "{outside}");
        assert_eq!(check(outside, Some("décision d’adéquation")), Ok(()), "{outside}");
    }
    // Documented: the register names the transfer with its safeguards.
    let transfer = |country, safeguards| match record(country, safeguards) {
        Record::Subprocessor(of) => of.transfer(),
        _ => None,
    };
    let named = transfer("Suisse", Some("décision d’adéquation")).unwrap();
    assert_eq!((&*named.country, &*named.safeguards), ("Suisse", "décision d’adéquation"));
    assert_eq!(transfer("France", None), None);
}

#[test]
fn gov_06_a_subprocessor_needs_authorisation_and_notice_before_its_first_day() {
    let sha256 = Bytes::<32>::new([1; 32]);
    let paper = serde_json::json!({ "sha256": sha256, "date": "2025-01-01", "author": "x" });
    let check = |authorisation: Option<serde_json::Value>| {
        let mut record = serde_json::json!({
            "record": "subprocessor", "name": "Hébergeur", "number": "732829320",
            "country": "France", "task": "hébergement", "from": "2025-03-01",
        });
        if let Some(authorisation) = authorisation {
            record["authorisation"] = authorisation;
        }
        let record: Record = serde_json::from_value(record).unwrap();
        record.check(date(2025, 2, 1))
    };
    assert_eq!(check(None), Err(Gap::Authorisation));
    let general = |notified: Option<&str>| serde_json::json!({ "form": "general", "document": paper, "notified": notified });
    assert_eq!(check(Some(general(None))), Err(Gap::NoticeOfChange));
    assert_eq!(check(Some(general(Some("2025-03-01")))), Err(Gap::NoticeOfChange));
    assert_eq!(check(Some(general(Some("2025-01-30")))), Ok(()));
    let specific = serde_json::json!({ "form": "specific", "document": paper });
    assert_eq!(check(Some(specific)), Ok(()));
    let late = serde_json::json!({ "sha256": sha256, "date": "2025-03-02", "author": "x" });
    let late = serde_json::json!({ "form": "specific", "document": late });
    assert_eq!(check(Some(late)), Err(Gap::Authorisation));
}

#[test]
fn gov_04_each_missing_clause_is_named_by_its_letter() {
    for (clause, letter) in Clause::ALL.into_iter().zip('a'..='h') {
        let gap = Gap::of_clause(clause);
        assert_eq!(gap.code(), format!("contract.clause_{letter}"));
    }
}

fn assessment() -> Dpia {
    Dpia {
        description: "rapprochement d'empreintes".into(),
        necessity: "aucun nom ne circule".into(),
        risks: "réidentification".into(),
        measures: "bruit, clés, registre".into(),
        criteria: [].into(),
        dpo_opinion: Some("favorable".into()),
        residual_risk: Some(Risk::Limited),
        consultation: None,
        validated: Some(date(2025, 1, 10)),
        review: Some(date(2026, 1, 10)),
    }
}

#[test]
fn gov_13_a_validated_assessment_is_whole_and_its_export_has_the_four_parts() {
    let today = date(2025, 2, 1);
    let holds = |dpia: &Dpia| dpia.holds(today);
    assert_eq!(holds(&assessment()), Ok(()));
    assert_eq!(holds(&Dpia { validated: None, ..assessment() }), Err(Gap::Dpia));
    for lacking in [
        Dpia { description: String::new(), ..assessment() },
        Dpia { necessity: String::new(), ..assessment() },
        Dpia { risks: String::new(), ..assessment() },
        Dpia { measures: " ".into(), ..assessment() },
        Dpia { dpo_opinion: None, ..assessment() },
        Dpia { residual_risk: None, ..assessment() },
        Dpia { review: None, ..assessment() },
    ] {
        assert_eq!(holds(&lacking), Err(Gap::DpiaIncomplete));
    }
    let high = Dpia { residual_risk: Some(Risk::High), ..assessment() };
    assert_eq!(holds(&high), Err(Gap::Consultation));
    assert_eq!(holds(&Dpia { consultation: Some(document()), ..high }), Ok(()));
    assert_eq!(assessment().holds(date(2026, 1, 11)), Err(Gap::DpiaReview));
    let future = Dpia { validated: Some(date(2025, 3, 1)), ..assessment() };
    assert_eq!(holds(&future), Err(Gap::Date));
    let page = assessment().export(None);
    let parts = ["(a) ", "(b) ", "(c) ", "(d) "].map(|part| page.find(part).unwrap());
    assert!(parts.is_sorted(), "the four parts of art. 35(7), in their order");
    for text in ["rapprochement d'empreintes", "aucun nom", "réidentification", "bruit, clés"] {
        assert!(page.contains(text), "{text}");
    }
}

#[test]
fn gov_14_two_criteria_need_an_assessment_and_every_programme_meets_two() {
    assert!(dpia::is_required(&dpia::criteria(&[].into())));
    assert!(dpia::criteria(&[].into()).contains(&Criterion::LargeScale));
    assert!(dpia::criteria(&[].into()).contains(&Criterion::Combining));
    assert!(!dpia::is_required(&[Criterion::Sensitive].into()));
    assert!(dpia::is_required(&[Criterion::Sensitive, Criterion::Scoring].into()));
    assert!(!dpia::is_required(&[].into()));
}

/// A notice in which nothing is missing.
fn notice(collected: Collected) -> NoticeText {
    let said = |(item, what): &(&str, &str)| ((*item).to_owned(), (*what).to_owned());
    NoticeText { collected, items: collected.items().iter().map(said).collect() }
}

#[test]
fn gov_16_the_linter_finds_each_missing_item_of_articles_13_and_14() {
    for (collected, count) in [(Collected::FromPerson, 12), (Collected::Elsewhere, 13)] {
        let whole = notice(collected);
        assert_eq!(whole.items.len(), count);
        assert!(whole.missing().is_empty() && whole.unknown().is_empty());
        for (item, _) in collected.items() {
            let mut lacking = whole.clone();
            lacking.items.remove(*item);
            assert_eq!(lacking.missing().iter().map(|m| m.0).collect::<Vec<_>>(), [*item]);
            lacking.items.insert((*item).to_owned(), "  ".into());
            assert_eq!(lacking.missing().iter().map(|m| m.0).collect::<Vec<_>>(), [*item]);
        }
    }
    let mut other = notice(Collected::FromPerson);
    other.items.insert("14(2)(f)".into(), "source".into());
    assert_eq!(other.unknown(), ["14(2)(f)"]);
    let letters: BTreeMap<_, _> = Collected::Elsewhere.items().iter().copied().collect();
    assert!(letters["14(1)(d)"].contains("categories") && letters["14(2)(f)"].contains("source"));
}

fn at(hours: i64) -> Timestamp {
    Timestamp::from_second(1_750_000_000 + hours * 3_600).unwrap()
}

fn breach() -> Breach {
    let file = serde_json::json!({
        "aware": at(0), "own_data": true, "controllers": [PartyId::from_bytes([1; 16])],
    });
    serde_json::from_value(file).unwrap()
}

#[test]
fn pse_11_tokens_that_were_reversed_are_a_breach_with_its_72_hours() {
    let terms = Terms::france();
    let file = serde_json::json!({ "aware": at(0), "incident": "tokens_reversed" });
    let reversed: Breach = serde_json::from_value(file).unwrap();
    let clock = reversed.authority_clock(&terms, at(1));
    assert_eq!((clock.state, clock.until, clock.hours_left), (ClockState::Running, at(72), 71));
    assert_eq!(reversed.authority_clock(&terms, at(73)).state, ClockState::Overdue);
    let other = Breach { incident: Some(Incident::Other), ..reversed.clone() };
    assert_eq!(other.authority_clock(&terms, at(1)).state, ClockState::NotOwed);
    // Nobody says any more that the tokens are unintelligible.
    let decision = |compromised: bool| -> PersonsDecision {
        serde_json::from_value(serde_json::json!({
            "high_risk": true, "key_compromised": compromised, "exemption": "unintelligible",
            "rationale": "jetons à clé",
        }))
        .unwrap()
    };
    for compromised in [true, false] {
        let decided = Breach { decision: Some(decision(compromised)), ..reversed.clone() };
        assert_eq!(decided.check(&terms, at(1)), Err(Gap::BreachUndecided));
    }
    let elsewhere = Breach { decision: Some(decision(false)), ..other };
    assert_eq!(elsewhere.check(&terms, at(1)), Ok(()));
}

#[test]
fn bre_01_the_authority_is_told_within_72_hours_or_with_the_reasons() {
    let terms = Terms::france();
    let state = |file: &Breach, now| file.authority_clock(&terms, at(now)).state;
    assert_eq!(breach().authority_clock(&terms, at(0)).until, at(72));
    assert_eq!(breach().authority_clock(&terms, at(1)).hours_left, 71);
    assert_eq!(state(&breach(), 72), ClockState::Running);
    assert_eq!(state(&breach(), 73), ClockState::Overdue);
    let told = |hour| Breach { authority_told: Some(at(hour)), ..breach() };
    assert_eq!(state(&told(72), 100), ClockState::InTime);
    assert_eq!(state(&told(73), 100), ClockState::Late);
    assert_eq!(told(72).check(&terms, at(100)), Ok(()));
    assert_eq!(told(73).check(&terms, at(100)), Err(Gap::BreachLate));
    let because = Breach { late_because: Some("constat le dimanche".into()), ..told(73) };
    assert_eq!(because.check(&terms, at(100)), Ok(()));
    // Another term needs a legal approval.
    let file = include_str!("../../../../policies/breach/france.toml");
    let other = file.replace("= 72", "= 96");
    assert_eq!(Terms::from_toml(&other), Err(Gap::Authorisation));
    let sha256 = Bytes::<32>::new([1; 32]);
    let approved = format!(
        "{other}\n[approval]\nauthor = \"avocat\"\ndate = 2027-01-01\nsha256 = \"{sha256}\"\n"
    );
    let approved = approved.replace("date = 2027-01-01", "date = \"2027-01-01\"");
    assert_eq!(Terms::from_toml(&approved).unwrap().authority_hours, 96);
}

#[test]
fn bre_02_controllers_are_told_within_a_day() {
    let terms = Terms::france();
    let clock = |file: &Breach, now| file.controllers_clock(&terms, at(now));
    assert_eq!(clock(&breach(), 0).until, at(24));
    assert_eq!(clock(&breach(), 24).state, ClockState::Running);
    assert_eq!(clock(&breach(), 25).state, ClockState::Overdue);
    let told = Breach { controllers_told: Some(at(20)), ..breach() };
    assert_eq!(clock(&told, 90).state, ClockState::InTime);
    let nobody = Breach { controllers: Vec::new(), ..breach() };
    assert_eq!(clock(&nobody, 90).state, ClockState::NotOwed);
}

#[test]
fn bre_03_a_notification_has_every_field_and_may_go_in_phases() {
    let terms = Terms::france();
    let first = Breach { nature: Some("copie d'une sauvegarde".into()), ..breach() };
    assert_eq!(first.check(&terms, at(1)), Ok(()), "a part of it is saved");
    assert_eq!(first.missing().len(), 7);
    let whole = Breach {
        persons: Some("clients".into()),
        persons_about: Some(12_000),
        records: Some("empreintes".into()),
        records_about: Some(30_000),
        dpo: Some("dpo@certifier.example".into()),
        consequences: Some("aucune sans la clé".into()),
        measures: Some("clés tournées".into()),
        ..first
    };
    assert!(whole.missing().is_empty());
    assert_eq!(Breach { dpo: None, ..whole }.missing(), ["dpo"]);
}

/// A file that may be closed.
fn finished() -> Breach {
    Breach {
        controllers_told: Some(at(2)),
        authority_told: Some(at(3)),
        facts: Some("une sauvegarde a été lue".into()),
        effects: Some("des empreintes sont connues".into()),
        remedies: Some("rotation".into()),
        decision: Some(PersonsDecision {
            high_risk: false,
            key_compromised: false,
            exemption: None,
            informed: None,
            rationale: "les clés sont sauves".into(),
        }),
        closed: Some(at(90)),
        ..breach()
    }
}

#[test]
fn bre_04_a_file_is_not_closed_without_facts_effects_and_remedies() {
    let check = |file: Breach| file.check(&Terms::france(), at(100));
    assert_eq!(check(finished()), Ok(()));
    assert_eq!(check(Breach { facts: None, ..finished() }), Err(Gap::BreachUnfinished));
    assert_eq!(check(Breach { effects: None, ..finished() }), Err(Gap::BreachUnfinished));
    assert_eq!(check(Breach { remedies: None, ..finished() }), Err(Gap::BreachUnfinished));
    assert_eq!(check(Breach { authority_told: None, ..finished() }), Err(Gap::BreachUndecided));
    let unnotified = Breach {
        authority_told: None,
        not_notified_because: Some("aucun risque".into()),
        ..finished()
    };
    assert_eq!(check(unnotified), Ok(()));
    assert_eq!(check(Breach { closed: Some(at(101)), ..finished() }), Err(Gap::BreachOrder));
    assert_eq!(check(Breach { authority_told: Some(at(-1)), ..finished() }), Err(Gap::BreachOrder));
}

#[test]
fn bre_05_informing_persons_is_decided_with_reasons_and_tokens_exempt_only_with_their_key_safe() {
    let check = |change: &dyn Fn(&mut PersonsDecision)| {
        let mut file = finished();
        change(file.decision.as_mut().unwrap());
        file.check(&Terms::france(), at(100))
    };
    assert_eq!(check(&|_| ()), Ok(()));
    assert_eq!(check(&|d| d.rationale.clear()), Err(Gap::BreachUndecided));
    assert_eq!(check(&|d| d.high_risk = true), Err(Gap::BreachUndecided));
    let exempt = |d: &mut PersonsDecision| {
        d.high_risk = true;
        d.exemption = Some(Exemption::Unintelligible);
    };
    assert_eq!(check(&exempt), Ok(()));
    let with_key = |d: &mut PersonsDecision| {
        exempt(d);
        d.key_compromised = true;
    };
    assert_eq!(check(&with_key), Err(Gap::BreachUndecided));
    let told = |d: &mut PersonsDecision| {
        d.high_risk = true;
        d.informed = Some(at(50));
    };
    assert_eq!(check(&told), Ok(()));
    let undecided = Breach { decision: None, ..finished() };
    assert_eq!(undecided.check(&Terms::france(), at(100)), Err(Gap::BreachUndecided));
}

#[test]
fn ret_12_invoices_are_kept_ten_years_for_accounting_and_six_for_tax() {
    let policy = RetentionPolicy::france();
    let start = date(2025, 12, 31);
    assert_eq!(policy.rule(Object::Invoices).dates(start).kept_until, date(2035, 12, 31));
    assert_eq!(policy.rule(Object::InvoicesTax).dates(start).kept_until, date(2031, 12, 31));
}

#[test]
fn a_policy_without_a_rule_or_beyond_a_bound_is_refused() {
    let file = include_str!("../../../../policies/retention/france.toml");
    assert!(RetentionPolicy::from_toml(file).is_ok());
    let refused = |from: &str, to: &str| {
        assert!(file.contains(from), "{from}");
        RetentionPolicy::from_toml(&file.replacen(from, to, 1)).unwrap_err()
    };
    let epoch = "epoch\"\nactive = \"P12M\"";
    assert_eq!(refused(epoch, &epoch.replace("12", "13")), RetentionError::Term);
    assert_eq!(refused("[oppositions]", "[opposition]"), RetentionError::Shape);
    let opposition = "starts = \"the opposition\"\nactive = \"P3Y\"";
    assert_eq!(refused(opposition, &opposition.replace("3Y", "2Y")), RetentionError::Term);
    let line = "starts = \"the line\"\nactive = \"P12M\"";
    assert_eq!(refused(line, &line.replace("12M", "5M")), RetentionError::Term);
    assert_eq!(refused("archive = \"P9Y\"", "archive = \"P8Y\""), RetentionError::Term);
    // An exchange is there as long as its invoices; a proof lasts as long as an opposition at least.
    assert_eq!(refused("active = \"P24M\"", "active = \"P23M\""), RetentionError::Term);
    assert_eq!(refused("archive = \"P59M\"", "archive = \"P34M\""), RetentionError::Term);
    assert_eq!(refused("version = 1", "version = 0"), RetentionError::Shape);
}

proptest! {
    /// The last day of a deposit is the earliest of three, and never more than a year away.
    #[test]
    fn ret_08_tokens_go_with_what_ends_first(said in 0_i32..2_000, epoch in 0_i32..2_000) {
        let accepted = date(2025, 2, 28);
        let day = |n: i32| accepted.saturating_add(jiff::Span::new().days(n));
        let until = RetentionPolicy::france().deposit(day(said), accepted, day(epoch));
        prop_assert!(until <= day(said) && until <= day(epoch + 30));
        prop_assert!(until <= date(2026, 2, 28));
        prop_assert!([day(said), day(epoch + 30), date(2026, 2, 28)].contains(&until));
    }
}

fn who(findings: &[(Actor, bool)], key_holder: KeyHolder) -> Identifiability {
    let finding = |(actor, can_identify): &(Actor, bool)| Finding {
        actor: *actor,
        can_identify: *can_identify,
        means: "ses fichiers, ses contrats".into(),
    };
    Identifiability {
        findings: findings.iter().map(finding).collect(),
        key_holder,
        document: document(),
        review: date(2026, 1, 10),
    }
}

const FOUR: [(Actor, bool); 4] =
    [(Actor::Partner, true), (Actor::Certifier, false), (Actor::Brand, true), (Actor::Host, false)];

#[test]
fn pse_06_each_of_the_four_who_come_near_tokens_is_assessed_once_and_again_in_time() {
    let today = date(2025, 2, 1);
    assert_eq!(who(&FOUR, KeyHolder::Parties).holds(today), Ok(()));
    for left_out in 0..4 {
        let mut three = FOUR.to_vec();
        let one = three.remove(left_out);
        assert_eq!(who(&three, KeyHolder::Parties).holds(today), Err(Gap::Identifiability));
        three.extend([one, one]);
        assert_eq!(who(&three, KeyHolder::Parties).holds(today), Err(Gap::Identifiability));
    }
    let mut silent = who(&FOUR, KeyHolder::Parties);
    silent.findings[2].means = " ".into();
    assert_eq!(silent.holds(today), Err(Gap::Text));
    let over = who(&FOUR, KeyHolder::Parties).holds(date(2026, 1, 11));
    assert_eq!(over, Err(Gap::IdentifiabilityReview));
    let mut backwards = who(&FOUR, KeyHolder::Parties);
    backwards.review = backwards.document.date;
    assert_eq!(backwards.holds(today), Err(Gap::Date));
}

#[test]
fn pse_05_a_certifier_with_the_key_can_identify_and_answers_persons_itself() {
    let today = date(2025, 2, 1);
    // Nobody holds the key and cannot identify.
    assert_eq!(who(&FOUR, KeyHolder::Certifier).holds(today), Err(Gap::KeyHolder));
    let found = FOUR.map(|(actor, can)| (actor, can || actor == Actor::Certifier));
    let with_key = who(&found, KeyHolder::Certifier);
    assert_eq!(with_key.holds(today), Ok(()));
    assert_eq!(with_key.request_mode(), RequestMode::Direct);
    assert_eq!(who(&FOUR, KeyHolder::Parties).request_mode(), RequestMode::ThroughParties);
    let statement = "The certifier holds the key or can obtain it: it can identify the persons";
    assert!(assessment().export(Some(&with_key)).contains(statement));
    let page = assessment().export(Some(&who(&FOUR, KeyHolder::Parties)));
    assert!(!page.contains(statement) && page.contains("Certifier no: ses fichiers"), "{page}");
}
