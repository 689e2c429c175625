//! The gate consumes exact tables that keep their bounds, and refuses every other one.

use std::cell::Cell;

use proptest::prelude::*;
use tiers_protocol::policy::Policy;

use crate::disclosure::{
    ExactTables, GateError, Mechanism, Noise, NoisyTables, OpenDpNoise, Terms, release,
    tests::{Seeded, axes, standard, terms},
};

/// No noise at all: shows what a test's own tables become. Counts its calls.
#[derive(Default)]
struct Silent {
    calls: Cell<u32>,
}

impl Noise for Silent {
    fn add(&mut self, exact: Vec<i64>, _: &Mechanism) -> Result<Vec<i64>, GateError> {
        self.calls.set(self.calls.get() + 1);
        Ok(exact)
    }
}

fn code(counts: &[i64], sums: &[i64]) -> Result<NoisyTables, &'static str> {
    let mut silent = Silent::default();
    let tables = ExactTables::by_campaign(counts.to_vec(), sums.to_vec());
    let answer = release(tables, &terms(2), &mut silent).map_err(GateError::code);
    assert_eq!(answer.is_ok(), silent.calls.get() == 2, "a refusal draws no noise");
    answer
}

#[test]
fn tables_that_break_their_bounds_meet_no_noise() {
    let centre = 2_000_000;
    assert!(code(&[3, 0], &[3 * centre, 0]).is_ok());
    assert!(code(&[3, 0], &[-3 * centre, 0]).is_ok());
    assert_eq!(code(&[3, 0], &[3 * centre + 1, 0]), Err("gate.bounds"));
    assert_eq!(code(&[3, 0], &[0, 1]), Err("gate.bounds"));
    assert_eq!(code(&[-1, 0], &[0, 0]), Err("gate.bounds"));
    assert_eq!(code(&[1, 0], &[i64::MIN, 0]), Err("gate.bounds"));
    assert_eq!(code(&[3], &[0]), Err("gate.rows"));
    assert_eq!(code(&[3, 0], &[0]), Err("gate.rows"));
    assert_eq!(code(&[3, 0, 0], &[0, 0, 0]), Err("gate.rows"));
}

#[test]
fn no_campaign_and_too_many_have_no_terms() {
    let refused = |n| Terms::of(&standard(), &axes(n)).unwrap_err().code();
    assert_eq!(refused(0), "gate.campaigns");
    assert_eq!(refused(65), "gate.campaigns");
    assert!(Terms::of(&standard(), &axes(64)).is_ok());
}

/// The joint cost is confirmed for the dearest revenue that a policy may price.
#[test]
fn the_joint_cost_is_confirmed_at_the_edge_of_what_a_policy_may_price() {
    let text = include_str!("../../../../../policies/disclosure/standard.toml");
    for (conversion, revenue) in [
        ("45_000_000", "44_999_999"),
        ("1_000_001", "1_000_000"),
        ("250_000_000", "50_000_000"),
        ("150_000_000", "149_999_999"),
    ] {
        let text = text.replace("45_000_000", conversion).replace("37_500_000", revenue);
        let policy = Policy::from_toml(&text).unwrap();
        let terms = Terms::of(&policy, &axes(6)).unwrap();
        assert_eq!(terms.cost_nrho(), policy.report_cost_nrho());
    }
}

/// What one unit can change, in nano-rho, by the noise that the terms have: the exact accounting of
/// every substitution on a grid of campaigns and revenues, its two ends included.
#[test]
fn no_substitution_of_one_unit_costs_more_than_the_report() {
    let terms = terms(3);
    let centre = i64::try_from(terms.centre_cents()).unwrap();
    let rho = |mechanism: &Mechanism, squared: i128| {
        let (numerator, denominator) = mechanism.sigma_squared();
        squared as f64 * denominator as f64 / (2.0 * numerator as f64) * 1e9
    };
    let mut states: Vec<Option<(usize, i64)>> = vec![None];
    for campaign in 0..3 {
        states.extend([-centre, -centre / 3, 0, 1, centre].map(|g| Some((campaign, g))));
    }
    let mut worst: f64 = 0.0;
    for before in &states {
        for after in &states {
            let (mut counts, mut sums) = ([0i128; 3], [0i128; 3]);
            for (state, sign) in [(before, -1), (after, 1)] {
                if let Some((campaign, g)) = state {
                    counts[*campaign] += sign;
                    sums[*campaign] += sign * i128::from(*g);
                }
            }
            let squared = |v: [i128; 3]| v.iter().map(|x| x * x).sum::<i128>();
            let cost = rho(terms.conversions().counts(), squared(counts))
                + rho(terms.conversions().sums().unwrap(), squared(sums));
            if before.is_none() || after.is_none() {
                assert!(cost <= 41_250_000.0 + 1e-3, "appearing costs half: {cost}");
            }
            worst = worst.max(cost);
        }
    }
    assert!((worst - 82_500_000.0).abs() < 1e-3, "{worst}");
}

#[test]
fn noisy_tables_print_no_value() {
    let noisy = code(&[31, 77], &[123_456, -98_765]).unwrap();
    assert_eq!(format!("{noisy:?}"), "NoisyTables { rows: [2], .. }");
}

proptest! {
    #[test]
    fn noisy_tables_survive_the_store(seed: u64) {
        let mut random = Seeded(seed);
        let counts = vec![40, 3];
        let noisy = release(ExactTables::by_campaign(counts, vec![5, -7]), &terms(2), &mut random).unwrap();
        let text = serde_json::to_string(&noisy).unwrap();
        prop_assert_eq!(serde_json::from_str::<NoisyTables>(&text).unwrap(), noisy);
    }
}

#[test]
fn two_releases_of_the_same_table_differ() {
    let draw = || {
        let tables = ExactTables::by_campaign(vec![0; 32], vec![0; 32]);
        release(tables, &terms(32), &mut OpenDpNoise).unwrap()
    };
    assert_ne!(draw(), draw());
}
