//! Deposits and persons disappear for good, at the tick and not before, with proof in the ledger; what
//! is past its term goes the same way.

use std::collections::BTreeSet;

use serde_json::Value;
use tiers::crypto::chain::VaultToken;
use tiers::service::faults::{FaultPoint, Faults};
use tiers::service::rotate::Step;
use tiers::service::{Dependencies, erase};
use tiers_contact::Kind;
use tiers_protocol::encoding::Bytes;
use tiers_protocol::ids::{ActId, DepositId};
use tiers_protocol::tlog::EntryType;
use tiers_protocol::wire::{DepositState, ErasureInfo, NewErasure, PersonToken};

use crate::faults::sound;
pub use crate::harness::tokens::tokens;
use crate::harness::vault::{Entry, content, keyring, remembered};
use crate::harness::world::{MONTH, World};

fn order(world: &World, erasure: &NewErasure) -> ErasureInfo {
    let answer = world.operator.0.post("/v1/erasures", erasure);
    answer.ok();
    answer.json()
}

fn deposit(id: DepositId) -> NewErasure {
    NewErasure::Deposit { deposit: id, reason: "instruction of the party".to_owned() }
}

fn persons(world: &World, who: &[u32], kinds: &[Kind]) -> NewErasure {
    NewErasure::Persons {
        programme: world.programme.id,
        tokens: tokens(world, who, kinds),
        reason: "requests 17 and 18".to_owned(),
    }
}

/// What is left when every row that has one of the tokens goes with all that it has.
fn without(world: &World, before: &BTreeSet<Entry>, tokens: &[PersonToken]) -> BTreeSet<Entry> {
    let keyring = keyring(world);
    let gone: BTreeSet<(Kind, [u8; 16])> = tokens
        .iter()
        .map(|token| {
            let sent = tiers_contact::Token::from_bytes(*token.token.as_bytes());
            let at_rest: VaultToken = keyring.vault().rekey(&sent);
            (token.kind, *at_rest.as_bytes())
        })
        .collect();
    let rows: BTreeSet<(&str, u32)> = before
        .iter()
        .filter(|(_, kind, _, token, _)| gone.contains(&(*kind, *token)))
        .map(|(id, _, row, ..)| (id.as_str(), *row))
        .collect();
    before.iter().filter(|(id, _, row, ..)| !rows.contains(&(id.as_str(), *row))).cloned().collect()
}

/// The details of the acts of one type, as an officer reads them.
fn details(world: &World, act: &str) -> Vec<Value> {
    world.server.publish();
    let acts = world.officer.acts();
    acts.into_iter().filter(|read| read.act == act).map(|read| read.detail.unwrap()).collect()
}

fn state(world: &World, dealer: usize, id: &DepositId) -> DepositState {
    world.partners[dealer].status(id).state
}

fn finish(world: &World) {
    while world.server.certifier().upkeep().unwrap() != Step::Idle {}
}

#[test]
fn dsr_12_a_deposit_is_erased_and_its_receipt_and_the_ledger_still_hold() {
    let world = World::stocked();
    let sealed = world.sales(0, &World::small_sales(7));
    world.partners[0].deposit(&sealed).ok();
    let receipt = world.partners[0].receipt(&sealed.id()).ok().bytes.clone();
    let before = content(&world);
    let done = order(&world, &deposit(sealed.id()));
    assert!(done.done);
    let id = sealed.id().to_string();
    let left: BTreeSet<Entry> = before.iter().filter(|entry| entry.0 != id).cloned().collect();
    assert!(left.len() < before.len() && content(&world) == left);
    assert_eq!(state(&world, 0, &sealed.id()), DepositState::Erased);
    assert_eq!(world.partners[0].receipt(&sealed.id()).ok().bytes, receipt);
    // It does not come back, neither by sending it again nor by a restart.
    let again = world.partners[0].deposit(&sealed);
    assert_eq!(state(&world, 0, &sealed.id()), DepositState::Erased, "{:?}", again.outcome());
    let twice = world.operator.0.post("/v1/erasures", &deposit(sealed.id()));
    assert_eq!(twice.outcome(), (422, "erasure.nothing".to_owned()));
    let (_, entries) = world.ledger();
    let count = |kind| entries.iter().filter(|entry| entry.entry_type() == kind).count();
    assert_eq!(count(EntryType::ErasureOrdered), 1);
    assert_eq!(count(EntryType::ErasureExecuted), 1);
    let world = world.reopen(Dependencies::default());
    sound(&world);
    assert!(content(&world) == left);
    world.principal.release(&world.programme.id, MONTH);
}

#[test]
fn an_erased_deposit_is_in_no_later_answer() {
    let world = World::stocked();
    world.principal.release(&world.programme.id, MONTH);
    let deposits: Vec<tiers_protocol::wire::DepositInfo> =
        world.partners[2].client.get("/v1/deposits").json();
    order(&world, &deposit(deposits[0].deposit));
    // Two dealers are left, and the policy asks for three.
    let refused = world.principal.request(&world.programme.id, MONTH);
    assert_eq!(refused.code(), "report.too_few_partners");
    // Leads too: without the only file there is nothing to ask about.
    let leads: Vec<tiers_protocol::wire::DepositInfo> =
        world.principal.client.get("/v1/deposits").json();
    order(&world, &deposit(leads[0].deposit));
    let refused = world.principal.request(&world.programme.id, MONTH);
    assert_eq!(refused.code(), "report.too_few_leads");
    sound(&world);
}

#[test]
fn an_erasure_takes_effect_at_the_tick_and_not_before() {
    let world = World::with_tick("daily");
    world.stock();
    world.server.clock().advance_days(1);
    let deposits: Vec<tiers_protocol::wire::DepositInfo> =
        world.partners[2].client.get("/v1/deposits").json();
    let id = deposits[0].deposit;
    let (whole, victim) = (content(&world), persons(&world, &[4], &[Kind::Email]));
    for erasure in [deposit(id), victim.clone()] {
        assert!(!order(&world, &erasure).done);
    }
    finish(&world);
    assert!(content(&world) == whole, "the snapshot of the day stays what it is");
    world.principal.release(&world.programme.id, MONTH);
    world.server.clock().advance_days(1);
    // The first question of the next snapshot comes before any upkeep.
    let refused = world.principal.request(&world.programme.id, MONTH);
    assert_eq!(refused.code(), "report.too_few_partners");
    let left: BTreeSet<Entry> =
        whole.iter().filter(|entry| entry.0 != id.to_string()).cloned().collect();
    let NewErasure::Persons { tokens, .. } = &victim else { unreachable!() };
    assert!(content(&world) == without(&world, &left, tokens));
    assert_eq!(state(&world, 2, &id), DepositState::Erased);
    assert!(remembered(&world).values().flatten().all(|what| !what.starts_with("erasure")));
    assert_eq!(details(&world, "erasure.executed").len(), 1, "one entry for the tick");
    sound(&world);
}

#[test]
fn dsr_12_log_13_persons_disappear_from_every_deposit_with_a_proof() {
    let world = World::stocked();
    world.principal.release(&world.programme.id, MONTH);
    let before = content(&world);
    // One is known by the e-mail alone, the other by all keys; both have leads and sales.
    let first = persons(&world, &[3], &[Kind::Email]);
    let keys: Vec<Kind> = world.programme.policy.kinds().filter(|kind| kind.is_key()).collect();
    let second = persons(&world, &[8, 11], &keys);
    let mut expected = before.clone();
    let mut orders = Vec::new();
    for erasure in [&first, &second] {
        let NewErasure::Persons { tokens, .. } = erasure else { unreachable!() };
        let left = without(&world, &expected, tokens);
        assert!(left.len() < expected.len());
        expected = left;
        let made = order(&world, erasure);
        assert!(made.done);
        orders.push(made.erasure);
    }
    assert!(content(&world) == expected, "their rows with all kinds, and nobody else's");
    // The entries commit to the root of salted leaves, which can be shown to who ordered.
    let acts = details(&world, "erasure.executed");
    assert_eq!(acts.len(), 2);
    let database = rusqlite::Connection::open(world.server.layout().database()).unwrap();
    for (act, order) in acts.iter().zip(&orders) {
        let salt: [u8; 32] = database
            .query_row(
                "SELECT salt FROM erasure_leaf WHERE erasure_id = ?1",
                [order.to_string()],
                |r| r.get(0),
            )
            .unwrap();
        let order: &ActId = order;
        let leaf = erase::leaf(order, &salt);
        let root = sha256_of(&[&[0], &leaf]);
        assert_eq!(act["root"], Bytes::new(root).to_string());
        assert_eq!(act["leaves"], 1);
        assert!(act["deposits"].as_array().unwrap().is_empty());
    }
    // The principal's own leads are fewer: another question.
    world.principal.release(&world.programme.id, MONTH);
    // Nothing is found any more, and that is no error: the same order again changes nothing.
    order(&world, &first);
    assert!(content(&world) == expected);
    sound(&world);
    sound(&world.reopen(Dependencies::default()));
}

fn sha256_of(parts: &[&[u8]]) -> [u8; 32] {
    *tiers_protocol::encoding::sha256(&parts.concat()).as_bytes()
}

#[test]
fn tokens_that_name_no_person_are_refused() {
    let world = World::stocked();
    let canaries = crate::harness::roles::canaries(&world.programme, &world.key);
    let canary = canaries.iter().find(|canary| canary.kind == Kind::Email).unwrap();
    let bridge = canaries.iter().find(|canary| !canary.kind.is_key()).unwrap();
    let as_token =
        |of: &tiers_protocol::wire::CanaryToken| PersonToken { kind: of.kind, token: of.token };
    let card = PersonToken { kind: Kind::Card, token: Bytes::new([1; 32]) };
    let many = vec![PersonToken { kind: Kind::Email, token: Bytes::new([1; 32]) }; 2_049];
    let before = content(&world);
    for tokens in [vec![], vec![as_token(canary)], vec![as_token(bridge)], vec![card], many] {
        let erasure = NewErasure::Persons {
            programme: world.programme.id,
            tokens,
            reason: "a reason".to_owned(),
        };
        let refused = world.operator.0.post("/v1/erasures", &erasure);
        assert_eq!(refused.outcome(), (422, "erasure.tokens".to_owned()));
    }
    let NewErasure::Persons { programme, tokens, .. } = persons(&world, &[1], &[Kind::Email])
    else {
        unreachable!()
    };
    let nothing = NewErasure::Persons { programme, tokens, reason: "  ".to_owned() };
    let refused = world.operator.0.post("/v1/erasures", &nothing);
    assert_eq!(refused.outcome(), (422, "erasure.reason".to_owned()));
    assert!(content(&world) == before);
    let (_, entries) = world.ledger();
    assert!(entries.iter().all(|entry| entry.entry_type() != EntryType::ErasureOrdered));
}

#[test]
fn ret_09_ret_11_what_is_past_its_term_goes_by_the_same_function() {
    let world = World::stocked();
    let deposits: Vec<tiers_protocol::wire::DepositInfo> =
        world.partners[0].client.get("/v1/deposits").json();
    let last: jiff::civil::Date = deposits[0].retain_until.parse().unwrap();
    let days = world.server.today().until(last).unwrap().get_days();
    world.server.clock().advance_days(i64::from(days));
    finish(&world);
    assert_eq!(state(&world, 0, &deposits[0].deposit), DepositState::Accepted, "the last day");
    world.server.clock().advance_days(1);
    finish(&world);
    assert!(content(&world).is_empty());
    assert_eq!(state(&world, 0, &deposits[0].deposit), DepositState::Erased);
    let acts = details(&world, "erasure.executed");
    assert_eq!(acts.len(), 1);
    assert_eq!(acts[0]["deposits"].as_array().unwrap().len(), 4);
    sound(&world);
}

#[test]
fn a_stop_at_any_point_of_an_erasure_is_finished_at_the_next_start() {
    for point in [FaultPoint::ErasureWritten, FaultPoint::ErasureCommitted] {
        for leads_too in [false, true] {
            let with = Dependencies { faults: Faults::at(point), ..Dependencies::default() };
            let world = World::stocked().reopen(with);
            let before = content(&world);
            let erasure = if leads_too {
                persons(&world, &[2, 4], &[Kind::Email])
            } else {
                let own: Vec<tiers_protocol::wire::DepositInfo> =
                    world.partners[1].client.get("/v1/deposits").json();
                deposit(own[0].deposit)
            };
            let stopped = world.operator.0.post("/v1/erasures", &erasure);
            let name = point.as_str();
            assert_eq!(stopped.outcome(), (500, "certifier.planned_fault".to_owned()), "{name}");
            let world = world.reopen(Dependencies::default());
            finish(&world);
            let expected = match &erasure {
                NewErasure::Persons { tokens, .. } => without(&world, &before, tokens),
                NewErasure::Deposit { deposit, .. } => {
                    let id = deposit.to_string();
                    before.iter().filter(|entry| entry.0 != id).cloned().collect()
                }
                NewErasure::Party { .. } | NewErasure::Programme { .. } => unreachable!(),
            };
            assert!(expected.len() < before.len());
            assert!(content(&world) == expected, "{name}");
            assert_eq!(details(&world, "erasure.executed").len(), 1, "{name}");
            sound(&world);
        }
    }
}

#[test]
fn an_erasure_that_waits_passes_a_longer_chain_with_the_rest() {
    let world = World::with_tick("daily");
    world.stock();
    let erasure = persons(&world, &[5, 6], &[Kind::Mobile]);
    assert!(!order(&world, &erasure).done);
    keyring(&world).add_link(&mut crate::harness::vault::random()).unwrap();
    let world = world.reopen(Dependencies::default());
    finish(&world);
    let whole = content(&world);
    world.server.clock().advance_days(1);
    finish(&world);
    let NewErasure::Persons { tokens, .. } = &erasure else { unreachable!() };
    let left = without(&world, &whole, tokens);
    assert!(left.len() < whole.len() && content(&world) == left);
    sound(&world);
}
