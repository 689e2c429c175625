//! The lead that each row has found through a kind other than that of its unit: four bytes a row.
//!
//! Kinds are matched last first, so that an earlier kind overwrites a later one and nothing has to be
//! compared; only the several tokens of a near kind compete, and the smaller entry wins whatever thread
//! comes first. An entry is smaller for an earlier kind, then for the lead that the touch rule prefers,
//! then for the smaller campaign. A row that has met a lead which the rules pass over (made after the
//! sale, or too long before) has an entry greater than all of those.

use std::sync::atomic::{AtomicU32, Ordering};

use tiers_protocol::policy::Touch;

use super::unit::SaleLead;

/// An entry of a row that has found nothing.
const NONE: u32 = u32::MAX;

/// An entry of a row that has met leads, of which none gets the sale.
const MET: u32 = u32::MAX - 1;

/// Ages of leads take ten bits: a policy's window is at most 730 days.
const AGE_BITS: u32 = 10;

/// The greatest number of ten bits.
const AGE_MAX: u32 = (1 << AGE_BITS) - 1;

/// An age as the touch rule orders it, and the age of a rank: the same function.
const fn rank(age: u32, touch: Touch) -> u32 {
    match touch {
        Touch::Last => age,
        Touch::First => AGE_MAX - age,
    }
}

/// The leads found, by deposit and row.
pub(super) struct Found {
    deposits: Vec<Vec<AtomicU32>>,
}

/// A lead that a row has found.
#[derive(Clone, Copy)]
pub(super) struct Find {
    /// Place of the kind in the order in which kinds are tried.
    pub kind: u8,
    /// Days from the lead to the sale, at most 730.
    pub age: u16,
    /// Campaign of the lead.
    pub campaign: u16,
}

impl Find {
    fn entry(self, touch: Touch) -> u32 {
        let age = u32::from(self.age).min(AGE_MAX);
        u32::from(self.kind) << (AGE_BITS + 16) | rank(age, touch) << 16 | u32::from(self.campaign)
    }
}

impl Found {
    /// Room for rows of deposits of these lengths; of length 0 where no row can find anything.
    pub fn new(lengths: impl Iterator<Item = u32>) -> Self {
        let rows = |length| (0..length).map(|_| AtomicU32::new(NONE)).collect();
        Self { deposits: lengths.map(rows).collect() }
    }

    /// Whether there is room for no row at all: then nobody needs to know which row is which.
    pub fn is_empty(&self) -> bool {
        self.deposits.iter().all(Vec::is_empty)
    }

    /// Keeps a lead that the only token of its kind has found for a row. Kinds come last first.
    pub fn put(&self, deposit: u32, row: u32, find: Find, touch: Touch) {
        if let Some(entry) = self.entry(deposit, row) {
            // Relaxed: passes over the kinds end before the next begins, and in one pass a row has
            // one token.
            entry.store(find.entry(touch), Ordering::Relaxed);
        }
    }

    /// Keeps a lead that one of several tokens of its kind has found for a row.
    pub fn compete(&self, deposit: u32, row: u32, find: Find, touch: Touch) {
        if let Some(entry) = self.entry(deposit, row) {
            entry.fetch_min(find.entry(touch), Ordering::Relaxed);
        }
    }

    /// Keeps that a row has met a lead, whether or not any gets the sale.
    pub fn meet(&self, deposit: u32, row: u32) {
        if let Some(entry) = self.entry(deposit, row) {
            entry.fetch_min(MET, Ordering::Relaxed);
        }
    }

    /// The lead that a row has found, and whether it has met any.
    pub fn lead(&self, deposit: u32, row: u32, touch: Touch) -> (Option<SaleLead>, bool) {
        let entry = self.entry(deposit, row).map_or(NONE, |entry| entry.load(Ordering::Relaxed));
        #[expect(clippy::cast_possible_truncation, reason = "the campaign is the lower half")]
        let campaign = entry as u16;
        let age = rank(entry >> 16 & AGE_MAX, touch);
        let age_days = u16::try_from(age).expect("ten bits");
        ((entry < MET).then_some(SaleLead { campaign, age_days }), entry != NONE)
    }

    fn entry(&self, deposit: u32, row: u32) -> Option<&AtomicU32> {
        self.deposits.get(usize::try_from(deposit).ok()?)?.get(usize::try_from(row).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn earlier_kinds_then_the_touch_rule_then_the_smaller_campaign_win() {
        let find = |kind, age, campaign| Find { kind, age, campaign };
        let all = [0, 1, 12].into_iter().flat_map(|kind| {
            let ages = [0, 1, 729, 730].into_iter();
            ages.flat_map(move |age| [0, 1, u16::MAX].map(|campaign| find(kind, age, campaign)))
        });
        let all: Vec<Find> = all.collect();
        for touch in [Touch::First, Touch::Last] {
            let rank = |find: &Find| {
                let age = i32::from(find.age);
                (find.kind, if touch == Touch::Last { age } else { -age }, find.campaign)
            };
            for a in &all {
                for b in &all {
                    assert_eq!(rank(a).cmp(&rank(b)), a.entry(touch).cmp(&b.entry(touch)));
                    let found = Found::new([0, 2].into_iter());
                    found.compete(1, 1, *a, touch);
                    found.compete(1, 1, *b, touch);
                    let least = if rank(a) <= rank(b) { a } else { b };
                    let lead = |row| found.lead(1, row, touch);
                    let of = |find: &Find| SaleLead { campaign: find.campaign, age_days: find.age };
                    assert!(lead(1) == (Some(of(least)), true));
                    found.meet(1, 1);
                    assert!(lead(1) == (Some(of(least)), true));
                    found.put(1, 1, *a, touch);
                    assert!(lead(1) == (Some(of(a)), true));
                    assert!(lead(0) == (None, false) && lead(2) == (None, false));
                    found.meet(1, 0);
                    assert!(lead(0) == (None, true));
                    found.compete(1, 0, *b, touch);
                    assert!(lead(0) == (Some(of(b)), true));
                    assert!(found.lead(0, 0, touch) == (None, false));
                    assert!(found.lead(2, 0, touch) == (None, false));
                }
            }
        }
        assert!(
            Found::new([0, 0].into_iter()).is_empty() && !Found::new([0, 1].into_iter()).is_empty()
        );
    }
}
