//! Requests of persons: the token is made by the party, the answer by the certifier, across consents,
//! deposits and releases. A company is answered about what it takes part in, an officer about all. The
//! month in which the person is answered runs from the day on which the person asked. Each step enters the
//! ledger with the tick of the day, so that the public ledger does not show that somebody asked.

mod carry_out;
mod look;
mod pass_on;

use tiers_protocol::ids::RequestId;
use tiers_protocol::request::{NewRequest, RequestAnswer, RequestInfo, RequestKind, RequestStep};
use tiers_protocol::tlog::EntryType;

use super::authority::{Object, Purpose};
use super::{Certifier, Refusal, ServiceError, act};
use crate::consent::{ExtensionError, Term, Urgency};
use crate::governance::rights;
use crate::limits;
use crate::store::credential::Caller;
use crate::store::request::StoredRequest;
use crate::time::Moment;

impl From<ExtensionError> for Refusal {
    fn from(error: ExtensionError) -> Self {
        match error {
            ExtensionError::Late => Self::ExtensionLate,
            ExtensionError::NoReason => Self::ExtensionReason,
            ExtensionError::Twice => Self::ExtensionTwice,
        }
    }
}

impl Certifier {
    /// Takes a request, does what it asks for, and says what is held. The clock runs until the party says
    /// that the person was answered.
    ///
    /// # Errors
    /// [`Refusal::BadRequest`], [`Refusal::BadRightsTokens`]; [`Refusal::Forbidden`] where a company asks
    /// for an erasure in files of others, which an officer does.
    pub fn open_request(
        &self,
        caller: &Caller,
        new: &NewRequest,
    ) -> Result<RequestAnswer, ServiceError> {
        let now = self.now();
        let received = Moment::from_seconds(new.received_at).filter(|at| *at <= now);
        let received = received.ok_or(Refusal::BadRequest)?;
        let in_programmes: usize = new.programmes.iter().map(|one| one.tokens.len()).sum();
        let told = new.told_at.and_then(Moment::from_seconds).filter(|at| *at <= now);
        if in_programmes > limits::ERASURE_TOKENS
            || new.programmes.len() > limits::REQUEST_PROGRAMMES
            || (new.kind == RequestKind::Lift && told.is_none())
        {
            return Err(Refusal::BadRequest.into());
        }
        if new.kind == RequestKind::Erasure && caller.party.is_some() && in_programmes > 0 {
            return Err(Refusal::Forbidden.into());
        }
        let person = if new.rights.is_empty() { Vec::new() } else { self.person(&new.rights)? };
        let id = RequestId::random(&mut self.random());
        let mut found = self.look(caller, new, &person)?;
        if new.kind == RequestKind::Portability {
            found.deposits.retain(|held| portable(&held.legal_basis));
        }
        let (stored, done) = self.db.write("open request", |tx| {
            let detail = serde_json::json!({
                "kind": new.kind, "party": caller.party, "received_at": received.to_string(),
                "programmes": new.programmes.iter().map(|one| one.programme).collect::<Vec<_>>(),
            });
            let leaf = act::by(caller.actor, EntryType::RequestRecorded, &id.to_string())
                .at_tick(tx, self, &detail)?;
            let stored = StoredRequest {
                id,
                kind: new.kind,
                party: caller.party,
                received_at: received,
                extended: None,
                outcome: None,
                leaf,
                stepped_at: now,
                entry: None,
                passed: None,
                doubt: None,
            };
            tx.insert_request(&stored)?;
            let done = self.carry_out(tx, caller, (new.kind, received), &person)?;
            Ok::<_, ServiceError>((stored, done))
        })?;
        let mut done: Vec<String> = done.into_iter().map(str::to_owned).collect();
        if new.kind == RequestKind::Erasure {
            done.extend(self.erase_in_programmes(caller, &id, &new.programmes)?);
            // What was forgotten is in the log of the database neither.
            self.db.empty_log()?;
        }
        self.publish()?;
        let held = !found.deposits.is_empty()
            || !found.consents.events.is_empty()
            || !found.consents.oppositions.is_empty();
        let finding = match (person.is_empty() && in_programmes == 0, held) {
            (true, _) => "cannot_identify",
            (false, false) => "nothing_held",
            (false, true) => "held",
        };
        let controllers = match caller.party {
            Some(_) => Vec::new(),
            None => self.db.read("name controllers", |tx| pass_on::controllers(tx, &found))?,
        };
        let request = self.db.read("describe request", |tx| pass_on::info(tx, &stored, now))?;
        Ok(RequestAnswer {
            request,
            controllers,
            finding: finding.to_owned(),
            consents: found.consents,
            deposits: found.deposits,
            disclosures: found.disclosures,
            done,
        })
    }

    /// The next step of a request: answered, extended, refused, a fee, a doubt, passed on.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::RequestClosed`], [`Refusal::ExtensionLate`] and its like,
    /// [`Refusal::ExtensionReason`] without reasons, [`Refusal::Forbidden`] where a company would pass on.
    pub fn step_request(
        &self,
        caller: &Caller,
        id: &RequestId,
        step: &RequestStep,
    ) -> Result<RequestInfo, ServiceError> {
        let now = self.now();
        let info = self.db.write("step request", |tx| {
            let mut request = tx.request(id)?.ok_or(Refusal::NotFound)?;
            self.require(caller, Purpose::AnswerPersons, &Object::Request(id, request.party))?;
            if request.outcome.is_some() {
                return Err(ServiceError::from(Refusal::RequestClosed));
            }
            let reasons = match step {
                RequestStep::Answered {} | RequestStep::PassOn { .. } => None,
                RequestStep::Extend { reasons } | RequestStep::Refuse { reasons } => Some(reasons),
                RequestStep::Identity { doubt } => Some(doubt),
                RequestStep::Fee { justification, .. } => Some(justification),
            };
            let fits =
                |text: &String| (1..=limits::REASON_CHARS).contains(&text.trim().chars().count());
            if !reasons.is_none_or(fits) {
                return Err(Refusal::ExtensionReason.into());
            }
            match step {
                RequestStep::Answered {} => request.outcome = Some("answered".to_owned()),
                RequestStep::Refuse { .. } => request.outcome = Some("refused".to_owned()),
                RequestStep::Extend { reasons } => {
                    term(&request).extend(now, reasons).map_err(Refusal::from)?;
                    request.extended = Some((now, reasons.clone()));
                }
                RequestStep::Identity { doubt } => request.doubt = Some(doubt.clone()),
                RequestStep::PassOn { .. } => request.outcome = Some("passed_on".to_owned()),
                RequestStep::Fee { .. } => {}
            }
            let detail = serde_json::json!({ "request": id, "step": step });
            request.leaf = act::by(caller.actor, EntryType::RequestRecorded, &id.to_string())
                .at_tick(tx, self, &detail)?;
            (request.stepped_at, request.entry) = (now, None);
            tx.step_request(&request)?;
            if let RequestStep::PassOn { controllers } = step {
                self.pass_on(tx, caller, (&request, controllers))?;
            }
            pass_on::info(tx, &request, now)
        })?;
        self.publish()?;
        Ok(info)
    }

    /// The caller's requests; all of them for an officer.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub fn requests(&self, caller: &Caller) -> Result<Vec<RequestInfo>, ServiceError> {
        let now = self.now();
        self.db.read("read requests", |tx| {
            let all = tx.requests(limits::ACTS_PAGE)?.into_iter();
            let own = all.filter(|one| {
                let request = Object::Request(&one.id, one.party);
                self.authority.may(caller, Purpose::AnswerPersons, &request)
            });
            own.map(|one| pass_on::info(tx, &one, now)).collect()
        })
    }
}

fn term(request: &StoredRequest) -> Term {
    let term = Term::from(request.received_at);
    match &request.extended {
        Some((told, reasons)) => term.extend(*told, reasons).unwrap_or(term),
        None => term,
    }
}

/// Whether data are taken along; what stands in no list is not.
fn portable(basis: &str) -> bool {
    serde_json::from_value(basis.into()).is_ok_and(rights::is_portable)
}

fn state(request: &StoredRequest, now: Moment) -> String {
    match (&request.outcome, term(request).urgency(now)) {
        (Some(outcome), _) => outcome.clone(),
        (None, Urgency::Calm) => "open".to_owned(),
        (None, Urgency::Soon) => "soon".to_owned(),
        (None, Urgency::Late) => "late".to_owned(),
    }
}
