//! In how many lots a batch passes: all that its sender, the invoices and the ledger learn of the number of
//! records that were held back.
//!
//! Whole thousands alone would tell of one person: who sends 999 whom it knows to pass, and one it asks
//! about, reads from "one lot" or "none" what that one said elsewhere. So the lots of a batch leave out a
//! number of records that only the certifier can work out, from 0 to 199: one record more or less changes
//! them in one batch of two hundred, wherever the sender puts the edge
//! (`docs/decisions/0081-lots-without-an-edge.md`).

use tiers_contact::{Keyed, labels};
use tiers_protocol::exchange::BatchHead;
use tiers_protocol::exchange::view::BatchState;
use tiers_protocol::ids::{BatchId, PartyId};

use super::head;
use crate::service::{Certifier, Refusal, ServiceError};
use crate::store::Tx;
use crate::store::exchange::Batch;

pub use tiers_protocol::exchange::sending::LOT;

/// The lots of a batch leave out fewer records than this: from `LOT + LEFT_OUT - 1` on something passes.
pub const LEFT_OUT: u64 = 200;

/// After so many batches of which nothing passed, an exchange takes none of that sender any more: they cost nobody
/// anything, and it could try them one after the other until the edge of a lot lies where it wants it.
pub const WITHHELD: usize = 3;

/// Whether a sender has had as many withheld as an exchange bears.
pub(super) fn is_over(batches: &[Batch], sender: &PartyId) -> bool {
    let withheld = batches.iter().filter(|batch| {
        // What was handed over and not fetched in time is withheld too, and was a lot or more.
        let none = batch.handed.as_ref().is_none_or(|handed| handed.document.lots == 0);
        head(&batch.statement).sender == *sender && batch.state == BatchState::Withheld && none
    });
    withheld.count() >= WITHHELD
}

/// Refuses another batch of a sender of whom too many were withheld.
pub(super) fn lots_are_told(tx: &Tx<'_>, of: &BatchHead) -> Result<(), ServiceError> {
    let over = is_over(&tx.batches(Some(&of.exchange))?, &of.sender);
    if over { Err(Refusal::ExchangeWithheld.into()) } else { Ok(()) }
}

impl Certifier {
    /// Whole lots in which so many records of a batch pass; 0 is none at all, and then nobody does.
    pub(super) fn lots(&self, batch: &BatchId, allowed: u64) -> u64 {
        lots(&self.keyring.key_for(labels::EXCHANGE_LOTS), batch, allowed)
    }
}

/// The same under the certifier's key for lots. For one batch it is the same for ever: asked again, or after
/// a restored backup, nothing is drawn anew.
#[must_use]
pub fn lots(key: &[u8; 32], batch: &BatchId, allowed: u64) -> u64 {
    allowed.saturating_sub(left_out(key, batch)) / LOT
}

fn left_out(key: &[u8; 32], batch: &BatchId) -> u64 {
    let digest = Keyed::new(key).mac_of_short(batch.as_bytes());
    let first = digest[..8].try_into().expect("eight of 32 bytes");
    // 2^64 is no multiple of it: some numbers are likelier by one part in 10^17.
    u64::from_be_bytes(first) % LEFT_OUT
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(number: u64) -> BatchId {
        let mut id = [0; 16];
        id[..8].copy_from_slice(&number.to_be_bytes());
        BatchId::from_bytes(id)
    }

    #[test]
    fn every_number_is_left_out_as_often_and_each_edge_is_met_by_one_batch_in_two_hundred() {
        let key = [7; 32];
        let batches = 100_000;
        let mut seen = vec![0_u64; usize::try_from(LEFT_OUT).unwrap()];
        let mut edges = [0_u64; 3];
        for number in 0..batches {
            let batch = batch(number);
            seen[usize::try_from(left_out(&key, &batch)).unwrap()] += 1;
            for (edge, allowed) in edges.iter_mut().zip([1_000, 1_150, 7_003]) {
                let told = lots(&key, &batch, allowed) - lots(&key, &batch, allowed - 1);
                *edge += told;
            }
            assert_eq!(lots(&key, &batch, 999), 0);
            assert_eq!(lots(&key, &batch, LOT + LEFT_OUT - 1), 1);
        }
        let expected = batches / LEFT_OUT;
        let near = |count: &u64| count.abs_diff(expected) < expected / 4;
        assert!(seen.iter().all(near), "{seen:?}");
        assert!(edges.iter().all(near), "{edges:?}");
    }
}
