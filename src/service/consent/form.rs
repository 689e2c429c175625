//! Publishes a form: checked, linted, written once. A form that names more recipients than the one it
//! replaces reaches nobody who agreed before.

use jiff::civil::date;
use tiers_protocol::consent::wire::FormInfo;
use tiers_protocol::consent::{ConsentForm, FormFault, Siren};
use tiers_protocol::ids::FormId;
use tiers_protocol::tlog::EntryType;

use super::super::{Certifier, Refusal, ServiceError, act};
use super::company;
use crate::consent::legal_day;
use crate::service::authority::{Object, Purpose};
use crate::store::Tx;
use crate::store::consent::StoredForm;
use crate::store::credential::Caller;

impl From<FormFault> for Refusal {
    fn from(fault: FormFault) -> Self {
        let found = Self::ALL.iter().find(|refusal| refusal.code() == fault.code());
        *found.expect("a test holds that every fault is a refusal")
    }
}

impl Certifier {
    /// Publishes a form of the calling company, as controller or as collector for one.
    ///
    /// # Errors
    /// [`FormFault`]s as refusals; [`Refusal::FormParty`]; [`Refusal::NotFound`] for the form replaced.
    pub fn publish_form(
        &self,
        caller: &Caller,
        form: &ConsentForm,
    ) -> Result<FormInfo, ServiceError> {
        // C. consom. art. L. 223-1, version of law 2025-594: from that day in Paris.
        let calls = legal_day(self.now()) >= date(2026, 8, 11);
        form.check(calls).map_err(Refusal::from)?;
        let info = self.db.write("publish form", |tx| {
            let (party, siren) = company(tx, caller)?;
            let controls = form.controllers.iter().any(|one| one.id == siren);
            if !controls && form.gdpr.collector != siren {
                return Err(ServiceError::from(Refusal::FormParty));
            }
            let replaced =
                form.replaces.as_ref().map(|id| self.own_form(tx, caller, id)).transpose()?;
            let id = FormId::random(&mut self.random());
            let detail = serde_json::json!({ "form": id, "document": form });
            let recorded = act::by(caller.actor, EntryType::FormPublished, &id.to_string())
                .record(tx, self, &detail)?;
            let stored = StoredForm {
                number: 0,
                id,
                party: party.id,
                form: form.clone(),
                published_at: self.now(),
                entry: recorded.index,
            };
            tx.insert_form(&stored, &recorded.salt)?;
            let info = info(stored, replaced.as_ref());
            if !info.added.is_empty() {
                // Those who agreed before are told of the new partner, and are not handed to it.
                let task = serde_json::json!({ "form": info.form, "added": info.added });
                self.tell(tx, &[siren], None, ("form.recipients_added", &task))?;
            }
            Ok(info)
        })?;
        self.publish()?;
        Ok(info)
    }

    /// A form, for whoever it names: whoever published it, its controllers, its recipients.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn form(&self, caller: &Caller, id: &FormId) -> Result<FormInfo, ServiceError> {
        self.db.read("read form", |tx| {
            let found = tx.form(id)?.ok_or(Refusal::NotFound)?;
            let named = match caller.party {
                Some(party) => {
                    let (_, siren) = company(tx, caller)?;
                    let mut named = found.form.controllers.iter().chain(&found.form.recipients);
                    named.any(|one| one.id == siren).then_some(party)
                }
                None => None,
            };
            let (publisher, named) = (found.party, named.as_slice());
            let form = Object::Form { id, publisher, named };
            self.require(caller, Purpose::FollowChoices, &form)?;
            let replaced =
                found.form.replaces.as_ref().map(|id| tx.form(id)).transpose()?.flatten();
            Ok(info(found, replaced.as_ref()))
        })
    }

    /// The forms of the calling company.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub fn forms(&self, caller: &Caller) -> Result<Vec<FormInfo>, ServiceError> {
        self.db.read("read forms", |tx| {
            let own = tx.forms()?.into_iter().filter(|form| Some(form.party) == caller.party);
            Ok(own.map(|form| info(form, None)).collect())
        })
    }
}

impl Certifier {
    /// A form that the calling company published.
    pub(super) fn own_form(
        &self,
        tx: &Tx<'_>,
        caller: &Caller,
        id: &FormId,
    ) -> Result<StoredForm, ServiceError> {
        let found = tx.form(id)?.ok_or(Refusal::NotFound)?;
        let form = Object::Form { id, publisher: found.party, named: &[] };
        self.require(caller, Purpose::CollectChoices, &form)?;
        Ok(found)
    }
}

fn info(stored: StoredForm, replaced: Option<&StoredForm>) -> FormInfo {
    let added: Vec<Siren> = replaced.map_or_else(Vec::new, |old| {
        let before = |siren: &Siren| old.form.recipients.iter().any(|one| one.id == *siren);
        stored.form.recipients.iter().map(|one| one.id).filter(|one| !before(one)).collect()
    });
    FormInfo {
        form: stored.id,
        notice_sha256: stored.form.notice.sha256(),
        published_at: stored.published_at.to_string(),
        entry: stored.entry,
        added,
        document: stored.form,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_of_a_form_is_a_refusal() {
        for fault in FormFault::ALL {
            assert_eq!(Refusal::from(*fault).code(), fault.code());
        }
    }
}
