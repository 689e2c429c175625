//! Oppositions: along a chain, everywhere, from a list; nobody overrides them, later files do not undo
//! them, and they are kept for three years.

use serde_json::{Value, json};
use tiers_protocol::consent::State;
use tiers_protocol::consent::wire::RecordedOppositions;
use tiers_protocol::wire::PersonToken;

use super::{BRAND, Market, RIVAL, event, form, number, party, person, why};

fn object(market: &Market, of: &[PersonToken], more: &Value) -> RecordedOppositions {
    let mut new = json!({"persons": [{"tokens": of, "at": market.now()}]});
    for (name, value) in more.as_object().unwrap() {
        new[name] = value.clone();
    }
    market.dealer.client.post("/v1/oppositions", &new).json()
}

#[test]
fn dsr_07_dsr_13_an_objection_everywhere_holds_whatever_comes_later() {
    let market = Market::open();
    let (form, ada) = (market.web_form(), person("ada@example.com"));
    // Nothing is held of her, and nobody can tell who she is: the objection is taken all the same.
    object(&market, &ada, &json!({}));
    market.server.clock().advance_seconds(60);
    market.record(form, vec![event(&ada, market.now(), State::Given)]);
    let decision = market.ask(&ada, BRAND, None);
    assert_eq!(why(&decision), "opposed");
    assert!(decision.opposition.is_some());
    // No route takes it away again, in whatever role.
    let document: Value = market.server.anonymous().get("/openapi.json").json();
    let paths = document["paths"].as_object().unwrap();
    let deleting = paths.values().filter(|methods| methods.get("delete").is_some()).count();
    assert_eq!(deleting, 0);
    assert_eq!(paths["/v1/oppositions"].as_object().unwrap().len(), 1);
}

#[test]
fn an_objection_along_a_chain_stops_that_chain_and_yields_to_a_later_yes() {
    let market = Market::open();
    let ada = person("ada@example.com");
    let mut wide = form("web_form");
    wide["recipients"] = json!([party(BRAND, "recipient"), party(RIVAL, "recipient")]);
    wide["notice"]["text"] = json!(
        "Société 1 transmet votre adresse à Société 2 et Société 3. Vous pouvez retirer votre \
         consentement."
    );
    let form = market.publish(&wide).form;
    market.record(form, vec![event(&ada, market.now(), State::Given)]);
    // The brand is told; what the dealer hands to the rival goes on.
    let new = json!({
        "along": number(BRAND), "persons": [{"tokens": ada, "at": market.now()}],
    });
    market.brand.client.post("/v1/oppositions", &new).ok();
    assert_eq!(why(&market.ask(&ada, BRAND, None)), "opposed");
    assert_eq!(why(&market.ask(&ada, RIVAL, None)), "");
    let foreign = market.dealer.client.post("/v1/oppositions", &new);
    assert_eq!(foreign.outcome(), (403, "consent.not_own".to_owned()));
    market.server.clock().advance_seconds(60);
    market.record(form, vec![event(&ada, market.now(), State::Reconfirmed)]);
    assert_eq!(why(&market.ask(&ada, BRAND, None)), "");
}

#[test]
fn a_list_stops_one_channel_and_names_its_certificate() {
    let market = Market::open();
    let ada = person("ada@example.com");
    let now = market.now();
    market.record(market.web_form(), vec![event(&ada, now - 60, State::Given)]);
    let bloctel = json!({
        "channel": "phone", "source": {"list": "Bloctel", "certificate": "2025-77"},
    });
    object(&market, &ada, &bloctel);
    assert_eq!(why(&market.ask(&ada, BRAND, None)), "", "the list is about telephones");
    let mut by_mail = bloctel;
    by_mail["channel"] = json!("email");
    let first = object(&market, &ada, &by_mail);
    assert_eq!(why(&market.ask(&ada, BRAND, None)), "opposed");
    let again = object(&market, &ada, &by_mail);
    assert!(again.repeated && again.entry == first.entry);
    by_mail["source"]["certificate"] = json!(" ");
    by_mail["persons"] = json!([{"tokens": ada, "at": now}]);
    let unnamed = market.dealer.client.post("/v1/oppositions", &by_mail);
    assert_eq!(unnamed.outcome(), (422, "opposition.invalid".to_owned()));
}

#[test]
fn an_opposition_is_kept_for_three_years_and_more_where_somebody_says_so() {
    let market = Market::open();
    let ada = person("ada@example.com");
    let standard = object(&market, &ada, &json!({}));
    assert_eq!(standard.until, "2028-09-03T12:00:00Z");
    let long = object(&market, &ada, &json!({"years": 10}));
    assert_eq!(long.until, "2035-09-09T12:00:00Z");
    for years in [0, 2, 31] {
        let new = json!({"years": years, "persons": [{"tokens": ada, "at": market.now()}]});
        let answer = market.dealer.client.post("/v1/oppositions", &new);
        assert_eq!(answer.outcome(), (422, "opposition.invalid".to_owned()), "{years}");
    }
}
