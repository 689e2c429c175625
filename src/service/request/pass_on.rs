//! A request that reached the certifier goes on to the controllers for whom it works (GDPR art. 28(3)(e)): each
//! gets a request of its own, with the day on which the person asked, so that the month is the person's and
//! not the post's. Who asks goes there by the officer's letter, never through here.

use std::collections::BTreeSet;

use serde_json::json;
use tiers_protocol::ids::{PartyId, RequestId};
use tiers_protocol::request::{RequestController, RequestInfo};
use tiers_protocol::tlog::EntryType;

use super::super::{Certifier, Refusal, ServiceError, act};
use super::look::Found;
use super::{state, term};
use crate::consent::{legal_day, pass_on_by};
use crate::limits;
use crate::store::Tx;
use crate::store::credential::Caller;
use crate::store::party::Party;
use crate::store::request::StoredRequest;
use crate::time::Moment;

impl Certifier {
    /// Opens a request of each controller's own, and tells each.
    pub(super) fn pass_on(
        &self,
        tx: &Tx<'_>,
        caller: &Caller,
        (request, controllers): (&StoredRequest, &[PartyId]),
    ) -> Result<(), ServiceError> {
        if caller.party.is_some() || request.party.is_some() {
            return Err(Refusal::Forbidden.into());
        }
        let named: BTreeSet<&PartyId> = controllers.iter().collect();
        if named.is_empty() || named.len() > limits::REQUEST_PROGRAMMES {
            return Err(Refusal::BadRequest.into());
        }
        let now = self.now();
        for party in named {
            tx.party(party)?.ok_or(Refusal::BadRequest)?;
            let id = RequestId::random(&mut self.random());
            let detail = json!({
                "kind": request.kind, "party": party, "passed_from": request.id,
                "received_at": request.received_at.to_string(),
            });
            let leaf = act::by(caller.actor, EntryType::RequestRecorded, &id.to_string())
                .at_tick(tx, self, &detail)?;
            let ticket = StoredRequest {
                id,
                party: Some(*party),
                outcome: None,
                leaf,
                stepped_at: now,
                entry: None,
                passed: Some((request.id, now)),
                doubt: None,
                ..request.clone()
            };
            tx.insert_request(&ticket)?;
            self.tell_controller(tx, *party, &ticket)?;
        }
        Ok(())
    }

    fn tell_controller(
        &self,
        tx: &Tx<'_>,
        party: PartyId,
        ticket: &StoredRequest,
    ) -> Result<(), ServiceError> {
        let document = json!({
            "request": ticket.id, "kind": ticket.kind, "due_on": term(ticket).last_day().to_string(),
        });
        self.write_notice(tx, party, ("request.passed_on", &document))
    }
}

/// The companies from which what was found comes.
pub(super) fn controllers(
    tx: &Tx<'_>,
    found: &Found,
) -> Result<Vec<RequestController>, ServiceError> {
    let sources = found.deposits.iter().map(|deposit| deposit.siren.clone());
    let of_consents = found.consents.events.iter().map(|event| event.controller.to_string());
    let named: BTreeSet<String> = sources.chain(of_consents).collect();
    let parties = tx.parties()?.into_iter().filter(|party| named.contains(&party.siren));
    Ok(parties.map(shown).collect())
}

fn shown(party: Party) -> RequestController {
    RequestController { party: party.id, name: party.name, siren: party.siren }
}

/// A request as it stands.
pub(super) fn info(
    tx: &Tx<'_>,
    request: &StoredRequest,
    now: Moment,
) -> Result<RequestInfo, ServiceError> {
    let controller = match &request.party {
        Some(party) => tx.party(party)?.map(shown),
        None => None,
    };
    let open = request.party.is_none() && request.outcome.is_none();
    let pass_on = open.then(|| pass_on_by(request.received_at));
    Ok(RequestInfo {
        request: request.id,
        kind: request.kind,
        party: request.party,
        received_at: request.received_at.to_string(),
        due_on: term(request).last_day().to_string(),
        extended: request.extended.is_some(),
        state: state(request, now),
        controller,
        passed_from: request.passed.map(|(from, _)| from),
        passed_at: request.passed.map(|(_, at)| at.to_string()),
        pass_on_by: pass_on.map(|day| day.to_string()),
        pass_on_late: pass_on.is_some_and(|day| legal_day(now) > day),
        doubt: request.doubt.clone(),
        entry: request.entry,
    })
}
