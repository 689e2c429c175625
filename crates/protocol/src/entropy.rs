//! The only source of randomness of the clients: a trait, so that tests own it, and the operating
//! system's generator behind it. The certifier has its own in `tiers::crypto`.

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
