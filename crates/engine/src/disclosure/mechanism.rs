//! From a squared sensitivity and a cost to the scale of the noise.
//!
//! zCDP of the discrete Gaussian is `rho = D^2 / (2 sigma^2)` (Bun and Steinke 2016; Canonne, Kamath
//! and Steinke 2020), so the exact answer is `sigma^2 = D^2 / (2 rho)`. The scale handed to OpenDP is
//! the smallest `f64` that its privacy map accepts, every rounding on the way going against us. It
//! draws nothing and knows no data.

use tiers_protocol::policy::CostNrho;

use super::{GateError, noise::privacy_map};

/// Nano-rho in one rho.
const NANO: f64 = 1e9;

/// How many neighbouring `f64` the search for the scale looks at; a handful suffice.
const SEARCH: usize = 64;

/// A calibrated discrete Gaussian mechanism.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mechanism {
    squared_sensitivity: u128,
    cost: CostNrho,
    sigma: f64,
}

impl Mechanism {
    /// The mechanism with the least noise that costs no more than `cost` for a table whose squared
    /// Euclidean sensitivity is `squared_sensitivity`, in squared units of the table.
    ///
    /// # Errors
    /// [`GateError::Calibration`] if the sensitivity is zero or above `2^70` (no policy comes near),
    /// or if no scale is found.
    pub fn calibrate(squared_sensitivity: u128, cost: CostNrho) -> Result<Self, GateError> {
        if squared_sensitivity == 0 || squared_sensitivity > 1 << 70 {
            return Err(GateError::Calibration);
        }
        let (distance, rho) = (root_above(squared_sensitivity), rho_below(cost));
        let mut sigma = distance / (2.0 * rho).sqrt();
        for _ in 0..SEARCH {
            if privacy_map(sigma, distance)? <= rho {
                break;
            }
            sigma = sigma.next_up();
        }
        for _ in 0..SEARCH {
            if privacy_map(sigma.next_down(), distance)? > rho {
                break;
            }
            sigma = sigma.next_down();
        }
        if privacy_map(sigma, distance)? <= rho {
            Ok(Self { squared_sensitivity, cost, sigma })
        } else {
            Err(GateError::Calibration)
        }
    }

    /// The scale of the noise, in the unit of the table.
    #[must_use]
    pub const fn sigma(&self) -> f64 {
        self.sigma
    }

    /// What it costs.
    #[must_use]
    pub const fn cost(&self) -> CostNrho {
        self.cost
    }

    /// The exact `sigma^2` as a fraction, numerator and denominator: `10^9 D^2 / (2 cost)`.
    #[must_use]
    pub fn sigma_squared(&self) -> (u128, u128) {
        (self.squared_sensitivity * 1_000_000_000, 2 * u128::from(self.cost.value()))
    }

    /// How far apart two neighbouring tables are at most; not below the true root.
    pub(super) fn distance(&self) -> f64 {
        root_above(self.squared_sensitivity)
    }

    /// The cost in rho; not above the stated one.
    pub(super) fn rho(&self) -> f64 {
        rho_below(self.cost)
    }

    /// The cost in rho, by OpenDP's map, if the tables were this far apart (squared).
    pub(super) fn rho_at(&self, squared_distance: u128) -> Result<f64, GateError> {
        privacy_map(self.sigma, root_above(squared_distance))
    }
}

/// A number not below the square root: each of conversion and root is off by half a unit in the
/// last place at most, and each is followed by a step up.
fn root_above(squared: u128) -> f64 {
    (squared as f64).next_up().sqrt().next_up()
}

fn rho_below(cost: CostNrho) -> f64 {
    (cost.value() as f64 / NANO).next_down()
}
