//! Submissions: what persons send from public pages, sealed to the page's company. They are kept until that
//! company has them, thirty days at most, and nothing here can open one.

use serde_json::json;
use tiers_protocol::consent::SEALED_BYTES;
use tiers_protocol::consent::wire::{FetchedSubmissions, SubmissionInfo, WaitingSubmission};
use tiers_protocol::encoding::{encode, sha256};
use tiers_protocol::ids::{CollectionId, SubmissionId};
use tiers_protocol::tlog::EntryType;

use super::super::{Certifier, Refusal, ServiceError, act};
use crate::governance::retention::{Object, RetentionPolicy};
use crate::limits;
use crate::store::Tx;
use crate::store::collection::{StoredCollection, StoredSubmission};
use crate::store::credential::Caller;
use crate::time::Moment;

impl Certifier {
    /// Keeps what somebody sends from a page; the same bytes under the same id are kept once.
    ///
    /// # Errors
    /// [`Refusal::SubmissionSize`], [`Refusal::NotFound`], [`Refusal::CollectionClosed`],
    /// [`Refusal::SubmissionOther`], [`Refusal::CollectionFull`].
    pub fn submit(
        &self,
        page: &CollectionId,
        id: &SubmissionId,
        sealed: &[u8],
    ) -> Result<SubmissionInfo, ServiceError> {
        if sealed.len() != SEALED_BYTES {
            return Err(Refusal::SubmissionSize.into());
        }
        let (digest, now) = (sha256(sealed), self.now());
        self.db.write("submit", |tx| {
            let page = tx.collection(page)?.ok_or(Refusal::NotFound)?;
            let told = |at: Moment, repeated| SubmissionInfo {
                submission: *id,
                received_at: at.to_string(),
                repeated,
            };
            // An answer that was lost on its way is asked for again, also of a page that closed meanwhile.
            if let Some((before, at)) = tx.arrived(page.number, id)? {
                let same = before == digest;
                return if same {
                    Ok(told(at, true))
                } else {
                    Err(Refusal::SubmissionOther.into())
                };
            }
            self.has_room(tx, &page)?;
            let submission =
                StoredSubmission { id: *id, received_at: now, sealed: sealed.to_vec() };
            tx.insert_submission(page.number, (&submission, &digest))?;
            Ok(told(now, false))
        })
    }

    /// Whether a page takes one more.
    fn has_room(&self, tx: &Tx<'_>, page: &StoredCollection) -> Result<(), ServiceError> {
        if page.closed_at.is_some() {
            return Err(Refusal::CollectionClosed.into());
        }
        let now = self.now();
        let minute = Moment::from_seconds(now.seconds() - 60).unwrap_or(now);
        let came = tx.arrivals(page.number, minute)?;
        let full = came.waiting >= u64::from(page.quota)
            || came.lately >= limits::SUBMISSIONS_A_MINUTE
            || came.ever >= limits::COLLECTION_IDS;
        if full { Err(Refusal::CollectionFull.into()) } else { Ok(()) }
    }

    /// What waits at a page of the calling company, the oldest first, behind an id; 500 at most.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn waiting_submissions(
        &self,
        caller: &Caller,
        page: &CollectionId,
        behind: Option<&SubmissionId>,
    ) -> Result<Vec<WaitingSubmission>, ServiceError> {
        let found = self.db.read("read submissions", |tx| {
            let page = self.own_collection(tx, caller, page)?;
            Ok::<_, ServiceError>(tx.waiting(page.number, behind, limits::SUBMISSIONS_STEP)?)
        })?;
        let told = found.into_iter().map(|one| WaitingSubmission {
            submission: one.id,
            received_at: one.received_at.seconds(),
            sealed: encode(&one.sealed),
        });
        Ok(told.collect())
    }

    /// The calling company has these: they go here. Those that went before are gone already.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Malformed`] for more than 500.
    pub fn fetched_submissions(
        &self,
        caller: &Caller,
        page: &CollectionId,
        fetched: &FetchedSubmissions,
    ) -> Result<(), ServiceError> {
        if fetched.submissions.len() > limits::SUBMISSIONS_STEP {
            return Err(Refusal::Malformed.into());
        }
        self.db.write("submissions fetched", |tx| {
            let page = self.own_collection(tx, caller, page)?;
            Ok::<_, ServiceError>(tx.forget_sealed(page.number, &fetched.submissions)?)
        })?;
        self.db.empty_log()?;
        Ok(())
    }

    /// Forgets what was not fetched within its term; its company is told, and the ledger says of which page.
    /// Ids of pages that are closed for as long go with it. How many pages lost something.
    pub(in crate::service) fn expire_submissions(&self) -> Result<usize, ServiceError> {
        let policy = RetentionPolicy::france();
        let first = policy.rule(Object::Submissions).first_kept(self.now().date());
        let midnight =
            first.to_zoned(jiff::tz::TimeZone::UTC).map(|day| day.timestamp().as_second());
        let Some(before) = midnight.ok().and_then(Moment::from_seconds) else { return Ok(0) };
        if !self.db.read("look for submissions", |tx| tx.has_expired_submissions(before))? {
            return Ok(0);
        }
        let pages = self.db.write("expire submissions", |tx| {
            let pages = tx.overdue_submissions(before)?;
            for page in &pages {
                let party = tx.party(&page.party)?.ok_or(Refusal::NotFound)?;
                let siren: Vec<_> = party.siren.parse().into_iter().collect();
                let told = json!({ "collection": page.id });
                self.tell(tx, &siren, None, ("collection.expired", &told))?;
            }
            tx.expire_submissions(before)?;
            if !pages.is_empty() {
                let object = Object::Submissions.as_str();
                let named: Vec<_> =
                    pages.iter().map(|of| json!({ "object": object, "id": of.id })).collect();
                let policy = format!("{} {}", policy.name, policy.version);
                let detail = json!({ "policy": policy, "archived": [], "deleted": named });
                let id = self.new_act().to_string();
                act::by_certifier(self, EntryType::RetentionExecuted, &id)
                    .record(tx, self, &detail)?;
            }
            Ok::<_, ServiceError>(pages.len())
        })?;
        self.db.empty_log()?;
        Ok(pages)
    }
}
