//! What concerns one person enters the ledger once a day and all together: requests, looks of officers, notices.
//! What opens a leaf goes with what it names, and the ledger verifies as before.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tiers_protocol::consent::State;
use tiers_protocol::consent::proof::ConsentProof;
use tiers_protocol::consent::wire::ConsentHistory;
use tiers_protocol::dossier::{DossierError, NewSearch, SignedDossier};
use tiers_protocol::ids::RecordId;
use tiers_protocol::request::{RequestAnswer, RequestInfo};
use tiers_protocol::tlog::EntryType;
use tiers_protocol::wire::{Act, PersonToken};

use super::evidence::record_of;
use super::proofs::{entries, next_day, proof, withdrawn};
use super::{Market, event, person};
use crate::harness::client::{Answer, Client};
use crate::harness::server::walk;
use crate::harness::{figure, full};

fn ask(client: &Client, kind: &str, of: &[PersonToken], at: i64) -> RequestAnswer {
    let new = json!({
        "kind": kind, "received_at": at, "rights": of, "programmes": [], "told_at": at,
    });
    client.post("/v1/requests", &new).json()
}

fn answered(client: &Client, of: &RequestAnswer) -> RequestInfo {
    let path = format!("/v1/requests/{}", of.request.request);
    client.post(&path, &json!({ "step": "answered" })).json()
}

fn look(client: &Client, of: &[PersonToken]) {
    let query = json!({ "tokens": of, "reason": "complaint 7" });
    client.post("/v1/consents/history", &query).ok();
}

/// Acts about persons that a caller finds.
fn found(client: &Client, change: impl FnOnce(&mut NewSearch)) -> Vec<Act> {
    let mut new = NewSearch { reason: "control".to_owned(), ..NewSearch::default() };
    new.about_persons = true;
    change(&mut new);
    client.post("/v1/searches", &new).json()
}

fn dossier(client: &Client, about: &impl ToString) -> Answer {
    let about = Some(about.to_string());
    let new = NewSearch { reason: "control".to_owned(), about, ..NewSearch::default() };
    client.post("/v1/dossiers", &new)
}

/// How many of these salts stand in a file of the data directory.
fn held_of(market: &Market, salts: &BTreeSet<[u8; 32]>) -> usize {
    let mut files = Vec::new();
    walk(&market.server.data(), &mut files);
    let mut found = BTreeSet::new();
    for path in files {
        let bytes = std::fs::read(path).unwrap();
        let windows = bytes.windows(32).map(|part| *part.first_chunk::<32>().unwrap());
        found.extend(windows.filter(|part| salts.contains(part)));
    }
    found.len()
}

fn held(market: &Market, salt: &[u8; 32]) -> bool {
    held_of(market, &BTreeSet::from([*salt])) == 1
}

fn database(market: &Market) -> rusqlite::Connection {
    rusqlite::Connection::open(market.server.data().join("tiers.sqlite")).unwrap()
}

/// The salts of every leaf that can be opened, looks apart: they are kept as entries about looks are.
fn salts(market: &Market) -> BTreeSet<[u8; 32]> {
    let database = database(market);
    let mut statement =
        database.prepare("SELECT salt FROM tick_opening WHERE kind <> 'officer.viewed'").unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

/// Test T31 for what others do about persons: the public ledger of days on which requests came in, officers
/// looked persons up and notices fell due has the same types, times and sizes as that of quiet days.
#[test]
fn t31_log_13_requests_looks_and_notices_are_not_seen_in_the_ledger() {
    let shape = |busy: usize| {
        let market = Market::open();
        let now = market.now();
        let some = |n: i64| event(&person(&format!("p{n}@example.com")), now - n, State::Given);
        let recorded = market.record(market.web_form(), (0..6).map(some).collect());
        for day in 0..5 {
            next_day(&market);
            for n in 0..busy {
                market.server.clock().advance_seconds(7);
                let of = person(&format!("p{n}@example.com"));
                match day {
                    0 => drop(ask(&market.dealer.client, "objection", &of, market.now())),
                    1 => {
                        let asked = ask(&market.officer.client, "access", &of, market.now());
                        answered(&market.officer.client, &asked);
                    }
                    2 => look(&market.officer.client, &of),
                    3 => drop(market.server.anonymous().send(
                        "POST",
                        &format!("/w/{}", recorded.links[n + 3]),
                        &[],
                        b"",
                    )),
                    // The notices of the first day fall due.
                    _ => market.server.certifier().upkeep().map(drop).unwrap(),
                }
            }
            market.server.clock().advance_seconds(60 - 7 * i64::try_from(busy).unwrap());
        }
        next_day(&market);
        let escalated: Vec<Value> = market.officer.client.get("/v1/notices").json();
        assert_eq!(escalated.is_empty(), busy == 0, "notices fell due");
        let seen = |entry: &tiers_protocol::tlog::Entry| {
            (entry.entry_type(), entry.at(), entry.encode().len())
        };
        entries(&market).iter().map(seen).collect::<Vec<_>>()
    };
    let (quiet, busy) = (shape(0), shape(3));
    assert_eq!(quiet, busy);
    let of = |kind| busy.iter().filter(|(seen, ..)| *seen == kind).count();
    assert_eq!(of(EntryType::PersonsRecorded), 6);
    assert_eq!(of(EntryType::RequestRecorded) + of(EntryType::OfficerViewed), 0);
}

#[test]
fn a_request_is_proven_step_by_step_from_its_tick_on_to_whom_it_concerns() {
    let market = Market::open();
    let ada = person("ada@example.com");
    market.record(market.web_form(), vec![event(&ada, market.now(), State::Given)]);
    next_day(&market);
    let asked = ask(&market.dealer.client, "access", &ada, market.now());
    let id = asked.request.request;
    assert_eq!(asked.request.entry, None);
    let awaited = (503, "consent.tick_awaited".to_owned());
    assert_eq!(dossier(&market.dealer.client, &id).outcome(), awaited);
    answered(&market.dealer.client, &asked);
    // Before the tick officers and the company find both steps; nobody else does.
    let about = |client: &Client| found(client, |new| new.about = Some(id.to_string()));
    for who in [&market.officer.client, &market.dealer.client] {
        let both = about(who);
        assert_eq!(both.len(), 2);
        assert!(both.iter().all(|act| act.act == "request.recorded" && act.index.is_none()));
        assert_eq!(both[0].detail.as_ref().unwrap()["kind"], "access");
        assert_eq!(both[1].detail.as_ref().unwrap()["step"]["step"], "answered");
    }
    assert!(about(&market.rival.client).is_empty());
    assert_eq!(dossier(&market.rival.client, &id).outcome().0, 404);
    next_day(&market);
    let bytes = dossier(&market.dealer.client, &id).ok().bytes.clone();
    let trust = market.server.trust();
    let read = SignedDossier::verify(&bytes, &trust).unwrap().dossier;
    assert_eq!((read.acts.len(), read.about_persons.len()), (0, 2));
    for act in &read.about_persons {
        let entry = act.verified(&trust).unwrap();
        assert_eq!(entry.object().as_str(), id.to_string());
        assert_eq!(act.actor, market.dealer.client.caller(&market.server).actor.to_string());
    }
    let info: Vec<RequestInfo> = market.dealer.client.get("/v1/requests").json();
    let entry = about(&market.officer.client)[0].index;
    assert!(entry.is_some() && info[0].entry == entry);
    // Each step and each word holds it together, not the signature alone.
    let secret = tiers_protocol::sign::SigningSecret::from_seed(&[3; 32].into());
    let mut forged_trust = trust.clone();
    forged_trust.signing = secret.public();
    let refused = |change: &dyn Fn(&mut SignedDossier)| {
        let mut forged = SignedDossier::verify(&bytes, &trust).unwrap();
        change(&mut forged);
        let label = tiers_contact::labels::SIGN_DOSSIER;
        forged.signature = secret.sign(label, &forged.dossier);
        SignedDossier::verify(&forged.to_vec(), &forged_trust).err().map(DossierError::code)
    };
    assert_eq!(refused(&|_| ()), None);
    let ticked = Some("dossier.ticked");
    assert_eq!(refused(&|d| d.dossier.about_persons[1].detail.push(' ')), ticked);
    assert_eq!(refused(&|d| d.dossier.about_persons[1].actor.push('x')), ticked);
    assert_eq!(refused(&|d| d.dossier.about_persons[0].through.step.place += 1), ticked);
    assert_eq!(refused(&|d| d.dossier.about_persons[0].through.tick.acts += 1), ticked);
    assert_eq!(refused(&|d| d.dossier.about_persons[0].ledger.proof.push('x')), ticked);
    let twice = |d: &mut SignedDossier| {
        let again = d.dossier.about_persons[0].clone();
        d.dossier.about_persons.push(again);
    };
    assert_eq!(refused(&twice), ticked);
}

#[test]
fn looks_at_persons_are_limited_at_once_and_found_with_their_reason() {
    let market = Market::open();
    let ada = person("ada@example.com");
    market.record(market.web_form(), vec![event(&ada, market.now(), State::Given)]);
    for _ in 0..3 {
        look(&market.officer.client, &ada);
    }
    let looks = |limit| {
        found(&market.officer.client, |new| {
            (new.act, new.limit) = (Some("officer.viewed".to_owned()), limit);
        })
    };
    let all = looks(None);
    assert_eq!(all.len(), 3);
    assert_eq!(all[0].detail.as_ref().unwrap()["reason"], "complaint 7");
    // Each search for acts about persons is one itself, and pages follow their numbers.
    let first = looks(Some(2));
    assert_eq!(first.len(), 2);
    let from = first[1].leaf.unwrap() + 1;
    let rest = found(&market.officer.client, |new| new.from = from);
    assert!(rest.iter().all(|act| act.leaf.unwrap() >= from) && rest.len() == 3);
    // They count against the day's searches at once, long before the tick.
    let spent = (0..250).any(|_| {
        let new = NewSearch {
            reason: "control".to_owned(),
            about_persons: true,
            limit: Some(1),
            ..NewSearch::default()
        };
        let outcome = market.officer.client.post("/v1/searches", &new).outcome();
        outcome == (429, "search.spent".to_owned())
    });
    assert!(spent);
}

#[test]
fn log_13_a_leaf_goes_with_the_events_of_an_erased_person_and_its_neighbours_stay_proven() {
    let market = Market::open();
    let now = market.now();
    let some = |n: i64| event(&person(&format!("p{n}@example.com")), now - n, State::Given);
    let recorded = market.record(market.web_form(), (0..9).map(some).collect());
    for n in [4, 5, 6] {
        let link = format!("/w/{}", recorded.links[n]);
        market.server.anonymous().send("POST", &link, &[], b"").ok();
    }
    next_day(&market);
    let (erased, officer) = (withdrawn(&market), &market.officer.client);
    let good = proof(officer, &erased).ok().bytes.clone();
    let trust = market.server.trust();
    let (read, _) = ConsentProof::verify(&good, &trust).unwrap();
    let salt = *read.proof.through.unwrap().step.salt.as_bytes();
    assert!(held(&market, &salt), "before");
    let size = entries(&market).len();
    ask(officer, "erasure", &person("p5@example.com"), market.now());
    let gone = (404, "consent.leaf_erased".to_owned());
    assert_eq!(proof(officer, &erased).outcome(), gone);
    // Neither in the database nor in its log.
    assert!(!held(&market, &salt), "afterwards");
    // The tick still proves what stands beside, and the ledger verifies.
    for n in [4, 6] {
        let history = history_of(&market, &person(&format!("p{n}@example.com")));
        let bytes = proof(&market.dealer.client, &history).ok().bytes.clone();
        let (read, _) = ConsentProof::verify(&bytes, &trust).unwrap();
        assert_eq!(read.proof.through.unwrap().tick.acts, 3);
    }
    assert!(entries(&market).len() >= size);
    // What was handed out before still holds.
    ConsentProof::verify(&good, &trust).unwrap();
    assert_ne!(erased, record_of(&recorded.links[5]));
}

/// The record by which a person took its choice back.
fn history_of(market: &Market, of: &[PersonToken]) -> RecordId {
    let query = json!({ "tokens": of, "reason": "control" });
    let history: ConsentHistory = market.dealer.client.post("/v1/consents/history", &query).json();
    let mut ended = history.events.iter().filter(|event| event.state == State::Withdrawn);
    ended.next().unwrap().record
}

#[test]
fn ret_07_a6_the_leaves_of_requests_and_of_an_opposition_go_when_their_terms_end() {
    let market = Market::open();
    let ada = person("ada@example.com");
    market.record(market.web_form(), vec![event(&ada, market.now(), State::Given)]);
    let asked = ask(&market.dealer.client, "objection", &ada, market.now());
    let requests = if full() { 500 } else { 6 };
    let others = (1..requests).map(|_| ask(&market.dealer.client, "access", &ada, market.now()));
    for request in [asked.clone()].iter().chain(&others.collect::<Vec<_>>()) {
        answered(&market.dealer.client, request);
    }
    next_day(&market);
    let id = asked.request.request;
    let bytes = dossier(&market.dealer.client, &id).ok().bytes.clone();
    let trust = market.server.trust();
    let read = SignedDossier::verify(&bytes, &trust).unwrap().dossier;
    let shown: Vec<[u8; 32]> =
        read.about_persons.iter().map(|act| *act.through.step.salt.as_bytes()).collect();
    assert_eq!(shown.len(), 2);
    let salts = salts(&market);
    assert!(salts.len() > 2 * requests && shown.iter().all(|salt| salts.contains(salt)));
    assert_eq!(held_of(&market, &salts), salts.len(), "before");
    let openings = |market: &Market| -> (i64, i64) {
        let database = database(market);
        let of = |kind: &str| {
            let query = "SELECT count(*) FROM tick_opening WHERE kind = ?1";
            database.query_row(query, [kind], |row| row.get(0)).unwrap()
        };
        (of("request.recorded"), of("person.objected"))
    };
    let all = 2 * i64::try_from(requests).unwrap();
    assert_eq!(openings(&market), (all, 1));
    // Twelve months in the active base, four years in the archive; an opposition three years at least.
    let years = |days: i64| {
        market.server.clock().advance_days(days);
        market.server.certifier().purge().unwrap();
        openings(&market)
    };
    assert_eq!(years(370), (all, 1));
    assert_eq!(years(2 * 366 + 10), (all, 0), "the opposition's term is over");
    assert_eq!(years(2 * 366), (0, 0), "and those of the requests");
    assert!(dossier(&market.officer.client, &id).outcome().0 == 404);
    market.server.certifier().upkeep().unwrap();
    assert!(entries(&market).len() > 5, "the ledger verifies");
    assert_eq!(held_of(&market, &salts), 0, "in no file");
    SignedDossier::verify(&bytes, &trust).unwrap();
    let said =
        format!("{} leaves of ticks whose term ended: salts and details in no file", salts.len());
    figure("A6", &said);
}
