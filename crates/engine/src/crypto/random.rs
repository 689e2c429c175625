//! The only source of randomness of the certifier: the operating system's, through `ring`. Noise has
//! its own generator inside OpenDP (`disclosure::noise`).

use ring::rand::{SecureRandom as _, SystemRandom};
use tiers_protocol::entropy::Entropy;

/// The operating system's generator.
#[derive(Debug, Clone)]
pub struct OsRandom(SystemRandom);

impl Default for OsRandom {
    fn default() -> Self {
        Self(SystemRandom::new())
    }
}

impl Entropy for OsRandom {
    fn fill(&mut self, out: &mut [u8]) {
        self.0.fill(out).expect("a system without a random generator cannot run a certifier");
    }
}
