//! Samples of batches and the verdicts on them. Which positions are drawn, and what a verdict leads to, is the
//! matter of `service::exchange`.

use rusqlite::{OptionalExtension as _, params};
use tiers_protocol::canonical;
use tiers_protocol::encoding::{Bytes, sha256};
use tiers_protocol::exchange::{Drawn, SignedReview};
use tiers_protocol::ids::BatchId;

use super::column::{json, signed};
use super::db::failed;
use super::{StoreError, Tx};
use crate::time::Moment;

/// A set of positions, a bit for each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Positions {
    bits: Vec<u8>,
    count: u64,
}

impl Positions {
    /// Says whether the next position is one of them.
    pub fn push(&mut self, is_one: bool) {
        if self.count.is_multiple_of(8) {
            self.bits.push(0);
        }
        if is_one && let Some(last) = self.bits.last_mut() {
            *last |= 0x80 >> (self.count % 8);
        }
        self.count += 1;
    }

    /// Whether a position is one of them.
    #[must_use]
    pub fn has(&self, position: u64) -> bool {
        let byte = usize::try_from(position / 8).ok().and_then(|at| self.bits.get(at));
        byte.is_some_and(|byte| byte & (0x80 >> (position % 8)) != 0)
    }

    /// Digest of the bits.
    #[must_use]
    pub fn digest(&self) -> Bytes<32> {
        sha256(&self.bits)
    }
}

/// A sample.
#[derive(Debug, Clone)]
pub struct StoredSample {
    /// What was drawn.
    pub drawn: Drawn,
    /// Positions that might pass when it was drawn.
    pub eligible: Positions,
    /// When.
    pub drawn_at: Moment,
    /// The verdict.
    pub review: Option<(SignedReview, Moment)>,
}

type Raw = (Vec<u8>, Vec<u8>, i64, Option<Vec<u8>>, Option<i64>);

fn sample((drawn, bits, at, review, given): Raw) -> Result<StoredSample, StoreError> {
    let moment = |seconds| {
        Moment::from_seconds(seconds)
            .ok_or(StoreError::Corrupt { column: "exchange_sample.drawn_at" })
    };
    let drawn: Drawn = json(&drawn, "exchange_sample.drawn")?;
    let eligible = Positions { bits, count: drawn.records };
    let review = match (review, given) {
        (Some(review), Some(at)) => Some((json(&review, "exchange_sample.review")?, moment(at)?)),
        _ => None,
    };
    Ok(StoredSample { drawn, eligible, drawn_at: moment(at)?, review })
}

impl Tx<'_> {
    /// Keeps what was drawn.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn insert_sample(
        &self,
        (drawn, at): (&Drawn, Moment),
        eligible: &Positions,
        entry: u64,
    ) -> Result<(), StoreError> {
        let statement = "INSERT INTO exchange_sample (batch_id, drawn, eligible, drawn_at, entry) \
                         VALUES (?1, ?2, ?3, ?4, ?5)";
        let values = params![
            drawn.batch.to_string(),
            canonical::to_vec(drawn),
            eligible.bits,
            at.seconds(),
            signed(entry, "exchange_sample.entry")?,
        ];
        self.0.execute(statement, values).map_err(failed("insert sample"))?;
        Ok(())
    }

    /// What was drawn from a batch.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn sample(&self, batch: &BatchId) -> Result<Option<StoredSample>, StoreError> {
        let statement = "SELECT drawn, eligible, drawn_at, review, given_at FROM exchange_sample \
                         WHERE batch_id = ?1";
        let row = self.0.query_row(statement, [batch.to_string()], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
        });
        row.optional().map_err(failed("read sample"))?.map(sample).transpose()
    }

    /// Keeps the verdict on a sample; a second one is refused by the schema.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn put_review(&self, review: &SignedReview, at: Moment) -> Result<(), StoreError> {
        let statement = "UPDATE exchange_sample SET review = ?2, given_at = ?3 WHERE batch_id = ?1";
        let batch = review.review.batch.to_string();
        self.0
            .execute(statement, params![batch, canonical::to_vec(review), at.seconds()])
            .map_err(failed("update sample"))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn positions_are_those_that_were_said(said in proptest::collection::vec(any::<bool>(), 0..70)) {
            let mut positions = Positions::default();
            said.iter().for_each(|is_one| positions.push(*is_one));
            for (at, is_one) in (0..).zip(&said) {
                prop_assert_eq!(positions.has(at), *is_one);
            }
            prop_assert!((said.len() as u64..200).all(|at| !positions.has(at)));
            let mut other = positions.clone();
            other.push(true);
            prop_assert!(other.digest() != positions.digest());
        }
    }
}
