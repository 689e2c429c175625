//! The record that is frozen under `tests/formats/consent-v1` is one that the certifier gives out; there the
//! published schemas are held against it, by somebody else's validator.

use serde_json::{Value, json};
use tiers_protocol::consent::wire::ConsentDocuments;
use tiers_protocol::consent::{ConsentRecord, State};

use super::evidence::record_of;
use super::{Market, event, person};

/// A record as the certifier gives it out: agreed on a form, and ended by the company.
fn given_out() -> ConsentRecord {
    let market = Market::open();
    let ada = person("ada@example.com");
    let form = market.web_form();
    let at = market.now();
    market.record(form, vec![event(&ada, at - 60, State::Given)]);
    let mut ended = event(&ada, at, State::Terminated);
    ended.entity = Some(super::number(super::DEALER));
    let path = format!("/v1/consents/{}", record_of(&market.record(form, vec![ended]).links[0]));
    let documents: ConsentDocuments = market.dealer.client.get(&path).json();
    documents.receipt.record
}

#[test]
fn the_frozen_record_is_one_that_the_certifier_gives_out() {
    let record = given_out();
    assert_eq!(record.check(), Ok(()));
    let mut given = serde_json::to_value(record).unwrap();
    let text = include_str!("../../formats/consent-v1/record.json");
    let frozen: Value = serde_json::from_str(text).unwrap();
    // Ids and moments are of the day.
    for place in ["/record", "/principal", "/events/0/entity", "/events/0/at", "/events/1/at"] {
        let (new, old) = (given.pointer_mut(place).unwrap(), frozen.pointer(place).unwrap());
        assert!(new.is_string() == old.is_string(), "{place}");
        *new = old.clone();
    }
    assert_eq!(given["events"][1]["type"], json!("declared"));
    assert_eq!(given, frozen, "{given:#}");
}
