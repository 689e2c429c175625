//! Notices to parties: what the certifier tells them in the application, what they acknowledge, and what
//! goes to the officer when nobody does. A notice names records, never a person. Both enter the ledger with the
//! tick of the day: an entry at that second, 72 hours after a person acted, would say when that was.

use serde_json::Value;
use tiers_protocol::consent::Siren;
use tiers_protocol::consent::wire::NoticeInfo;
use tiers_protocol::ids::{FormId, NoticeId, PartyId};
use tiers_protocol::tlog::EntryType;

use super::consent::sources;
use super::{Certifier, Refusal, ServiceError, act};
use crate::limits;
use crate::store::credential::Caller;
use crate::store::notice::Notice;
use crate::store::{StoreError, Tx};
use crate::time::Moment;

/// A notice that another was not acknowledged.
const UNANSWERED: &str = "notice.unanswered";

impl Certifier {
    /// Tells each of these companies that is enrolled, but for one.
    pub(super) fn tell(
        &self,
        tx: &Tx<'_>,
        companies: &[Siren],
        except: Option<PartyId>,
        (kind, document): (&str, &Value),
    ) -> Result<(), ServiceError> {
        for party in tx.parties()? {
            let named = companies.iter().any(|siren| siren.to_string() == party.siren);
            if named && Some(party.id) != except {
                self.write_notice(tx, party.id, (kind, document))?;
            }
        }
        Ok(())
    }

    /// The notices of the calling company; of an officer, those that were escalated.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub fn notices(&self, caller: &Caller) -> Result<Vec<NoticeInfo>, ServiceError> {
        let found = self.db.read("read notices", |tx| {
            let found = match &caller.party {
                Some(party) => tx.notices_of(party, limits::ACTS_PAGE),
                None => tx.escalated_notices(limits::ACTS_PAGE),
            };
            found.map_err(ServiceError::from)
        })?;
        let now = self.now();
        found.into_iter().map(|notice| shown(notice, now)).collect()
    }

    /// The calling company has read a notice and done what it asks for.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn acknowledge(&self, caller: &Caller, notice: &NoticeId) -> Result<(), ServiceError> {
        let party = caller.party.ok_or(Refusal::Forbidden)?;
        self.db.write("acknowledge notice", |tx| {
            let fresh = tx.acknowledge(notice, &party, self.now())?;
            if !fresh.ok_or(Refusal::NotFound)? {
                return Ok::<_, ServiceError>(());
            }
            let detail = serde_json::json!({ "notice": notice, "state": "acknowledged" });
            act::by(caller.actor, EntryType::NoticeRecorded, &notice.to_string())
                .at_tick(tx, self, &detail)
                .map(drop)
        })
    }

    /// Tells both ends of a chain that a notice was not acknowledged: the companies that the contact came from,
    /// and the one that did not answer. That is told once: no notice of a notice of a notice.
    fn tell_unanswered(&self, tx: &Tx<'_>, notice: &Notice) -> Result<(), ServiceError> {
        if notice.kind == UNANSWERED {
            return Ok(());
        }
        let document: Value = serde_json::from_slice(&notice.document)
            .map_err(|_| StoreError::Corrupt { column: "notice.document" })?;
        let form = document["form"].as_str().and_then(|id| id.parse::<FormId>().ok());
        let Some(form) = form.map(|id| tx.form(&id)).transpose()?.flatten() else {
            return Ok(());
        };
        let mut told = sources(&form);
        let own = tx.parties()?.into_iter().find(|party| party.id == notice.party);
        told.extend(own.and_then(|party| party.siren.parse::<Siren>().ok()));
        let said = serde_json::json!({
            "form": document["form"], "kind": notice.kind, "notice": notice.id, "party": notice.party,
        });
        self.tell(tx, &told, None, (UNANSWERED, &said))
    }

    /// Escalates the notices whose time is over; each is an act.
    pub(super) fn escalate_notices(&self) -> Result<(), ServiceError> {
        let now = self.now();
        let waiting = self
            .db
            .read("overdue notices", |tx| tx.overdue_notices(now, 1).map_err(ServiceError::from))?;
        if waiting.is_empty() {
            return Ok(());
        }
        self.db.write("escalate notices", |tx| {
            for notice in tx.overdue_notices(now, limits::ACTS_PAGE)? {
                tx.escalate(&notice.id, now)?;
                self.tell_unanswered(tx, &notice)?;
                let detail = serde_json::json!({
                    "notice": notice.id, "state": "escalated", "party": notice.party,
                });
                act::by_certifier(self, EntryType::NoticeRecorded, &notice.id.to_string())
                    .at_tick(tx, self, &detail)?;
            }
            Ok::<_, ServiceError>(())
        })
    }
}

fn shown(notice: Notice, now: Moment) -> Result<NoticeInfo, ServiceError> {
    let by = notice.created_at.seconds() + limits::NOTICE_ACK_SECONDS;
    let acknowledge_by = Moment::from_seconds(by).unwrap_or(notice.created_at);
    let document = serde_json::from_slice(&notice.document)
        .map_err(|_| StoreError::Corrupt { column: "notice.document" })?;
    Ok(NoticeInfo {
        notice: notice.id,
        party: notice.party,
        kind: notice.kind,
        document,
        created_at: notice.created_at.to_string(),
        acknowledge_by: acknowledge_by.to_string(),
        late: notice.acknowledged_at.unwrap_or(now) > acknowledge_by,
        due_at: notice.due_at.to_string(),
        acknowledged_at: notice.acknowledged_at.map(|at| at.to_string()),
        escalated_at: notice.escalated_at.map(|at| at.to_string()),
    })
}
