//! Files of breaches: opened, continued version by version, listed with their clocks. The operator
//! and the officers keep them; a controller learns of a breach from them, by another channel.

use tiers_protocol::ids::ActId;
use tiers_protocol::tlog::EntryType;

use super::super::{Certifier, Refusal, ServiceError};
use super::{Writing, newest, read};
use crate::governance::Kind;
use crate::governance::breach::{Breach, Terms};
use crate::governance::retention::Object;
use crate::governance::view::BreachInfo;
use crate::store::credential::Caller;
use crate::store::governance::Version;

impl Certifier {
    /// Opens the file of a breach.
    ///
    /// # Errors
    /// [`crate::governance::Gap`]s of the group `breach`, as refusals.
    pub fn open_breach(&self, caller: &Caller, file: &Breach) -> Result<BreachInfo, ServiceError> {
        let id = ActId::random(&mut self.random());
        self.save_breach(caller, &id, file, true)
    }

    /// Saves the next version of a file.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Refusal::BreachClosed`]; gaps as refusals.
    pub fn continue_breach(
        &self,
        caller: &Caller,
        id: &ActId,
        file: &Breach,
    ) -> Result<BreachInfo, ServiceError> {
        self.save_breach(caller, id, file, false)
    }

    fn save_breach(
        &self,
        caller: &Caller,
        id: &ActId,
        file: &Breach,
        first: bool,
    ) -> Result<BreachInfo, ServiceError> {
        let subject = id.to_string();
        let written = self.db.write("save breach", |tx| {
            if !first {
                let newest = newest(tx.versions(None)?);
                let known = newest.get(&(Kind::Breach, subject.clone()));
                let known: Breach = read(known.ok_or(Refusal::NotFound)?)?;
                // What was known, told and when cannot be taken back, nor a closed file reopened.
                if known.closed.is_some() || known.aware != file.aware {
                    return Err(ServiceError::from(Refusal::BreachClosed));
                }
            }
            for party in &file.controllers {
                tx.party(party)?.ok_or(Refusal::NotFound)?;
            }
            file.check(&Terms::france(), self.now().timestamp())?;
            let at = Writing {
                kind: Kind::Breach,
                programme: None,
                subject: &subject,
                entry: EntryType::BreachRecorded,
                kept: Object::Breaches,
            };
            self.write_version(tx, caller, &at, file)
        })?;
        self.publish()?;
        self.breach_info(&written)
    }

    /// The register of breaches: every version of every file, the oldest first.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub fn breaches(&self) -> Result<Vec<BreachInfo>, ServiceError> {
        let versions =
            self.db.read("list breaches", |tx| Ok::<_, ServiceError>(tx.versions(None)?))?;
        let breaches = versions.iter().filter(|version| version.kind == Kind::Breach);
        breaches.map(|version| self.breach_info(version)).collect()
    }

    fn breach_info(&self, version: &Version) -> Result<BreachInfo, ServiceError> {
        let document: Breach = read(version)?;
        let (terms, now) = (Terms::france(), self.now().timestamp());
        Ok(BreachInfo {
            breach: version.subject.clone(),
            version: version.version,
            recorded_at: version.recorded_at.to_string(),
            controllers: document.controllers_clock(&terms, now),
            authority: document.authority_clock(&terms, now),
            missing: document.missing().into_iter().map(str::to_owned).collect(),
            document,
        })
    }
}
