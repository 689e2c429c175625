//! Collectors that cannot prove what they collected, and what companies say of persons beside events.

use tiers_protocol::consent::wire::{NewFacts, SupplierState};
use tiers_protocol::tlog::EntryType;

use super::super::{Certifier, Refusal, ServiceError, act};
use super::{company, reason};
use crate::limits;
use crate::store::consent::Fact;
use crate::store::credential::Caller;
use crate::time::Moment;

impl Certifier {
    /// Suspends a collector, or takes it up again. From this moment every decision knows.
    ///
    /// # Errors
    /// [`Refusal::BadReason`].
    pub fn change_supplier(
        &self,
        caller: &Caller,
        state: &SupplierState,
    ) -> Result<(), ServiceError> {
        let reason = reason(&state.reason)?;
        self.db.write("change supplier", |tx| {
            tx.suspend(state.siren, state.suspended.then(|| self.now()))?;
            let detail = serde_json::json!({
                "siren": state.siren, "suspended": state.suspended, "reason": reason,
            });
            let id = self.new_act().to_string();
            act::by(caller.actor, EntryType::SupplierChanged, &id)
                .record(tx, self, &detail)
                .map(drop)
        })?;
        self.publish()
    }

    /// Takes what the calling company says of persons.
    ///
    /// # Errors
    /// [`Refusal::BadRightsTokens`], [`Refusal::BadConsents`].
    pub fn record_facts(&self, caller: &Caller, new: &NewFacts) -> Result<(), ServiceError> {
        if new.facts.is_empty() || new.facts.len() > limits::CONSENT_EVENTS {
            return Err(Refusal::BadConsents.into());
        }
        let now = self.now();
        let past = |seconds: Option<i64>| -> Result<Option<Moment>, Refusal> {
            let moment = |at| Moment::from_seconds(at).filter(|at| *at <= now);
            seconds.map(|at| moment(at).ok_or(Refusal::BadConsents)).transpose()
        };
        self.db.write("record facts", |tx| {
            let (_, siren) = company(tx, caller)?;
            for one in &new.facts {
                let fact = Fact {
                    informed_at: past(one.informed_at)?,
                    collected_by: one.collected_by,
                    last_contact: past(one.last_contact)?,
                    restricted: false,
                };
                for token in self.person(&one.tokens)? {
                    tx.put_fact(&token, siren, &fact)?;
                }
            }
            let detail = serde_json::json!({ "facts": new.facts.len(), "siren": siren });
            let id = self.new_act().to_string();
            act::by(caller.actor, EntryType::ConsentRecorded, &id)
                .record(tx, self, &detail)
                .map(drop)
        })?;
        self.publish()
    }
}
