//! Noise: the only place that knows OpenDP, and the only place where randomness is drawn.
//!
//! OpenDP draws from OpenSSL's generator (`RAND_priv_bytes`) by the exact sampler of Canonne, Kamath
//! and Steinke, "The Discrete Gaussian for Differential Privacy" (2020). Its draws do not take
//! constant time; `docs/privacy.md` says what that leaves open.

use opendp::{
    domains::{AtomDomain, VectorDomain},
    measurements::make_gaussian,
    measures::ZeroConcentratedDivergence,
    metrics::L2Distance,
};

use super::{GateError, Mechanism};

/// A source of discrete Gaussian noise.
pub trait Noise {
    /// Adds to each value an independent draw from the law of the mechanism.
    ///
    /// The exact values are consumed. The number of values is public.
    ///
    /// # Errors
    /// [`GateError::Noise`] if no noise could be drawn, [`GateError::Unconfirmed`] if the mechanism
    /// costs more than it says.
    fn add(&mut self, exact: Vec<i64>, mechanism: &Mechanism) -> Result<Vec<i64>, GateError>;
}

/// The production source.
#[derive(Clone, Copy, Debug, Default)]
pub struct OpenDpNoise;

type Gaussian = opendp::core::Measurement<
    VectorDomain<AtomDomain<i64>>,
    L2Distance<f64>,
    ZeroConcentratedDivergence,
    Vec<i64>,
>;

impl Noise for OpenDpNoise {
    fn add(&mut self, exact: Vec<i64>, mechanism: &Mechanism) -> Result<Vec<i64>, GateError> {
        let measurement = gaussian(mechanism.sigma())?;
        let rho = measurement.map(&mechanism.distance()).map_err(|_| GateError::Unconfirmed)?;
        if rho > mechanism.rho() {
            return Err(GateError::Unconfirmed);
        }
        measurement.invoke(&exact).map_err(|_| GateError::Noise)
    }
}

/// The zCDP rho, rounded up, of discrete Gaussian noise of this scale on vectors that are at most
/// `distance` apart (Euclidean), as OpenDP's own privacy map states it.
///
/// # Errors
/// [`GateError::Calibration`] if scale or distance is not a number that the map takes.
pub fn privacy_map(sigma: f64, distance: f64) -> Result<f64, GateError> {
    gaussian(sigma)?.map(&distance).map_err(|_| GateError::Calibration)
}

fn gaussian(sigma: f64) -> Result<Gaussian, GateError> {
    let domain = VectorDomain::new(AtomDomain::<i64>::default());
    make_gaussian(domain, L2Distance::<f64>::default(), sigma, None)
        .map_err(|_| GateError::Calibration)
}
