//! The noise costs what it says, and not noticeably less.

use proptest::prelude::*;
use tiers_protocol::policy::CostNrho;

use crate::disclosure::{GateError, Mechanism, noise::privacy_map};

fn calibrate(squared: u128, nrho: u64) -> Result<Mechanism, GateError> {
    Mechanism::calibrate(squared, CostNrho::new(nrho).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn the_scale_is_the_least_that_the_map_accepts(
        squared in prop_oneof![1u128..100, 1u128 << 40..1 << 70],
        nrho in 1_000_000u64..=250_000_000,
    ) {
        let mechanism = calibrate(squared, nrho).unwrap();
        let rho = mechanism.rho_at(squared).unwrap();
        prop_assert!(rho <= nrho as f64 / 1e9, "costs more than it says");
        prop_assert!(rho >= nrho as f64 / 1e9 * (1.0 - 1e-12), "noise for nothing");
        let tighter = mechanism.sigma() * (1.0 - 1e-12);
        let spent = privacy_map(tighter, mechanism.distance()).unwrap();
        prop_assert!(spent > mechanism.rho(), "a smaller scale would have done");
        let (numerator, denominator) = mechanism.sigma_squared();
        let exact = numerator as f64 / denominator as f64;
        prop_assert!((mechanism.sigma().powi(2) / exact - 1.0).abs() < 1e-12);
        prop_assert!(mechanism.distance().powi(2) >= squared as f64);
    }
}

#[test]
fn a_table_that_nothing_can_change_has_no_mechanism() {
    assert_eq!(calibrate(0, 45_000_000), Err(GateError::Calibration));
    assert_eq!(calibrate(u128::MAX, 45_000_000), Err(GateError::Calibration));
}

#[test]
fn the_map_charges_four_times_for_twice_the_distance() {
    let mechanism = calibrate(2, 45_000_000).unwrap();
    let ratio = mechanism.rho_at(8).unwrap() / mechanism.rho_at(2).unwrap();
    assert!((ratio - 4.0).abs() < 1e-12);
}
