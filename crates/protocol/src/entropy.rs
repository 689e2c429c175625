//! The only source of randomness of the clients: a trait, so that tests own it, and the operating
//! system's generator behind it. The certifier has its own in `tiers::crypto`.

use zeroize::{Zeroize as _, Zeroizing};

/// Fills buffers with bytes that nobody can predict.
pub trait Entropy {
    /// Fills `out` entirely.
    fn fill(&mut self, out: &mut [u8]);

    /// A fresh array of `N` bytes.
    fn array<const N: usize>(&mut self) -> [u8; N]
    where
        Self: Sized,
    {
        let mut out = [0; N];
        self.fill(&mut out);
        out
    }
}

/// The operating system's generator (`getrandom`; in a browser, `crypto.getRandomValues`).
#[derive(Debug, Default, Clone, Copy)]
pub struct System;

impl Entropy for System {
    #[expect(clippy::disallowed_methods, reason = "this is the module that may ask the system")]
    fn fill(&mut self, out: &mut [u8]) {
        getrandom::fill(out).expect("a system without a random generator cannot run this program");
    }
}

/// The operating system's generator, asked for many bytes at a time: each is given once and wiped then. For whoever
/// needs a few bytes for each of a million things.
pub struct Pool {
    bytes: Zeroizing<[u8; POOL]>,
    /// How many of them were given.
    given: usize,
}

/// Bytes that are asked for at a time.
const POOL: usize = 4096;

impl Pool {
    /// Nothing is asked for yet.
    #[must_use]
    pub fn new() -> Self {
        Self { bytes: Zeroizing::new([0; POOL]), given: POOL }
    }
}

impl Default for Pool {
    fn default() -> Self {
        Self::new()
    }
}

impl Entropy for Pool {
    fn fill(&mut self, out: &mut [u8]) {
        if out.len() > POOL {
            return System.fill(out);
        }
        if out.len() > POOL - self.given {
            // What is left over is not enough, and not worth two pieces.
            System.fill(self.bytes.as_mut_slice());
            self.given = 0;
        }
        let given = &mut self.bytes[self.given..self.given + out.len()];
        out.copy_from_slice(given);
        given.zeroize();
        self.given += out.len();
    }
}

/// Lets a library that asks for the `rand_core` traits draw from an [`Entropy`].
pub(crate) struct Adapter<'a, E: Entropy>(pub(crate) &'a mut E);

impl<E: Entropy> hpke::rand_core::TryRng for Adapter<'_, E> {
    type Error = core::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok(u32::from_le_bytes(self.0.array()))
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Ok(u64::from_le_bytes(self.0.array()))
    }

    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Self::Error> {
        self.0.fill(dst);
        Ok(())
    }
}

impl<E: Entropy> hpke::rand_core::TryCryptoRng for Adapter<'_, E> {}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn what_a_pool_gives_is_given_once_and_wiped() {
        let (mut pool, mut seen) = (Pool::new(), HashSet::new());
        for _ in 0..3 * POOL / 16 {
            assert!(seen.insert(pool.array::<16>()), "sixteen bytes came twice");
            assert!(pool.bytes[..pool.given].iter().all(|byte| *byte == 0));
        }
        // Pieces that do not divide it, and one that is longer than it.
        for length in [1, 17, 1000, 3500, POOL, POOL + 1] {
            let mut out = vec![0; length + 64];
            pool.fill(&mut out[..length]);
            assert!(length < 16 || out[..length].iter().any(|byte| *byte != 0));
            assert!(out[length..].iter().all(|byte| *byte == 0));
            assert!(pool.given <= POOL);
        }
    }
}
