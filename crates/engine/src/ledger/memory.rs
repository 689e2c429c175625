//! An outbox in memory, for tests.

use std::sync::Mutex;

use super::outbox::{Outbox, OutboxError};

/// Entries and head in memory; clones of nothing, shared by reference between threads.
#[derive(Default)]
pub(crate) struct MemoryOutbox {
    rows: Mutex<Rows>,
}

#[derive(Default)]
struct Rows {
    entries: Vec<Vec<u8>>,
    heads: Vec<Vec<u8>>,
    swap: SwapFault,
}

/// How the next swap of the head fails.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum SwapFault {
    /// Not at all.
    #[default]
    None,
    /// It fails and does nothing.
    NotApplied,
    /// It fails, and is done.
    Applied,
}

impl MemoryOutbox {
    pub(crate) fn push(&self, entry: Vec<u8>) {
        self.rows.lock().expect("no test panics here").entries.push(entry);
    }

    /// Appends the entry that `make` gives for the next position.
    pub(crate) fn push_next(&self, make: impl Fn(u64) -> Vec<u8>) {
        let mut rows = self.rows.lock().expect("no test panics here");
        let next = u64::try_from(rows.entries.len()).expect("a test is small");
        rows.entries.push(make(next));
    }

    pub(crate) fn len(&self) -> u64 {
        let rows = self.rows.lock().expect("no test panics here");
        u64::try_from(rows.entries.len()).expect("a test is small")
    }

    pub(crate) fn fail_next_swap(&self, fault: SwapFault) {
        self.rows.lock().expect("no test panics here").swap = fault;
    }

    /// Every head there ever was, in order.
    pub(crate) fn heads(&self) -> Vec<Vec<u8>> {
        self.rows.lock().expect("no test panics here").heads.clone()
    }

    /// Puts back an older backup: `entries` rows and `heads` heads are kept.
    pub(crate) fn roll_back(&self, entries: usize, heads: usize) {
        let mut rows = self.rows.lock().expect("no test panics here");
        rows.entries.truncate(entries);
        rows.heads.truncate(heads);
    }

    /// Alters a row, as somebody with access to the database might.
    pub(crate) fn alter(&self, index: usize, entry: Vec<u8>) {
        self.rows.lock().expect("no test panics here").entries[index] = entry;
    }
}

impl Outbox for MemoryOutbox {
    fn head(&self) -> Result<Option<Vec<u8>>, OutboxError> {
        Ok(self.rows.lock().expect("no test panics here").heads.last().cloned())
    }

    fn entries(&self, from: u64, max: usize) -> Result<Vec<Vec<u8>>, OutboxError> {
        let rows = self.rows.lock().expect("no test panics here");
        let from = usize::try_from(from).expect("a test is small");
        // A short answer before the end is allowed, and so must be survived.
        let max = max.min(100);
        Ok(rows.entries.iter().skip(from).take(max).cloned().collect())
    }

    fn swap_head(&self, expected: Option<&[u8]>, new: &[u8]) -> Result<bool, OutboxError> {
        let mut rows = self.rows.lock().expect("no test panics here");
        let fault = std::mem::take(&mut rows.swap);
        if fault == SwapFault::NotApplied {
            return Err(OutboxError::Failed);
        }
        if rows.heads.last().map(Vec::as_slice) != expected {
            return Ok(false);
        }
        rows.heads.push(new.to_vec());
        if fault == SwapFault::Applied { Err(OutboxError::Failed) } else { Ok(true) }
    }
}
