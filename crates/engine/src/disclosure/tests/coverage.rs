//! The promise in the printed intervals: over many releases on random exact tables, with the
//! production noise, they hold the exact values as often as they say.

use crate::disclosure::{
    ExactTables, GateError, Mechanism, Noise, NoisyTables, OpenDpNoise, Terms,
    interval::{HalfWidth, ratio_interval},
    release,
    tests::{Seeded, full, terms},
};

const CAMPAIGNS: usize = 6;

/// How often exact values were inside.
#[derive(Default)]
struct Tally {
    cells: u64,
    conversions: u64,
    revenue: u64,
    totals: u64,
    total_conversions: u64,
    total_revenue: u64,
    baskets: u64,
    held_baskets: u64,
    shown_baskets: u64,
    held_shown_baskets: u64,
}

/// Exact tables of small campaigns, large ones and empty ones; revenue anywhere in its bounds.
fn exact(random: &mut Seeded, terms: &Terms) -> (Vec<i64>, Vec<i64>) {
    let centre = i64::try_from(terms.centre_cents()).unwrap();
    let mut tables = (Vec::new(), Vec::new());
    for _ in 0..terms.conversions().rows() {
        let most = [1, 12, 40, 400][usize::try_from(random.below(4)).unwrap()];
        let count = i64::try_from(random.below(most)).unwrap();
        let span = u64::try_from(2 * centre * count).unwrap() + 1;
        tables.0.push(count);
        tables.1.push(i64::try_from(random.below(span)).unwrap() - centre * count);
    }
    tables
}

fn sums_of(noisy: &NoisyTables) -> &[i64] {
    noisy.tables[0].centred_cents.as_deref().unwrap()
}

fn inside(noisy: i64, exact: i64, width: HalfWidth) -> u64 {
    u64::from((noisy - exact).unsigned_abs() <= width.width())
}

fn run(releases: u64, noise: &mut impl Noise) -> Tally {
    let terms = terms(CAMPAIGNS);
    let (one, all) = (terms.conversions().row_law(), terms.conversions().total_law());
    let centre = i64::try_from(terms.centre_cents()).unwrap();
    let mut random = Seeded(1);
    let mut tally = Tally::default();
    for _ in 0..releases {
        let (counts, sums) = exact(&mut random, &terms);
        let tables = ExactTables::by_campaign(counts.clone(), sums.clone());
        let noisy = release(tables, &terms, noise).unwrap();
        let revenue = |count: i64, sum: i64| sum + centre * count;
        for i in 0..CAMPAIGNS {
            let (count, sum) = (noisy.tables[0].counts[i], sums_of(&noisy)[i]);
            tally.cells += 1;
            tally.conversions += inside(count, counts[i], one.units());
            tally.revenue +=
                inside(revenue(count, sum), revenue(counts[i], sums[i]), one.revenue().unwrap());
            if counts[i] > 0 {
                let truth = sums[i] as f64 / counts[i] as f64;
                let interval = ratio_interval(
                    (sum as f64, one.sigma_sum.unwrap()),
                    (count as f64, one.sigma_count),
                );
                let held = interval.is_none_or(|(low, high)| low <= truth && truth <= high);
                tally.baskets += 1;
                tally.held_baskets += u64::from(held);
                if count >= i64::try_from(one.threshold()).unwrap() {
                    tally.shown_baskets += 1;
                    tally.held_shown_baskets += u64::from(held);
                }
            }
        }
        let [count, sum] =
            [&noisy.tables[0].counts[..], sums_of(&noisy)].map(|v| v.iter().sum::<i64>());
        let [true_count, true_sum] = [&counts, &sums].map(|v| v.iter().sum::<i64>());
        tally.totals += 1;
        tally.total_conversions += inside(count, true_count, all.units());
        tally.total_revenue +=
            inside(revenue(count, sum), revenue(true_count, true_sum), all.revenue().unwrap());
    }
    tally
}

/// Whether a count lies in the 99.99 % band of the binomial law.
fn in_band(held: u64, of: u64, level: f64) -> bool {
    let spread = (of as f64 * level * (1.0 - level)).sqrt();
    (held as f64 - of as f64 * level).abs() <= 3.891 * spread + 0.5
}

fn releases() -> u64 {
    if full() { 20_000 } else { 2_000 }
}

#[test]
fn intervals_hold_the_exact_value_as_often_as_they_say() {
    let terms = terms(CAMPAIGNS);
    let (one, all) = (terms.conversions().row_law(), terms.conversions().total_law());
    let tally = run(releases(), &mut OpenDpNoise);
    assert_eq!(tally.cells, releases() * CAMPAIGNS as u64);
    assert!(in_band(tally.conversions, tally.cells, one.units().level()));
    assert!(in_band(tally.revenue, tally.cells, one.revenue().unwrap().level()));
    assert!(in_band(tally.total_conversions, tally.totals, all.units().level()));
    assert!(in_band(tally.total_revenue, tally.totals, all.revenue().unwrap().level()));
    let share = |held: u64, of: u64| held as f64 / of as f64;
    assert!(share(tally.held_baskets, tally.baskets) >= 0.94);
    assert!(share(tally.held_shown_baskets, tally.shown_baskets) >= 0.94);
    assert!(tally.shown_baskets > tally.cells / 4, "the worlds of this test show too little");
}

/// A mechanism whose noise is wrong by a factor, as if calibration had slipped.
struct Mutant(f64);

impl Noise for Mutant {
    fn add(&mut self, exact: Vec<i64>, mechanism: &Mechanism) -> Result<Vec<i64>, GateError> {
        let zeros = vec![0; exact.len()];
        let noise = OpenDpNoise.add(zeros, mechanism)?;
        let scaled = noise
            .into_iter()
            .map(|z| crate::disclosure::interval::whole((z as f64 * self.0).round()));
        Ok(exact.into_iter().zip(scaled).map(|(x, z)| x + z).collect())
    }
}

#[test]
fn the_same_test_catches_noise_of_the_wrong_scale() {
    let terms = terms(CAMPAIGNS);
    let one = terms.conversions().row_law();
    for factor in [0.5, 0.9, 1.1, 2.0] {
        let tally = run(2_000, &mut Mutant(factor));
        assert!(!in_band(tally.conversions, tally.cells, one.units().level()), "{factor}");
        assert!(!in_band(tally.revenue, tally.cells, one.revenue().unwrap().level()), "{factor}");
    }
}
