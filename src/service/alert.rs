//! Alerts of unusual use: what the lookout finds is told at once, becomes an act, and stays open until somebody
//! else of the certifier's people says what it was. Specified by `docs/journal.md`.

use tiers_protocol::encoding::sha256;
use tiers_protocol::ids::{ActId, ActorId};
use tiers_protocol::tlog::EntryType;

use super::authority::{self, Purpose};
use super::{Certifier, Refusal, ServiceError, act};
use crate::governance::view::{AlertInfo, CloseAlert};
use crate::journal::unusual::{Found, Seen};
use crate::journal::{Note, Object};
use crate::limits;
use crate::store::alert::{Closing, StoredAlert};
use crate::store::credential::Caller;
use crate::time::Moment;

impl Certifier {
    /// Looks at a request that was noted. Never fails: an alert that cannot be written is told all the same.
    pub fn look_at(&self, seen: &Seen<'_>) {
        for found in self.lookout.sees(seen) {
            tracing::error!(code = found.sign.code(), "ALERT: unusual use");
            self.tell_unusual(&found);
        }
    }

    /// Records what was found, unless this day has it already.
    pub(super) fn tell_unusual(&self, found: &Found) {
        match self.raise(found) {
            Ok(Some(id)) => self.note(&Note {
                actor: found.actor,
                operation: "unusual.found",
                object: Object::of(&id.to_string()),
                result: found.sign.code(),
                request: "",
            }),
            Ok(None) => {}
            Err(error) => tracing::error!(code = error.code(), "the alert is not recorded"),
        }
    }

    /// Records an alert; nothing where this day has it already.
    fn raise(&self, found: &Found) -> Result<Option<ActId>, ServiceError> {
        self.db.write("raise alert", |tx| {
            // An account that is gone by now is nobody's.
            if tx.has_alert(found)? {
                return Ok(None);
            }
            let id = self.new_act();
            let detail = serde_json::json!({
                "account": found.actor, "sign": found.sign.code(), "times": found.times,
            });
            let recorded = act::by_certifier(self, EntryType::UnusualFound, &id.to_string())
                .record(tx, self, &detail)?;
            tx.insert_alert(&id, found, recorded.index)?;
            Ok::<_, ServiceError>(Some(id))
        })
    }

    /// The alerts, open ones first.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub fn alerts(&self) -> Result<Vec<AlertInfo>, ServiceError> {
        let alerts = self.db.read("read alerts", |tx| tx.alerts(limits::ACTS_PAGE))?;
        Ok(alerts.iter().map(info).collect())
    }

    /// Closes an alert with what it was; not by whom it is about.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::BadReason`], [`Refusal::AlertClosed`], [`Refusal::AlertOwn`].
    pub fn close_alert(
        &self,
        caller: &Caller,
        id: &ActId,
        close: &CloseAlert,
    ) -> Result<AlertInfo, ServiceError> {
        let finding = close.finding.trim();
        if !(1..=limits::REASON_CHARS).contains(&finding.chars().count()) {
            return Err(Refusal::BadReason.into());
        }
        let closed = self.db.write("close alert", |tx| {
            let mut alert = tx.alert(id)?.ok_or(Refusal::NotFound)?;
            if alert.closed.is_some() {
                return Err(ServiceError::from(Refusal::AlertClosed));
            }
            let about = authority::Object::Alert(id, alert.found.actor);
            self.authority.ask(caller, Purpose::KeepFiles, &about)?;
            let by: ActorId = caller.actor;
            let closing = Closing { at: self.now(), by, finding: finding.to_owned() };
            tx.close_alert(id, &closing)?;
            let detail = serde_json::json!({ "finding": sha256(finding.as_bytes()) });
            act::by(by, EntryType::UnusualClosed, &id.to_string()).record(tx, self, &detail)?;
            alert.closed = Some(closing);
            Ok(alert)
        })?;
        self.publish()?;
        Ok(info(&closed))
    }

    /// Forgets the alerts that were closed before the term of the journal, whose they are.
    pub(super) fn forget_alerts(&self) -> Result<(), ServiceError> {
        let first = self.journal_term.first_day(self.now().date());
        let begins = first.to_zoned(jiff::tz::TimeZone::UTC);
        let begins = begins.ok().and_then(|at| Moment::from_seconds(at.timestamp().as_second()));
        let Some(begins) = begins else { return Ok(()) };
        self.db.write("forget alerts", |tx| {
            for (id, entry) in tx.delete_alerts(begins)? {
                tx.forget_details(Some(entry), &id)?;
            }
            Ok(())
        })
    }
}

fn info(alert: &StoredAlert) -> AlertInfo {
    let closed = alert.closed.as_ref();
    AlertInfo {
        alert: alert.id.to_string(),
        sign: alert.found.sign.code().to_owned(),
        account: alert.found.actor.map(|actor| actor.to_string()),
        found_at: alert.found.at.to_string(),
        times: alert.found.times,
        closed_at: closed.map(|closing| closing.at.to_string()),
        closed_by: closed.map(|closing| closing.by.to_string()),
        finding: closed.map(|closing| closing.finding.clone()),
    }
}
