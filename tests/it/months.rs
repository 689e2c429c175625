//! In how many months a person counts, when files arrive month by month and reports are asked for in
//! between. Figures are noisy, so the admissions themselves are read from the database and the files that it names.

use std::collections::BTreeMap;

use tiers::service::Dependencies;
use tiers::service::faults::{FaultPoint, Faults};
use tiers_protocol::wire::ReportRequest;

use crate::harness::people::{Person, Sale};
use crate::harness::roles::report_request;
use crate::harness::vault::{admitted, admitted_files};
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
    let mut found = BTreeMap::new();
    for ((_, kind, year), months) in admitted(world, Some(&world.programme.id)) {
        assert_eq!((kind.as_str(), year), ("email", 2024));
        *found.entry(months).or_default() += 1;
    }
    let all = admitted(world, None).len();
    assert_eq!(found.values().sum::<u32>() as usize, all, "nobody else is remembered");
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
    let [lying, named] = admitted_files(&world);
    assert_eq!((lying.len(), named.len()), (1, 0), "it was written, and nobody named it");
    let world = world.reopen(Dependencies::default());
    let [lying, _] = admitted_files(&world);
    assert!(lying.is_empty(), "a start removes it");
    world.principal.release(&world.programme.id, "2024-12");
    assert_eq!(admissions(&world), BTreeMap::from([(bits(&[12]), PEOPLE)]));
    // An answer from the store admits nobody anew, a restart forgets nobody.
    let world = world.reopen(Dependencies::default());
    assert!(world.principal.release(&world.programme.id, "2024-12").from_store);
    assert_eq!(admissions(&world), BTreeMap::from([(bits(&[12]), PEOPLE)]));
}

#[test]
fn months_are_remembered_in_few_files_that_upkeep_tidies() {
    let world = ready();
    let certifier = world.server.certifier();
    // New people buy in one month, and its report is asked for each time.
    for group in 0..6 {
        let person = |n| Person(1_000 + 10 * group + n);
        let sale = |n| Sale { person: person(n), day: "2024-12-10", euros: 20_000 };
        let sales: Vec<Sale> = (0..10).map(sale).collect();
        world.partners[0].deposit(&world.sales(0, &sales)).ok();
        // One section: the account of the month pays for six.
        let templates = Some(vec!["conversion/1".to_owned()]);
        let request = report_request(&world.programme.id, "2024-12");
        let request = ReportRequest { templates, ..request };
        world.principal.client.post("/v1/reports", &request).ok();
        assert_eq!(admissions(&world), BTreeMap::from([(bits(&[12]), 10 * (group + 1))]));
        let [lying, named] = admitted_files(&world);
        assert!(named.len() <= 4 && lying.is_superset(&named), "{} files", named.len());
    }
    certifier.upkeep().unwrap();
    let [lying, named] = admitted_files(&world);
    assert_eq!(lying, named);
    // What no release named goes, and what one did stays.
    std::fs::write(world.server.layout().admitted().join("00.units"), b"").unwrap();
    certifier.upkeep().unwrap();
    let [lying, named] = admitted_files(&world);
    assert_eq!(lying, named);
    assert_eq!(admissions(&world), BTreeMap::from([(bits(&[12]), 60)]));
}

#[test]
fn a_damaged_file_of_units_keeps_new_reports_back_and_stored_ones_not() {
    let world = ready();
    world.partners[0].deposit(&world.sales(0, &everybody("2024-12-10"))).ok();
    world.principal.release(&world.programme.id, "2024-12");
    let [_, named] = admitted_files(&world);
    let path = world.server.layout().admitted().join(named.first().unwrap());
    let bytes = std::fs::read(&path).unwrap();
    let damaged = |bytes: &[u8]| [&bytes[..bytes.len() - 1], &[!bytes[bytes.len() - 1]]].concat();
    let world = world.reopen_after(
        |_, _| std::fs::write(&path, damaged(&bytes)).unwrap(),
        Dependencies::default(),
    );
    let told = world.server.certifier().upkeep();
    assert_eq!(told.map_err(|error| error.code()), Err("certifier.file"));
    let asked = |month: &str| world.principal.request(&world.programme.id, month);
    assert_eq!(asked("2024-11").outcome(), (500, "certifier.file".to_owned()));
    asked("2024-12").ok();
    // A year of which nothing is remembered does not need it.
    asked("2025-06").ok();
    std::fs::write(&path, bytes).unwrap();
    world.server.certifier().upkeep().unwrap();
    asked("2024-11").ok();
}

#[test]
fn a_set_of_leads_is_kept_for_the_question_after_a_start() {
    let world = World::stocked();
    let prepared = |world: &World| {
        let entries = std::fs::read_dir(world.server.layout().prepared()).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect::<Vec<_>>()
    };
    assert!(prepared(&world).is_empty());
    world.server.certifier().upkeep().unwrap();
    let [path] = &prepared(&world)[..] else { panic!("one snapshot has one set") };
    let bytes = std::fs::read(path).unwrap();
    let first = world.principal.release(&world.programme.id, "2025-06");
    let certificate = |world: &World| {
        let (_, certificate) = world.principal.documents(&first.release);
        String::from_utf8(certificate).unwrap()
    };
    let root: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    assert!(
        certificate(&world).contains(root["root"].as_str().unwrap()),
        "the set of the question"
    );
    // One that cannot be read is made again.
    let path = path.clone();
    let world =
        world.reopen_after(|_, _| std::fs::write(&path, b"{}").unwrap(), Dependencies::default());
    assert!(world.principal.release(&world.programme.id, "2025-06").from_store);
    assert_eq!(std::fs::read(&path).unwrap(), bytes, "made again, the same");
    // More leads: another set, and the old one goes.
    world.principal.deposit(&world.leads(&World::small_leads()[..40])).ok();
    world.server.certifier().upkeep().unwrap();
    let after = prepared(&world);
    assert!(after.len() == 1 && after[0] != path);
}
