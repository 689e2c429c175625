//! Histories: the event that governs at an instant, who may see it, and what lies on the disk of it.

use serde_json::json;
use tiers_protocol::consent::wire::ConsentHistory;
use tiers_protocol::consent::{Channel, State};

use super::evidence::record_of;
use super::{BRAND, DEALER, Market, RIVAL, event, form, person, why};
use crate::harness::client::Client;
use crate::harness::server::walk;

fn history(client: &Client, of: &[tiers_protocol::wire::PersonToken]) -> ConsentHistory {
    client.post("/v1/consents/history", &json!({"tokens": of, "reason": "a letter of hers"})).json()
}

#[test]
fn con_01_con_10_at_every_instant_one_record_governs_and_no_proof_goes() {
    let market = Market::open();
    let (form, ada) = (market.web_form(), person("ada@example.com"));
    let now = market.now();
    let given = market.record(form, vec![event(&ada, now - 200, State::Given)]);
    let taken_back = market.record(form, vec![event(&ada, now - 100, State::Withdrawn)]);
    let governs = |at| {
        let decision = market.ask(&ada, BRAND, Some(at));
        (why(&decision).to_owned(), decision.record)
    };
    assert_eq!(governs(now - 201), ("no_consent".to_owned(), None));
    let (first, second) = (record_of(&given.links[0]), record_of(&taken_back.links[0]));
    assert_eq!(governs(now - 200), (String::new(), Some(first)));
    assert_eq!(governs(now - 101), (String::new(), Some(first)));
    assert_eq!(governs(now - 100), ("withdrawn".to_owned(), Some(second)));
    assert_eq!(governs(now), ("withdrawn".to_owned(), Some(second)));
    let seen = history(&market.dealer.client, &ada);
    let states: Vec<_> = seen.events.iter().map(|event| event.state).collect();
    assert_eq!(states, [State::Given, State::Withdrawn]);
    assert!(seen.events.iter().all(|event| event.proven && event.channel == Channel::Email));
}

#[test]
fn con_06_consent_for_one_channel_is_none_for_another() {
    let market = Market::open();
    let ada = person("ada@example.com");
    market.record(market.web_form(), vec![event(&ada, market.now(), State::Given)]);
    for channel in Channel::ALL {
        let query = json!({
            "tokens": ada, "sender": super::number(DEALER), "recipient": super::number(BRAND),
            "purpose": "transmission", "channel": channel, "sector": "general",
            "audience": "consumer",
        });
        let answer = market.dealer.client.post("/v1/consents/decision", &query);
        let decision: tiers_protocol::consent::wire::DecisionInfo = answer.json();
        assert_eq!(decision.allowed, *channel == Channel::Email, "{channel}");
    }
}

#[test]
fn con_09_a_recipient_hands_nothing_on_by_the_first_consent() {
    let market = Market::open();
    let ada = person("ada@example.com");
    market.record(market.web_form(), vec![event(&ada, market.now(), State::Given)]);
    assert_eq!(why(&market.ask(&ada, BRAND, None)), "");
    let onward = market.asked(&market.brand, &ada, (BRAND, RIVAL), None).json();
    assert_eq!(why(&onward), "no_consent");
    // Where the law asks for information only, whose contact it is still counts.
    let fact = json!({"facts": [{
        "tokens": ada, "informed_at": market.now(), "collected_by": super::number(DEALER),
        "last_contact": market.now(),
    }]});
    market.brand.client.post("/v1/consents/facts", &fact).ok();
    let query = json!({
        "tokens": ada, "sender": super::number(BRAND), "recipient": super::number(RIVAL),
        "purpose": "transmission", "channel": "post", "sector": "general", "audience": "consumer",
    });
    let by_post = market.brand.client.post("/v1/consents/decision", &query).json();
    assert_eq!(why(&by_post), "onward");
}

#[test]
fn con_14_consent_ends_36_months_after_the_last_sign_of_the_person() {
    let market = Market::open();
    let ada = person("ada@example.com");
    market.record(market.web_form(), vec![event(&ada, market.now(), State::Given)]);
    // 1 September 2025, 36 months later and a day.
    for (days, expected) in [(1_096, ""), (1, "expired")] {
        market.server.clock().advance_days(days);
        assert_eq!(why(&market.ask(&ada, BRAND, None)), expected, "{}", market.server.today());
    }
}

#[test]
fn con_13_each_of_the_eight_states_is_recorded_and_two_permit() {
    let market = Market::open();
    let form = market.web_form();
    for state in State::ALL {
        let of = person(&format!("{state}@example.com"));
        market.record(form, vec![event(&of, market.now(), *state)]);
        assert_eq!(market.ask(&of, BRAND, None).allowed, state.permits(), "{state}");
    }
}

#[test]
fn a_company_sees_the_chains_in_which_it_takes_part_and_the_reading_is_an_act() {
    let market = Market::open();
    let ada = person("ada@example.com");
    market.record(market.web_form(), vec![event(&ada, market.now(), State::Given)]);
    assert_eq!(history(&market.dealer.client, &ada).events.len(), 1);
    assert_eq!(history(&market.brand.client, &ada).events.len(), 1);
    assert_eq!(history(&market.rival.client, &ada).events.len(), 0);
    assert_eq!(history(&market.officer.client, &ada).events.len(), 1);
    let reads = market.officer.acts_about_persons();
    assert_eq!(reads.iter().filter(|act| act.act == "officer.viewed").count(), 4);
    let strange = market.asked(&market.rival, &ada, (DEALER, BRAND), None);
    assert_eq!(strange.outcome(), (403, "consent.not_own".to_owned()));
    let empty =
        market.dealer.client.post("/v1/consents/history", &json!({"tokens": ada, "reason": " "}));
    assert_eq!(empty.outcome(), (422, "acts.reason".to_owned()));
}

#[test]
fn the_same_events_are_recorded_once_and_what_cannot_be_is_refused_whole() {
    let market = Market::open();
    let (form, ada, now) = (market.web_form(), person("ada@example.com"), market.now());
    let first = market.record(form, vec![event(&ada, now, State::Given)]);
    let again = market.record(form, vec![event(&ada, now, State::Given)]);
    assert!(!first.repeated && again.repeated);
    assert_eq!((&first.links, first.entry), (&again.links, again.entry));
    let refused = |events| {
        let new = tiers_protocol::consent::wire::NewConsents { form, events };
        market.dealer.client.post("/v1/consents", &new).outcome()
    };
    let good = event(&person("eve@example.com"), now, State::Given);
    let mut all = event(&ada, now, State::Given);
    all.all_recipients = true;
    for bad in [event(&ada, now + 1, State::Given), event(&ada, 0, State::Given), all] {
        let code = "consent.events".to_owned();
        assert_eq!(refused(vec![good.clone(), bad]), (422, code));
    }
    let mut two = ada.clone();
    two.extend(person("eve@example.com"));
    let twice = event(&two, now, State::Given);
    assert_eq!(refused(vec![good, twice]), (422, "consent.tokens".to_owned()));
    let eve = person("eve@example.com");
    assert_eq!(why(&market.ask(&eve, BRAND, None)), "no_consent");
}

/// Bytes of a token, as they came and as text.
#[test]
fn no_token_of_a_rights_key_rests_as_it_came() {
    let market = Market::open();
    let ada = person("ada@example.com");
    let form = market.publish(&form("web_form"));
    market.record(form.form, vec![event(&ada, market.now(), State::Given)]);
    let object = json!({"persons": [{"tokens": ada, "at": market.now()}]});
    market.dealer.client.post("/v1/oppositions", &object).ok();
    history(&market.dealer.client, &ada);
    let (token, text) = (*ada[0].token.as_bytes(), ada[0].token.to_string());
    let folder = market.server.stopped();
    let mut files = Vec::new();
    walk(folder.path(), &mut files);
    let mut looked = 0;
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        looked += bytes.len();
        for needle in [&token[..], &token[..16], text.as_bytes()] {
            let found = bytes.windows(needle.len()).any(|window| window == needle);
            assert!(!found, "{}", file.display());
        }
    }
    assert!(looked > 10_000);
}
