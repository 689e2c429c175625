//! The lead that each row has found through a kind other than that of its unit: four bytes a row.
//!
//! Kinds are matched last first, so that an earlier kind overwrites a later one and nothing has to be
//! compared; only the several tokens of a near kind compete, and the smaller entry wins whatever thread
//! comes first. An entry is smaller for an earlier kind, then for the lead that the touch rule prefers,
//! then for the smaller campaign. A row that has met a lead which the rules pass over (made after the
//! sale, or too long before) has an entry greater than all of those.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

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
            // What is there already is less; only where nothing is, threads may meet.
            if entry.load(Ordering::Relaxed) == NONE {
                entry.fetch_min(MET, Ordering::Relaxed);
            }
        }
    }

    /// What is kept of a row, to be read by [`Self::lead`]: many are looked up one after the other, so that
    /// none waits for the memory of the one before.
    pub fn look_up(&self, deposit: u32, row: u32) -> u32 {
        self.entry(deposit, row).map_or(NONE, |entry| entry.load(Ordering::Relaxed))
    }

    /// The lead that a row has found, and whether it has met any.
    pub fn lead(entry: u32, touch: Touch) -> (Option<SaleLead>, bool) {
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

/// Which rows have met a lead through another kind than that of their unit, where nobody asks which lead:
/// one byte a row.
pub(super) struct Met {
    /// Where the rows of each deposit begin, and where the last ones end.
    starts: Vec<usize>,
    rows: Vec<AtomicBool>,
}

impl Met {
    /// Room for rows of deposits of these lengths.
    pub fn new(lengths: impl Iterator<Item = u32>) -> Self {
        let mut starts = vec![0];
        let mut end = 0;
        for length in lengths {
            end += usize::try_from(length).expect("addresses have at least 32 bits");
            starts.push(end);
        }
        Self { starts, rows: (0..end).map(|_| AtomicBool::new(false)).collect() }
    }

    /// Keeps that a row has met a lead.
    pub fn meet(&self, deposit: u32, row: u32) {
        if let Some(entry) = self.entry(deposit, row) {
            // Relaxed: passes over the kinds end before the next begins.
            entry.store(true, Ordering::Relaxed);
        }
    }

    /// Whether a row has met a lead.
    pub fn has_met(&self, deposit: u32, row: u32) -> bool {
        self.entry(deposit, row).is_some_and(|entry| entry.load(Ordering::Relaxed))
    }

    fn entry(&self, deposit: u32, row: u32) -> Option<&AtomicBool> {
        let [start, end] = *self.starts.get(deposit as usize..)?.first_chunk()?;
        self.rows.get(start..end)?.get(row as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_one_deposit_are_not_those_of_the_next() {
        let met = Met::new([2, 0, 3].into_iter());
        let all = || (0..4).flat_map(|deposit| (0..4).map(move |row| (deposit, row)));
        assert!(all().all(|(deposit, row)| !met.has_met(deposit, row)));
        all().filter(|place| *place != (2, 1)).for_each(|(deposit, row)| met.meet(deposit, row));
        let seen: Vec<_> = all().filter(|(deposit, row)| met.has_met(*deposit, *row)).collect();
        assert_eq!(seen, [(0, 0), (0, 1), (2, 0), (2, 2)]);
    }

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
                    let lead = |row| Found::lead(found.look_up(1, row), touch);
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
                    assert!([found.look_up(0, 0), found.look_up(2, 0)] == [NONE; 2]);
                }
            }
        }
    }
}
