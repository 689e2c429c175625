//! The same question again and again, in other words, and what is a new question.

use std::collections::BTreeSet;

use tiers::service::Dependencies;
use tiers_contact::FileKind;
use tiers_protocol::certificate::{self, Certificate};
use tiers_protocol::ids::DepositId;
use tiers_protocol::wire::{NewErasure, ReleaseInfo};

use super::spent_nrho;
use crate::bench::catalogue::attack;
use crate::bench::engine::Engine;
use crate::bench::scene::padded;
use crate::bench::{Dice, count, standard};
use crate::harness::people::{Lead, Person, Sale, leads_csv};
use crate::harness::world::{CAMPAIGNS, MONTH, World};

fn certified(world: &World, release: &ReleaseInfo) -> Certificate {
    let (report, certificate) = world.principal.documents(&release.release);
    certificate::verify(&certificate, &report, &world.server.trust()).unwrap().document
}

/// Asks from eight threads; every report that came.
fn asked(world: &World, times: usize) -> BTreeSet<Vec<u8>> {
    let ask = || {
        let one = |_| {
            let release = world.principal.release(&world.programme.id, MONTH);
            world.principal.documents(&release.release).0
        };
        (0..times.div_ceil(8)).map(one).collect::<BTreeSet<_>>()
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

#[test]
fn t03_a_thousand_repetitions_are_one_answer_and_one_debit() {
    // What forgets its answers gives another one nearly every time.
    let engine = Engine::of(&standard(), 2);
    let exact = engine.exact(&padded(1, 10, 14, &mut Dice(1)));
    let noisy = |_| engine.noisy(exact.clone(), &mut tiers::disclosure::OpenDpNoise).unwrap().0;
    let different = (0..100).map(noisy).collect::<BTreeSet<_>>().len();
    let times = count(1_000, 64);
    attack("T3").judge(different as f64 / 100.0, times, |_| {
        let world = World::stocked();
        let mut answers = asked(&world, times / 2);
        let world = world.reopen(Dependencies::default());
        answers.extend(asked(&world, times / 2));
        let debits = spent_nrho(&world, MONTH) / engine.cost_nrho();
        (answers.len() - 1) as f64 + (debits - 1) as f64
    });
}

/// The same request in other bytes: order of keys, spaces, templates named in any order.
fn rewritten(world: &World, dice: &mut Dice) -> String {
    let policy = &world.programme.policy;
    let mut names: Vec<String> =
        policy.templates().iter().map(|t| format!("\"{}\"", t.section().name())).collect();
    dice.shuffle(&mut names);
    let mut parts = vec![
        format!("\"programme\":\"{}\"", world.programme.id),
        format!("\"period\":\"{MONTH}\""),
    ];
    if dice.below(2) == 0 {
        parts.push(format!("\"templates\":[{}]", names.join(", ")));
    }
    dice.shuffle(&mut parts);
    let space = ["", " ", "\n", "\t "][usize::try_from(dice.below(4)).unwrap()];
    format!("{{{space}{}{space}}}", parts.join(&format!("{space},{space}")))
}

/// The same file of leads as another hand would type it.
fn retyped(dice: &mut Dice) -> Vec<u8> {
    let text = String::from_utf8(leads_csv(&World::small_leads())).unwrap();
    let mut lines = text.lines();
    let heading = lines.next().unwrap().to_owned();
    let mut rows: Vec<String> = lines.map(str::to_owned).collect();
    for row in rows.clone() {
        if dice.below(4) == 0 {
            rows.push(row);
        }
    }
    dice.shuffle(&mut rows);
    for row in &mut rows {
        let mut fields: Vec<String> = row.split(',').map(str::to_owned).collect();
        if dice.below(2) == 0 {
            fields[3] = format!(" {} ", fields[3].to_uppercase());
        }
        if dice.below(2) == 0 {
            fields[4] = format!("+33 {}", &fields[4][1..]);
        }
        *row = fields.join(",");
    }
    format!("{heading}\n{}\n", rows.join("\n")).into_bytes()
}

/// The share of texts that a digest of their bytes tells apart.
fn apart(texts: &[Vec<u8>]) -> f64 {
    texts.iter().collect::<BTreeSet<_>>().len() as f64 / texts.len() as f64
}

#[test]
fn t04_two_hundred_rewrites_are_one_answer_and_one_debit() {
    let (requests, files) = (count(200, 24), count(20, 3));
    let mut dice = Dice(4);
    let retyped: Vec<Vec<u8>> = (0..files).map(|_| retyped(&mut dice)).collect();
    attack("T4").judge(apart(&retyped), requests + files, |_| {
        let world = World::stocked();
        let json = [("content-type", "application/json")];
        let mut ask = |_| -> String {
            let text = rewritten(&world, &mut dice);
            let answer = world.principal.client.send("POST", "/v1/reports", &json, text.as_bytes());
            answer.json::<ReleaseInfo>().release.to_string()
        };
        let releases: BTreeSet<String> = (0..requests).map(&mut ask).collect();
        let debits = spent_nrho(&world, MONTH) / Engine::of(&standard(), 2).cost_nrho();
        // Files that say the same leave the root of the question as it was.
        let root = || {
            let release = world.principal.release(&world.programme.id, MONTH);
            certified(&world, &release).question.leads_root
        };
        let before = root();
        for csv in &retyped {
            let sealed = world.sealed(FileKind::Leads, csv, &world.principal);
            world.principal.deposit(&sealed).ok();
        }
        let moved = usize::from(root() != before);
        (releases.len() - 1 + moved) as f64 + (debits - 1) as f64
    });
}

#[test]
fn t27_a_changed_attribute_is_a_new_question_and_never_a_stale_answer() {
    let (plain, mut changed) = (World::small_leads(), World::small_leads());
    changed[0].campaign = CAMPAIGNS[1];
    // A root of tokens alone would be the same: who asks it again gets the stale answer.
    let people = |leads: &[Lead]| leads.iter().map(|lead| lead.person).collect::<BTreeSet<_>>();
    let control = f64::from(u8::from(people(&plain) == people(&changed)));
    attack("T27").judge(control, 1, |_| {
        let world = World::with_tick("daily");
        world.stock();
        world.server.clock().advance_days(1);
        let first = world.principal.release(&world.programme.id, MONTH);
        world.principal.deposit(&world.leads(&changed)).ok();
        world.server.clock().advance_days(1);
        let second = world.principal.release(&world.programme.id, MONTH);
        let root = |release| certified(&world, release).question.leads_root;
        let stale = second.from_store || root(&first) == root(&second);
        let unpaid = spent_nrho(&world, MONTH) != first.cost_nrho + second.cost_nrho;
        f64::from(u8::from(stale) + u8::from(unpaid))
    });
}

/// Asks, lets something happen on the same day, asks again; whether the answer is another one.
fn betrayed(tick: &str, happens: impl Fn(&World, DepositId)) -> bool {
    let world = World::with_tick(tick);
    world.principal.deposit(&world.leads(&World::small_leads())).ok();
    let sealed = world.sales(0, &World::small_sales(0));
    world.partners[0].deposit(&sealed).ok();
    world.stock_sales(1);
    // More of the first dealer's, so that an erasure leaves three dealers.
    let extra = Sale { person: Person(9_001), day: "2025-06-12", euros: 20_000 };
    world.partners[0].deposit(&world.sales(0, &[extra])).ok();
    world.server.clock().advance_days(1);
    let first = world.principal.release(&world.programme.id, MONTH);
    let before = world.principal.documents(&first.release);
    happens(&world, sealed.id());
    let again = world.principal.release(&world.programme.id, MONTH);
    let after = world.principal.documents(&again.release);
    !again.from_store || before != after || spent_nrho(&world, MONTH) != first.cost_nrho
}

#[test]
fn t28_inside_a_tick_neither_arrival_nor_erasure_shows() {
    let arrives = |world: &World, _: DepositId| {
        let sale = Sale { person: Person(0), day: "2025-06-25", euros: 20_000 };
        world.partners[1].deposit(&world.sales(1, &[sale])).ok();
    };
    let is_erased = |world: &World, id: DepositId| {
        let order = NewErasure::Deposit { deposit: id, reason: "instruction".to_owned() };
        world.operator.0.post("/v1/erasures", &order).ok();
    };
    let control = [betrayed("at_once", arrives), betrayed("at_once", is_erased)];
    let control = control.iter().filter(|shows| **shows).count() as f64 / 2.0;
    attack("T28").judge(control, 1, |_| {
        f64::from(u8::from(betrayed("daily", arrives)) + u8::from(betrayed("daily", is_erased)))
    });
}
