//! The noise itself: whether its law knows the data (Gadotti and others 2019), and what a statistical
//! audit proves of its scale (by the trade-off curve, as Nasr and others 2023).

use tiers::disclosure::{GateError, Mechanism, Noise, OpenDpNoise};

use super::mutants::Halved;
use crate::bench::catalogue::attack;
use crate::bench::chance::{
    correlation, gaussian_epsilon, phi_inverse, same_law, share_at_least, share_at_most,
};
use crate::bench::engine::{Engine, Gates, likelihood};
use crate::bench::scene::{JUNE, Scene, lead, lead_on, sale, sale_on};
use crate::bench::{Dice, count, standard};

/// Noise of the counts of 64 campaigns over a scene, as often as it takes.
fn drawn(engine: &Engine, scene: &Scene, number: usize, noise: &mut impl Noise) -> Vec<i64> {
    let exact = engine.exact(scene);
    let mut all = Vec::new();
    while all.len() < number {
        let answer = engine.noisy(exact.clone(), noise).unwrap();
        let counts = answer.0.iter().zip(&exact.0[0].counts);
        all.extend(counts.map(|(noisy, exact)| noisy.unwrap() - exact));
    }
    all
}

/// Bounded noise that is wider where a cell holds an even number of people, as layered noises are.
struct Telling;

impl Noise for Telling {
    fn add(&mut self, exact: Vec<i64>, mechanism: &Mechanism) -> Result<Vec<i64>, GateError> {
        let noise = OpenDpNoise.add(vec![0; exact.len()], mechanism)?;
        let told = |(x, z): (i64, i64)| x + if x % 2 == 0 { z } else { 2 * z };
        Ok(exact.into_iter().zip(noise).map(told).collect())
    }
}

/// Noise that follows from the people of the cell, the same in every question ("sticky").
struct Sticky;

impl Noise for Sticky {
    fn add(&mut self, exact: Vec<i64>, mechanism: &Mechanism) -> Result<Vec<i64>, GateError> {
        let reach = (6.0 * mechanism.sigma()).to_string();
        let reach: u64 = reach.split('.').next().unwrap().parse().unwrap();
        let seeded = |(cell, x): (usize, i64)| {
            let mut dice = Dice(cell as u64 * 1_000 + x.unsigned_abs());
            x + i64::try_from(dice.below(2 * reach + 1)).unwrap() - i64::try_from(reach).unwrap()
        };
        Ok(exact.into_iter().enumerate().map(seeded).collect())
    }
}

/// A person in each campaign; in the neighbouring world a second one in each.
fn everywhere(people: u64) -> Scene {
    let mut scene = Scene::default();
    for campaign in 0..64_u16 {
        for n in 0..people {
            let person = 1_000 * u64::from(campaign) + n;
            scene.leads.push(lead(person, campaign));
            scene.sales.push(sale(person, 20_000));
        }
    }
    scene
}

#[test]
fn t12_the_law_of_the_noise_does_not_know_the_data() {
    let engine = Engine::of(&standard(), 64);
    let (zero, one) = (everywhere(0), everywhere(1));
    let number = count(100_000, 20_000);
    let chance = |noise: &mut dyn FnMut(&Scene) -> Vec<i64>| {
        let (a, b) = (noise(&zero), noise(&one));
        same_law(&a, &b).1
    };
    let told = chance(&mut |scene| drawn(&engine, scene, number, &mut Telling));
    let control = if told < 0.001 { 1.0 } else { 0.0 };
    attack("T12").judge(control, number, |_| {
        chance(&mut |scene| drawn(&engine, scene, number, &mut OpenDpNoise))
    });
}

#[test]
fn t12_the_same_people_have_fresh_noise_in_another_question() {
    let engine = Engine::of(&standard(), 64);
    // The same buyers; the second file holds strangers too.
    let (zero, mut other) = (everywhere(3), everywhere(3));
    other.leads.extend((0..64).map(|campaign| lead(900_000 + u64::from(campaign), campaign)));
    let number = count(200_000, 20_000);
    let related = |noise: &mut dyn FnMut(&Scene) -> Vec<i64>| {
        let floats = |all: Vec<i64>| all.into_iter().map(|z| z as f64).collect::<Vec<f64>>();
        let (a, b) = (floats(noise(&zero)), floats(noise(&other)));
        let between = correlation(&a, &b).abs();
        // And from one cell to the next.
        between.max(correlation(&a[1..], &a[..a.len() - 1]).abs())
    };
    let control = related(&mut |scene| drawn(&engine, scene, 2_000, &mut Sticky));
    // Chance falls with the root of the number; the short form is scaled to the full one.
    let scale = (number as f64 / 200_000.0).sqrt();
    attack("T12r").judge(control, number, |_| {
        scale * related(&mut |scene| drawn(&engine, scene, number, &mut OpenDpNoise))
    });
}

/// The two worlds of T24, whose distance is a whole report.
fn substituted() -> [Scene; 2] {
    let scene = Scene {
        leads: vec![lead(7, 0), lead_on(7, 1, JUNE + 12)],
        sales: vec![sale_on(7, 40_000, JUNE + 19)],
    };
    [scene.clone(), scene.and_sale(sale_on(7, 40_000, JUNE + 4))]
}

/// The epsilon at delta 1e-6 that so many runs prove: the greatest distance of two normal laws whose
/// curve lies under the points measured, each point by Clopper's and Pearson's bounds, all together wrong
/// once in ten thousand audits. Thresholds are fixed beforehand.
fn proven(engine: &Engine, runs: usize, noise: &mut impl Noise) -> f64 {
    let [zero, one] = substituted();
    let exact = [engine.exact(&zero), engine.exact(&one)];
    let mut weights = |world: usize| -> Vec<f64> {
        let mut weigh = |_| {
            let answer = engine.noisy(exact[world].clone(), noise).unwrap();
            likelihood(engine, &answer, &zero, &one)
        };
        (0..runs).map(&mut weigh).collect()
    };
    let (zeros, ones) = (weights(0), weights(1));
    let distance = (2.0 * engine.rho()).sqrt();
    let thresholds: Vec<f64> =
        [-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0].iter().map(|z| z * distance).collect();
    let alpha = 1e-4 / (2 * thresholds.len()) as f64;
    let above =
        |all: &[f64], threshold: f64| all.iter().filter(|weight| **weight > threshold).count();
    let found = thresholds.iter().map(|threshold| {
        let power = share_at_least(above(&ones, *threshold), runs, alpha);
        let error = share_at_most(above(&zeros, *threshold), runs, alpha);
        phi_inverse(power) - phi_inverse(error)
    });
    let mu = found.fold(0.0, f64::max);
    gaussian_epsilon(mu * mu / 2.0, 1e-6)
}

#[test]
fn t20_an_audit_proves_no_more_than_what_was_paid() {
    let engine = Gates::standard(2).engine;
    let runs = count(200_000, 20_000);
    let claimed = gaussian_epsilon(engine.rho(), 1e-6);
    let halved = proven(&engine, runs, &mut Halved);
    let control = if halved > claimed { 1.0 } else { 0.0 };
    attack("T20").judge(control, runs, |_| {
        let found = proven(&engine, runs, &mut OpenDpNoise);
        // The audit is no use if it proves nothing.
        assert!(found > claimed / 2.0, "the audit proves {found} of {claimed}");
        found
    });
}
