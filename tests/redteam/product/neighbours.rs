//! Everything that a principal, a partner and a reader of the public ledger see, in worlds that differ in
//! the partners' rows as far as can be: nobody bought, or everybody. What they see is the same, figures
//! apart.

use std::collections::BTreeMap;

use serde_json::json;
use tiers_contact::FileKind;
use tiers_protocol::ids::DepositId;
use tiers_protocol::wire::{ErasureInfo, NewErasure, ReleaseInfo};

use crate::bench::catalogue::attack;
use crate::bench::engine::Engine;
use crate::bench::exact::Exact;
use crate::bench::oracle::Oracle as _;
use crate::bench::scene::padded;
use crate::bench::{Dice, count, standard};
use crate::harness::people::{Person, Sale, sales_csv};
use crate::harness::roles::report_request;
use crate::harness::world::{LEADS, MONTH, World};

use super::seen::{Seen, compare, masked};

/// Each dealer's file in one world: as many rows as in the other, of leads or of strangers.
fn sales(dealer: u32, share: u64, dice: &mut Dice) -> Vec<Sale> {
    let mut person = |n: u32| {
        let known = dealer + 3 * n;
        let lead = known < LEADS && dice.below(100) < share;
        Person(if lead { known } else { 2_000 + 100 * dealer + n })
    };
    (0..50).map(|n| Sale { person: person(n), day: "2025-06-12", euros: 15_000 + n }).collect()
}

/// Partners send their files; the principal plans, and asks too early.
fn deposits(world: &World, share: u64, seed: u64, seen: &mut Seen) -> DepositId {
    let (mut dice, id) = (Dice(seed), world.programme.id);
    let request = report_request(&id, MONTH);
    let mut first = None;
    for (dealer, partner) in (0..).zip(&world.partners) {
        let csv = sales_csv(&sales(dealer, share, &mut dice));
        let sealed = world.sealed(FileKind::Sales, &csv, partner);
        seen.hear_of("T30", "opened", &partner.open(&sealed));
        let uploaded = partner.upload(&sealed.id(), 0, &sealed.bytes, true);
        seen.hear_of("T30", "deposited", &uploaded);
        seen.hear("T30", "received", &partner.receipt(&sealed.id()));
        seen.hear("T30", "again", &partner.deposit(&sealed));
        seen.hear("T29", "plan", &world.principal.client.post("/v1/reports/plan", &request));
        if dealer < 2 {
            seen.hear("T17", "too few partners", &world.principal.request(&id, MONTH));
        }
        first = first.or_else(|| Some(sealed.id()));
    }
    first.unwrap()
}

/// The principal asks until it is refused.
fn asked(world: &World, seen: &mut Seen) {
    let (principal, id) = (&world.principal.client, world.programme.id);
    let request = report_request(&id, MONTH);
    for round in 0..4 {
        let asked = world.principal.request(&id, MONTH);
        seen.hear("T17", "asked", &asked);
        if asked.status < 400 {
            let release: ReleaseInfo = asked.json();
            let path = format!("/v1/releases/{}/report", release.release);
            let report = principal.get(&path);
            seen.hear_of("T30", "report", &report);
            seen.length("report", &report);
            let path = format!("/v1/releases/{}/certificate", release.release);
            seen.length("certificate", &principal.get(&path));
        }
        seen.hear("T29", "plan after it", &principal.post("/v1/reports/plan", &request));
        let extra = Sale { person: Person(8_000 + round), day: "2025-06-20", euros: 9_000 };
        world.partners[1].deposit(&world.sales(1, &[extra])).ok();
    }
}

/// The same acts in one world, and everything that anybody but the certifier sees of them.
fn transcript(share: u64, seed: u64) -> Seen {
    let mut seen = Seen::default();
    let world = World::new();
    let (principal, id) = (&world.principal.client, world.programme.id);
    seen.hear("T17", "too early", &world.principal.request(&id, MONTH));
    world.principal.deposit(&world.leads(&World::small_leads())).ok();
    let first = deposits(&world, share, seed, &mut seen);
    asked(&world, &mut seen);
    for path in [
        "/v1/deposits".to_owned(),
        format!("/v1/deposits/{first}"),
        format!("/v1/deposits/{first}/receipt"),
        format!("/v1/releases?programme={id}"),
        format!("/v1/accounts?programme={id}"),
        format!("/v1/programmes/{id}"),
        format!("/v1/programmes/{id}/partners"),
    ] {
        let what = path.replace(&first.to_string(), "*");
        seen.hear("T30", &what, &principal.get(&path));
    }
    for month in ["2025-13", "2099-01", "2025-05", ""] {
        seen.hear("T17", "another month", &world.principal.request(&id, month));
    }
    let unknown = json!({"programme": id, "period": MONTH, "templates": ["customers/1"]});
    seen.hear("T17", "unknown template", &principal.post("/v1/reports", &unknown));
    let order = NewErasure::Deposit { deposit: first, reason: "instruction".to_owned() };
    let done: ErasureInfo = world.operator.0.post("/v1/erasures", &order).json();
    assert!(done.done);
    seen.hear("T17", "after an erasure", &world.principal.request(&id, MONTH));
    let (_, entries) = world.ledger();
    for entry in &entries {
        let text = String::from_utf8(entry.encode()).unwrap();
        seen.0.push(("T31", format!("entry {} {}", text.len(), masked(&text))));
    }
    seen
}

#[test]
fn t16_t17_t29_t30_t31_nobody_and_everybody_look_the_same() {
    // The control says which cells it hides, by true counts: not the same for nobody and everybody.
    let mut exact = Exact(Engine::of(&standard(), 2));
    let mut pattern = |known: u64| {
        let answer = exact.ask(&padded(7, known, 160, &mut Dice(17))).unwrap();
        answer.0.iter().map(Option::is_some).collect::<Vec<_>>()
    };
    let control = f64::from(u8::from(pattern(0) != pattern(100)));
    let printed = |answer: Vec<Option<i64>>| format!("{answer:?}").len();
    let mut long =
        |known: u64| printed(exact.ask(&padded(7, known, 160, &mut Dice(16))).unwrap().0);
    let lengths = f64::from(u8::from(long(0) != long(100)));
    let mut found = BTreeMap::new();
    for seed in 0..count(100, 2) as u64 {
        compare(&transcript(0, seed), &transcript(100, seed), &mut found);
    }
    attack("T16").judge(lengths, 1, |_| found["T16"] as f64);
    attack("T17").judge(control, 1, |_| found["T17"] as f64);
    attack("T29").judge(control, 1, |_| found["T29"] as f64);
    attack("T30").judge(control, 1, |_| found["T30"] as f64);
    attack("T31").judge(control, 1, |_| found["T31"] as f64);
}
