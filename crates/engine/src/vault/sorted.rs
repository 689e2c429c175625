//! Rows of one segment in the narrow form in which they are sorted and merged: 32 bytes each.
//!
//! Tokens are uniformly random, so one pass that puts each row into the bucket of its leading bits
//! nearly sorts them; what is left is a handful of neighbours a bucket. Not the merge of several runs
//! (`runs.rs`) nor their files (`scratch.rs`).

use super::{SegmentRow, Side, Value, VaultError};
use crate::crypto::chain::VAULT_TOKEN_LEN;

/// Bytes of a row in memory and in a scratch file.
pub(super) const PACKED_LEN: usize = 32;

/// A row without what the whole segment has in common. Ordered by token, then by row.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Packed {
    /// Big endian: the order of numbers is that of bytes.
    token: u128,
    /// Ordinal times two, plus one if `first`.
    row: u32,
    day: i32,
    /// Amount and traits, or campaign.
    value: u64,
}

impl Packed {
    /// # Errors
    /// [`VaultError::TooManyRows`] and [`VaultError::AmountTooLarge`] for what the columns, signed
    /// numbers in Parquet, do not take.
    pub fn new(row: &SegmentRow) -> Result<Self, VaultError> {
        if i32::try_from(row.row).is_err() {
            return Err(VaultError::TooManyRows);
        }
        let value = match row.value {
            Value::Sale { amount_cents, traits } => {
                traits.pack(amount_cents).ok_or(VaultError::AmountTooLarge)?
            }
            Value::Lead { campaign } => campaign.into(),
            Value::Known => 0,
        };
        Ok(Self {
            token: u128::from_be_bytes(*row.token.as_bytes()),
            row: row.row << 1 | u32::from(row.first),
            day: row.date.epoch_days(),
            value,
        })
    }

    pub const fn token(&self) -> [u8; VAULT_TOKEN_LEN] {
        self.token.to_be_bytes()
    }

    pub const fn row(&self) -> u32 {
        self.row >> 1
    }

    pub const fn first(&self) -> bool {
        self.row & 1 == 1
    }

    pub const fn day(&self) -> i32 {
        self.day
    }

    pub const fn value(&self) -> u64 {
        self.value
    }

    pub fn to_bytes(self) -> [u8; PACKED_LEN] {
        let mut bytes = [0; PACKED_LEN];
        bytes[..16].copy_from_slice(&self.token.to_le_bytes());
        bytes[16..20].copy_from_slice(&self.row.to_le_bytes());
        bytes[20..24].copy_from_slice(&self.day.to_le_bytes());
        bytes[24..].copy_from_slice(&self.value.to_le_bytes());
        bytes
    }

    pub fn from_bytes(bytes: &[u8; PACKED_LEN]) -> Self {
        let part = |from: usize| -> [u8; 4] { [0, 1, 2, 3].map(|at| bytes[from + at]) };
        let long = |from: usize| -> u64 {
            u64::from(u32::from_le_bytes(part(from)))
                | u64::from(u32::from_le_bytes(part(from + 4))) << 32
        };
        Self {
            token: u128::from(long(0)) | u128::from(long(8)) << 64,
            row: u32::from_le_bytes(part(16)),
            day: i32::from_le_bytes(part(20)),
            value: long(24),
        }
    }
}

/// A sorted run of rows of one kind, for [`super::DepositWriter::push`]. It has no `Debug`.
pub struct Sorted {
    pub(super) rows: Vec<Packed>,
    /// `None` of no rows.
    pub(super) side: Option<Side>,
}

impl Sorted {
    /// Sorts rows, on whatever thread has them.
    ///
    /// # Errors
    /// [`VaultError::MixedRows`], [`VaultError::TooManyRows`], [`VaultError::AmountTooLarge`] for rows
    /// that the vault does not take.
    // The rows are consumed: no copy of them outlives the sorting.
    #[expect(clippy::needless_pass_by_value)]
    pub fn new(rows: Vec<SegmentRow>) -> Result<Self, VaultError> {
        let side = rows.first().map(|row| Side::of(row.value));
        let pack = |row: &SegmentRow| {
            if Some(Side::of(row.value)) == side {
                Packed::new(row)
            } else {
                Err(VaultError::MixedRows)
            }
        };
        let packed = rows.iter().map(pack).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { rows: sort(packed), side })
    }

    /// Number of rows.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

/// Rows below which the standard sort is as good.
const FEW: usize = 1 << 10;

/// Rows that a bucket has on average.
const BUCKET_BITS: u32 = 3;

/// Sorts: one counting pass over the leading bits, then each bucket, which has about eight rows. Rows
/// that share their leading bits, as when one token is everywhere, make a large bucket, which the
/// standard sort takes as fast as it takes everything.
fn sort(mut rows: Vec<Packed>) -> Vec<Packed> {
    if rows.len() < FEW {
        rows.sort_unstable();
        return rows;
    }
    let bits = rows.len().ilog2() - BUCKET_BITS;
    let bucket = |row: &Packed| -> usize {
        usize::try_from(row.token >> (128 - bits)).expect("fewer bits than rows need to be counted")
    };
    let mut ends = vec![0_usize; 1 << bits];
    for row in &rows {
        ends[bucket(row)] += 1;
    }
    let mut sum = 0;
    for end in &mut ends {
        sum += *end;
        *end = sum;
    }
    let mut sorted = vec![rows[0]; rows.len()];
    // From behind: when all are placed, each end has become its bucket's start.
    for row in rows.iter().rev() {
        let end = &mut ends[bucket(row)];
        *end -= 1;
        sorted[*end] = *row;
    }
    let mut rest = sorted.as_mut_slice();
    for (place, start) in ends.iter().enumerate() {
        let next = ends.get(place + 1).copied().unwrap_or(rows.len());
        let (bucket, others) = rest.split_at_mut(next - start);
        bucket.sort_unstable();
        rest = others;
    }
    sorted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::vault::{MAX_AMOUNT_CENTS, Traits};
    use crate::{crypto::chain::VaultToken, vault::Day};

    fn packed(token: u128, row: u32) -> Packed {
        Packed { token, row, day: -3, value: 9 }
    }

    proptest! {
        #[test]
        fn sorting_is_that_of_the_standard_library(
            seed in any::<u64>(),
            count in prop_oneof![0..40_usize, 1_000..6_000_usize],
            distinct in prop_oneof![Just(1_u64), Just(3), Just(500), Just(u64::MAX)],
        ) {
            let mut state = seed;
            let mut draw = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                state >> 16
            };
            let rows: Vec<_> = (0..count).map(|_| {
                // A few tokens, or many, all over the range.
                let token = u128::from(draw() % distinct).wrapping_mul(u128::MAX / 501 + 7);
                packed(token << (draw() % 3 * 20), u32::try_from(draw() % 1_000).expect("small"))
            }).collect();
            let mut expected = rows.clone();
            expected.sort_unstable();
            prop_assert!(sort(rows) == expected);
        }

        #[test]
        fn a_row_survives_packing(
            token in any::<[u8; 16]>(),
            row in 0..1_u32 << 31,
            first in any::<bool>(),
            day in any::<i32>(),
            cents in 0..=MAX_AMOUNT_CENTS,
            model in any::<u8>(),
            area in any::<u8>(),
            campaign in any::<u16>(),
        ) {
            let traits = Traits::new(Some(model), Some(area));
            for value in [Value::Sale { amount_cents: cents, traits }, Value::Lead { campaign }] {
                let date = Day::from_epoch_days(day);
                let token = VaultToken::from_bytes(token);
                let given = SegmentRow { token, row, first, date, value };
                let packed = Packed::new(&given).expect("fits");
                prop_assert!(Packed::from_bytes(&packed.to_bytes()) == packed);
                prop_assert!(packed.token() == *token.as_bytes() && packed.row() == row);
                prop_assert!(packed.first() == first && packed.day() == day);
                let sale = traits.pack(cents).expect("fits");
                let number = if let Value::Sale { .. } = value { sale } else { campaign.into() };
                prop_assert!(packed.value() == number);
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let row = |row, value| SegmentRow {
            token: VaultToken::from_bytes([0; 16]),
            row,
            first: true,
            date: Day::from_epoch_days(0),
            value,
        };
        let (sale, lead) =
            (Value::Sale { amount_cents: 1, traits: Traits::OTHER }, Value::Lead { campaign: 1 });
        let refused = |rows| Sorted::new(rows).err();
        assert_eq!(refused(vec![row(1 << 31, sale)]), Some(VaultError::TooManyRows));
        let large = Value::Sale { amount_cents: MAX_AMOUNT_CENTS + 1, traits: Traits::OTHER };
        assert_eq!(refused(vec![row(0, large)]), Some(VaultError::AmountTooLarge));
        assert_eq!(refused(vec![row(0, lead), row(1, sale)]), Some(VaultError::MixedRows));
        assert_eq!(refused(vec![row(0, lead), row(1, lead)]), None);
    }
}
