//! Jobs on several threads whose results are taken in the order of the jobs.
//!
//! Each job makes a stream of results. They wait in a short queue of the job's own until all jobs before
//! it are done, so that what is taken, and in which order, does not depend on the threads; a job that is
//! far ahead waits.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc::sync_channel,
    },
    thread,
};

/// Results of one job that may wait.
const WAITING: usize = 8;

/// Nobody takes results any more.
pub(super) struct Stopped;

/// Runs `jobs` jobs on at most `threads` threads, this one apart; `work` gives its results to the
/// function that it gets and ends early when that says [`Stopped`]. The first error ends all.
pub(super) fn in_order<T: Send, F: Send, E: From<F>>(
    jobs: usize,
    threads: usize,
    work: impl Fn(usize, &mut dyn FnMut(T) -> Result<(), Stopped>) -> Result<(), F> + Sync,
    mut take: impl FnMut(T) -> Result<(), E>,
) -> Result<(), E> {
    if threads <= 1 || jobs <= 1 {
        return (0..jobs).try_for_each(|job| alone(job, &work, &mut take));
    }
    let (senders, receivers): (Vec<_>, Vec<_>) =
        (0..jobs).map(|_| sync_channel::<Result<T, F>>(WAITING)).unzip();
    let senders: Vec<_> = senders.into_iter().map(|sender| Mutex::new(Some(sender))).collect();
    let next = AtomicUsize::new(0);
    let worker = || loop {
        let job = next.fetch_add(1, Ordering::Relaxed);
        let Some(sender) = senders.get(job) else { return };
        let Some(sender) = sender.lock().unwrap_or_else(PoisonError::into_inner).take() else {
            return;
        };
        let mut give = |result| sender.send(Ok(result)).map_err(|_| Stopped);
        if let Err(error) = work(job, &mut give) {
            // Where nobody listens any more, an error came before.
            let _ = sender.send(Err(error));
            return;
        }
    };
    thread::scope(|scope| {
        for _ in 0..threads.min(jobs) {
            scope.spawn(worker);
        }
        // Leaving early drops the queues, and whoever waits to put something there stops.
        receivers
            .into_iter()
            .try_for_each(|results| results.into_iter().try_for_each(|result| take(result?)))
    })
}

/// One job on this thread.
fn alone<T, F, E: From<F>>(
    job: usize,
    work: &impl Fn(usize, &mut dyn FnMut(T) -> Result<(), Stopped>) -> Result<(), F>,
    take: &mut impl FnMut(T) -> Result<(), E>,
) -> Result<(), E> {
    let mut refused = None;
    let mut give = |result| {
        take(result).map_err(|error| {
            refused = Some(error);
            Stopped
        })
    };
    work(job, &mut give)?;
    refused.map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Job `n` makes `n % 5` results; what was taken, or the error that ended it.
    fn run(jobs: usize, threads: usize, fails: usize, refuses: usize) -> (Vec<usize>, Option<i32>) {
        let mut taken = Vec::new();
        let work = |job: usize, give: &mut dyn FnMut(usize) -> Result<(), Stopped>| {
            for part in 0..job % 5 * 7 {
                if job == fails {
                    return Err(1);
                }
                if give(job * 100 + part).is_err() {
                    return Ok(());
                }
            }
            Ok(())
        };
        let take = |result| {
            taken.push(result);
            if result == refuses { Err(2) } else { Ok(()) }
        };
        let error = in_order(jobs, threads, work, take).err();
        (taken, error)
    }

    #[test]
    fn results_come_in_order_whatever_the_threads() {
        let expected: Vec<_> =
            (0..40).flat_map(|job| (0..job % 5 * 7).map(move |part| job * 100 + part)).collect();
        for threads in 0..5 {
            assert_eq!(run(40, threads, 99, usize::MAX), (expected.clone(), None));
        }
        assert_eq!(run(0, 2, 99, usize::MAX), (Vec::new(), None));
    }

    #[test]
    fn the_first_error_ends_all() {
        let until = |end| {
            (0..40)
                .flat_map(|job| (0..job % 5 * 7).map(move |part| job * 100 + part))
                .take_while(move |result| *result != end)
                .collect::<Vec<_>>()
        };
        for threads in 0..5 {
            // Job 13 fails: what came before it was taken.
            assert_eq!(run(40, threads, 13, usize::MAX), (until(1_300), Some(1)));
            let mut expected = until(1_302);
            expected.push(1_302);
            assert_eq!(run(40, threads, 99, 1_302), (expected, Some(2)));
        }
    }
}
