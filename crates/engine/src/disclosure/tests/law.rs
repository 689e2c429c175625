//! The draws of OpenDP follow the law on which the intervals rest, and mutants do not.

use tiers_protocol::policy::CostNrho;

use crate::disclosure::{
    Mechanism, Noise, OpenDpNoise,
    interval::{probability, whole},
    tests::full,
};

/// Draws of a mechanism around zero.
fn draws(mechanism: &Mechanism, number: usize) -> Vec<i64> {
    OpenDpNoise.add(vec![0; number], mechanism).unwrap()
}

/// Chi-square of draws against the law of `sigma`, with its degrees of freedom; values expected
/// fewer than ten times are pooled at either end.
fn chi_square(drawn: &[i64], sigma: f64) -> (f64, f64) {
    let total = drawn.len() as f64;
    let mut edge = 0u64;
    while probability(sigma, edge + 1) * total >= 10.0 {
        edge += 1;
    }
    let edge = i64::try_from(edge).unwrap();
    let mut seen = vec![0u64; usize::try_from(2 * edge + 3).unwrap()];
    for &value in drawn {
        let cell = value.clamp(-edge - 1, edge + 1) + edge + 1;
        seen[usize::try_from(cell).unwrap()] += 1;
    }
    let inner: f64 = (-edge..=edge).map(|k| probability(sigma, k.unsigned_abs())).sum();
    let expected = |k: i64| {
        let p =
            if k.abs() > edge { (1.0 - inner) / 2.0 } else { probability(sigma, k.unsigned_abs()) };
        p * total
    };
    let statistic = (-edge - 1..=edge + 1)
        .zip(&seen)
        .map(|(k, &count)| (count as f64 - expected(k)).powi(2) / expected(k))
        .sum();
    (statistic, (2 * edge + 2) as f64)
}

/// The bound that chi-square passes once in 10,000 runs (Wilson and Hilferty 1931).
fn bound(freedom: f64) -> f64 {
    let spread = 2.0 / (9.0 * freedom);
    freedom * (1.0 - spread + 3.719 * spread.sqrt()).powi(3)
}

fn number() -> usize {
    if full() { 1_000_000 } else { 100_000 }
}

#[test]
fn draws_follow_the_stated_law_and_a_wrong_scale_is_seen() {
    let mechanism = Mechanism::calibrate(2, CostNrho::new(45_000_000).unwrap()).unwrap();
    let drawn = draws(&mechanism, number());
    let (statistic, freedom) = chi_square(&drawn, mechanism.sigma());
    assert!(statistic < bound(freedom), "{statistic} for {freedom}");
    for wrong in [0.5, 0.95, 1.05] {
        let (statistic, freedom) = chi_square(&drawn, mechanism.sigma() * wrong);
        assert!(statistic > bound(freedom), "a scale wrong by {wrong} passes");
    }
}

/// The variance of the sample variance is `2 sigma^4 / n` for these laws, so 3.9 of its roots are
/// the band that is left once in 10,000 runs.
#[test]
fn the_variance_is_right_at_the_scale_of_cents() {
    let squared = 2 * 2_000_000u128 * 2_000_000;
    let mechanism = Mechanism::calibrate(squared, CostNrho::new(37_500_000).unwrap()).unwrap();
    let drawn = draws(&mechanism, number());
    let total = drawn.len() as f64;
    let variance = drawn.iter().map(|&v| (v as f64).powi(2)).sum::<f64>() / total;
    let ratio = variance / mechanism.sigma().powi(2);
    assert!((ratio - 1.0).abs() < 3.9 * (2.0 / total).sqrt(), "{ratio}");
    let mean = drawn.iter().map(|&v| v as f64).sum::<f64>() / total;
    assert!(mean.abs() < 3.9 * mechanism.sigma() / total.sqrt(), "{mean}");
}

#[test]
fn neighbouring_cells_have_independent_noise() {
    let mechanism = Mechanism::calibrate(2, CostNrho::new(45_000_000).unwrap()).unwrap();
    let drawn = draws(&mechanism, number());
    let products: f64 = drawn.windows(2).map(|pair| (pair[0] * pair[1]) as f64).sum();
    let correlation = products / drawn.len() as f64 / mechanism.sigma().powi(2);
    assert!(correlation.abs() < 3.9 / (drawn.len() as f64).sqrt(), "{correlation}");
}

#[test]
fn noise_is_added_to_what_is_there() {
    let mechanism = Mechanism::calibrate(2, CostNrho::new(45_000_000).unwrap()).unwrap();
    let noisy = OpenDpNoise.add(vec![1_000_000, -1_000_000, i64::MAX], &mechanism).unwrap();
    let reach = whole(mechanism.sigma() * 12.0);
    assert!((noisy[0] - 1_000_000).abs() < reach && (noisy[1] + 1_000_000).abs() < reach);
    assert!(noisy[2] >= i64::MAX - reach, "the end of the range is kept, not wrapped");
}
