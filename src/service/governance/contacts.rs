//! Where persons exercise their rights: what the companies of a programme and the certifier recorded about
//! themselves, for anybody. It names functions, never a person, and nothing of what is processed but the bases.

use std::collections::{BTreeMap, BTreeSet};

use tiers_protocol::ids::ProgrammeId;
use tiers_protocol::programme::LegalBasis;

use super::super::{Certifier, Refusal, ServiceError};
use super::{Newest, newest, read};
use crate::governance::activity::Activity;
use crate::governance::identifiability::RequestMode;
use crate::governance::record::Identity;
use crate::governance::{Kind, Record};
use crate::store::Tx;

/// A company to which persons may turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Its name.
    pub name: String,
    /// Where it is reached; nothing while it has recorded nothing.
    pub contact: Option<String>,
    /// Its data protection officer.
    pub dpo: Option<String>,
}

/// Whom persons may turn to, and on which bases data are processed.
#[derive(Debug, Clone, Default)]
pub struct RightsContacts {
    /// The certifier, once it has said who it is.
    pub certifier: Option<Contact>,
    /// The controllers of the programme.
    pub companies: Vec<Contact>,
    /// The bases of its purposes.
    pub bases: BTreeSet<LegalBasis>,
    /// Whether an arrangement of joint controllers is public.
    pub arrangement: bool,
    /// Whether the certifier can find persons itself, and says so.
    pub mode: RequestMode,
}

impl Certifier {
    /// Whom persons may turn to about a programme; about none in particular, the certifier alone.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for a programme of which no processing is recorded.
    pub fn rights_contacts(
        &self,
        programme: Option<&ProgrammeId>,
    ) -> Result<RightsContacts, ServiceError> {
        self.db.read("show contacts", |tx| {
            let said = newest(tx.versions(None)?);
            let certifier = identity(&said, "")?.map(shown);
            let Some(programme) = programme else {
                return Ok(RightsContacts { certifier, ..RightsContacts::default() });
            };
            let of_programme = newest(tx.versions(Some(programme))?);
            let record = |kind| of_programme.get(&(kind, String::new())).map(read).transpose();
            let Some(Record::Activity(activity)) = record(Kind::Activity)? else {
                return Err(Refusal::NotFound.into());
            };
            let points = match record(Kind::Arrangement)? {
                Some(Record::Arrangement(arrangement)) => Some(arrangement.controllers),
                _ => None,
            };
            let arrangement = points.is_some();
            let points = points.into_iter().flatten();
            let points = points.map(|one| (one.party, one.contact)).collect::<BTreeMap<_, _>>();
            let companies =
                controllers(tx, (&activity, &said), |party| points.get(party).cloned())?;
            let bases = activity.purposes.iter().flat_map(|of| of.bases.iter().copied());
            let mode = match record(Kind::Identifiability)? {
                Some(Record::Identifiability(of)) => of.request_mode(),
                _ => RequestMode::default(),
            };
            Ok(RightsContacts { certifier, companies, bases: bases.collect(), arrangement, mode })
        })
    }
}

/// Who the controllers are: by the arrangement, else by what each has said of itself.
fn controllers(
    tx: &Tx<'_>,
    (activity, said): (&Activity, &Newest),
    point: impl Fn(&tiers_protocol::ids::PartyId) -> Option<String>,
) -> Result<Vec<Contact>, ServiceError> {
    let mut companies = Vec::new();
    for one in activity.parties.iter().filter(|one| one.role.is_controller()) {
        let party = tx.party(&one.party)?.ok_or(Refusal::NotFound)?;
        let own = identity(said, &one.party.to_string())?.map(shown);
        let dpo = own.as_ref().and_then(|own| own.dpo.clone());
        let contact = point(&one.party).or_else(|| own.and_then(|own| own.contact));
        companies.push(Contact { name: party.name, contact, dpo });
    }
    companies.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(companies)
}

fn identity(said: &Newest, subject: &str) -> Result<Option<Identity>, ServiceError> {
    let found = said.get(&(Kind::Identity, subject.to_owned())).map(read).transpose()?;
    Ok(match found {
        Some(Record::Identity(identity)) => Some(identity),
        _ => None,
    })
}

fn shown(identity: Identity) -> Contact {
    let Identity { name, contact, dpo, .. } = identity;
    Contact { name, contact: Some(contact), dpo }
}
