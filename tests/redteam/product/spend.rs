//! One account a month for a whole group: agencies, sisters, second programmes, and what is deleted and
//! sent again.

use tiers::disclosure::Account;
use tiers_protocol::entropy::System;
use tiers_protocol::party::PartySecret;
use tiers_protocol::programme::Programme;
use tiers_protocol::wire::{ErasureInfo, NewErasure, Role};

use super::{another, spent_nrho};
use crate::bench::catalogue::attack;
use crate::bench::engine::Engine;
use crate::bench::standard;
use crate::harness::people::{Person, Sale};
use crate::harness::roles::{Principal, company};
use crate::harness::world::{MONTH, World};

/// A company under the same head as the brand.
fn sister(world: &World, number: u32) -> Principal {
    let secret = PartySecret::generate(&mut System);
    let new = company(Role::Principal, number, Some(0), &secret);
    Principal(world.operator.enrol_as(&world.server, &new, secret))
}

/// Answers beyond what one month's account pays; each asks as often as it is answered.
fn overspent(world: &World, asking: &[(&Principal, &Programme)]) -> f64 {
    let engine = Engine::of(&standard(), 2);
    let (mut paid, mut day) = (0_u64, 11);
    loop {
        let mut answered = false;
        for (principal, programme) in asking {
            let asked = principal.request(&programme.id, MONTH);
            if asked.status == 201 {
                paid += 1;
                answered = true;
            } else if asked.status != 200 {
                assert_eq!(asked.code(), "report.budget_spent", "{}", asked.status);
            }
        }
        if !answered {
            break;
        }
        // Another row, another snapshot, another question.
        let sale = Sale { person: Person(5_000 + day), day: "2025-06-20", euros: 9_000 };
        world.partners[0].deposit(&world.sales(0, &[sale])).ok();
        day += 1;
    }
    let spent = spent_nrho(world, MONTH);
    assert_eq!(spent, paid * engine.cost_nrho(), "what was answered was debited");
    paid.saturating_sub(engine.reports_in_cap()) as f64
}

#[test]
fn t22_sisters_and_agencies_spend_one_account() {
    attack("T22").judge(accounts_apart(4), 1, |_| {
        let world = World::stocked();
        let sisters: Vec<Principal> = (41..44).map(|number| sister(&world, number)).collect();
        let theirs: Vec<Programme> =
            sisters.iter().map(|sister| another(&world, sister, "Agence")).collect();
        let mut asking = vec![(&world.principal, &world.programme)];
        asking.extend(sisters.iter().zip(&theirs));
        overspent(&world, &asking)
    });
}

/// The control: whether accounts of their own, one for each asker, would have paid for more.
fn accounts_apart(askers: usize) -> f64 {
    let (policy, engine) = (standard(), Engine::of(&standard(), 2));
    let mut answered = 0;
    for _ in 0..askers {
        let mut account = Account::open(policy.cap_nrho());
        while let Ok(after) = account.debit(engine.cost_nrho()) {
            account = after;
            answered += 1;
        }
    }
    f64::from(u8::from(answered > engine.reports_in_cap()))
}

#[test]
fn t37_every_template_over_two_programmes_ends_in_refusal() {
    attack("T37").judge(accounts_apart(2), 1, |_| {
        let world = World::stocked();
        let second = another(&world, &world.principal, "Second");
        let both = [(&world.principal, &world.programme), (&world.principal, &second)];
        overspent(&world, &both)
    });
}

#[test]
fn t26_what_is_deleted_and_sent_again_opens_no_account() {
    attack("T26").judge(accounts_apart(2), 1, |_| {
        let world = World::stocked();
        let engine = Engine::of(&standard(), 2);
        let mut answered = 0_u64;
        for round in 0..6 {
            let asked = world.principal.request(&world.programme.id, MONTH);
            answered += u64::from(asked.status == 201);
            // Everything that the first dealer sent goes, and comes again, with an overlapping export.
            let sales = World::small_sales(0);
            let sealed = world.sales(0, &sales[..sales.len() - round]);
            world.partners[0].deposit(&sealed).ok();
            let order = NewErasure::Deposit { deposit: sealed.id(), reason: "again".to_owned() };
            let done: ErasureInfo = world.operator.0.post("/v1/erasures", &order).json();
            assert!(done.done, "at once");
            world.partners[0].deposit(&world.sales(0, &sales)).ok();
        }
        assert_eq!(spent_nrho(&world, MONTH), answered * engine.cost_nrho());
        answered.saturating_sub(engine.reports_in_cap()) as f64
    });
}
