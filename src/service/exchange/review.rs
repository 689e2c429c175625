//! Takes the verdict of the recipient's officer on a sample: one proof that is missing or no good blocks the
//! batch, and its body goes. The certifier keeps what was drawn and the signed verdict, no proof.

use tiers_protocol::canonical;
use tiers_protocol::encoding::sha256;
use tiers_protocol::exchange::SignedReview;
use tiers_protocol::exchange::view::{BatchInfo, BatchReview, BatchState, ReviewInfo};
use tiers_protocol::ids::BatchId;
use tiers_protocol::tlog::EntryType;

use super::{As, head};
use crate::limits;
use crate::service::{Certifier, Refusal, ServiceError, act};
use crate::store::Tx;
use crate::store::credential::Caller;

impl Certifier {
    /// Takes a verdict. The same one again finds what came of it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::BatchState`], [`Refusal::ExchangeSignature`],
    /// [`Refusal::BatchReview`].
    pub fn review_batch(
        &self,
        caller: &Caller,
        (id, signed): (&BatchId, &SignedReview),
    ) -> Result<BatchInfo, ServiceError> {
        let review = &signed.review;
        let blocked = !review.unproven.is_empty();
        self.db.write("review batch", |tx| {
            let batch = self.own_batch(tx, caller, (id, As::Recipient))?;
            let sample = tx.sample(id)?.ok_or(Refusal::BatchState)?;
            if sample.review.as_ref().is_some_and(|(known, _)| known == signed) {
                return Ok(());
            }
            let of = head(&batch.statement);
            let found = self.own_exchange(tx, caller, &of.exchange)?;
            let side = found.document.agreement.side_of(&of.recipient);
            let (recipient, sender) = side.ok_or(Refusal::NotFound)?;
            if !signed.is_signed(&recipient.dpo.key) {
                return Err(ServiceError::from(Refusal::ExchangeSignature));
            }
            let words = review.words.trim().chars().count();
            if !review.is_of(&sample.drawn) || words > limits::NAME_CHARS || blocked && words == 0 {
                return Err(Refusal::BatchReview.into());
            }
            let next = if blocked { BatchState::Blocked } else { BatchState::Reviewed };
            if !tx.move_batch(id, (BatchState::Sampled, next))? {
                return Err(Refusal::BatchState.into());
            }
            tx.put_review(signed, self.now())?;
            if blocked {
                let told = serde_json::json!({ "exchange": of.exchange, "batch": id });
                self.tell(tx, &[sender.siren], None, ("batch.blocked", &told))?;
            }
            let detail = serde_json::json!({
                "batch": id, "drawn": review.sample, "exchange": of.exchange,
                "review": sha256(&canonical::to_vec(signed)), "state": next,
            });
            act::by(caller.actor, EntryType::BatchReviewed, &id.to_string())
                .record(tx, self, &detail)
                .map(drop)
        })?;
        if blocked {
            self.drop_batch(id)?;
        }
        self.publish()?;
        self.batch(caller, id)
    }

    /// A batch of the caller's with what was drawn from it and what its officer signed: what opens the proofs
    /// that came with the records.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Forbidden`] for its sender.
    pub fn batch_review(&self, caller: &Caller, id: &BatchId) -> Result<BatchReview, ServiceError> {
        let (batch, sample) = self.db.read("read review", |tx| {
            Ok::<_, ServiceError>((
                self.own_batch(tx, caller, (id, As::Recipient))?,
                tx.sample(id)?,
            ))
        })?;
        let info = self.batch(caller, id)?;
        let (drawn, review) = sample.map_or((None, None), |sample| {
            (Some(sample.drawn), sample.review.map(|(review, _)| review))
        });
        Ok(BatchReview { info, statement: batch.statement, drawn, review })
    }
}

/// What both parties are told of the review of a batch.
pub(super) fn told(tx: &Tx<'_>, id: &BatchId) -> Result<Option<ReviewInfo>, ServiceError> {
    let Some(sample) = tx.sample(id)? else { return Ok(None) };
    let (words, given_at) =
        sample.review.map_or((None, None), |(signed, at)| (Some(signed.review.words), Some(at)));
    Ok(Some(ReviewInfo {
        drawn_at: sample.drawn_at.to_string(),
        given_at: given_at.map(|at| at.to_string()),
        words,
    }))
}
