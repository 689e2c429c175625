//! Work on many things on all processors, with what it makes in the order of the things.

use std::num::NonZero;
use std::ops::Range;
use std::panic::resume_unwind;
use std::thread::{self, ScopedJoinHandle};

/// The work on each part of `0..len`, one part a processor at most, in their order.
pub fn in_parts<T: Send>(len: usize, work: impl Fn(Range<usize>) -> T + Sync) -> Vec<T> {
    in_parts_from(1, len, work)
}

/// The same with no part below `least` but the last: fewer things are not worth a thread.
pub fn in_parts_from<T: Send>(
    least: usize,
    len: usize,
    work: impl Fn(Range<usize>) -> T + Sync,
) -> Vec<T> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    in_parts_of(len.div_ceil(threads).max(least), len, work)
}

/// The same with a part for each `size` of them. The first is worked on here, each other by a thread of its own.
pub fn in_parts_of<T: Send>(
    size: usize,
    len: usize,
    work: impl Fn(Range<usize>) -> T + Sync,
) -> Vec<T> {
    let size = size.max(1);
    let mut ranges = (0..len).step_by(size).map(|start| start..(start + size).min(len));
    thread::scope(|scope| {
        let work = &work;
        let own = ranges.next();
        let others: Vec<_> = ranges.map(|range| scope.spawn(move || work(range))).collect();
        let own = own.map(work);
        let join =
            |other: ScopedJoinHandle<'_, T>| other.join().unwrap_or_else(|e| resume_unwind(e));
        own.into_iter().chain(others.into_iter().map(join)).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_are_all_things_once_in_their_order() {
        for (size, len) in [(1, 0), (1, 1), (3, 10), (10, 10), (11, 10), (0, 2)] {
            let parts = in_parts_of(size, len, Vec::from_iter);
            assert_eq!(parts.concat(), (0..len).collect::<Vec<_>>());
            assert!(parts.iter().all(|part| part.len() <= size.max(1)));
        }
        assert_eq!(in_parts(7, |range| range.len()).iter().sum::<usize>(), 7);
    }

    #[test]
    fn few_things_are_one_part() {
        for len in [0, 1, 99, 100, 101, 507] {
            let parts = in_parts_from(100, len, Vec::from_iter);
            assert_eq!(parts.concat(), (0..len).collect::<Vec<_>>());
            let mut all_but_last = parts.iter().rev().skip(1);
            assert!(all_but_last.all(|part| part.len() >= 100));
        }
    }
}
