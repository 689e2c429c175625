//! The rules of France line by line, and every reason of a denial.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tiers_protocol::consent::{Audience, Channel, Evidence, Method, Purpose, Sector, State};
use tiers_protocol::encoding::Bytes;

use super::{at, brand, dealer, event, known, noon, opposition, other, question, record};
use crate::consent::{
    Claim, Decision, Event, HistoryError, Known, Opposition, Origin, Proof, Question, Reach,
    Recipients, Rules, RulesError, Scope, Subject, Why, decide,
};

const TOLD: Channel = Channel::Post;

fn answer(events: &[Event], known: Known, question: &Question<'_>) -> Decision {
    decide(&Rules::france(), &Subject { events, oppositions: &[], known }, question)
}

fn why(decision: Decision) -> Option<Why> {
    match decision {
        Decision::Allowed(_) => None,
        Decision::Denied(denial) => Some(denial.why),
    }
}

/// The name of the rule that decided.
fn rule(decision: Decision) -> String {
    let index = match decision {
        Decision::Allowed(ground) => Some(ground.rule),
        Decision::Denied(denial) => denial.rule,
    };
    let rules = Rules::france();
    index.and_then(|index| rules.rule(index)).map_or_else(String::new, |rule| rule.id().to_owned())
}

#[test]
fn con_13_only_given_and_reconfirmed_permit() {
    for &state in State::ALL {
        let events = [event(1, "2026-01-05", state, Channel::Email)];
        let decision = answer(&events, known(), &question(Channel::Email, "2026-02-01"));
        let expected = match state {
            State::Given | State::Reconfirmed => None,
            State::Requested => Some(Why::Unanswered),
            State::Refused => Some(Why::Refused),
            State::Withdrawn => Some(Why::Withdrawn),
            State::Expired => Some(Why::Expired),
            State::Terminated => Some(Why::Terminated),
            State::Invalidated => Some(Why::Invalidated),
        };
        assert_eq!(why(decision), expected, "{state}");
        match decision {
            Decision::Allowed(ground) => assert_eq!(ground.record, Some(record(1))),
            Decision::Denied(denial) => assert_eq!(denial.record, Some(record(1))),
        }
    }
}

#[test]
fn exc_03_electronic_means_need_consent_for_recipient_and_channel() {
    for channel in [Channel::Email, Channel::Sms, Channel::Fax, Channel::AutomatedCall] {
        let ask = question(channel, "2026-02-01");
        for (state, expected) in [
            (State::Given, None),
            (State::Refused, Some(Why::Refused)),
            (State::Withdrawn, Some(Why::Withdrawn)),
        ] {
            let events = [event(1, "2026-01-05", state, channel)];
            assert_eq!(why(answer(&events, known(), &ask)), expected, "{channel} {state}");
        }
        assert_eq!(why(answer(&[], known(), &ask)), Some(Why::NoConsent), "{channel}");
        let old = [event(1, "2022-12-31", State::Given, channel)];
        let unseen = Known { last_contact: None, ..known() };
        assert_eq!(why(answer(&old, unseen, &ask)), Some(Why::Expired), "{channel}");
        let elsewhere = Question { recipient: other(), ..ask };
        let events = [event(1, "2026-01-05", State::Given, channel)];
        assert_eq!(why(answer(&events, known(), &elsewhere)), Some(Why::NoConsent));
    }
}

#[test]
fn con_06_one_choice_per_channel_and_purpose() {
    for &chosen in Channel::ALL {
        let events = [event(1, "2026-09-05", State::Given, chosen)];
        let none = Known { informed_at: None, ..known() };
        for &asked in Channel::ALL {
            let decision = answer(&events, none, &question(asked, "2026-10-01"));
            assert_eq!(why(decision).is_none(), asked == chosen, "{chosen} for {asked}");
        }
        for purpose in [Purpose::Prospecting, Purpose::Matching] {
            let ask = Question { purpose, ..question(chosen, "2026-10-01") };
            assert!(why(answer(&events, none, &ask)).is_some(), "{purpose}");
        }
    }
}

#[test]
fn matching_has_a_consent_of_its_own() {
    let reach = Reach::Named(Recipients::freeze([dealer(), brand()]).unwrap());
    let of = |purpose| (dealer(), purpose, Channel::Email);
    let given = (record(1), noon("2026-01-05"), State::Given);
    let mails = [Event::new(given, of(Purpose::Prospecting), reach.clone()).unwrap()];
    let matches = [Event::new(given, of(Purpose::Matching), reach).unwrap()];
    let ask = Question { purpose: Purpose::Matching, ..question(Channel::Email, "2026-02-01") };
    assert_eq!(why(answer(&mails, known(), &ask)), Some(Why::NoConsent));
    assert_eq!(why(answer(&matches, known(), &ask)), None);
}

#[test]
fn exc_05_the_telephone_is_opt_out_until_10_august_2026_and_opt_in_from_the_day_after() {
    let ask = |instant: &str| Question {
        at: at(instant),
        scrubbed_at: Some(noon("2026-08-01")),
        ..question(Channel::Phone, "2026-08-01")
    };
    // The days of Paris, which is two hours ahead in summer.
    let last = answer(&[], known(), &ask("2026-08-10T21:59:59Z"));
    let first = answer(&[], known(), &ask("2026-08-10T22:00:00Z"));
    assert_eq!((why(last), &*rule(last)), (None, "fr.telephone.opt_out"));
    assert_eq!((why(first), &*rule(first)), (Some(Why::NoConsent), "fr.telephone.opt_in"));
    let given = [event(1, "2026-08-01", State::Given, Channel::Phone)];
    assert_eq!(why(answer(&given, known(), &ask("2026-08-10T22:00:00Z"))), None);
}

#[test]
fn exc_22_the_file_was_compared_with_the_list_at_most_30_days_before() {
    let ask = |scrubbed: Option<&str>| Question {
        scrubbed_at: scrubbed.map(noon),
        ..question(Channel::Phone, "2026-07-31")
    };
    assert_eq!(why(answer(&[], known(), &ask(Some("2026-07-01")))), None);
    for scrubbed in [Some("2026-06-30"), Some("2026-08-01"), None] {
        let decision = answer(&[], known(), &ask(scrubbed));
        assert_eq!(why(decision), Some(Why::NotScrubbed), "{scrubbed:?}");
    }
}

#[test]
fn exc_07_letters_need_information_and_no_objection() {
    let ask = question(TOLD, "2026-02-01");
    assert_eq!(why(answer(&[], known(), &ask)), None);
    for informed_at in [None, Some(noon("2026-02-02"))] {
        let known = Known { informed_at, ..known() };
        assert_eq!(why(answer(&[], known, &ask)), Some(Why::NotInformed));
    }
    for state in [State::Refused, State::Withdrawn] {
        let no = [event(1, "2026-01-05", state, TOLD)];
        assert!(why(answer(&no, known(), &ask)).is_some());
    }
    let oppositions = [opposition("2026-01-05", Scope::Along(dealer()), Origin::Person)];
    let subject = Subject { events: &[], oppositions: &oppositions, known: known() };
    assert_eq!(why(decide(&Rules::france(), &subject, &ask)), Some(Why::Opposed));
}

#[test]
fn exc_13_whoever_is_handed_on_was_told_before_and_nobody_is_handed_on_twice() {
    let ask = question(TOLD, "2026-02-01");
    let told = |day: &str| Known { informed_at: Some(noon(day)), ..known() };
    // Told at the very instant of the disclosure is in time, a day later is not.
    assert_eq!(why(answer(&[], told("2026-02-01"), &ask)), None);
    assert_eq!(why(answer(&[], told("2026-02-02"), &ask)), Some(Why::NotInformed));
    // Onward: the sender has it from another company, and no information mends that.
    let onward = Known { collected_by: Some(other()), ..told("2026-01-01") };
    assert_eq!(why(answer(&[], onward, &ask)), Some(Why::Onward));
}

#[test]
fn exc_09_a_contact_is_active_for_three_years() {
    let known = Known { last_contact: Some(noon("2023-02-01")), ..known() };
    assert_eq!(why(answer(&[], known, &question(TOLD, "2026-02-01"))), None);
    assert_eq!(why(answer(&[], known, &question(TOLD, "2026-02-02"))), Some(Why::Inactive));
}

#[test]
fn exc_08_between_professionals_the_offer_is_one_of_the_profession() {
    for channel in [Channel::Email, Channel::Sms, Channel::Phone, Channel::Post] {
        let ask = Question { audience: Audience::Professional, ..question(channel, "2026-09-01") };
        assert_eq!(why(answer(&[], known(), &ask)), Some(Why::OtherOffer), "{channel}");
        let fits = Question { offer_of_profession: true, ..ask };
        assert_eq!(why(answer(&[], known(), &fits)), None, "{channel}");
        let untold = Known { informed_at: None, ..known() };
        assert_eq!(why(answer(&[], untold, &fits)), Some(Why::NotInformed), "{channel}");
    }
    for channel in [Channel::Fax, Channel::AutomatedCall] {
        let ask = Question {
            audience: Audience::Professional,
            offer_of_profession: true,
            ..question(channel, "2026-09-01")
        };
        assert_eq!(why(answer(&[], known(), &ask)), Some(Why::NoConsent), "{channel}");
    }
}

#[test]
fn exc_21_works_at_home_are_forbidden_even_with_consent() {
    for sector in [Sector::EnergyRenovation, Sector::HomeAdaptation] {
        for &channel in Channel::ALL {
            let given = [event(1, "2026-01-05", State::Given, channel)];
            let ask = Question { sector, ..question(channel, "2026-02-01") };
            let expected = (channel != Channel::Post).then_some(Why::Forbidden);
            assert_eq!(why(answer(&given, known(), &ask)), expected, "{sector} {channel}");
        }
        let own = Question {
            sector,
            recipient: dealer(),
            claim: Some(Claim::ContractInProgress),
            ..question(Channel::Phone, "2026-09-01")
        };
        assert_eq!(why(answer(&[], known(), &own)), None, "{sector}");
    }
}

#[test]
fn exc_04_exc_06_exceptions_never_license_a_transfer() {
    for (claim, channel) in
        [(Claim::SimilarProducts, Channel::Email), (Claim::ContractInProgress, Channel::Phone)]
    {
        let ask = Question { claim: Some(claim), ..question(channel, "2026-09-01") };
        assert_eq!(why(answer(&[], known(), &ask)), Some(Why::NotExcepted), "{channel}");
        let own = Question { recipient: dealer(), purpose: Purpose::Prospecting, ..ask };
        assert_eq!(why(answer(&[], known(), &own)), None, "{channel}");
        let told = Known { informed_at: None, ..known() };
        assert_eq!(why(answer(&[], told, &own)), Some(Why::NotInformed), "{channel}");
    }
}

#[test]
fn con_07_a_recipient_outside_the_frozen_list_is_denied() {
    let listed = event(1, "2026-01-05", State::Given, Channel::Email);
    let ask = Question { recipient: other(), ..question(Channel::Email, "2026-02-01") };
    assert_eq!(why(answer(&[listed], known(), &ask)), Some(Why::NoConsent));
    assert_eq!(Recipients::freeze([]), Err(HistoryError::NobodyNamed));
    let of = (dealer(), Purpose::Transmission, Channel::Email);
    for state in [State::Given, State::Reconfirmed] {
        let whomever = Event::new((record(1), noon("2026-01-05"), state), of, Reach::All);
        assert_eq!(whomever.err(), Some(HistoryError::PermitsAll));
    }
}

#[test]
fn con_09_a_recipient_may_not_pass_it_on() {
    let events = [event(1, "2026-01-05", State::Given, Channel::Email)];
    let ask =
        Question { sender: brand(), recipient: other(), ..question(Channel::Email, "2026-02-01") };
    assert_eq!(why(answer(&events, known(), &ask)), Some(Why::Onward));
    let unsaid = Known { collected_by: None, ..known() };
    assert_eq!(why(answer(&events, unsaid, &ask)), Some(Why::NoConsent));
    let letter = Question { channel: Channel::Post, ..ask };
    assert_eq!(why(answer(&[], known(), &letter)), Some(Why::Onward));
}

#[test]
fn con_10_a_withdrawal_holds_from_its_instant_and_leaves_what_was() {
    let events = [
        event(1, "2026-01-05", State::Given, Channel::Email),
        event(2, "2026-01-20", State::Withdrawn, Channel::Email),
    ];
    let before =
        Question { at: at("2026-01-20T11:59:59Z"), ..question(Channel::Email, "2026-02-01") };
    let from = Question { at: at("2026-01-20T12:00:00Z"), ..before };
    assert_eq!(why(answer(&events, known(), &before)), None);
    assert_eq!(why(answer(&events, known(), &from)), Some(Why::Withdrawn));
}

#[test]
fn con_14_consent_ends_36_months_after_the_last_sign_of_the_person() {
    let events = [event(1, "2023-03-01", State::Given, Channel::Email)];
    let unseen = Known { last_contact: None, ..known() };
    for (known, last, after) in [
        (unseen, "2026-03-01", "2026-03-02"),
        (Known { last_contact: Some(noon("2024-03-10")), ..unseen }, "2027-03-10", "2027-03-11"),
        // A sign before the consent shortens nothing.
        (Known { last_contact: Some(noon("2020-01-01")), ..unseen }, "2026-03-01", "2026-03-02"),
    ] {
        assert_eq!(why(answer(&events, known, &question(Channel::Email, last))), None);
        let late = answer(&events, known, &question(Channel::Email, after));
        assert_eq!(why(late), Some(Why::Expired));
    }
    let short = [event(1, "2026-01-05", State::Given, Channel::Email).valid_for(12).unwrap()];
    assert_eq!(why(answer(&short, unseen, &question(Channel::Email, "2027-01-05"))), None);
    let late = answer(&short, unseen, &question(Channel::Email, "2027-01-06"));
    assert_eq!(why(late), Some(Why::Expired));
    for months in [0, 37] {
        let refused = event(1, "2026-01-05", State::Given, Channel::Email).valid_for(months);
        assert_eq!(refused.err(), Some(HistoryError::Validity));
    }
}

#[test]
fn without_evidence_nothing_is_permitted() {
    let given = event(1, "2026-01-05", State::Given, Channel::Email).with_proof(Proof::Unproven);
    let ask = question(Channel::Email, "2026-02-01");
    assert_eq!(why(answer(std::slice::from_ref(&given), known(), &ask)), Some(Why::Unproven));
    // An older one with evidence still carries, and a no needs no evidence.
    let older = event(2, "2025-12-01", State::Given, Channel::Email);
    assert_eq!(why(answer(&[older, given.clone()], known(), &ask)), None);
    let no = event(3, "2025-12-01", State::Refused, Channel::Email).with_proof(Proof::Unproven);
    assert_eq!(why(answer(&[no, given], known(), &ask)), Some(Why::Refused));
}

/// What is decided about an agreement that this evidence shows.
fn shown(channel: Channel, method: Method, evidence: Value) -> Option<Why> {
    let evidence: Evidence = serde_json::from_value(evidence).unwrap();
    let given = event(1, "2026-09-05", State::Given, channel).shown_by(method, &evidence);
    why(answer(&[given], known(), &question(channel, "2026-10-01")))
}

#[test]
fn con_19_a_call_that_nothing_shows_permits_nothing() {
    let digest = Bytes::new([7; 32]).to_string();
    let recording =
        json!({"reference": "r", "segment_at": 100, "started_at": 101, "announced": true});
    let call = |recording: &Value, confirmation: &Value, answer: &str| {
        json!({
            "kind": "call", "number": digest, "agent": "A-12", "script": digest,
            "answer": answer, "confirmation": confirmation, "recording": recording,
        })
    };
    let (none, sent) = (Value::Null, json!("sms-77"));
    for (method, evidence, expected) in [
        (Method::RecordedCall, call(&recording, &none, "oui"), None),
        (Method::WrittenConfirmation, call(&none, &sent, "oui"), None),
        (Method::RecordedCall, call(&none, &none, "oui"), Some(Why::Unproven)),
        (Method::WrittenConfirmation, call(&none, &none, "oui"), Some(Why::Unproven)),
        (Method::WrittenConfirmation, call(&none, &sent, ""), Some(Why::Unproven)),
    ] {
        assert_eq!(shown(Channel::Phone, method, evidence), expected, "{method}");
    }
}

#[test]
fn con_21_a_visit_without_signature_or_receipt_permits_nothing() {
    let digest = json!(Bytes::new([7; 32]).to_string());
    let visit = |signature: &Value, receipt: Value| {
        json!({
            "kind": "visit", "representative": "R-4", "employer": "732829320", "place": "Lyon",
            "signature": signature, "receipt": receipt,
        })
    };
    for (evidence, expected) in [
        (visit(&digest, json!("c-18")), None),
        (visit(&digest, Value::Null), Some(Why::Unproven)),
        (visit(&Value::Null, json!("c-18")), Some(Why::Unproven)),
    ] {
        assert_eq!(shown(Channel::Email, Method::TabletSignature, evidence), expected);
    }
}

#[test]
fn a_supplier_that_cannot_prove_is_stopped_at_once() {
    let events = [event(1, "2026-01-05", State::Given, Channel::Email).collected_by(other())];
    let ask = question(Channel::Email, "2026-02-01");
    assert_eq!(why(answer(&events, known(), &ask)), None);
    let suspended = [other()];
    let ask = Question { suspended: &suspended, ..ask };
    assert_eq!(why(answer(&events, known(), &ask)), Some(Why::Suspended));
}

#[test]
fn an_opposition_outlives_what_others_upload_later() {
    let given = |day| event(1, day, State::Given, Channel::Email);
    let ask = question(Channel::Email, "2026-02-01");
    for (scope, origin, day, expected) in [
        // A file that comes later with an older consent, and a consent given later to the same company.
        (Scope::Along(brand()), Origin::Person, "2026-01-05", Some(Why::Opposed)),
        (Scope::Along(brand()), Origin::Person, "2026-01-12", None),
        (Scope::Along(dealer()), Origin::Person, "2026-01-05", Some(Why::Opposed)),
        (Scope::Along(other()), Origin::Person, "2026-01-05", None),
        (Scope::Everywhere, Origin::Person, "2026-01-05", Some(Why::Opposed)),
        (Scope::Everywhere, Origin::Person, "2026-01-12", Some(Why::Opposed)),
        (Scope::Everywhere, Origin::List, "2026-01-05", Some(Why::Opposed)),
        (Scope::Everywhere, Origin::List, "2026-01-12", None),
    ] {
        let oppositions = [opposition("2026-01-10", scope, origin)];
        let events = [given(day)];
        let subject = Subject { events: &events, oppositions: &oppositions, known: known() };
        let decision = decide(&Rules::france(), &subject, &ask);
        assert_eq!(why(decision), expected, "{scope:?} {origin:?} {day}");
        let early = Question { at: noon("2026-01-09"), ..ask };
        let earlier = decide(&Rules::france(), &subject, &early);
        assert_eq!(why(earlier), (day != "2026-01-05").then_some(Why::NoConsent));
    }
}

#[test]
fn what_is_restricted_stays() {
    let events = [event(1, "2026-01-05", State::Given, Channel::Email)];
    let known = Known { restricted: true, ..known() };
    let decision = answer(&events, known, &question(Channel::Email, "2026-02-01"));
    assert_eq!(why(decision), Some(Why::Restricted));
}

#[test]
fn an_opposition_is_kept_for_three_years_at_least() {
    let id = tiers_protocol::ids::OppositionId::from_bytes([1; 16]);
    let kept = |until| {
        let when = (id, noon("2026-01-01"), noon(until));
        Opposition::new(when, Scope::Everywhere, None, Origin::Person).err()
    };
    assert_eq!(kept("2028-12-31"), Some(HistoryError::KeptTooShort));
    assert_eq!(kept("2029-01-01"), None);
}

/// A set of rules with one line changed.
fn changed(from: &str, to: &str) -> Result<Rules, RulesError> {
    let text = include_str!("../../../../../policies/consent/france.toml");
    assert!(text.contains(from), "{from}");
    Rules::from_toml(&text.replacen(from, to, 1))
}

#[test]
fn rules_that_leave_a_gap_or_say_nothing_are_refused() {
    assert_eq!(Rules::france().name(), ("france", 1));
    for (from, to, code) in [
        ("\"2026-08-11\"", "\"2026-08-12\"", "rules.gap"),
        ("\"2026-08-10\"", "\"2026-08-09\"", "rules.gap"),
        (
            "\"post\"]\naudiences = [\"consumer\"]",
            "\"sms\"]\naudiences = [\"consumer\"]",
            "rules.gap",
        ),
        ("regime = \"opt_out\"", "regime = \"opt_in\"", "rules.idle"),
        ("channels = [\"post\"]", "channels = []", "rules.idle"),
        ("CPCE art. L. 34-5 al. 1", " ", "rules.unnamed"),
        ("fr.professional", "fr.matching", "rules.unnamed"),
        ("consent-rules/1", "consent-rules/2", "rules.format"),
        ("regime = \"opt_in\"", "regime = \"opt_maybe\"", "rules.syntax"),
        ("scrub_days = 30", "scrub_weeks = 4", "rules.syntax"),
    ] {
        let code_found = changed(from, to).err().map(|error| error.code());
        assert_eq!(code_found, Some(code), "{from}");
    }
}

#[test]
fn every_rule_decides_something_and_says_where_it_comes_from() {
    let rules = Rules::france();
    let mut found = BTreeSet::new();
    for day in ["2025-01-01", "2026-01-01", "2026-09-01"] {
        for &purpose in Purpose::ALL {
            for &channel in Channel::ALL {
                for &audience in Audience::ALL {
                    for &sector in Sector::ALL {
                        let ask = Question { purpose, audience, sector, ..question(channel, day) };
                        found.insert(rule(answer(&[], known(), &ask)));
                    }
                }
            }
        }
    }
    let all: BTreeSet<String> = rules.all().iter().map(|rule| rule.id().to_owned()).collect();
    assert_eq!(found, all);
    for rule in rules.all() {
        assert!(rule.source().starts_with("https://") && !rule.article().is_empty());
    }
}
