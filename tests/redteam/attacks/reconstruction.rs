//! Reconstruction (Dinur and Nissim 2003; Cohen and Nissim 2018): a hundred people, every one of them a
//! target, split anew for each question; least squares in the cube gives all of them at once.

use crate::bench::catalogue::attack;
use crate::bench::engine::{Engine, Gates};
use crate::bench::exact::Exact;
use crate::bench::oracle::{Fresh, Oracle as _};
use crate::bench::scene::{Scene, lead, sale, somebody};
use crate::bench::{Dice, count};

const PEOPLE: usize = 100;

/// One measured sum: who was in the cell, and how many of them bought, in deviations of its noise.
struct Row {
    of: Vec<usize>,
    seen: f64,
    weight: f64,
}

/// Asks up to `questions` times with random splits over all campaigns, and solves; the share of the
/// hundred that is told right.
fn rebuilt<F: Fresh>(engine: &Engine, oracles: &F, questions: usize, dice: &mut Dice) -> f64 {
    let campaigns = engine.campaigns();
    let base = somebody(dice);
    let person = |n: usize| base + n as u64;
    let bought: Vec<bool> = (0..PEOPLE).map(|_| dice.below(2) == 1).collect();
    let mut known = Scene::default();
    let planted = somebody(dice);
    for (n, campaign) in (0..11 * campaigns as u64).zip((0..campaigns).cycle()) {
        known.leads.push(lead(planted + n, u16::try_from(campaign).unwrap()));
        known.sales.push(sale(planted + n, 20_000));
    }
    let buyers = bought.iter().enumerate().filter(|(_, bought)| **bought);
    known.sales.extend(buyers.map(|(n, _)| sale(person(n), 40_000)));
    let (mut oracle, mut rows) = (oracles.fresh(), Vec::new());
    for _ in 0..questions {
        let mut cells: Vec<Vec<usize>> = vec![Vec::new(); campaigns];
        let mut scene = known.clone();
        for n in 0..PEOPLE {
            let cell = usize::try_from(dice.below(campaigns as u64)).unwrap();
            cells[cell].push(n);
            scene.leads.push(lead(person(n), u16::try_from(cell).unwrap()));
        }
        let Some(answer) = oracle.ask(&scene) else { break };
        let values = answer.0.iter().zip(engine.sigmas()).take(2 * campaigns);
        for (value, (cell, sigma)) in values.enumerate() {
            let Some(seen) = cell else { continue };
            let counts = value < campaigns;
            let scale = if counts { 1.0 } else { engine.centre_cents() as f64 };
            let seen = *seen as f64 - if counts { 11.0 } else { 0.0 };
            let of = cells[value % campaigns].clone();
            rows.push(Row { of, seen: seen / scale, weight: (scale / sigma).powi(2) });
        }
    }
    let solved = least_squares(&rows);
    let right = solved.iter().zip(&bought).filter(|(x, bought)| (**x > 0.5) == **bought);
    right.count() as f64 / PEOPLE as f64
}

/// Projected gradients, from the middle of the cube, with a weak pull to it that settles what the rows
/// leave open (the prior of a fair coin).
fn least_squares(rows: &[Row]) -> [f64; PEOPLE] {
    let mut x = [0.5; PEOPLE];
    let longest = rows.iter().map(|row| row.of.len() as f64 * row.weight).sum::<f64>();
    let busiest = (0..PEOPLE).map(|n| {
        let of = rows.iter().filter(|row| row.of.contains(&n));
        of.map(|row| row.of.len() as f64 * row.weight).sum::<f64>()
    });
    let pull = 4.0;
    let step = 1.0 / (busiest.fold(0.0, f64::max).min(longest) + pull);
    for _ in 0..400 {
        let mut gradient: Vec<f64> = x.iter().map(|value| pull * (value - 0.5)).collect();
        for row in rows {
            let off = row.of.iter().map(|n| x[*n]).sum::<f64>() - row.seen;
            row.of.iter().for_each(|n| gradient[*n] += row.weight * off);
        }
        for (value, slope) in x.iter_mut().zip(&gradient) {
            *value = (*value - step * slope).clamp(0.0, 1.0);
        }
    }
    x
}

fn verdict(id: &str, campaigns: u16, asked_of_control: usize) {
    let gates = Gates::standard(campaigns);
    let exact = Exact(gates.engine.clone());
    let mut dice = Dice(11);
    let control = rebuilt(&gates.engine, &exact, asked_of_control, &mut dice);
    assert!(control >= 0.99, "the control reached {control}");
    let runs = count(20, 5);
    attack(id).judge(control, runs * PEOPLE, |seed| {
        let mut dice = Dice(seed);
        let run = |_| rebuilt(&gates.engine, &gates, 200, &mut dice);
        (0..runs).map(run).sum::<f64>() / runs as f64
    });
}

#[test]
fn t11_random_halves_do_not_rebuild_a_hundred_people() {
    verdict("T11", 2, 200);
}

#[test]
fn t11_random_splits_over_every_campaign_do_neither() {
    verdict("T11c", 64, 40);
}
