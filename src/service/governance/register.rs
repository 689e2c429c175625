//! The register of one legal entity, built from what is recorded now; a new version is written when its
//! content has changed, and the old ones stay.

use tiers_protocol::canonical;
use tiers_protocol::encoding::sha256;
use tiers_protocol::ids::PartyId;
use tiers_protocol::programme::LegalBasis;
use tiers_protocol::tlog::EntryType;

use super::super::{Certifier, Refusal, ServiceError};
use super::{Newest, Writing, newest, read};
use crate::governance::activity::{Activity, DataCategory, DataFamily, DataRole};
use crate::governance::identifiability::RequestMode;
use crate::governance::record::Identity;
use crate::governance::register::{
    ControllerEntry, Issued, ProcessorEntry, Register, RegisterFormat, StatedPurpose,
};
use crate::governance::retention::{Object, RetentionPolicy};
use crate::governance::{Gap, Kind, Record};
use crate::journal::Term;
use crate::store::Tx;
use crate::store::credential::Caller;
use crate::store::governance::Version;
use crate::store::programme::Registered;
use crate::time::Moment;

impl Certifier {
    /// The register of the caller's company, or, for the certifier's people, of the certifier. Asked
    /// for a version, an earlier one as it was.
    ///
    /// # Errors
    /// [`Gap::Register`] while art. 30(1)(a) to (e) is not recorded; [`Refusal::NotFound`] for a version
    /// that never was.
    pub fn register(&self, caller: &Caller, version: Option<u64>) -> Result<Issued, ServiceError> {
        let subject = caller.party.map_or_else(String::new, |party| party.to_string());
        if let Some(version) = version {
            return self.db.read("show register", |tx| {
                let mut versions = tx.versions(None)?.into_iter();
                let found = versions.find(|v| {
                    v.kind == Kind::Register && v.subject == subject && v.version == version
                });
                issued(&found.ok_or(Refusal::NotFound)?)
            });
        }
        let (issued, new) = self.db.write("issue register", |tx| {
            let register = self.entries(tx, caller.party)?;
            if !register.errors().is_empty() {
                return Err(ServiceError::from(Gap::Register));
            }
            let bytes = canonical::to_vec(&register);
            let known = newest(tx.versions(None)?);
            if let Some(same) = known.get(&(Kind::Register, subject.clone()))
                && same.document == bytes
            {
                return Ok((issued(same)?, false));
            }
            let at = Writing {
                kind: Kind::Register,
                programme: None,
                subject: &subject,
                entry: EntryType::RegisterIssued,
                kept: Object::Registers,
            };
            Ok((issued(&self.write_version(tx, caller, &at, &register)?)?, true))
        })?;
        if new {
            self.publish()?;
        }
        Ok(issued)
    }

    fn entries(&self, tx: &Tx<'_>, party: Option<PartyId>) -> Result<Register, ServiceError> {
        let (company, policy) = (newest(tx.versions(None)?), RetentionPolicy::france());
        let entity = identity(tx, &company, party.as_ref())?;
        let mut register = Register {
            format: RegisterFormat::V1,
            entity,
            retention: format!("{} {}", policy.name, policy.version),
            as_controller: Vec::new(),
            as_processor: Vec::new(),
        };
        if party.is_none() {
            let since = tx.certifier_since()?.date().to_string();
            register.as_controller.extend(own_entries(&policy, self.journal_term, &since));
        }
        for (id, since) in tx.programmes_since()? {
            let Some(found) = tx.programme(&id)? else { continue };
            let records = newest(tx.versions(Some(&id))?);
            let Some(version) = records.get(&(Kind::Activity, String::new())) else { continue };
            let Record::Activity(activity) = read(version)? else { continue };
            let about =
                About { found: &found, since, activity: &activity, records: &records, version };
            match party {
                Some(party) => {
                    let entry = about.controller(tx, &company, &party)?;
                    register.as_controller.extend(entry);
                }
                None => register.as_processor.extend(about.served(tx, &company)?),
            }
        }
        Ok(register)
    }
}

/// A programme and what is recorded of it.
struct About<'a> {
    found: &'a Registered,
    since: Moment,
    activity: &'a Activity,
    records: &'a Newest,
    version: &'a Version,
}

impl About<'_> {
    fn reference(&self) -> String {
        self.found.programme.id.to_string()
    }

    /// Whether the certifier holds the key of the programme, so that it could find persons itself.
    fn certifier_identifies(&self) -> Result<bool, ServiceError> {
        let found = self.records.get(&(Kind::Identifiability, String::new()));
        Ok(match found.map(read).transpose()? {
            Some(Record::Identifiability(of)) => of.request_mode() == RequestMode::Direct,
            _ => false,
        })
    }

    /// The entry of a company that answers for the processing; nothing for any other.
    fn controller(
        &self,
        tx: &Tx<'_>,
        company: &Newest,
        party: &PartyId,
    ) -> Result<Option<ControllerEntry>, ServiceError> {
        if !self.activity.role(party).is_some_and(DataRole::is_controller) {
            return Ok(None);
        }
        let mut joint = Vec::new();
        for other in &self.activity.parties {
            if other.party != *party && other.role == DataRole::JointController {
                joint.push(identity(tx, company, Some(&other.party))?);
            }
        }
        let activity = self.activity.clone();
        let purposes = activity.purposes.iter().map(|purpose| StatedPurpose {
            title: purpose.title.clone(),
            basis: purpose.bases.first().map_or_else(String::new, |basis| article(*basis)),
        });
        let identified = self.certifier_identifies()?;
        let day = self.version.recorded_at.date().to_string();
        let created = self.since.date().to_string();
        Ok(Some(ControllerEntry {
            reference: self.reference(),
            name: self.found.programme.name.clone(),
            created,
            updated: day,
            joint,
            purposes: purposes.collect(),
            persons: activity.persons,
            data: activity.data,
            recipients: activity.recipients,
            transfers: activity.transfers,
            security: activity.security,
            certifier_identifies: identified,
        }))
    }

    /// One entry for each controller that the certifier serves as its processor.
    fn served(&self, tx: &Tx<'_>, company: &Newest) -> Result<Vec<ProcessorEntry>, ServiceError> {
        if self.activity.certifier != DataRole::Processor {
            return Ok(Vec::new());
        }
        let (mut subprocessors, mut transfers) = (Vec::new(), self.activity.transfers.clone());
        for ((kind, _), version) in self.records {
            if *kind == Kind::Subprocessor
                && let Record::Subprocessor(of) = read(version)?
            {
                subprocessors.push(format!("{}, {} : {}", of.name, of.country, of.task));
                transfers.extend(of.transfer());
            }
        }
        let identified = self.certifier_identifies()?;
        let mut entries = Vec::new();
        for served in self.activity.parties.iter().filter(|p| p.role.is_controller()) {
            entries.push(ProcessorEntry {
                reference: self.reference(),
                name: self.found.programme.name.clone(),
                controller: identity(tx, company, Some(&served.party))?,
                categories: self.activity.purposes.iter().map(|p| p.title.clone()).collect(),
                subprocessors: subprocessors.clone(),
                transfers: transfers.clone(),
                security: self.activity.security.clone(),
                certifier_identifies: identified,
            });
        }
        Ok(entries)
    }
}

/// Who an entity is: what it recorded, or what its enrolment says, which lacks address and contact.
fn identity(
    tx: &Tx<'_>,
    company: &Newest,
    party: Option<&PartyId>,
) -> Result<Identity, ServiceError> {
    let subject = party.map_or_else(String::new, ToString::to_string);
    if let Some(version) = company.get(&(Kind::Identity, subject))
        && let Record::Identity(identity) = read(version)?
    {
        return Ok(identity);
    }
    let known = party.map(|party| tx.party(party)).transpose()?.flatten();
    let (name, siren) = known.map_or_else(Default::default, |party| (party.name, party.siren));
    let nothing = String::new;
    Ok(Identity {
        name,
        siren,
        address: nothing(),
        contact: nothing(),
        dpo: None,
        representative: None,
    })
}

/// What the certifier is itself the controller of: who may do what, and the trace of it. The journal is an
/// entry of its own: it serves security for every processing, and has a term of its own.
fn own_entries(policy: &RetentionPolicy, journal: Term, since: &str) -> [ControllerEntry; 2] {
    let category = |title: &str, deleted: String, family| DataCategory {
        title: title.to_owned(),
        deleted: Some(deleted),
        family,
    };
    let [active, archive] = policy.rule(Object::Governance).terms();
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let entry = |reference: &str, name: &str, purpose: &str| ControllerEntry {
        reference: reference.to_owned(),
        name: name.to_owned(),
        created: since.to_owned(),
        updated: since.to_owned(),
        joint: Vec::new(),
        purposes: vec![StatedPurpose {
            title: purpose.to_owned(),
            basis: article(LegalBasis::LegitimateInterests),
        }],
        persons: texts(&["personnes habilitées des parties et du tiers certificateur"]),
        data: Vec::new(),
        recipients: Vec::new(),
        transfers: Vec::new(),
        security: Vec::new(),
        certifier_identifies: false,
    };
    [
        ControllerEntry {
            data: vec![category(
                "comptes des personnes habilitées et actes qu’elles ont faits",
                format!("{active} après leur remplacement, puis {archive} en archive"),
                DataFamily::Identity,
            )],
            recipients: texts(&["officiers de conformité"]),
            security: texts(&[
                "clés d’accès conservées sous forme d’empreinte",
                "registre public chaîné, sans donnée de personne",
            ]),
            ..entry(
                "comptes",
                "Habilitations et traçabilité",
                "ouvrir des accès et prouver qui a fait quoi",
            )
        },
        ControllerEntry {
            data: vec![category(
                "journal des opérations : compte sous pseudonyme, heure, opération, objet, machine",
                format!("{} mois glissants", journal.in_months()),
                DataFamily::Connection,
            )],
            recipients: texts(&["personnes chargées de la sécurité du tiers certificateur"]),
            security: texts(&[
                "journal à part, en ajout seul, chaîné et signé ligne à ligne",
                "alerte à toute altération et à tout usage inhabituel",
                "ni contact, ni empreinte, ni clé dans une ligne",
            ]),
            ..entry(
                "journal",
                "Journalisation",
                "assurer la sécurité de tous les traitements, et rien d’autre",
            )
        },
    ]
}

/// Article and letter of a basis.
fn article(basis: LegalBasis) -> String {
    let letter = match basis {
        LegalBasis::Consent => 'a',
        LegalBasis::Contract => 'b',
        LegalBasis::LegalObligation => 'c',
        LegalBasis::VitalInterests => 'd',
        LegalBasis::PublicTask => 'e',
        LegalBasis::LegitimateInterests => 'f',
    };
    format!("6(1)({letter})")
}

/// A version as it is exported.
fn issued(version: &Version) -> Result<Issued, ServiceError> {
    Ok(Issued {
        version: version.version,
        issued_at: version.recorded_at.to_string(),
        sha256: sha256(&version.document).to_string(),
        register: read(version)?,
    })
}
