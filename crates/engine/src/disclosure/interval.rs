//! Intervals: how far noise reaches, exactly where that is possible.
//!
//! Nothing here sees data; the laws depend on public scales alone. Every scale is at least 2, which
//! the range of costs guarantees, so that two closed forms hold far beyond the precision of `f64`
//! (Poisson summation; `docs/statistics.md`, "Closed forms"):
//! the normaliser of the discrete Gaussian is `sigma sqrt(2 pi)` (relative error below `1e-34`), and
//! the sum of `k` independent draws is the discrete Gaussian of scale `sigma sqrt(k)` (below `1e-16`).
//! Transcendental functions come from `libm`, so that a report is recomputed alike everywhere.

use std::f64::consts::{PI, SQRT_2};

/// The probability that every interval is made for.
pub const NOMINAL: f64 = 0.95;

/// The quantile of the normal law that leaves 2.5 % above it.
const NORMAL_QUANTILE: f64 = 1.959_963_984_540_054;

/// Beyond so many scales a discrete Gaussian has less than `1e-32` left.
const REACH: f64 = 12.0;

/// A half width, and the probability that noise stays within it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HalfWidth {
    width: u64,
    level: f64,
}

impl HalfWidth {
    /// The half width, in the unit of the figure.
    #[must_use]
    pub const fn width(self) -> u64 {
        self.width
    }

    /// The probability that the noise stays within it; at least 0.95.
    #[must_use]
    pub const fn level(self) -> f64 {
        self.level
    }

    /// The probability in millionths, rounded down.
    #[must_use]
    pub fn level_ppm(self) -> u64 {
        whole((self.level * 1e6).floor()).unsigned_abs()
    }
}

/// The probability of the value `k` under the discrete Gaussian of this scale.
#[must_use]
pub fn probability(sigma: f64, k: u64) -> f64 {
    let scaled = k as f64 / sigma;
    libm::exp(-0.5 * scaled * scaled) / (sigma * libm::sqrt(2.0 * PI))
}

/// The smallest half width within which discrete Gaussian noise stays with probability 0.95.
#[must_use]
pub fn of_count(sigma: f64) -> HalfWidth {
    let (mut width, mut level) = (0, probability(sigma, 0));
    while level < NOMINAL {
        width += 1;
        level += 2.0 * probability(sigma, width);
    }
    HalfWidth { width, level }
}

/// The same for a whole number that weighted least squares made of many draws, of this scale before
/// it was rounded. The sum is taken as normal, and rounding as two uniform errors of half a unit: that
/// of the number itself, and that of the running sum before it (`docs/statistics.md`, "Agreement").
#[must_use]
pub fn of_agreed(sigma: f64) -> HalfWidth {
    let (mut width, mut level) = (0, agreed_level(0, sigma));
    while level < NOMINAL {
        width += 1;
        level = agreed_level(width, sigma);
    }
    HalfWidth { width, level }
}

/// `P(|W + U| <= width + 1/2)`, `W` normal of scale `sigma`, `U` uniform on one unit around zero.
fn agreed_level(width: u64, sigma: f64) -> f64 {
    // The integral of the distribution function of the standard normal law.
    let integral = |z: f64| {
        let below = 0.5 * libm::erfc(-z / SQRT_2);
        z * below + libm::exp(-0.5 * z * z) / libm::sqrt(2.0 * PI)
    };
    let (inner, outer) = (width as f64 / sigma, (width as f64 + 1.0) / sigma);
    sigma * (integral(outer) - integral(inner) - integral(-inner) + integral(-outer))
}

/// The variance that rounding adds to an agreed number, in squared units.
pub const ROUNDING: f64 = 1.0 / 6.0;

/// The same for `S + centre * N`, the noise of a revenue: `S` of scale `sigma_sum` (thousands of
/// cents and more) beside `N` of scale `sigma_count`.
///
/// `N` is summed over exactly; `S` is taken as continuous between its half steps, which is off by at
/// most `0.0404 / sigma_sum^2` (midpoint rule), below `1e-9` for every clamp that a policy may have.
#[must_use]
pub fn of_revenue(sigma_sum: f64, centre: u64, sigma_count: f64) -> HalfWidth {
    let level = |width: u64| revenue_level(width, sigma_sum, centre, sigma_count);
    let mut above = 1;
    while level(above) < NOMINAL {
        above *= 2;
    }
    let mut below = above / 2;
    while above - below > 1 {
        let middle = below + (above - below) / 2;
        if level(middle) < NOMINAL { below = middle } else { above = middle }
    }
    HalfWidth { width: above, level: level(above) }
}

fn revenue_level(width: u64, sigma_sum: f64, centre: u64, sigma_count: f64) -> f64 {
    let reach = width as f64 + 0.5;
    let within = |shift: f64| {
        let upper = (reach - shift) / (sigma_sum * SQRT_2);
        let lower = (reach + shift) / (sigma_sum * SQRT_2);
        0.5 * (libm::erf(upper) + libm::erf(lower))
    };
    let mut level = probability(sigma_count, 0) * within(0.0);
    let mut n = 1;
    while (n as f64) < REACH * sigma_count {
        level += 2.0 * probability(sigma_count, n) * within(centre as f64 * n as f64);
        n += 1;
    }
    level
}

/// The smallest whole number whose square reaches `numerator / denominator`.
#[must_use]
pub const fn root_up(numerator: u128, denominator: u128) -> u128 {
    let square = numerator.div_ceil(denominator);
    let root = square.isqrt();
    if root * root < square { root + 1 } else { root }
}

/// The interval of the quotient `sum / count` of two independent noisy values with these scales,
/// at the nominal level, by Fieller's theorem (1954); `None` where the noise leaves it unbounded.
#[must_use]
pub fn ratio_interval(
    (sum, sigma_sum): (f64, f64),
    (count, sigma_count): (f64, f64),
) -> Option<(f64, f64)> {
    let squared = NORMAL_QUANTILE * NORMAL_QUANTILE;
    let certain = count * count - squared * sigma_count * sigma_count;
    if count <= 0.0 || certain <= 0.0 {
        return None;
    }
    let spread = sigma_count * sigma_count * sum * sum + sigma_sum * sigma_sum * certain;
    let half = NORMAL_QUANTILE * libm::sqrt(spread);
    Some(((sum * count - half) / certain, (sum * count + half) / certain))
}

/// A rounded number as an integer; beyond the range of `i64`, its end.
#[expect(clippy::cast_possible_truncation, reason = "the cast saturates, and that is wanted")]
pub const fn whole(rounded: f64) -> i64 {
    rounded as i64
}
