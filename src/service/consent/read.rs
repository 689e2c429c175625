//! Reads: the history of one person, the decision about one contact, the receipt for one record. A company
//! sees only chains in which it takes part; who reads a history says why, and the ledger has it.

use std::sync::LazyLock;

use tiers_contact::labels;
use tiers_protocol::consent::wire::{
    ConsentDocuments, ConsentHistory, DecisionInfo, DecisionQuery, EventInfo, HistoryQuery,
    OppositionInfo,
};
use tiers_protocol::consent::{ConsentReceipt, EventEntity, KantaraReceipt, RecordEvent, Siren};
use tiers_protocol::ids::{ActId, ConsentReceiptId, RecordId, SubjectId};
use tiers_protocol::tlog::EntryType;

use super::super::{Certifier, Refusal, ServiceError, act};
use super::batch::Line;
use super::people::{People, Person, answer};
use super::{company, reason};
use crate::consent::{Decision, Origin, Proof, Question, Rules, Scope};
use crate::crypto::chain::VaultToken;
use crate::service::authority::{Object, Purpose};
use crate::store::consent::{EventRow, PLACES, StoredForm};
use crate::store::credential::Caller;
use crate::store::{StoreError, Tx};
use crate::time::Moment;

/// The rules in force.
#[must_use]
pub fn rules() -> &'static Rules {
    static RULES: LazyLock<Rules> = LazyLock::new(Rules::france);
    &RULES
}

impl Certifier {
    /// What is known about a person, as far as the caller takes part.
    ///
    /// # Errors
    /// [`Refusal::BadReason`], [`Refusal::BadRightsTokens`].
    pub fn consent_history(
        &self,
        caller: &Caller,
        query: &HistoryQuery,
    ) -> Result<ConsentHistory, ServiceError> {
        let reason = reason(&query.reason)?;
        let tokens = self.person(&query.tokens)?;
        let history = self.db.write("read history", |tx| {
            let id = ActId::random(&mut self.random()).to_string();
            let detail = serde_json::json!({ "reason": reason, "of": "consent" });
            act::by(caller.actor, EntryType::OfficerViewed, &id).at_tick(tx, self, &detail)?;
            self.history_of(tx, caller, &tokens)
        })?;
        Ok(history)
    }

    /// What the caller may know of a person.
    pub(in crate::service) fn history_of(
        &self,
        tx: &Tx<'_>,
        caller: &Caller,
        tokens: &[VaultToken],
    ) -> Result<ConsentHistory, ServiceError> {
        let people = People::of(tx)?;
        let person = people.person(self, tx, tokens)?;
        Ok(shown(self, &people, &person, viewer(tx, caller)?))
    }

    /// Whether a contact may pass; asked by its sender, its recipient or an officer.
    ///
    /// # Errors
    /// [`Refusal::NotOwnChain`], [`Refusal::BadRightsTokens`], [`Refusal::BadConsents`].
    pub fn decide_one(
        &self,
        caller: &Caller,
        query: &DecisionQuery,
    ) -> Result<DecisionInfo, ServiceError> {
        let tokens = self.person(&query.tokens)?;
        let moment = |seconds: Option<i64>| -> Result<Option<Moment>, Refusal> {
            seconds.map(|at| Moment::from_seconds(at).ok_or(Refusal::BadConsents)).transpose()
        };
        let (at, scrubbed_at) = (moment(query.at)?, moment(query.scrubbed_at)?);
        self.db.read("decide one", |tx| {
            let parties = [query.sender, query.recipient];
            if viewer(tx, caller)?.is_some_and(|siren| !parties.contains(&siren)) {
                return Err(ServiceError::from(Refusal::NotOwnChain));
            }
            let people = People::of(tx)?;
            let person = people.person(self, tx, &tokens)?;
            let question = Question {
                sender: query.sender,
                recipient: query.recipient,
                purpose: query.purpose,
                channel: query.channel,
                sector: query.sector,
                audience: query.audience,
                at: at.unwrap_or_else(|| self.now()),
                offer_of_profession: query.offer_of_profession,
                scrubbed_at,
                claim: None,
                suspended: people.suspended(),
            };
            Ok(told(rules(), answer(rules(), &person, &question)))
        })
    }

    /// The receipt for a record, with the whole record, and its export.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for who takes no part in it.
    pub fn consent_documents(
        &self,
        caller: &Caller,
        record: &RecordId,
    ) -> Result<ConsentDocuments, ServiceError> {
        self.db.read("read record", |tx| {
            let found = self.own_record(tx, caller, record)?;
            self.documents(tx, &found)
        })
    }

    /// A record of a chain in which the caller takes part.
    pub(super) fn own_record(
        &self,
        tx: &Tx<'_>,
        caller: &Caller,
        record: &RecordId,
    ) -> Result<Found, ServiceError> {
        let found = self.own_place(tx, caller, record)?;
        if found.tokens.is_empty() {
            return Err(Refusal::NotFound.into());
        }
        Ok(found)
    }

    /// Where a record was, for a party of its chain, also when nothing of it is kept.
    pub(super) fn own_place(
        &self,
        tx: &Tx<'_>,
        caller: &Caller,
        record: &RecordId,
    ) -> Result<Found, ServiceError> {
        let viewer = viewer(tx, caller)?;
        let found = self.place(tx, record)?.ok_or(Refusal::NotFound)?;
        let document = &found.form.form;
        let mut named = document.controllers.iter().chain(&document.recipients);
        let takes_part =
            |siren: Siren| named.any(|one| one.id == siren) || document.gdpr.collector == siren;
        let named = caller.party.filter(|_| viewer.is_some_and(takes_part));
        let (publisher, named) = (found.form.party, named.as_slice());
        let of = Object::Record { id: record, publisher, named };
        self.require(caller, Purpose::FollowChoices, &of)?;
        Ok(found)
    }

    /// The receipt for what was found.
    pub(super) fn documents(
        &self,
        tx: &Tx<'_>,
        found: &Found,
    ) -> Result<ConsentDocuments, ServiceError> {
        if !found.here {
            // Its proof is in the archive, where this path does not lead.
            return Err(Refusal::NotFound.into());
        }
        let events = self.choice(tx, found)?;
        let rights = &self.keyring.rights;
        let first = events.first().map_or(found.number, |row| row.number);
        let subject = rights.digest(labels::CONSENT_SUBJECT, self.record_id(first).as_bytes());
        let subject = SubjectId::from_bytes(subject);
        let events = events.iter().map(|row| self.record_event(tx, (&found.form, subject), row));
        let events = events.collect::<Result<Vec<_>, ServiceError>>()?;
        let mut events: Vec<RecordEvent> = events.into_iter().flatten().collect();
        events.sort_by_key(|event| event.at);
        let id = self.record_id(found.number);
        let record = found.form.form.record((id, subject), events);
        let receipt = rights.digest(labels::CONSENT_RECEIPT, id.as_bytes());
        let receipt = ConsentReceiptId::from_bytes(receipt);
        let kantara = KantaraReceipt::of(receipt, &record);
        Ok(ConsentDocuments { receipt: ConsentReceipt::new(receipt, record), kantara })
    }

    /// The events of one person on the form of a record, up to that record.
    fn choice(&self, tx: &Tx<'_>, found: &Found) -> Result<Vec<EventRow>, ServiceError> {
        let mut rows = Vec::new();
        for token in &found.tokens {
            tx.events_of(token, &mut rows)?;
        }
        rows.retain(|row| row.form == found.form.number && row.number <= found.number);
        rows.sort_unstable_by_key(|row| row.number);
        rows.dedup_by_key(|row| row.number);
        Ok(rows)
    }

    fn record_event(
        &self,
        tx: &Tx<'_>,
        (form, subject): (&StoredForm, SubjectId),
        row: &EventRow,
    ) -> Result<Option<RecordEvent>, ServiceError> {
        let batch = tx.consent_batch(row.number / PLACES)?;
        let batch = batch.ok_or(StoreError::Corrupt { column: "consent_event.number" })?;
        let Line::Here(event) = self.packed(&batch, row.number % PLACES)? else {
            return Ok(None);
        };
        let entity = event.entity.map_or(EventEntity::Person(subject), EventEntity::Company);
        Ok(Some(RecordEvent {
            at: event.at,
            validity_months: form.form.validity_months,
            entity,
            kind: entity.acts(),
            evidence: event.evidence,
            state: event.state,
        }))
    }

    /// A record by its id, if there is one.
    pub(super) fn found(
        &self,
        tx: &Tx<'_>,
        record: &RecordId,
    ) -> Result<Option<Found>, ServiceError> {
        // Without tokens, nothing of it is kept.
        Ok(self.place(tx, record)?.filter(|found| !found.tokens.is_empty()))
    }

    fn place(&self, tx: &Tx<'_>, record: &RecordId) -> Result<Option<Found>, ServiceError> {
        let bytes = record.as_bytes();
        let (prefix, place) = bytes.split_first_chunk::<12>().expect("an id has 16 bytes");
        let place = place.try_into().map_or(u64::MAX, |place| u64::from(u32::from_be_bytes(place)));
        let Some(batch) = tx.consent_batch_of(prefix)?.filter(|batch| place < batch.events) else {
            return Ok(None);
        };
        let line = self.packed(&batch, place)?;
        let tokens: Vec<VaultToken> = line.tokens().collect();
        let wrong = StoreError::Corrupt { column: "consent_batch.form" };
        let form = tx.forms()?.into_iter().find(|form| form.number == batch.form).ok_or(wrong)?;
        let number = batch.number * PLACES + place;
        Ok(Some(Found { number, tokens, form, here: line.event().is_some() }))
    }
}

/// A record that was found.
pub(super) struct Found {
    pub(super) number: u64,
    pub(super) tokens: Vec<VaultToken>,
    pub(super) form: StoredForm,
    /// Whether its proof is in the active base.
    pub(super) here: bool,
}

/// Whose chains the caller may see; all of them as an officer.
fn viewer(tx: &Tx<'_>, caller: &Caller) -> Result<Option<Siren>, ServiceError> {
    match caller.party {
        Some(_) => company(tx, caller).map(|(_, siren)| Some(siren)),
        None => Ok(None),
    }
}

fn shown(
    certifier: &Certifier,
    people: &People,
    person: &Person,
    viewer: Option<Siren>,
) -> ConsentHistory {
    let mut events = Vec::new();
    for (event, (number, form)) in person.events.iter().zip(&person.numbers) {
        let Some(form) = people.form(*form) else { continue };
        let recipients: Vec<Siren> = match event.reach() {
            crate::consent::Reach::Named(named) => named.all().to_vec(),
            crate::consent::Reach::All => Vec::new(),
        };
        let all_recipients = recipients.is_empty();
        let parties = [event.controller(), event.collector()];
        let takes_part = |siren: Siren| {
            let mut of_form = form.form.recipients.iter();
            parties.contains(&siren) || of_form.any(|one| one.id == siren)
        };
        if !viewer.is_none_or(takes_part) {
            continue;
        }
        events.push(EventInfo {
            record: certifier.record_id(*number),
            form: form.id,
            at: event.at().seconds(),
            state: event.state(),
            proven: event.proof() == Proof::Proven,
            purpose: form.form.purpose,
            channel: form.form.channel,
            controller: event.controller(),
            collector: event.collector(),
            recipients,
            all_recipients,
        });
    }
    events.sort_by_key(|event| event.at);
    let oppositions = person.oppositions.iter().map(|opposition| {
        let along = match opposition.scope() {
            Scope::Everywhere => None,
            Scope::Along(siren) => Some(siren),
        };
        OppositionInfo {
            opposition: opposition.id(),
            at: opposition.at().seconds(),
            until: opposition.until().seconds(),
            along,
            channel: opposition.channel(),
            from_list: opposition.origin() == Origin::List,
        }
    });
    let meant = |siren: Siren| viewer.is_none_or(|viewer| viewer == siren);
    let oppositions = oppositions.filter(|one| one.along.is_none_or(meant)).collect();
    let restricted = person.facts.iter().any(|(siren, fact)| meant(*siren) && fact.restricted);
    ConsentHistory { events, oppositions, restricted }
}

/// A decision in the words of the API.
#[must_use]
pub fn told(rules: &Rules, decision: Decision) -> DecisionInfo {
    let (allowed, why, rule, record, opposition) = match decision {
        Decision::Allowed(ground) => (true, None, Some(ground.rule), ground.record, None),
        Decision::Denied(denial) => {
            let why = Some(denial.why.code().to_owned());
            (false, why, denial.rule, denial.record, denial.opposition)
        }
    };
    let rule = rule.and_then(|index| rules.rule(index));
    DecisionInfo {
        allowed,
        why,
        rule: rule.map(|rule| rule.id().to_owned()),
        article: rule.map(|rule| rule.article().to_owned()),
        record,
        opposition,
    }
}
