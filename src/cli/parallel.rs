//! Work on many things on all processors, with what it makes in the order of the things.

use std::num::NonZero;
use std::ops::Range;
use std::thread::{self, ScopedJoinHandle};

/// The work on each part of `0..len`, one part a processor at most, in their order.
pub fn in_parts<T: Send>(len: usize, work: impl Fn(Range<usize>) -> T + Sync) -> Vec<T> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    in_parts_of(len.div_ceil(threads), len, work)
}

/// The same with a thread for each `size` of them.
pub fn in_parts_of<T: Send>(
    size: usize,
    len: usize,
    work: impl Fn(Range<usize>) -> T + Sync,
) -> Vec<T> {
    thread::scope(|scope| {
        let work = &work;
        let starts = (0..len).step_by(size.max(1));
        let ranges = starts.map(|start| start..(start + size).min(len));
        let threads: Vec<_> = ranges.map(|range| scope.spawn(move || work(range))).collect();
        let join = |thread: ScopedJoinHandle<'_, T>| {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        threads.into_iter().map(join).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_are_all_things_once_in_their_order() {
        for (size, len) in [(1, 0), (1, 1), (3, 10), (10, 10), (11, 10)] {
            let parts = in_parts_of(size, len, Vec::from_iter);
            assert_eq!(parts.concat(), (0..len).collect::<Vec<_>>());
            assert!(parts.iter().all(|part| part.len() <= size));
        }
        assert_eq!(in_parts(7, |range| range.len()).iter().sum::<usize>(), 7);
    }
}
