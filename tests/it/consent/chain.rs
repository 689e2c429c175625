//! What a person says to one company reaches the others of the chain, in time, and no later file undoes it.

use serde_json::json;
use tiers_protocol::consent::State;
use tiers_protocol::consent::wire::NoticeInfo;

use super::{BRAND, DEALER, Market, RIVAL, event, form, number, party, person, why};
use crate::harness::client::Client;

fn notices(client: &Client) -> Vec<NoticeInfo> {
    client.get("/v1/notices").json()
}

/// A form by which the dealer hands on to both others.
fn wide(market: &Market) -> tiers_protocol::ids::FormId {
    let mut wide = form("web_form");
    wide["recipients"] = json!([party(BRAND, "recipient"), party(RIVAL, "recipient")]);
    wide["notice"]["text"] = json!(
        "Société 1 transmet votre adresse à Société 2 et Société 3. Vous pouvez retirer votre \
         consentement."
    );
    market.publish(&wide).form
}

#[test]
fn exc_16_an_objection_to_one_recipient_reaches_the_source_and_one_to_the_source_everybody() {
    let market = Market::open();
    let [ada, eve, joe] = ["ada", "eve", "joe"].map(|name| person(&format!("{name}@example.com")));
    let form = wide(&market);
    let given = [&ada, &eve, &joe].map(|of| event(of, market.now() - 60, State::Given));
    market.record(form, given.into());
    let object = |who: &crate::harness::roles::Company, more: serde_json::Value, of: &_| {
        let mut new = json!({"persons": [{"tokens": of, "at": market.now()}]});
        for (name, value) in more.as_object().unwrap() {
            new[name] = value.clone();
        }
        who.client.post("/v1/oppositions", &new).ok();
    };
    let counts =
        || [&market.dealer, &market.brand, &market.rival].map(|of| notices(&of.client).len());
    // Ada writes to the brand alone: the dealer is told, the rival goes on.
    object(&market.brand, json!({"along": number(BRAND)}), &ada);
    assert_eq!(counts(), [1, 0, 0]);
    assert_eq!(why(&market.ask(&ada, BRAND, None)), "opposed");
    assert_eq!(why(&market.ask(&ada, RIVAL, None)), "");
    // Eve writes to the dealer: both recipients are told.
    object(&market.dealer, json!({"along": number(DEALER)}), &eve);
    assert_eq!(counts(), [1, 1, 1]);
    // Joe objects to everybody, through the rival: one request suffices.
    object(&market.rival, json!({}), &joe);
    assert_eq!(counts(), [2, 2, 1]);
    let told = &notices(&market.dealer.client)[0];
    assert_eq!(told.kind, "person.objected");
    assert_eq!(told.document["records"].as_array().unwrap().len(), 1);
    assert!(!told.document.to_string().contains("example.com"));
    // By another means, or of somebody nobody knows: nobody is told. A list is no message to them.
    object(&market.dealer, json!({"channel": "phone"}), &ada);
    object(&market.dealer, json!({}), &person("nobody@example.com"));
    let list = json!({"source": {"list": "Bloctel", "certificate": "2025-77"}});
    object(&market.dealer, list, &eve);
    assert_eq!(counts(), [2, 2, 1]);
}

#[test]
fn exc_17_told_at_once_late_after_a_day_and_after_three_at_both_ends_and_the_officer() {
    let market = Market::open();
    let ada = person("ada@example.com");
    let form = market.web_form();
    market.record(form, vec![event(&ada, market.now() - 60, State::Given)]);
    market.record(form, vec![event(&ada, market.now(), State::Withdrawn)]);
    let told = || notices(&market.brand.client).into_iter().next_back().unwrap();
    let clock = market.server.clock();
    let upkeep = || {
        market.server.certifier().upkeep().unwrap();
    };
    // In the transaction of the withdrawal itself: well within the hour.
    assert_eq!(told().created_at, tiers::time::Clock::now(clock).to_string());
    clock.advance_seconds(24 * 3_600);
    assert!(!told().late);
    clock.advance_seconds(1);
    assert!(told().late, "a day and a second");
    clock.advance_seconds(48 * 3_600 - 2);
    upkeep();
    assert!(
        notices(&market.officer.client).is_empty() && notices(&market.dealer.client).is_empty()
    );
    clock.advance_seconds(1);
    upkeep();
    assert_eq!(notices(&market.officer.client).len(), 1);
    for end in [&market.dealer, &market.brand] {
        let newest = &notices(&end.client)[0];
        assert_eq!(newest.kind, "notice.unanswered");
        assert_eq!(newest.document["notice"], json!(told().notice));
        assert_eq!(newest.document["party"], json!(market.brand.id));
    }
    // That nobody answers that either goes to the officer, and makes no more notices.
    clock.advance_seconds(72 * 3_600);
    upkeep();
    clock.advance_seconds(72 * 3_600);
    upkeep();
    assert_eq!(notices(&market.officer.client).len(), 3);
    assert_eq!(notices(&market.dealer.client).len(), 1);
    // Acknowledged in the end, it stays one that was late.
    let path = format!("/v1/notices/{}", told().notice);
    market.brand.client.send("POST", &path, &[], b"").ok();
    assert!(told().late && told().acknowledged_at.is_some());
}

#[test]
fn exc_18_no_later_file_brings_back_who_withdrew() {
    let market = Market::open();
    let (ada, form) = (person("ada@example.com"), market.web_form());
    let given = market.now() - 3_600;
    let recorded = market.record(form, vec![event(&ada, given, State::Given)]);
    market.server.clock().advance_seconds(60);
    let link = format!("/w/{}", recorded.links[0]);
    market.server.anonymous().send("POST", &link, &[], b"").ok();
    assert_eq!(why(&market.ask(&ada, BRAND, None)), "withdrawn");
    market.server.clock().advance_seconds(3_600);
    // The dealer's next file has the old answer again, with another instant before the withdrawal.
    market.record(form, vec![event(&ada, given + 30, State::Given)]);
    assert_eq!(why(&market.ask(&ada, BRAND, None)), "withdrawn");
    // Another partner, who was not told, brings the same contact: it says where it is from and no more.
    let facts = json!({"facts": [{
        "tokens": ada, "informed_at": market.now(), "last_contact": market.now(),
    }]});
    market.rival.client.post("/v1/consents/facts", &facts).ok();
    let by_rival = market.asked(&market.rival, &ada, (RIVAL, BRAND), None);
    assert_eq!(why(&by_rival.json()), "no_consent");
    assert_eq!(why(&market.ask(&ada, BRAND, None)), "withdrawn");
    // Only a later answer of the person itself does.
    market.record(form, vec![event(&ada, market.now(), State::Given)]);
    assert_eq!(why(&market.ask(&ada, BRAND, None)), "");
}
