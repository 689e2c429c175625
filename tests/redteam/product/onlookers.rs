//! Those who take part and want to know what others brought: a dealer, about the brand's leads (T23), and
//! whoever may search for a person, about the other parties' files (T34). Two worlds differ in what the
//! onlooker wants to know, as far as can be; what it sees in them is the same.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use tiers::time::Clock as _;
use tiers_contact::Kind;
use tiers_protocol::dossier::{NewSearch, PersonSearch};
use tiers_protocol::ids::ProgrammeId;

use crate::bench::catalogue::attack;
use crate::bench::count;
use crate::bench::engine::Engine;
use crate::bench::exact::Exact;
use crate::bench::oracle::Oracle as _;
use crate::bench::scene::padded;
use crate::bench::{Dice, standard};
use crate::harness::client::Client;
use crate::harness::people::{Lead, Person, Sale};
use crate::harness::tokens::tokens;
use crate::harness::world::{CAMPAIGNS, LEADS, MONTH, World};

use super::seen::{Seen, compare};

/// Reads every address of the description that is made for reading, as one caller, with what it may know.
fn everything(world: &World, onlooker: &Client, of: &'static str, seen: &mut Seen) {
    let document: Value = onlooker.get("/openapi.json").json();
    let mine: Vec<Value> = onlooker.get("/v1/deposits").json();
    let deposit = mine.first().map_or("none", |one| one["deposit"].as_str().unwrap());
    let known = BTreeMap::from([
        ("{programme}", world.programme.id.to_string()),
        ("{deposit}", deposit.to_owned()),
    ]);
    let mut read = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        // The ledger's files are public, and judged by T31.
        let skipped = ["/ledger", "/metrics", "/healthz", "/readyz", "/openapi.json"];
        if methods.get("get").is_none() || skipped.iter().any(|start| path.starts_with(start)) {
            continue;
        }
        let mut at = path.clone();
        known.iter().for_each(|(name, id)| at = at.replace(name, id));
        let own = format!("{at}?programme={}", world.programme.id);
        seen.hear(of, path, &onlooker.get(&at));
        seen.hear(of, path, &onlooker.get(&own));
        read.insert(path.clone());
    }
    assert!(read.len() > 20, "the description was read");
}

/// A person who is a lead of the brand in one world, and a stranger in the other.
fn leads(known: bool) -> Vec<Lead> {
    let of = |n| Person(if known { n } else { 50_000 + n });
    let lead = |n| Lead { person: of(n), day: "2025-04-10", campaign: CAMPAIGNS[0] };
    (0..LEADS).map(lead).collect()
}

/// A dealer whose customers are the brand's leads, all of them or none.
fn of_leads(known: bool) -> Seen {
    let mut seen = Seen::default();
    let world = World::new();
    let (dealer, id) = (&world.partners[0], world.programme.id);
    world.principal.deposit(&world.leads(&leads(known))).ok();
    world.stock_sales(1);
    let sealed = world.sales(0, &World::small_sales(0));
    seen.hear_of("T23", "opened", &dealer.open(&sealed));
    seen.hear_of("T23", "deposited", &dealer.upload(&sealed.id(), 0, &sealed.bytes, true));
    seen.hear("T23", "received", &dealer.receipt(&sealed.id()));
    everything(&world, &dealer.client, "T23", &mut seen);
    world.principal.release(&id, MONTH);
    everything(&world, &dealer.client, "T23", &mut seen);
    for who in [0, 3, 9_999] {
        searched(&world, &dealer.client, who, "T23", &mut seen);
    }
    seen
}

fn person(world: &World, programme: ProgrammeId, who: u32) -> NewSearch {
    let tokens = tokens(world, &[who], &[Kind::Email]);
    NewSearch {
        reason: "is this one theirs?".to_owned(),
        person: Some(PersonSearch { programme, tokens }),
        ..NewSearch::default()
    }
}

/// Every search that there is for a person, by tokens that the onlooker made.
fn searched(world: &World, onlooker: &Client, who: u32, of: &'static str, seen: &mut Seen) {
    let new = person(world, world.programme.id, who);
    let held = &new.person.as_ref().unwrap().tokens;
    seen.hear(of, "search", &onlooker.post("/v1/searches", &new));
    seen.hear(of, "dossier", &onlooker.post("/v1/dossiers", &new));
    let history = json!({ "reason": new.reason, "tokens": held });
    seen.hear(of, "history", &onlooker.post("/v1/consents/history", &history));
    let request = json!({
        "kind": "access", "received_at": world.server.clock().now().seconds(), "rights": held,
        "programmes": [{ "programme": world.programme.id, "tokens": held }],
    });
    seen.hear(of, "request", &onlooker.post("/v1/requests", &request));
}

/// The target bought at the second dealer, or a stranger did. The brand holds the target as a lead, and the
/// others hold somebody else.
fn of_customers(bought: bool) -> Seen {
    const TARGET: u32 = 5;
    let mut seen = Seen::default();
    let world = World::new();
    world.principal.deposit(&world.leads(&World::small_leads())).ok();
    let bystander = |n| Sale { person: Person(n), day: "2025-06-12", euros: 15_000 };
    for dealer in [0, 2_u32] {
        let sales: Vec<_> = (0..40).map(|n| bystander(3_000 + 100 * dealer + n)).collect();
        world.partners[dealer as usize].deposit(&world.sales(dealer as usize, &sales)).ok();
    }
    let mut sales: Vec<_> = (0..40).map(|n| bystander(4_000 + n)).collect();
    sales[7] = bystander(if bought { TARGET } else { 4_999 });
    world.partners[1].deposit(&world.sales(1, &sales)).ok();
    let onlookers = [&world.principal.client, &world.partners[0].client, &world.partners[2].client];
    for before in [true, false] {
        for onlooker in onlookers {
            searched(&world, onlooker, TARGET, "T34", &mut seen);
            everything(&world, onlooker, "T34", &mut seen);
        }
        if before {
            world.principal.release(&world.programme.id, MONTH);
        }
    }
    // Whose file it is finds it, or the search finds nothing at all and the attack is none.
    let found =
        world.partners[1].client.post("/v1/searches", &person(&world, world.programme.id, TARGET));
    assert_eq!(found.json::<Vec<Value>>().is_empty(), !bought);
    seen
}

/// Exact figures tell a buyer from a stranger; nothing else is asked of this control.
fn exact_tells() -> f64 {
    let mut exact = Exact(Engine::of(&standard(), 2));
    let mut shown = |known: u64| exact.ask(&padded(7, known, 160, &mut Dice(17))).unwrap();
    f64::from(u8::from(shown(11) != shown(12)))
}

#[test]
fn t23_a_dealer_sees_the_same_whether_its_customers_are_leads_or_not() {
    let mut found = BTreeMap::new();
    for _ in 0..count(20, 1) {
        compare(&of_leads(false), &of_leads(true), &mut found);
    }
    attack("T23").judge(exact_tells(), 1, |_| found["T23"] as f64);
}

#[test]
fn t34_no_search_tells_whether_another_party_has_the_person() {
    let mut found = BTreeMap::new();
    for _ in 0..count(20, 1) {
        compare(&of_customers(false), &of_customers(true), &mut found);
    }
    attack("T34").judge(exact_tells(), 1, |_| found["T34"] as f64);
}
