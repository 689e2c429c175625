//! The officer's side of a review: a sample is checked against what the sender signed, its proofs are opened
//! under the officer's own key, and the verdict is signed with it. Where the verdicts come from, a table or a
//! page, is the caller's. Specified in `docs/formats/exchange-batch.md`, "The review".

use std::io::Read;

use super::opening::OpeningError;
use super::review::DrawnRecord;
use super::{
    Agreement, BatchStatement, EvidenceOpener, RecordEvidence, Review, Sample, SignedReview,
};
use crate::ids::{BatchId, PartyId};
use crate::party::PartySecret;

/// A sample before its officer.
pub struct Reviewing<'a> {
    /// What was drawn, with its proofs.
    pub sample: Sample,
    officer: &'a PartySecret,
}

/// The officer that the agreement names for a party, if these are its keys.
///
/// # Errors
/// [`OpeningError::OtherKey`].
pub fn is_officer(
    agreement: &Agreement,
    party: &PartyId,
    officer: &PartySecret,
) -> Result<(), OpeningError> {
    let (own, _) = agreement.side_of(party).ok_or(OpeningError::OtherKey)?;
    let keys = officer.public();
    let same = own.dpo.key == keys.signing && own.dpo.sealing == keys.sealing;
    if same { Ok(()) } else { Err(OpeningError::OtherKey) }
}

/// The keys that open the proofs of a batch.
///
/// # Errors
/// [`OpeningError::Batch`].
pub fn opener(
    officer: &PartySecret,
    statement: &BatchStatement,
) -> Result<EvidenceOpener, OpeningError> {
    let body = &statement.statement;
    Ok(EvidenceOpener::new(&officer.sealing(), &body.head, &body.evidence_enc)?)
}

/// A record that was drawn, and what the sender shows for it.
pub type Shown<'s> = (&'s DrawnRecord, RecordEvidence);

impl<'a> Reviewing<'a> {
    /// Reads the sample of a batch, which the sender of the agreement signed.
    ///
    /// # Errors
    /// [`OpeningError::Sample`], [`OpeningError::Statement`].
    pub fn of(
        (agreement, batch): (&Agreement, BatchId),
        officer: &'a PartySecret,
        sample: impl Read,
    ) -> Result<Self, OpeningError> {
        let sample = Sample::read(sample).map_err(|_| OpeningError::Sample)?;
        let head = &sample.statement.statement.head;
        let (sender, recipient) = agreement.side_of(&head.sender).ok_or(OpeningError::Sample)?;
        sample.statement.verify(&sender.keys.signing)?;
        let meant = head.batch == batch
            && head.exchange == agreement.exchange
            && head.recipient == recipient.party
            && head.evidence_to == recipient.dpo.sealing;
        if meant { Ok(Self { sample, officer }) } else { Err(OpeningError::Sample) }
    }

    /// What was drawn and what the sender shows for it, in the order of the sample, one after the other.
    ///
    /// # Errors
    /// [`OpeningError::Batch`], here and of each.
    pub fn shown(
        &self,
    ) -> Result<impl Iterator<Item = Result<Shown<'_>, OpeningError>>, OpeningError> {
        let opener = opener(self.officer, &self.sample.statement)?;
        let each = self.sample.items.iter().zip(&self.sample.drawn.sample);
        Ok(each.map(move |(item, drawn)| Ok((drawn, opener.open(item.position, &item.evidence)?))))
    }

    /// The signed verdict: these positions are unproven, the others proven.
    #[must_use]
    pub fn verdict(&self, unproven: Vec<u64>, words: &str) -> SignedReview {
        let drawn = &self.sample.drawn;
        let review = Review {
            exchange: drawn.exchange,
            batch: drawn.batch,
            sample: drawn.digest(),
            proven: drawn.sample.len().saturating_sub(unproven.len()) as u64,
            unproven,
            words: words.trim().to_owned(),
        };
        SignedReview::sign(review, &self.officer.signing())
    }
}
