//! Requests of persons: what is found, for whom; what is done; the month in which the person is answered.

use serde_json::{Value, json};
use tiers_contact::Kind;
use tiers_protocol::consent::State;
use tiers_protocol::consent::wire::NoticeInfo;
use tiers_protocol::encoding::Bytes;
use tiers_protocol::request::{RequestAnswer, RequestInfo};
use tiers_protocol::wire::PersonToken;

use super::{BRAND, Market, event, person, why};
use crate::harness::client::Client;
use crate::harness::world::{MONTH, World};

fn ask(client: &Client, kind: &str, rights: &[PersonToken], at: i64) -> RequestAnswer {
    let new = json!({
        "kind": kind, "received_at": at, "rights": rights, "programmes": [], "told_at": at,
    });
    client.post("/v1/requests", &new).json()
}

fn step(client: &Client, of: &RequestAnswer, step: &Value) -> crate::harness::client::Answer {
    client.post(&format!("/v1/requests/{}", of.request.request), step)
}

#[test]
fn dsr_01_the_month_runs_from_the_day_on_which_the_person_asked() {
    let market = Market::open();
    // Today is 1 September 2025; she wrote the day before.
    let answer = ask(&market.dealer.client, "access", &[], market.now() - 86_400);
    assert_eq!((&*answer.request.due_on, &*answer.request.state), ("2025-09-30", "open"));
    market.server.clock().advance_days(25);
    let state = || {
        let all: Vec<RequestInfo> = market.dealer.client.get("/v1/requests").json();
        (all[0].state.clone(), all[0].due_on.clone())
    };
    assert_eq!(state().0, "soon");
    let extend = json!({"step": "extend", "reasons": " "});
    let refused = step(&market.dealer.client, &answer, &extend);
    assert_eq!(refused.outcome(), (422, "request.extension_reason".to_owned()));
    let extend = json!({"step": "extend", "reasons": "forty files at once"});
    step(&market.dealer.client, &answer, &extend).ok();
    assert_eq!(state(), ("open".to_owned(), "2025-12-01".to_owned()));
    let twice = step(&market.dealer.client, &answer, &extend);
    assert_eq!(twice.outcome(), (409, "request.extension_twice".to_owned()));
    // Another is not extended once the month is over, and turns late.
    let other = ask(&market.dealer.client, "access", &[], market.now());
    market.server.clock().advance_days(32);
    let late: RequestInfo = {
        let all: Vec<RequestInfo> = market.dealer.client.get("/v1/requests").json();
        all.into_iter().find(|one| one.request == other.request.request).unwrap()
    };
    assert_eq!(late.state, "late");
    let too_late = step(&market.dealer.client, &other, &extend);
    assert_eq!(too_late.outcome(), (422, "request.extension_late".to_owned()));
    step(&market.dealer.client, &other, &json!({"step": "answered"})).ok();
    let closed = step(&market.dealer.client, &other, &json!({"step": "answered"}));
    assert_eq!(closed.outcome(), (409, "subject.closed".to_owned()));
    // Nobody else sees them.
    assert_eq!(step(&market.rival.client, &answer, &extend).outcome().0, 404);
    let seen: Vec<RequestInfo> = market.rival.client.get("/v1/requests").json();
    assert!(seen.is_empty());
}

#[test]
fn dsr_03_a_fee_needs_its_justification() {
    let market = Market::open();
    let answer = ask(&market.dealer.client, "access", &[], market.now());
    let fee = |why: &str| {
        let fee = json!({"step": "fee", "cents": 1_500, "justification": why});
        step(&market.dealer.client, &answer, &fee).outcome()
    };
    assert_eq!(fee(""), (422, "request.extension_reason".to_owned()));
    assert_eq!(fee("the tenth identical request of this month").0, 200);
}

#[test]
fn dsr_11_nothing_held_and_nobody_identified_are_answers_too() {
    let market = Market::open();
    let unknown = ask(&market.dealer.client, "access", &person("x@example.com"), market.now());
    assert_eq!(unknown.finding, "nothing_held");
    let nobody = ask(&market.dealer.client, "access", &[], market.now());
    assert_eq!(nobody.finding, "cannot_identify");
}

#[test]
fn dsr_09_dsr_10_access_names_source_recipients_and_dates() {
    let market = Market::open();
    let ada = person("ada@example.com");
    market.record(market.web_form(), vec![event(&ada, market.now(), State::Given)]);
    let answer = ask(&market.officer.client, "access", &ada, market.now());
    assert_eq!(answer.finding, "held");
    let choice = &answer.consents.events[0];
    assert_eq!(choice.recipients, [super::number(BRAND)]);
    assert_eq!(choice.at, market.now());
    // In a programme: the dealer that the rows come from, and who got statistics of them, when.
    let world = World::new();
    world.principal.deposit(&world.leads(&World::small_leads())).ok();
    world.partners[0].deposit(&world.sales(0, &World::small_sales(0))).ok();
    world.stock_sales(1);
    world.principal.release(&world.programme.id, MONTH);
    let mail = World::small_sales(0)[0].person.email();
    let tokens = in_programme(&world, &mail);
    let new = json!({
        "kind": "access", "received_at": world_now(&world), "rights": [],
        "programmes": [{"programme": world.programme.id, "tokens": tokens}],
    });
    let answer: RequestAnswer = world.officer.client.post("/v1/requests", &new).json();
    assert_eq!(answer.finding, "held");
    let own: RequestAnswer = world.partners[0].client.post("/v1/requests", &new).json();
    assert_eq!(own.deposits.len(), 1);
    assert!(answer.deposits.iter().any(|one| one.deposit == own.deposits[0].deposit));
    assert!(!answer.disclosures.is_empty());
    assert!(
        answer.disclosures.iter().all(|one| one.what == "statistics" && !one.recipient.is_empty())
    );
    // Which other file a person stands in is nobody else's business.
    let other: RequestAnswer = world.partners[1].client.post("/v1/requests", &new).json();
    assert!(other.deposits.iter().all(|one| one.deposit != own.deposits[0].deposit));
}

fn world_now(world: &World) -> i64 {
    use tiers::time::Clock as _;
    world.server.clock().now().seconds()
}

fn in_programme(world: &World, mail: &str) -> Vec<PersonToken> {
    let token = world.key.tokeniser(&world.programme.id).token(Kind::Email, mail);
    vec![PersonToken { kind: Kind::Email, token: Bytes::new(*token.as_bytes()) }]
}

#[test]
fn dsr_06_dsr_12_an_erased_person_is_found_nowhere_but_among_the_oppositions() {
    let world = World::new();
    world.principal.deposit(&world.leads(&World::small_leads())).ok();
    world.partners[0].deposit(&world.sales(0, &World::small_sales(0))).ok();
    let mail = World::small_sales(0)[0].person.email();
    let rights = person(&mail);
    let object = json!({"persons": [{"tokens": rights, "at": world_now(&world)}]});
    world.partners[0].client.post("/v1/oppositions", &object).ok();
    let new = |kind: &str| {
        json!({
            "kind": kind, "received_at": world_now(&world), "rights": rights,
            "programmes": [{
                "programme": world.programme.id, "tokens": in_programme(&world, &mail),
            }],
        })
    };
    let ask =
        |kind| -> RequestAnswer { world.officer.client.post("/v1/requests", &new(kind)).json() };
    assert!(!ask("access").deposits.is_empty(), "the seeded person is found");
    // A company does not reach into the files of others; the officer has it done.
    let reached = world.partners[0].client.post("/v1/requests", &new("erasure"));
    assert_eq!(reached.outcome(), (403, "auth.forbidden".to_owned()));
    assert!(!ask("erasure").done.is_empty());
    let after = ask("access");
    assert!(after.deposits.is_empty() && after.consents.events.is_empty());
    assert_eq!(after.consents.oppositions.len(), 1);
}

#[test]
fn dsr_14_every_recipient_is_told_of_an_erasure_and_acknowledges() {
    let market = Market::open();
    let ada = person("ada@example.com");
    market.record(market.web_form(), vec![event(&ada, market.now(), State::Given)]);
    let answer = ask(&market.dealer.client, "erasure", &ada, market.now());
    assert_eq!(answer.done, ["consents.erased"]);
    assert_eq!(why(&market.ask(&ada, BRAND, None)), "no_consent");
    let told: Vec<NoticeInfo> = market.brand.client.get("/v1/notices").json();
    assert_eq!((told.len(), &*told[0].kind), (1, "person.erased"));
    assert_eq!(told[0].document["records"].as_array().unwrap().len(), 1);
    market.brand.client.send("POST", &format!("/v1/notices/{}", told[0].notice), &[], b"").ok();
    let told: Vec<NoticeInfo> = market.brand.client.get("/v1/notices").json();
    assert!(told[0].acknowledged_at.is_some());
}

#[test]
fn dsr_15_a_restricted_person_passes_nowhere_until_told_and_lifted() {
    let market = Market::open();
    let ada = person("ada@example.com");
    market.record(market.web_form(), vec![event(&ada, market.now(), State::Given)]);
    ask(&market.dealer.client, "restriction", &ada, market.now());
    assert_eq!(why(&market.ask(&ada, BRAND, None)), "restricted");
    // Without having told the person nobody lifts it.
    let new = json!({"kind": "lift", "received_at": market.now(), "rights": ada, "programmes": []});
    let untold = market.dealer.client.post("/v1/requests", &new);
    assert_eq!(untold.outcome(), (422, "subject.request".to_owned()));
    ask(&market.dealer.client, "lift", &ada, market.now());
    assert_eq!(why(&market.ask(&ada, BRAND, None)), "");
}

#[test]
fn dsr_16_portability_gives_what_the_person_agreed_to_as_json() {
    let market = Market::open();
    let ada = person("ada@example.com");
    market.record(market.web_form(), vec![event(&ada, market.now(), State::Given)]);
    let answer = ask(&market.dealer.client, "portability", &ada, market.now());
    assert_eq!(answer.consents.events.len(), 1);
    assert_eq!(why(&market.ask(&ada, BRAND, None)), "", "nothing is changed by it");
}

#[test]
fn an_objection_by_request_is_an_opposition_everywhere() {
    let market = Market::open();
    let ada = person("ada@example.com");
    market.record(market.web_form(), vec![event(&ada, market.now() - 60, State::Given)]);
    let answer = ask(&market.rival.client, "objection", &ada, market.now());
    assert_eq!(answer.done, ["opposition.recorded"]);
    assert_eq!(why(&market.ask(&ada, BRAND, None)), "opposed");
    ask(&market.rival.client, "objection", &ada, market.now());
    assert_eq!(why(&market.ask(&ada, BRAND, None)), "opposed");
}
