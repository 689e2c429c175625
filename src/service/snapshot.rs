//! Snapshots: numbered by the calendar, so that arrivals and erasures take effect at ticks and
//! asking again inside one reveals nothing.

use tiers_protocol::policy::{Policy, Tick};

use crate::time::Moment;

/// The number of the snapshot that a question of this moment reads.
pub(super) fn current(policy: &Policy, now: Moment, arrivals: u64) -> u64 {
    match policy.tick() {
        Tick::Daily => now.day_number(),
        Tick::AtOnce => arrivals,
    }
}

/// The number of the first snapshot that holds what arrives at this moment.
pub(super) fn first_with(policy: &Policy, now: Moment, arrivals: u64) -> u64 {
    match policy.tick() {
        Tick::Daily => now.day_number() + 1,
        Tick::AtOnce => arrivals,
    }
}
