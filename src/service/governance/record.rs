//! Writes a record of governance, and flags an instruction as unlawful.

use tiers_protocol::ids::{PartyId, ProgrammeId};
use tiers_protocol::tlog::EntryType;
use tiers_protocol::wire::Role;

use super::super::{Certifier, Refusal, ServiceError};
use super::show::info;
use super::{Writing, newest};
use crate::governance::retention::Object;
use crate::governance::view::{FlagInstruction, RecordInfo};
use crate::governance::{Gap, Kind, Record};
use crate::limits;
use crate::service::authority::Purpose;
use crate::store::Tx;
use crate::store::credential::Caller;
use crate::store::programme::Registered;

impl Certifier {
    /// Writes the newest version of a record of a programme.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] where another role writes it; [`Gap`]s as refusals.
    pub fn record_governance(
        &self,
        caller: &Caller,
        programme: &ProgrammeId,
        record: &Record,
    ) -> Result<RecordInfo, ServiceError> {
        let written = self.db.write("record governance", |tx| {
            let found = self.programme_for(tx, caller, (programme, Purpose::RecordGovernance))?;
            let subject = self.subject(tx, caller, &found, record)?;
            record.check(self.now().date())?;
            if let Record::Activity(activity) = record {
                let members = tx.members(programme)?.into_iter().map(|member| member.party);
                let mut parties = members.chain([found.principal]);
                // One role for each party, and no party from elsewhere.
                let complete = parties.all(|party| activity.role(&party).is_some());
                if !complete || activity.parties.len() != tx.members(programme)?.len() + 1 {
                    return Err(Gap::PartyRole.into());
                }
            }
            let at = Writing {
                kind: record.kind(),
                programme: Some(programme),
                subject: &subject,
                entry: EntryType::GovernanceRecorded,
                kept: Object::Governance,
            };
            self.write_version(tx, caller, &at, record)
        })?;
        self.publish()?;
        info(&written)
    }

    /// Says who a legal entity is: a company for itself, the operator for the certifier.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] for any other record.
    pub fn record_identity(
        &self,
        caller: &Caller,
        record: &Record,
    ) -> Result<RecordInfo, ServiceError> {
        let Record::Identity(identity) = record else { return Err(Refusal::Malformed.into()) };
        let subject = match (caller.role, caller.party) {
            (Role::Operator, _) => String::new(),
            (_, Some(party)) => party.to_string(),
            _ => return Err(Refusal::Forbidden.into()),
        };
        let written = self.db.write("record identity", |tx| {
            record.check(self.now().date())?;
            if let Some(party) = caller.party {
                let known = tx.party(&party)?.ok_or(Refusal::NotFound)?;
                if known.siren != identity.siren {
                    return Err(ServiceError::from(Gap::Identity));
                }
            }
            let at = Writing {
                kind: Kind::Identity,
                programme: None,
                subject: &subject,
                entry: EntryType::GovernanceRecorded,
                kept: Object::Governance,
            };
            self.write_version(tx, caller, &at, record)
        })?;
        self.publish()?;
        info(&written)
    }

    /// Flags an instruction as unlawful (art. 28(3), last paragraph). The controller sees it at once
    /// among the records of the programme, and nothing runs on it any more.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Gap::Text`] without a reason.
    pub fn flag_instruction(
        &self,
        caller: &Caller,
        programme: &ProgrammeId,
        flag: &FlagInstruction,
    ) -> Result<RecordInfo, ServiceError> {
        if !(1..=limits::REASON_CHARS).contains(&flag.reason.trim().chars().count()) {
            return Err(Gap::Text.into());
        }
        let subject = flag.party.to_string();
        let written = self.db.write("flag instruction", |tx| {
            tx.programme(programme)?.ok_or(Refusal::NotFound)?;
            let newest = newest(tx.versions(Some(programme))?);
            let current = newest.get(&(Kind::Instruction, subject.clone()));
            if current.is_none_or(|current| current.version != flag.version) {
                return Err(ServiceError::from(Refusal::NotFound));
            }
            let at = Writing {
                kind: Kind::Flag,
                programme: Some(programme),
                subject: &subject,
                entry: EntryType::InstructionFlagged,
                kept: Object::Governance,
            };
            self.write_version(tx, caller, &at, flag)
        })?;
        self.publish()?;
        info(&written)
    }
}

impl Certifier {
    /// Whom a record is about, if the caller may write it.
    fn subject(
        &self,
        tx: &Tx<'_>,
        caller: &Caller,
        found: &Registered,
        record: &Record,
    ) -> Result<String, ServiceError> {
        let purpose = match record {
            Record::Activity(_)
            | Record::Arrangement(_)
            | Record::Dpia(_)
            | Record::Identifiability(_) => Purpose::RecordAsPrincipal,
            Record::Contract(_) | Record::Subprocessor(_) => Purpose::RecordAsCertifier,
            Record::Instruction(_) | Record::Notice(_) => Purpose::RecordAsCompany,
            Record::Identity(_) => return Err(Refusal::Forbidden.into()),
        };
        if !self.may_in(tx, caller, (found, purpose))? {
            return Err(Refusal::Forbidden.into());
        }
        let part_of = |party: &PartyId| -> Result<bool, ServiceError> {
            Ok(*party == found.principal || tx.is_member(&found.programme.id, party)?)
        };
        match record {
            Record::Contract(contract) if !part_of(&contract.controller)? => {
                Err(Gap::PartyRole.into())
            }
            Record::Contract(contract) => Ok(contract.controller.to_string()),
            Record::Subprocessor(subprocessor) => Ok(subprocessor.number.trim().to_owned()),
            Record::Instruction(_) | Record::Notice(_) => {
                Ok(caller.party.ok_or(Refusal::Forbidden)?.to_string())
            }
            _ => Ok(String::new()),
        }
    }
}
