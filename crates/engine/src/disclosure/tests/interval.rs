//! Half widths and levels, against sums that assume nothing.

use crate::disclosure::{
    interval::{NOMINAL, of_count, of_revenue, probability, ratio_interval, root_up},
    tests::{Seeded, terms},
};

/// The law from its definition: weights over a range far beyond any that matters, normalised by
/// their own sum.
fn defined(sigma: f64) -> Vec<f64> {
    let reach = 40 * super::super::interval::whole(sigma.ceil());
    let weight = |k: i64| (-((k * k) as f64) / (2.0 * sigma * sigma)).exp();
    let norm: f64 = (-reach..=reach).map(weight).sum();
    (0..=reach).map(|k| weight(k) / norm).collect()
}

#[test]
fn probabilities_are_those_of_the_definition() {
    for sigma in [2.0, 2.5, 4.714, 7.0, 31.7, 253.0] {
        for (k, expected) in defined(sigma).into_iter().enumerate() {
            assert!((probability(sigma, k as u64) - expected).abs() < 1e-12, "{sigma} {k}");
        }
    }
}

#[test]
fn a_sum_of_draws_has_the_law_of_one_wider_draw() {
    for sigma in [2.0, 4.714, 12.3] {
        let one = defined(sigma);
        let at = |k: i64| one.get(usize::try_from(k.abs()).unwrap()).copied().unwrap_or(0.0);
        let reach = 20 * super::super::interval::whole(sigma.ceil());
        for k in 0..100i64 {
            let two: f64 = (-reach..=reach).map(|m| at(m) * at(k - m)).sum();
            let closed = probability(sigma * 2f64.sqrt(), k.unsigned_abs());
            assert!((two - closed).abs() < 1e-13, "{sigma} {k}: {two} {closed}");
        }
    }
}

#[test]
fn the_half_width_is_the_smallest_that_reaches_the_level() {
    for sigma in [2.0, 3.3, 4.714, 11.5, 31.7, 253.0] {
        let found = of_count(sigma);
        let law = defined(sigma);
        let width = usize::try_from(found.width()).unwrap();
        let upto = |h: usize| law[0] + 2.0 * law[1..=h].iter().sum::<f64>();
        assert!((found.level() - upto(width)).abs() < 1e-12);
        assert!(upto(width) >= NOMINAL && upto(width - 1) < NOMINAL);
        assert!(found.level_ppm() as f64 / 1e6 <= found.level());
        assert!(found.level_ppm() >= 950_000);
    }
}

/// The mixture of `of_revenue`, summed over every value of both draws, for a scale small enough.
#[test]
fn the_revenue_level_agrees_with_the_full_double_sum() {
    let (sigma_sum, centre, sigma_count) = (1_500.0, 700, 4.714);
    let found = of_revenue(sigma_sum, centre, sigma_count);
    let (sums, counts) = (defined(sigma_sum), defined(sigma_count));
    let upto = |width: i64| {
        let mut level = 0.0;
        for n in -60i64..=60 {
            let weight = counts[usize::try_from(n.abs()).unwrap()];
            let shift = n * i64::try_from(centre).unwrap();
            let within: f64 = (-width - shift..=width - shift)
                .map(|s| sums.get(usize::try_from(s.abs()).unwrap()).copied().unwrap_or(0.0))
                .sum();
            level += weight * within;
        }
        level
    };
    let width = i64::try_from(found.width()).unwrap();
    assert!((found.level() - upto(width)).abs() < 0.0404 / (sigma_sum * sigma_sum));
    assert!(upto(width) >= NOMINAL - 2e-8 && upto(width - 1) < NOMINAL + 2e-8);
}

#[test]
fn roots_are_rounded_up_exactly() {
    let mut random = Seeded(7);
    for _ in 0..10_000 {
        let numerator = u128::from(random.next() >> (random.below(50)));
        let denominator = u128::from(1 + random.below(1_000_000));
        let root = root_up(numerator, denominator);
        assert!(root * root * denominator >= numerator);
        assert!(root == 0 || (root - 1) * (root - 1) * denominator < numerator);
    }
}

#[test]
fn a_quotient_is_bounded_exactly_when_its_count_is_certain() {
    assert_eq!(ratio_interval((5.0, 1.0), (0.0, 1.0)), None);
    assert_eq!(ratio_interval((5.0, 1.0), (-40.0, 1.0)), None);
    assert_eq!(ratio_interval((5.0, 1.0), (1.95, 1.0)), None);
    let (low, high) = ratio_interval((50.0, 1.0), (100.0, 1.0)).unwrap();
    for bound in [low, high] {
        let miss = (50.0 - bound * 100.0) / (1.0 + bound * bound).sqrt();
        assert!((miss.abs() - 1.96).abs() < 1e-4, "each bound is where the miss is 1.96 scales");
    }
    assert!(low < 0.5 && 0.5 < high);
}

#[test]
fn every_shown_row_has_a_bounded_quotient() {
    for campaigns in [1, 6, 64] {
        let terms = terms(campaigns);
        for law in [terms.conversions().row_law(), terms.conversions().total_law()] {
            let count = (law.threshold() as f64, law.sigma_count);
            assert!(ratio_interval((0.0, law.sigma_sum.unwrap()), count).is_some());
        }
    }
}
