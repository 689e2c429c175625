//! Connections that wait for the next reader, with their pages and statements. A crowd opens many, and opening one costs
//! more than most reads; each has files and memory, so they are closed when the crowd has gone.

use std::mem;
use std::num::NonZero;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

/// Waiting connections that are never closed, for each processor.
const A_PROCESSOR: usize = 2;

/// What waits, the last to come on top.
pub(super) struct Readers<T>(Mutex<Waiting<T>>);

struct Waiting<T> {
    stack: Vec<T>,
    /// The fewest that waited since the last look: that many nobody has needed.
    fewest: usize,
}

impl<T> Default for Readers<T> {
    fn default() -> Self {
        Self(Mutex::new(Waiting { stack: Vec::new(), fewest: 0 }))
    }
}

impl<T> Readers<T> {
    /// One that waits, if any does.
    pub(super) fn take(&self) -> Option<T> {
        let mut waiting = self.lock();
        let one = waiting.stack.pop();
        waiting.fewest = waiting.fewest.min(waiting.stack.len());
        one
    }

    /// Keeps one for the next.
    pub(super) fn keep(&self, one: T) {
        self.lock().stack.push(one);
    }

    /// Gives up those that nobody has needed since the last call, but for a few.
    pub(super) fn give_up_idle(&self) {
        let processors = thread::available_parallelism().map_or(1, NonZero::get);
        drop(self.idle(A_PROCESSOR * processors));
    }

    /// Those that nobody has needed since the last call, but for `few`; the lowest have waited longest.
    fn idle(&self, few: usize) -> Vec<T> {
        let mut waiting = self.lock();
        let fewest = mem::take(&mut waiting.fewest);
        let idle = waiting.stack.drain(..fewest.saturating_sub(few)).collect();
        waiting.fewest = waiting.stack.len();
        idle
    }

    fn lock(&self) -> MutexGuard<'_, Waiting<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_crowd_opened_is_given_up_when_nobody_has_needed_it_for_a_turn() {
        let readers = Readers::default();
        (0..20).for_each(|one| readers.keep(one));
        assert!(readers.idle(4).is_empty(), "all came since the last look");
        for _ in 0..3 {
            let busy: Vec<_> = (0..12).filter_map(|_| readers.take()).collect();
            assert_eq!(busy.len(), 12);
            busy.into_iter().for_each(|one| readers.keep(one));
        }
        assert_eq!(readers.idle(4), [0, 1, 2, 3], "eight were never needed, four of them stay");
        assert_eq!(readers.idle(4).len(), 12, "nobody came");
        assert!(readers.idle(4).is_empty());
        assert!((0..4).all(|_| readers.take().is_some()) && readers.take().is_none());
        assert!(readers.idle(0).is_empty());
    }
}
