//! The end of proofs of consent: from the active base to the archive, from there for good; what a decision reads
//! stays as long.

use serde_json::{Value, json};
use tiers::governance::view::{ArchivedInfo, DueInfo};
use tiers::service::Dependencies;
use tiers::service::faults::{FaultPoint, Faults};
use tiers_contact::{Kind, Tokeniser};
use tiers_protocol::consent::State;
use tiers_protocol::consent::proof::ConsentProof;
use tiers_protocol::encoding::Bytes;
use tiers_protocol::ids::RecordId;
use tiers_protocol::wire::PersonToken;

use super::evidence::record_of;
use super::{BRAND, DEALER, Market, event, form, person, why};
use crate::harness::Dice;
use crate::harness::ledger::{HttpLedger, verified};
use crate::harness::server::Server;

fn archive(market: &Market) -> Vec<ArchivedInfo> {
    market.officer.client.get("/v1/archive?reason=litigation").json()
}

fn count(server: &Server, table: &str) -> i64 {
    let raw = rusqlite::Connection::open(server.layout().database()).unwrap();
    raw.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

fn purge(market: &Market) -> (usize, usize) {
    let done = market.server.certifier().purge().unwrap();
    (done.archived, done.deleted)
}

/// A day later, with everything that a day brings.
fn days(market: &Market, days: i64) {
    market.server.clock().advance_days(days);
    market.server.certifier().upkeep().unwrap();
}

fn document(market: &Market, record: &RecordId) -> u16 {
    market.dealer.client.get(&format!("/v1/consents/{record}")).status
}

fn click(market: &Market, link: &str) -> u16 {
    market.server.anonymous().send("POST", &format!("/w/{link}"), &[], b"").status
}

fn follow(market: Market, over: impl FnOnce(Server) -> Server) -> Market {
    let Market { server, officer, dealer, rival, brand } = market;
    let server = over(server);
    let at = |company: crate::harness::roles::Company| crate::harness::roles::Company {
        client: company.client.at(server.url()),
        ..company
    };
    Market {
        officer: crate::harness::roles::Officer {
            client: officer.client.at(server.url()),
            actor: officer.actor,
        },
        dealer: at(dealer),
        rival: at(rival),
        brand: at(brand),
        server,
    }
}

#[test]
fn ret_06_a_proof_leaves_with_its_choice_is_the_archives_for_five_years_and_gone_after() {
    let market = Market::open();
    let (ada, eve, now) = (person("ada@example.com"), person("eve@example.com"), market.now());
    let both = vec![event(&ada, now, State::Given), event(&eve, now, State::Given)];
    let recorded = market.record(market.web_form(), both);
    let [given, other] = [record_of(&recorded.links[0]), record_of(&recorded.links[1])];
    market.server.clock().advance_seconds(60);
    assert_eq!(click(&market, &recorded.links[0]), 200);
    // The day is known: a month after the withdrawal of 1 September, and five years.
    let due: Vec<DueInfo> = market.officer.client.get("/v1/retention?until=2040-01-01").json();
    let of: Vec<_> = due.iter().filter(|of| of.object == "consent_proofs").collect();
    assert_eq!(of.len(), 2, "a batch each");
    assert!(of.iter().all(|of| of.moves_on.as_deref() == Some("2025-10-02")));
    assert!(of.iter().all(|of| of.deleted_on == "2030-09-02"));
    days(&market, 30);
    assert_eq!((archive(&market).len(), document(&market, &given)), (0, 200));
    days(&market, 1);
    // Given and withdrawn are out of reach for everybody but an officer with a reason.
    assert_eq!((document(&market, &given), document(&market, &other)), (404, 200));
    let proof =
        |record: &RecordId| market.brand.client.get(&format!("/v1/consents/{record}/proof"));
    assert_eq!(proof(&given).status, 404);
    let (_, proven) =
        ConsentProof::verify(&proof(&other).ok().bytes, &market.server.trust()).unwrap();
    assert_eq!(proven.record, other, "what is gone leaves its leaf");
    assert_eq!(
        (count(&market.server, "consent_event"), count(&market.server, "consent_end")),
        (1, 2)
    );
    let path = "/v1/archive?reason=litigation";
    assert_eq!(market.dealer.client.get(path).outcome().0, 403);
    assert_eq!(market.officer.client.get("/v1/archive?reason=%20").outcome().0, 422);
    let kept = archive(&market);
    let states: Vec<&Value> = kept.iter().map(|of| &of.document["event"]["state"]).collect();
    assert_eq!(kept.len(), 2);
    assert!(states.contains(&&json!("given")) && states.contains(&&json!("withdrawn")));
    let of = kept.iter().find(|of| of.id == given.to_string()).unwrap();
    assert!(of.document["event"]["evidence"].is_object());
    // Neither token nor evidence stands in the file of the archive in the clear.
    let file = std::fs::read(market.server.layout().archived()).unwrap();
    let text = String::from_utf8_lossy(&file);
    assert!(!text.contains("screenshot") && !text.contains(&ada[0].token.to_string()));
    // The no counts on, to the last day of its proof.
    assert_eq!(why(&market.ask(&ada, BRAND, None)), "withdrawn");
    assert_eq!(why(&market.ask(&eve, BRAND, None)), "");
    days(&market, 5 * 365 - 30);
    assert_eq!(market.server.today().to_string(), "2030-09-01");
    assert_eq!(purge(&market), (0, 0));
    assert_eq!(why(&market.ask(&ada, BRAND, None)), "withdrawn");
    assert_eq!(archive(&market).len(), 3, "the consent that expired meanwhile lies there as well");
    market.server.clock().advance_days(1);
    // Two proofs, and the notices of that withdrawal, whose five years end on the same day.
    let notices = count(&market.server, "notice");
    assert_eq!(purge(&market).1, 4);
    assert_eq!(count(&market.server, "notice"), notices - 2);
    assert_eq!(why(&market.ask(&ada, BRAND, None)), "no_consent");
    assert_eq!(click(&market, &recorded.links[0]), 404);
    assert_eq!(archive(&market).len(), 1);
    assert_eq!(why(&market.ask(&eve, BRAND, None)), "expired");
    // When the last of a batch is gone, so is the batch; its number is never given again.
    days(&market, 3 * 366 + 31);
    assert_eq!(count(&market.server, "consent_batch") + count(&market.server, "consent_end"), 0);
    assert!(archive(&market).is_empty());
    let again = market.record(market.web_form(), vec![event(&ada, market.now(), State::Given)]);
    assert_ne!(record_of(&again.links[0]).as_bytes()[..12], given.as_bytes()[..12]);
    market.server.publish();
    verified(&HttpLedger(&market.server.anonymous()), &market.server.trust());
}

/// The mobile number of the person behind an address.
fn with_mobile(email: &str) -> Vec<PersonToken> {
    let token = Tokeniser::new(&[7; 32], "rights/test").token(Kind::Mobile, email);
    let mobile = PersonToken { kind: Kind::Mobile, token: Bytes::new(*token.as_bytes()) };
    [person(email), vec![mobile]].concat()
}

#[test]
fn ret_06_a_proof_stays_while_it_carries_a_choice_under_any_token_of_the_person() {
    let market = Market::open();
    let (form, both) = (market.web_form(), with_mobile("ada@example.com"));
    let (mail, mobile) = (vec![both[0].clone()], vec![both[1].clone()]);
    let now = market.now();
    let given = market.record(form, vec![event(&both, now - 60, State::Given)]);
    // Taken back for the address only: what was given still carries the number.
    market.record(form, vec![event(&mail, now, State::Withdrawn)]);
    days(&market, 40);
    let kept = archive(&market);
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].document["event"]["state"], "withdrawn");
    let asked = |of: &[PersonToken]| why(&market.ask(of, BRAND, None)).to_owned();
    assert_eq!([asked(&mail), asked(&both), asked(&mobile)], ["withdrawn", "withdrawn", ""]);
    assert_eq!(document(&market, &record_of(&given.links[0])), 200);
    // The link of an archived record takes back what was chosen since.
    let again = market.record(form, vec![event(&mail, market.now(), State::Given)]);
    assert_eq!(asked(&mail), "");
    market.server.clock().advance_seconds(5);
    assert_eq!(click(&market, &given.links[0]), 200);
    assert_eq!([asked(&mail), asked(&mobile)], ["withdrawn", "withdrawn"]);
    days(&market, 40);
    assert_eq!(document(&market, &record_of(&again.links[0])), 404);
    assert_eq!(archive(&market).len(), 4);
}

#[test]
fn ret_06_dsr_12_an_erasure_reaches_the_archive_and_leaves_no_token_there() {
    let market = Market::open();
    let (form, ada, eve) =
        (market.web_form(), person("ada@example.com"), person("eve@example.com"));
    let now = market.now();
    let old = market
        .record(form, vec![event(&ada, now - 60, State::Given), event(&eve, now, State::Given)]);
    market.record(form, vec![event(&ada, now, State::Withdrawn)]);
    days(&market, 40);
    let new = market.record(form, vec![event(&ada, market.now(), State::Given)]);
    let persons = |market: &Market| -> i64 {
        let raw = rusqlite::Connection::open(market.server.layout().archived()).unwrap();
        raw.query_row("SELECT count(*) FROM archived_person", [], |row| row.get(0)).unwrap()
    };
    assert_eq!((archive(&market).len(), persons(&market)), (2, 2));
    let request = json!({
        "kind": "erasure", "received_at": market.now(), "rights": ada, "programmes": [],
    });
    market.officer.client.post("/v1/requests", &request).ok();
    // Nothing is found by the person; what proves the agreements is kept for claims, without a token.
    assert_eq!(persons(&market), 0);
    assert_eq!(
        (count(&market.server, "consent_event"), count(&market.server, "consent_end")),
        (1, 0)
    );
    assert_eq!(why(&market.ask(&ada, BRAND, None)), "no_consent");
    for link in [&old.links[0], &new.links[0]] {
        assert_eq!(click(&market, link), 404);
    }
    assert_eq!(archive(&market).len(), 3);
    assert_eq!(why(&market.ask(&eve, BRAND, None)), "");
    days(&market, 5 * 366);
    assert!(archive(&market).iter().all(|of| of.document["event"]["state"] == "given"));
    assert_eq!(archive(&market).len(), 1, "that of the other, who was not erased");
}

#[test]
fn ret_06_a_kill_between_archive_and_active_base_loses_no_proof() {
    let with = Dependencies { faults: Faults::at(FaultPoint::Archived), ..Dependencies::default() };
    let market = follow(Market::open(), |server| server.reopen(with));
    let ada = person("ada@example.com");
    let now = market.now();
    market.record(market.web_form(), vec![event(&ada, now, State::Refused)]);
    market.server.clock().advance_days(40);
    let purged = market.server.certifier().purge().map_err(|error| error.code());
    assert!(purged.is_err(), "{:?} {}", purged.ok(), count(&market.server, "consent_event"));
    assert_eq!((count(&market.server, "consent_event"), archive(&market).len()), (1, 1));
    let market = follow(market, |server| server.reopen(Dependencies::default()));
    assert_eq!(purge(&market).0, 1);
    assert_eq!((count(&market.server, "consent_event"), archive(&market).len()), (0, 1));
    assert_eq!(why(&market.ask(&ada, BRAND, None)), "refused");
}

/// Random histories on two forms: whatever goes to the archive, every decision stays what it was.
#[test]
fn ret_06_no_decision_changes_when_proofs_go_to_the_archive() {
    let market = Market::open();
    let mut dice = Dice(11);
    let mut second = form("web_form");
    second["validity_months"] = json!(6);
    let forms = [market.web_form(), market.publish(&second).form];
    let people: Vec<Vec<PersonToken>> =
        (0..40).map(|n| with_mobile(&format!("p{n}@example.com"))).collect();
    let states =
        [State::Given, State::Refused, State::Withdrawn, State::Reconfirmed, State::Requested];
    for form in forms {
        let mut events = Vec::new();
        for _ in 0..120 {
            let who = &people[usize::try_from(dice.below(40)).unwrap()];
            let tokens = match dice.below(3) {
                0 => &who[..1],
                1 => &who[1..],
                _ => &who[..],
            };
            let at = market.now() - i64::try_from(dice.below(1_400)).unwrap() * 86_400;
            let state = states[usize::try_from(dice.below(5)).unwrap()];
            let mut one = event(tokens, at, state);
            if dice.below(6) == 0 {
                one.evidence = None;
            }
            one.all_recipients = !state.permits() && dice.below(4) == 0;
            events.push(one);
        }
        market.record(form, events);
    }
    let decisions = || -> Vec<String> {
        let ask = |of: &[PersonToken], sector: &str| {
            let query = json!({
                "tokens": of, "sender": super::number(DEALER), "recipient": super::number(BRAND),
                "purpose": "transmission", "channel": "email", "sector": sector,
                "audience": "consumer", "at": null,
            });
            let answer = market.dealer.client.post("/v1/consents/decision", &query);
            answer.json::<Value>().to_string()
        };
        let of = |who: &Vec<PersonToken>| [ask(who, "general"), ask(&who[..1], "general")];
        people.iter().flat_map(of).collect()
    };
    let before = decisions();
    let (archived, _) = purge(&market);
    assert!(archived > 60, "{archived}");
    assert_eq!(decisions(), before);
    assert!(before.iter().any(|one| one.contains("\"allowed\":true")));
    assert!(before.iter().any(|one| one.contains("withdrawn")));
}
