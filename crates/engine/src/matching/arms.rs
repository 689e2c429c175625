//! Arms of an experiment: which rows of the leads are of persons who are treated, and leads that say so
//! when they are matched.
//!
//! An arm travels with the campaign of its lead through the engine, in the two lowest bits of one number,
//! so that the order in which leads are picked stays that of their campaigns, and is taken off where a
//! unit's month is decided ([`super::Attribution::arms`]). Who is in which arm is the draw's matter
//! (`crate::statistics::lift`). Specified in `docs/statistics.md`, "Lift".

use tiers_contact::Kind;

use crate::vault::{Batch, Batches, Columns, Day, Segments, TokenRange, Values, VaultError};

/// A side of an experiment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Arm {
    /// Is addressed by the campaign.
    Treated,
    /// Is left alone.
    Control,
}

impl Arm {
    const fn code(self) -> u8 {
        match self {
            Self::Treated => 1,
            Self::Control => 2,
        }
    }

    const fn of_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Treated),
            2 => Some(Self::Control),
            _ => None,
        }
    }
}

/// Bits of an arm beside a campaign.
const ARM_BITS: u16 = 2;

/// Most campaigns of which a lead can say its arm; a programme has fewer.
pub const ARMED_CAMPAIGNS_MAX: u16 = u16::MAX >> ARM_BITS;

/// One number of campaign and arm.
pub(super) const fn joined(campaign: u16, arm: Option<Arm>) -> u16 {
    let code = match arm {
        Some(arm) => arm.code(),
        None => 0,
    };
    campaign << ARM_BITS | code as u16
}

/// Campaign and arm of one number.
pub(super) const fn parted(number: u16) -> (u16, Option<Arm>) {
    let code = number & ((1 << ARM_BITS) - 1);
    (number >> ARM_BITS, Arm::of_code(code.to_le_bytes()[0]))
}

/// The arms of a deposit's rows, by ordinal: two bits a row. They follow from keys of persons and stay where
/// they are when rows are erased or pass another chain, because ordinals do. It has no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Arms(Vec<u8>);

/// Rows of one byte.
const ROWS: usize = 4;

impl Arms {
    /// So many rows, none of which is in an arm.
    #[must_use]
    pub fn none(rows: u32) -> Self {
        Self(vec![0; (rows as usize).div_ceil(ROWS)])
    }

    /// As [`Self::as_bytes`] gave them.
    #[must_use]
    pub const fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// To be stored: the first row in the lowest bits of the first byte.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Puts a row into an arm. A row that there is no room for is passed over: no deposit has it.
    pub fn put(&mut self, row: u32, arm: Arm) {
        let (place, shift) = (row as usize / ROWS, row as usize % ROWS * 2);
        if let Some(byte) = self.0.get_mut(place) {
            *byte = *byte & !(3 << shift) | arm.code() << shift;
        }
    }

    /// The arm of a row, if it is in one.
    #[must_use]
    pub fn get(&self, row: u32) -> Option<Arm> {
        let (place, shift) = (row as usize / ROWS, row as usize % ROWS * 2);
        Arm::of_code(self.0.get(place)? >> shift & 3)
    }
}

/// A deposit of leads whose rows say their arms with their campaigns.
pub struct Armed<L> {
    deposit: L,
    arms: Arms,
}

impl<L> Armed<L> {
    /// A deposit and the arms of its rows.
    pub const fn new(deposit: L, arms: Arms) -> Self {
        Self { deposit, arms }
    }
}

impl<L: Segments> Segments for Armed<L> {
    type Reader<'a>
        = ArmedReader<'a, L::Reader<'a>>
    where
        L: 'a;

    fn segment(
        &self,
        kind: Kind,
        range: TokenRange,
        columns: Columns,
    ) -> Result<Self::Reader<'_>, VaultError> {
        // The arm follows from the ordinal.
        let read = Columns { rows: columns.rows || columns.values, ..columns };
        let inner = self.deposit.segment(kind, range, read)?;
        Ok(ArmedReader { inner, arms: &self.arms, columns })
    }

    fn rows(&self, kind: Kind) -> u64 {
        self.deposit.rows(kind)
    }

    fn days(&self, kind: Kind) -> Option<(Day, Day)> {
        self.deposit.days(kind)
    }

    fn row_count(&self) -> u32 {
        self.deposit.row_count()
    }
}

/// Rows of such a deposit, batch by batch.
pub struct ArmedReader<'a, R> {
    inner: R,
    arms: &'a Arms,
    columns: Columns,
}

impl<R: Batches> Batches for ArmedReader<'_, R> {
    fn next(&mut self, batch: &mut Batch) -> Result<bool, VaultError> {
        let more = self.inner.next(batch)?;
        if let (true, Values::Leads(campaigns)) = (self.columns.values, &mut batch.values) {
            for (campaign, row) in campaigns.iter_mut().zip(&batch.rows) {
                *campaign = joined(*campaign, self.arms.get(*row));
            }
        }
        if !self.columns.rows {
            batch.rows.clear();
        }
        Ok(more)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_keep_their_arms_and_numbers_come_apart_again() {
        let mut arms = Arms::none(9);
        let of = |row: u32| match row % 3 {
            0 => Some(Arm::Treated),
            1 => Some(Arm::Control),
            _ => None,
        };
        for row in (0..9).rev() {
            // Said twice, the last word counts.
            arms.put(row, Arm::Treated);
            arms.put(row, of(row).unwrap_or(Arm::Control));
        }
        arms.put(9_999, Arm::Treated);
        let stored = Arms::from_bytes(arms.as_bytes().to_vec());
        for row in 0..9 {
            assert_eq!(stored.get(row), of(row).or(Some(Arm::Control)));
        }
        assert_eq!((stored.as_bytes().len(), stored.get(9_999)), (3, None));
        assert_eq!(Arms::none(9).get(3), None);
        for campaign in [0, 1, 77, ARMED_CAMPAIGNS_MAX] {
            for arm in [None, Some(Arm::Treated), Some(Arm::Control)] {
                assert_eq!(parted(joined(campaign, arm)), (campaign, arm));
            }
        }
        assert!(joined(1, Some(Arm::Control)) < joined(2, None), "campaigns keep their order");
    }
}
