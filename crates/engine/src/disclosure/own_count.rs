//! What a partner is told of itself: how many persons among the leads of a month bought from it, with noise.
//!
//! The gate seen from the other side. Persons among the leads are protected, from all partners together: their
//! answers are paid from one account of the leads (`docs/privacy.md`, "What partners are told of themselves").
//! One count in which a person weighs one at most: squared sensitivity 1.

use tiers_protocol::policy::{CapNrho, CostNrho};

use super::{GateError, Mechanism, Noise, figures, interval};

/// Partners among whom an account is shared at least.
const LEAST_SHARES: u64 = 10;

/// The exact count. It can be made and released, nothing else.
pub struct ExactOwnCount(Vec<i64>);

impl ExactOwnCount {
    /// Of so many persons.
    #[must_use]
    pub fn new(persons: u64) -> Self {
        Self(vec![i64::try_from(persons).unwrap_or(i64::MAX)])
    }
}

/// How a partner is told of itself. Public facts alone decide it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OwnCountTerms {
    mechanism: Mechanism,
}

impl OwnCountTerms {
    /// Terms where the account has this cap and the programme so many partners: each has one share, a tenth
    /// at most, and a thousandth of a rho at least.
    ///
    /// # Errors
    /// [`GateError`] if no noise is found for it.
    pub fn of(cap: CapNrho, partners: u64) -> Result<Self, GateError> {
        let share = cap.value() / partners.max(LEAST_SHARES);
        let cost = CostNrho::new(share.max(CostNrho::MIN)).map_err(|_| GateError::Calibration)?;
        Ok(Self { mechanism: Mechanism::calibrate(1, cost)? })
    }

    /// What one answer costs, in nano-rho.
    #[must_use]
    pub const fn cost_nrho(&self) -> u64 {
        self.mechanism.cost().value()
    }

    /// The scale of the noise, in persons.
    #[must_use]
    pub const fn sigma(&self) -> f64 {
        self.mechanism.sigma()
    }

    /// The exact square of the scale as a fraction.
    #[must_use]
    pub fn sigma_squared(&self) -> (u128, u128) {
        self.mechanism.sigma_squared()
    }

    /// Half the width of the interval of 95 %, in persons.
    #[must_use]
    pub fn half_width(&self) -> u64 {
        interval::of_count(self.sigma()).width()
    }

    /// Adds the noise. The cost must have been debited before, in the same transaction.
    ///
    /// # Errors
    /// [`GateError::Noise`], [`GateError::Unconfirmed`].
    pub fn release(&self, exact: ExactOwnCount, noise: &mut impl Noise) -> Result<i64, GateError> {
        let noisy = noise.add(exact.0, &self.mechanism)?;
        // What JSON holds exactly; clamping a noisy value is post-processing.
        noisy.first().copied().map(figures::exact).ok_or(GateError::Noise)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disclosure::OpenDpNoise;

    fn terms(partners: u64) -> OwnCountTerms {
        OwnCountTerms::of(CapNrho::new(300_000_000).unwrap(), partners).unwrap()
    }

    #[test]
    fn all_partners_together_pay_the_cap_at_most() {
        for partners in [0, 1, 3, 10, 11, 14, 37, 100, 299, 300] {
            let one = terms(partners);
            assert!(one.cost_nrho() * partners.max(10) <= 300_000_000);
            // What is paid is what a person costs: D^2 / (2 sigma^2), to the last digits.
            let rho = 1.0 / (2.0 * one.sigma() * one.sigma());
            assert!((rho * 1e9 - one.cost_nrho() as f64).abs() < 1.0, "{partners}");
            assert!(rho * 1e9 <= one.cost_nrho() as f64);
        }
        assert_eq!(terms(14).cost_nrho(), 21_428_571);
        assert_eq!(terms(14).half_width(), 9);
        assert_eq!(terms(2_000).cost_nrho(), 1_000_000);
        // The narrowest that any policy gives: intervals have closed forms from a scale of 2 on.
        let most = OwnCountTerms::of(CapNrho::new(1_000_000_000).unwrap(), 1).unwrap();
        assert!(most.sigma() > 2.0);
    }

    #[test]
    fn the_interval_holds_as_often_as_it_says() {
        let (terms, mut noise, runs) = (terms(14), OpenDpNoise, 4_000_u64);
        let mut held = 0_u64;
        for _ in 0..runs {
            let noisy = terms.release(ExactOwnCount::new(40), &mut noise).unwrap();
            held += u64::from(noisy.abs_diff(40) <= terms.half_width());
        }
        assert!((0.94..=0.975).contains(&(held as f64 / runs as f64)), "{held}");
    }
}
