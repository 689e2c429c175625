//! The laws of chance that bars and verdicts rest on. Nothing here knows the product.

use std::f64::consts::SQRT_2;

/// The normal law.
pub fn phi(x: f64) -> f64 {
    0.5 * libm::erfc(-x / SQRT_2)
}

/// Its inverse, by bisection.
pub fn phi_inverse(p: f64) -> f64 {
    let (mut low, mut high) = (-40.0, 40.0);
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if phi(middle) < p { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

/// The best accuracy from a fair coin against Gaussian noise of this cost.
pub fn accuracy_bound(rho: f64) -> f64 {
    phi((rho / 2.0).sqrt())
}

/// The best share of true positives at a share of false ones, against Gaussian noise of this cost.
pub fn power_bound(rho: f64, false_positives: f64) -> f64 {
    phi(phi_inverse(false_positives) + (2.0 * rho).sqrt())
}

/// Three standard deviations of a share over so many trials.
pub fn slack(share: f64, trials: usize) -> f64 {
    3.0 * (share * (1.0 - share) / trials as f64).sqrt()
}

/// The delta of Gaussian noise of this cost at an epsilon (Balle and Wang 2018).
pub fn gaussian_delta(rho: f64, epsilon: f64) -> f64 {
    let mu = (2.0 * rho).sqrt();
    phi(mu / 2.0 - epsilon / mu) - epsilon.exp() * phi(-mu / 2.0 - epsilon / mu)
}

/// The epsilon of Gaussian noise of this cost at a delta.
pub fn gaussian_epsilon(rho: f64, delta: f64) -> f64 {
    let (mut low, mut high) = (0.0, 100.0);
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if gaussian_delta(rho, middle) > delta { low = middle } else { high = middle }
    }
    high
}

/// The chance of at least `hits` successes in so many trials of probability `p <= hits / trials`.
fn binomial_at_least(hits: usize, trials: usize, p: f64) -> f64 {
    let (k, n) = (hits as f64, trials as f64);
    let choose = libm::lgamma(n + 1.0) - libm::lgamma(k + 1.0) - libm::lgamma(n - k + 1.0);
    let mut term = (choose + k * p.ln() + (n - k) * (1.0 - p).ln()).exp();
    let (mut sum, mut at) = (term, k);
    while at < n && term > sum * 1e-16 {
        term *= (n - at) / (at + 1.0) * p / (1.0 - p);
        sum += term;
        at += 1.0;
    }
    sum.min(1.0)
}

/// The lower bound of Clopper and Pearson (1934) at one-sided error `alpha`.
pub fn share_at_least(hits: usize, trials: usize, alpha: f64) -> f64 {
    if hits == 0 {
        return 0.0;
    }
    let (mut low, mut high) = (0.0, hits as f64 / trials as f64);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if binomial_at_least(hits, trials, middle) < alpha { low = middle } else { high = middle }
    }
    low
}

/// The upper bound, likewise.
pub fn share_at_most(hits: usize, trials: usize, alpha: f64) -> f64 {
    1.0 - share_at_least(trials - hits, trials, alpha)
}

/// The two-sample statistic of Kolmogorov and Smirnov, and the chance of one as large under one law
/// (asymptotic; conservative for whole numbers).
pub fn same_law(a: &[i64], b: &[i64]) -> (f64, f64) {
    let (mut a, mut b) = (a.to_vec(), b.to_vec());
    a.sort_unstable();
    b.sort_unstable();
    let (mut i, mut j, mut widest) = (0, 0, 0.0_f64);
    while i < a.len() && j < b.len() {
        let at = a[i].min(b[j]);
        while i < a.len() && a[i] == at {
            i += 1;
        }
        while j < b.len() && b[j] == at {
            j += 1;
        }
        widest = widest.max((i as f64 / a.len() as f64 - j as f64 / b.len() as f64).abs());
    }
    let (n, m) = (a.len() as f64, b.len() as f64);
    let scaled = widest * (n * m / (n + m)).sqrt();
    let sign = |k: i32| if k % 2 == 1 { 1.0 } else { -1.0 };
    let tail = (1..100).map(|k: i32| sign(k) * (-2.0 * f64::from(k * k) * scaled * scaled).exp());
    let chance = if scaled < 0.2 { 1.0 } else { (2.0 * tail.sum::<f64>()).clamp(0.0, 1.0) };
    (widest, chance)
}

/// How well a number tells two groups apart: the area under the curve, 0.5 for not at all.
pub fn area(low: &[f64], high: &[f64]) -> f64 {
    let mut all: Vec<(f64, bool)> = low.iter().map(|x| (*x, false)).collect();
    all.extend(high.iter().map(|x| (*x, true)));
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut below, mut wins, mut at) = (0.0, 0.0, 0);
    while at < all.len() {
        let same = all[at..].iter().take_while(|(x, _)| *x == all[at].0).count();
        let highs = all[at..at + same].iter().filter(|(_, is_high)| *is_high).count() as f64;
        let lows = same as f64 - highs;
        wins += highs * (below + lows / 2.0);
        below += lows;
        at += same;
    }
    wins / (low.len() as f64 * high.len() as f64)
}

/// Pearson's correlation.
pub fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
    let (ma, mb) = (mean(a), mean(b));
    let product: f64 = a.iter().zip(b).map(|(x, y)| (x - ma) * (y - mb)).sum();
    let spread = |x: &[f64], m: f64| x.iter().map(|v| (v - m).powi(2)).sum::<f64>().sqrt();
    product / (spread(a, ma) * spread(b, mb))
}

#[test]
fn the_laws_agree_with_published_values() {
    let near = |a: f64, b: f64| assert!((a - b).abs() < 5e-4, "{a} is not {b}");
    near(phi(1.96), 0.975);
    near(phi_inverse(0.99), 2.3263);
    near(accuracy_bound(0.0825), 0.5805);
    // The eleven-of-twenty example of Clopper and Pearson's bounds: 0.3153 to 0.7694 at 95 %.
    near(share_at_least(11, 20, 0.025), 0.3153);
    near(share_at_most(11, 20, 0.025), 0.7694);
    near(gaussian_delta(0.5, 1.0), 0.1269);
    near(area(&[1.0, 2.0], &[2.0, 3.0]), 0.875);
    near(correlation(&[1.0, 2.0, 3.0], &[2.0, 4.0, 6.0]), 1.0);
    let line: Vec<i64> = (0..1_000).collect();
    assert!(same_law(&line, &line).1 > 0.999);
    let moved: Vec<i64> = line.iter().map(|x| x + 120).collect();
    assert!(same_law(&line, &moved).1 < 1e-3);
}
