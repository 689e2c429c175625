//! Collections: public pages of a company's own forms, opened, replaced and closed; each opening and closing is
//! an entry of the ledger. What comes from them is the matter of `submission`.

use tiers_protocol::consent::Collection;
use tiers_protocol::consent::wire::{CollectionInfo, NewCollection, OwnCollection};
use tiers_protocol::ids::CollectionId;
use tiers_protocol::tlog::EntryType;

use super::super::{Certifier, Refusal, ServiceError, act};
use super::company;
use crate::limits;
use crate::service::authority::{Object, Purpose};
use crate::store::Tx;
use crate::store::collection::StoredCollection;
use crate::store::credential::Caller;

impl Certifier {
    /// Opens a public page of forms of the calling company; the page that it replaces closes with it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for a form or a page that is not its own, [`Refusal::CollectionForms`],
    /// [`Refusal::CollectionQuota`], [`Refusal::CollectionClosed`] for a page that was replaced or closed before.
    pub fn open_collection(
        &self,
        caller: &Caller,
        new: &NewCollection,
    ) -> Result<CollectionInfo, ServiceError> {
        if !(1..=limits::COLLECTION_QUOTA).contains(&new.quota) {
            return Err(Refusal::CollectionQuota.into());
        }
        let info = self.db.write("open collection", |tx| {
            let (party, _) = company(tx, caller)?;
            let before =
                new.replaces.as_ref().map(|id| self.own_collection(tx, caller, id)).transpose()?;
            if before.as_ref().is_some_and(|page| page.closed_at.is_some()) {
                return Err(ServiceError::from(Refusal::CollectionClosed));
            }
            let open = tx.collections(&party.id)?.iter().filter(|p| p.closed_at.is_none()).count();
            if open - usize::from(before.is_some()) >= limits::COLLECTIONS_OPEN {
                return Err(Refusal::CollectionQuota.into());
            }
            let own = |id| self.own_form(tx, caller, id).map(|stored| (stored.id, stored.form));
            let forms = new.forms.iter().map(own).collect::<Result<Vec<_>, _>>()?;
            let document = Collection::of((party.id, party.keys.sealing), &forms)
                .map_err(|_| Refusal::CollectionForms)?;
            let id = CollectionId::random(&mut self.random());
            let detail = serde_json::json!({
                "collection": id, "digest": document.digest(), "forms": new.forms,
            });
            let recorded = act::by(caller.actor, EntryType::CollectionOpened, &id.to_string())
                .record(tx, self, &detail)?;
            let stored = StoredCollection {
                number: 0,
                id,
                party: party.id,
                document,
                quota: new.quota,
                opened_at: self.now(),
                entry: recorded.index,
                closed_at: None,
                successor: None,
            };
            tx.insert_collection(&stored)?;
            if let Some(before) = before {
                self.close_page(tx, caller, &before, Some(&id))?;
            }
            Ok(info(stored))
        })?;
        self.publish()?;
        Ok(info)
    }

    /// Closes a page of the calling company: it takes nothing more. Once closed it stays so, whoever asks again.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn close_collection(
        &self,
        caller: &Caller,
        id: &CollectionId,
    ) -> Result<CollectionInfo, ServiceError> {
        let info = self.db.write("close collection", |tx| {
            let page = self.own_collection(tx, caller, id)?;
            if page.closed_at.is_none() {
                self.close_page(tx, caller, &page, None)?;
            }
            let page = tx.collection(id)?.ok_or(Refusal::NotFound)?;
            Ok::<_, ServiceError>(info(page))
        })?;
        self.publish()?;
        Ok(info)
    }

    fn close_page(
        &self,
        tx: &Tx<'_>,
        caller: &Caller,
        page: &StoredCollection,
        successor: Option<&CollectionId>,
    ) -> Result<(), ServiceError> {
        let detail = serde_json::json!({ "collection": page.id, "successor": successor });
        let recorded = act::by(caller.actor, EntryType::CollectionClosed, &page.id.to_string())
            .record(tx, self, &detail)?;
        Ok(tx.close_collection(page.number, (self.now(), recorded.index), successor)?)
    }

    /// A page, as anybody sees it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn collection(&self, id: &CollectionId) -> Result<CollectionInfo, ServiceError> {
        let found = self.db.read("read collection", |tx| tx.collection(id))?;
        Ok(info(found.ok_or(Refusal::NotFound)?))
    }

    /// The pages of the calling company, with how much waits at each.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub fn collections(&self, caller: &Caller) -> Result<Vec<OwnCollection>, ServiceError> {
        let now = self.now();
        self.db.read("read collections", |tx| {
            let party = caller.party.ok_or(Refusal::Forbidden)?;
            let own = tx.collections(&party)?.into_iter().map(|page| {
                let (quota, arrivals) = (page.quota, tx.arrivals(page.number, now)?);
                Ok(OwnCollection { info: info(page), quota, waiting: arrivals.waiting })
            });
            own.collect()
        })
    }
}

impl Certifier {
    /// A page that the calling company opened.
    pub(super) fn own_collection(
        &self,
        tx: &Tx<'_>,
        caller: &Caller,
        id: &CollectionId,
    ) -> Result<StoredCollection, ServiceError> {
        let found = tx.collection(id)?.ok_or(Refusal::NotFound)?;
        self.require(caller, Purpose::CollectChoices, &Object::Collection(id, found.party))?;
        Ok(found)
    }
}

fn info(stored: StoredCollection) -> CollectionInfo {
    CollectionInfo {
        collection: stored.id,
        digest: stored.document.digest(),
        opened_at: stored.opened_at.to_string(),
        closed_at: stored.closed_at.map(|at| at.to_string()),
        successor: stored.successor,
        entry: stored.entry,
        document: stored.document,
    }
}
