//! Forged leads and planted rows: how far one buyer moves the tables, and what a captive dealer gains.

use tiers_contact::Kind;

use super::mutants::unclamped;
use crate::bench::catalogue::attack;
use crate::bench::engine::{Engine, Gates, Tables};
use crate::bench::exact::Exact;
use crate::bench::play::{Question, play};
use crate::bench::scene::{
    JUNE, Scene, lead, lead_by, lead_on, padded, sale_by, sale_on, somebody,
};
use crate::bench::{Dice, count, standard};

const KEYS: [Kind; 4] = [Kind::Email, Kind::Mobile, Kind::NameBirth, Kind::NamePost];

/// One buyer with all identifiers, and 1 to 100 leads that share some of them; some strangers too.
fn forged(dice: &mut Dice) -> (Scene, u64) {
    let victim = somebody(dice);
    let mut scene = Scene::default();
    for _ in 0..1 + dice.below(100) {
        let keys: Vec<(Kind, u64)> =
            KEYS.iter().filter(|_| dice.below(2) == 0).map(|kind| (*kind, victim)).collect();
        let campaign = u16::try_from(dice.below(4)).unwrap();
        scene.leads.push(lead_by(&keys, campaign));
        scene.leads.push(lead_on(victim, campaign, 1 + i32::try_from(dice.below(170)).unwrap()));
    }
    (scene, victim)
}

/// Up to four sales of the victim in the month, for anything from nothing to ten million.
fn history(victim: u64, dice: &mut Dice) -> Scene {
    let mut scene = Scene::default();
    for _ in 0..dice.below(5) {
        let keys: Vec<(Kind, u64)> = KEYS
            .iter()
            .filter(|kind| **kind == Kind::Email || dice.below(2) == 0)
            .map(|kind| (*kind, victim))
            .collect();
        let euros = [0, 1, 19_999, 20_000, 40_000, 40_001, 10_000_000][roll(dice, 7)];
        scene.sales.push(sale_by(&keys, euros, JUNE + i32::try_from(dice.below(28)).unwrap()));
    }
    scene
}

fn roll(dice: &mut Dice, below: u64) -> usize {
    usize::try_from(dice.below(below)).unwrap()
}

/// What the difference of two tables costs under the noise of the gate, in rho.
fn cost(engine: &Engine, zero: &Tables, one: &Tables) -> f64 {
    let (zero, one) = (zero.values(), one.values());
    let differences = zero.iter().zip(&one).map(|(a, b)| (b.0 - a.0) as f64);
    differences.zip(engine.sigmas()).map(|(d, s)| d * d / (2.0 * s * s)).sum()
}

/// The mistake that clean rooms make: every lead that finds a sale counts.
pub fn leads_counted(engine: &Engine, scene: &Scene) -> Tables {
    let mut tables = engine.exact(&Scene::default());
    for lead in &scene.leads {
        let alone = Scene { leads: vec![lead.clone()], sales: scene.sales.clone() };
        let alone = engine.exact(&alone);
        let add = |all: &mut Vec<i64>, more: &[i64]| {
            all.iter_mut().zip(more).for_each(|(a, b)| *a += b);
        };
        for (all, more) in tables.0.iter_mut().zip(&alone.0) {
            add(&mut all.counts, &more.counts);
            all.sums.iter_mut().zip(&more.sums).for_each(|(all, more)| add(all, more));
        }
    }
    tables
}

/// The share of cases in which one buyer costs more than was paid: a whole report when his rows are
/// replaced by others, half of one when they appear.
fn broken(
    engine: &Engine,
    cases: usize,
    seed: u64,
    tables: impl Fn(&Engine, &Scene) -> Tables,
) -> usize {
    let mut dice = Dice(seed);
    let mut broken = 0;
    for _ in 0..cases {
        let (forged, victim) = forged(&mut dice);
        let mut world = |appears: bool| {
            let sales = if appears { history(victim, &mut dice).sales } else { Vec::new() };
            tables(engine, &Scene { sales, ..forged.clone() })
        };
        let (nobody, one, other) = (world(false), world(true), world(true));
        let allowed = engine.rho() * (1.0 + 1e-9);
        let too_far =
            cost(engine, &nobody, &one) > allowed / 2.0 || cost(engine, &one, &other) > allowed;
        broken += usize::from(too_far);
    }
    broken
}

#[test]
fn t09_a_hundred_forged_leads_move_the_tables_by_one_person() {
    let engine = Engine::of(&standard(), 4);
    // A buyer that nobody looks for breaks nothing even there: the control counts those that are found.
    let control = |seed| {
        let mut dice = Dice(seed);
        let (forged, victim) = forged(&mut dice);
        let bought = Scene { sales: vec![sale_on(victim, 40_000, JUNE + 29)], ..forged.clone() };
        let (zero, one) = (leads_counted(&engine, &forged), leads_counted(&engine, &bought));
        cost(&engine, &zero, &one) > engine.rho() / 2.0 * (1.0 + 1e-9)
    };
    let cases = count(500, 60);
    let caught = (0..cases as u64).filter(|seed| control(seed + 7)).count();
    let cases_of_product = count(10_000, 1_000);
    attack("T9").judge(caught as f64 / cases as f64, cases_of_product, |seed| {
        let found = broken(&engine, cases_of_product, seed, Engine::exact);
        found as f64
    });
}

/// T13: one sale for ten millions in place of one for the clamp changes nothing at all.
#[test]
fn t13_a_sale_of_ten_millions_weighs_as_one_of_the_clamp() {
    let engine = Engine::of(&standard(), 2);
    let different = |seed: u64, tables: fn(&Engine, &Scene) -> Tables| {
        let mut dice = Dice(seed);
        let target = somebody(&mut dice);
        let scene = padded(target, 10, 14, &mut dice);
        let with = |euros| scene.and_sale(sale_on(target, euros, JUNE + 3));
        tables(&engine, &with(40_000)) != tables(&engine, &with(10_000_000))
    };
    let cases = count(10_000, 1_000) as u64;
    let caught = (0..100).filter(|seed| different(*seed, unclamped)).count();
    attack("T13").judge(caught as f64 / 100.0, 1, |attempt| {
        let seeds = 1_000_000 * attempt..1_000_000 * attempt + cases;
        seeds.filter(|seed| different(*seed, Engine::exact)).count() as f64
    });
}

/// T24: did he buy on the 5th? Whether he did or not, a captive dealer says that he bought on the 20th,
/// after a lead of another campaign: the count moves from one campaign to the other.
fn planted_row(dice: &mut Dice) -> Vec<Question> {
    let target = somebody(dice);
    let mut scene = padded(target, 10, 60, dice);
    scene.leads.push(lead_on(target, 1, JUNE + 12));
    scene.sales.push(sale_on(target, 40_000, JUNE + 19));
    vec![[scene.clone(), scene.and_sale(sale_on(target, 40_000, JUNE + 4))]]
}

#[test]
fn t24_a_row_under_the_victims_key_gains_no_more_than_substitution() {
    let gates = Gates::standard(2);
    let control = play(&Exact(gates.engine.clone()), count(400, 60), 0, planted_row).accuracy();
    let trials = count(4_000, 800);
    attack("T24").judge(control, trials, |seed| play(&gates, trials, seed, planted_row).accuracy());
}

/// T25: a person whom dealers know by different keys is as many units.
fn known_by(keys: &[Kind], dice: &mut Dice) -> Vec<Question> {
    let target = somebody(dice);
    let mut scene = padded(target, 10, 60, dice);
    let all: Vec<(Kind, u64)> = keys.iter().map(|kind| (*kind, target)).collect();
    scene.leads[0] = lead_by(&all, 0);
    let mut bought = scene.clone();
    bought.sales.extend(all.iter().map(|key| sale_by(&[*key], 40_000, JUNE + 10)));
    vec![[scene, bought]]
}

#[test]
fn t25_a_person_of_two_or_three_keys_is_told_as_the_page_says() {
    let gates = Gates::standard(2);
    let exact = Exact(gates.engine.clone());
    let trials = count(4_000, 800);
    let two = |dice: &mut Dice| known_by(&KEYS[..2], dice);
    let control = play(&exact, count(400, 60), 0, two).accuracy();
    attack("T25").judge(control, trials, |seed| play(&gates, trials, seed, two).accuracy());
    let three = |dice: &mut Dice| known_by(&KEYS[..3], dice);
    let control = play(&exact, count(400, 60), 0, three).accuracy();
    attack("T25t").judge(control, trials, |seed| play(&gates, trials, seed, three).accuracy());
}

/// A lead of April, once, as the scenes have it: the forged file finds the victim at all.
#[test]
fn a_forged_file_finds_its_victim() {
    let engine = Engine::of(&standard(), 4);
    let scene = Scene { leads: vec![lead(5, 2)], sales: vec![sale_on(5, 10, JUNE)] };
    assert_eq!(engine.exact(&scene).0[0].counts, [0, 0, 1, 0]);
}
