//! How long a new report takes, where nobody of the leads bought and where everybody did. How much longer the second
//! takes rests on the machine and on what else it does: on an idle one of two cores a tenth, the quickest of many
//! answers told apart without fail, and on a busy one sometimes not. So that the control never rests on luck, what is
//! longer is made longer, on both sides of the comparison: what hides that, hides the rest.

use std::time::{Duration, Instant};

use tiers::limits::Reports;
use tiers::service::Dependencies;
use tiers::service::faults::{FaultPoint, Faults};
use tiers_contact::FileKind;
use tiers_protocol::entropy::System;
use tiers_protocol::policy::Policy;
use tiers_protocol::programme::Programme;
use tiers_protocol::programme_key::ProgrammeKey;

use crate::bench::catalogue::attack;
use crate::bench::count;
use crate::harness::deposits::Draft;
use crate::harness::full;
use crate::harness::people::{Lead, Person, Sale, leads_csv, sales_csv};
use crate::harness::world::{CAMPAIGNS, MONTH, World, programme};

/// Leads; each of the three dealers sold to a third of them, or to as many strangers.
const PEOPLE: u32 = 3_000;
const STRANGERS: u32 = 100_000;
/// Reports that the account of a world's month pays.
const REPORTS: usize = 100;
/// By how much everybody's matching takes longer.
const LONGER: Duration = Duration::from_millis(40);
const DAY: i64 = 86_400;

/// Under the standard policy with reports that cost little, so that one world answers many.
fn cheap() -> Programme {
    let text = include_str!("../../../policies/disclosure/standard.toml")
        .replace("cost_nrho = 45_000_000", "cost_nrho = 1_500_000")
        .replace("cost_nrho = 37_500_000", "cost_nrho = 1_000_000");
    let mut cheap = programme("Temps", "daily");
    cheap.policy = Policy::from_toml(&text).unwrap();
    cheap
}

/// A certifier with its files; the clock stands before the tick that makes them count.
struct Timed {
    world: World,
    programme: Programme,
}

impl Timed {
    fn new(everybody: bool, reports: Reports) -> Self {
        let world = World::with_tick("daily");
        let slow = Faults::lingering(FaultPoint::ReleaseDrawn, LONGER);
        let faults = if everybody { slow } else { Faults::none() };
        let with = Dependencies { reports, faults, ..Dependencies::default() };
        let world = world.reopen(with);
        let key = ProgrammeKey::generate(&mut System);
        let programme: Programme = world.principal.register(cheap(), &key).json();
        world.officer.approve(&programme).ok();
        let certifier = world.server.trust().sealing;
        let lead = |n| Lead { person: Person(n), day: "2025-04-10", campaign: CAMPAIGNS[0] };
        let leads = leads_csv(&(0..PEOPLE).map(lead).collect::<Vec<_>>());
        let leads = Draft::of(&programme, &key, FileKind::Leads, &leads);
        world.principal.deposit(&leads.seal(&certifier, &world.principal.secret)).ok();
        for (dealer, partner) in (0..).zip(&world.partners) {
            world.principal.add(&programme.id, &key, partner);
            let first = dealer * (PEOPLE / 3) + if everybody { 0 } else { STRANGERS };
            let sale = |n| Sale { person: Person(n), day: "2025-06-12", euros: 15_000 };
            let sales = sales_csv(&(first..first + PEOPLE / 3).map(sale).collect::<Vec<_>>());
            let sales = Draft::of(&programme, &key, FileKind::Sales, &sales);
            partner.deposit(&sales.seal(&certifier, &partner.secret)).ok();
        }
        Self { world, programme }
    }

    /// Seconds that the report of the next day takes, which is a new question.
    fn ask(&self) -> f64 {
        self.world.server.clock().advance_seconds(DAY);
        let begun = Instant::now();
        let asked = self.world.principal.request(&self.programme.id, MONTH);
        let taken = begun.elapsed().as_secs_f64();
        assert_eq!(asked.status, 201);
        taken
    }
}

/// The quickest answers of both worlds of so many rounds: what else the machine does makes some longer. They ask in
/// turns, or where they wait most of the time, side by side.
fn quickest(nobody: &Timed, everybody: &Timed, (reports, rounds): (Reports, usize)) -> [f64; 2] {
    let both = |round| {
        if reports == Reports::AT_ONCE {
            return [nobody.ask(), everybody.ask()];
        }
        // Each of them is as often the one that another thread asks, a little later.
        let (here, there) = if round % 2 == 0 { (nobody, everybody) } else { (everybody, nobody) };
        let [here, there] = std::thread::scope(|scope| {
            let there = scope.spawn(|| there.ask());
            [here.ask(), there.join().unwrap()]
        });
        if round % 2 == 0 { [here, there] } else { [there, here] }
    };
    let least = |[a, b]: [f64; 2], [c, d]: [f64; 2]| [a.min(c), b.min(d)];
    (0..rounds).map(both).reduce(least).unwrap()
}

/// How well times tell the worlds apart, asked side by side: the share of pairs in which everybody's is longer, or
/// shorter, whichever is more. 0.5 if they do not.
fn told_apart(reports: Reports, (pairs, rounds): (usize, usize)) -> f64 {
    let mut longer = 0;
    let mut worlds = None;
    for pair in 0..pairs {
        if pair % (REPORTS / rounds) == 0 {
            worlds = Some((Timed::new(false, reports), Timed::new(true, reports)));
        }
        let (nobody, everybody) = worlds.as_ref().unwrap();
        let [of_nobody, of_everybody] = quickest(nobody, everybody, (reports, rounds));
        longer += usize::from(of_everybody > of_nobody);
    }
    let share = longer as f64 / pairs as f64;
    share.max(1.0 - share)
}

#[test]
fn t15_the_time_of_an_answer_does_not_tell_nobody_from_everybody() {
    let control = told_apart(Reports::AT_ONCE, (count(100, 20), 4));
    let pairs = count(1_000, 20);
    // A beat in which such a report is always made; beside other tests, with room to spare.
    let beat = Reports { beat_ms: if full() { 200 } else { 400 } };
    attack("T15").judge(control, pairs, |_| told_apart(beat, (pairs, 4)));
}
