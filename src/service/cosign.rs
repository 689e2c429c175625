//! Has what was published cosigned by witnesses, in the background, and tells from their answers whether
//! this database is the newest.
//!
//! No request asks a witness: each has a thread of its own ([`Certifier::begin_witnessing`]) that asks about
//! the checkpoint of the round (`service::rounds`). Acts go on without witnesses: their entries wait. What
//! vouches for the ledger waits too: proofs are given under a checkpoint that enough witnesses cosigned,
//! and a new release is made only when they have seen all before it; a request for either waits two seconds
//! at most. A start is refused unless enough of them confirm that nothing is missing
//! (`docs/decisions/0025-witnesses.md`, `0045-witnessing.md`).

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tiers_protocol::tlog::{AddCheckpoint, Checkpoint, EntryType, Witness, WitnessPolicy};

use super::rounds::{Errand, Rounds, Said};
use super::{Certifier, Refusal, ServiceError, act};
use crate::ledger::ProveError;
use crate::store::witness::NotedWitness;
use crate::time::Moment;
use crate::witness::{AskWitness, WitnessAnswer};

/// How long a request waits for cosignatures that are on their way.
const PATIENCE: Duration = Duration::from_secs(2);

/// A thread looks for something to ask at least this often.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Seconds between two notes in the database of when a witness cosigned.
const NOTE_EVERY: i64 = 60;

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

/// What threads and requests share.
pub(super) struct Watch {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    rounds: Rounds,
    /// Entries under the last checkpoint that enough witnesses cosigned.
    witnessed: u64,
    /// Counts what may be a reason to look again.
    nudges: u64,
    threads: usize,
    stopped: bool,
}

impl Watch {
    pub(super) fn new(policy: &WitnessPolicy) -> Self {
        let rounds = Rounds::of(policy);
        let state = State { rounds, witnessed: 0, nudges: 0, threads: 0, stopped: false };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something was published, or may be asked for.
    pub(super) fn nudge(&self) {
        self.state().nudges += 1;
        self.changed.notify_all();
    }

    /// Until something changed since `nudges`, or a second is over; whether the thread goes on.
    fn rest(&self, nudges: u64) -> bool {
        let same = |state: &mut State| state.nudges == nudges && !state.stopped;
        let waited = self.changed.wait_timeout_while(self.state(), LOOK_EVERY, same);
        !waited.unwrap_or_else(PoisonError::into_inner).0.stopped
    }

    fn stop(&self) {
        self.state().stopped = true;
        self.changed.notify_all();
    }
}

/// The threads that ask; they end when this is dropped.
pub struct Witnessing {
    watch: Arc<Watch>,
    threads: Vec<JoinHandle<()>>,
}

impl Witnessing {
    /// Ends them, and waits for whoever is asking at this moment.
    pub fn stop(mut self) {
        self.watch.stop();
        for thread in self.threads.drain(..) {
            // It has said what it had to say.
            let _ = thread.join();
        }
    }
}

impl Drop for Witnessing {
    fn drop(&mut self) {
        self.watch.stop();
    }
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

/// How one witness fares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WitnessAge {
    /// Its name.
    pub name: String,
    /// Seconds since it cosigned, or since it was named if it never did.
    pub seconds: u64,
}

impl Certifier {
    /// Asks the witnesses from now on, each in a thread of its own, as long as what is returned lives.
    pub fn begin_witnessing(self: &Arc<Self>) -> Witnessing {
        let watch = Arc::clone(self.watch());
        let policy = self.witness_policy();
        let numbers =
            policy.witnesses().iter().zip(0..).filter(|(witness, _)| witness.url.is_some());
        let attend = |number: usize| {
            let (certifier, watch) = (Arc::downgrade(self), Arc::clone(&watch));
            watch.state().threads += 1;
            thread::spawn(move || attend(number, &certifier, &watch))
        };
        let threads = numbers.map(|(_, number)| attend(number)).collect();
        Witnessing { watch, threads }
    }

    /// What a witness is to be asked now, and what to wait for otherwise.
    fn errand(&self, number: usize) -> (Result<Option<Errand>, ServiceError>, u64) {
        let mut state = self.watch().state();
        let now = self.now();
        if state.rounds.wants_next(now) {
            match self.prover().checkpoint() {
                Ok((checkpoint, signed)) => {
                    let signed = self.ledger_verifier().signed_by_log(&signed).unwrap_or(signed);
                    state.rounds.next(checkpoint, signed);
                    // Whoever waits may have lost hope.
                    self.watch().changed.notify_all();
                }
                Err(ProveError::NotYet) => {}
                Err(error) => return (Err(error.into()), state.nudges),
            }
        }
        (Ok(state.rounds.errand(number, now)), state.nudges)
    }

    /// Asks one witness, and keeps the checkpoint once enough have cosigned it.
    fn run(&self, number: usize, errand: &Errand) -> Result<(), ServiceError> {
        let witness = &self.witness_policy().witnesses()[number];
        let said = self.ask_one(witness, errand.seen, (&errand.checkpoint, &errand.signed));
        let (now, watch) = (self.now(), self.watch());
        let mut state = watch.state();
        let before = state.rounds.known()[number].cosigned_at;
        let stood = state.rounds.standing();
        let verifier = self.ledger_verifier();
        let cosigned = state.rounds.heard((number, errand), said, now, verifier);
        if let Some(cosigned) = cosigned {
            self.keep_witnessed(&cosigned)?;
            state.witnessed = state.witnessed.max(errand.checkpoint.size());
        }
        let (after, standing) = (state.rounds.known()[number].cosigned_at, state.rounds.standing());
        drop(state);
        watch.nudge();
        if matches!(standing, Standing::Forked | Standing::Ahead(_)) && stood != standing {
            tracing::error!(
                ?standing,
                size = errand.checkpoint.size(),
                "ALERT: a witness disagrees"
            );
            self.note_own("witness.disagrees", witness.key.name());
        }
        let is_news = |at: Moment| before.is_none_or(|b| at.seconds() - b.seconds() >= NOTE_EVERY);
        if let Some(at) = after.filter(|at| is_news(*at)) {
            self.db.write("note witness", |tx| {
                tx.note_witness(witness.key.name(), at).map_err(ServiceError::from)
            })?;
        }
        Ok(())
    }

    /// Asks one witness until it says something; also what it has seen then.
    fn ask_one(
        &self,
        witness: &Witness,
        mut seen: Option<u64>,
        (checkpoint, signed): (&Checkpoint, &[u8]),
    ) -> (Said, Option<u64>) {
        let Some(url) = &witness.url else { return (Said::Nothing, seen) };
        // A witness whose size is not known tells it when it is asked as if it had seen everything.
        for _ in 0..3 {
            let old = seen.unwrap_or_else(|| checkpoint.size());
            let Ok(proof) = self.prover().consistency(checkpoint, old) else { break };
            let body = AddCheckpoint { old, proof, checkpoint: signed.to_vec() }.encode();
            match self.asker().add_checkpoint(url, &body) {
                WitnessAnswer::Cosigned(line) => {
                    return (Said::Line(line), Some(checkpoint.size()));
                }
                WitnessAnswer::Held(held) if held > checkpoint.size() => {
                    return (Said::Ahead(held), Some(held));
                }
                WitnessAnswer::Held(held) if held == old => return (Said::Forked, seen),
                WitnessAnswer::Held(held) => seen = Some(held),
                WitnessAnswer::Refused(422) => return (Said::Forked, seen),
                WitnessAnswer::Refused(_) | WitnessAnswer::Unreachable => break,
            }
        }
        (Said::Nothing, seen)
    }

    /// Whether enough witnesses have seen that many entries; waits a little where it may become true.
    pub(super) fn await_witnesses(&self, entries: u64) -> bool {
        if !self.witness_policy().asks_for_any() {
            return true;
        }
        let held = self.prover().witnessed().map_or(0, |(checkpoint, _)| checkpoint.size());
        let watch = self.watch();
        let mut state = watch.state();
        state.witnessed = state.witnessed.max(held);
        state.nudges += 1;
        watch.changed.notify_all();
        let wait = |state: &mut State| {
            let hopeless = state.threads == 0 || state.stopped;
            state.witnessed < entries
                && !(hopeless || state.rounds.is_hopeless(entries, self.now()))
        };
        let waited = watch.changed.wait_timeout_while(state, PATIENCE, wait);
        waited.unwrap_or_else(PoisonError::into_inner).0.witnessed >= entries
    }

    /// The published checkpoint as the witnesses have it, asked at once and anew: what was cosigned before
    /// counts for nothing, because a restored copy has that as well.
    fn ask_anew(&self) -> Result<Standing, ServiceError> {
        let policy = self.witness_policy();
        if !policy.asks_for_any() {
            return Ok(Standing::Witnessed);
        }
        let (checkpoint, signed) = match self.prover().checkpoint() {
            Ok(published) => published,
            Err(ProveError::NotYet) => return Ok(Standing::Witnessed),
            Err(error) => return Err(error.into()),
        };
        let verifier = self.ledger_verifier();
        let signed = verifier.signed_by_log(&signed).unwrap_or(signed);
        let published = (&checkpoint, signed.as_slice());
        let said: Vec<(Said, Option<u64>)> = thread::scope(|scope| {
            let asked: Vec<_> = policy
                .witnesses()
                .iter()
                .map(|witness| scope.spawn(move || self.ask_one(witness, None, published)))
                .collect();
            let silent = |_| (Said::Nothing, None);
            asked.into_iter().map(|thread| thread.join().unwrap_or_else(silent)).collect()
        });
        let mut state = self.watch().state();
        let (mut lines, mut worst) = (Vec::new(), Standing::Short);
        for (number, (said, seen)) in said.iter().enumerate() {
            state.rounds.known_mut(number).seen = *seen;
            worst = worst.and(said);
            if let Said::Line(line) = said {
                lines.extend_from_slice(line);
            }
        }
        let cosigned = verifier.with_cosignatures(&signed, &lines).unwrap_or(signed);
        if verifier.verify_witnessed(&cosigned).is_ok() {
            self.keep_witnessed(&cosigned)?;
            state.witnessed = checkpoint.size();
            return Ok(Standing::Witnessed);
        }
        tracing::warn!(standing = ?worst, size = checkpoint.size(), "too few witnesses cosigned");
        Ok(worst)
    }

    /// Refuses a start on a database that is older than what the witnesses have seen, or that too few
    /// of them confirm.
    pub(super) fn confirm_newest(&self) -> Result<(), ServiceError> {
        match self.ask_anew()? {
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
        let entries =
            self.db.read("count entries", |tx| tx.next_entry().map_err(ServiceError::from))?;
        self.publish()?;
        // Entries of others may come in between; they are behind what this one rests on.
        if self.await_witnesses(entries) { Ok(()) } else { Err(Refusal::Unwitnessed.into()) }
    }

    /// Whether a witness has seen more than there is here, or another history.
    pub(super) fn is_disputed(&self) -> bool {
        let standing = self.watch().state().rounds.standing();
        matches!(standing, Standing::Ahead(_) | Standing::Forked)
    }

    /// How long ago each witness cosigned.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub fn witness_ages(&self) -> Result<Vec<WitnessAge>, ServiceError> {
        let now = self.now();
        let noted =
            self.db.read("witness ages", |tx| tx.noted_witnesses().map_err(ServiceError::from))?;
        let state = self.watch().state();
        let age = |(witness, known): (&Witness, &super::rounds::Known)| {
            let name = witness.key.name().to_owned();
            let noted = noted.iter().find(|noted| noted.name == name).map(NotedWitness::last);
            let last = known.cosigned_at.or(noted).unwrap_or(now);
            let seconds = u64::try_from(now.seconds() - last.seconds()).unwrap_or(0);
            WitnessAge { name, seconds }
        };
        Ok(self.witness_policy().witnesses().iter().zip(state.rounds.known()).map(age).collect())
    }

    /// Records a witness policy that is new; the policy in force.
    pub(super) fn take_up_witnesses(&self) -> Result<(), ServiceError> {
        let policy = self.witness_policy();
        let text = policy.text().to_owned();
        let names: Vec<&str> = policy.witnesses().iter().map(|one| one.key.name()).collect();
        self.db.write("witness policy", |tx| {
            tx.name_witnesses(&names, self.now())?;
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

/// The life of a thread that asks one witness.
fn attend(number: usize, certifier: &Weak<Certifier>, watch: &Watch) {
    while let Some(certifier) = certifier.upgrade() {
        let (errand, nudges) = certifier.errand(number);
        let done = match errand {
            Ok(Some(errand)) => certifier.run(number, &errand),
            Ok(None) => {
                drop(certifier);
                if watch.rest(nudges) {
                    continue;
                }
                return;
            }
            Err(error) => Err(error),
        };
        drop(certifier);
        if let Err(error) = done {
            tracing::error!(code = error.code(), error = %error, "a cosignature was not kept");
            if !watch.rest(nudges) {
                return;
            }
        }
        if watch.state().stopped {
            return;
        }
    }
}
