//! In how many months a person counts, when files arrive month by month and reports are asked for in
//! between. Figures are noisy, so the admissions themselves are read from the database.

use std::collections::BTreeMap;

use tiers::service::Dependencies;
use tiers::service::faults::{FaultPoint, Faults};

use crate::harness::people::{Person, Sale};
use crate::harness::world::World;

/// People who buy every month.
const PEOPLE: u32 = 25;

/// The same people buy on a day.
fn everybody(day: &'static str) -> Vec<Sale> {
    let sale = |n| Sale { person: Person(n), day, euros: 20_000 };
    (0..PEOPLE).map(sale).collect()
}

/// How many units of 2024 have counted in each set of months; bit 0 is January.
fn admissions(world: &World) -> BTreeMap<u16, u32> {
    let database = rusqlite::Connection::open(world.server.layout().database()).unwrap();
    let query = "SELECT months, count(*) FROM admission \
                 WHERE programme_id = ?1 AND kind = 'email' AND year = 2024 GROUP BY months";
    let mut statement = database.prepare(query).unwrap();
    let rows = statement.query_map([world.programme.id.to_string()], |row| {
        Ok((row.get::<_, u16>(0)?, row.get::<_, u32>(1)?))
    });
    let found: BTreeMap<u16, u32> = rows.unwrap().map(Result::unwrap).collect();
    let all: u32 =
        database.query_row("SELECT count(*) FROM admission", [], |row| row.get(0)).unwrap();
    assert_eq!(found.values().sum::<u32>(), all, "nobody else is remembered");
    found
}

/// The bits of some months.
fn bits(months: &[u16]) -> u16 {
    months.iter().fold(0, |bits, month| bits | 1 << (month - 1))
}

/// A network that may ask: leads, and three dealers' sales of another year.
fn ready() -> World {
    let world = World::new();
    world.stock();
    world
}

#[test]
fn files_that_arrive_backwards_do_not_let_a_person_count_in_every_month() {
    let world = ready();
    let deposit =
        |dealer: usize, sales: &[Sale]| world.partners[dealer].deposit(&world.sales(dealer, sales));
    let ask = |month: &str| world.principal.release(&world.programme.id, month);
    deposit(0, &everybody("2024-12-10")).ok();
    assert!(admissions(&world).is_empty(), "a deposit admits nobody");
    ask("2024-12");
    assert_eq!(admissions(&world), BTreeMap::from([(bits(&[12]), PEOPLE)]));
    deposit(1, &everybody("2024-11-10")).ok();
    ask("2024-11");
    let full = BTreeMap::from([(bits(&[11, 12]), PEOPLE)]);
    assert_eq!(admissions(&world), full);
    // The year is full, whoever sends an earlier month and however often it is asked for.
    deposit(2, &everybody("2024-10-10")).ok();
    for (extra, month) in [("2024-10-11", "2024-10"), ("2024-09-11", "2024-09")] {
        ask(month);
        assert_eq!(admissions(&world), full);
        deposit(0, &everybody(extra)).ok();
        ask(month);
        assert_eq!(admissions(&world), full);
    }
    // More rows of a month that has counted them change nothing in who counts.
    deposit(1, &everybody("2024-12-20")).ok();
    ask("2024-12");
    assert_eq!(admissions(&world), full);
    // Somebody else counts.
    deposit(2, &[Sale { person: Person(900), day: "2024-10-12", euros: 9_000 }]).ok();
    ask("2024-10");
    let mut with_another = full;
    with_another.insert(bits(&[10]), 1);
    assert_eq!(admissions(&world), with_another);
}

#[test]
fn a_release_that_does_not_happen_admits_nobody() {
    let world = ready();
    world.partners[0].deposit(&world.sales(0, &everybody("2024-12-10"))).ok();
    let faults = Faults::at(FaultPoint::ReleaseDrawn);
    let world = world.reopen(Dependencies { faults, ..Dependencies::default() });
    assert_eq!(world.principal.request(&world.programme.id, "2024-12").status, 500);
    assert!(admissions(&world).is_empty());
    let world = world.reopen(Dependencies::default());
    world.principal.release(&world.programme.id, "2024-12");
    assert_eq!(admissions(&world), BTreeMap::from([(bits(&[12]), PEOPLE)]));
    // An answer from the store admits nobody anew, a restart forgets nobody.
    let world = world.reopen(Dependencies::default());
    assert!(world.principal.release(&world.programme.id, "2024-12").from_store);
    assert_eq!(admissions(&world), BTreeMap::from([(bits(&[12]), PEOPLE)]));
}
