//! The end of proofs of consent: when a choice is over, its proof leaves the active base for the archive, and the
//! archive five years after. What a decision reads of it stays until then, so that a no never stops to count
//! because its proof was archived (`docs/decisions/0054-proofs-of-consent-end.md`).

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::Ordering;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tiers_contact::labels;
use tiers_protocol::consent::Siren;
use tiers_protocol::consent::proof::ProvenEvent;
use tiers_protocol::encoding::{Bytes, decode, encode};
use tiers_protocol::ids::RecordId;
use tiers_protocol::tlog::{EntryType, Salted};
use zeroize::Zeroizing;

use super::super::faults::FaultPoint;
use super::super::{Certifier, ServiceError, act};
use super::batch::{Gone, Line};
use super::people::unflags;
use super::proof::{leaf_salt, proven};
use crate::consent::{legal_day, months_after};
use crate::crypto::chain::VaultToken;
use crate::governance::retention::{Object, RetentionPolicy, Rule};
use crate::store::archive::Archived;
use crate::store::consent::{ConsentBatch, EventRow, PLACES};
use crate::store::{StoreError, Tx};
use crate::time::Moment;

/// Things that are taken to the archive at a time, so that a large batch does not lie in memory twice.
const AT_A_TIME: usize = 10_000;

/// Whether persons are found in the archive by their tokens.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Persons {
    Found,
    Erased,
}

/// What the archive keeps of an event, sealed under a key of the rights vault.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed {
    event: ProvenEvent,
    salt: Bytes<32>,
}

/// What it is found by, in the clear.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    form: String,
    recorded_at: String,
    sealed: String,
}

/// How long forms hold, and whose they are.
struct Forms(HashMap<u64, (u32, Vec<Siren>)>);

impl Forms {
    fn of(tx: &Tx<'_>) -> Result<Self, StoreError> {
        let of = |form: crate::store::consent::StoredForm| {
            let controllers = form.form.controllers.iter().map(|one| one.id).collect();
            (form.number, (form.form.validity_months, controllers))
        };
        Ok(Self(tx.forms()?.into_iter().map(of).collect()))
    }

    /// The day on which the choice of a token on a form is over: that of the last no, or the end of the term
    /// of the last yes, counted from when the person was last heard of.
    fn over(&self, tx: &Tx<'_>, token: &VaultToken, rows: &[EventRow]) -> Result<Date, StoreError> {
        const COLUMN: StoreError = StoreError::Corrupt { column: "consent_event" };

        let permits =
            |row: &EventRow| unflags(row.flags).is_some_and(|(state, ..)| state.permits());
        let last = rows.iter().max_by_key(|row| (row.at, !permits(row), row.number));
        let last = last.ok_or(COLUMN)?;
        let at = Moment::from_seconds(last.at).ok_or(COLUMN)?;
        if !permits(last) {
            return Ok(legal_day(at));
        }
        let (months, controllers) = self.0.get(&last.form).ok_or(COLUMN)?;
        let mut facts = Vec::new();
        tx.facts_of(token, &mut facts)?;
        let heard = facts.into_iter().filter(|(siren, _)| controllers.contains(siren));
        let heard = heard.filter_map(|(_, fact)| fact.last_contact).max();
        Ok(months_after(legal_day(heard.map_or(at, |heard| heard.max(at))), *months))
    }
}

impl Certifier {
    /// The batches whose proofs are here, with the first day on which a choice in them is over.
    pub(in crate::service) fn consent_ends(
        &self,
        tx: &Tx<'_>,
    ) -> Result<BTreeMap<[u8; 12], (u64, Date)>, StoreError> {
        let forms = Forms::of(tx)?;
        let mut ends: BTreeMap<u64, Date> = BTreeMap::new();
        let mut of: Option<VaultToken> = None;
        let mut rows: Vec<(EventRow, bool)> = Vec::new();
        let mut close = |token: Option<VaultToken>, rows: &mut Vec<(EventRow, bool)>| {
            let Some(token) = token else { return Ok(()) };
            rows.sort_unstable_by_key(|(row, _)| row.form);
            for choice in rows.chunk_by(|(a, _), (b, _)| a.form == b.form) {
                if !choice.iter().any(|(_, here)| *here) {
                    continue;
                }
                let all: Vec<EventRow> = choice.iter().map(|(row, _)| *row).collect();
                let end = forms.over(tx, &token, &all)?;
                for (row, _) in choice.iter().filter(|(_, here)| *here) {
                    let first = ends.entry(row.number / PLACES).or_insert(end);
                    *first = end.min(*first);
                }
            }
            rows.clear();
            Ok::<_, StoreError>(())
        };
        tx.each_event(|token, row, here| {
            if of != Some(token) {
                close(of.replace(token), &mut rows)?;
            }
            rows.push((row, here));
            Ok::<_, StoreError>(())
        })?;
        close(of, &mut rows)?;
        let named = |(number, end)| (self.prefix(labels::CONSENT_PREFIX, number), (number, end));
        Ok(ends.into_iter().map(named).collect())
    }

    /// Takes the proofs of choices that are over to the archive, a batch at a time; how many.
    pub(in crate::service) fn archive_consents(&self) -> Result<usize, ServiceError> {
        let (today, policy) = (self.now().date(), RetentionPolicy::france());
        let rule = policy.rule(Object::ConsentProofs);
        let over = |end: Date| rule.dates(end).active_until < today;
        let ends = self.db.read("look for choices", |tx| self.consent_ends(tx))?;
        let mut archived = 0;
        for (number, _) in ends.into_values().filter(|(_, end)| over(*end)) {
            archived += self.db.write("archive consents", |tx| {
                let Some(batch) = tx.consent_batch(number)? else { return Ok(0) };
                let ended = self.ended(tx, &batch, &over)?;
                if ended.is_empty() {
                    return Ok::<_, ServiceError>(0);
                }
                self.move_proofs(tx, &batch, &ended, Persons::Found)?;
                self.faults.reach(FaultPoint::Archived)?;
                let moved = serde_json::json!([{
                    "count": ended.len(), "id": Bytes::new(batch.prefix),
                    "object": Object::ConsentProofs.as_str(),
                }]);
                let detail = serde_json::json!({
                    "policy": format!("{} {}", policy.name, policy.version),
                    "archived": moved, "deleted": [],
                });
                let id = self.new_act().to_string();
                act::by_certifier(self, EntryType::RetentionExecuted, &id)
                    .record(tx, self, &detail)?;
                Ok(ended.len())
            })?;
        }
        Ok(archived)
    }

    /// The same once a day, with what else of persons is idle: every row is looked at.
    pub(in crate::service) fn end_consents(&self) -> Result<(), ServiceError> {
        let today = i64::try_from(self.now().day_number()).unwrap_or(i64::MAX);
        if self.ended_on.load(Ordering::Relaxed) < today {
            self.archive_consents()?;
            self.forget_idle()?;
            self.ended_on.store(today, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Deletes what is beside proofs and has served its term: what companies said of persons under whose tokens
    /// nothing is held, notices, forms of which nothing is left; how much.
    pub(in crate::service) fn forget_idle(&self) -> Result<usize, ServiceError> {
        let policy = RetentionPolicy::france();
        let before = |object| self.first_kept(policy.rule(object));
        let [facts, notices, forms] =
            [Object::RightsTokens, Object::Notices, Object::ConsentProofs].map(before);
        self.db.write("forget idle", |tx| {
            let mut gone = vec![
                (Object::RightsTokens, tx.forget_idle_facts(facts)?),
                (Object::Notices, tx.forget_notices(notices)?),
            ];
            let forms = tx.forget_forms(forms)?;
            for (_, entry) in &forms {
                tx.forget_detail(*entry)?;
            }
            gone.push((Object::ConsentProofs, forms.len()));
            gone.retain(|(_, count)| *count > 0);
            if gone.is_empty() {
                return Ok(0);
            }
            let deleted = gone.iter().map(
                |(object, count)| serde_json::json!({ "count": count, "object": object.as_str() }),
            );
            let detail = serde_json::json!({
                "policy": format!("{} {}", policy.name, policy.version),
                "archived": [], "deleted": deleted.collect::<Vec<_>>(),
            });
            let id = self.new_act().to_string();
            act::by_certifier(self, EntryType::RetentionExecuted, &id).record(tx, self, &detail)?;
            Ok::<_, ServiceError>(gone.iter().map(|(_, count)| count).sum())
        })
    }

    /// What began before this moment has served its term by a rule.
    fn first_kept(&self, rule: &Rule) -> Moment {
        let now = self.now();
        let days = rule.dates(now.date()).kept_until.since(now.date());
        let days = days.map_or(i32::MAX, |span| span.get_days());
        let before = now.seconds().saturating_sub(i64::from(days) * 86_400);
        Moment::from_seconds(before.max(0)).unwrap_or(now)
    }

    /// Places of a batch whose choices are over under every token, with the day.
    fn ended(
        &self,
        tx: &Tx<'_>,
        batch: &ConsentBatch,
        over: &impl Fn(Date) -> bool,
    ) -> Result<BTreeMap<usize, Date>, ServiceError> {
        if let Some(leaf) = batch.leaf
            && tx.tick_leaf(leaf)?.is_none_or(|leaf| leaf.closed.is_none())
        {
            // It is not in the ledger yet.
            return Ok(BTreeMap::new());
        }
        let forms = Forms::of(tx)?;
        let mut found = BTreeMap::new();
        for (place, line) in self.lines(batch)?.iter().enumerate() {
            if line.event().is_none() {
                continue;
            }
            let mut end: Option<Date> = None;
            for token in line.tokens() {
                let mut rows = Vec::new();
                tx.events_of(&token, &mut rows)?;
                rows.retain(|row| row.form == batch.form);
                if !rows.is_empty() {
                    end = end.max(Some(forms.over(tx, &token, &rows)?));
                }
            }
            // A person who is erased has no row: the proof was for claims since it was recorded.
            let end = end.unwrap_or_else(|| batch.recorded_at.date());
            if over(end) {
                found.insert(place, end);
            }
        }
        Ok(found)
    }

    /// Puts proofs into the archive, and leaves of each its leaf; of persons who are not erased tokens and rows.
    fn move_proofs(
        &self,
        tx: &Tx<'_>,
        batch: &ConsentBatch,
        ended: &BTreeMap<usize, Date>,
        persons: Persons,
    ) -> Result<(), ServiceError> {
        let wrong = StoreError::Corrupt { column: "consent_batch.form" };
        let form = tx.forms()?.into_iter().find(|form| form.number == batch.form).ok_or(wrong)?;
        let (today, policy) = (self.now().date(), RetentionPolicy::france());
        let rule = policy.rule(Object::ConsentProofs);
        let mut things = Vec::new();
        let mut lines = self.lines(batch)?;
        let batch_salt = Salted::with(&batch.salt);
        for ((line, place), at) in lines.iter_mut().zip(0_u64..).zip(0_usize..) {
            let Some(end) = ended.get(&at) else { continue };
            let Some(event) = line.event() else { continue };
            let (number, tokens) = (batch.number * PLACES + place, event.tokens.clone());
            let salt = leaf_salt(&batch_salt, place);
            let kept_until = rule.dates(*end).kept_until;
            let sealed =
                Sealed { event: proven(event, &Salted::with(&salt)), salt: Bytes::new(salt) };
            let id = self.record_id(number).to_string();
            let plain = serde_json::to_vec(&sealed).expect("a plain document");
            let document = Document {
                form: form.id.to_string(),
                recorded_at: batch.recorded_at.to_string(),
                sealed: encode(&self.keyring.rights.seal(&cell(&id), plain, &mut self.random())),
            };
            let (found, tokens) = match persons {
                Persons::Found => (tokens.as_slice(), tokens.clone()),
                Persons::Erased => (&[][..], Vec::new()),
            };
            let found = found.iter().map(|token| {
                let token = VaultToken::from_bytes(*token.as_bytes());
                (self.archived_as(&token), document.form.clone())
            });
            things.push(Archived {
                object: Object::ConsentProofs.as_str().to_owned(),
                programme: None,
                document: serde_json::to_string(&document).expect("a plain document"),
                archived_on: today,
                kept_until,
                persons: found.collect(),
                id,
            });
            for token in line.tokens() {
                let mut rows = Vec::new();
                tx.current_of(&token, &mut rows)?;
                if let Some(row) = rows.iter().find(|row| row.number == number) {
                    tx.end_event(&token, row, kept_until)?;
                }
            }
            let leaf = line.leaf(&batch_salt, place);
            *line = Line::Gone(Gone { leaf, archived: true, tokens });
        }
        for part in things.chunks(AT_A_TIME) {
            self.archive.put(part)?;
        }
        tx.put_evidence(batch.number, &self.seal_lines(&batch.prefix, &lines))?;
        Ok(())
    }

    /// Forgets what is left of records whose proofs are deleted from the archive.
    pub(in crate::service) fn forget_records(
        &self,
        tx: &Tx<'_>,
        records: &[RecordId],
    ) -> Result<(), ServiceError> {
        for (prefix, places) in by_batch(records) {
            let Some(batch) = tx.consent_batch_of(&prefix)? else { continue };
            let mut lines = self.lines(&batch)?;
            for (line, place) in lines.iter_mut().zip(0_u64..) {
                if places.contains(&place) {
                    forget_rows(tx, (&batch, place), line)?;
                    let leaf = line.leaf(&Salted::with(&batch.salt), place);
                    *line = Line::Gone(Gone { leaf, archived: false, tokens: Vec::new() });
                }
            }
            if lines.iter().any(Line::is_kept) {
                tx.put_evidence(batch.number, &self.seal_lines(&prefix, &lines))?;
                continue;
            }
            tx.delete_consent_batch(batch.number)?;
            if let Some(entry) = batch.entry {
                tx.forget_detail(entry)?;
            }
        }
        Ok(())
    }

    /// Erases a person from a form: nothing is found by its tokens any more. What proves that the person had
    /// agreed goes to the archive at once, under the id of its record alone, for claims (GDPR art. 17(3)(e)).
    pub(in crate::service) fn erase_choice(
        &self,
        tx: &Tx<'_>,
        (number, form): (u64, &str),
        person: &[VaultToken],
    ) -> Result<(), ServiceError> {
        let mut records = BTreeSet::new();
        for token in person {
            let mut rows = Vec::new();
            tx.events_of(token, &mut rows)?;
            rows.retain(|row| row.form == number);
            records.extend(rows.iter().map(|row| self.record_id(row.number)));
        }
        let records: Vec<RecordId> = records.into_iter().collect();
        for (prefix, places) in by_batch(&records) {
            let wrong = StoreError::Corrupt { column: "consent_event.number" };
            let mut batch = tx.consent_batch_of(&prefix)?.ok_or(wrong)?;
            let mut lines = self.lines(&batch)?;
            let mut here = BTreeMap::new();
            for ((line, place), at) in lines.iter_mut().zip(0_u64..).zip(0_usize..) {
                if !places.contains(&place) {
                    continue;
                }
                if let Line::Gone(gone) = line {
                    gone.tokens.clear();
                } else {
                    here.insert(at, self.now().date());
                }
            }
            for (line, place) in self.lines(&batch)?.iter().zip(0_u64..) {
                if places.contains(&place) {
                    forget_rows(tx, (&batch, place), line)?;
                }
            }
            batch.evidence = self.seal_lines(&prefix, &lines);
            self.move_proofs(tx, &batch, &here, Persons::Erased)?;
        }
        for token in person {
            self.archive.forget_person(&self.archived_as(token), form)?;
        }
        Ok(())
    }

    /// What an officer reads of an archived proof: the event, and the proof of it, as long as its batch is
    /// known.
    pub(in crate::service) fn opened_proof(
        &self,
        id: &str,
        document: &str,
    ) -> Result<serde_json::Value, ServiceError> {
        let wrong = || StoreError::Corrupt { column: "archived.document" };
        let kept: Document = serde_json::from_str(document).map_err(|_| wrong())?;
        let sealed = decode(&kept.sealed).ok_or_else(wrong)?;
        let plain: Zeroizing<Vec<u8>> =
            self.keyring.rights.open(&cell(id), &sealed).ok_or_else(wrong)?;
        let Sealed { event, salt } = serde_json::from_slice(&plain).map_err(|_| wrong())?;
        Ok(serde_json::json!({
            "form": kept.form, "recorded_at": kept.recorded_at, "event": event, "salt": salt,
        }))
    }

    /// Under which name the archive finds a person.
    fn archived_as(&self, token: &VaultToken) -> [u8; 16] {
        self.keyring.rights.digest(labels::ARCHIVED_PERSON, token.as_bytes())
    }
}

/// The places of records in their batches.
fn by_batch(records: &[RecordId]) -> BTreeMap<[u8; 12], BTreeSet<u64>> {
    let mut found: BTreeMap<[u8; 12], BTreeSet<u64>> = BTreeMap::new();
    for record in records {
        let (prefix, place) =
            record.as_bytes().split_first_chunk::<12>().expect("an id has 16 bytes");
        let place = place.try_into().map_or(u64::MAX, |place| u64::from(u32::from_be_bytes(place)));
        found.entry(*prefix).or_default().insert(place);
    }
    found
}

fn forget_rows(
    tx: &Tx<'_>,
    (batch, place): (&ConsentBatch, u64),
    line: &Line,
) -> Result<(), StoreError> {
    let number = batch.number * PLACES + place;
    // What the person did itself entered with a tick: what opens the leaf goes with the event.
    if let Some(leaf) = batch.leaf {
        tx.forget_leaf(leaf)?;
    }
    line.tokens().try_for_each(|token| tx.forget_event(&token, number))
}

fn cell(id: &str) -> String {
    format!("archive/{id}")
}
