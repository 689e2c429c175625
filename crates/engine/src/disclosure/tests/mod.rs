//! Tests of the gate: each file holds one promise of `docs/statistics.md`.
//!
//! They run on the production noise wherever randomness is judged. [`Seeded`] is for tests that must
//! come out the same every time.

#![allow(clippy::unwrap_used)]

mod attack;
mod coverage;
mod exact;
pub(in crate::disclosure) mod figures;
mod gate;
mod interval;
mod law;
mod mechanism;
mod plan;
mod sections;
mod trend;

use tiers_protocol::policy::Policy;

use super::{GateError, Mechanism, Noise, PublicAxes, PublicCampaign, Terms};

/// The standard policy.
pub fn standard() -> Policy {
    Policy::from_toml(include_str!("../../../../../policies/disclosure/standard.toml")).unwrap()
}

/// Terms of the standard policy.
pub fn terms(campaigns: usize) -> Terms {
    Terms::of(&standard(), &axes(campaigns)).unwrap()
}

/// Campaigns `C0`, `C1`, ... with plain public facts.
pub fn campaigns(number: usize) -> Vec<PublicCampaign> {
    let one = |i| PublicCampaign {
        name: format!("C{i}"),
        leads: 600 + 50 * i as u64,
        cost_cents: 1_800_000 + 10_000 * i as u64,
    };
    (0..number).map(one).collect()
}

/// Axes of such campaigns alone.
pub fn axes(number: usize) -> PublicAxes {
    PublicAxes::of_campaigns(campaigns(number))
}

/// Whether the stated counts are asked for, or the short form.
pub fn full() -> bool {
    std::env::var_os("TIERS_FULL").is_some_and(|value| value == "1")
}

/// SplitMix64 (Steele, Lea and Flood 2014): plain, seeded, and never for production.
pub struct Seeded(pub u64);

impl Seeded {
    /// 64 bits.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`, near enough to uniform for a test.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// A normal draw, by Box and Muller.
    pub fn normal(&mut self) -> f64 {
        let unit = |bits: u64| ((bits >> 11) as f64 + 0.5) / (1u64 << 53) as f64;
        let (a, b) = (unit(self.next()), unit(self.next()));
        (-2.0 * a.ln()).sqrt() * (2.0 * std::f64::consts::PI * b).cos()
    }
}

/// Rounded normal noise: close to the discrete Gaussian, and the same every time.
impl Noise for Seeded {
    fn add(&mut self, exact: Vec<i64>, mechanism: &Mechanism) -> Result<Vec<i64>, GateError> {
        let mut noisy =
            |value| value + super::interval::whole((self.normal() * mechanism.sigma()).round());
        Ok(exact.into_iter().map(&mut noisy).collect())
    }
}
