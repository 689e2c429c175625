//! Withdrawal: a link, one click, no account; everybody of the chain is told, acknowledges, or is
//! escalated.

use tiers_protocol::consent::State;
use tiers_protocol::consent::wire::{ConsentHistory, NoticeInfo};

use super::evidence::record_of;
use super::{BRAND, Market, event, person, why};
use crate::harness::client::Client;

fn notices(client: &Client) -> Vec<NoticeInfo> {
    client.get("/v1/notices").json()
}

#[test]
fn con_11_one_page_and_one_click_without_an_account_take_it_back() {
    let market = Market::open();
    let (ada, now) = (person("ada@example.com"), market.now());
    let recorded = market.record(market.web_form(), vec![event(&ada, now, State::Given)]);
    let path = format!("/w/{}", recorded.links[0]);
    let anybody = market.server.anonymous();
    let page = anybody.get(&path);
    let text = String::from_utf8(page.ok().bytes.clone()).unwrap();
    if let Some(folder) = std::env::var_os("TIERS_PAGES") {
        std::fs::write(std::path::Path::new(&folder).join("withdrawal.html"), &text).unwrap();
    }
    assert!(page.media.starts_with("text/html"));
    assert_eq!((text.matches("<button").count(), text.matches("<input").count()), (1, 0));
    assert!(
        text.contains("Société 1") && text.contains("Société 3") && text.contains("lang=\"fr\"")
    );
    assert!(!text.contains("ada"));
    // To look is not to withdraw: scanners of mail follow links.
    assert_eq!(why(&market.ask(&ada, BRAND, None)), "");
    market.server.clock().advance_seconds(5);
    let done = anybody.send("POST", &path, &[], b"");
    assert!(!String::from_utf8(done.ok().bytes.clone()).unwrap().contains("<button"));
    assert_eq!(why(&market.ask(&ada, BRAND, None)), "withdrawn");
    // Before, it was lawful, and the proof stays.
    assert_eq!(why(&market.ask(&ada, BRAND, Some(now))), "");
    anybody.send("POST", &path, &[], b"").ok();
    let query = serde_json::json!({"tokens": ada, "reason": "control"});
    let history: ConsentHistory = market.dealer.client.post("/v1/consents/history", &query).json();
    assert_eq!(history.events.len(), 2, "the second click added nothing");
}

#[test]
fn a_word_that_is_altered_in_any_place_opens_nothing() {
    let market = Market::open();
    let ada = person("ada@example.com");
    let recorded = market.record(market.web_form(), vec![event(&ada, market.now(), State::Given)]);
    let word = &recorded.links[0];
    for place in 0..word.len() {
        let mut other = word.clone().into_bytes();
        other[place] = if other[place] == b'A' { b'B' } else { b'A' };
        let other = String::from_utf8(other).unwrap();
        let answer = market.server.anonymous().send("POST", &format!("/w/{other}"), &[], b"");
        assert_eq!(answer.outcome(), (404, "object.not_found".to_owned()), "{place}");
    }
    assert_eq!(why(&market.ask(&ada, BRAND, None)), "");
}

#[test]
fn a_withdrawal_reaches_sender_and_recipient_and_after_72_hours_the_officer() {
    let market = Market::open();
    let ada = person("ada@example.com");
    let recorded = market.record(market.web_form(), vec![event(&ada, market.now(), State::Given)]);
    market.server.clock().advance_seconds(60);
    let path = format!("/w/{}", recorded.links[0]);
    market.server.anonymous().send("POST", &path, &[], b"").ok();
    let record = record_of(&recorded.links[0]).to_string();
    for party in [&market.dealer, &market.brand] {
        let told = notices(&party.client);
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].kind, "consent.ended");
        assert_eq!(told[0].document["records"], serde_json::json!([record]));
    }
    assert!(notices(&market.rival.client).is_empty());
    let own = &notices(&market.dealer.client)[0];
    let address = format!("/v1/notices/{}", own.notice);
    assert_eq!(market.brand.client.send("POST", &address, &[], b"").outcome().0, 404);
    market.dealer.client.send("POST", &address, &[], b"").ok();
    market.dealer.client.send("POST", &address, &[], b"").ok();
    // 72 hours, less a second, then whole.
    let certifier = market.server.certifier();
    market.server.clock().advance_seconds(72 * 3_600 - 1);
    certifier.upkeep().unwrap();
    assert!(notices(&market.officer.client).is_empty());
    market.server.clock().advance_seconds(1);
    certifier.upkeep().unwrap();
    certifier.upkeep().unwrap();
    let late = notices(&market.officer.client);
    assert_eq!(late.len(), 1);
    assert_eq!(late[0].party, market.brand.id);
    let acts = market.officer.acts_about_persons();
    let count = |state: &str| {
        let of = |act: &&tiers_protocol::wire::Act| {
            let detail = act.detail.clone().unwrap_or_default();
            act.act == "notice.recorded" && detail["state"] == state
        };
        acts.iter().filter(of).count()
    };
    assert_eq!((count("acknowledged"), count("escalated")), (1, 1));
}

#[test]
fn a_no_that_the_sender_records_is_told_to_the_recipient_only() {
    let market = Market::open();
    let (form, ada) = (market.web_form(), person("ada@example.com"));
    market.record(form, vec![event(&ada, market.now() - 60, State::Given)]);
    market.record(form, vec![event(&ada, market.now(), State::Withdrawn)]);
    assert_eq!(notices(&market.brand.client).len(), 1);
    assert!(notices(&market.dealer.client).is_empty());
    // Where nothing was handed on, nobody is told.
    let eve = person("eve@example.com");
    market.record(form, vec![event(&eve, market.now(), State::Refused)]);
    assert_eq!(notices(&market.brand.client).len(), 1);
}
