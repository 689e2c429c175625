//! The witnesses between two questions: one round for each checkpoint that they are asked to cosign, and
//! who may be asked when. No network, no file and no clock; whoever asks is `service::cosign`.
//!
//! A round ends when enough have cosigned its checkpoint, or when nobody is left to ask. The next takes
//! the checkpoint that is published then, so that one witness who is slow or away holds up nobody: its
//! answer is added when it comes, and it is asked about the round that is on then.

use tiers_protocol::tlog::{Checkpoint, LedgerVerifier, WitnessPolicy};

use super::cosign::Standing;
use crate::time::Moment;

/// A witness that did not answer is asked again after this many seconds, twice as many each time.
const AGAIN: i64 = 10;

/// The longest time until it is asked again.
const AGAIN_MAX: i64 = 320;

/// A witness that cosigned what is published is asked again after an hour, so that the age of its last
/// cosignature says whether it is there.
pub(super) const REFRESH: i64 = 3_600;

/// What one witness answered in the end.
pub(super) enum Said {
    /// Its line, not verified yet.
    Line(Vec<u8>),
    /// It has seen more than there is here.
    Ahead(u64),
    /// It has seen another history.
    Forked,
    /// Nothing of use.
    Nothing,
}

/// One witness.
#[derive(Clone, Copy, Default)]
pub(super) struct Known {
    /// The size that it has seen, if it said.
    pub(super) seen: Option<u64>,
    /// When it cosigned last.
    pub(super) cosigned_at: Option<Moment>,
    not_before: Option<Moment>,
    failures: u32,
    asked: bool,
}

/// A checkpoint and the lines under it.
struct Round {
    checkpoint: Checkpoint,
    /// With the ledger's line alone.
    signed: Vec<u8>,
    lines: Vec<Option<Vec<u8>>>,
    standing: Standing,
}

/// What a witness is to be asked.
pub(super) struct Errand {
    pub(super) checkpoint: Checkpoint,
    pub(super) signed: Vec<u8>,
    /// What it has seen, if it said.
    pub(super) seen: Option<u64>,
}

/// What is known of all of them.
#[derive(Default)]
pub(super) struct Rounds {
    known: Vec<Known>,
    /// Who has an address.
    reachable: Vec<bool>,
    round: Option<Round>,
}

impl Rounds {
    pub(super) fn of(policy: &WitnessPolicy) -> Self {
        let reachable: Vec<bool> = policy.witnesses().iter().map(|w| w.url.is_some()).collect();
        Self { known: vec![Known::default(); reachable.len()], reachable, round: None }
    }

    pub(super) fn known(&self) -> &[Known] {
        &self.known
    }

    pub(super) fn known_mut(&mut self, number: usize) -> &mut Known {
        &mut self.known[number]
    }

    /// Where the round that is on stands.
    pub(super) fn standing(&self) -> Standing {
        self.round.as_ref().map_or(Standing::Short, |round| round.standing)
    }

    /// Whether the checkpoint that is published now is to be taken up.
    pub(super) fn wants_next(&self, now: Moment) -> bool {
        let Some(round) = &self.round else { return true };
        round.standing == Standing::Witnessed || self.is_hopeless(round.checkpoint.size(), now)
    }

    /// Begins a round with what is published, unless it is that of the round already.
    pub(super) fn next(&mut self, checkpoint: Checkpoint, signed: Vec<u8>) {
        if self.round.as_ref().is_some_and(|round| round.checkpoint == checkpoint) {
            return;
        }
        let lines = vec![None; self.known.len()];
        self.round = Some(Round { checkpoint, signed, lines, standing: Standing::Short });
    }

    /// What a witness is to be asked now, if anything; then it is being asked.
    pub(super) fn errand(&mut self, number: usize, now: Moment) -> Option<Errand> {
        let round = self.round.as_ref()?;
        let has_line = round.lines[number].is_some();
        let known = &mut self.known[number];
        let is_old = known.cosigned_at.is_none_or(|at| now.seconds() - at.seconds() >= REFRESH);
        let later = known.not_before.is_some_and(|at| now < at);
        if known.asked || later || !self.reachable[number] || (has_line && !is_old) {
            return None;
        }
        known.asked = true;
        let (checkpoint, signed) = (round.checkpoint.clone(), round.signed.clone());
        Some(Errand { checkpoint, signed, seen: known.seen })
    }

    /// Takes an answer in. The checkpoint of the round with all lines under it, if enough are there and
    /// this one is new.
    pub(super) fn heard(
        &mut self,
        (number, errand): (usize, &Errand),
        (said, seen): (Said, Option<u64>),
        now: Moment,
        verifier: &LedgerVerifier,
    ) -> Option<Vec<u8>> {
        let known = &mut self.known[number];
        (known.asked, known.seen) = (false, seen);
        let round = self.round.as_mut().filter(|round| round.checkpoint == errand.checkpoint);
        let line = match said {
            Said::Line(line) if is_good(&errand.signed, &line, verifier) => line,
            other => {
                let wait = AGAIN.saturating_mul(1 << known.failures.min(8)).min(AGAIN_MAX);
                known.not_before = Moment::from_seconds(now.seconds().saturating_add(wait));
                known.failures = known.failures.saturating_add(1);
                if let Some(round) = round {
                    round.standing = round.standing.and(&other);
                }
                return None;
            }
        };
        (known.not_before, known.failures, known.cosigned_at) = (None, 0, Some(now));
        let round = round?;
        round.lines[number] = Some(line);
        let lines: Vec<u8> = round.lines.iter().flatten().flatten().copied().collect();
        let cosigned = verifier.with_cosignatures(&round.signed, &lines)?;
        verifier.verify_witnessed(&cosigned).ok()?;
        round.standing = Standing::Witnessed;
        Some(cosigned)
    }

    /// Whether nobody can be asked now who could bring a checkpoint of at least this size to enough
    /// cosignatures.
    pub(super) fn is_hopeless(&self, size: u64, now: Moment) -> bool {
        let Some(round) = self.round.as_ref().filter(|round| round.checkpoint.size() >= size)
        else {
            return false;
        };
        let mut all = self.known.iter().zip(&self.reachable).zip(&round.lines);
        all.all(|((known, reachable), line)| {
            let later = known.not_before.is_some_and(|at| now < at);
            !known.asked && (!reachable || later || line.is_some())
        })
    }
}

/// Whether a line is a cosignature of one of the witnesses.
fn is_good(signed: &[u8], line: &[u8], verifier: &LedgerVerifier) -> bool {
    verifier.with_cosignatures(signed, line).is_some_and(|with| with.len() > signed.len())
}

impl Standing {
    /// With one more answer that is no cosignature.
    pub(super) fn and(self, said: &Said) -> Self {
        match said {
            Said::Forked if self != Self::Witnessed => Self::Forked,
            Said::Ahead(held) if self == Self::Short => Self::Ahead(*held),
            _ => self,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;
    use tiers_protocol::tlog::{AddCheckpoint, LedgerSigner, Witness, WitnessSigner, judge};

    use super::*;

    fn signer(number: usize) -> WitnessSigner {
        let seed = [u8::try_from(number).unwrap() + 1; 32];
        WitnessSigner::from_seed(&format!("w{number}.example"), &seed).unwrap()
    }

    fn ledger() -> LedgerSigner {
        let named = |number| Witness {
            key: signer(number).public().clone(),
            url: Some(number.to_string()),
        };
        let policy = WitnessPolicy::majority(&[named(0), named(1), named(2)]).unwrap();
        LedgerSigner::from_seed("ledger.example", &[9; 32]).unwrap().with_witnesses(policy)
    }

    fn published(size: u64) -> (Checkpoint, Vec<u8>) {
        let signed = ledger().sign(size, [size.to_be_bytes()[7]; 32]);
        (ledger().verifier().verify_checkpoint(&signed).unwrap(), signed)
    }

    fn line(number: usize, signed: &[u8]) -> Said {
        let request = AddCheckpoint { old: 0, proof: Vec::new(), checkpoint: signed.to_vec() };
        let accepted = judge(&request, ledger().verifier(), None).unwrap();
        let at = jiff::Timestamp::from_second(1_000).unwrap();
        Said::Line(accepted.cosign(&signer(number), at))
    }

    fn at(seconds: i64) -> Moment {
        Moment::from_seconds(seconds).unwrap()
    }

    /// One thing that happens, to one witness.
    #[derive(Debug, Clone)]
    enum Step {
        Publish,
        Ask(usize),
        Cosigns(usize),
        Fails(usize),
        Wait(i64),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            Just(Step::Publish),
            (0..3_usize).prop_map(Step::Ask),
            (0..3_usize).prop_map(Step::Cosigns),
            (0..3_usize).prop_map(Step::Fails),
            (1..400_i64).prop_map(Step::Wait),
        ]
    }

    proptest! {
        /// Against a model that knows only who cosigned which size: nobody is asked twice at once or
        /// before its time, a quorum is found when and only when two have signed the same checkpoint,
        /// and a round is hopeless when and only when nobody is asked and nobody may be.
        #[test]
        fn a_quorum_is_two_lines_under_one_checkpoint_whatever_the_order(
            steps in proptest::collection::vec(step(), 0..120),
        ) {
            let ledger = ledger();
            let mut rounds = Rounds::of(ledger.verifier().witnesses());
            let (mut now, mut size) = (0_i64, 1_u64);
            let mut on: Option<u64> = None;
            let mut under: [Option<u64>; 3] = [None; 3];
            let mut asked: [Option<Errand>; 3] = [None, None, None];
            let mut silent_until = [0_i64; 3];
            let mut failures = [0_u32; 3];
            for step in steps {
                match step {
                    Step::Publish => size += 1,
                    Step::Wait(seconds) => now += seconds,
                    Step::Ask(number) => {
                        if rounds.wants_next(at(now)) {
                            let (checkpoint, signed) = published(size);
                            rounds.next(checkpoint, signed);
                            on = Some(size);
                        }
                        let fresh = under[number] == on;
                        if let Some(errand) = rounds.errand(number, at(now)) {
                            prop_assert!(asked[number].is_none() && silent_until[number] <= now);
                            prop_assert_eq!(Some(errand.checkpoint.size()), on);
                            asked[number] = Some(errand);
                        } else {
                            let busy = asked[number].is_some() || silent_until[number] > now;
                            prop_assert!(busy || fresh);
                        }
                    }
                    Step::Cosigns(number) => {
                        let Some(errand) = asked[number].take() else { continue };
                        let said = (line(number, &errand.signed), Some(errand.checkpoint.size()));
                        let kept =
                            rounds.heard((number, &errand), said, at(now), ledger.verifier());
                        (silent_until[number], failures[number]) = (0, 0);
                        if Some(errand.checkpoint.size()) == on {
                            under[number] = on;
                        }
                        let lines = under.iter().filter(|held| **held == on).count();
                        let is_of_round = Some(errand.checkpoint.size()) == on;
                        prop_assert_eq!(kept.is_some(), is_of_round && lines >= 2);
                        if let Some(kept) = kept {
                            let (checkpoint, by) =
                                ledger.verifier().verify_witnessed(&kept).unwrap();
                            prop_assert_eq!(Some(checkpoint.size()), on);
                            prop_assert_eq!(by.len(), lines);
                        }
                    }
                    Step::Fails(number) => {
                        let Some(errand) = asked[number].take() else { continue };
                        let said = (Said::Nothing, errand.seen);
                        let kept =
                            rounds.heard((number, &errand), said, at(now), ledger.verifier());
                        prop_assert!(kept.is_none());
                        silent_until[number] = now + (10 << failures[number].min(5)).min(320);
                        failures[number] += 1;
                    }
                }
                let Some(on) = on else { continue };
                let idle = |number: usize| {
                    asked[number].is_none()
                        && (silent_until[number] > now || under[number] == Some(on))
                };
                prop_assert_eq!(rounds.is_hopeless(on, at(now)), (0..3).all(idle));
                let lines = under.iter().filter(|held| **held == Some(on)).count();
                prop_assert_eq!(rounds.standing() == Standing::Witnessed, lines >= 2);
            }
        }
    }

    #[test]
    fn a_fork_is_said_and_a_line_of_a_stranger_is_none() {
        let ledger = ledger();
        let mut rounds = Rounds::of(ledger.verifier().witnesses());
        let (checkpoint, signed) = published(5);
        rounds.next(checkpoint, signed);
        let mut tell = |number: usize, said: Said| {
            let errand = rounds.errand(number, at(0)).unwrap();
            rounds.heard((number, &errand), (said, None), at(0), ledger.verifier());
            rounds.standing()
        };
        let (_, other) = published(6);
        assert_eq!(tell(0, line(0, &other)), Standing::Short, "it signs another checkpoint");
        assert_eq!(tell(1, Said::Ahead(9)), Standing::Ahead(9));
        assert_eq!(tell(2, Said::Forked), Standing::Forked);
    }

    #[test]
    fn who_cosigned_is_asked_again_after_an_hour() {
        let ledger = ledger();
        let mut rounds = Rounds::of(ledger.verifier().witnesses());
        let (checkpoint, signed) = published(5);
        rounds.next(checkpoint, signed.clone());
        let errand = rounds.errand(0, at(0)).unwrap();
        rounds.heard((0, &errand), (line(0, &signed), Some(5)), at(0), ledger.verifier());
        assert!(rounds.errand(0, at(REFRESH - 1)).is_none());
        assert!(rounds.errand(0, at(REFRESH)).is_some());
    }
}
