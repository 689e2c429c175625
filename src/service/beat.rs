//! How long a new report takes: whole beats, whatever it was made of.
//!
//! Matching, and drawing noise, take longer for more that matched and for larger noise. The wait is before
//! anything of the report is recorded, in the transaction that makes it: who asked, who asks in a loop whether it is there, who writes
//! beside it and who reads the ledger all see the same number of beats (attack T15, `docs/privacy.md`, "What it does
//! not cover"; `docs/decisions/0079-whole-beats.md`).

use std::thread;
use std::time::Instant;

use tiers_protocol::policy::Tick;

use crate::limits::Reports;

/// A report under way.
pub(super) struct Beat {
    begun: Instant,
    reports: Reports,
}

impl Beat {
    /// Begins with the transaction. Where all takes effect at once, as in a demonstration, nothing is hidden
    /// and nobody waits.
    pub(super) fn begin(reports: Reports) -> Self {
        Self { begun: Instant::now(), reports }
    }

    /// Waits for the beat to be over.
    pub(super) fn wait(&self, tick: Tick) {
        match tick {
            Tick::AtOnce => {}
            Tick::Daily => thread::sleep(self.reports.left(self.begun.elapsed())),
        }
    }
}
