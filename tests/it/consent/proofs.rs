//! Proofs of events in two steps, and ticks: what persons do counts at once and enters the ledger once a day.

use std::fs;
use std::path::Path;
use std::process::Command;

use tiers_protocol::attested::AttestedError;
use tiers_protocol::consent::State;
use tiers_protocol::consent::proof::{ConsentProof, committed_person};
use tiers_protocol::consent::wire::ConsentHistory;
use tiers_protocol::ids::RecordId;
use tiers_protocol::tlog::{Entry, EntryType, Salted};

use super::evidence::record_of;
use super::{BRAND, Market, event, person, why};
use crate::harness::client::{Answer, Client};
use crate::harness::ledger::{HttpLedger, verified};
use crate::harness::{Dice, full};

pub(super) fn proof(client: &Client, record: &RecordId) -> Answer {
    client.get(&format!("/v1/consents/{record}/proof"))
}

/// Every entry of the ledger, verified.
pub(super) fn entries(market: &Market) -> Vec<Entry> {
    market.server.publish();
    verified(&HttpLedger(&market.server.anonymous()), &market.server.trust()).1
}

fn of_type(market: &Market, kind: EntryType) -> usize {
    entries(market).iter().filter(|entry| entry.entry_type() == kind).count()
}

/// Goes on to the first upkeep of the next day.
pub(super) fn next_day(market: &Market) {
    market.server.clock().advance_days(1);
    market.server.certifier().upkeep().unwrap();
}

/// A batch of nine events, and the record of the sixth.
fn stocked() -> (Market, RecordId, String) {
    let market = Market::open();
    let now = market.now();
    let some = |n: i64| event(&person(&format!("p{n}@example.com")), now - n, State::Given);
    let recorded = market.record(market.web_form(), (0..9).map(some).collect());
    let link = recorded.links[5].clone();
    (market, record_of(&link), link)
}

#[test]
fn log_12_a_recorded_event_is_proven_in_two_steps_to_whoever_takes_part() {
    let (market, record, _) = stocked();
    let bytes = proof(&market.dealer.client, &record).ok().bytes.clone();
    assert_eq!(
        proof(&market.brand.client, &record).ok().bytes,
        bytes,
        "the recipient has the same"
    );
    proof(&market.officer.client, &record).ok();
    assert_eq!(proof(&market.rival.client, &record).outcome().0, 404);
    let trust = market.server.trust();
    let (read, proven) = ConsentProof::verify(&bytes, &trust).unwrap();
    assert_eq!(proven.record, record);
    assert_eq!(read.proof.event.at, market.now() - 5);
    assert!(read.proof.through.is_none() && read.proof.batch.events == 9);
    assert_eq!(read.proof.step.path.len(), 4);
    // What the receipt shows of the event is what is proven.
    let receipt = market.dealer.client.get(&format!("/v1/consents/{record}"));
    let shown = receipt.json::<serde_json::Value>();
    let shown = &shown["receipt"]["record"]["events"][0];
    assert_eq!(shown["at"], read.proof.event.at);
    let evidence = serde_json::to_value(&read.proof.event.evidence).unwrap();
    assert_eq!(shown["evidence"], evidence);
    // No token of anybody is in it, as it was sent or as it lies.
    let text = String::from_utf8(bytes).unwrap();
    for n in 0..9 {
        let token = person(&format!("p{n}@example.com"))[0].token;
        assert!(!text.contains(&token.to_string()), "{n}");
        let guess = committed_person(
            &Salted::with(read.proof.step.salt.as_bytes()),
            &[*token.as_bytes().first_chunk::<16>().unwrap()],
        );
        assert_ne!(guess, read.proof.event.person, "a party's own token opens nothing");
    }
}

#[test]
fn no_changed_proof_of_an_event_is_accepted() {
    let (market, record, link) = stocked();
    market.server.anonymous().send("POST", &format!("/w/{link}"), &[], b"").ok();
    next_day(&market);
    let own = proof(&market.dealer.client, &record).ok().bytes.clone();
    let ended = withdrawn(&market);
    let tick = proof(&market.dealer.client, &ended).ok().bytes.clone();
    let trust = market.server.trust();
    let mut dice = Dice(46);
    for good in [own, tick] {
        ConsentProof::verify(&good, &trust).unwrap();
        for _ in 0..if full() { 10_000 } else { 1_000 } {
            let mut bad = good.clone();
            let at = usize::try_from(dice.below(bad.len() as u64)).unwrap();
            bad[at] ^= u8::try_from(1 + dice.below(255)).unwrap();
            assert!(ConsentProof::verify(&bad, &trust).is_err(), "{at}");
        }
        // The certifier's signature is not all that holds it together: each step does.
        let read: ConsentProof = serde_json::from_slice(&good).unwrap();
        let secret = tiers_protocol::sign::SigningSecret::from_seed(&[3; 32].into());
        let mut forged_trust = trust.clone();
        forged_trust.signing = secret.public();
        let refused = |change: &dyn Fn(&mut ConsentProof)| {
            let mut forged = read.clone();
            change(&mut forged);
            let bytes = ConsentProof::new(forged.proof, &secret).to_vec();
            ConsentProof::verify(&bytes, &forged_trust).err().map(AttestedError::code)
        };
        assert_eq!(refused(&|_| ()), None);
        assert_eq!(refused(&|p| p.proof.event.at += 1), Some("attested.step"));
        assert_eq!(refused(&|p| p.proof.event.state = State::Refused), Some("attested.step"));
        assert_eq!(refused(&|p| p.proof.step.place += 1), Some("attested.step"));
        let root = refused(&|p| p.proof.batch.events += 1);
        assert!(root == Some("attested.step") || root == Some("attested.commitment"));
        assert!(refused(&|p| p.proof.ledger.proof.push('x')).is_some());
    }
}

/// The record of the one withdrawal.
pub(super) fn withdrawn(market: &Market) -> RecordId {
    let query = serde_json::json!({
        "tokens": person("p5@example.com"), "reason": "control",
    });
    let history: ConsentHistory = market.dealer.client.post("/v1/consents/history", &query).json();
    let mut ended = history.events.iter().filter(|event| event.state == State::Withdrawn);
    ended.next().unwrap().record
}

#[test]
fn a_withdrawal_counts_at_once_and_enters_the_ledger_with_the_tick() {
    let (market, record, link) = stocked();
    next_day(&market);
    let before = entries(&market).len();
    market.server.anonymous().send("POST", &format!("/w/{link}"), &[], b"").ok();
    assert_eq!(why(&market.ask(&person("p5@example.com"), BRAND, None)), "withdrawn");
    assert_eq!(entries(&market).len(), before, "nobody sees when");
    let ended = withdrawn(&market);
    assert_ne!(ended, record);
    let awaited = (503, "consent.tick_awaited".to_owned());
    assert_eq!(proof(&market.dealer.client, &ended).outcome(), awaited);
    market.server.certifier().upkeep().unwrap();
    assert_eq!(proof(&market.dealer.client, &ended).outcome(), awaited, "the day is not over");
    next_day(&market);
    let bytes = proof(&market.dealer.client, &ended).ok().bytes.clone();
    let (read, proven) = ConsentProof::verify(&bytes, &market.server.trust()).unwrap();
    assert_eq!((proven.record, read.proof.event.state), (ended, State::Withdrawn));
    let through = read.proof.through.unwrap();
    assert_eq!(through.tick.acts, 2, "the withdrawal, and the look that found it");
}

/// Test T31 for what persons do: the ledger of a day on which many did something, and of one on which
/// nobody did, have the same types, objects' forms, times and sizes.
#[test]
fn t31_a_tick_looks_the_same_whether_anybody_did_anything() {
    let shape = |clicks: usize| {
        let market = Market::open();
        let now = market.now();
        let some = |n: i64| event(&person(&format!("p{n}@example.com")), now - n, State::Given);
        let recorded = market.record(market.web_form(), (0..40).map(some).collect());
        next_day(&market);
        for link in &recorded.links[..clicks] {
            market.server.clock().advance_seconds(1);
            market.server.anonymous().send("POST", &format!("/w/{link}"), &[], b"").ok();
        }
        market.server.clock().advance_seconds(60 - i64::try_from(clicks).unwrap());
        next_day(&market);
        next_day(&market);
        let seen = |entry: &Entry| (entry.entry_type(), entry.at(), entry.encode().len());
        entries(&market).iter().map(seen).collect::<Vec<_>>()
    };
    let (nobody, many) = (shape(0), shape(33));
    assert_eq!(nobody, many);
    let ticks = nobody.iter().filter(|(kind, ..)| *kind == EntryType::PersonsRecorded).count();
    assert_eq!(ticks, 3);
}

#[test]
fn ticks_begin_with_the_first_form_and_there_is_one_a_day() {
    let market = Market::open();
    next_day(&market);
    assert_eq!(of_type(&market, EntryType::PersonsRecorded), 0);
    market.web_form();
    for days in 1..4 {
        next_day(&market);
        market.server.certifier().upkeep().unwrap();
        assert_eq!(of_type(&market, EntryType::PersonsRecorded), days);
    }
    // A certifier that stood still for a week makes up with one.
    market.server.clock().advance_days(7);
    next_day(&market);
    assert_eq!(of_type(&market, EntryType::PersonsRecorded), 4);
}

/// Many withdrawals of several days: each is proven through its own tick, and no leaf twice.
#[test]
fn every_act_of_every_tick_is_proven_through_it() {
    let market = Market::open();
    let now = market.now();
    let some = |n: i64| event(&person(&format!("p{n}@example.com")), now - n, State::Given);
    let recorded = market.record(market.web_form(), (0..12).map(some).collect());
    let mut links = recorded.links.iter();
    for clicks in [3, 0, 1, 8] {
        for link in links.by_ref().take(clicks) {
            market.server.anonymous().send("POST", &format!("/w/{link}"), &[], b"").ok();
        }
        next_day(&market);
    }
    let mut places = Vec::new();
    for n in 0..12 {
        let tokens = person(&format!("p{n}@example.com"));
        let query = serde_json::json!({ "tokens": tokens, "reason": "control" });
        let history: ConsentHistory =
            market.dealer.client.post("/v1/consents/history", &query).json();
        let mut ended = history.events.iter().filter(|one| one.state == State::Withdrawn);
        let bytes = proof(&market.brand.client, &ended.next().unwrap().record).ok().bytes.clone();
        let (read, _) = ConsentProof::verify(&bytes, &market.server.trust()).unwrap();
        let through = read.proof.through.unwrap();
        places.push((through.tick.acts, through.step.place));
    }
    // The six notices of the first three fell due and were escalated before the last day's withdrawals.
    let days = [(3, 0..3), (1, 0..1), (14, 6..14)];
    let expected: Vec<(u64, u64)> =
        days.into_iter().flat_map(|(n, places)| places.map(move |p| (n, p))).collect();
    assert_eq!(places, expected);
}

#[test]
fn the_script_of_the_page_checks_both_steps_with_public_tools() {
    let (market, record, link) = stocked();
    market.server.anonymous().send("POST", &format!("/w/{link}"), &[], b"").ok();
    next_day(&market);
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("trust.json"), market.server.anonymous().get("/v1/trust").bytes).unwrap();
    fs::write(at("check.sh"), crate::proofs::script()).unwrap();
    let mut several = 0;
    for (name, id, steps) in [("own", record, 1), ("tick", withdrawn(&market), 2)] {
        let file = format!("{name}.json");
        fs::write(at(&file), &proof(&market.dealer.client, &id).ok().bytes).unwrap();
        let words = ["ledger", "proof", &file, "--out", name];
        let tiers = Command::new(env!("CARGO_BIN_EXE_tiers"))
            .args(words)
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(tiers.status.success(), "{}", String::from_utf8_lossy(&tiers.stderr));
        let dir = at(name);
        let checked = |dir: &Path| crate::proofs::checked(&at("check.sh"), dir);
        assert_eq!(checked(&dir), "verified");
        for step in 1..=steps {
            for (part, from, to) in [("json", ":", ";"), ("path", "0 ", "1 "), ("path", "5 ", "4 ")]
            {
                let path = dir.join(format!("step-{step}.{part}"));
                let good = fs::read_to_string(&path).unwrap();
                let bad = good.replacen(from, to, 1);
                if good == bad {
                    continue;
                }
                fs::write(&path, bad).unwrap();
                assert_ne!(checked(&dir), "verified", "{name} {step} {part}");
                fs::write(&path, good).unwrap();
                several += 1;
            }
        }
        assert_eq!(checked(&dir), "verified");
    }
    assert!(several >= 5);
}
