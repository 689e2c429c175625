//! Records events of consent: one batch, one transaction, one entry that commits to the root of salted
//! leaves. The same events sent again are found by their keyed digest and recorded once.

use std::panic::resume_unwind;
use std::thread;

use tiers_contact::labels;
use tiers_protocol::consent::proof::RecordedBatch;
use tiers_protocol::consent::wire::{NewConsents, NewEvent, Quarantined, RecordedConsents};
use tiers_protocol::consent::{Evidence, Method};
use tiers_protocol::encoding::{Bytes, encode, sha256};
use tiers_protocol::seal::open_secret;
use tiers_protocol::tlog::EntryType;

use super::super::{Certifier, Refusal, ServiceError, act};
use super::batch::{Line, Packed, line};
use super::id_at;
use super::prepared::{PART, Prepared};
use crate::limits;
use crate::parallel::in_parts_from;
use crate::store::consent::{ConsentBatch, EventRow, PLACES, StoredForm};
use crate::store::credential::Caller;
use crate::store::{StoreError, Tx};

impl Certifier {
    /// Records events on a form of the calling company.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for the form, [`Refusal::BadConsents`], [`Refusal::BadRightsTokens`].
    pub fn record_consents(
        &self,
        caller: &Caller,
        new: &NewConsents,
    ) -> Result<RecordedConsents, ServiceError> {
        let form = self.db.read("read form", |tx| self.own_form(tx, caller, &new.form))?;
        let (prepared, quarantined) = self.prepare(&form, &new.events)?;
        let (batch, entry, repeated) = self.db.write("record consents", |tx| {
            if let Some(old) = tx.consent_batch_by_digest(&prepared.digest)? {
                let wrong = StoreError::Corrupt { column: "consent_batch.entry" };
                let entry = old.entry.ok_or(wrong)?;
                return Ok::<_, ServiceError>((old.number, entry, true));
            }
            let id = new.form.to_string();
            let act = act::by(caller.actor, EntryType::ConsentRecorded, &id);
            let number = tx.next_consent_batch()?;
            let recorded = self.batch_of(number, &form, &prepared);
            let entry = act.record(tx, self, &recorded)?.index;
            self.store_events(tx, number, (Some(entry), None), &form, &prepared)?;
            // One notice for the whole batch, however many choices ended with it.
            self.tell_ended(tx, "consent.ended", &form, &prepared.ended, caller.party)?;
            Ok((number, entry, false))
        })?;
        let links = thread::scope(|scope| {
            // The words of the links are made while the entry reaches the disk of the ledger.
            let links = scope.spawn(|| self.links(batch, prepared.count));
            let published = self.publish();
            let links = links.join().unwrap_or_else(|panic| resume_unwind(panic));
            published.map(|()| links)
        })?;
        Ok(RecordedConsents { links, quarantined, entry, repeated })
    }

    /// What the ledger commits to of prepared events.
    pub(super) fn batch_of(
        &self,
        number: u64,
        form: &StoredForm,
        prepared: &Prepared,
    ) -> RecordedBatch {
        let batch = Bytes::new(self.prefix(labels::CONSENT_PREFIX, number));
        RecordedBatch { batch, events: prepared.count, form: form.id, root: prepared.root }
    }

    /// Writes prepared events as the batch of this number, with its entry or the leaf of its tick.
    pub(super) fn store_events(
        &self,
        tx: &Tx<'_>,
        number: u64,
        (entry, leaf): (Option<u64>, Option<u64>),
        form: &StoredForm,
        prepared: &Prepared,
    ) -> Result<(), ServiceError> {
        let prefix = self.prefix(labels::CONSENT_PREFIX, number);
        tx.insert_consent_batch(&ConsentBatch {
            number,
            form: form.number,
            prefix,
            digest: prepared.digest,
            events: prepared.count,
            evidence: self.seal_packed(&prefix, &prepared.packed),
            recorded_at: self.now(),
            entry,
            leaf,
            salt: prepared.salt,
        })?;
        let rows: Vec<_> = prepared
            .rows
            .iter()
            .map(|(token, place, at, flags)| {
                let number = number * PLACES + place;
                (*token, EventRow { number, form: form.number, at: *at, flags: *flags })
            })
            .collect();
        Ok(tx.insert_events(rows.iter())?)
    }

    /// The same, sealed to the certifier, so that nobody on the way sees a token.
    ///
    /// # Errors
    /// As [`Self::record_consents`]; [`Refusal::Malformed`].
    pub fn record_sealed_consents(
        &self,
        caller: &Caller,
        sealed: &[u8],
    ) -> Result<RecordedConsents, ServiceError> {
        let new: NewConsents = self.open_sealed(caller, sealed)?;
        self.record_consents(caller, &new)
    }

    /// Opens a document that a party sealed to the certifier.
    pub(super) fn open_sealed<T: serde::de::DeserializeOwned>(
        &self,
        caller: &Caller,
        sealed: &[u8],
    ) -> Result<T, ServiceError> {
        let party = caller.party.ok_or(Refusal::Forbidden)?;
        let info = tiers_protocol::consent::wire::batch_info(&party);
        let plain = open_secret(&self.keyring.sealing, &info, sealed);
        let plain = plain.map_err(|_| Refusal::Malformed)?;
        serde_json::from_slice(&plain).map_err(|_| Refusal::Malformed.into())
    }

    fn prepare(
        &self,
        form: &StoredForm,
        events: &[NewEvent],
    ) -> Result<(Prepared, Vec<Quarantined>), ServiceError> {
        if events.is_empty() || events.len() > limits::CONSENT_EVENTS {
            return Err(Refusal::BadConsents.into());
        }
        let (method, now) = (form.form.method(), self.now().seconds());
        let parts = in_parts_from(PART, events.len(), |range| {
            events[range]
                .iter()
                .map(|event| self.taken(event, method, now))
                .collect::<Result<Vec<_>, _>>()
        });
        let (mut packed, mut quarantined) = (Vec::with_capacity(events.len()), Vec::new());
        let taken = parts.into_iter().collect::<Result<Vec<_>, Refusal>>()?;
        for (place, (event, lack)) in (0_u32..).zip(taken.into_iter().flatten()) {
            if let Some(code) = lack {
                quarantined.push(Quarantined { event: place, code: code.to_owned() });
            }
            packed.push((event, lack.is_none()));
        }
        Ok((self.pack(&form.id, &packed, b""), quarantined))
    }

    /// An event as it will lie here, and what its evidence lacks.
    fn taken(
        &self,
        event: &NewEvent,
        method: Method,
        now: i64,
    ) -> Result<(Packed, Option<&'static str>), Refusal> {
        let tokens = self.person(&event.tokens)?;
        let past = (limits::CONSENT_FROM..=now).contains(&event.at);
        if !past || (event.state.permits() && event.all_recipients) {
            return Err(Refusal::BadConsents);
        }
        let packed = Packed {
            tokens: tokens.iter().map(|token| Bytes::new(*token.as_bytes())).collect(),
            at: event.at,
            state: event.state,
            entity: event.entity,
            evidence: event.evidence.as_ref().map(|evidence| self.at_rest(evidence)),
            all: event.all_recipients,
        };
        Ok((packed, lack(method, event)))
    }

    /// Evidence without the token of the number that was called.
    fn at_rest(&self, evidence: &Evidence) -> Evidence {
        let mut evidence = evidence.clone();
        if let Evidence::Call { number: Some(number), .. } = &mut evidence {
            let short = self.keyring.rights.digest(labels::CONSENT_NUMBER, number.as_bytes());
            *number = sha256(&short);
        }
        evidence
    }

    /// The words of the withdrawal links of a whole batch, in the order of its places.
    fn links(&self, batch: u64, count: u64) -> Vec<String> {
        let prefix = self.prefix(labels::CONSENT_PREFIX, batch);
        (0..count).map(|place| self.link_of(&id_at(&prefix, place))).collect()
    }

    /// The word of a withdrawal link: the id of the record, and what only the certifier can make of it.
    fn link_of(&self, id: &[u8; 16]) -> String {
        encode(&[*id, self.keyring.rights.digest(labels::WITHDRAWAL_LINK, id)].concat())
    }

    /// One event of a batch, as it was recorded.
    pub(super) fn packed(&self, batch: &ConsentBatch, place: u64) -> Result<Line, ServiceError> {
        let lines = self.open_lines(&batch.prefix, &batch.evidence)?;
        Ok(line(&lines, place)?)
    }
}

/// What the evidence of an agreement lacks; a no needs none.
fn lack(method: Method, event: &NewEvent) -> Option<&'static str> {
    if !event.state.permits() {
        return None;
    }
    let Some(evidence) = &event.evidence else { return Some("evidence.none") };
    evidence.shows(method).err().map(tiers_protocol::consent::Lack::code)
}
