//! Governance at work: records are written and read, programmes enter production, instructions are
//! flagged, services end, breaches are kept. What the law asks is decided in `crate::governance`.

mod breach;
mod contacts;
mod production;
mod record;
mod register;
mod show;

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tiers_protocol::canonical;
use tiers_protocol::ids::{PartyId, ProgrammeId};
use tiers_protocol::tlog::EntryType;

use super::{Certifier, Refusal, ServiceError, act};
use crate::governance::activity::PurposeKind;
use crate::governance::gate::Flagged;
use crate::governance::retention::{Object, RetentionPolicy};
use crate::governance::view::FlagInstruction;
use crate::governance::{Gap, Kind, Record, Standing};
use crate::store::credential::Caller;
use crate::store::governance::{Subject, Version};
use crate::store::programme::Registered;
use crate::store::{StoreError, Tx};

impl From<Gap> for Refusal {
    fn from(gap: Gap) -> Self {
        let found = Self::ALL.iter().find(|refusal| refusal.code() == gap.code());
        *found.expect("a test holds that every gap is a refusal")
    }
}

impl From<Gap> for ServiceError {
    fn from(gap: Gap) -> Self {
        Self::Refused(gap.into())
    }
}

pub use contacts::{Contact, RightsContacts};

/// The newest version of each record, by kind and subject.
type Newest = BTreeMap<(Kind, String), Version>;

fn newest(versions: Vec<Version>) -> Newest {
    versions.into_iter().map(|v| ((v.kind, v.subject.clone()), v)).collect()
}

/// Reads the document of a record.
fn read<T: DeserializeOwned>(version: &Version) -> Result<T, StoreError> {
    serde_json::from_slice(&version.document)
        .map_err(|_| StoreError::Corrupt { column: "governance.document" })
}

/// What stands for a programme.
fn standing(tx: &Tx<'_>, found: &Registered) -> Result<Standing, ServiceError> {
    let id = &found.programme.id;
    let mut parties = vec![found.principal];
    parties.extend(tx.members(id)?.into_iter().map(|member| member.party));
    let mut standing = Standing { parties, ..Standing::default() };
    let newest = newest(tx.versions(Some(id))?);
    for ((kind, subject), version) in &newest {
        let party = || -> Result<PartyId, StoreError> {
            subject.parse().map_err(|_| StoreError::Corrupt { column: "governance.subject" })
        };
        match kind {
            Kind::Production => standing.production = true,
            Kind::Flag | Kind::Breach | Kind::Register => {}
            _ => match read(version)? {
                Record::Activity(activity) => standing.activity = Some(activity),
                Record::Contract(contract) => {
                    standing.contracts.insert(party()?, contract);
                }
                Record::Instruction(_) => {
                    let flag = newest.get(&(Kind::Flag, subject.clone()));
                    let flagged = flag.map(read::<FlagInstruction>).transpose()?;
                    let stands = flagged.is_none_or(|flag| flag.version != version.version);
                    let state = if stands { Flagged::No } else { Flagged::Yes };
                    standing.instructions.insert(party()?, state);
                }
                Record::Arrangement(arrangement) => standing.arrangement = Some(arrangement),
                Record::Notice(notice) => {
                    standing.notices.insert(party()?, notice);
                }
                Record::Dpia(dpia) => standing.dpia = Some(dpia),
                Record::Identifiability(of) => standing.identifiability = Some(of),
                Record::Identity(_) | Record::Subprocessor(_) => {}
            },
        }
    }
    Ok(standing)
}

/// Where a version is about to be written.
struct Writing<'a> {
    kind: Kind,
    programme: Option<&'a ProgrammeId>,
    subject: &'a str,
    entry: EntryType,
    kept: Object,
}

impl Certifier {
    /// Writes the next version of a record and its act, in one transaction.
    fn write_version(
        &self,
        tx: &Tx<'_>,
        caller: &Caller,
        at: &Writing<'_>,
        document: &impl Serialize,
    ) -> Result<Version, ServiceError> {
        let of = Subject { kind: at.kind, programme: at.programme, subject: at.subject };
        let number = tx.next_version(of)?;
        let programme = at.programme.map(ToString::to_string);
        let object = match (&programme, at.subject) {
            (_, subject) if at.kind == Kind::Breach => subject.to_owned(),
            (Some(programme), _) => programme.clone(),
            (None, "") => caller.actor.to_string(),
            (None, subject) => subject.to_owned(),
        };
        let detail = serde_json::json!({
            "kind": at.kind, "subject": at.subject, "version": number, "document": document,
        });
        let recorded = act::by(caller.actor, at.entry, &object).record(tx, self, &detail)?;
        let dates = RetentionPolicy::france().rule(at.kept).dates(self.now().date());
        let version = Version {
            kind: at.kind,
            subject: at.subject.to_owned(),
            version: number,
            document: canonical::to_vec(document),
            actor: caller.actor.to_string(),
            recorded_at: self.now(),
            kept_until: dates.kept_until,
            entry: recorded.index,
            salt: recorded.salt,
        };
        tx.insert_version(at.programme, &version)?;
        Ok(version)
    }

    /// Whether a party may upload to a programme today.
    pub(super) fn check_upload(
        &self,
        tx: &Tx<'_>,
        found: &Registered,
        party: &PartyId,
    ) -> Result<(), ServiceError> {
        Ok(standing(tx, found)?.upload(party, self.now().date())?)
    }

    /// Whether figures may be made today from the data of a programme.
    pub(super) fn check_statistics(
        &self,
        tx: &Tx<'_>,
        found: &Registered,
    ) -> Result<(), ServiceError> {
        let standing = standing(tx, found)?;
        let today = self.now().date();
        Ok(standing.job(PurposeKind::Statistics, &standing.parties, today)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_gap_is_a_refusal() {
        for gap in Gap::ALL {
            assert_eq!(Refusal::from(*gap).code(), gap.code());
        }
    }
}
