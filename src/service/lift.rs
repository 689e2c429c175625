//! Lifts: the certifier binds itself to a seed, the principal's leads are frozen with a round of a public beacon that
//! nobody knows yet, and an officer records that round, which decides who is treated. In this order, each once, each
//! an entry of the ledger: so nobody chooses the arms. Specified in `docs/statistics.md`, "Lift".

use std::thread;

use tiers_contact::{FileKind, labels};
use tiers_protocol::encoding::Bytes;
use tiers_protocol::ids::{DepositId, LiftId, ProgrammeId};
use tiers_protocol::lift::{
    BeaconRound, FreezeLeads, FrozenLeads, LiftDrawn, LiftInfo, LiftState, NamedLift, NewLift,
};
use tiers_protocol::tlog::EntryType;

use super::authority::Purpose;
use super::leads_set::LeadsSet;
use super::{Certifier, Refusal, ServiceError, act, snapshot};
use crate::limits;
use crate::matching::{Arm, Arms};
use crate::statistics::lift::{LiftSeed, TreatedPermille};
use crate::store::Tx;
use crate::store::credential::Caller;
use crate::store::lift::StoredLift;
use crate::time::Moment;
use crate::vault::Month;

impl Certifier {
    /// Binds the certifier to the seed of a new lift, before its leads are frozen.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::LiftShare`], [`Refusal::LiftsMany`], [`Refusal::ProgrammeClosed`].
    pub fn commit_lift(
        &self,
        caller: &Caller,
        programme: &ProgrammeId,
        new: &NewLift,
    ) -> Result<LiftInfo, ServiceError> {
        TreatedPermille::new(new.treated_permille).ok_or(Refusal::LiftShare)?;
        let info = self.db.write("commit lift", |tx| {
            if self.owned(tx, caller, programme)?.closed_at.is_some() {
                return Err(ServiceError::from(Refusal::ProgrammeClosed));
            }
            let before = tx.lifts(programme)?.len();
            if before >= limits::LIFTS {
                return Err(Refusal::LiftsMany.into());
            }
            let id = LiftId::random(&mut self.random());
            let lift = StoredLift {
                number: 0,
                id,
                programme: *programme,
                ordinal: before as u64 + 1,
                treated_permille: new.treated_permille,
                commitment: Bytes::new(self.lift_seed(&id).commitment()),
                made_at: self.now(),
                frozen: None,
                drawn: None,
            };
            let detail = serde_json::json!({
                "lift": id, "number": lift.ordinal, "programme": programme,
                "seed_commitment": lift.commitment, "treated_permille": new.treated_permille,
            });
            let recorded = act::by(caller.actor, EntryType::LiftCommitted, &id.to_string())
                .record(tx, self, &detail)?;
            tx.insert_lift(&lift, recorded.index)?;
            Ok(info(&lift))
        })?;
        self.publish()?;
        Ok(info)
    }

    /// Freezes the leads of a lift as the snapshot of now has them, and names the round that decides: the first one
    /// that comes [`limits::BEACON_SECONDS`] later, so that nobody can know it and nobody chooses among rounds.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::LiftFrozen`], [`Refusal::TooFewLeads`]; [`Refusal::LiftDrawnBefore`] for a
    /// set of leads that another lift has already.
    pub fn freeze_leads(
        &self,
        caller: &Caller,
        id: &LiftId,
        request: &FreezeLeads,
    ) -> Result<LiftInfo, ServiceError> {
        self.erase_due()?;
        let now = self.now();
        let info = self.db.write("freeze leads", |tx| {
            let lift = tx.lift(id)?.ok_or(Refusal::NotFound)?;
            let found = self.owned(tx, caller, &lift.programme)?;
            if lift.frozen.is_some() {
                return Err(ServiceError::from(Refusal::LiftFrozen));
            }
            let policy = &found.programme.policy;
            let number = snapshot::current(policy, now, found.arrivals);
            let deposits =
                tx.deposits_in_snapshot(&lift.programme, FileKind::Leads, number, now.date())?;
            let set = self.leads_set(&deposits, found.programme.campaigns.len())?;
            if set.total() < policy.min_leads().value() {
                return Err(Refusal::TooFewLeads.into());
            }
            let same = |other: &StoredLift| {
                other.frozen.as_ref().is_some_and(|frozen| frozen.leads_root == set.root)
            };
            if tx.lifts(&lift.programme)?.iter().any(same) {
                return Err(Refusal::LiftDrawnBefore.into());
            }
            let round = request.source.round_from(now.seconds() + limits::BEACON_SECONDS);
            let frozen = FrozenLeads {
                leads_root: set.root,
                rows: set.total(),
                deposits,
                source: request.source,
                round,
                round_at: round_at(request.source.time_of(round))?.to_string(),
                at: now.to_string(),
            };
            let detail = serde_json::json!({ "lift": id, "frozen": frozen });
            let recorded = act::by(caller.actor, EntryType::LiftFrozen, &id.to_string())
                .record(tx, self, &detail)?;
            tx.freeze_lift(lift.number, &frozen, recorded.index)?;
            Ok(info(&StoredLift { frozen: Some(frozen), ..lift }))
        })?;
        self.publish()?;
        Ok(info)
    }

    /// Records the round of the beacon and does the draw.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::LiftNotFrozen`], [`Refusal::LiftDrawn`], [`Refusal::BeaconOther`],
    /// [`Refusal::BeaconEarly`], [`Refusal::BeaconMalformed`], [`Refusal::LiftLeadsChanged`].
    pub fn draw_lift(
        &self,
        caller: &Caller,
        id: &LiftId,
        beacon: &BeaconRound,
    ) -> Result<LiftInfo, ServiceError> {
        let now = self.now();
        let info = self.db.write("draw lift", |tx| {
            let lift = tx.lift(id)?.ok_or(Refusal::NotFound)?;
            let frozen = lift.frozen.clone().ok_or(Refusal::LiftNotFrozen)?;
            if lift.drawn.is_some() {
                return Err(ServiceError::from(Refusal::LiftDrawn));
            }
            let randomness = decided(&frozen, beacon, now)?;
            let deposits: Vec<&DepositId> = frozen.deposits.iter().collect();
            let threads = thread::available_parallelism().map_or(1, usize::from);
            let leads = self.stored_deposits(tx, &deposits, threads);
            // A deposit that was erased since is not found.
            let leads = leads.map_err(|error| match error {
                ServiceError::Refused(Refusal::NotFound) => Refusal::LiftLeadsChanged.into(),
                other => other,
            })?;
            let treated = TreatedPermille::new(lift.treated_permille).ok_or(Refusal::LiftShare)?;
            let seed = self.lift_seed(id);
            let carried = seed.draw(randomness.as_bytes(), treated).carry_out(&leads)?;
            let [treated, control] = carried.persons;
            let drawn = LiftDrawn {
                randomness,
                seed: Bytes::new(seed.open()),
                treated,
                control,
                at: now.to_string(),
            };
            // How many are in which arm is the principal's own matter, and not said here.
            let detail = serde_json::json!({
                "lift": id, "beacon": beacon, "randomness": randomness, "seed": drawn.seed,
            });
            let recorded = act::by(caller.actor, EntryType::LiftDrawn, &id.to_string())
                .record(tx, self, &detail)?;
            let arms: Vec<(DepositId, Arms)> =
                frozen.deposits.iter().copied().zip(carried.arms).collect();
            tx.draw_lift(lift.number, (&drawn, recorded.index), &arms)?;
            Ok(info(&StoredLift { drawn: Some(drawn), ..lift }))
        })?;
        self.publish()?;
        Ok(info)
    }

    /// The lifts of a programme, for its principal and for officers of the certifier.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn lifts(
        &self,
        caller: &Caller,
        programme: &ProgrammeId,
    ) -> Result<Vec<LiftInfo>, ServiceError> {
        self.db.read("read lifts", |tx| {
            self.programme_for(tx, caller, (programme, Purpose::FollowLifts))?;
            Ok(tx.lifts(programme)?.iter().map(info).collect())
        })
    }

    /// The arms of the rows of one of the principal's deposits, a line a row in the order of its body: `treated`,
    /// `control`, or `none` for a row without a key.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::LiftNotDrawn`].
    pub fn lift_arms(
        &self,
        caller: &Caller,
        (id, deposit): (&LiftId, &DepositId),
    ) -> Result<String, ServiceError> {
        self.db.read("read arms", |tx| {
            let lift = tx.lift(id)?.ok_or(Refusal::NotFound)?;
            self.owned(tx, caller, &lift.programme)?;
            if lift.drawn.is_none() {
                return Err(ServiceError::from(Refusal::LiftNotDrawn));
            }
            let arms = tx.arms(lift.number, deposit)?.ok_or(Refusal::NotFound)?;
            let rows = tx.deposit(deposit)?.ok_or(Refusal::NotFound)?.manifest.manifest.rows;
            let word = |row: u32| match arms.get(row) {
                Some(Arm::Treated) => "treated\n",
                Some(Arm::Control) => "control\n",
                None => "none\n",
            };
            Ok((0..u32::try_from(rows).unwrap_or(u32::MAX)).map(word).collect())
        })
    }

    /// The seed of a lift. It stands nowhere: whoever has the keyring makes it again from the id.
    fn lift_seed(&self, id: &LiftId) -> LiftSeed {
        LiftSeed::of(&self.keyring.key_for(labels::LIFT_SEED), &id.to_string())
    }
}

/// The randomness of the round that was named, once it has come.
fn decided(frozen: &FrozenLeads, beacon: &BeaconRound, now: Moment) -> Result<Bytes<32>, Refusal> {
    if (beacon.source, beacon.round) != (frozen.source, frozen.round) {
        return Err(Refusal::BeaconOther);
    }
    if frozen.source.time_of(frozen.round).is_none_or(|at| now.seconds() < at) {
        return Err(Refusal::BeaconEarly);
    }
    beacon.value().ok_or(Refusal::BeaconMalformed)
}

fn round_at(seconds: Option<i64>) -> Result<Moment, Refusal> {
    seconds.and_then(Moment::from_seconds).ok_or(Refusal::BeaconOther)
}

/// What a question about arms rests on.
pub(super) struct AskedLift {
    /// The newest lift that was drawn.
    lift: StoredLift,
}

impl AskedLift {
    /// The lift that a question of a month may be about, over these leads.
    ///
    /// # Errors
    /// [`Refusal::LiftNone`]; [`Refusal::LiftLeadsChanged`] if the leads are not those that were frozen, or too many
    /// of them were erased since; [`Refusal::LiftMonth`] for sales of a month that was over before the draw.
    pub(super) fn find(
        tx: &Tx<'_>,
        programme: &ProgrammeId,
        (deposits, set): (&[DepositId], &LeadsSet),
        month: Month,
    ) -> Result<Self, ServiceError> {
        let newest = tx.lifts(programme)?.into_iter().rfind(|lift| lift.drawn.is_some());
        let lift = newest.ok_or(Refusal::LiftNone)?;
        let (Some(frozen), Some(drawn)) = (&lift.frozen, &lift.drawn) else {
            return Err(Refusal::LiftNone.into());
        };
        let kept = set.total().saturating_mul(1_000) >= frozen.rows.saturating_mul(LEFT_PERMILLE);
        if frozen.deposits != deposits || !kept {
            return Err(Refusal::LiftLeadsChanged.into());
        }
        let drawn_in = drawn.at.get(..7).and_then(|month| month.parse().ok());
        if drawn_in.is_none_or(|drawn_in: Month| month < drawn_in) {
            return Err(Refusal::LiftMonth.into());
        }
        Ok(Self { lift })
    }

    /// Persons of the treated group and of its control.
    pub(super) fn persons(&self) -> [u64; 2] {
        self.lift.drawn.as_ref().map_or([0; 2], |drawn| [drawn.treated, drawn.control])
    }

    /// What the question names.
    pub(super) fn named(&self) -> Option<NamedLift> {
        let (frozen, drawn) = (self.lift.frozen.as_ref()?, self.lift.drawn.as_ref()?);
        Some(NamedLift {
            lift: self.lift.id,
            number: self.lift.ordinal,
            treated_permille: self.lift.treated_permille,
            seed_commitment: self.lift.commitment,
            frozen_root: frozen.leads_root,
            source: frozen.source,
            round: frozen.round,
            randomness: drawn.randomness,
        })
    }

    /// The arms of a deposit's rows.
    pub(super) fn arms(&self, tx: &Tx<'_>, deposit: &DepositId) -> Result<Arms, ServiceError> {
        Ok(tx.arms(self.lift.number, deposit)?.ok_or(Refusal::LiftLeadsChanged)?)
    }
}

/// Of a thousand rows that were frozen, so many must still be there: erasures of persons are not refused, and whoever
/// erases one arm's buyers to please the other cannot move the result by more than these.
const LEFT_PERMILLE: u64 = 990;

fn info(lift: &StoredLift) -> LiftInfo {
    let state = match (&lift.frozen, &lift.drawn) {
        (_, Some(_)) => LiftState::Drawn,
        (Some(_), None) => LiftState::Frozen,
        (None, None) => LiftState::Committed,
    };
    LiftInfo {
        lift: lift.id,
        programme: lift.programme,
        number: lift.ordinal,
        state,
        treated_permille: lift.treated_permille,
        seed_commitment: lift.commitment,
        made_at: lift.made_at.to_string(),
        frozen: lift.frozen.clone(),
        drawn: lift.drawn.clone(),
    }
}
