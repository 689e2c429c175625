//! The best attack on whole reports: it stays within the bound that `docs/privacy.md` prints, a
//! halved noise does not, and against exact tables it always wins.

use std::f64::consts::SQRT_2;

use crate::disclosure::{
    ExactTables, GateError, Mechanism, Noise, NoisyTables, OpenDpNoise, Terms,
    interval::whole,
    release,
    tests::{Seeded, full, terms},
};

type World = ([i64; 3], [i64; 3]);

/// The victim appears, moves or stays, among ten people whose status the attacker planted.
fn cases(centre: i64) -> [(&'static str, f64, World, World); 3] {
    let planted = ([10, 0, 0], [0, 0, 0]);
    let first = ([11, 0, 0], [centre, 0, 0]);
    let second = ([10, 1, 0], [0, -centre, 0]);
    let poorer = ([11, 0, 0], [-centre, 0, 0]);
    [
        ("appears", 0.041_25, planted, first),
        ("moves", 0.082_5, first, second),
        ("stays", 0.075, poorer, first),
    ]
}

/// The logarithm of how much better the second world explains the tables; ties are broken by luck.
fn prefers_second(noisy: &NoisyTables, worlds: (World, World), terms: &Terms) -> f64 {
    let side = |seen: &[i64], zero: [i64; 3], one: [i64; 3], mechanism: &Mechanism| -> f64 {
        let variance = mechanism.sigma().powi(2);
        let gain = |((&x, a), b): ((&i64, i64), i64)| {
            (b - a) as f64 * (x as f64 - (a + b) as f64 / 2.0) / variance
        };
        seen.iter().zip(zero).zip(one).map(gain).sum()
    };
    let (zero, one) = worlds;
    side(&noisy.tables[0].counts, zero.0, one.0, terms.conversions().counts())
        + side(
            noisy.tables[0].centred_cents.as_deref().unwrap(),
            zero.1,
            one.1,
            terms.conversions().sums().unwrap(),
        )
}

fn accuracy(worlds: (World, World), trials: u64, noise: &mut impl Noise) -> f64 {
    let terms = terms(3);
    let mut random = Seeded(trials);
    let mut right = 0;
    for _ in 0..trials {
        let second = random.below(2) == 1;
        let (counts, sums) = if second { worlds.1 } else { worlds.0 };
        let tables = ExactTables::by_campaign(counts.to_vec(), sums.to_vec());
        let noisy = release(tables, &terms, noise).unwrap();
        let gain = prefers_second(&noisy, worlds, &terms);
        let guess = if gain == 0.0 { random.below(2) == 1 } else { gain > 0.0 };
        right += u64::from(guess == second);
    }
    right as f64 / trials as f64
}

/// `Phi(sqrt(rho / 2))`.
fn bound(rho: f64) -> f64 {
    0.5 + 0.5 * libm::erf((rho / 2.0).sqrt() / SQRT_2)
}

fn centre() -> i64 {
    i64::try_from(terms(3).centre_cents()).unwrap()
}

/// Three standard deviations of the share of right guesses, whatever that share is.
fn slack(trials: u64) -> f64 {
    1.5 / (trials as f64).sqrt()
}

#[test]
fn sta_08_planted_people_do_not_betray_the_next_one() {
    let trials = if full() { 400_000 } else { 6_000 };
    for (name, rho, zero, one) in cases(centre()) {
        let reached = accuracy((zero, one), trials, &mut OpenDpNoise);
        assert!(reached <= bound(rho) + slack(trials) + 0.005, "{name}: {reached}");
        assert!(reached >= bound(rho) - slack(trials) - 0.005, "{name}: attack too weak {reached}");
    }
}

/// Noise at half its scale.
struct Halved;

impl Noise for Halved {
    fn add(&mut self, exact: Vec<i64>, mechanism: &Mechanism) -> Result<Vec<i64>, GateError> {
        let noise = OpenDpNoise.add(vec![0; exact.len()], mechanism)?;
        let half = |z: i64| whole((z as f64 / 2.0).round());
        Ok(exact.into_iter().zip(noise).map(|(x, z)| x + half(z)).collect())
    }
}

/// No noise: the control that the attack works.
struct Exact;

impl Noise for Exact {
    fn add(&mut self, exact: Vec<i64>, _: &Mechanism) -> Result<Vec<i64>, GateError> {
        Ok(exact)
    }
}

#[test]
fn the_attack_beats_exact_tables_always_and_halved_noise_visibly() {
    for (name, rho, zero, one) in cases(centre()) {
        assert!((accuracy((zero, one), 200, &mut Exact) - 1.0).abs() < 1e-9, "{name}");
        let reached = accuracy((zero, one), 6_000, &mut Halved);
        assert!(reached > bound(rho) + slack(6_000) + 0.005, "{name}: {reached}");
    }
}

/// The table of `docs/privacy.md`.
#[test]
fn the_document_prints_these_accuracies() {
    let page = include_str!("../../../../../docs/privacy.md");
    for rho in [0.0825, 0.3, 0.6] {
        let percent = |keys: f64| format!("{:.2} %", 100.0 * bound(rho * keys * keys));
        let row = format!("{} | {} | {} |", percent(1.0), percent(2.0), percent(3.0));
        assert!(page.contains(&row), "{row}");
    }
    for half in [0.041_25, 0.15] {
        assert!(page.contains(&format!("{:.2} %", 100.0 * bound(half))));
    }
}
