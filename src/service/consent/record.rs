//! Records events of consent: one batch, one transaction, one entry that commits to the root of salted
//! leaves. The same events sent again are found by their keyed digest and recorded once.

use tiers_contact::labels;
use tiers_protocol::consent::proof::RecordedBatch;
use tiers_protocol::consent::wire::{NewConsents, NewEvent, Quarantined, RecordedConsents};
use tiers_protocol::consent::{Evidence, Method, State};
use tiers_protocol::encoding::{Bytes, encode, sha256};
use tiers_protocol::ids::FormId;
use tiers_protocol::seal::open_secret;
use tiers_protocol::tlog::EntryType;

use super::super::{Certifier, Refusal, ServiceError, act};
use super::batch::{Line, Packed, line, pack};
use super::form::own_form;
use super::people::flags;
use super::proof::{leaves, root_of};
use crate::consent::Proof;
use crate::crypto::chain::VaultToken;
use crate::limits;
use crate::store::consent::{ConsentBatch, EventRow, PLACES, StoredForm};
use crate::store::credential::Caller;
use crate::store::{StoreError, Tx};

/// Events that are ready to be written.
pub(super) struct Prepared {
    digest: [u8; 16],
    salt: [u8; 32],
    root: Bytes<32>,
    /// Token, place, instant and flags of each row.
    rows: Vec<(VaultToken, u64, i64, u8)>,
    packed: Vec<u8>,
    /// Tokens of those whose choice ended.
    ended: Vec<VaultToken>,
    count: u64,
}

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
        let form = self.db.read("read form", |tx| own_form(tx, caller, &new.form))?;
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
        self.publish()?;
        let links = (0..prepared.count).map(|place| self.link(batch * PLACES + place)).collect();
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
        let mut quarantined = Vec::new();
        let mut packed = Vec::with_capacity(events.len());
        let method = form.form.method();
        for (place, event) in (0_u32..).zip(events) {
            let tokens = self.person(&event.tokens)?;
            let past = (limits::CONSENT_FROM..=self.now().seconds()).contains(&event.at);
            if !past || (event.state.permits() && event.all_recipients) {
                return Err(Refusal::BadConsents.into());
            }
            let lack = lack(method, event);
            if let Some(code) = lack {
                quarantined.push(Quarantined { event: place, code: code.to_owned() });
            }
            let event = Packed {
                tokens: tokens.iter().map(|token| Bytes::new(*token.as_bytes())).collect(),
                at: event.at,
                state: event.state,
                entity: event.entity,
                evidence: event.evidence.as_ref().map(|evidence| self.at_rest(evidence)),
                all: event.all_recipients,
            };
            packed.push((event, lack.is_none()));
        }
        Ok((self.pack(&form.id, &packed, b""), quarantined))
    }

    /// Makes rows, leaves and the packed part of events; the mark says whether there is evidence. What
    /// needs no database is done here, before the transaction. `by` tells apart who said the same.
    pub(super) fn pack(&self, form: &FormId, events: &[(Packed, bool)], by: &[u8]) -> Prepared {
        let count = events.len() as u64;
        let mut rows = Vec::with_capacity(events.len());
        let (mut lines, mut ended) = (Vec::new(), Vec::new());
        for (place, (event, shown)) in (0_u64..).zip(events) {
            let proof = if *shown { Proof::Proven } else { Proof::Unproven };
            let flags = flags(event.state, proof, event.all);
            let tokens = event.tokens.iter();
            let tokens: Vec<_> =
                tokens.map(|token| VaultToken::from_bytes(*token.as_bytes())).collect();
            rows.extend(tokens.iter().map(|token| (*token, place, event.at, flags)));
            if !event.state.permits() && event.state != State::Requested {
                ended.extend(tokens);
            }
            serde_json::to_writer(&mut lines, event).expect("memory takes all bytes");
            lines.push(b'\n');
        }
        rows.sort_unstable_by_key(|(token, place, ..)| (*token, *place));
        let whole = [form.to_string().as_bytes(), b"\n", &lines, by].concat();
        let digest = self.keyring.rights.digest(labels::RIGHTS_BATCH, sha256(&whole).as_bytes());
        let salt: [u8; 32] = self.bytes();
        let root = root_of(leaves(&salt, events.iter().map(|(event, _)| event)));
        Prepared { digest, salt, root, rows, packed: pack(&lines), ended, count }
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

    /// The word of a withdrawal link: the id of the record, and what only the certifier can make of it.
    pub(super) fn link(&self, number: u64) -> String {
        let id = self.id_of(labels::CONSENT_PREFIX, number);
        encode(&[id, self.keyring.rights.digest(labels::WITHDRAWAL_LINK, &id)].concat())
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
