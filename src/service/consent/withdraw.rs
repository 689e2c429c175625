//! Withdrawal by the person: the secret word of a link is all it takes, no account, no key, one click. The
//! choice ends for every recipient of its form; all parties of the chain are told and acknowledge.

use std::collections::BTreeSet;

use tiers_contact::labels;
use tiers_protocol::consent::{Channel, Language, Siren, State};
use tiers_protocol::encoding::{Bytes, decode};
use tiers_protocol::ids::{PartyId, RecordId};
use tiers_protocol::tlog::LeafType;

use subtle::ConstantTimeEq as _;

use super::super::{Certifier, Refusal, ServiceError};
use super::batch::Packed;
use super::people::unflags;
use super::read::Found;
use crate::consent::page::Choice;
use crate::crypto::chain::VaultToken;
use crate::store::Tx;
use crate::store::consent::{EventRow, StoredForm};

impl Certifier {
    /// What the page of a link says.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for a word that is none.
    pub fn withdrawal(&self, word: &str) -> Result<(Choice, Language), ServiceError> {
        let record = self.record_of(word)?;
        self.db.read("read withdrawal", |tx| {
            let found = self.found(tx, &record)?.ok_or(Refusal::NotFound)?;
            let withdrawn = is_over(tx, &found)?;
            Ok((choice(&found.form, withdrawn), found.form.form.language))
        })
    }

    /// Takes the choice of a link back; once is enough, twice is the same. It counts at once, and enters the
    /// ledger with the tick.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for a word that is none.
    pub fn withdraw(&self, word: &str) -> Result<(Choice, Language), ServiceError> {
        let record = self.record_of(word)?;
        self.db.write("withdraw", |tx| {
            let found = self.found(tx, &record)?.ok_or(Refusal::NotFound)?;
            let told = (choice(&found.form, true), found.form.form.language);
            if is_over(tx, &found)? {
                return Ok::<_, ServiceError>(told);
            }
            let bytes = |token: &VaultToken| Bytes::new(*token.as_bytes());
            let event = Packed {
                tokens: found.tokens.iter().map(bytes).collect(),
                at: self.now().seconds(),
                state: State::Withdrawn,
                entity: None,
                evidence: None,
                all: false,
            };
            let prepared = self.pack(&found.form.id, &[(event, true)], b"person");
            let number = tx.next_consent_batch()?;
            let batch = self.batch_of(number, &found.form, &prepared);
            let leaf = self.at_tick(tx, LeafType::Withdrawal, &batch)?;
            self.store_events(tx, number, (None, Some(leaf)), &found.form, &prepared)?;
            self.tell_ended(tx, "consent.ended", &found.form, &found.tokens, None)?;
            Ok(told)
        })
    }

    /// The record of a link's word.
    fn record_of(&self, word: &str) -> Result<RecordId, Refusal> {
        let bytes: [u8; 32] =
            decode(word).and_then(|bytes| bytes.try_into().ok()).ok_or(Refusal::NotFound)?;
        let (id, mac) = bytes.split_first_chunk::<16>().expect("half of 32 bytes");
        let right = self.keyring.rights.digest(labels::WITHDRAWAL_LINK, id);
        if bool::from(right.ct_eq(mac)) {
            Ok(RecordId::from_bytes(*id))
        } else {
            Err(Refusal::NotFound)
        }
    }

    /// Tells every party of a chain that the choice of a person ended, or what else it has to follow: by
    /// the ids of the records under which its contact was handed on.
    pub(in crate::service) fn tell_ended(
        &self,
        tx: &Tx<'_>,
        kind: &str,
        form: &StoredForm,
        tokens: &[VaultToken],
        except: Option<PartyId>,
    ) -> Result<(), ServiceError> {
        self.tell_of(tx, kind, (form, tokens), (&parties(form), except))
    }

    /// Tells of a person's objection along each chain that it meets: where it was made to a recipient, the
    /// other recipients go on. One notice for each form, however many objected.
    pub(super) fn tell_objected(
        &self,
        tx: &Tx<'_>,
        (along, channel): (Option<Siren>, Option<Channel>),
        tokens: &[VaultToken],
        except: Option<PartyId>,
    ) -> Result<(), ServiceError> {
        let mut rows = Vec::new();
        for token in tokens {
            tx.events_of(token, &mut rows)?;
        }
        let met: BTreeSet<u64> = rows.iter().map(|row| row.form).collect();
        for form in tx.forms()? {
            let by_means = channel.is_none_or(|channel| channel == form.form.channel);
            if !met.contains(&form.number) || !by_means {
                continue;
            }
            let told = match along {
                None => parties(&form),
                Some(along) if sources(&form).contains(&along) => parties(&form),
                Some(along) if parties(&form).contains(&along) => sources(&form),
                Some(_) => continue,
            };
            self.tell_of(tx, "person.objected", (&form, tokens), (&told, except))?;
        }
        Ok(())
    }

    fn tell_of(
        &self,
        tx: &Tx<'_>,
        kind: &str,
        (form, tokens): (&StoredForm, &[VaultToken]),
        (told, except): (&[Siren], Option<PartyId>),
    ) -> Result<(), ServiceError> {
        let mut rows = rows_of(tx, form, tokens)?;
        rows.retain(|row| unflags(row.flags).is_some_and(|(state, ..)| state.permits()));
        let records: Vec<RecordId> = rows.iter().map(|row| self.record_id(row.number)).collect();
        if records.is_empty() {
            return Ok(());
        }
        let document = serde_json::json!({ "form": form.id, "records": records });
        self.tell(tx, told, except, (kind, &document))
    }
}

/// The events of a person on a form, in the order in which they came.
fn rows_of(
    tx: &Tx<'_>,
    form: &StoredForm,
    tokens: &[VaultToken],
) -> Result<Vec<EventRow>, ServiceError> {
    let mut rows = Vec::new();
    for token in tokens {
        tx.events_of(token, &mut rows)?;
    }
    rows.retain(|row| row.form == form.number);
    rows.sort_unstable_by_key(|row| row.number);
    rows.dedup_by_key(|row| row.number);
    Ok(rows)
}

/// Whether the last event of the choice permits nothing.
fn is_over(tx: &Tx<'_>, found: &Found) -> Result<bool, ServiceError> {
    let rows = rows_of(tx, &found.form, &found.tokens)?;
    let permits = |row: &EventRow| unflags(row.flags).is_some_and(|(state, ..)| state.permits());
    let last = rows.iter().max_by_key(|row| (row.at, !permits(row), row.number));
    Ok(last.is_some_and(|row| !permits(row)))
}

/// Every company of a form.
fn parties(form: &StoredForm) -> Vec<Siren> {
    let recipients = form.form.recipients.iter().map(|party| party.id);
    sources(form).into_iter().chain(recipients).collect()
}

/// The companies that a contact comes from by a form.
pub(in crate::service) fn sources(form: &StoredForm) -> Vec<Siren> {
    let controllers = form.form.controllers.iter().map(|party| party.id);
    controllers.chain([form.form.gdpr.collector]).collect()
}

fn choice(form: &StoredForm, withdrawn: bool) -> Choice {
    let names = |parties: &[tiers_protocol::consent::RecordParty]| -> Vec<String> {
        parties.iter().map(|party| party.name.clone()).collect()
    };
    Choice {
        controllers: names(&form.form.controllers),
        recipients: names(&form.form.recipients),
        purpose: form.form.purpose,
        channel: form.form.channel,
        withdrawn,
    }
}
