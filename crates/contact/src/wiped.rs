//! Buffers of many bytes that wipe themselves when they go.
//!
//! `zeroize` writes each byte on its own, which for the blocks of a large file costs as much as one of
//! the rules does. Here the whole capacity is filled at once, behind the same barrier. Secrets of a few
//! bytes stay with `zeroize`.

use std::{
    mem::take,
    ops::{Deref, DerefMut},
};

use zeroize::optimization_barrier;

/// A `String`, a `Vec<u8>` or a vector of blocks, wiped on drop with everything it has room for.
#[derive(Default)]
pub(crate) struct Wiped<T: Wipe>(T);

pub(crate) trait Wipe: Default {
    fn wipe(&mut self);
}

impl Wipe for Vec<u8> {
    fn wipe(&mut self) {
        let room = self.capacity();
        self.clear();
        self.resize(room, 0);
        optimization_barrier(self.as_slice());
        self.clear();
    }
}

impl<const N: usize> Wipe for Vec<[u8; N]> {
    fn wipe(&mut self) {
        let room = self.capacity();
        self.clear();
        self.resize(room, [0; N]);
        optimization_barrier(self.as_slice());
        self.clear();
    }
}

impl Wipe for String {
    fn wipe(&mut self) {
        take(self).into_bytes().wipe();
    }
}

impl<T: Wipe> Wiped<T> {
    pub(crate) const fn new(buffer: T) -> Self {
        Self(buffer)
    }
}

impl<T: Wipe> Deref for Wiped<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Wipe> DerefMut for Wiped<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: Wipe> Drop for Wiped<T> {
    fn drop(&mut self) {
        self.0.wipe();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_was_written_is_overwritten_in_place() {
        let mut bytes = Vec::with_capacity(4096);
        bytes.resize(3000, 7_u8);
        bytes.truncate(10);
        let place = bytes.as_ptr();
        bytes.wipe();
        assert!(bytes.is_empty());
        // The same buffer, still with all its room: what lies there was filled up to its end.
        assert_eq!((bytes.as_ptr(), bytes.capacity()), (place, 4096));
        bytes.resize(4096, 1);
        assert_eq!(bytes.as_ptr(), place);
    }
}
