//! What is known about persons, for decisions: histories are read by token in sorted order over one
//! consistent view, put together once a person, and handed to whoever asks. Nothing is decided here.

use std::cell::RefCell;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use tiers_contact::{Token, labels};
use tiers_protocol::consent::{Purpose, Siren, State};
use tiers_protocol::ids::RecordId;

use super::super::{Certifier, ServiceError};
use super::id_at;
use crate::consent::{Decision, Question, decide};
use crate::consent::{
    Event, Known, Opposition, Origin, Proof, Reach, Recipients, Rules, Scope, Subject,
};
use crate::crypto::chain::VaultToken;
use crate::store::consent::{EventRow, Fact, PLACES, StoredForm};
use crate::store::opposition::OppositionBatch;
use crate::store::{StoreError, Tx};
use crate::time::Moment;

/// What is known about one person.
#[derive(Default)]
pub struct Person {
    /// Events of all chains.
    pub events: Vec<Event>,
    /// Oppositions.
    pub oppositions: Vec<Opposition>,
    /// What companies have said.
    pub facts: Vec<(Siren, Fact)>,
    /// Which event of the database each of `events` is, and on which form.
    pub(super) numbers: Vec<(u64, u64)>,
}

impl Person {
    /// The facts that a decision about `sender` and `recipient` asks for.
    #[must_use]
    pub fn known(&self, sender: Siren, recipient: Siren) -> Known {
        let own = self.facts.iter().find(|(siren, _)| *siren == sender).map(|(_, fact)| *fact);
        let own = own.unwrap_or_default();
        let meant = |siren: &Siren| *siren == sender || *siren == recipient;
        // Whoever answered a form of the sender was shown its notice.
        let answers = [State::Given, State::Reconfirmed, State::Refused];
        let answered =
            |event: &&Event| event.controller() == sender && answers.contains(&event.state());
        let shown = self.events.iter().filter(answered).map(Event::at);
        let informed_at = shown.chain(own.informed_at).min();
        Known {
            informed_at,
            collected_by: own.collected_by,
            last_contact: own.last_contact,
            restricted: self.facts.iter().any(|(siren, fact)| meant(siren) && fact.restricted),
        }
    }
}

/// What the rows of the database mean: forms, batches of oppositions, suspended collectors.
pub struct People {
    forms: HashMap<u64, Facts>,
    /// Batches of oppositions as they are met.
    oppositions: RefCell<HashMap<u64, OppositionBatch>>,
    /// How the ids of the records of batches begin, as they are met: each costs a digest.
    prefixes: RefCell<HashMap<u64, [u8; 12]>>,
    suspended: Vec<Siren>,
}

/// What a form says of each of its events.
struct Facts {
    controllers: Vec<Siren>,
    collector: Siren,
    recipients: Option<Recipients>,
    form: StoredForm,
}

impl Facts {
    fn of(form: StoredForm) -> Self {
        let ids = |parties: &[tiers_protocol::consent::RecordParty]| -> Vec<Siren> {
            parties.iter().map(|one| one.id).collect()
        };
        let controllers = ids(&form.form.controllers);
        let mut named = ids(&form.form.recipients);
        if form.form.purpose != Purpose::Transmission {
            // A company that uses a contact itself is its own recipient.
            named.extend(&controllers);
        }
        Self {
            controllers,
            collector: form.form.gdpr.collector,
            recipients: Recipients::freeze(named).ok(),
            form,
        }
    }
}

impl People {
    /// As they stand in this transaction.
    pub(in crate::service) fn of(tx: &Tx<'_>) -> Result<Self, ServiceError> {
        let forms = tx.forms()?.into_iter().map(|form| (form.number, Facts::of(form))).collect();
        let suspended = tx.suspended()?;
        let (oppositions, prefixes) = Default::default();
        Ok(Self { forms, oppositions, prefixes, suspended })
    }

    /// The collectors that are suspended.
    #[must_use]
    pub fn suspended(&self) -> &[Siren] {
        &self.suspended
    }

    pub(super) fn form(&self, number: u64) -> Option<&StoredForm> {
        self.forms.get(&number).map(|facts| &facts.form)
    }

    /// Everything known under the tokens of one person.
    pub(in crate::service) fn person(
        &self,
        certifier: &Certifier,
        tx: &Tx<'_>,
        tokens: &[VaultToken],
    ) -> Result<Person, ServiceError> {
        let (mut rows, mut objections) = (Vec::new(), Vec::new());
        let mut person = Person::default();
        for token in tokens {
            tx.events_of(token, &mut rows)?;
            tx.oppositions_of(token, &mut objections)?;
            tx.facts_of(token, &mut person.facts)?;
        }
        // An event under two tokens of the person is one event.
        rows.sort_unstable_by_key(|row| row.number);
        rows.dedup_by_key(|row| row.number);
        objections.sort_unstable();
        objections.dedup();
        for row in &rows {
            self.add_event(certifier, row, &mut person)?;
        }
        for (number, at) in objections {
            let found = self.opposition(certifier, tx, (number, at))?;
            person.oppositions.push(found);
        }
        Ok(person)
    }

    fn add_event(
        &self,
        certifier: &Certifier,
        row: &EventRow,
        person: &mut Person,
    ) -> Result<(), StoreError> {
        let wrong = || StoreError::Corrupt { column: "consent_event" };
        let facts = self.forms.get(&row.form).ok_or_else(wrong)?;
        let (state, proof, all) = unflags(row.flags).ok_or_else(wrong)?;
        let at = Moment::from_seconds(row.at).ok_or_else(wrong)?;
        let reach = match (&facts.recipients, all) {
            (_, true) => Reach::All,
            (Some(recipients), false) => Reach::Named(recipients.clone()),
            (None, false) => return Err(wrong()),
        };
        let form = &facts.form.form;
        let record = self.record(certifier, row.number);
        for controller in &facts.controllers {
            let event = Event::new(
                (record, at, state),
                (*controller, form.purpose, form.channel),
                reach.clone(),
            );
            let event = event.and_then(|event| event.valid_for(form.validity_months));
            let event = event.map_err(|_| wrong())?.collected_by(facts.collector).with_proof(proof);
            person.events.push(event);
            person.numbers.push((row.number, row.form));
        }
        Ok(())
    }

    /// The id of the record that an event made.
    fn record(&self, certifier: &Certifier, number: u64) -> RecordId {
        let batch = number / PLACES;
        let mut prefixes = self.prefixes.borrow_mut();
        let prefix = prefixes
            .entry(batch)
            .or_insert_with(|| certifier.prefix(labels::CONSENT_PREFIX, batch));
        RecordId::from_bytes(id_at(prefix, number % PLACES))
    }

    fn opposition(
        &self,
        certifier: &Certifier,
        tx: &Tx<'_>,
        (number, at): (u64, i64),
    ) -> Result<Opposition, StoreError> {
        let wrong = || StoreError::Corrupt { column: "opposition" };
        let mut met = self.oppositions.borrow_mut();
        let batch = match met.entry(number / PLACES) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                place.insert(tx.opposition_batch(number / PLACES)?.ok_or_else(wrong)?)
            }
        };
        let at = Moment::from_seconds(at).ok_or_else(wrong)?;
        let scope = batch.along.map_or(Scope::Everywhere, Scope::Along);
        let origin = if batch.from_list { Origin::List } else { Origin::Person };
        let id = certifier.opposition_id(number);
        Opposition::new((id, at, batch.until), scope, batch.channel, origin).map_err(|_| wrong())
    }
}

impl Certifier {
    /// Decides for many persons at once, each by its tokens: at one instant, over one view of the
    /// database. `question.suspended` is what the certifier knows. Tokens are read in their order at
    /// rest, whatever the order of the persons, so that a million take seconds; `each` gets the place of
    /// the person and the answer, in that order.
    ///
    /// # Errors
    /// [`ServiceError`], or that of `each`.
    pub fn decide_each(
        &self,
        rules: &Rules,
        persons: &[Vec<Token>],
        question: &Question<'_>,
        mut each: impl FnMut(usize, Decision) -> Result<(), ServiceError>,
    ) -> Result<(), ServiceError> {
        let chain = self.keyring.rights.chain();
        let rekey = |tokens: &Vec<Token>| tokens.iter().map(|token| chain.rekey(token)).collect();
        let mut order: Vec<(Vec<VaultToken>, usize)> =
            persons.iter().map(rekey).zip(0..persons.len()).collect();
        order.sort_unstable();
        self.db.read("decide", |tx| {
            let people = People::of(tx)?;
            let question = Question { suspended: people.suspended(), ..*question };
            for (tokens, place) in &order {
                let person = people.person(self, tx, tokens)?;
                each(*place, answer(rules, &person, &question))?;
            }
            Ok(())
        })
    }
}

/// Decides for one person.
pub(super) fn answer(rules: &Rules, person: &Person, question: &Question<'_>) -> Decision {
    let subject = Subject {
        events: &person.events,
        oppositions: &person.oppositions,
        known: person.known(question.sender, question.recipient),
    };
    decide(rules, &subject, question)
}

/// The row's form of state and marks.
pub(super) fn flags(state: State, proof: Proof, all: bool) -> u8 {
    let place = State::ALL.iter().position(|one| *one == state).unwrap_or_default();
    let place = u8::try_from(place).expect("eight states");
    place | u8::from(proof == Proof::Proven) << 3 | u8::from(all) << 4
}

/// The other way.
pub(super) fn unflags(flags: u8) -> Option<(State, Proof, bool)> {
    let state = *State::ALL.get(usize::from(flags & 7))?;
    let proof = if flags & 8 == 0 { Proof::Unproven } else { Proof::Proven };
    (flags < 32).then_some((state, proof, flags & 16 != 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_read_back_and_no_two_are_alike() {
        let mut seen = std::collections::BTreeSet::new();
        for state in State::ALL {
            for proof in [Proof::Proven, Proof::Unproven] {
                for all in [false, true] {
                    let flags = flags(*state, proof, all);
                    assert_eq!(unflags(flags), Some((*state, proof, all)));
                    assert!(seen.insert(flags));
                }
            }
        }
        assert_eq!(unflags(32), None);
    }
}
