//! What stands for one programme, and what may be done on it: uploads, jobs, production.
//!
//! Before production a programme is a *sandbox*: invented data only, nothing is asked. In production
//! every act needs its records. See `docs/decisions/0028-sandbox-and-production.md`.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use tiers_protocol::ids::PartyId;

use super::Gap;
use super::activity::{Activity, DataRole, PurposeKind};
use super::contract::Contract;
use super::dpia::Dpia;
use super::identifiability::Identifiability;
use super::notice::Notice;
use super::record::Arrangement;

/// The newest version of every record of one programme.
#[derive(Debug, Default)]
pub struct Standing {
    /// The principal and every partner.
    pub parties: Vec<PartyId>,
    /// Whether it is in production.
    pub production: bool,
    /// The processing.
    pub activity: Option<Activity>,
    /// Contracts by controller.
    pub contracts: BTreeMap<PartyId, Contract>,
    /// Parties with an instruction, and whether the one in force was flagged.
    pub instructions: BTreeMap<PartyId, Flagged>,
    /// Notices by party.
    pub notices: BTreeMap<PartyId, Notice>,
    /// The arrangement of joint controllers.
    pub arrangement: Option<Arrangement>,
    /// The impact assessment.
    pub dpia: Option<Dpia>,
    /// Who could identify the persons.
    pub identifiability: Option<Identifiability>,
}

/// Whether an instruction was flagged as unlawful.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flagged {
    /// It stands.
    No,
    /// It may not be followed.
    Yes,
}

impl Standing {
    /// Whether a party may upload today.
    ///
    /// # Errors
    /// [`Gap`]: the first.
    pub fn upload(&self, party: &PartyId, today: Date) -> Result<(), Gap> {
        if !self.production {
            return Ok(());
        }
        let activity = self.processing(today)?;
        let role = activity.role(party).ok_or(Gap::PartyRole)?;
        if activity.certifier == DataRole::Processor && role.is_controller() {
            self.contract(party)?;
        }
        if role.is_controller() {
            self.instruction(party)?;
        }
        self.notices.get(party).ok_or(Gap::Notice)?.covers_matching()
    }

    /// Whether a job of the certifier may run today for a purpose, on the data of these parties.
    ///
    /// # Errors
    /// [`Gap`]: the first.
    pub fn job(&self, kind: PurposeKind, of: &[PartyId], today: Date) -> Result<(), Gap> {
        if !self.production {
            return Ok(());
        }
        let activity = self.processing(today)?;
        activity.permits(kind)?;
        for party in of {
            if activity.role(party).ok_or(Gap::PartyRole)?.is_controller() {
                self.instruction(party)?;
            }
        }
        Ok(())
    }

    /// Everything that keeps the programme out of production.
    #[must_use]
    pub fn production_gaps(&self, today: Date) -> Vec<Gap> {
        let mut gaps = BTreeSet::new();
        gaps.extend(self.assessed(today).err());
        let who = self.identifiability.as_ref().ok_or(Gap::Identifiability);
        gaps.extend(who.and_then(|assessment| assessment.holds(today)).err());
        let Some(activity) = &self.activity else {
            gaps.insert(Gap::Activity);
            return gaps.into_iter().collect();
        };
        let checks = [
            activity.check(),
            activity.permits(PurposeKind::Matching).map(drop),
            activity.permits(PurposeKind::Statistics).map(drop),
            self.arranged(activity),
        ];
        gaps.extend(checks.into_iter().filter_map(Result::err));
        for party in &self.parties {
            match activity.role(party) {
                None => {
                    gaps.insert(Gap::PartyRole);
                }
                Some(role) if role.is_controller() && activity.certifier == DataRole::Processor => {
                    gaps.extend(self.contract(party).err());
                }
                Some(_) => {}
            }
        }
        gaps.into_iter().collect()
    }

    /// The activity, where matching may rest on it.
    fn processing(&self, today: Date) -> Result<&Activity, Gap> {
        let activity = self.activity.as_ref().ok_or(Gap::Activity)?;
        activity.permits(PurposeKind::Matching)?;
        self.assessed(today)?;
        self.arranged(activity)?;
        Ok(activity)
    }

    fn assessed(&self, today: Date) -> Result<(), Gap> {
        self.dpia.as_ref().ok_or(Gap::Dpia)?.holds(today)
    }

    fn arranged(&self, activity: &Activity) -> Result<(), Gap> {
        let joint = |p: &&super::activity::PartyRole| p.role == DataRole::JointController;
        if activity.parties.iter().filter(joint).count() == 0 {
            return Ok(());
        }
        let arrangement = self.arrangement.as_ref().ok_or(Gap::Arrangement)?;
        if arrangement.names_all_of(activity) { Ok(()) } else { Err(Gap::Arrangement) }
    }

    fn contract(&self, controller: &PartyId) -> Result<(), Gap> {
        let contract = self.contracts.get(controller).ok_or(Gap::Contract)?;
        contract.missing().map_or(Ok(()), |clause| Err(Gap::of_clause(clause)))
    }

    fn instruction(&self, controller: &PartyId) -> Result<(), Gap> {
        match self.instructions.get(controller).ok_or(Gap::Instruction)? {
            Flagged::No => Ok(()),
            Flagged::Yes => Err(Gap::Unlawful),
        }
    }
}
