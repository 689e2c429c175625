//! Hands a batch over: every record is decided about now, not when it was uploaded. Decisions are written
//! beside the sealed body and flushed; one transaction then makes them the hand-over, with the ledger
//! entry that commits to their root. Killed before it, nothing passed; after it, what passes is settled,
//! and each fetch gives the same bytes. No other act is committed while the decisions are made, so that
//! none of them rests on what a person had already taken back.

use std::io::Write as _;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use tiers_contact::Token;
use tiers_protocol::encoding::{Bytes, sha256};
use tiers_protocol::exchange::agreement::Basis;
use tiers_protocol::exchange::decision::salt_of;
use tiers_protocol::exchange::view::{BatchInfo, BatchState};
use tiers_protocol::exchange::{
    Agreement, BatchHead, Carried, HandOver, RecordDecision, RootOf, Tokens,
};
use tiers_protocol::ids::{BatchId, RecordId};
use tiers_protocol::tlog::EntryType;

use super::lots::lots_are_told;
use super::rows::Rows;
use super::sample::Positions;
use super::{As, head};
use crate::consent::{Decision, Question, Rules, Why, legal_day, months_after};
use crate::durable::{Access, Writer};
use crate::service::certifier::durable_error;
use crate::service::error::file_error;
use crate::service::faults::FaultPoint;
use crate::service::{Certifier, Refusal, ServiceError, act};
use crate::store::StoreError;
use crate::store::credential::Caller;
use crate::store::exchange::Handed;
use crate::time::Moment;

/// Records that are decided about at a time.
const AT_A_TIME: usize = 1 << 16;

/// What was decided about one position, in the twenty bytes that the disk has of it.
#[derive(Clone, Copy)]
pub(super) struct Answer {
    /// 0 for yes, the place of the reason otherwise.
    why: u8,
    rule: Option<u16>,
    record: Option<RecordId>,
}

impl Answer {
    /// Bytes of one.
    pub(super) const BYTES: usize = 20;
    /// A record of nobody: it has no token.
    const NOBODY: u8 = u8::MAX;
    /// One that might not pass when the sample was drawn, so that nobody could draw it.
    const UNREVIEWED: u8 = u8::MAX - 1;
    const NO_RULE: u16 = u16::MAX;

    fn of(decision: &Decision, basis: Basis) -> Self {
        match decision {
            // What both parties rested on consent does not pass without it, whatever the law permits.
            Decision::Allowed(ground) if basis == Basis::Consent && ground.record.is_none() => {
                Self {
                    why: Self::place(Why::NoConsent),
                    rule: Some(ground.rule.place()),
                    record: None,
                }
            }
            Decision::Allowed(ground) => {
                Self { why: 0, rule: Some(ground.rule.place()), record: ground.record }
            }
            Decision::Denied(denial) => Self {
                why: Self::place(denial.why),
                rule: denial.rule.map(crate::consent::RuleIndex::place),
                record: denial.record,
            },
        }
    }

    fn place(why: Why) -> u8 {
        let place = Why::ALL.iter().position(|one| *one == why).unwrap_or_default();
        u8::try_from(place + 1).expect("few reasons")
    }

    /// The same for a position that could not be drawn: whatever carries it now, it stays.
    fn undrawn(self) -> Self {
        if self.why == 0 { Self { why: Self::UNREVIEWED, ..self } } else { self }
    }

    /// Why it passes, if it does.
    pub(super) fn carried(&self) -> Option<Carried> {
        (self.why == 0)
            .then(|| Carried { rule: self.rule.unwrap_or(Self::NO_RULE), record: self.record })
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.push(self.why);
        out.extend_from_slice(&self.rule.unwrap_or(Self::NO_RULE).to_be_bytes());
        out.push(u8::from(self.record.is_some()));
        out.extend_from_slice(self.record.map_or([0; 16], |record| *record.as_bytes()).as_slice());
    }

    pub(super) fn read(bytes: &[u8; Self::BYTES]) -> Result<Self, StoreError> {
        let wrong = StoreError::Corrupt { column: "decisions of a batch" };
        let [why, high, low, has, record @ ..] = bytes;
        let rule = u16::from_be_bytes([*high, *low]);
        let known = *why >= Self::UNREVIEWED || usize::from(*why) <= Why::ALL.len();
        if !known || *has > 1 {
            return Err(wrong);
        }
        Ok(Self {
            why: *why,
            rule: (rule != Self::NO_RULE).then_some(rule),
            record: (*has == 1).then(|| RecordId::from_bytes(*record)),
        })
    }

    /// As the ledger proves it.
    pub(super) fn decision(&self, batch: BatchId, position: u64) -> RecordDecision {
        let answer = match self.why {
            0 => "allowed",
            Self::NOBODY => "no_contact",
            Self::UNREVIEWED => "not_reviewed",
            place => Why::ALL.get(usize::from(place - 1)).map_or("", |why| why.code()),
        };
        RecordDecision {
            batch,
            position,
            answer: answer.to_owned(),
            rule: self.rule,
            record: self.record,
        }
    }
}

impl Certifier {
    /// Hands a batch over whose sample was found proven. Asked again, it tells what came of it the first time.
    ///
    /// # Errors
    /// [`Refusal::BatchState`], [`Refusal::BatchUnreviewed`], [`Refusal::BatchBlocked`],
    /// [`Refusal::ExchangeState`], [`Refusal::ExchangeTerm`], [`Refusal::ExchangeWithheld`].
    pub fn hand_over_batch(
        &self,
        caller: &Caller,
        id: &BatchId,
    ) -> Result<BatchInfo, ServiceError> {
        let batch =
            self.db.read("read batch", |tx| self.own_batch(tx, caller, (id, As::Sender)))?;
        match batch.state {
            BatchState::Reviewed => {}
            BatchState::Received | BatchState::Sampled => {
                return Err(Refusal::BatchUnreviewed.into());
            }
            BatchState::Blocked => return Err(Refusal::BatchBlocked.into()),
            BatchState::HandedOver | BatchState::Withheld | BatchState::Fetched => {
                return self.batch(caller, id);
            }
            BatchState::Open | BatchState::Refused => return Err(Refusal::BatchState.into()),
        }
        let head = head(&batch.statement);
        let lots = self.db.write("hand over", |tx| {
            let found = self.own_exchange(tx, caller, &head.exchange)?;
            let agreement = &found.document.agreement;
            if found.state != tiers_protocol::exchange::view::ExchangeState::Approved {
                return Err(ServiceError::from(Refusal::ExchangeState));
            }
            let now = self.now();
            if now.date() < agreement.begins || agreement.ends < now.date() {
                return Err(Refusal::ExchangeTerm.into());
            }
            lots_are_told(tx, head)?;
            let secret: [u8; 32] = self.bytes();
            let drawn = tx.sample(id)?;
            let drawn = drawn.ok_or(StoreError::Corrupt { column: "exchange_sample.batch_id" })?;
            let (root, allowed) = self.decide_batch(agreement, (head, &drawn.eligible), &secret)?;
            self.faults.reach(FaultPoint::HandOverDecided)?;
            let document = HandOver {
                exchange: head.exchange,
                batch: head.batch,
                at: now.to_string(),
                records: head.records,
                rules: rules_digest(),
                root,
                lots: self.lots(&head.batch, allowed),
            };
            let recorded = act::by(caller.actor, EntryType::BatchHandedOver, &id.to_string())
                .record(tx, self, &document)?;
            let lots = document.lots;
            let (entry, salt) = (recorded.index, recorded.salt);
            let handed = Handed { document, at: now, entry, salt, secret };
            let inform_by = (lots > 0).then(|| months_after(legal_day(now), 1));
            if tx.hand_over_batch(&handed, inform_by)? {
                Ok(lots)
            } else {
                Err(Refusal::BatchState.into())
            }
        })?;
        self.faults.reach(FaultPoint::HandOverCommitted)?;
        if lots == 0 {
            self.drop_batch(id)?;
        }
        self.publish()?;
        self.batch(caller, id)
    }

    /// Decides about every record and writes the answers; gives their root and how many pass.
    fn decide_batch(
        &self,
        agreement: &Agreement,
        (head, eligible): (&BatchHead, &Positions),
        secret: &[u8; 32],
    ) -> Result<(Bytes<32>, u64), ServiceError> {
        let mut file = Writer::create(&self.batch_decisions(&head.batch), Access::Private)
            .map_err(durable_error)?;
        let (mut root, mut allowed, mut out) = (RootOf::new(), 0, Vec::new());
        self.answer_each(agreement, head, |answer| {
            let position = root.count();
            let answer = if eligible.has(position) { answer } else { answer.undrawn() };
            allowed += u64::from(answer.carried().is_some());
            let decision = answer.decision(head.batch, position);
            root.push(decision.leaf(&salt_of(secret, position)));
            answer.write(&mut out);
            if out.len() >= AT_A_TIME {
                file.write_all(&out).map_err(file_error("the decisions of a batch"))?;
                out.clear();
            }
            Ok(())
        })?;
        file.write_all(&out).map_err(file_error("the decisions of a batch"))?;
        file.commit().map_err(durable_error)?;
        Ok((root.root(), allowed))
    }

    /// Decides about every record of a body as it stands now, in the order of the positions.
    pub(super) fn answer_each(
        &self,
        agreement: &Agreement,
        head: &BatchHead,
        mut each: impl FnMut(Answer) -> Result<(), ServiceError>,
    ) -> Result<(), ServiceError> {
        let rules = Rules::france();
        let basis = *agreement.channels.get(&head.channel).ok_or(Refusal::BatchHead)?;
        let question = question(agreement, head, self.now())?;
        let mut rows = Rows::open(&self.batch_spool(&head.batch), head, &self.keyring.sealing)?;
        loop {
            let mut persons = Vec::with_capacity(AT_A_TIME);
            while persons.len() < AT_A_TIME
                && let Some(row) = rows.next_row()?
            {
                persons.push(person(&row.tokens));
            }
            if persons.is_empty() {
                return Ok(());
            }
            self.answers(&rules, &persons, (&question, basis))?
                .into_iter()
                .try_for_each(&mut each)?;
        }
    }

    fn answers(
        &self,
        rules: &Rules,
        persons: &[Vec<Token>],
        (question, basis): (&Question<'_>, Basis),
    ) -> Result<Vec<Answer>, ServiceError> {
        let nobody = Answer { why: Answer::NOBODY, rule: None, record: None };
        let mut answers = vec![nobody; persons.len()];
        self.decide_each(rules, persons, question, |place, decision| {
            if !persons[place].is_empty() {
                answers[place] = Answer::of(&decision, basis);
            }
            Ok(())
        })?;
        Ok(answers)
    }
}

fn person(tokens: &Tokens) -> Vec<Token> {
    let both = [&tokens.email, &tokens.phone].into_iter().flatten();
    both.map(|token| Token::from_bytes(**token)).collect()
}

/// What is asked for each person of a batch.
fn question(
    agreement: &Agreement,
    head: &BatchHead,
    at: Moment,
) -> Result<Question<'static>, Refusal> {
    let (sender, recipient) = agreement.side_of(&head.sender).ok_or(Refusal::BatchHead)?;
    Ok(Question {
        sender: sender.siren,
        recipient: recipient.siren,
        purpose: tiers_protocol::consent::Purpose::Transmission,
        channel: head.channel,
        sector: agreement.sector,
        audience: agreement.audience,
        at,
        offer_of_profession: agreement.offer_of_profession,
        scrubbed_at: head.scrubbed.as_ref().and_then(|scrubbed| midnight(scrubbed.on)),
        claim: None,
        suspended: &[],
    })
}

/// The beginning of a day, which in Paris is the same day.
fn midnight(day: Date) -> Option<Moment> {
    let at = day.to_zoned(TimeZone::UTC).ok()?;
    Moment::from_seconds(at.timestamp().as_second())
}

/// Digest of the rules in force, as their file has them.
fn rules_digest() -> Bytes<32> {
    sha256(Rules::FRANCE.as_bytes())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn answers_read_back_as_they_were_written(
            why in 0..=u8::try_from(Why::ALL.len()).unwrap(),
            rule in proptest::option::of(0..u16::MAX),
            record in proptest::option::of(any::<[u8; 16]>()),
        ) {
            let answer = Answer { why, rule, record: record.map(RecordId::from_bytes) };
            let mut bytes = Vec::new();
            answer.write(&mut bytes);
            let whole: &[u8; Answer::BYTES] = bytes.as_slice().try_into().unwrap();
            let read = Answer::read(whole).unwrap();
            let batch = BatchId::from_bytes([1; 16]);
            prop_assert_eq!(read.decision(batch, 7), answer.decision(batch, 7));
            prop_assert_eq!(read.carried(), answer.carried());
            prop_assert_eq!(read.carried().is_some(), why == 0);
        }
    }

    #[test]
    fn bytes_that_no_answer_has_are_refused() {
        let mut bytes = [0; Answer::BYTES];
        bytes[0] = u8::try_from(Why::ALL.len()).unwrap() + 1;
        assert!(Answer::read(&bytes).is_err());
        bytes[0] = Answer::UNREVIEWED;
        let unreviewed = Answer::read(&bytes).unwrap();
        assert_eq!(unreviewed.decision(BatchId::from_bytes([0; 16]), 0).answer, "not_reviewed");
        assert_eq!(unreviewed.carried(), None);
        bytes[0] = Answer::NOBODY;
        assert_eq!(
            Answer::read(&bytes).unwrap().decision(BatchId::from_bytes([0; 16]), 0).answer,
            "no_contact"
        );
        bytes[3] = 2;
        assert!(Answer::read(&bytes).is_err());
    }

    #[test]
    fn every_reason_has_a_place_and_reads_as_its_code() {
        for why in Why::ALL {
            let answer = Answer { why: Answer::place(*why), rule: None, record: None };
            assert_eq!(answer.decision(BatchId::from_bytes([0; 16]), 0).answer, why.code());
            assert_eq!(answer.carried(), None);
        }
    }
}
