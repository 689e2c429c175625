//! Sealed records end with their term: what no recipient has fetched when the agreement has been over for a
//! while goes, whoever was to fetch it. What was decided and recorded stays.

use jiff::civil::Date;
use tiers_protocol::exchange::Saying;
use tiers_protocol::exchange::view::{BatchState, ExchangeState};
use tiers_protocol::ids::BatchId;
use tiers_protocol::tlog::EntryType;

use super::head;
use crate::governance::retention::{Object, RetentionPolicy};
use crate::service::{Certifier, ServiceError, act};
use crate::store::Tx;
use crate::store::exchange::Exchange;

/// A sealed body with its last day.
pub(in crate::service) struct KeptBody {
    pub(in crate::service) batch: BatchId,
    state: BatchState,
    pub(in crate::service) kept_until: Date,
}

/// The sealed bodies that lie here, and those that are awaited.
pub(in crate::service) fn bodies(tx: &Tx<'_>) -> Result<Vec<KeptBody>, ServiceError> {
    let policy = RetentionPolicy::france();
    let rule = policy.rule(Object::ExchangeBodies);
    let mut kept = Vec::new();
    for batch in tx.batches(None)? {
        let lies = match batch.state {
            BatchState::Open
            | BatchState::Received
            | BatchState::Sampled
            | BatchState::Reviewed
            | BatchState::HandedOver => true,
            BatchState::Blocked
            | BatchState::Withheld
            | BatchState::Fetched
            | BatchState::Refused => false,
        };
        let of = head(&batch.statement);
        if lies && let Some(exchange) = tx.exchange(&of.exchange)? {
            let kept_until = rule.dates(ends(tx, &exchange)?).kept_until;
            kept.push(KeptBody { batch: of.batch, state: batch.state, kept_until });
        }
    }
    Ok(kept)
}

/// The last day of an agreement: the one that it says, or an earlier one on which a party ended it.
fn ends(tx: &Tx<'_>, exchange: &Exchange) -> Result<Date, ServiceError> {
    let agreement = &exchange.document.agreement;
    if exchange.state != ExchangeState::Ended {
        return Ok(agreement.ends);
    }
    let said = tx.exchange_acts(&agreement.exchange)?;
    let ended = said.iter().find(|said| said.document.act.says == Saying::End);
    Ok(ended.map_or(agreement.ends, |said| said.at.date().min(agreement.ends)))
}

impl Certifier {
    /// Drops the bodies whose last day is over; how many. Killed in between, the next start drops what the
    /// database does not wait for any more.
    pub(in crate::service) fn expire_bodies(&self) -> Result<usize, ServiceError> {
        let today = self.now().date();
        let over = |kept: &KeptBody| kept.kept_until < today;
        let due = self.db.read("look for bodies", bodies)?;
        if !due.iter().any(over) {
            return Ok(0);
        }
        let gone = self.db.write("expire bodies", |tx| {
            let mut gone = bodies(tx)?;
            gone.retain(over);
            for body in &gone {
                // A hand-over that nobody fetched stays what it was in the ledger and in its value.
                let end = match body.state {
                    BatchState::HandedOver => BatchState::Withheld,
                    _ => BatchState::Refused,
                };
                tx.move_batch(&body.batch, (body.state, end))?;
            }
            let object = Object::ExchangeBodies.as_str();
            let named =
                gone.iter().map(|of| serde_json::json!({ "object": object, "id": of.batch }));
            let policy = RetentionPolicy::france();
            let detail = serde_json::json!({
                "policy": format!("{} {}", policy.name, policy.version),
                "archived": [], "deleted": named.collect::<Vec<_>>(),
            });
            let id = self.new_act().to_string();
            act::by_certifier(self, EntryType::RetentionExecuted, &id).record(tx, self, &detail)?;
            Ok::<_, ServiceError>(gone)
        })?;
        for body in &gone {
            self.drop_batch(&body.batch)?;
        }
        Ok(gone.len())
    }
}
