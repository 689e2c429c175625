//! Many askers at once: the account pays for what it can pay, and a question is answered once.

use std::collections::BTreeSet;
use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};

use tiers_protocol::wire::ReleaseInfo;

use super::{another, spent_nrho};
use crate::bench::catalogue::attack;
use crate::bench::engine::Engine;
use crate::bench::{count, standard};
use crate::harness::roles::report_request;
use crate::harness::world::World;

/// Threads at the door.
const ASKING: usize = 64;

/// The control: an account that is read, and written afterwards; the share of the rounds in which more
/// were served than it pays.
fn read_then_write(paid: u64) -> f64 {
    let served = |_: &u64| {
        let (left, served) = (AtomicU64::new(paid), AtomicU64::new(0));
        let gate = Barrier::new(ASKING);
        std::thread::scope(|scope| {
            for _ in 0..ASKING {
                scope.spawn(|| {
                    let seen = left.load(Ordering::SeqCst);
                    gate.wait();
                    if seen > 0 {
                        left.store(seen - 1, Ordering::SeqCst);
                        served.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
        });
        served.into_inner() > paid
    };
    (0..20_u64).filter(served).count() as f64 / 20.0
}

#[test]
fn t19_sixty_four_at_once_get_what_the_account_pays() {
    let engine = Engine::of(&standard(), 2);
    let paid = usize::try_from(engine.reports_in_cap()).unwrap();
    let rounds = count(1_000, 6);
    let programmes = paid + 1;
    attack("T19").judge(read_then_write(paid as u64), rounds, |_| {
        let world = World::stocked();
        let more: Vec<_> =
            (1..programmes).map(|n| another(&world, &world.principal, &format!("N{n}"))).collect();
        let mut ids = vec![world.programme.id];
        ids.extend(more.iter().map(|programme| programme.id));
        let caller = world.principal.client.caller(&world.server);
        let mut wrong = 0;
        for round in 0..rounds {
            let month = format!("{:04}-{:02}", 1900 + round / 12, 1 + round % 12);
            let gate = Barrier::new(ASKING);
            let ask = |n: usize| {
                let request = report_request(&ids[n % ids.len()], &month);
                gate.wait();
                world.server.certifier().request_report(&caller, &request).ok()
            };
            let answers: Vec<Option<ReleaseInfo>> = std::thread::scope(|scope| {
                let ask = &ask;
                let threads: Vec<_> = (0..ASKING).map(|n| scope.spawn(move || ask(n))).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).collect()
            });
            let drawn = answers.iter().flatten().filter(|info| !info.from_store).count();
            let releases: BTreeSet<String> =
                answers.iter().flatten().map(|info| info.release.to_string()).collect();
            let spent = spent_nrho(&world, &month);
            let right = drawn == paid
                && releases.len() == paid
                && spent == engine.cost_nrho() * engine.reports_in_cap();
            wrong += usize::from(!right);
        }
        wrong as f64
    });
}
