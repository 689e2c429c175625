//! A request that reaches the certifier goes on to the controllers for whom it works, and nobody is asked for
//! papers on the way.

use serde_json::{Value, json};
use tiers::time::Clock as _;
use tiers_protocol::consent::State;
use tiers_protocol::consent::wire::NoticeInfo;
use tiers_protocol::request::{RequestAnswer, RequestInfo};

use super::{Market, event, person};
use crate::harness::client::{Answer, Client};

fn asked(market: &Market, client: &Client, at: i64) -> RequestAnswer {
    let rights = person("ada@example.com");
    let new = json!({"kind": "access", "received_at": at, "rights": rights, "programmes": []});
    let _ = market;
    client.post("/v1/requests", &new).json()
}

fn step(client: &Client, of: &RequestInfo, step: &Value) -> Answer {
    client.post(&format!("/v1/requests/{}", of.request), step)
}

fn all(client: &Client) -> Vec<RequestInfo> {
    client.get("/v1/requests").json()
}

#[test]
fn dsr_08_a_request_at_the_certifier_goes_on_to_the_controller_with_its_first_day() {
    let market = Market::open();
    let ada = person("ada@example.com");
    let now = market.now();
    market.record(market.web_form(), vec![event(&ada, now - 60, State::Given)]);
    let (officer, dealer) = (&market.officer.client, &market.dealer);
    let answer = asked(&market, officer, now);
    // The ticket says until when it is passed on, and what was found says to whom.
    let open = &answer.request;
    let by: jiff::civil::Date = open.pass_on_by.as_deref().unwrap().parse().unwrap();
    let days = market.server.clock().now().date().until(by).unwrap().get_days();
    assert!((2..=6).contains(&days) && !open.pass_on_late);
    let named: Vec<_> = answer.controllers.iter().map(|one| one.party).collect();
    assert_eq!(named, [dealer.id]);
    // A company is told nothing of others, and passes nothing on.
    let own = asked(&market, &dealer.client, now);
    assert!(own.controllers.is_empty() && own.request.pass_on_by.is_none());
    let to_dealer = json!({"step": "pass_on", "controllers": [dealer.id]});
    let refused = step(&dealer.client, &own.request, &to_dealer);
    assert_eq!(refused.outcome(), (403, "auth.forbidden".to_owned()));
    let nobody = step(officer, open, &json!({"step": "pass_on", "controllers": []}));
    assert_eq!(nobody.outcome(), (422, "subject.request".to_owned()));
    assert_eq!(all(officer).iter().filter(|one| one.state == "passed_on").count(), 0);
    // A week later it is late, and is passed on all the same.
    market.server.clock().advance_days(7);
    let late = all(officer).into_iter().find(|one| one.request == open.request).unwrap();
    assert!(late.pass_on_late);
    let passed: RequestInfo = step(officer, open, &to_dealer).json();
    assert_eq!((passed.state.as_str(), passed.pass_on_by), ("passed_on", None));
    let again = step(officer, open, &to_dealer);
    assert_eq!(again.outcome(), (409, "subject.closed".to_owned()));
    // The controller has a ticket of its own: whose it is, where it comes from, the first day's term.
    let tickets = all(&dealer.client);
    let ticket = tickets.iter().find(|one| one.passed_from == Some(open.request)).unwrap();
    assert_eq!(ticket.controller.as_ref().unwrap().party, dealer.id);
    assert_eq!((&ticket.received_at, &ticket.due_on), (&open.received_at, &open.due_on));
    assert_eq!(ticket.state, "open");
    let told: Vec<NoticeInfo> = dealer.client.get("/v1/notices").json();
    let told = told.iter().find(|one| one.kind == "request.passed_on").unwrap();
    assert_eq!(told.document["request"], json!(ticket.request));
    assert_eq!(told.document["due_on"], json!(ticket.due_on));
    // Others see nothing of it; the controller answers, and the clock ends.
    assert!(all(&market.rival.client).is_empty());
    let answered: RequestInfo = step(&dealer.client, ticket, &json!({"step": "answered"})).json();
    assert_eq!(answered.state, "answered");
}

#[test]
fn dsr_04_no_paper_is_asked_for_without_a_written_doubt() {
    let market = Market::open();
    // The default flow has no place for a paper: neither the request nor any step takes one.
    let document: Value = market.officer.client.get("/openapi.json").json();
    let schema = &document["components"]["schemas"]["NewRequest"];
    assert_eq!(schema["additionalProperties"], json!(false));
    let mut fields: Vec<&str> =
        schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["kind", "programmes", "received_at", "rights", "told_at"]);
    let mut new = json!({
        "kind": "access", "received_at": market.now(), "rights": [], "programmes": [],
    });
    new["identity_paper"] = json!("c2Nhbg");
    assert_eq!(market.dealer.client.post("/v1/requests", &new).outcome().0, 400);
    // More is asked on a doubt that is written down, and then the person is told which.
    let asked = asked(&market, &market.dealer.client, market.now());
    assert_eq!(asked.request.doubt, None);
    let doubt = |why: &str| json!({"step": "identity", "doubt": why});
    for none in ["", "   "] {
        let refused = step(&market.dealer.client, &asked.request, &doubt(none));
        assert_eq!(refused.outcome(), (422, "request.extension_reason".to_owned()));
    }
    let why = "the code went to an address that the person says is another's";
    let paper = json!({"step": "identity", "doubt": why, "paper": "c2Nhbg"});
    assert_eq!(step(&market.dealer.client, &asked.request, &paper).outcome().0, 400);
    let noted: RequestInfo = step(&market.dealer.client, &asked.request, &doubt(why)).json();
    assert_eq!(noted.doubt.as_deref(), Some(why));
    assert_eq!(noted.due_on, asked.request.due_on, "the month goes on running");
    let listed = all(&market.dealer.client);
    assert_eq!(listed[0].doubt.as_deref(), Some(why));
}
