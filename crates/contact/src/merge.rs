//! Several sorted runs of lines as one.
//!
//! Runs may lie in memory or, on a caller's side, in files. Only the lines at their heads are looked at, so
//! that memory does not follow the number of lines. What a line says is no matter here. Lines are in the
//! order of their bytes, equal ones in the order of the party's file: `docs/formats/body.md`.

/// Sorted lines that are taken one by one.
pub trait Run {
    /// Why the next line cannot be had.
    type Error;

    /// The line at the head, its end included, with its row of the party's file (0 for a canary); `None`
    /// behind the last one.
    fn head(&self) -> Option<(&[u8], u64)>;

    /// Goes on to the next line.
    ///
    /// # Errors
    /// Those of the run.
    fn advance(&mut self) -> Result<(), Self::Error>;
}

/// Runs being merged.
pub struct Merge<R> {
    runs: Vec<R>,
    /// The runs that have a line, as a heap: the first line of all is on top.
    heap: Vec<Head>,
}

#[derive(Clone, Copy)]
struct Head {
    prefix: u64,
    run: usize,
}

/// The first eight bytes of a line, as a number of the same order: most comparisons end there.
pub(crate) fn prefix(line: &[u8]) -> u64 {
    let mut prefix = [0; 8];
    let head = &line[..line.len().min(8)];
    prefix[..head.len()].copy_from_slice(head);
    u64::from_be_bytes(prefix)
}

impl<R: Run> Merge<R> {
    /// Begins to merge.
    #[must_use]
    pub fn new(runs: Vec<R>) -> Self {
        let heads = runs.iter().enumerate();
        let heads = heads.filter_map(|(run, lines)| {
            lines.head().map(|(line, _)| Head { prefix: prefix(line), run })
        });
        let mut merge = Self { heap: heads.collect(), runs };
        for place in (0..merge.heap.len() / 2).rev() {
            merge.sink(place);
        }
        merge
    }

    /// Hands out every line with its row, in order.
    ///
    /// # Errors
    /// Those of the runs, and those of `take`.
    pub fn each<E: From<R::Error>>(
        mut self,
        mut take: impl FnMut(&[u8], u64) -> Result<(), E>,
    ) -> Result<(), E> {
        while let Some(top) = self.heap.first().copied() {
            let run = &mut self.runs[top.run];
            if let Some((line, source)) = run.head() {
                take(line, source)?;
            }
            run.advance()?;
            match run.head() {
                Some((line, _)) => self.heap[0].prefix = prefix(line),
                None => {
                    self.heap.swap_remove(0);
                }
            }
            self.sink(0);
        }
        Ok(())
    }

    /// Moves a head down to where no smaller one is below it.
    ///
    /// The smaller heads come up all the way first, and then it goes up again as far as it has to. A run's next line
    /// is seldom among the first of all, so that this is not far; and which of two heads is the smaller, which no
    /// processor guesses, is reckoned with and not branched on.
    fn sink(&mut self, top: usize) {
        let Some(head) = self.heap.get(top).copied() else { return };
        let mut place = top;
        while let Some([left, right]) = self.heap.get(2 * place + 1..).and_then(<[_]>::first_chunk)
        {
            let second = if left.prefix == right.prefix {
                self.precedes(right, left)
            } else {
                right.prefix < left.prefix
            };
            let below = 2 * place + 1 + usize::from(second);
            self.heap[place] = self.heap[below];
            place = below;
        }
        // One that has no other beside it.
        if let Some(last) = self.heap.get(2 * place + 1).copied() {
            self.heap[place] = last;
            place = 2 * place + 1;
        }
        while place > top {
            let above = (place - 1) / 2;
            if !self.precedes(&head, &self.heap[above]) {
                break;
            }
            self.heap[place] = self.heap[above];
            place = above;
        }
        self.heap[place] = head;
    }

    fn precedes(&self, one: &Head, other: &Head) -> bool {
        let line = |head: &Head| self.runs[head.run].head();
        match one.prefix.cmp(&other.prefix) {
            std::cmp::Ordering::Equal => (line(one), one.run) < (line(other), other.run),
            order => order.is_lt(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::{collections::VecDeque, convert::Infallible};

    struct Queue(VecDeque<(Vec<u8>, u64)>);

    impl Run for Queue {
        type Error = Infallible;

        fn head(&self) -> Option<(&[u8], u64)> {
            self.0.front().map(|(line, source)| (line.as_slice(), *source))
        }

        fn advance(&mut self) -> Result<(), Infallible> {
            self.0.pop_front();
            Ok(())
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn merging_is_sorting(runs in prop::collection::vec(
            prop::collection::vec(("[ab]{0,10}\n", 0_u64..9), 0..20), 0..12,
        )) {
            let runs: Vec<Vec<(Vec<u8>, u64)>> = runs
                .into_iter()
                .map(|run| {
                    let lines = run.into_iter().map(|(line, source)| (line.into_bytes(), source));
                    let mut lines: Vec<_> = lines.collect();
                    lines.sort();
                    lines
                })
                .collect();
            let mut expected = runs.concat();
            expected.sort();
            let mut found = Vec::new();
            let queues = runs.into_iter().map(|run| Queue(run.into())).collect();
            let Ok(()) = Merge::new(queues).each(|line, source| {
                found.push((line.to_vec(), source));
                Ok::<_, Infallible>(())
            });
            prop_assert_eq!(found, expected);
        }
    }
}
