//! Asks the witnesses to cosign what was published, and tells from their answers whether this database
//! is the newest.
//!
//! Acts go on without witnesses: their entries wait. What vouches for the ledger waits too: proofs are
//! given under a checkpoint that enough witnesses cosigned, and a new release is made only when they
//! have seen all before it. A start is refused unless enough of them confirm that nothing is missing
//! (`docs/decisions/0025-witnesses.md`).

use std::sync::{Mutex, PoisonError};
use std::thread;

use tiers_protocol::tlog::{AddCheckpoint, Checkpoint, EntryType, Witness, WitnessPolicy};

use super::{Certifier, Refusal, ServiceError, act};
use crate::ledger::ProveError;
use crate::time::Moment;
use crate::witness::{AskWitness, WitnessAnswer};

/// A witness that did not answer is asked again after this many seconds.
const AGAIN: i64 = 10;

/// The witnesses of a ledger, and how they are reached.
pub struct Witnesses {
    /// Who they are and how many are enough; `None` keeps what was in force before.
    pub policy: Option<WitnessPolicy>,
    /// Asks one.
    pub ask: Box<dyn AskWitness>,
}

impl Default for Witnesses {
    fn default() -> Self {
        Self { policy: None, ask: Box::new(crate::witness::NoWitnesses) }
    }
}

/// What is known of the witnesses between two questions.
#[derive(Default)]
pub(super) struct Watch {
    state: Mutex<Vec<Known>>,
}

/// One witness.
#[derive(Clone, Copy, Default)]
struct Known {
    /// The size that it has seen, if it said.
    seen: Option<u64>,
    /// Not to be asked before.
    not_before: Option<Moment>,
}

/// What one witness answered in the end.
enum Said {
    /// Its line, not verified yet.
    Line(Vec<u8>),
    /// It has seen more than there is here.
    Ahead(u64),
    /// It has seen another history.
    Forked,
    /// Nothing of use.
    Nothing,
}

/// Where the ledger stands with its witnesses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Enough of them have seen the published checkpoint, or nobody is asked for.
    Witnessed,
    /// Too few have.
    Short,
    /// Too few have, and one has seen this many entries, which are not here.
    Ahead(u64),
    /// Too few have, and one has seen another history.
    Forked,
}

impl Certifier {
    /// Asks every witness that has not cosigned the published checkpoint, and keeps it once enough
    /// have. Waits for the slowest answer, a few seconds at most.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub(super) fn cosign(&self) -> Result<Standing, ServiceError> {
        self.ask_witnesses(false)
    }

    /// With `anew`, what was cosigned before counts for nothing: a restored copy has that as well.
    fn ask_witnesses(&self, anew: bool) -> Result<Standing, ServiceError> {
        let policy = self.witness_policy();
        if !policy.asks_for_any() {
            return Ok(Standing::Witnessed);
        }
        // One question at a time: the second finds the answer of the first.
        let mut known = self.watch().state.lock().unwrap_or_else(PoisonError::into_inner);
        known.resize(policy.witnesses().len(), Known::default());
        let (checkpoint, signed) = match self.prover().checkpoint() {
            Ok(published) => published,
            Err(ProveError::NotYet) => return Ok(Standing::Witnessed),
            Err(error) => return Err(error.into()),
        };
        let signed = match anew {
            true => self.ledger_verifier().signed_by_log(&signed).unwrap_or(signed),
            false => signed,
        };
        if !anew && self.prover().witnessed().is_ok_and(|(held, _)| held == checkpoint) {
            return Ok(Standing::Witnessed);
        }
        let now = self.now();
        let published = (&checkpoint, signed.as_slice());
        let said: Vec<Said> = thread::scope(|scope| {
            let asked: Vec<_> = policy
                .witnesses()
                .iter()
                .zip(known.iter_mut())
                .map(|(w, k)| scope.spawn(move || self.ask_one(w, k, published, now)))
                .collect();
            asked.into_iter().map(|thread| thread.join().unwrap_or(Said::Nothing)).collect()
        });
        let lines: Vec<u8> = said
            .iter()
            .filter_map(|said| if let Said::Line(line) = said { Some(line.clone()) } else { None })
            .flatten()
            .collect();
        let verifier = self.ledger_verifier();
        let cosigned = verifier.with_cosignatures(&signed, &lines).unwrap_or(signed);
        if verifier.verify_witnessed(&cosigned).is_ok() {
            self.keep_witnessed(&cosigned)?;
            return Ok(Standing::Witnessed);
        }
        let worst = said.iter().fold(Standing::Short, |worst, said| match said {
            Said::Forked => Standing::Forked,
            Said::Ahead(held) if worst == Standing::Short => Standing::Ahead(*held),
            _ => worst,
        });
        tracing::warn!(standing = ?worst, size = checkpoint.size(), "too few witnesses cosigned");
        Ok(worst)
    }

    fn ask_one(
        &self,
        witness: &Witness,
        known: &mut Known,
        (checkpoint, signed): (&Checkpoint, &[u8]),
        now: Moment,
    ) -> Said {
        let Some(url) = &witness.url else { return Said::Nothing };
        if known.not_before.is_some_and(|at| now < at) {
            return Said::Nothing;
        }
        // A witness whose size is not known tells it when it is asked as if it had seen everything.
        for _ in 0..3 {
            let old = known.seen.unwrap_or_else(|| checkpoint.size());
            let Ok(proof) = self.prover().consistency(checkpoint, old) else { break };
            let body = AddCheckpoint { old, proof, checkpoint: signed.to_vec() }.encode();
            match self.asker().add_checkpoint(url, &body) {
                WitnessAnswer::Cosigned(line) => {
                    *known = Known { seen: Some(checkpoint.size()), not_before: None };
                    return Said::Line(line);
                }
                WitnessAnswer::Held(held) if held > checkpoint.size() => {
                    return Said::Ahead(held);
                }
                WitnessAnswer::Held(held) if held == old => return Said::Forked,
                WitnessAnswer::Held(held) => known.seen = Some(held),
                WitnessAnswer::Refused(422) => return Said::Forked,
                WitnessAnswer::Refused(_) | WitnessAnswer::Unreachable => break,
            }
        }
        known.not_before = Moment::from_seconds(now.seconds().saturating_add(AGAIN));
        Said::Nothing
    }

    /// Refuses a start on a database that is older than what the witnesses have seen, or that too few
    /// of them confirm.
    pub(super) fn confirm_newest(&self) -> Result<(), ServiceError> {
        match self.ask_witnesses(true)? {
            Standing::Witnessed => Ok(()),
            Standing::Short => Err(ServiceError::Unconfirmed),
            Standing::Ahead(held) => Err(ServiceError::RolledBack { held }),
            Standing::Forked => Err(ServiceError::Forked),
        }
    }

    /// Refuses a new release unless enough witnesses have seen every entry so far.
    pub(super) fn require_witnesses(&self) -> Result<(), ServiceError> {
        if !self.witness_policy().asks_for_any() {
            return Ok(());
        }
        self.publish()?;
        let entries =
            self.db.read("count entries", |tx| tx.next_entry().map_err(ServiceError::from))?;
        let seen = self.prover().witnessed().map_or(0, |(checkpoint, _)| checkpoint.size());
        // Entries of others may come in between; they are behind what this one rests on.
        if seen >= entries || self.cosign()? == Standing::Witnessed {
            Ok(())
        } else {
            Err(Refusal::Unwitnessed.into())
        }
    }

    /// Records a witness policy that is new; the policy in force.
    pub(super) fn take_up_witnesses(&self) -> Result<(), ServiceError> {
        let text = self.witness_policy().text().to_owned();
        self.db.write("witness policy", |tx| {
            if tx.witness_policy()?.unwrap_or_default() == text {
                return Ok(());
            }
            tx.put_witness_policy(&text)?;
            let detail = serde_json::json!({ "witnesses": text });
            let id = self.new_act().to_string();
            act::by_certifier(self, EntryType::PolicyChanged, &id)
                .record(tx, self, &detail)
                .map(drop)
        })
    }
}
